package hub_test

import (
	"testing"
	"time"

	"github.com/anamnesis-health/anamnesis/relay/hub"
	"github.com/anamnesis-health/anamnesis/relay/hub/hubtest"
	"github.com/anamnesis-health/anamnesis/shared/block"
	"github.com/anamnesis-health/anamnesis/shared/gossip"
)

func sub(id uint32, cursor uint64, tags ...block.Tag) []byte {
	return gossip.Frame(&gossip.Sub{Sub: id, Tags: tags, Cursor: cursor})
}

// long stores a chain of more than one credit holds and gives its blocks.
func long(w *world, a hub.ConnID, n, size int) (*hubtest.Writer, []*block.Block) {
	wr := w.net.Writer(1)
	blocks := []*block.Block{wr.Genesis}
	for range n - 1 {
		blocks = append(blocks, wr.Record(size))
	}
	for at := 0; at < n; at += 50 {
		w.wantStored(a, blocks[at:min(n, at+50)]...)
	}
	return wr, blocks
}

func TestBacklogComesInPagesWithinTheCredit(t *testing.T) {
	w := newWorld(t, hub.Closed)
	a, b := w.join(), w.join()
	wr, blocks := long(w, a, 100, 8000)
	w.send(b, sub(1, 0, wr.Tag))
	got, cursor := 0, uint64(0)
	for got < len(blocks) {
		bytes := 0
		for _, m := range w.take(b) {
			p := m.(*gossip.Blocks)
			for i, x := range p.Blocks {
				if string(x) != string(blocks[got+i].Encode()) {
					t.Fatalf("block %d out of order", got+i)
				}
				bytes += len(x)
			}
			got += len(p.Blocks)
			cursor = p.Cursor
			if p.More != (got < len(blocks)) {
				t.Fatalf("after %d of %d: more is %v", got, len(blocks), p.More)
			}
		}
		if bytes == 0 || bytes > 256<<10+block.MaxBlock {
			t.Fatalf("%d bytes for one credit", bytes)
		}
		w.send(b, gossip.Frame(&gossip.Credit{Sub: 1, Bytes: 1 << 30})) // more than one credit is not given
	}
	if cursor != 100 {
		t.Errorf("cursor %d", cursor)
	}
	again := w.join()
	w.send(again, sub(7, 90, wr.Tag))
	if p := last[*gossip.Blocks](w, again); len(p.Blocks) != 10 {
		t.Errorf("%d blocks after position 90", len(p.Blocks))
	}
	none := w.join()
	w.send(none, sub(7, 1<<63, wr.Tag))
	if p := last[*gossip.Blocks](w, none); len(p.Blocks) != 0 || p.More {
		t.Errorf("from a cursor that is not there: %+v", p)
	}
}

func TestUnknownAndEmptyTagsAnswerAlike(t *testing.T) {
	w := newWorld(t, hub.Closed)
	a, b := w.join(), w.join()
	wr := w.net.Writer(1)
	w.wantStored(a, wr.Genesis)
	near := wr.Tag
	near[15]++
	for _, tag := range []block.Tag{near, {}} {
		w.send(b, sub(1, 0, tag))
		if p := last[*gossip.Blocks](w, b); len(p.Blocks) != 0 || p.More {
			t.Errorf("%x: %+v", tag, p)
		}
		w.send(b, gossip.Frame(&gossip.Unsub{Sub: 1}))
	}
	w.wantStored(a, wr.Record(1))
	if got := w.take(b); len(got) > 0 {
		t.Errorf("after UNSUB: %+v", got)
	}
}

func TestTheLaneIsForRelays(t *testing.T) {
	w := newWorld(t, hub.Open)
	id := w.guest()
	w.send(id, gossip.Frame(&gossip.Sub{Sub: 1, Tags: []block.Tag{}, Lane: 1}))
	if e := last[*gossip.Err](w, id); e.Code != "sub/lane" {
		t.Errorf("%q", e.Code)
	}
	w.wantStored(id, w.net.Guest(1).Genesis)
	if got := w.take(id); len(got) > 0 {
		t.Errorf("%+v", got)
	}
	peer := w.arrive("192.0.2.7")
	hello := last[*gossip.Hello](w, peer)
	w.send(peer, w.net.Hello())
	w.send(peer, gossip.Frame(&gossip.Auth{
		Connection: block.KeyOf(w.net.Relay), Admission: []block.Admission{},
		Signature: block.Sign(w.net.Net(), w.net.Relay, block.SigHello, gossip.HelloBody(block.Key(hello.Relay), hello.Nonce)),
	}))
	w.take(peer)
	w.send(peer, gossip.Frame(&gossip.Sub{Sub: 1, Tags: []block.Tag{}, Lane: 1}))
	if p := last[*gossip.Blocks](w, peer); len(p.Blocks) != 1 {
		t.Errorf("a relay sees %d blocks", len(p.Blocks))
	}
}

func TestASubscriptionNumberServesOnce(t *testing.T) {
	w := newWorld(t, hub.Closed)
	id := w.join()
	w.send(id, sub(1, 0, block.Tag{1}))
	w.take(id)
	for _, n := range []uint32{0, 1} {
		w.send(id, sub(n, 0, block.Tag{2}))
		if e := last[*gossip.Err](w, id); e.Code != "sub/used" {
			t.Errorf("number %d: %q", n, e.Code)
		}
	}
}

// TestAttackA41 lets one subscriber stop reading: the others go on, nothing is queued for it, and at last it is closed.
func TestAttackA41(t *testing.T) {
	w := newWorld(t, hub.Closed)
	a, slow, good := w.join(), w.join(), w.join()
	wr := w.net.Writer(1)
	w.wantStored(a, wr.Genesis)
	w.send(slow, sub(1, 0, wr.Tag))
	w.send(good, sub(1, 0, wr.Tag))
	w.take(slow)
	w.take(good)
	sent := 0
	for i := range 200 {
		w.wantStored(a, wr.Record(4000))
		if n := len(last[*gossip.Blocks](w, good).Blocks); n != 1 {
			t.Fatalf("block %d: the good one got %d", i, n)
		}
		w.send(good, gossip.Frame(&gossip.Credit{Sub: 1, Bytes: 5000}))
		for _, m := range w.take(slow) {
			for _, b := range m.(*gossip.Blocks).Blocks {
				sent += len(b)
			}
		}
	}
	if sent > 256<<10+block.MaxBlock {
		t.Fatalf("%d bytes for a client without credit", sent)
	}
	w.tick(29 * time.Second)
	if got := w.take(slow); len(got) > 0 {
		t.Fatalf("%+v before 30 s", got)
	}
	w.tick(time.Second)
	if h := last[*gossip.Heads](w, slow); h.Cursor != 201 {
		t.Errorf("HEADS at %d", h.Cursor)
	}
	w.tick(time.Second)
	if got := w.take(slow); len(got) > 0 {
		t.Errorf("HEADS again at once: %+v", got)
	}
	for range 27 {
		w.tick(10 * time.Second)
	}
	if w.gone[slow] != "sub/slow" {
		t.Errorf("after 5 min: %q", w.gone[slow])
	}
	if w.gone[good] != "" {
		t.Errorf("the good one: %q", w.gone[good])
	}
}

func TestASlowClientResumesFromItsCursor(t *testing.T) {
	w := newWorld(t, hub.Closed)
	a, b := w.join(), w.join()
	wr := w.net.Writer(1)
	w.wantStored(a, wr.Genesis)
	w.send(b, sub(1, 0, wr.Tag))
	w.take(b)
	for range 100 { // 64 messages are one credit
		w.wantStored(a, wr.Record(10))
	}
	got := len(w.take(b))
	if got != 63 {
		t.Fatalf("%d messages, want the 63 that are left", got)
	}
	w.send(b, gossip.Frame(&gossip.Credit{Sub: 1, Bytes: 1000}))
	if p := last[*gossip.Blocks](w, b); len(p.Blocks) != 37 || p.More {
		t.Fatalf("%d blocks, more %v", len(p.Blocks), p.More)
	}
	w.wantStored(a, wr.Record(10))
	last[*gossip.Blocks](w, b) // live again
}

func TestWithoutRoomASubscriptionWaitsForDrained(t *testing.T) {
	w := newWorld(t, hub.Closed)
	a, b := w.join(), w.join()
	wr := w.net.Writer(1)
	w.wantStored(a, wr.Genesis)
	w.send(b, sub(1, 0, wr.Tag))
	w.take(b)
	w.noWay[b] = true
	w.wantStored(a, wr.Record(10))
	w.wantStored(a, wr.Record(10))
	if got := w.take(b); len(got) > 0 {
		t.Fatalf("%+v", got)
	}
	w.noWay[b] = false
	if err := w.hub.Drained(w.outside(), b); err != nil {
		t.Fatal(err)
	}
	if p := last[*gossip.Blocks](w, b); len(p.Blocks) != 2 {
		t.Fatalf("%d blocks", len(p.Blocks))
	}
}

func TestGetAnswersOnlyWhatIsHeld(t *testing.T) {
	w := newWorld(t, hub.Closed)
	a := w.join()
	wr := w.net.Writer(1)
	r := wr.Record(100)
	w.wantStored(a, wr.Genesis, r)
	ask := func(set func(*gossip.Get)) gossip.Message {
		w.send(a, gossip.Frame(get(set)))
		return w.take(a)[0]
	}
	if p := ask(func(g *gossip.Get) { g.IDs = []block.ID{{1}, r.ID, {2}} }).(*gossip.Blocks); len(p.Blocks) != 1 ||
		string(p.Blocks[0]) != string(r.Encode()) {
		t.Errorf("by id: %+v", p)
	}
	p := ask(func(g *gossip.Get) { g.Chain, g.From, g.To, g.Payload = wr.State.ID, 1, 1<<32-1, false }).(*gossip.Blocks)
	if len(p.Blocks) != 1 || string(p.Blocks[0]) != string(r.Bare().Encode()) {
		t.Errorf("bare: %+v", p)
	}
	h := ask(func(g *gossip.Get) { g.Heads = []block.ChainID{{9}, wr.State.ID, wr.State.ID, {1}} }).(*gossip.Heads)
	if len(h.Heads) != 1 || h.Heads[0].ID != r.ID || h.Heads[0].Seq != 1 {
		t.Errorf("heads: %+v", h)
	}
	if p := ask(func(g *gossip.Get) { g.Chain, g.To = block.ChainID{4}, 9 }).(*gossip.Blocks); len(p.Blocks) != 0 || p.More {
		t.Errorf("an unknown chain: %+v", p)
	}
	if e := ask(func(*gossip.Get) {}).(*gossip.Err); e.Code != "get/empty" {
		t.Errorf("nothing asked: %+v", e)
	}
}

func TestALongRangeComesInPages(t *testing.T) {
	w := newWorld(t, hub.Closed)
	a := w.join()
	wr, blocks := long(w, a, 60, 8000)
	got := 0
	for more := true; more; {
		w.send(a, gossip.Frame(get(func(g *gossip.Get) { g.Chain, g.From, g.To = wr.State.ID, uint32(got), 1000 })))
		p := last[*gossip.Blocks](w, a)
		if n := len(gossip.Frame(p)); n > 256<<10+100 {
			t.Fatalf("a page of %d bytes", n)
		}
		got, more = got+len(p.Blocks), p.More
	}
	if got != len(blocks) {
		t.Errorf("%d of %d", got, len(blocks))
	}
}
