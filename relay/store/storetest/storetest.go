// Package storetest is the one suite that every store of the relay passes. It promises to hold an engine to what
// hub.Store says, reopening it where the engine can; it refuses nothing and is for tests alone.
//
//	storetest.Run(t, func(t *testing.T) storetest.Reopener { … })
package storetest

import (
	"bytes"
	"testing"
	"time"

	"github.com/anamnesis-health/anamnesis/relay/hub"
	"github.com/anamnesis-health/anamnesis/relay/hub/hubtest"
	"github.com/anamnesis-health/anamnesis/shared/block"
	"github.com/anamnesis-health/anamnesis/shared/chain"
)

// Reopener gives a store; called again, the same one after a restart where the engine outlives one.
type Reopener func() hub.Store

// Run holds an engine to the contract. make is called once for each test.
func Run(t *testing.T, make func(t *testing.T) Reopener) {
	for name, test := range map[string]func(*testing.T, Reopener){
		"lane": lane, "tags": tags, "states": states, "claims": claims, "forks": forks, "shares": shares, "posts": posts,
		"many": many, "empty": empty,
	} {
		t.Run(name, func(t *testing.T) { test(t, make(t)) })
	}
}

var net = hubtest.NewNetwork("http://store.test")

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// add appends blocks of one writer in one commit.
func add(t *testing.T, s hub.Store, w *hubtest.Writer, blocks ...*block.Block) {
	t.Helper()
	a := hub.Addition{Chains: []hub.Chain{{State: w.State, Member: true}}}
	for i, b := range blocks {
		a.Blocks = append(a.Blocks, hub.Placed{Position: s.Tail() + uint64(i) + 1, Block: b, Bytes: b.Encode()})
	}
	must(t, s.Append(a))
}

func all(t *testing.T, scan func(func(hub.Placed) bool) error) (ids []block.ID, at []uint64) {
	t.Helper()
	must(t, scan(func(p hub.Placed) bool {
		if p.Block == nil {
			t.Fatalf("position %d is damaged", p.Position)
		}
		if !bytes.Equal(p.Bytes, p.Block.Encode()) {
			t.Fatalf("position %d: other bytes", p.Position)
		}
		ids, at = append(ids, p.Block.ID), append(at, p.Position)
		return true
	}))
	return ids, at
}

func equal[T comparable](t *testing.T, what string, got, want []T) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("%s: %v, want %v", what, got, want)
	}
	for i := range got {
		if got[i] != want[i] {
			t.Fatalf("%s: %v, want %v", what, got, want)
		}
	}
}

func empty(t *testing.T, open Reopener) {
	s := open()
	if s.Tail() != 0 {
		t.Errorf("tail %d", s.Tail())
	}
	for what, look := range map[string]func() (bool, error){
		"chain":    func() (bool, error) { _, ok, err := s.Chain(block.ChainID{1}); return ok, err },
		"claimed":  func() (bool, error) { _, ok, err := s.Claimed(block.ChainID{1}); return ok, err },
		"slot":     func() (bool, error) { _, ok, err := s.Slot(block.ChainID{1}, 0); return ok, err },
		"id":       func() (bool, error) { _, ok, err := s.ByID(block.ID{1}); return ok, err },
		"admitted": func() (bool, error) { return s.Admitted(block.ChainID{1}) },
		"fork":     func() (bool, error) { _, ok, err := s.Fork(block.ChainID{1}); return ok, err },
	} {
		if ok, err := look(); ok || err != nil {
			t.Errorf("%s in an empty store: %v, %v", what, ok, err)
		}
	}
	none := func(hub.Placed) bool { t.Error("a block in an empty store"); return true }
	must(t, s.Range(block.ChainID{1}, 0, 1<<32-1, none))
	must(t, s.Tagged([]block.Tag{{1}, {2}}, 0, 10, none))
	must(t, s.Lane(0, 10, none))
	must(t, s.Lane(1<<63, 10, none))
	must(t, s.Tagged([]block.Tag{{1}}, 1<<63, 10, none))
}

func lane(t *testing.T, open Reopener) {
	s := open()
	a, b := net.Writer(1), net.Writer(2)
	a1, b1 := a.Record(1), b.Record(2)
	add(t, s, a, a.Genesis, a1)
	add(t, s, b, b.Genesis, b1)
	s = open()
	if s.Tail() != 4 {
		t.Fatalf("tail %d, want 4", s.Tail())
	}
	want := []block.ID{a.Genesis.ID, a1.ID, b.Genesis.ID, b1.ID}
	ids, at := all(t, func(e func(hub.Placed) bool) error { return s.Lane(0, 10, e) })
	equal(t, "lane", ids, want)
	equal(t, "positions", at, []uint64{1, 2, 3, 4})
	ids, _ = all(t, func(e func(hub.Placed) bool) error { return s.Lane(1, 2, e) })
	equal(t, "lane after 1, two", ids, want[1:3])
	ids, _ = all(t, func(e func(hub.Placed) bool) error { return s.Range(b.State.ID, 0, 1<<32-1, e) })
	equal(t, "range", ids, want[2:])
	ids, _ = all(t, func(e func(hub.Placed) bool) error { return s.Range(b.State.ID, 1, 1, e) })
	equal(t, "range of one", ids, want[3:])
	p, ok, err := s.Slot(a.State.ID, 1)
	if must(t, err); !ok || p.Block.ID != a1.ID || p.Position != 2 {
		t.Errorf("slot 1: %v %+v", ok, p)
	}
	if _, ok, err := s.Slot(a.State.ID, 2); ok || err != nil {
		t.Errorf("slot 2 is taken: %v", err)
	}
	if p, ok, err = s.ByID(b1.ID); !ok || err != nil || p.Position != 4 {
		t.Errorf("by id: %v %v %+v", ok, err, p)
	}
	stopped := 0
	must(t, s.Lane(0, 10, func(hub.Placed) bool { stopped++; return false }))
	if stopped != 1 {
		t.Errorf("%d blocks after a stop", stopped)
	}
}

func tags(t *testing.T, open Reopener) {
	s := open()
	a, b, c := net.Writer(1), net.Writer(2), net.Writer(3)
	a1, b1, c1, a2 := a.Record(1), b.Record(1), c.Record(1), a.Record(2)
	for _, x := range []struct {
		w *hubtest.Writer
		b *block.Block
	}{{a, a.Genesis}, {b, b.Genesis}, {a, a1}, {c, c.Genesis}, {b, b1}, {c, c1}, {a, a2}} {
		add(t, s, x.w, x.b)
	}
	s = open()
	get := func(tags []block.Tag, after uint64, limit int) []block.ID {
		ids, _ := all(t, func(e func(hub.Placed) bool) error { return s.Tagged(tags, after, limit, e) })
		return ids
	}
	equal(t, "a", get([]block.Tag{a.Tag}, 0, 10), []block.ID{a.Genesis.ID, a1.ID, a2.ID})
	equal(t, "a and c", get([]block.Tag{c.Tag, {9}, a.Tag}, 1, 10), []block.ID{a1.ID, c.Genesis.ID, c1.ID, a2.ID})
	equal(t, "a and c, two", get([]block.Tag{c.Tag, a.Tag}, 1, 2), []block.ID{a1.ID, c.Genesis.ID})
	equal(t, "one tag twice", get([]block.Tag{c.Tag, c.Tag}, 0, 10), []block.ID{c.Genesis.ID, c1.ID})
	equal(t, "a prefix of a tag", get([]block.Tag{{a.Tag[0]}}, 0, 10), nil)
	equal(t, "after the end", get([]block.Tag{a.Tag}, 7, 10), nil)
}

func states(t *testing.T, open Reopener) {
	s := open()
	w := net.Writer(1)
	add(t, s, w, w.Genesis, w.AddSession())
	add(t, s, w, w.Record(1))
	s = open()
	got, ok, err := s.Chain(w.State.ID)
	if must(t, err); !ok || !got.Member || !bytes.Equal(got.State.Encode(), w.State.Encode()) {
		t.Fatalf("state %v %+v, want %+v", ok, got, w.State)
	}
	reader := block.ChainID{9}
	must(t, s.Append(hub.Addition{Admits: []block.ChainID{reader}}))
	must(t, s.Append(hub.Addition{Admits: []block.ChainID{reader}}))
	if ok, err := open().Admitted(reader); !ok || err != nil {
		t.Errorf("admitted reader forgotten: %v", err)
	}
}

func claims(t *testing.T, open Reopener) {
	s := open()
	w := net.Writer(1)
	w.State.Slot = block.ChainID{5}
	add(t, s, w, w.Genesis)
	s = open()
	if id, ok, err := s.Claimed(block.ChainID{5}); !ok || err != nil || id != w.State.ID {
		t.Errorf("claimed: %s %v %v", id, ok, err)
	}
	if _, ok, _ := s.Claimed(block.ChainID{}); ok {
		t.Error("a chain without slot id claims the zero slot")
	}
}

func forks(t *testing.T, open Reopener) {
	s := open()
	w := net.Writer(1)
	one, two := w.Draft(block.KindRecord, nil, []byte{1}, nil), w.Draft(block.KindRecord, nil, []byte{2}, nil)
	var fork *chain.ForkError
	if err := chain.Compare(one, two); !asFork(err, &fork) {
		t.Fatal(err)
	}
	proof := fork.Proof.Encode()
	must(t, s.KeepFork(w.State.ID, proof))
	must(t, s.KeepFork(w.State.ID, []byte("another")))
	if got, ok, err := open().Fork(w.State.ID); !ok || err != nil || !bytes.Equal(got, proof) {
		t.Errorf("fork: %x %v %v", got, ok, err)
	}
}

func asFork(err error, into **chain.ForkError) bool {
	f, ok := err.(*chain.ForkError)
	*into = f
	return ok
}

func shares(t *testing.T, open Reopener) {
	s, until := open(), hubtest.Now.Add(time.Hour)
	id := block.ID{1}
	for i := range byte(5) {
		must(t, s.KeepShare(hub.Share{Access: id, Frame: []byte{i}, Until: until}, 3))
		must(t, s.KeepShare(hub.Share{Access: id, Frame: []byte{i}, Until: until}, 3))
	}
	must(t, s.KeepShare(hub.Share{Access: id, Seat: 1, Frame: []byte{9}, Until: until.Add(time.Hour)}, 3))
	must(t, s.KeepShare(hub.Share{Access: block.ID{2}, Frame: []byte{8}, Until: until}, 3))
	s = open()
	got := func() string {
		out, err := s.Shares(id)
		must(t, err)
		return string(bytes.Join(out, nil))
	}
	if got() != "\x02\x03\x04\x09" {
		t.Errorf("shares %q", got())
	}
	must(t, s.Expire(until.Add(-time.Second)))
	if got() != "\x02\x03\x04\x09" {
		t.Errorf("shares %q before their time is over", got())
	}
	must(t, s.Expire(until))
	if got() != "\x09" {
		t.Errorf("shares %q after it", got())
	}
}

func posts(t *testing.T, open Reopener) {
	s, until := open(), hubtest.Now.Add(time.Hour)
	room := block.Nonce{1}
	must(t, s.KeepPost(hub.Post{Room: room, Slot: 9, Body: []byte("b"), Until: until}))
	must(t, s.KeepPost(hub.Post{Room: room, Slot: 8, Body: []byte("a"), Until: until}))
	must(t, s.KeepPost(hub.Post{Room: room, Slot: 8, Body: []byte("other"), Until: until}))
	must(t, s.KeepPost(hub.Post{Room: room, Slot: 255, Until: until.Add(time.Hour)}))
	must(t, s.KeepPost(hub.Post{Room: block.Nonce{2}, Slot: 8, Body: []byte("c"), Until: until}))
	s = open()
	got, err := s.Posts(room)
	must(t, err)
	if len(got) != 3 || got[0].Slot != 8 || string(got[0].Body) != "a" || got[1].Slot != 9 || got[2].Slot != 255 {
		t.Errorf("posts %+v", got)
	}
	must(t, s.Expire(until))
	if got, err = s.Posts(room); err != nil || len(got) != 1 || got[0].Slot != 255 {
		t.Errorf("posts %+v, %v after their time", got, err)
	}
}

func many(t *testing.T, open Reopener) {
	s := open()
	w := net.Writer(1)
	blocks := []*block.Block{w.Genesis}
	for range 99 { // more than one INSERT holds
		blocks = append(blocks, w.Record(10))
	}
	add(t, s, w, blocks...)
	s = open()
	ids, _ := all(t, func(e func(hub.Placed) bool) error { return s.Lane(0, 1000, e) })
	for i, b := range blocks {
		if ids[i] != b.ID {
			t.Fatalf("position %d holds %s, want %s", i+1, ids[i], b.ID)
		}
	}
}
