//go:build js && wasm

package main

import (
	"github.com/anamnesis-health/anamnesis/wasm/api"
	"github.com/anamnesis-health/anamnesis/wasm/bridge"
)

func main() {
	bridge.Run(bridge.Config{
		Start: func(h *bridge.Host, net []byte, origin string) (bridge.Core, error) {
			return api.New(host{h}, net, origin)
		},
		Code:  api.CodeOf,
		Fault: api.DiskError,
	})
}

// host is the bridge's host in the core's words.
type host struct{ *bridge.Host }

func (h host) Fetch(r api.FetchRequest) {
	h.StartFetch(r.ID, r.Method, r.Path, r.Token, r.Range, r.Body)
}
