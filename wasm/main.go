//go:build js && wasm

package main

import (
	"github.com/anamnesis-health/anamnesis/shared/folder"
	"github.com/anamnesis-health/anamnesis/wasm/api"
	"github.com/anamnesis-health/anamnesis/wasm/bridge"
)

func main() {
	bridge.Run(bridge.Config{
		Start: func(h *bridge.Host, net []byte, origin string) (bridge.Core, error) {
			return api.New(host{h}, net, origin)
		},
		Code:  api.CodeOf,
		Fault: fault,
	})
}

// host gives the bridge's Host the one method whose argument type it must not know.
type host struct{ *bridge.Host }

func (h host) Fetch(r folder.FetchRequest) {
	h.StartFetch(r.ID, r.Method, r.Path, r.Token, r.Range, r.Body)
}

// fault makes the error of a storage code.
func fault(code string) error {
	if code == folder.CodeStorageQuota {
		return folder.ErrQuota
	}
	return &folder.Error{Code: code}
}
