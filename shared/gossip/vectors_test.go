package gossip

import (
	"bytes"
	"errors"
	"testing"

	"github.com/anamnesis-health/anamnesis/shared/block"
	"github.com/anamnesis-health/anamnesis/shared/spec"
)

// TestWireVectors reads every frame of vectors/wire.json. Source: spec/wire.md.
func TestWireVectors(t *testing.T) {
	all, err := spec.Cases[struct {
		Name, Error                      string
		Frame, Net, Relay, Nonce, Signed spec.Hex
	}]("wire")
	if err != nil {
		t.Fatal(err)
	}
	names := map[string]error{"canonical": block.ErrCanonical, "limit": block.ErrLimit, "version": block.ErrVersion}
	for _, c := range all {
		t.Run(c.Name, func(t *testing.T) {
			m, err := Parse(c.Frame)
			if c.Error != "" {
				if !errors.Is(err, names[c.Error]) {
					t.Fatalf("%v, want %s", err, c.Error)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(Frame(m), c.Frame) {
				t.Fatalf("encodes again as %x", Frame(m))
			}
			switch m := m.(type) {
			case *Auth:
				err := block.Verify(block.Net(c.Net), m.Connection, block.SigHello, HelloBody(block.Key(c.Relay), block.Hash(c.Nonce)), m.Signature)
				if err != nil {
					t.Error(err)
				}
			case *Share:
				if !bytes.Equal(m.SignedShare(), c.Signed) {
					t.Errorf("signs %x, want %x", m.SignedShare(), c.Signed)
				}
			}
		})
	}
}
