// Package memory is a store that forgets: for tests that pipe frames through a real hub without a disk. It keeps the
// promises of hub.Store but durability, and refuses nothing but what a call says.
//
//	h.Frame(hub.World{Store: memory.New(), Conns: conns, Now: now}, 1, frame)
package memory

import (
	"bytes"
	"cmp"
	"slices"
	"time"

	"github.com/anamnesis-health/anamnesis/relay/hub"
	"github.com/anamnesis-health/anamnesis/shared/block"
)

type slot struct {
	chain block.ChainID
	seq   uint32
}

// Store is not safe for concurrent use.
type Store struct {
	// Full makes every writing call answer hub.ErrFull.
	Full bool

	lane   []hub.Placed
	ids    map[block.ID]int
	slots  map[slot]int
	chains map[block.ChainID]hub.Chain
	claims map[block.ChainID]block.ChainID
	admits map[block.ChainID]bool
	forks  map[block.ChainID][]byte
	shares []hub.Share
	posts  []hub.Post
}

// New is an empty store.
func New() *Store {
	return &Store{
		ids: map[block.ID]int{}, slots: map[slot]int{}, chains: map[block.ChainID]hub.Chain{},
		claims: map[block.ChainID]block.ChainID{}, admits: map[block.ChainID]bool{}, forks: map[block.ChainID][]byte{},
	}
}

// Tail implements hub.Store.
func (s *Store) Tail() uint64 { return uint64(len(s.lane)) }

// Append implements hub.Store.
func (s *Store) Append(a hub.Addition) error {
	if s.Full {
		return hub.ErrFull
	}
	for _, p := range a.Blocks {
		s.ids[p.Block.ID] = len(s.lane)
		s.slots[slot{p.Block.Chain(), p.Block.Header.Seq}] = len(s.lane)
		s.lane = append(s.lane, p)
	}
	for _, c := range a.Chains {
		s.chains[c.State.ID] = c
		if c.State.Slot != (block.ChainID{}) {
			s.claims[c.State.Slot] = c.State.ID
		}
	}
	for _, r := range a.Admits {
		s.admits[r] = true
	}
	return nil
}

// Chain implements hub.Store.
func (s *Store) Chain(id block.ChainID) (hub.Chain, bool, error) {
	c, ok := s.chains[id]
	return c, ok, nil
}

// Claimed implements hub.Store.
func (s *Store) Claimed(id block.ChainID) (block.ChainID, bool, error) {
	c, ok := s.claims[id]
	return c, ok, nil
}

// Slot implements hub.Store.
func (s *Store) Slot(id block.ChainID, seq uint32) (hub.Placed, bool, error) {
	i, ok := s.slots[slot{id, seq}]
	if !ok {
		return hub.Placed{}, false, nil
	}
	return s.lane[i], true, nil
}

// ByID implements hub.Store.
func (s *Store) ByID(id block.ID) (hub.Placed, bool, error) {
	i, ok := s.ids[id]
	if !ok {
		return hub.Placed{}, false, nil
	}
	return s.lane[i], true, nil
}

// Range implements hub.Store.
func (s *Store) Range(id block.ChainID, from, to uint32, each func(hub.Placed) bool) error {
	for seq := uint64(from); seq <= uint64(to); seq++ {
		i, ok := s.slots[slot{id, uint32(seq)}]
		if !ok || !each(s.lane[i]) {
			return nil
		}
	}
	return nil
}

// Tagged implements hub.Store.
func (s *Store) Tagged(tags []block.Tag, after uint64, limit int, each func(hub.Placed) bool) error {
	return s.scan(after, limit, func(p hub.Placed) bool { return slices.Contains(tags, p.Block.Header.Tag) }, each)
}

// Lane implements hub.Store.
func (s *Store) Lane(after uint64, limit int, each func(hub.Placed) bool) error {
	return s.scan(after, limit, func(hub.Placed) bool { return true }, each)
}

func (s *Store) scan(after uint64, limit int, want, each func(hub.Placed) bool) error {
	if after >= s.Tail() {
		return nil
	}
	for _, p := range s.lane[after:] {
		if !want(p) {
			continue
		}
		if limit--; limit < 0 || !each(p) {
			return nil
		}
	}
	return nil
}

// Admitted implements hub.Store.
func (s *Store) Admitted(reader block.ChainID) (bool, error) { return s.admits[reader], nil }

// KeepFork implements hub.Store.
func (s *Store) KeepFork(id block.ChainID, proof []byte) error {
	if s.Full {
		return hub.ErrFull
	}
	if _, ok := s.forks[id]; !ok {
		s.forks[id] = bytes.Clone(proof)
	}
	return nil
}

// Fork implements hub.Store.
func (s *Store) Fork(id block.ChainID) ([]byte, bool, error) {
	p, ok := s.forks[id]
	return p, ok, nil
}

// KeepShare implements hub.Store.
func (s *Store) KeepShare(n hub.Share, perSeat int) error {
	if s.Full {
		return hub.ErrFull
	}
	same := func(o hub.Share) bool { return o.Access == n.Access && o.Seat == n.Seat }
	if slices.ContainsFunc(s.shares, func(o hub.Share) bool { return same(o) && bytes.Equal(o.Frame, n.Frame) }) {
		return nil
	}
	s.shares = append(s.shares, n)
	held := 0
	for _, o := range s.shares {
		if same(o) {
			held++
		}
	}
	if held > perSeat {
		i := slices.IndexFunc(s.shares, same)
		s.shares = slices.Delete(s.shares, i, i+1)
	}
	return nil
}

// Shares implements hub.Store.
func (s *Store) Shares(access block.ID) ([][]byte, error) {
	var out [][]byte
	for _, o := range s.shares {
		if o.Access == access {
			out = append(out, o.Frame)
		}
	}
	return out, nil
}

// KeepPost implements hub.Store.
func (s *Store) KeepPost(p hub.Post) error {
	if s.Full {
		return hub.ErrFull
	}
	if !slices.ContainsFunc(s.posts, func(o hub.Post) bool { return o.Room == p.Room && o.Slot == p.Slot }) {
		s.posts = append(s.posts, p)
	}
	return nil
}

// Posts implements hub.Store.
func (s *Store) Posts(room block.Nonce) ([]hub.Post, error) {
	var out []hub.Post
	for _, p := range s.posts {
		if p.Room == room {
			out = append(out, p)
		}
	}
	slices.SortFunc(out, func(a, b hub.Post) int { return cmp.Compare(a.Slot, b.Slot) })
	return out, nil
}

// Expire implements hub.Store.
func (s *Store) Expire(now time.Time) error {
	s.shares = slices.DeleteFunc(s.shares, func(o hub.Share) bool { return !now.Before(o.Until) })
	s.posts = slices.DeleteFunc(s.posts, func(p hub.Post) bool { return !now.Before(p.Until) })
	return nil
}
