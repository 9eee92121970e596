package hub_test

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"testing"

	"github.com/anamnesis-health/anamnesis/relay/hub"
	"github.com/anamnesis-health/anamnesis/relay/hub/hubtest"
	"github.com/anamnesis-health/anamnesis/shared/block"
	"github.com/anamnesis-health/anamnesis/shared/chain"
	"github.com/anamnesis-health/anamnesis/shared/gossip"
)

func TestPushRefusesWhatDoesNotFollow(t *testing.T) {
	w := newWorld(t, hub.Closed)
	a := w.join()
	wr := w.net.Writer(1)
	one, two := wr.Record(1), wr.Record(2)
	w.wantReason(a, "chain/unknown", one)
	w.wantStored(a, wr.Genesis)
	w.wantReason(a, "chain/seq", two)
	w.wantStored(a, one)

	other := w.net.Writer(2)
	w.wantStored(a, other.Genesis)
	stranger := *two // right place, wrong key
	stranger.Signature = block.Sign(w.net.Net(), other.Key, block.SigBlock, two.Raw)
	w.wantReason(a, "block/signature", &stranger)
	foreign := *two // right key, another network
	foreign.Signature = block.Sign(block.Net{1}, wr.Key, block.SigBlock, two.Raw)
	w.wantReason(a, "block/signature", &foreign)
	typed := *two // a signature of another type
	typed.Signature = block.Sign(w.net.Net(), wr.Key, block.SigAuthor, two.Raw)
	w.wantReason(a, "block/signature", &typed)

	w.wantReason(a, "block/payload", two.Bare())
	h := wr.State.Draft(block.KindRecord)
	h.Seq, h.Prev, h.Time = 2, block.ID{9}, hubtest.Hour()
	branch, err := block.New(w.net.Net(), wr.Key, h, []byte{1}, nil)
	if err != nil {
		t.Fatal(err)
	}
	w.wantReason(a, "chain/prev", branch)
	w.wantStored(a, two)
	w.wantReason(a, "chain/kind", wr.Draft(block.KindGrant, nil, grantPart(), []byte("x")))
	if w.store.Tail() != 4 {
		t.Errorf("lane of %d, want 4", w.store.Tail())
	}
}

func grantPart() []byte {
	return block.Encode(&block.Grant{Rights: 1, Records: []byte{}})
}

func TestNothingFollowsARevoke(t *testing.T) {
	w := newWorld(t, hub.Closed)
	a := w.join()
	g := w.net.Begin(block.ChainGrant, 3, w.net.Admission(block.AdmitChain, block.KeyOf(hubtest.Key("writer", 3))))
	w.wantStored(a, g.Genesis, g.Grant(block.ChainID{1}))
	g.Key = hubtest.Key("revoke", 3) // the revoke key alone is enough
	w.wantStored(a, g.Add(block.KindRevoke, nil))
	g.Key = hubtest.Key("writer", 3)
	h := g.State.Draft(block.KindGrant)
	h.Time = hubtest.Hour()
	after, err := block.New(w.net.Net(), g.Key, h, grantPart(), []byte("x"))
	if err != nil {
		t.Fatal(err)
	}
	w.wantReason(a, "chain/ended", after)
}

func TestABadBlockFailsItselfAndWhatFollowsNotTheFrame(t *testing.T) {
	w := newWorld(t, hub.Closed)
	a := w.join()
	x, y := w.net.Writer(1), w.net.Writer(2)
	x1, x2, y1, y2 := x.Record(1), x.Record(2), y.Record(1), y.Record(2)
	bad := *x1
	bad.Signature = bytes.Repeat([]byte{1}, 64)
	got := w.push(a, x.Genesis, y.Genesis, &bad, x2, y1, y2)
	if want := []string{"", "", "block/signature", "chain/seq", "", ""}; !slices.Equal(got, want) {
		t.Fatalf("%q, want %q", got, want)
	}
	got = w.push(a, &bad, x1, x2) // the good one comes after its bad twin
	if want := []string{"block/signature", "", ""}; !slices.Equal(got, want) {
		t.Fatalf("%q, want %q", got, want)
	}
}

func TestMalformedBlocksInAFrame(t *testing.T) {
	w := newWorld(t, hub.Closed)
	a := w.join()
	wr := w.net.Writer(1)
	good := wr.Genesis.Encode()
	trailing := append(slices.Clone(good), 0)
	long := bytes.Repeat([]byte{0xc4}, block.MaxBlock+1)
	old := slices.Clone(good)
	old[bytes.Index(old, wr.Genesis.Raw)+1] = 2 // version 2
	cut := good[:len(good)-1]
	noise := []byte("noise")
	swapped := slices.Clone(good)
	swapped[len(swapped)-5] ^= 1 // the payload is not what the header says
	w.send(a, gossip.Frame(&gossip.Push{Request: 9, Blocks: gossip.Bins{trailing, long, old, cut, noise, {}, swapped, good}}))
	st := last[*gossip.Stored](w, a)
	var got []string
	for _, r := range st.Results {
		got = append(got, r.Reason)
	}
	want := []string{
		"block/canonical", "block/limit", "block/version", "block/canonical", "block/canonical", "block/canonical",
		"block/payload", "",
	}
	if !slices.Equal(got, want) {
		t.Fatalf("%q,\nwant %q", got, want)
	}
}

func TestAForkIsProvenAndTheFirstBlockStays(t *testing.T) {
	w := newWorld(t, hub.Closed)
	a, b := w.join(), w.join()
	wr := w.net.Writer(1)
	w.wantStored(a, wr.Genesis)
	fork := wr.Draft(block.KindRecord, nil, []byte("mine"), nil)
	first := wr.Record(9)
	w.wantStored(a, first)
	w.send(b, gossip.Frame(&gossip.Sub{Sub: 1, Tags: []block.Tag{wr.Tag}}))
	w.take(b)
	w.wantReason(a, "chain/fork", fork)
	for _, id := range []hub.ConnID{a, b} { // its sender and those who follow the chain
		f := last[*gossip.Fork](w, id)
		p := chain.ForkProof{A: f.HeaderA, SigA: f.SignatureA, B: f.HeaderB, SigB: f.SignatureB}
		if err := p.Verify(w.net.Net(), []block.Key{block.KeyOf(wr.Key)}); err != nil {
			t.Fatalf("the proof: %v", err)
		}
	}
	w.wantStored(a, wr.Record(1)) // what is stored goes on
	last[*gossip.Blocks](w, b)
	w.send(b, gossip.Frame(get(func(g *gossip.Get) { g.Heads = []block.ChainID{wr.State.ID} })))
	if got := w.take(b); len(got) != 2 {
		t.Fatalf("heads of a forked chain: %+v", got)
	}

	unsigned := *fork
	unsigned.Signature = bytes.Repeat([]byte{1}, 64)
	w.wantReason(a, "block/signature", &unsigned)
	if w.hub.Stats().Forks != 1 {
		t.Errorf("%d forks", w.hub.Stats().Forks)
	}
}

func TestAForkInsideOneFrame(t *testing.T) {
	w := newWorld(t, hub.Closed)
	a := w.join()
	wr := w.net.Writer(1)
	one, two := wr.Draft(block.KindRecord, nil, []byte{1}, nil), wr.Draft(block.KindRecord, nil, []byte{2}, nil)
	bad := *one
	bad.Signature = bytes.Repeat([]byte{2}, 64)
	got := w.push(a, wr.Genesis, &bad, two, one)
	if want := []string{"", "block/signature", "", "chain/fork"}; !slices.Equal(got, want) {
		t.Fatalf("%q, want %q", got, want)
	}
	last[*gossip.Fork](w, a)
}

func TestForkFramesAreChecked(t *testing.T) {
	w := newWorld(t, hub.Closed)
	a := w.join()
	wr := w.net.Writer(1)
	other := wr.Draft(block.KindRecord, nil, []byte("b"), nil)
	third := wr.Draft(block.KindRecord, nil, []byte("c"), nil)
	held := wr.Record(1)
	w.wantStored(a, wr.Genesis, held)
	send := func(x, y *block.Block) string {
		w.send(a, gossip.Frame(&gossip.Fork{HeaderA: x.Raw, SignatureA: x.Signature, HeaderB: y.Raw, SignatureB: y.Signature}))
		got := w.take(a)
		if len(got) == 0 {
			return ""
		}
		return got[0].(*gossip.Err).Code
	}
	forged := *other
	forged.Signature = make([]byte, 64)
	for name, pair := range map[string][2]*block.Block{
		"the same block twice":   {held, held},
		"two slots":              {held, wr.Genesis},
		"a forged signature":     {held, &forged},
		"neither is stored here": {other, third},
		"an unknown chain":       {w.net.Writer(2).Record(1), w.net.Writer(2).Record(2)},
	} {
		if got := send(pair[0], pair[1]); got != "fork/invalid" {
			t.Errorf("%s: %q", name, got)
		}
	}
	if got := send(held, other); got != "" {
		t.Fatalf("a true proof: %q", got)
	}
	if _, ok, _ := w.store.Fork(wr.State.ID); !ok {
		t.Error("a true proof was not kept")
	}
}

func TestAFullDiskRefusesWritesAndServesReads(t *testing.T) {
	w := newWorld(t, hub.Closed)
	a := w.join()
	wr := w.net.Writer(1)
	w.wantStored(a, wr.Genesis)
	w.store.Full = true
	r, r2 := wr.Record(1), wr.Record(2)
	if got := w.push(a, wr.Genesis, r, r2); !slices.Equal(got, []string{"", "disk/full", "disk/full"}) {
		t.Fatalf("%q", got)
	}
	w.send(a, gossip.Frame(get(func(g *gossip.Get) { g.Chain, g.To = wr.State.ID, 10 })))
	if got := last[*gossip.Blocks](w, a); len(got.Blocks) != 1 {
		t.Fatalf("%d blocks", len(got.Blocks))
	}
	w.store.Full = false
	w.wantStored(a, r, r2)
}

var errDisk = errors.New("fsync: input/output error")

type brokenStore struct{ hub.Store }

func (brokenStore) Append(hub.Addition) error { return errDisk }

func TestAFailedSyncIsNeverAnswered(t *testing.T) {
	w := newWorld(t, hub.Closed)
	a := w.join()
	out := w.outside()
	out.Store = brokenStore{w.store}
	if _, err := w.hub.Frame(out, a, hubtest.Push(1, w.net.Writer(1).Genesis)); !errors.Is(err, errDisk) {
		t.Fatalf("%v", err)
	}
	if got := w.take(a); len(got) > 0 {
		t.Fatalf("answered %+v", got)
	}
}

func TestStatesSurviveTheHub(t *testing.T) {
	w := newWorld(t, hub.Closed)
	a := w.join()
	wr := w.net.Writer(1)
	w.wantStored(a, wr.Genesis, wr.AddSession())
	w.hub = hub.New(hub.Config{Network: w.net.Network, Relay: w.net.Relay})
	a = w.join()
	w.wantReason(a, "chain/seq", func() *block.Block { c := *wr; c.Record(1); return c.Record(2) }())
	w.wantStored(a, wr.Record(1))
	w.wantStored(a, wr.Genesis)
}

func TestAdmission(t *testing.T) {
	w := newWorld(t, hub.Closed)
	a, g := w.join(), w.guest()
	reader := w.net.Guest(1)
	w.wantReason(a, "admission/guest", reader.Genesis)
	w.wantReason(g, "admission/guest", reader.Genesis)

	forged := w.net.Begin(block.ChainWriting, 2, []block.Admission{block.Admit(w.net.Net(), hubtest.Key("mallory", 0),
		w.net.Issuer, block.AdmitChain, block.KeyOf(hubtest.Key("writer", 2)), hubtest.Hour()+100)})
	w.wantReason(a, "admission/invalid", forged.Genesis)
	borrowed := w.net.Begin(block.ChainWriting, 3, w.net.Admission(block.AdmitChain, block.KeyOf(hubtest.Key("writer", 4))))
	w.wantReason(a, "admission/invalid", borrowed.Genesis)
	wrong := w.net.Begin(block.ChainWriting, 3, w.net.Admission(block.AdmitConnection, block.KeyOf(hubtest.Key("writer", 3))))
	w.wantReason(a, "admission/invalid", wrong.Genesis)
	late := w.net.Begin(block.ChainWriting, 5, []block.Admission{block.Admit(w.net.Net(), w.net.Member, w.net.Issuer,
		block.AdmitChain, block.KeyOf(hubtest.Key("writer", 5)), hubtest.Hour()-1)})
	w.wantReason(a, "admission/invalid", late.Genesis)

	owner := w.net.Begin(block.ChainGrant, 6, w.net.Admission(block.AdmitChain, block.KeyOf(hubtest.Key("writer", 6))))
	w.wantStored(a, owner.Genesis, owner.Grant(reader.State.ID))
	w.wantStored(g, reader.Genesis, reader.AddSession())

	// A chain that a GRANT admitted admits nobody.
	friend := w.net.Guest(7)
	own := w.net.Begin(block.ChainGrant, 8, []block.Admission{})
	w.wantReason(g, "admission/guest", own.Genesis)
	w.wantReason(g, "admission/guest", friend.Genesis)
}

func TestAGuestGrantAdmitsNobody(t *testing.T) {
	w := newWorld(t, hub.Closed)
	a := w.join()
	chainOfGuest := w.net.Begin(block.ChainGrant, 8, []block.Admission{})
	friend := w.net.Guest(7)
	owner := w.net.Begin(block.ChainGrant, 6, w.net.Admission(block.AdmitChain, block.KeyOf(hubtest.Key("writer", 6))))
	w.wantStored(a, owner.Genesis, owner.Grant(chainOfGuest.State.ID))
	w.wantStored(a, chainOfGuest.Genesis, chainOfGuest.Grant(friend.State.ID))
	w.wantReason(a, "admission/guest", friend.Genesis)
}

func TestOneFrameMayHoldAGrantAndTheReaderItNames(t *testing.T) {
	w := newWorld(t, hub.Closed)
	a := w.join()
	reader := w.net.Guest(1)
	owner := w.net.Begin(block.ChainGrant, 6, w.net.Admission(block.AdmitChain, block.KeyOf(hubtest.Key("writer", 6))))
	w.wantStored(a, owner.Genesis, owner.Grant(reader.State.ID), reader.Genesis)

	second := w.net.Guest(2)
	bad := *owner.Grant(second.State.ID)
	bad.Signature = make([]byte, 64)
	got := w.push(a, &bad, second.Genesis)
	if want := []string{"block/signature", "admission/guest"}; !slices.Equal(got, want) {
		t.Fatalf("%q, want %q", got, want)
	}
}

func TestTheOpenPolicyAdmitsGuestsButNoForgery(t *testing.T) {
	w := newWorld(t, hub.Open)
	g := w.guest()
	w.wantStored(g, w.net.Guest(1).Genesis)
	forged := w.net.Begin(block.ChainWriting, 2, []block.Admission{{Issuer: w.net.Issuer, Expiry: 1 << 40, Signature: make([]byte, 64)}})
	w.wantReason(g, "admission/invalid", forged.Genesis)
}

func TestAGuestMayPushOneMiBUntilNamed(t *testing.T) {
	w := newWorld(t, hub.Closed)
	g := w.guest()
	reader := w.net.Guest(1)
	junk := gossip.Frame(&gossip.Push{Request: 1, Blocks: gossip.Bins{make([]byte, 40<<10)}})
	n := 0
	for ; n < 100; n++ {
		w.send(g, junk)
		if e, ok := w.take(g)[0].(*gossip.Err); ok {
			if e.Code != "quota/push" {
				t.Fatalf("%q", e.Code)
			}
			break
		}
	}
	if sent := n * len(junk); sent > 1<<20 || sent < 900<<10 {
		t.Errorf("refused after %d bytes", sent)
	}

	g = w.guest()
	a := w.join()
	owner := w.net.Begin(block.ChainGrant, 6, w.net.Admission(block.AdmitChain, block.KeyOf(hubtest.Key("writer", 6))))
	w.wantStored(a, owner.Genesis, owner.Grant(reader.State.ID))
	w.wantStored(g, reader.Genesis)
	for range 60 {
		w.send(g, junk)
		if _, ok := w.take(g)[0].(*gossip.Stored); !ok {
			t.Fatal("a guest that a GRANT names is still limited")
		}
	}
}

// TestAttackA03 injects blocks into chains that are not the injector's, sealed or signed however it likes.
func TestAttackA03(t *testing.T) {
	w := newWorld(t, hub.Open)
	victim, mallory := w.guest(), w.guest()
	v, m := w.net.Guest(1), w.net.Guest(2)
	w.wantStored(victim, v.Genesis)
	w.wantStored(mallory, m.Genesis)
	inject := v.Draft(block.KindRecord, nil, []byte("planted"), nil)
	byMallory := *inject
	byMallory.Signature = block.Sign(w.net.Net(), m.Key, block.SigBlock, inject.Raw)
	w.wantReason(mallory, "block/signature", &byMallory)
	if w.store.Tail() != 2 {
		t.Errorf("lane of %d, want 2", w.store.Tail())
	}
}

// TestAttackA04 flips every byte of a pushed block: no flip is stored, and none is stored as the block it came from.
func TestAttackA04(t *testing.T) {
	w := newWorld(t, hub.Closed)
	a := w.join()
	wr := w.net.Writer(1)
	w.wantStored(a, wr.Genesis)
	good := wr.Record(20).Encode()
	for i := range good {
		for _, bit := range []byte{1, 0x80} {
			bad := slices.Clone(good)
			bad[i] ^= bit
			w.send(a, gossip.Frame(&gossip.Push{Request: 1, Blocks: gossip.Bins{bad}}))
			if st := last[*gossip.Stored](w, a); st.Results[0].Reason == "" {
				t.Fatalf("byte %d, bit %x: stored", i, bit)
			}
		}
	}
	if w.store.Tail() != 1 {
		t.Fatalf("lane of %d", w.store.Tail())
	}
}

// TestAttackA13 authenticates and enrolls under keys of small order, which verify signatures nobody made.
func TestAttackA13(t *testing.T) {
	w := newWorld(t, hub.Open)
	small := block.Key{block.AlgEd25519, 1} // the identity point
	zero := make([]byte, 64)
	zero[0] = 1
	id := w.arrive("192.0.2.1")
	w.take(id)
	w.send(id, w.net.Hello())
	w.send(id, gossip.Frame(&gossip.Auth{Connection: small, Admission: []block.Admission{}, Signature: zero}))
	if w.gone[id] != "auth/key" {
		t.Errorf("AUTH under the identity point: %q", w.gone[id])
	}
	g := w.guest()
	part := block.Encode(&block.Genesis{Type: block.ChainWriting, Writer: small, Recipient: make([]byte, 32), Admission: []block.Admission{}, RevokeKey: []byte{}})
	b, err := block.New(w.net.Net(), hubtest.Key("any", 1), block.Header{Kind: block.KindGenesis, Time: hubtest.Hour()}, part)
	if err != nil {
		t.Fatal(err)
	}
	b.Signature = zero
	w.wantReason(g, "block/key", b)
}

// TestAttackA16 pushes second encodings of a stored block: longer integers, longer lengths, another array form.
func TestAttackA16(t *testing.T) {
	w := newWorld(t, hub.Closed)
	a := w.join()
	wr := w.net.Writer(1)
	b := wr.Genesis.Encode()
	w.wantStored(a, wr.Genesis)
	long := append([]byte{0xdc, 0, 4}, b[1:]...)         // array 16 for a fixarray
	bin := append([]byte{b[0], 0xc5, 0, b[2]}, b[3:]...) // bin 16 for bin 8
	header := slices.Clone(wr.Genesis.Raw)
	wide := append([]byte{header[0], 0xcc, header[1]}, header[2:]...) // version as uint 8
	inner := *wr.Genesis
	inner.Raw = wide
	for name, bytes := range map[string][]byte{"array": long, "bin": bin, "integer": inner.Encode()} {
		w.send(a, gossip.Frame(&gossip.Push{Request: 1, Blocks: gossip.Bins{bytes}}))
		if got := last[*gossip.Stored](w, a).Results[0].Reason; got != "block/canonical" {
			t.Errorf("%s: %q", name, got)
		}
	}
	if w.store.Tail() != 1 {
		t.Errorf("lane of %d", w.store.Tail())
	}
}

// TestAttackA32 sends frames that promise more than they hold: nothing is allocated for them and the connection ends.
func TestAttackA32(t *testing.T) {
	w := newWorld(t, hub.Closed)
	for name, frame := range map[string][]byte{
		"many blocks":     {byte(gossip.TypePush), 0x92, 1, 0xdd, 0xff, 0xff, 0xff, 0xff},
		"a huge block":    {byte(gossip.TypePush), 0x92, 1, 0x91, 0xc6, 0xff, 0xff, 0xff, 0xff},
		"many tags":       {byte(gossip.TypeSub), 0x94, 1, 0xdd, 0xff, 0xff, 0xff, 0xff},
		"many ids":        {byte(gossip.TypeGet), 0x97, 1, 0xc4, 32},
		"nested arrays":   append([]byte{byte(gossip.TypePush)}, bytes.Repeat([]byte{0x91}, 100_000)...),
		"an unknown type": {200, 0x90},
		"empty":           {},
	} {
		id := w.join()
		allocs := testing.AllocsPerRun(1, func() { hub.Read(frame) })
		if allocs > 100 {
			t.Errorf("%s: %v allocations", name, allocs)
		}
		w.send(id, frame)
		if w.gone[id] == "" {
			t.Errorf("%s: the connection goes on", name)
		}
	}
}

func TestManyForksCostFewVerifications(t *testing.T) {
	w := newWorld(t, hub.Closed)
	a := w.join()
	wr := w.net.Writer(1)
	var forks []*block.Block
	for i := range 200 {
		forks = append(forks, wr.Draft(block.KindRecord, nil, fmt.Append(nil, i), nil))
	}
	w.wantStored(a, wr.Genesis, wr.Record(1))
	for i, r := range w.push(a, forks...) {
		if r != "chain/fork" {
			t.Fatalf("fork %d: %q", i, r)
		}
	}
	if n := len(w.take(a)); n > 16 {
		t.Errorf("%d proofs for one frame", n)
	}
}

func get(set func(*gossip.Get)) *gossip.Get {
	g := &gossip.Get{Request: 1, IDs: []block.ID{}, Heads: []block.ChainID{}, Shares: []block.ID{}, Payload: true}
	set(g)
	return g
}
