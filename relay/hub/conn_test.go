package hub_test

import (
	"bytes"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/anamnesis-health/anamnesis/relay/hub"
	"github.com/anamnesis-health/anamnesis/relay/hub/hubtest"
	"github.com/anamnesis-health/anamnesis/shared/block"
	"github.com/anamnesis-health/anamnesis/shared/gossip"
)

func TestTheRelayGreetsFirst(t *testing.T) {
	w := newWorld(t, hub.Closed)
	h := last[*gossip.Hello](w, w.arrive("192.0.2.1"))
	if h.Net != w.net.Net() || h.Nonce == (block.Hash{}) || !bytes.Equal(h.Relay, w.net.Genesis().Lanes[0].Relay[:]) {
		t.Errorf("%+v", h)
	}
}

func TestAuthRefuses(t *testing.T) {
	key := func(i int) block.Key { return block.KeyOf(hubtest.Key("connection", i)) }
	for name, c := range map[string]struct {
		frames func(w *world, h *gossip.Hello) [][]byte
		want   string
	}{
		"AUTH before HELLO": {func(w *world, h *gossip.Hello) [][]byte { return [][]byte{w.net.Auth(h, 1, w.net.Admit(1))} }, "auth/first"},
		"PUSH before AUTH":  {func(w *world, _ *gossip.Hello) [][]byte { return [][]byte{w.net.Hello(), hubtest.Push(1)} }, "auth/first"},
		"SUB before AUTH": {func(w *world, _ *gossip.Hello) [][]byte {
			return [][]byte{w.net.Hello(), gossip.Frame(&gossip.Sub{Sub: 1, Tags: []block.Tag{{1}}})}
		}, "auth/first"},
		"HELLO twice": {func(w *world, _ *gossip.Hello) [][]byte { return [][]byte{w.net.Hello(), w.net.Hello()} }, "frame/unexpected"},
		"another network": {func(*world, *gossip.Hello) [][]byte {
			return [][]byte{gossip.Frame(&gossip.Hello{Lowest: 1, Highest: 1, Net: block.Net{1}, Relay: []byte{}})}
		}, "hello/network"},
		"another wire version": {func(w *world, _ *gossip.Hello) [][]byte {
			return [][]byte{gossip.Frame(&gossip.Hello{Lowest: 2, Highest: 9, Net: w.net.Net(), Relay: []byte{}})}
		}, "hello/version"},
		"another nonce": {func(w *world, h *gossip.Hello) [][]byte {
			h.Nonce[0] ^= 1
			return [][]byte{w.net.Hello(), w.net.Auth(h, 1, w.net.Admit(1))}
		}, "auth/signature"},
		"another relay": {func(w *world, h *gossip.Hello) [][]byte {
			h.Relay = append([]byte{}, h.Relay...)
			h.Relay[5] ^= 1
			return [][]byte{w.net.Hello(), w.net.Auth(h, 1, w.net.Admit(1))}
		}, "auth/signature"},
		"somebody else's admission": {func(w *world, h *gossip.Hello) [][]byte {
			return [][]byte{w.net.Hello(), w.net.Auth(h, 1, w.net.Admit(2))}
		}, "admission/connection"},
		"a chain's admission": {func(w *world, h *gossip.Hello) [][]byte {
			return [][]byte{w.net.Hello(), w.net.Auth(h, 1, w.net.Admission(block.AdmitChain, key(1)))}
		}, "admission/connection"},
		"an expired admission": {func(w *world, h *gossip.Hello) [][]byte {
			return [][]byte{w.net.Hello(), w.net.Auth(h, 1, []block.Admission{
				block.Admit(w.net.Net(), w.net.Member, w.net.Issuer, block.AdmitConnection, key(1), hubtest.Hour()-1)})}
		}, "admission/connection"},
		"a stranger's admission": {func(w *world, h *gossip.Hello) [][]byte {
			return [][]byte{w.net.Hello(), w.net.Auth(h, 1, []block.Admission{
				block.Admit(w.net.Net(), w.net.Member, block.ChainID{1}, block.AdmitConnection, key(1), hubtest.Hour()+9)})}
		}, "admission/connection"},
		"a frame over 8 KiB": {func(*world, *gossip.Hello) [][]byte { return [][]byte{make([]byte, 8<<10+1)} }, "frame/limit"},
		"noise":              {func(*world, *gossip.Hello) [][]byte { return [][]byte{{1, 2, 3}} }, "frame/canonical"},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, hub.Closed)
			id := w.arrive("192.0.2.1")
			for _, f := range c.frames(w, last[*gossip.Hello](w, id)) {
				w.send(id, f)
			}
			if w.gone[id] != c.want {
				t.Errorf("ended with %q, want %q", w.gone[id], c.want)
			}
			w.take(id)
			w.send(id, w.net.Hello()) // what comes after the end is not read
			if len(w.take(id)) > 0 {
				t.Error("answered after the end")
			}
		})
	}
}

func TestANonceServesOneConnection(t *testing.T) {
	w := newWorld(t, hub.Closed)
	a := w.arrive("192.0.2.1")
	stolen := w.net.Auth(last[*gossip.Hello](w, a), 1, w.net.Admit(1))
	b := w.arrive("192.0.2.1")
	w.send(b, w.net.Hello())
	w.send(b, stolen)
	if w.gone[b] != "auth/signature" {
		t.Errorf("a replayed AUTH: %q", w.gone[b])
	}
}

// TestAttackA40 floods the relay before and after AUTH.
func TestAttackA40(t *testing.T) {
	w := newWorld(t, hub.Closed)
	open := func(address, prefix string) (hub.ConnID, error) {
		w.last++
		return w.last, w.hub.Open(w.outside(), w.last, hub.Arrival{Address: address, Prefix: prefix})
	}
	var ids []hub.ConnID
	for range 20 {
		id, err := open("a", "net")
		if err != nil {
			t.Fatal(err)
		}
		ids = append(ids, id)
	}
	if _, err := open("a", "net"); !errors.Is(err, hub.ErrBusy) {
		t.Errorf("the 21st of an address: %v", err)
	}
	for i := range 180 {
		id, err := open(fmt.Sprint("b", i/18), "net")
		if err != nil {
			t.Fatal(i, err)
		}
		ids = append(ids, id)
	}
	if _, err := open("c", "net"); !errors.Is(err, hub.ErrBusy) {
		t.Errorf("the 201st of a /24: %v", err)
	}
	if _, err := open("d", "elsewhere"); err != nil {
		t.Errorf("another network is shut out: %v", err)
	}
	w.tick(10 * time.Second)
	for _, id := range ids {
		if w.gone[id] != "auth/late" {
			t.Fatalf("%d after 10 s: %q", id, w.gone[id])
		}
		w.hub.Close(w.outside(), id)
	}
	if _, err := open("a", "net"); err != nil {
		t.Errorf("after they are gone: %v", err)
	}

	// After AUTH: what is over the rate waits, and is never refused.
	id := w.join()
	big := gossip.Frame(&gossip.Push{Request: 1, Blocks: gossip.Bins{make([]byte, 1<<20-64)}})
	var waited time.Duration
	for range 70 {
		waited = w.send(id, big)
		if _, ok := w.take(id)[0].(*gossip.Stored); !ok {
			t.Fatal("refused")
		}
	}
	if waited < 2*time.Second || waited > 4*time.Second {
		t.Errorf("after 70 MiB at once the next frame waits %v, want 3 s", waited)
	}
	w.now = w.now.Add(time.Minute)
	if waited = w.send(id, big); waited != 0 {
		t.Errorf("a minute later it waits %v", waited)
	}
	small := gossip.Frame(&gossip.Credit{Sub: 9, Bytes: 1})
	for range 70_000 {
		waited = w.send(id, small)
	}
	if waited == 0 {
		t.Error("70,000 small frames at once do not wait")
	}
	tags := make([]block.Tag, 256)
	for i := range 64 {
		tags[0] = block.Tag{byte(i)}
		w.send(id, gossip.Frame(&gossip.Sub{Sub: uint32(i + 1), Tags: tags}))
	}
	w.take(id)
	w.send(id, gossip.Frame(&gossip.Sub{Sub: 65, Tags: tags[:1]}))
	if e := last[*gossip.Err](w, id); e.Code != "limit/subscriptions" {
		t.Errorf("the 65th subscription: %q", e.Code)
	}
}

func TestTokens(t *testing.T) {
	w := newWorld(t, hub.Closed)
	id := w.arrive("192.0.2.1")
	hello := last[*gossip.Hello](w, id)
	w.send(id, w.net.Hello())
	w.send(id, w.net.Auth(hello, 1, []block.Admission{}))
	tok := last[*gossip.Token](w, id)
	if tok.Quota != 1<<20 {
		t.Errorf("a guest's quota is %d", tok.Quota)
	}
	g, ok := w.hub.Bearer(tok.Token[:], w.now)
	if !ok || !g.Write(1<<20) || g.Write(1) {
		t.Error("a guest's token should be good for 1 MiB and no more")
	}
	w.hub.Close(w.outside(), id)
	if _, ok := w.hub.Bearer(tok.Token[:], w.now.Add(10*time.Minute-1)); !ok {
		t.Error("a token ends with its connection, want 10 min later")
	}
	if _, ok := w.hub.Bearer(tok.Token[:], w.now.Add(10*time.Minute)); ok {
		t.Error("a token lives for more than 10 min")
	}
	w.tick(11 * time.Minute)
	for _, bad := range [][]byte{nil, tok.Token[:31], make([]byte, 32), append(tok.Token[:], 0)} {
		if _, ok := w.hub.Bearer(bad, w.now); ok {
			t.Errorf("token %x", bad)
		}
	}
}

func TestAGuestReads64MiBAnHourPerAddress(t *testing.T) {
	w := newWorld(t, hub.Closed)
	a, g := w.join(), w.guest()
	wr := w.net.Writer(1)
	blocks := []*block.Block{wr.Genesis}
	for range 30 {
		blocks = append(blocks, wr.Record(16000))
	}
	w.wantStored(a, blocks...)
	ask := gossip.Frame(get(func(m *gossip.Get) { m.Chain, m.To = wr.State.ID, 1000 }))
	read := 0
	for {
		w.send(g, ask)
		m := w.take(g)[0]
		if e, ok := m.(*gossip.Err); ok {
			if e.Code != "quota/read" || e.RetryAfter == 0 {
				t.Fatalf("%+v", e)
			}
			break
		}
		read += len(gossip.Frame(m))
		if read > 100<<20 {
			t.Fatal("no end")
		}
	}
	if read < 64<<20 || read > 65<<20 {
		t.Errorf("%d bytes", read)
	}
	same := w.guest() // another connection of the same address
	w.send(same, ask)
	if _, ok := w.take(same)[0].(*gossip.Err); !ok {
		t.Error("a second connection reads on")
	}
	w.send(a, ask)
	if _, ok := w.take(a)[0].(*gossip.Blocks); !ok {
		t.Error("an admitted connection is limited")
	}
	w.now = w.now.Add(time.Hour)
	w.send(g, ask)
	if _, ok := w.take(g)[0].(*gossip.Blocks); !ok {
		t.Error("an hour later it is still limited")
	}
}
