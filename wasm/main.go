//go:build js && wasm

package main

import (
	"encoding/json"
	"errors"

	"github.com/anamnesis-health/anamnesis/wasm/api"
	"github.com/anamnesis-health/anamnesis/wasm/bridge"
)

func main() {
	bridge.Run(bridge.Config{
		Start: func(*bridge.Host, []byte, string) (bridge.Core, error) { return standIn{}, nil },
		Code:  func(err error) (string, string) { return "core/failed", err.Error() },
		Fault: func(code string) error { return errors.New(code) },
	})
}

// standIn answers status until api.New exists.
type standIn struct{}

func (standIn) Call(method string, _, _ []byte) ([]byte, []byte, error) {
	if method != "status" {
		return nil, nil, errors.New("no method " + method)
	}
	text, err := json.Marshal(api.Status{Phase: api.PhaseEmpty, Link: api.LinkOffline})
	return text, nil, err
}
func (standIn) Connected()               {}
func (standIn) Disconnected()            {}
func (standIn) Received([]byte)          {}
func (standIn) Tick() int64              { return -1 }
func (standIn) Fetched(int, int, []byte) {}
