package chain

import (
	"fmt"
	"slices"

	"github.com/anamnesis-health/anamnesis/shared/block"
)

// Next judges b as the block after the head. It returns the state that follows and the keys of which one must
// have signed b; the caller checks that. It returns ErrSeq for a gap, ErrKnown for the head itself, ErrStale for
// any other block of a held slot (Compare tells whether it forks), ErrPrev for a block on another branch, ErrEnded
// after a REVOKE, ErrFrozen after a fork, ErrKind, ErrSession or ErrCommit for what the kind breaks, and ErrPartial
// when a clear part is withheld that the state depends on: only RECORD, ACCESS and DEVICE may come bare; Payload
// checks those parts when they arrive. Source: spec/chain.md §3.
func (s State) Next(b *block.Block) (State, []block.Key, error) {
	h := &b.Header
	if err := s.slot(b); err != nil {
		return s, nil, fmt.Errorf("seq %d on head %d: %w", h.Seq, s.Seq, err)
	}
	if !s.allows(b) {
		return s, nil, fmt.Errorf("kind %d at seq %d of a chain of type %d: %w", h.Kind, h.Seq, s.Type, ErrKind)
	}
	if err := s.Payload(b); err != nil {
		return s, nil, err
	}
	next, keys := s, []block.Key{s.Writer()}
	next.Seq, next.Head = h.Seq, b.ID
	var err error
	switch h.Kind {
	case block.KindSession:
		err = next.session(b)
	case block.KindGrant:
		_, err = clearOf[block.Grant](b)
	case block.KindHandover:
		err = next.handover(b)
	case block.KindRotate:
		keys, err = next.rotate(b)
	case block.KindRevoke:
		next.Ended = true
		keys = append(keys, block.Key(s.RevokeKey))
	case block.KindRecord:
		next.Ended = s.Type == block.ChainClaim
	}
	if err != nil {
		return s, nil, fmt.Errorf("seq %d: %w", h.Seq, err)
	}
	return next, keys, nil
}

func (s *State) slot(b *block.Block) error {
	switch h := &b.Header; {
	case b.ID == s.Head:
		return ErrKnown
	case b.Chain() != s.ID && (h.Seq > 0 || s.Slot == block.ChainID{} || h.Chain != s.Slot):
		return ErrPrev // another chain's block
	case h.Seq <= s.Seq:
		return ErrStale
	case len(s.Proof) > 0:
		return ErrFrozen
	case s.Ended:
		return ErrEnded
	case h.Seq > s.Seq+1:
		return ErrSeq
	case h.Prev != s.Head:
		return ErrPrev
	}
	return nil
}

// allows says which kinds a chain's type has, and where. Source: spec/chain.md §3.
func (s *State) allows(b *block.Block) bool {
	h := &b.Header
	links := 0
	if h.Kind == block.KindAccess {
		links = 1 // the GRANT; every other link is clinical and sealed
	}
	if len(h.Links) != links || h.Kind == block.KindRecord && (h.PayloadLength == 0) != (s.Type == block.ChainClaim) {
		return false // a RECORD of nothing is a claim's completion, and nothing else
	}
	switch s.Type {
	case block.ChainIdentity:
		return oneOf(h.Kind, block.KindRecord, block.KindSession, block.KindRotate, block.KindDevice)
	case block.ChainWriting:
		return oneOf(h.Kind, block.KindRecord, block.KindSession, block.KindAccess, block.KindRotate)
	case block.ChainGrant:
		return oneOf(h.Kind, block.KindGrant, block.KindRevoke)
	case block.ChainObject:
		return oneOf(h.Kind, block.KindRecord, block.KindSession, block.KindHandover, block.KindRotate)
	case block.ChainClaim: // one slot: the veto or the completion
		return oneOf(h.Kind, block.KindRecord, block.KindRevoke)
	}
	return false
}

func oneOf(k block.Kind, kinds ...block.Kind) bool { return slices.Contains(kinds, k) }

// Payload checks the clear part of a RECORD or ACCESS of this chain against the sessions before it, and nothing
// for other kinds or a withheld part. It also serves for parts that arrive after their header was accepted.
// It returns ErrSession. Source: spec/chain.md §4.
func (s *State) Payload(b *block.Block) error {
	v, err := b.Clear()
	if err != nil {
		return fmt.Errorf("seq %d: %w", b.Header.Seq, err)
	}
	switch c := v.(type) {
	case *block.KeyPart:
		got := s.find(c.Session, b.Header.Seq)
		if got == nil || c.N != got.Seats || c.T != Threshold(got.Seats) {
			return fmt.Errorf("record at seq %d, %d of %d, session %s: %w", b.Header.Seq, c.T, c.N, c.Session, ErrSession)
		}
	case *block.Access:
		if s.find(c.Session, b.Header.Seq) == nil {
			return fmt.Errorf("access at seq %d, session %s: %w", b.Header.Seq, c.Session, ErrSession)
		}
	}
	return nil
}

func (s *State) find(id block.ID, before uint32) *Session {
	for i := range s.Sessions {
		if s.Sessions[i].ID == id && s.Sessions[i].Seq < before {
			return &s.Sessions[i]
		}
	}
	return nil
}

// Threshold is t = q = floor((n+f)/2)+1 for n = 3f+1 seats: how many shares rebuild a release secret.
// Source: spec/network.md §3.
func Threshold(n uint8) uint8 { return (n+(n-1)/3)/2 + 1 }

func (s *State) session(b *block.Block) error {
	c, err := clearOf[block.Session](b)
	if err != nil {
		return err
	}
	if len(s.Sessions) == MaxSessions {
		return fmt.Errorf("%d sessions: %w", len(s.Sessions)+1, block.ErrLimit)
	}
	seats := uint8(len(c.Seals)/block.SealSize - 2)
	s.Sessions = append(slices.Clip(s.Sessions), Session{b.ID, b.Header.Seq, c.Epoch, seats})
	return nil
}

func (s *State) handover(b *block.Block) error {
	c, err := clearOf[block.Handover](b)
	if err != nil {
		return err
	}
	s.Commitment, s.Recipient = c.Commitment, c.Recipient
	return s.newWriter(c.Writer)
}

func (s *State) rotate(b *block.Block) ([]block.Key, error) {
	c, err := clearOf[block.Rotate](b)
	if err != nil {
		return nil, err
	}
	path := make([]block.Hash, 0, 3)
	for p := c.Path; len(p) > 0; p = p[32:] {
		path = append(path, block.Hash(p[:32]))
	}
	if s.Commitment == (block.Hash{}) ||
		!block.Included(s.Commitment, block.LeafHash(c.Key[:]), int(c.Index), int(c.Count), path) {
		return nil, fmt.Errorf("%s: %w", c.Key, ErrCommit)
	}
	last := b.Header.Seq - 1
	if c.LastAccepted > last || len(c.Recipient) != len(s.Recipient) ||
		len(c.Completion) > 0 && s.Type != block.ChainIdentity {
		return nil, fmt.Errorf("rotate accepting up to %d, recipient of %d, completion of %d bytes: %w",
			c.LastAccepted, len(c.Recipient), len(c.Completion), block.ErrCanonical)
	}
	if c.LastAccepted < last {
		s.Cuts = append(slices.Clip(s.Cuts), Cut{c.LastAccepted, b.Header.Seq})
	}
	s.Commitment, s.Recipient = c.Commitment, c.Recipient
	return []block.Key{c.Key}, s.newWriter(c.Key)
}

func (s *State) newWriter(k block.Key) error {
	if len(s.Keys) == MaxKeys {
		return fmt.Errorf("%d writer keys: %w", len(s.Keys)+1, block.ErrLimit)
	}
	s.Keys = append(slices.Clip(s.Keys), KeyFrom{s.Seq + 1, k})
	return nil
}

// WrittenAfterLoss says whether a ROTATE marked seq as written after its device was lost.
func (s *State) WrittenAfterLoss(seq uint32) bool {
	return slices.ContainsFunc(s.Cuts, func(c Cut) bool { return seq > c.After && seq < c.Before })
}
