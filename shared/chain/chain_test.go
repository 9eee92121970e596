package chain

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"errors"
	"fmt"
	"reflect"
	"testing"

	"github.com/anamnesis-health/anamnesis/shared/block"
	"github.com/anamnesis-health/anamnesis/shared/spec"
)

var testNet = block.Net{7}

func testKey(name string) ed25519.PrivateKey {
	seed := sha256.Sum256([]byte(name))
	return ed25519.NewKeyFromSeed(seed[:])
}

// builder makes blocks on top of a state, as a device would.
type builder struct {
	t testing.TB
	s State
}

func begin(t testing.TB, g block.Genesis) (*builder, *block.Block) {
	t.Helper()
	g.Writer = block.KeyOf(testKey("writer"))
	if g.Type == block.ChainWriting || g.Type == block.ChainIdentity {
		g.Recipient = make([]byte, 32)
	}
	if g.Type == block.ChainGrant || g.Type == block.ChainClaim {
		k := block.KeyOf(testKey("revoke"))
		g.RevokeKey = k[:]
	}
	b, err := block.New(testNet, testKey("writer"), block.Header{Kind: block.KindGenesis, Time: 3600}, block.Encode(&g))
	if err != nil {
		t.Fatal(err)
	}
	s, err := Open(testNet, b)
	if err != nil {
		t.Fatal(err)
	}
	return &builder{t, s}, b
}

func (c *builder) draft(key string, h block.Header, parts ...[]byte) *block.Block {
	c.t.Helper()
	b, err := block.New(testNet, testKey(key), h, parts...)
	if err != nil {
		c.t.Fatal(err)
	}
	return b
}

// make is the chain's next block, not yet accepted.
func (c *builder) make(key string, kind block.Kind, parts ...[]byte) *block.Block {
	c.t.Helper()
	h := c.s.Draft(kind)
	if kind == block.KindAccess {
		h.Links = []block.ID{{1}}
	}
	return c.draft(key, h, parts...)
}

func (c *builder) accept(b *block.Block) *block.Block {
	c.t.Helper()
	next, err := c.s.Verify(testNet, b)
	if err != nil {
		c.t.Fatal(err)
	}
	c.s = next
	return b
}

func session(epoch uint16) []byte {
	return block.Encode(&block.Session{Epoch: epoch, Seals: make([]byte, 6*block.SealSize)})
}

func keyPart(id block.ID, t, n uint8) []byte {
	return block.Encode(&block.KeyPart{Session: id, T: t, N: n, Seats: make([]byte, int(n)*block.SeatSize)})
}

func writing(t testing.TB) (*builder, *block.Block) {
	c, _ := begin(t, block.Genesis{Type: block.ChainWriting})
	return c, c.accept(c.make("writer", block.KindSession, session(1)))
}

func refused(t *testing.T, what string, err, want error) {
	t.Helper()
	if !errors.Is(err, want) {
		t.Errorf("%s: %v, want %v", what, err, want)
	}
}

// TestAttackA03 injects blocks that fit a chain in every way but were not made by its writer.
func TestAttackA03(t *testing.T) {
	c, s := writing(t)
	for _, who := range []string{"stranger", "revoke"} {
		b := c.make(who, block.KindRecord, []byte("age"), keyPart(s.ID, 3, 4))
		next, err := c.s.Verify(testNet, b)
		refused(t, who, err, ErrWriter)
		if !reflect.DeepEqual(next, c.s) {
			t.Error("a refused block moved the state")
		}
	}
	b := c.make("writer", block.KindRecord, []byte("age"), keyPart(s.ID, 3, 4))
	_, err := c.s.Verify(block.Net{8}, b)
	refused(t, "another net", err, ErrWriter)
	for i := range b.Signature {
		bad := *b
		bad.Signature = bytes.Clone(b.Signature)
		bad.Signature[i] ^= 1
		_, err := c.s.Verify(testNet, &bad)
		refused(t, fmt.Sprint("signature byte ", i), err, ErrWriter)
	}
}

// TestAttackA09 signs two blocks for one slot: G -> S -> A
//
//	└─> B
//
// Whoever sees both holds a proof that anybody can check, in either order the same, and the chain is frozen.
func TestAttackA09(t *testing.T) {
	c, s := writing(t)
	a := c.make("writer", block.KindRecord, []byte("one"), keyPart(s.ID, 3, 4))
	b := c.make("writer", block.KindRecord, []byte("two"), keyPart(s.ID, 3, 4))
	c.accept(a)
	_, err := c.s.Verify(testNet, b)
	refused(t, "the second", err, ErrStale)
	var one, two *ForkError
	if !errors.As(Compare(a, b), &one) || !errors.As(Compare(b, a), &two) {
		t.Fatal("no fork found")
	}
	if !bytes.Equal(one.Proof.Encode(), two.Proof.Encode()) {
		t.Fatal("the proof depends on who came first")
	}
	if n := len(one.Proof.Encode()); n > 420 {
		t.Errorf("the proof takes %d bytes", n)
	}
	p, err := ParseForkProof(one.Proof.Encode())
	if err != nil {
		t.Fatal(err)
	}
	if err := p.Verify(testNet, c.s.KeysAt(2, block.KindRecord)); err != nil {
		t.Fatal(err)
	}
	for _, sig := range []*[]byte{&p.SigA, &p.SigB} {
		kept := *sig
		*sig = make([]byte, 64)
		refused(t, "one signature forged", p.Verify(testNet, c.s.KeysAt(2, block.KindRecord)), ErrProof)
		*sig = kept
	}
	refused(t, "another net", p.Verify(block.Net{8}, c.s.KeysAt(2, block.KindRecord)), ErrProof)
	frozen, err := c.s.Freeze(p)
	if err != nil || !frozen.Forked() || c.s.Forked() {
		t.Fatal("freeze", err)
	}
	_, err = frozen.Verify(testNet, c.make("writer", block.KindSession, session(1)))
	refused(t, "after the fork", err, ErrFrozen)
	_, err = frozen.Verify(testNet, a)
	refused(t, "the head again", err, ErrKnown)
	kept, err := Decode(frozen.Encode())
	if err != nil || !kept.Forked() {
		t.Fatal("a kept state forgot its fork", err)
	}
	other, _ := writing(t)
	other.s.ID[0] ^= 1
	_, err = other.s.Freeze(p)
	refused(t, "another chain's proof", err, ErrProof)
}

func TestCompareRefuses(t *testing.T) {
	c, s := writing(t)
	a := c.make("writer", block.KindRecord, []byte("one"), keyPart(s.ID, 3, 4))
	refused(t, "one block twice", Compare(a, a), ErrKnown)
	refused(t, "bare and whole", Compare(a, a.Bare()), ErrKnown)
	refused(t, "two slots", Compare(a, s), ErrProof)
	_, g := begin(t, block.Genesis{Type: block.ChainWriting, Nonce: block.Nonce{1}})
	_, h := begin(t, block.Genesis{Type: block.ChainWriting, Nonce: block.Nonce{2}})
	refused(t, "two geneses", Compare(g, h), ErrProof)
}

func TestForkOfAnOlderSlotUnderAnOlderKey(t *testing.T) {
	c, _ := begin(t, block.Genesis{Type: block.ChainObject})
	to := func(name string) []byte { return block.Encode(&block.Handover{Writer: block.KeyOf(testKey(name))}) }
	late := c.make("writer", block.KindSession, session(1)) // slot 1, never sent
	first := c.accept(c.make("writer", block.KindHandover, to("next")))
	c.accept(c.make("next", block.KindHandover, to("third")))
	_, err := c.s.Verify(testNet, late)
	refused(t, "older slot", err, ErrStale)
	var fork *ForkError
	if !errors.As(Compare(first, late), &fork) {
		t.Fatal("no fork")
	}
	if err := fork.Proof.Verify(testNet, c.s.KeysAt(1, block.KindSession)); err != nil {
		t.Fatal(err)
	}
	refused(t, "under the later key", fork.Proof.Verify(testNet, c.s.KeysAt(2, block.KindSession)), ErrProof)
	refused(t, "under no key", fork.Proof.Verify(testNet, nil), ErrProof)
}

func TestKeysAtOfRotateAndRevoke(t *testing.T) {
	kit := block.KeyOf(testKey("kit"))
	c, _ := begin(t, block.Genesis{Type: block.ChainIdentity, Commitment: block.LeafHash(kit[:])})
	rotate := block.Encode(&block.Rotate{Key: kit, Count: 1, Recipient: make([]byte, 32)})
	c.accept(c.make("kit", block.KindRotate, rotate))
	if keys := c.s.KeysAt(1, block.KindRotate); len(keys) != 2 || keys[1] != kit {
		t.Errorf("rotate at 1: %v", keys)
	}
	if keys := c.s.KeysAt(1, block.KindDevice); len(keys) != 1 || keys[0] == kit {
		t.Errorf("device at 1: %v", keys)
	}
	if keys := c.s.KeysAt(2, block.KindDevice); len(keys) != 1 || keys[0] != kit {
		t.Errorf("device at 2: %v", keys)
	}
	g, _ := begin(t, block.Genesis{Type: block.ChainGrant})
	if keys := g.s.KeysAt(1, block.KindRevoke); len(keys) != 2 {
		t.Errorf("revoke: %v", keys)
	}
	if keys := g.s.KeysAt(1, block.KindGrant); len(keys) != 1 {
		t.Errorf("grant: %v", keys)
	}
}

// TestBareThenWhole: a chain checked by headers alone reaches the same state, and a bad payload is found when it comes.
func TestBareThenWhole(t *testing.T) {
	c, s := writing(t)
	good := c.make("writer", block.KindRecord, []byte("age"), keyPart(s.ID, 3, 4))
	bad := c.make("writer", block.KindRecord, []byte("age"), keyPart(block.ID{9}, 3, 4))
	whole, err := c.s.Verify(testNet, good)
	if err != nil {
		t.Fatal(err)
	}
	bare, err := c.s.Verify(testNet, good.Bare())
	if err != nil || !reflect.DeepEqual(bare, whole) {
		t.Fatal("bare differs", err)
	}
	if err := bare.Payload(good); err != nil {
		t.Fatal(err)
	}
	_, err = c.s.Verify(testNet, bad)
	refused(t, "whole and bad", err, ErrSession)
	after, err := c.s.Verify(testNet, bad.Bare())
	if err != nil {
		t.Fatal(err)
	}
	refused(t, "payload later", after.Payload(bad), ErrSession)
	c.accept(good)
	next := c.accept(c.make("writer", block.KindSession, session(2)))
	early := c.draft("writer", block.Header{Kind: block.KindRecord, Chain: c.s.ID, Seq: 2, Prev: s.ID}, []byte("x"), keyPart(next.ID, 3, 4))
	refused(t, "a session later than the record", c.s.Payload(early), ErrSession)
}

// TestStatesDoNotShare: two blocks built on one state leave it, and each other, alone.
func TestStatesDoNotShare(t *testing.T) {
	c, _ := writing(t)
	for range 4 { // so that a slice with room to spare would be shared
		c.accept(c.make("writer", block.KindSession, session(1)))
	}
	before := c.s.Encode()
	one, err := c.s.Verify(testNet, c.make("writer", block.KindSession, session(1)))
	if err != nil {
		t.Fatal(err)
	}
	kept := one.Encode()
	if _, err = c.s.Verify(testNet, c.make("writer", block.KindSession, session(2))); err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(before, c.s.Encode()) || !bytes.Equal(kept, one.Encode()) {
		t.Fatal("a state changed behind its holder")
	}
}

func TestBounds(t *testing.T) {
	c, _ := writing(t)
	for i := len(c.s.Sessions); i < MaxSessions; i++ {
		c.s.Sessions = append(c.s.Sessions, Session{ID: block.ID{byte(i), byte(i >> 8)}, Seq: 1, Seats: 4})
	}
	_, _, err := c.s.Next(c.make("writer", block.KindSession, session(1)))
	refused(t, "one session more", err, block.ErrLimit)
	if n := len(c.s.Encode()); n > MaxState {
		t.Errorf("a state of %d bytes", n)
	}
	o, _ := begin(t, block.Genesis{Type: block.ChainObject})
	for len(o.s.Keys) < MaxKeys {
		o.s.Keys = append(o.s.Keys, KeyFrom{0, o.s.Writer()})
	}
	hand := block.Encode(&block.Handover{Writer: block.KeyOf(testKey("next"))})
	_, _, err = o.s.Next(o.make("writer", block.KindHandover, hand))
	refused(t, "one writer more", err, block.ErrLimit)
}

func TestCutsMarkWhatFollowsALoss(t *testing.T) {
	kit := block.KeyOf(testKey("kit"))
	c, _ := begin(t, block.Genesis{Type: block.ChainIdentity, Commitment: block.LeafHash(kit[:])})
	for range 4 {
		c.accept(c.make("writer", block.KindDevice, block.Encode(&block.Device{}), []byte("sealed")))
	}
	c.accept(c.make("kit", block.KindRotate, block.Encode(&block.Rotate{Key: kit, Count: 1, Recipient: make([]byte, 32), LastAccepted: 2})))
	for seq, want := range []bool{false, false, false, true, true, false, false} {
		if c.s.WrittenAfterLoss(uint32(seq)) != want {
			t.Errorf("seq %d: %v", seq, !want)
		}
	}
}

func TestThreshold(t *testing.T) {
	for n, want := range map[uint8]uint8{1: 1, 4: 3, 7: 5, 10: 7, 13: 9, 16: 11} {
		if got := Threshold(n); got != want {
			t.Errorf("n=%d: t=%d, want %d", n, got, want)
		}
	}
}

func TestDecodeRefuses(t *testing.T) {
	c, _ := writing(t)
	good := c.s.Encode()
	for name, b := range map[string][]byte{
		"nothing": nil, "cut": good[:len(good)-1], "trailing": append(bytes.Clone(good), 0), "too long": make([]byte, MaxState+1),
		"no key": func() []byte { s := c.s; s.Keys = nil; return s.Encode() }(),
	} {
		if _, err := Decode(b); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}

func FuzzState(f *testing.F) {
	c, _ := writing(f)
	f.Add(c.s.Encode())
	f.Fuzz(func(t *testing.T, raw []byte) {
		if s, err := Decode(raw); err == nil && !bytes.Equal(s.Encode(), raw) {
			t.Fatalf("accepted %x, encodes to %x", raw, s.Encode())
		}
	})
}

func FuzzForkProof(f *testing.F) {
	all, err := spec.Cases[vector]("chain")
	if err != nil {
		f.Fatal(err)
	}
	for _, c := range all {
		f.Add([]byte(c.Proof))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		if p, err := ParseForkProof(raw); err == nil && !bytes.Equal(p.Encode(), raw) {
			t.Fatalf("accepted %x, encodes to %x", raw, p.Encode())
		}
	})
}

// FuzzNext feeds any block to a chain: what is accepted stands exactly one seq higher and names who must have signed.
func FuzzNext(f *testing.F) {
	all, err := spec.Cases[vector]("chain")
	if err != nil {
		f.Fatal(err)
	}
	for _, c := range all {
		for _, w := range c.Blocks {
			f.Add([]byte(c.Blocks[0]), []byte(w))
		}
	}
	f.Fuzz(func(t *testing.T, genesis, raw []byte) {
		g, err := block.Parse(genesis)
		if err != nil {
			return
		}
		s, err := Begin(g)
		if err != nil {
			return
		}
		b, err := block.Parse(raw)
		if err != nil {
			return
		}
		next, keys, err := s.Next(b)
		if err == nil && (next.Seq != s.Seq+1 || next.Head != b.ID || len(keys) == 0 || len(next.Encode()) > MaxState) {
			t.Fatalf("state %+v after %+v", next, b.Header)
		}
	})
}

// BenchmarkAccept is what a relay does for one block of 512 bytes beside checking its signature.
func BenchmarkAccept(b *testing.B) {
	c, s := writing(b)
	raw := c.make("writer", block.KindRecord, make([]byte, 512), keyPart(s.ID, 3, 4)).Encode()
	b.ReportAllocs()
	for b.Loop() {
		got, err := block.Parse(raw)
		if err != nil {
			b.Fatal(err)
		}
		if _, _, err := c.s.Next(got); err != nil {
			b.Fatal(err)
		}
	}
}
