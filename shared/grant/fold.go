package grant

import (
	"fmt"
	"slices"

	"github.com/anamnesis-health/anamnesis/shared/block"
	"github.com/anamnesis-health/anamnesis/shared/chain"
)

// Status is what a grant is worth at a moment.
type Status uint8

// The states of a grant. Stopped and Forked are for good.
const (
	Waiting Status = iota // its chain has begun and says nothing yet
	Active
	Expired
	Stopped
	Forked
)

// String is the state's name.
func (s Status) String() string {
	return [...]string{"waiting", "active", "expired", "stopped", "forked"}[s]
}

// Fold is a grant chain so far: its state, and the newest GRANT, which alone decides. It is a value.
type Fold struct {
	Chain  chain.State
	Newest block.ID    // zero while waiting
	Grant  block.Grant // the newest GRANT's public part
}

// Begin is the fold after a GENESIS of a grant chain; its signature is the caller's to check, as with chain.Begin.
// It returns chain.ErrKind for a chain of another type.
func Begin(b *block.Block) (Fold, error) {
	s, err := chain.Begin(b)
	if err != nil {
		return Fold{}, err
	}
	if s.Type != block.ChainGrant {
		return Fold{}, fmt.Errorf("chain of type %d is no grant: %w", s.Type, chain.ErrKind)
	}
	return Fold{Chain: s}, nil
}

// Next is chain.State.Next, and remembers the newest GRANT.
func (f Fold) Next(b *block.Block) (Fold, []block.Key, error) {
	s, keys, err := f.Chain.Next(b)
	if err != nil {
		return f, nil, err
	}
	next := Fold{s, f.Newest, f.Grant}
	if b.Header.Kind == block.KindGrant {
		v, err := b.Clear()
		if err != nil {
			return f, nil, err
		}
		next.Newest, next.Grant = b.ID, *v.(*block.Grant)
	}
	return next, keys, nil
}

// Verify is Next with the signature checked.
func (f Fold) Verify(net block.Net, b *block.Block) (Fold, error) {
	if _, err := f.Chain.Verify(net, b); err != nil {
		return f, err
	}
	next, _, err := f.Next(b)
	return next, err
}

// Freeze is the fold after a verified fork proof: a forked grant is a revoked grant.
func (f Fold) Freeze(p *chain.ForkProof) (Fold, error) {
	s, err := f.Chain.Freeze(p)
	if err != nil {
		return f, err
	}
	f.Chain = s
	return f, nil
}

// Status says what the grant is worth at a time (Unix seconds).
func (f *Fold) Status(at uint64) Status {
	switch {
	case f.Chain.Forked():
		return Forked
	case f.Chain.Ended:
		return Stopped
	case f.Newest == block.ID{}:
		return Waiting
	case f.Grant.Expiry <= at:
		return Expired
	}
	return Active
}

// Live returns nil while the grant is active and gives right (block.RightRead or block.RightWrite), else ErrForked,
// ErrStopped, ErrExpired, ErrInvalid (no GRANT yet) or ErrRight.
func (f *Fold) Live(right uint8, at uint64) error {
	switch f.Status(at) {
	case Forked:
		return ErrForked
	case Stopped:
		return ErrStopped
	case Waiting:
		return fmt.Errorf("no GRANT yet: %w", ErrInvalid)
	case Expired:
		return fmt.Errorf("at %d: %w", f.Grant.Expiry, ErrExpired)
	}
	if f.Grant.Rights&right == 0 {
		return ErrRight
	}
	return nil
}

// Terms is what the newest GRANT opens, from its sealed part or the owner's manifest. Empty Records means all
// records of the sections.
type Terms struct {
	Sections []uint8
	Records  []block.ID
}

// Terms are those of an opened sealed part.
func (s *Sealed) Terms() Terms {
	t := Terms{Records: s.Records}
	for _, c := range s.Sections {
		t.Sections = append(t.Sections, c.Number)
	}
	return t
}

// Allows returns nil when a record of a section may be read at a time: Live's errors, or ErrOutside.
func (f *Fold) Allows(t Terms, section uint8, record block.ID, at uint64) error {
	if err := f.Live(block.RightRead, at); err != nil {
		return err
	}
	if !slices.Contains(t.Sections, section) || len(t.Records) > 0 && !slices.Contains(t.Records, record) {
		return fmt.Errorf("section %d, record %s: %w", section, record, ErrOutside)
	}
	return nil
}

// Access judges an ACCESS, already accepted on its own chain, at a time: it must link the newest GRANT, come from
// the reader it names, and the grant must be live for reading. It returns ErrReplaced, ErrReader or Live's errors.
// Which entries are inside is Match's and Allows's to say. Source: spec/grant.md §5.
func (f *Fold) Access(b *block.Block, at uint64) error {
	h := &b.Header
	if h.Kind != block.KindAccess || len(h.Links) != 1 {
		return fmt.Errorf("kind %d with %d links: %w", h.Kind, len(h.Links), chain.ErrKind)
	}
	if err := f.Live(block.RightRead, at); err != nil {
		return err
	}
	if h.Links[0] != f.Newest {
		return fmt.Errorf("access under %s, newest %s: %w", h.Links[0], f.Newest, ErrReplaced)
	}
	if b.Chain() != f.Grant.Reader {
		return fmt.Errorf("access by %s: %w", b.Chain(), ErrReader)
	}
	return nil
}
