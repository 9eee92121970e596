//go:build !(js && wasm)

package main

import "fmt"

func main() {
	fmt.Println("this is the sample data in a browser; make build compiles it for js/wasm")
}
