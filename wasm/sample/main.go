//go:build js && wasm

package main

import "github.com/anamnesis-health/anamnesis/wasm/bridge"

func main() {
	bridge.Run(bridge.Config{
		Start: func(h *bridge.Host, _ []byte, origin string) (bridge.Core, error) { return begin(h, origin) },
		Code:  codeOf,
	})
}
