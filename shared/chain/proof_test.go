package chain

import (
	"errors"
	"slices"
	"testing"

	"github.com/anamnesis-health/anamnesis/shared/block"
	"github.com/anamnesis-health/anamnesis/shared/spec"
)

type proofVector struct {
	Name, Error, States string
	File, Block, Net    spec.Hex
	Chain, ID, Writer   spec.Hex
}

func proofVectors(t testing.TB) []proofVector {
	t.Helper()
	all, err := spec.Cases[proofVector]("proof")
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func proofCode(err error) string {
	switch {
	case err == nil:
		return ""
	case errors.Is(err, ErrProofVersion):
		return CodeProofVersion
	}
	return CodeProofFormat
}

func stateString(s Steps) (out string) {
	for _, x := range s {
		out += string(x.State[:1])
	}
	return out
}

var proofOrder = []string{StepNetwork, StepChain, StepSignature, StepPayload, StepFinal}

func TestProofVectors(t *testing.T) {
	for _, c := range proofVectors(t) {
		t.Run(c.Name, func(t *testing.T) {
			p, err := ParseProof(c.File)
			if proofCode(err) != c.Error {
				t.Fatalf("%v, want %q", err, c.Error)
			}
			if err != nil {
				return
			}
			if string(p.Encode()) != string(c.File) {
				t.Fatal("encoded anew it differs")
			}
			var net block.Net
			copy(net[:], c.Net)
			v := p.Check(net, c.Block)
			if got := stateString(v.Steps); got != c.States || len(v.Steps) != len(proofOrder) {
				t.Fatalf("%s, want %s: %+v", got, c.States, v.Steps)
			}
			for i, s := range v.Steps {
				if s.Name != proofOrder[i] || s.State != StepOK && s.Code == "" || s.State == StepOK && s.Code != "" {
					t.Errorf("step %d: %+v", i, s)
				}
			}
			var writer block.Key
			copy(writer[:], c.Writer)
			if v.Chain != block.ChainID(c.Chain) || v.ID != block.ID(c.ID) || v.Writer != writer {
				t.Errorf("%s %s %s", v.Chain, v.ID, v.Writer)
			}
		})
	}
}

// TestProofExact: a proof with any one bit changed is refused or fails a named step, and never says that the block it
// spoke of before was signed.
func TestProofExact(t *testing.T) {
	whole := proofVectors(t)[0]
	for at := range whole.File {
		for bit := range 8 {
			bad := slices.Clone([]byte(whole.File))
			bad[at] ^= 1 << bit
			p, err := ParseProof(bad)
			if err != nil {
				continue
			}
			v := p.Check(block.Net{}, nil)
			if _, failed := v.Steps.Failed(); !failed {
				t.Fatalf("byte %d, bit %d: %s", at, bit, stateString(v.Steps))
			}
		}
	}
}

// TestProofMadeAndRead: what NewProof makes of a chain is read back and holds, whole and by the short path.
func TestProofMadeAndRead(t *testing.T) {
	v := proofVectors(t)[0]
	p, err := ParseProof(v.File)
	if err != nil {
		t.Fatal(err)
	}
	cases, err := spec.Cases[vector]("chain")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range cases {
		if c.Name != "record" {
			continue
		}
		var blocks []*block.Block
		for _, w := range c.Blocks {
			b, err := block.Parse(w)
			if err != nil {
				t.Fatal(err)
			}
			blocks = append(blocks, b)
		}
		net := block.Net(c.Net)
		for _, list := range [][]*block.Block{blocks, {blocks[0], blocks[2]}} {
			again, err := ParseProof(NewProof(net, list).Encode())
			if err != nil {
				t.Fatal(err)
			}
			got := again.Check(net, c.Blocks[2])
			if !got.Steps.Known(StepNetwork, StepSignature, StepPayload) || got.Steps.Known(StepFinal) || got.Steps.Known(StepChain) != (len(list) == 3) || got.Net != p.Net {
				t.Errorf("%d blocks: %+v", len(list), got.Steps)
			}
		}
		return
	}
	t.Fatal("no chain with a record")
}

func FuzzProof(f *testing.F) {
	for _, c := range proofVectors(f) {
		f.Add([]byte(c.File), []byte(c.Block))
	}
	f.Fuzz(func(t *testing.T, file, whole []byte) {
		p, err := ParseProof(file)
		if err != nil {
			return
		}
		if string(p.Encode()) != string(file) {
			t.Fatal("another encoding of the same proof was read")
		}
		v := p.Check(block.Net{}, whole)
		if len(v.Steps) != len(proofOrder) || v.Steps[len(v.Steps)-1].State != StepUnknown {
			t.Fatalf("%+v", v.Steps)
		}
		held := true
		for _, s := range v.Steps {
			if held = held && s.State != StepFailed; !held && s.State == StepOK {
				t.Fatalf("a step held after one failed: %+v", v.Steps)
			}
		}
	})
}
