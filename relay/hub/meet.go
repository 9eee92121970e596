package hub

import (
	"bytes"
	"errors"
	"maps"
	"slices"
	"time"

	"github.com/anamnesis-health/anamnesis/shared/block"
	"github.com/anamnesis-health/anamnesis/shared/gossip"
)

// room is one meeting: what was posted and who is told. The relay can read none of it.
type room struct {
	posts   [roomSlots][]byte
	burnt   bool
	waiting bool // something of it is on disk: a link that waits
	until   time.Time
	members map[ConnID]struct{}
}

// meet posts to a room and joins it; an empty body only joins. A newcomer is sent what was posted, the others each
// new post. Another body for a used slot burns the room for everybody: somebody else has the code.
// Source: spec/wire.md §10.
func (h *Hub) meet(w World, c *conn, m *gossip.Meet) error {
	if m.Slot >= waitSlots || len(m.Body) > gossip.MaxMeet {
		h.fail(w, c, 0, "meet/format", 0)
		return nil
	}
	r, code, err := h.room(w, c, m.Room)
	if err != nil {
		return err
	}
	if code != "" {
		h.fail(w, c, 0, code, roomWait)
		return nil
	}
	if r.burnt {
		h.burnt(w, c.id, m.Room)
		return nil
	}
	if _, in := r.members[c.id]; !in {
		if len(r.members) >= maxRoomMembers {
			h.fail(w, c, 0, "meet/busy", 0)
			return nil
		}
		if err := h.join(w, c, m.Room, r); err != nil || r.burnt {
			return err
		}
	}
	if len(m.Body) == 0 {
		if r.waiting {
			r.until = w.Now.Add(roomWait) // who listens there says so again
		}
		return nil
	}
	return h.post(w, c, r, m)
}

// room finds a room or opens one. A room that waits on disk counts once for an address: where its first post came from.
func (h *Hub) room(w World, c *conn, id block.Nonce) (*room, string, error) {
	r := h.rooms[id]
	if r != nil && w.Now.Before(r.until) {
		return r, "", nil
	}
	posts, err := w.Store.Posts(id)
	if err != nil {
		return nil, "", err
	}
	win := h.window(c.from.Address, w.Now)
	if len(h.rooms) >= maxRooms || len(posts) == 0 && h.conf.Policy == Closed && win.rooms >= maxRoomsPerAddr {
		return nil, "limit/rooms", nil
	}
	if len(posts) == 0 {
		win.rooms++
	}
	r = &room{until: w.Now.Add(roomWait), members: map[ConnID]struct{}{}, waiting: len(posts) > 0}
	h.rooms[id] = r
	return r, "", nil
}

// join adds a connection to a room and sends it all posts so far, those on disk too.
func (h *Hub) join(w World, c *conn, id block.Nonce, r *room) error {
	waiting, err := w.Store.Posts(id)
	if err != nil {
		return err
	}
	for _, p := range waiting {
		if p.Slot == gossip.SlotBurnt {
			r.burnt = true
			h.burnt(w, c.id, id)
			return nil
		}
	}
	r.members[c.id] = struct{}{}
	if c.rooms == nil {
		c.rooms = map[block.Nonce]struct{}{}
	}
	c.rooms[id] = struct{}{}
	for slot, body := range r.posts {
		if body != nil {
			h.reply(w, c, &gossip.Meet{Room: id, Slot: uint8(slot), Body: body})
		}
	}
	for _, p := range waiting {
		h.reply(w, c, &gossip.Meet{Room: id, Slot: p.Slot, Body: p.Body})
	}
	return nil
}

func (h *Hub) post(w World, c *conn, r *room, m *gossip.Meet) error {
	held, until, err := h.posted(w, r, m)
	if err != nil {
		return err
	}
	if held != nil {
		if !bytes.Equal(held, m.Body) {
			return h.burn(w, r, m)
		}
		return nil // a retry
	}
	if m.Slot < roomSlots {
		r.posts[m.Slot] = m.Body
	} else {
		r.waiting = true
		err := w.Store.KeepPost(Post{m.Room, m.Slot, m.Body, until})
		if errors.Is(err, ErrFull) {
			h.fail(w, c, 0, "disk/full", 0)
			return nil
		}
		if err != nil {
			return err
		}
	}
	frame := gossip.Frame(m)
	for _, id := range slices.Sorted(maps.Keys(r.members)) {
		if id != c.id {
			w.Conns.Send(id, frame)
		}
	}
	return nil
}

// posted is what a slot holds, and until when a post to it is kept: a waiting room ends 7 days after its first post.
func (h *Hub) posted(w World, r *room, m *gossip.Meet) (held []byte, until time.Time, err error) {
	if m.Slot < roomSlots {
		return r.posts[m.Slot], r.until, nil
	}
	all, err := w.Store.Posts(m.Room)
	until = w.Now.Add(postWait)
	for _, p := range all {
		if p.Until.Before(until) {
			until = p.Until
		}
		if p.Slot == m.Slot {
			held = p.Body
		}
	}
	return held, until, err
}

// burn ends a room for ten minutes, or for as long as a waiting link lives when it was one.
func (h *Hub) burn(w World, r *room, m *gossip.Meet) error {
	r.burnt, r.until = true, w.Now.Add(roomWait)
	r.posts = [roomSlots][]byte{}
	for _, id := range slices.Sorted(maps.Keys(r.members)) {
		h.burnt(w, id, m.Room)
	}
	clear(r.members)
	h.refuse("meet/burnt")
	if m.Slot < roomSlots {
		return nil
	}
	err := w.Store.KeepPost(Post{m.Room, gossip.SlotBurnt, nil, w.Now.Add(postWait)})
	if errors.Is(err, ErrFull) {
		return nil // burnt in memory at least
	}
	return err
}

func (h *Hub) burnt(w World, to ConnID, id block.Nonce) {
	w.Conns.Send(to, gossip.Frame(&gossip.Meet{Room: id, Slot: gossip.SlotBurnt, Body: []byte{}}))
}
