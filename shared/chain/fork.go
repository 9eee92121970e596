package chain

import (
	"bytes"
	"errors"
	"fmt"

	"github.com/tinylib/msgp/msgp"

	"github.com/anamnesis-health/anamnesis/shared/block"
)

// ErrProof is returned for two headers that prove no fork.
var ErrProof = errors.New("no fork proof")

// ForkProof is two signed headers of one slot with two ids, about 410 bytes encoded, the smaller id first.
//
//	[header bin, signature bin, header bin, signature bin]
type ForkProof struct {
	A, SigA, B, SigB []byte
}

// ForkError says that a block forks its chain, and carries the proof.
type ForkError struct{ Proof *ForkProof }

// Error implements error.
func (e *ForkError) Error() string {
	return fmt.Sprintf("%s and %s take one slot", block.HeaderID(e.Proof.A), block.HeaderID(e.Proof.B))
}

// Compare tells what got is beside held, a block of the same slot: ErrKnown when they are one, a *ForkError when
// they fork, ErrProof when they stand in different slots. Signatures are not checked: ForkProof.Verify does.
func Compare(held, got *block.Block) error {
	if held.ID == got.ID {
		return ErrKnown
	}
	a, b := held, got
	if bytes.Compare(a.ID[:], b.ID[:]) > 0 {
		a, b = b, a
	}
	p := &ForkProof{a.Raw, a.Signature, b.Raw, b.Signature}
	if err := p.check(); err != nil {
		return err
	}
	return &ForkError{p}
}

// slotOf names the slot a header takes: its chain or, for a genesis, its slot id, and its seq. A genesis without a
// slot id shares its slot with no other block.
func slotOf(header []byte) (block.ChainID, uint32, error) {
	h, err := block.ParseHeader(header)
	if err != nil {
		return block.ChainID{}, 0, err
	}
	if h.Seq == 0 && h.Chain == (block.ChainID{}) {
		return block.HeaderID(header).Chain(), 0, nil
	}
	return h.Chain, h.Seq, nil
}

func (p *ForkProof) check() error {
	slotA, seqA, err := slotOf(p.A)
	if err != nil {
		return err
	}
	slotB, seqB, err := slotOf(p.B)
	if err != nil {
		return err
	}
	a, b := block.HeaderID(p.A), block.HeaderID(p.B)
	if slotA != slotB || seqA != seqB || bytes.Compare(a[:], b[:]) >= 0 {
		return fmt.Errorf("%s in slot %s/%d, %s in slot %s/%d: %w", a, slotA, seqA, b, slotB, seqB, ErrProof)
	}
	return nil
}

// Slot is the slot both headers take: a chain or a slot id, and the seq.
func (p *ForkProof) Slot() (block.ChainID, uint32, error) { return slotOf(p.A) }

// Verify checks both signatures, each under one of keys: those of KeysAt for the slot, and for a ROTATE or a
// genesis not held also the key it names. It returns ErrProof. Source: spec/chain.md §5.
func (p *ForkProof) Verify(net block.Net, keys []block.Key) error {
	if err := p.check(); err != nil {
		return err
	}
	if !signedByOne(net, p.A, p.SigA, keys) || !signedByOne(net, p.B, p.SigB, keys) {
		return fmt.Errorf("a header is not signed by the writer: %w", ErrProof)
	}
	return nil
}

// Freeze is the state of a chain that p, already verified, shows to have forked: it accepts nothing more.
// It returns ErrProof when p is about another chain.
func (s State) Freeze(p *ForkProof) (State, error) {
	slot, seq, err := p.Slot()
	if err != nil {
		return s, err
	}
	if slot != s.ID && (seq != 0 || slot != s.Slot) {
		return s, fmt.Errorf("slot %s/%d is not of %s: %w", slot, seq, s.ID, ErrProof)
	}
	s.Proof = p.Encode()
	return s, nil
}

// Forked says whether the chain is frozen.
func (s *State) Forked() bool { return len(s.Proof) > 0 }

// Encode gives the canonical bytes.
func (p *ForkProof) Encode() []byte { return block.Encode(p) }

// ParseForkProof reads canonical bytes and checks that the two headers take one slot.
func ParseForkProof(b []byte) (*ForkProof, error) {
	p, err := block.Decode[ForkProof](b, MaxForkProof)
	if err != nil {
		return nil, fmt.Errorf("fork proof: %w", err)
	}
	return &p, p.check()
}

// MarshalMsg implements msgp.Marshaler.
func (p *ForkProof) MarshalMsg(b []byte) ([]byte, error) {
	b = msgp.AppendArrayHeader(b, 4)
	for _, f := range [][]byte{p.A, p.SigA, p.B, p.SigB} {
		b = msgp.AppendBytes(b, f)
	}
	return b, nil
}

// UnmarshalMsg implements msgp.Unmarshaler.
func (p *ForkProof) UnmarshalMsg(b []byte) ([]byte, error) {
	n, b, err := msgp.ReadArrayHeaderBytes(b)
	if err != nil || n != 4 {
		return b, msgp.ArrayError{Wanted: 4, Got: n}
	}
	for _, f := range []*[]byte{&p.A, &p.SigA, &p.B, &p.SigB} {
		if *f, b, err = msgp.ReadBytesBytes(b, nil); err != nil {
			return b, err
		}
	}
	return b, nil
}
