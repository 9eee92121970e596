//go:build !(js && wasm)

package main

import "fmt"

func main() {
	fmt.Println("this is the browser's core; make build compiles it for js/wasm")
}
