package chain

import (
	"errors"
	"testing"

	"github.com/anamnesis-health/anamnesis/shared/block"
	"github.com/anamnesis-health/anamnesis/shared/spec"
)

// code is the spec's name of an error. Source: spec/chain.md §3, spec/block.md §9.
func code(err error) string {
	for _, e := range []struct {
		name string
		err  error
	}{
		{"known", ErrKnown},
		{"prev", ErrPrev},
		{"stale", ErrStale},
		{"frozen", ErrFrozen},
		{"ended", ErrEnded},
		{"seq", ErrSeq},
		{"kind", ErrKind},
		{"session", ErrSession},
		{"commit", ErrCommit},
		{"writer", ErrWriter},
		{"partial", ErrPartial},
		{"proof", ErrProof},
		{"canonical", block.ErrCanonical},
		{"limit", block.ErrLimit},
		{"key", block.ErrKey},
		{"signature", block.ErrSignature},
		{"payload", block.ErrPayload},
	} {
		if errors.Is(err, e.err) {
			return e.name
		}
	}
	if err != nil {
		return "unnamed: " + err.Error()
	}
	return ""
}

type vector struct {
	Name, Error  string
	Net          spec.Hex
	Blocks, Keys []spec.Hex
	Proof        spec.Hex
	Chain, Head  spec.Hex
	Writer       spec.Hex
	Seq          uint32
}

func TestChainVectors(t *testing.T) {
	all, err := spec.Cases[vector]("chain")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range all {
		t.Run(c.Name, func(t *testing.T) {
			if c.Proof != nil {
				c.proof(t)
			} else {
				c.chain(t)
			}
		})
	}
}

func (c *vector) chain(t *testing.T) {
	s, last, err := run(block.Net(c.Net), c.Blocks)
	if code(err) != c.Error {
		t.Fatalf("%v, want %q", err, c.Error)
	}
	if err != nil {
		if last != len(c.Blocks)-1 {
			t.Fatalf("block %d of %d was refused: %v", last, len(c.Blocks), err)
		}
		return
	}
	if s.ID != block.ChainID(c.Chain) || s.Seq != c.Seq || s.Head != block.ID(c.Head) || s.Writer() != block.Key(c.Writer) {
		t.Fatalf("state %+v", s)
	}
	again, err := Decode(s.Encode())
	if err != nil || string(again.Encode()) != string(s.Encode()) {
		t.Fatalf("kept state differs: %v", err)
	}
}

func run(net block.Net, wires []spec.Hex) (s State, i int, err error) {
	for i = range wires {
		b, err := block.Parse(wires[i])
		if err != nil {
			return s, i, err
		}
		if i == 0 {
			s, err = Open(net, b)
		} else {
			s, err = s.Verify(net, b)
		}
		if err != nil {
			return s, i, err
		}
	}
	return s, i, nil
}

func (c *vector) proof(t *testing.T) {
	p, err := ParseForkProof(c.Proof)
	if err == nil {
		var keys []block.Key
		for _, k := range c.Keys {
			keys = append(keys, block.Key(k))
		}
		err = p.Verify(block.Net(c.Net), keys)
	}
	if code(err) != c.Error {
		t.Fatalf("%v, want %q", err, c.Error)
	}
	if err != nil {
		return
	}
	slot, seq, err := p.Slot()
	if err != nil || slot != block.ChainID(c.Chain) || seq != c.Seq || string(p.Encode()) != string(c.Proof) {
		t.Fatalf("slot %s/%d, %v", slot, seq, err)
	}
}
