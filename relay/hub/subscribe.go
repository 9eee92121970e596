package hub

import (
	"cmp"
	"maps"
	"slices"
	"time"

	"github.com/anamnesis-health/anamnesis/shared/block"
	"github.com/anamnesis-health/anamnesis/shared/gossip"
)

// sub is one subscription: a place in the lane and how much may still be sent. While live, it has been sent everything
// up to the lane's end, so a new block goes straight from memory; else the store is read from cursor on.
type sub struct {
	conn   *conn
	id     uint32
	tags   []block.Tag // none: the whole lane
	cursor uint64      // meaningless while live
	live   bool
	bytes  int // credit; may fall below zero by one block
	frames int
	since  time.Time // without credit since; zero while it has some
	warned time.Time // when HEADS last said where the lane stands
}

func (s *sub) credit() bool { return s.bytes > 0 && s.frames > 0 }

// may says whether a subscription can be sent anything now.
func (h *Hub) may(w World, s *sub) bool {
	ok, _ := h.mayRead(s.conn, w.Now)
	return ok && s.credit() && w.Conns.Room(s.conn.id) > 0
}

// subscribe starts a subscription and sends its backlog, as far as the first credit goes. Source: spec/wire.md §5.
func (h *Hub) subscribe(w World, c *conn, m *gossip.Sub) error {
	code := ""
	switch {
	case len(m.Tags) == 0 && !h.peer(c):
		code = "sub/lane" // tags are capabilities: only a relay sees the lane whole
	case len(m.Tags) == 0 && m.Lane != h.lane():
		code = "sub/lane"
	case c.subs[m.Sub] != nil || m.Sub == 0:
		code = "sub/used"
	case len(c.subs) >= maxSubs, c.tags+len(m.Tags) > maxTags, c.guest && c.tags+len(m.Tags) > maxGuestTags:
		code = "limit/subscriptions"
	case h.nTags+len(m.Tags) > maxRelayTags:
		code = "limit/relay"
	}
	if code != "" {
		h.fail(w, c, 0, code, 0) // a subscription is no request
		return nil
	}
	s := &sub{conn: c, id: m.Sub, tags: m.Tags, cursor: m.Cursor, bytes: creditBytes, frames: creditFrames}
	if c.subs == nil {
		c.subs = map[uint32]*sub{}
	}
	c.subs[s.id] = s
	c.tags += len(s.tags)
	h.nTags += len(s.tags)
	h.stats.Subscriptions++
	if len(s.tags) == 0 {
		h.lanes[s] = struct{}{}
	}
	for _, t := range s.tags {
		if h.tags[t] == nil {
			h.tags[t] = map[*sub]struct{}{}
		}
		h.tags[t][s] = struct{}{}
	}
	h.behind[s] = struct{}{}
	return h.pump(w, s)
}

func (h *Hub) lane() uint16 {
	l, _ := h.conf.Network.LaneOf(h.key)
	return uint16(l.Number)
}

func (h *Hub) unsubscribe(s *sub) {
	delete(s.conn.subs, s.id)
	s.conn.tags -= len(s.tags)
	h.nTags -= len(s.tags)
	h.stats.Subscriptions--
	delete(h.lanes, s)
	delete(h.behind, s)
	for _, t := range s.tags {
		if delete(h.tags[t], s); len(h.tags[t]) == 0 {
			delete(h.tags, t)
		}
	}
}

// credit lets a subscription go on. It never adds up to more than one full credit.
func (h *Hub) credit(w World, c *conn, m *gossip.Credit) error {
	s := c.subs[m.Sub]
	if s == nil {
		return nil // it may just have ended
	}
	s.bytes = min(creditBytes, s.bytes+int(min(m.Bytes, creditBytes)))
	s.frames = creditFrames
	if s.live {
		return nil
	}
	return h.pump(w, s)
}

// pump sends pages from the store while there is credit. The last page says that there is no more, even when it is
// empty, so that a client knows when it has caught up.
func (h *Hub) pump(w World, s *sub) error {
	for h.may(w, s) {
		p := page{limit: min(pageBytes, s.bytes)}
		tail := w.Store.Tail()
		var err error
		if len(s.tags) == 0 {
			err = w.Store.Lane(s.cursor, pageBlocks, p.take)
		} else {
			err = w.Store.Tagged(s.tags, s.cursor, pageBlocks, p.take)
		}
		if err != nil {
			return err
		}
		h.stats.Damaged += uint64(p.damaged)
		if p.more = p.more || p.seen == pageBlocks; !p.more {
			p.last = max(tail, s.cursor)
		}
		s.cursor = p.last
		h.deliver(w, s, &p)
		s.since = time.Time{}
		if !p.more {
			s.live = true
			delete(h.behind, s)
			return nil
		}
	}
	h.stalled(w, s)
	return nil
}

// page collects blocks up to a number of bytes, at least one.
type page struct {
	limit   int
	blocks  gossip.Bins
	bytes   int
	seen    int
	last    uint64
	more    bool
	damaged int
}

func (p *page) take(b Placed) bool {
	if p.bytes > 0 && p.bytes+len(b.Bytes) > p.limit {
		p.more = true
		return false
	}
	p.seen++
	p.last = b.Position
	if b.Block == nil {
		p.damaged++
		return true
	}
	p.blocks = append(p.blocks, b.Bytes)
	p.bytes += len(b.Bytes)
	return true
}

func (h *Hub) deliver(w World, s *sub, p *page) {
	f := gossip.Frame(&gossip.Blocks{Sub: s.id, Cursor: p.last, More: p.more, Blocks: p.blocks})
	s.bytes -= p.bytes
	s.frames--
	h.sent(s.conn, w.Now, len(f))
	w.Conns.Send(s.conn.id, f)
}

// broadcast tells every live subscription about new blocks: one frame for each, not one for each block. One that has
// no credit left falls behind and reads the store later.
func (h *Hub) broadcast(w World, blocks []Placed) {
	found := map[*sub][]Placed{}
	var order []*sub
	add := func(s *sub, b Placed) {
		if !s.live {
			return
		}
		if found[s] == nil {
			order = append(order, s)
		}
		found[s] = append(found[s], b)
	}
	for _, b := range blocks {
		for s := range h.tags[b.Block.Header.Tag] {
			add(s, b)
		}
		for s := range h.lanes {
			add(s, b)
		}
	}
	slices.SortFunc(order, bySub)
	for _, s := range order {
		h.live(w, s, found[s], blocks[0].Position-1, blocks[len(blocks)-1].Position)
	}
}

// bySub orders subscriptions, so that the same events give the same frames in the same order.
func bySub(a, b *sub) int {
	return cmp.Or(cmp.Compare(a.conn.id, b.conn.id), cmp.Compare(a.id, b.id))
}

func (h *Hub) live(w World, s *sub, blocks []Placed, before, tail uint64) {
	s.cursor = before
	for len(blocks) > 0 {
		if !h.may(w, s) {
			s.live = false
			h.behind[s] = struct{}{}
			h.stalled(w, s)
			return
		}
		p := page{limit: min(pageBytes, s.bytes)}
		for len(blocks) > 0 && p.take(blocks[0]) {
			blocks = blocks[1:]
		}
		if len(blocks) == 0 {
			p.last, p.more = tail, false
		}
		s.cursor = p.last
		h.deliver(w, s, &p)
	}
}

func (h *Hub) stalled(w World, s *sub) {
	if s.since.IsZero() {
		s.since, s.warned = w.Now, w.Now
	}
}

// stall looks after subscriptions that wait for credit: after 30 s they are told where the lane stands, after 5 min
// their connection ends. A guest that waits for its hour is not slow, and goes on when it is over.
func (h *Hub) stall(w World) error {
	for _, s := range slices.SortedFunc(maps.Keys(h.behind), bySub) {
		if ok, _ := h.mayRead(s.conn, w.Now); !ok || s.since.IsZero() {
			continue
		}
		switch {
		case h.may(w, s):
			if err := h.pump(w, s); err != nil {
				return err
			}
		case w.Now.Sub(s.since) >= slowClose:
			h.drop(w, s.conn, "sub/slow")
		case w.Now.Sub(s.warned) >= slowHeads:
			s.warned = w.Now
			w.Conns.Send(s.conn.id, gossip.Frame(&gossip.Heads{Cursor: w.Store.Tail()}))
		}
	}
	return nil
}
