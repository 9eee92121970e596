package govern

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"testing"

	"github.com/anamnesis-health/anamnesis/shared/block"
	"github.com/anamnesis-health/anamnesis/shared/spec"
)

// code is the spec's name of an error. Source: spec/network.md §2, spec/block.md §9.
func code(err error) string {
	for name, e := range map[string]error{
		"genesis": ErrGenesis, "founders": ErrFounders, "policy": ErrPolicy, "canonical": block.ErrCanonical,
		"version": block.ErrVersion, "key": block.ErrKey, "payload": block.ErrPayload, "limit": block.ErrLimit,
	} {
		if errors.Is(err, e) {
			return name
		}
	}
	if err != nil {
		return "unnamed: " + err.Error()
	}
	return ""
}

type vector struct {
	Name, Error      string
	File, Net, Relay spec.Hex
	N, F, Q          int
	Lane             uint8
	Seats            []spec.Hex
	Members          [][2]spec.Hex
}

func vectors(t testing.TB) []vector {
	t.Helper()
	all, err := spec.Cases[vector]("network")
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func TestNetworkVectors(t *testing.T) {
	for _, c := range vectors(t) {
		t.Run(c.Name, func(t *testing.T) {
			n, err := Parse(c.File)
			if code(err) != c.Error {
				t.Fatalf("%v, want %q", err, c.Error)
			}
			if err == nil {
				c.compare(t, n)
			}
		})
	}
}

func (c *vector) compare(t *testing.T, n *Network) {
	if n.Net() != block.Net(c.Net) || !bytes.Equal(n.Bytes(), c.File) || n.Policy() != (Policy{c.N, c.F, c.Q, c.Q}) {
		t.Fatalf("net %s, policy %+v", n.Net().Hex(), n.Policy())
	}
	for i, r := range n.SeatRecipients() {
		if sum := sha256.Sum256(r); !bytes.Equal(sum[:], c.Seats[i]) {
			t.Fatalf("seat %d has another recipient", i+1)
		}
	}
	for _, m := range c.Members {
		if k, ok := n.MemberKey(block.ChainID(m[0])); !ok || k != block.Key(m[1]) {
			t.Fatalf("member %x has key %s", m[0], k)
		}
	}
	if l, ok := n.LaneOf(block.Key(c.Relay)); !ok || l.Number != c.Lane {
		t.Fatalf("lane %+v", l)
	}
}
