// Package chain judges one chain at a time: who may write its next block, and whether a block is that next one.
//
//	GENESIS ── SESSION ── RECORD ── ACCESS ── ROTATE ── RECORD     one writer key at a time, seq without gaps
//	                         └───── RECORD'                        the same slot twice: a fork, proven by two headers
//
// It promises that a state follows from the blocks alone, the same wherever it is computed, and that a fork leaves
// a proof anybody can check. It refuses gaps, a previous block that is not the head, kinds that the chain's type
// does not have, and anything after a REVOKE. It does not check signatures in Next, so that a caller can check many
// at once; a state is to be kept only after the block's signature was valid under one of the keys Next named.
//
//	s, err := chain.Open(net, genesis)
//	s, err = s.Verify(net, b)
package chain

import (
	"errors"
	"fmt"

	"github.com/anamnesis-health/anamnesis/shared/block"
)

//go:generate go run github.com/tinylib/msgp@v1.6.5 -file chain.go -o chain_gen.go -io=false -tests=false -unexported
//msgp:tuple State Session KeyFrom Cut
//msgp:limit arrays:65536 maps:1

// Errors a caller branches on.
var (
	ErrSeq     = errors.New("a block is missing before this one")
	ErrPrev    = errors.New("not on top of the head")
	ErrStale   = errors.New("the slot is taken")
	ErrKnown   = errors.New("already the head")
	ErrWriter  = errors.New("not the writer")
	ErrKind    = errors.New("kind not allowed here")
	ErrEnded   = errors.New("the chain has ended")
	ErrFrozen  = errors.New("the chain has forked")
	ErrPartial = errors.New("clear part withheld")
	ErrSession = errors.New("no such session earlier on this chain")
	ErrCommit  = errors.New("key was not committed to")
)

// Session is one SESSION of the chain: where it stands and for how many seats it sealed.
type Session struct {
	ID    block.ID
	Seq   uint32
	Epoch uint16
	Seats uint8
}

// KeyFrom is a writer key and the first seq it signs.
type KeyFrom struct {
	From uint32
	Key  block.Key
}

// Cut is what a ROTATE marked as written after a loss: every seq above After and below Before.
type Cut struct {
	After  uint32
	Before uint32
}

// State is one chain up to its head. It is a value: Next returns another and changes nothing. Callers read its
// fields and never write them. Recipient is SHA-256 of the HPKE recipient (32 bytes) or empty; RevokeKey is a key
// (33 bytes) or empty; Proof is an encoded ForkProof, or empty while the chain has not forked.
type State struct {
	ID         block.ChainID
	Slot       block.ChainID
	Type       block.ChainType
	RevokeKey  []byte
	Commitment block.Hash
	Recipient  []byte
	Seq        uint32
	Head       block.ID
	Ended      bool
	Keys       []KeyFrom `msg:"keys,limit=256"`
	Sessions   []Session `msg:"sessions,limit=512"`
	Cuts       []Cut     `msg:"cuts,limit=256"`
	Proof      []byte
}

// Writer is the key that signs the next block.
func (s *State) Writer() block.Key { return s.Keys[len(s.Keys)-1].Key }

// KeysAt lists the keys under which a block of this kind could have been signed at seq, the likeliest first. For a
// ROTATE that is not on this branch it cannot know the revealed key. Use it to check a fork of an earlier slot.
func (s *State) KeysAt(seq uint32, kind block.Kind) []block.Key {
	var keys []block.Key
	for _, k := range s.Keys {
		if k.From <= seq {
			keys = []block.Key{k.Key}
		}
	}
	for _, k := range s.Keys {
		if kind == block.KindRotate && seq > 0 && k.From == seq+1 {
			keys = append(keys, k.Key)
		}
	}
	if kind == block.KindRevoke && len(s.RevokeKey) > 0 {
		keys = append(keys, block.Key(s.RevokeKey))
	}
	return keys
}

// Draft is the header of the chain's next block with chain, seq and prev filled in; the caller adds the rest.
func (s *State) Draft(kind block.Kind) block.Header {
	return block.Header{Kind: kind, Chain: s.ID, Seq: s.Seq + 1, Prev: s.Head}
}

// Begin is the state after a GENESIS, whose clear part must be present. The signature is not checked: it must be
// valid under Writer. It returns ErrKind for another kind. Source: spec/chain.md §2.
func Begin(b *block.Block) (State, error) {
	if b.Header.Kind != block.KindGenesis {
		return State{}, fmt.Errorf("kind %d begins no chain: %w", b.Header.Kind, ErrKind)
	}
	g, err := clearOf[block.Genesis](b)
	if err != nil {
		return State{}, err
	}
	if len(b.Header.Links) > 0 {
		return State{}, fmt.Errorf("genesis with %d links: %w", len(b.Header.Links), ErrKind)
	}
	return State{
		ID: b.Chain(), Slot: b.Header.Chain, Type: g.Type, RevokeKey: g.RevokeKey, Commitment: g.Commitment,
		Recipient: g.Recipient, Head: b.ID, Keys: []KeyFrom{{0, g.Writer}},
	}, nil
}

// Open is Begin with the signature checked.
func Open(net block.Net, b *block.Block) (State, error) {
	s, err := Begin(b)
	if err != nil {
		return State{}, err
	}
	return s, b.Verify(net, s.Writer())
}

// Verify is Next with the signature checked under the keys that Next names: ErrWriter when none fits.
func (s State) Verify(net block.Net, b *block.Block) (State, error) {
	next, keys, err := s.Next(b)
	if err != nil {
		return s, err
	}
	if !signedByOne(net, b.Raw, b.Signature, keys) {
		return s, fmt.Errorf("seq %d: %w", b.Header.Seq, ErrWriter)
	}
	return next, nil
}

func signedByOne(net block.Net, header, sig []byte, keys []block.Key) bool {
	for _, k := range keys {
		if block.Verify(net, k, block.SigBlock, header, sig) == nil {
			return true
		}
	}
	return false
}

func clearOf[T any](b *block.Block) (*T, error) {
	v, err := b.Clear()
	if err != nil {
		return nil, err
	}
	c, ok := v.(*T)
	if !ok {
		return nil, fmt.Errorf("kind %d at seq %d: %w", b.Header.Kind, b.Header.Seq, ErrPartial)
	}
	return c, nil
}

// Encode gives the bytes in which a state is kept, at most MaxState.
func (s *State) Encode() []byte { return block.Encode(s) }

// Decode reads kept bytes.
func Decode(b []byte) (State, error) {
	s, err := block.Decode[State](b, MaxState)
	if err != nil {
		return State{}, fmt.Errorf("chain state: %w", err)
	}
	if len(s.Keys) == 0 {
		return State{}, fmt.Errorf("chain state without a key: %w", block.ErrCanonical)
	}
	return s, nil
}
