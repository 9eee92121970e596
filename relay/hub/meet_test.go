package hub_test

import (
	"bytes"
	"fmt"
	"testing"
	"time"

	"github.com/anamnesis-health/anamnesis/relay/hub"
	"github.com/anamnesis-health/anamnesis/shared/block"
	"github.com/anamnesis-health/anamnesis/shared/gossip"
)

func (w *world) meet(id hub.ConnID, room byte, slot uint8, body string) {
	w.send(id, gossip.Frame(&gossip.Meet{Room: block.Nonce{room}, Slot: slot, Body: []byte(body)}))
}

func (w *world) wantMeet(id hub.ConnID, slots ...uint8) {
	w.t.Helper()
	got := w.take(id)
	if len(got) != len(slots) {
		w.t.Fatalf("%d messages %+v, want slots %v", len(got), got, slots)
	}
	for i, m := range got {
		p, ok := m.(*gossip.Meet)
		if !ok || p.Slot != slots[i] {
			w.t.Fatalf("message %d: %+v, want slot %d", i, m, slots[i])
		}
	}
}

func TestAMeetingPassesPosts(t *testing.T) {
	w := newWorld(t, hub.Closed)
	host, joiner := w.join(), w.guest()
	w.meet(host, 1, 0, "commitment")
	w.wantMeet(host)
	w.meet(joiner, 1, 1, "mine")
	w.wantMeet(joiner, 0)
	w.wantMeet(host, 1)
	w.meet(host, 1, 2, "hello")
	w.wantMeet(joiner, 2)
	w.meet(host, 1, 2, "hello") // a retry
	w.wantMeet(joiner)
	w.hub.Close(w.outside(), joiner)
	back := w.guest() // reconnected, same bytes
	w.meet(back, 1, 1, "mine")
	w.wantMeet(back, 0, 1, 2)
	w.wantMeet(host)
	looker := w.guest()
	w.meet(looker, 2, 0, "")
	w.wantMeet(looker)
}

func TestAThirdPartyBurnsTheRoom(t *testing.T) {
	w := newWorld(t, hub.Closed)
	host, joiner, third := w.join(), w.guest(), w.guest()
	w.meet(host, 1, 0, "c")
	w.meet(joiner, 1, 1, "mine")
	w.take(host)
	w.take(joiner)
	w.meet(third, 1, 1, "another")
	w.wantMeet(third, 0, 1, gossip.SlotBurnt)
	w.wantMeet(host, gossip.SlotBurnt)
	w.wantMeet(joiner, gossip.SlotBurnt)
	w.meet(host, 1, 2, "hello")
	w.wantMeet(host, gossip.SlotBurnt)
	w.tick(9 * time.Minute)
	w.meet(w.guestOf(&joiner), 1, 1, "mine")
	w.wantMeet(joiner, gossip.SlotBurnt)
	w.tick(time.Minute)
	w.meet(host, 1, 0, "c")
	w.wantMeet(host)
}

func (w *world) guestOf(id *hub.ConnID) hub.ConnID {
	*id = w.guest()
	return *id
}

func TestARoomEndsAfterTenMinutes(t *testing.T) {
	w := newWorld(t, hub.Closed)
	host := w.join()
	w.meet(host, 1, 0, "c")
	w.tick(10 * time.Minute)
	if w.hub.Stats().Rooms != 0 {
		t.Error("the room is still there")
	}
	late := w.guest()
	w.meet(late, 1, 1, "m")
	w.wantMeet(late)
}

func TestAWaitingLinkOutlivesTheRelay(t *testing.T) {
	w := newWorld(t, hub.Closed)
	host := w.join()
	w.meet(host, 1, 8, "c")
	w.hub = hub.New(hub.Config{Network: w.net.Network, Relay: w.net.Relay})
	w.now = w.now.Add(6 * 24 * time.Hour)
	joiner := w.guest()
	w.meet(joiner, 1, 9, "m")
	w.wantMeet(joiner, 8)
	third := w.guest()
	w.meet(third, 1, 9, "x")
	w.wantMeet(third, 8, 9, gossip.SlotBurnt)
	w.wantMeet(joiner, gossip.SlotBurnt)
	w.tick(11 * time.Minute)
	again := w.guest()
	w.meet(again, 1, 9, "m")
	w.wantMeet(again, gossip.SlotBurnt)
	w.tick(8 * 24 * time.Hour)
	w.meet(again, 1, 8, "c")
	w.wantMeet(again)
}

// TestAWaitingRoomEndsSevenDaysAfterItsFirstPost: what is posted later makes it no longer.
func TestAWaitingRoomEndsSevenDaysAfterItsFirstPost(t *testing.T) {
	w := newWorld(t, hub.Closed)
	host := w.join()
	w.meet(host, 1, 8, "c")
	w.tick(6 * 24 * time.Hour)
	w.meet(w.guest(), 1, 9, "m")
	w.tick(23 * time.Hour)
	look := w.guest()
	w.meet(look, 1, 8, "")
	w.wantMeet(look, 8, 9)
	w.tick(time.Hour)
	late := w.guest()
	w.meet(late, 1, 8, "")
	w.wantMeet(late)
}

// TestWhoListensInAWaitingRoomHears: whoever says every few minutes that it listens is told what is posted hours later.
func TestWhoListensInAWaitingRoomHears(t *testing.T) {
	w := newWorld(t, hub.Closed)
	host := w.join()
	w.meet(host, 1, 8, "c")
	for range 40 { // more than an address may open in an hour
		w.tick(5 * time.Minute)
		w.meet(host, 1, 8, "")
		w.wantMeet(host)
	}
	w.meet(w.guest(), 1, 9, "m")
	w.wantMeet(host, 9)
	w.meet(w.guest(), 1, 15, "end")
	w.wantMeet(host, 15)
}

// TestAttackA40WaitingRooms: one address opens 32 waiting rooms an hour; going back to one of them costs nothing.
func TestAttackA40WaitingRooms(t *testing.T) {
	w := newWorld(t, hub.Closed)
	id := w.guest()
	for i := range 40 {
		w.meet(id, byte(i+1), 8, "c")
	}
	refused := 0
	for _, m := range w.take(id) {
		if e, ok := m.(*gossip.Err); ok && e.Code == "limit/rooms" {
			refused++
		}
	}
	if refused != 8 {
		t.Errorf("%d of 40 rooms refused", refused)
	}
	w.tick(20 * time.Minute) // the rooms are forgotten, what waits in them is not
	again := w.guest()
	w.meet(again, 1, 8, "")
	w.wantMeet(again, 8)
}

func TestMeetRefuses(t *testing.T) {
	w := newWorld(t, hub.Closed)
	id := w.join()
	for _, slot := range []uint8{16, 100, gossip.SlotBurnt} {
		w.meet(id, 1, slot, "x")
		if e := last[*gossip.Err](w, id); e.Code != "meet/format" {
			t.Errorf("slot %d: %q", slot, e.Code)
		}
	}
	w.meet(id, 1, 0, string(bytes.Repeat([]byte{1}, 4<<10)))
	w.wantMeet(id)
	w.meet(id, 1, 1, string(bytes.Repeat([]byte{1}, 4<<10+1)))
	if e := last[*gossip.Err](w, id); e.Code != "meet/format" {
		t.Errorf("a body over 4 KiB: %q", e.Code)
	}
	for i := range 7 {
		w.meet(w.guest(), 1, uint8(i), "")
	}
	w.meet(w.guestOf(&id), 1, 3, "x")
	if e := last[*gossip.Err](w, id); e.Code != "meet/busy" {
		t.Errorf("a ninth member: %q", e.Code)
	}
	for i := range 40 {
		w.send(id, gossip.Frame(&gossip.Meet{Room: block.Nonce{2, byte(i)}, Body: []byte("x")}))
	}
	got := w.take(id)
	if len(got) == 0 || got[0].(*gossip.Err).Code != "limit/rooms" {
		t.Errorf("40 rooms from one address: %d refused", len(got))
	}
}

func access(w *world, owner, reader hub.ConnID) (*block.Block, block.Tag) {
	g := w.net.Begin(block.ChainGrant, 6, w.net.Admit(0)[:0])
	r := w.net.Guest(1)
	w.wantStored(owner, g.Genesis)
	grant := g.Grant(r.State.ID)
	w.wantStored(owner, grant)
	w.wantStored(reader, r.Genesis, r.AddSession())
	a := r.Access(grant.ID)
	w.wantStored(reader, a)
	return a, r.Tag
}

func TestSharesAreKeptADayAndHandedOn(t *testing.T) {
	w := newWorld(t, hub.Open)
	owner, reader := w.guest(), w.guest()
	a, tag := access(w, owner, reader)
	w.send(reader, sub(1, 1000, tag))
	w.take(reader)
	share := &gossip.Share{Access: a.ID, Body: []byte("sealed"), Signature: make([]byte, 64)}
	w.send(owner, gossip.Frame(share))
	if got := last[*gossip.Share](w, reader); string(got.Body) != "sealed" {
		t.Fatalf("%+v", got)
	}
	ask := gossip.Frame(get(func(g *gossip.Get) { g.Shares = []block.ID{a.ID} }))
	w.send(reader, ask)
	if got := w.take(reader); len(got) != 2 || got[1].(*gossip.Blocks).More {
		t.Fatalf("%+v", got)
	}
	for i := range 20 {
		share.Body = fmt.Append(nil, i)
		w.send(owner, gossip.Frame(share))
	}
	w.take(reader)
	w.send(reader, ask)
	if got := w.take(reader); len(got) != 9 {
		t.Errorf("%d shares kept, want 8", len(got)-1)
	}
	w.tick(24 * time.Hour)
	w.send(reader, ask)
	if got := w.take(reader); len(got) != 1 {
		t.Errorf("%d shares after a day", len(got)-1)
	}
}

func TestSharesForNothingAreRefused(t *testing.T) {
	w := newWorld(t, hub.Open)
	owner, reader := w.guest(), w.guest()
	a, _ := access(w, owner, reader)
	for name, id := range map[string]block.ID{"unknown": {1}, "a genesis": a.Header.Chain.Genesis(), "a grant": a.Header.Links[0]} {
		w.send(owner, gossip.Frame(&gossip.Share{Access: id, Body: []byte("x"), Signature: make([]byte, 64)}))
		if e := last[*gossip.Err](w, owner); e.Code != "share/access" {
			t.Errorf("%s: %q", name, e.Code)
		}
	}
	w.send(owner, gossip.Frame(&gossip.Share{Access: a.ID, Body: make([]byte, 64<<10+1), Signature: make([]byte, 64)}))
	if e := last[*gossip.Err](w, owner); e.Code != "frame/limit" {
		t.Errorf("a body over 64 KiB: %q", e.Code)
	}
}

func FuzzFrame(f *testing.F) {
	w := newWorld(&testing.T{}, hub.Closed)
	f.Add(w.net.Hello())
	f.Add(sub(1, 0, block.Tag{1}))
	f.Add(gossip.Frame(&gossip.Push{Request: 1, Blocks: gossip.Bins{w.net.Writer(1).Genesis.Encode()}}))
	f.Add(gossip.Frame(&gossip.Meet{Body: []byte("x")}))
	f.Fuzz(func(t *testing.T, frame []byte) {
		w := newWorldOn(t, hub.Open, w.net)
		for _, id := range []hub.ConnID{w.arrive("192.0.2.1"), w.guest()} {
			w.send(id, frame)
			w.send(id, frame)
			w.hub.Close(w.outside(), id)
		}
		if s := w.hub.Stats(); s.Connections != 0 || s.Subscriptions != 0 || s.Guests != 0 {
			t.Fatalf("left behind: %+v", s)
		}
	})
}
