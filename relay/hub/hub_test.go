package hub_test

import (
	"bytes"
	"testing"
	"time"

	"github.com/anamnesis-health/anamnesis/relay/hub"
	"github.com/anamnesis-health/anamnesis/relay/hub/hubtest"
	"github.com/anamnesis-health/anamnesis/relay/store/memory"
	"github.com/anamnesis-health/anamnesis/shared/block"
	"github.com/anamnesis-health/anamnesis/shared/gossip"
)

// world is a hub with everything it touches.
type world struct {
	t     *testing.T
	net   *hubtest.Network
	hub   *hub.Hub
	store *memory.Store
	now   time.Time
	inbox map[hub.ConnID][]gossip.Message
	gone  map[hub.ConnID]string
	noWay map[hub.ConnID]bool // connections without room
	last  hub.ConnID
}

func newWorld(t *testing.T, p hub.Policy) *world {
	return newWorldOn(t, p, hubtest.NewNetwork("http://relay.test"))
}

func newWorldOn(t *testing.T, p hub.Policy, n *hubtest.Network) *world {
	return &world{
		t: t, net: n, store: memory.New(), now: hubtest.Now, inbox: map[hub.ConnID][]gossip.Message{},
		hub:  hub.New(hub.Config{Network: n.Network, Relay: n.Relay, Policy: p}),
		gone: map[hub.ConnID]string{}, noWay: map[hub.ConnID]bool{},
	}
}

func (w *world) Send(to hub.ConnID, frame []byte) {
	m, err := gossip.Parse(frame)
	if err != nil {
		w.t.Fatalf("the hub sent a frame that nobody can read: %v", err)
	}
	w.inbox[to] = append(w.inbox[to], m)
}

func (w *world) Drop(to hub.ConnID, code string) { w.gone[to] = code }

func (w *world) Room(to hub.ConnID) int {
	if w.noWay[to] {
		return 0
	}
	return 1 << 20
}

func (w *world) outside() hub.World { return hub.World{Store: w.store, Conns: w, Now: w.now} }

// arrive opens a connection from an address and leaves it before AUTH.
func (w *world) arrive(address string) hub.ConnID {
	w.last++
	a := hub.Arrival{Address: address, Prefix: address, Nonce: block.Hash{byte(w.last), 9}, Token: block.Hash{byte(w.last), byte(w.last >> 8), 8}}
	if err := w.hub.Open(w.outside(), w.last, a); err != nil {
		w.t.Fatal(err)
	}
	return w.last
}

// join opens a connection that the member admitted.
func (w *world) join() hub.ConnID {
	return w.auth(w.arrive("192.0.2.1"), w.net.Admit(int(w.last)))
}

func (w *world) guest() hub.ConnID {
	return w.auth(w.arrive("198.51.100.1"), []block.Admission{})
}

func (w *world) auth(id hub.ConnID, admission []block.Admission) hub.ConnID {
	hello := last[*gossip.Hello](w, id)
	w.send(id, w.net.Hello())
	w.send(id, w.net.Auth(hello, int(id), admission))
	last[*gossip.Token](w, id)
	return id
}

func (w *world) send(id hub.ConnID, frame []byte) time.Duration {
	wait, err := w.hub.Frame(w.outside(), id, frame)
	if err != nil {
		w.t.Fatal(err)
	}
	return wait
}

func (w *world) tick(d time.Duration) {
	w.now = w.now.Add(d)
	if err := w.hub.Tick(w.outside()); err != nil {
		w.t.Fatal(err)
	}
}

// take empties a connection's inbox.
func (w *world) take(id hub.ConnID) []gossip.Message {
	m := w.inbox[id]
	delete(w.inbox, id)
	return m
}

// last takes the inbox, whose only message must be of type M.
func last[M gossip.Message](w *world, id hub.ConnID) M {
	w.t.Helper()
	got := w.take(id)
	var zero M
	if len(got) != 1 {
		w.t.Fatalf("%d messages %+v, want one %T", len(got), got, zero)
	}
	m, ok := got[0].(M)
	if !ok {
		w.t.Fatalf("got %T %+v, want %T", got[0], got[0], zero)
	}
	return m
}

// push pushes blocks and gives the reasons.
func (w *world) push(id hub.ConnID, blocks ...*block.Block) []string {
	w.t.Helper()
	w.send(id, hubtest.Push(1, blocks...))
	var out []string
	for _, m := range w.take(id) {
		if s, ok := m.(*gossip.Stored); ok {
			for i, r := range s.Results {
				if r.ID != blocks[i].ID {
					w.t.Fatalf("result %d names %s, want %s", i, r.ID, blocks[i].ID)
				}
				out = append(out, r.Reason)
			}
		} else {
			w.inbox[id] = append(w.inbox[id], m)
		}
	}
	return out
}

func (w *world) wantStored(id hub.ConnID, blocks ...*block.Block) {
	w.t.Helper()
	for i, r := range w.push(id, blocks...) {
		if r != "" {
			w.t.Fatalf("block %d refused: %s", i, r)
		}
	}
}

func (w *world) wantReason(id hub.ConnID, want string, b *block.Block) {
	w.t.Helper()
	if got := w.push(id, b); len(got) != 1 || got[0] != want {
		w.t.Fatalf("got %q, want %q", got, want)
	}
}

func TestPushedBlocksComeBackToASubscriber(t *testing.T) {
	w := newWorld(t, hub.Closed)
	a, b := w.join(), w.join()
	wr := w.net.Writer(1)
	first := []*block.Block{wr.Genesis, wr.AddSession(), wr.Record(100)}
	w.wantStored(a, first...)
	w.send(b, gossip.Frame(&gossip.Sub{Sub: 5, Tags: []block.Tag{wr.Tag}}))
	got := last[*gossip.Blocks](w, b)
	if len(got.Blocks) != 3 || got.More || got.Cursor != 3 || got.Sub != 5 {
		t.Fatalf("backlog %d blocks, more %v, cursor %d", len(got.Blocks), got.More, got.Cursor)
	}
	for i := range first {
		if !bytes.Equal(got.Blocks[i], first[i].Encode()) {
			t.Errorf("block %d is not the bytes that were pushed", i)
		}
	}
	next := wr.Record(10)
	w.wantStored(a, next)
	live := last[*gossip.Blocks](w, b)
	if len(live.Blocks) != 1 || !bytes.Equal(live.Blocks[0], next.Encode()) || live.Cursor != 4 {
		t.Fatalf("live: %+v", live)
	}
}

func TestDuplicatesKeepTheirPlace(t *testing.T) {
	w := newWorld(t, hub.Closed)
	a := w.join()
	wr := w.net.Writer(1)
	r := wr.Record(1)
	w.wantStored(a, wr.Genesis, r)
	w.wantStored(a, wr.Genesis, r, r, wr.Record(2))
	if w.store.Tail() != 3 {
		t.Fatalf("lane of %d, want 3", w.store.Tail())
	}
}
