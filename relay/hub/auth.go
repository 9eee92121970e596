package hub

import (
	"time"

	"github.com/anamnesis-health/anamnesis/shared/block"
	"github.com/anamnesis-health/anamnesis/shared/gossip"
)

// bearer is what a token of AUTH allows on the blob routes. until is zero while its connection lives.
type bearer struct {
	address string
	guest   bool
	left    int64 // bytes a guest may still write
	until   time.Time
}

type window struct {
	since time.Time
	bytes int64
	rooms int
}

// greet takes the two frames that a connection may send before it is known.
func (h *Hub) greet(w World, c *conn, e Event) {
	if e.size > gossip.MaxBefore {
		h.drop(w, c, "frame/limit")
		return
	}
	if e.err != nil {
		h.drop(w, c, codeOf(e.err, "frame"))
		return
	}
	switch m := e.message.(type) {
	case *gossip.Hello:
		h.hello(w, c, m)
	case *gossip.Auth:
		h.auth(w, c, m)
	default:
		h.drop(w, c, "auth/first")
	}
}

func (h *Hub) hello(w World, c *conn, m *gossip.Hello) {
	switch {
	case c.stage != stageNew:
		h.drop(w, c, "frame/unexpected")
	case m.Lowest > gossip.WireVersion || m.Highest < gossip.WireVersion:
		h.drop(w, c, "hello/version")
	case m.Net != h.net:
		h.drop(w, c, "hello/network")
	default:
		c.stage = stageHello
	}
}

func (h *Hub) auth(w World, c *conn, m *gossip.Auth) {
	if c.stage != stageHello {
		h.drop(w, c, "auth/first")
		return
	}
	if block.CheckKey(m.Connection) != nil {
		h.drop(w, c, "auth/key")
		return
	}
	if block.Verify(h.net, m.Connection, block.SigHello, gossip.HelloBody(h.key, c.from.Nonce), m.Signature) != nil {
		h.drop(w, c, "auth/signature")
		return
	}
	guest := h.conf.Policy == Closed
	if len(m.Admission) == 1 {
		now := uint64(max(w.Now.Unix(), 0))
		if h.conf.Network.CheckAdmission(m.Admission[0], block.AdmitConnection, m.Connection, now) != nil {
			h.drop(w, c, "admission/connection")
			return
		}
		guest = false
	}
	if _, peer := h.conf.Network.LaneOf(m.Connection); peer {
		guest = false
	}
	h.ready(w, c, m.Connection, guest)
}

func (h *Hub) ready(w World, c *conn, key block.Key, guest bool) {
	h.known(c)
	c.stage, c.key, c.guest = stageReady, key, guest
	c.bearer = &bearer{address: c.from.Address, guest: guest}
	quota := uint64(0)
	if guest {
		c.bearer.left, quota = guestPush, guestPush
		h.stats.Guests++
	}
	if len(h.tokens) >= maxTokens {
		for t, b := range h.tokens { // any that outlives its connection
			if !b.until.IsZero() {
				delete(h.tokens, t)
				break
			}
		}
	}
	h.tokens[c.from.Token] = c.bearer
	w.Conns.Send(c.id, gossip.Frame(&gossip.Token{Token: c.from.Token, Quota: quota}))
}

// Grant is what a bearer token allows: for a guest, reads count against its address and writes against its quota.
type Grant struct {
	hub *Hub
	b   *bearer
}

// Bearer finds what a token (32 bytes) allows now. Source: spec/blob-http.md §2.
func (h *Hub) Bearer(token []byte, now time.Time) (Grant, bool) {
	if len(token) != len(block.Hash{}) {
		return Grant{}, false
	}
	b := h.tokens[block.Hash(token)] // 256 random bits: a map look-up tells nothing a guess could use
	if b == nil || !b.until.IsZero() && !now.Before(b.until) {
		return Grant{}, false
	}
	return Grant{h, b}, true
}

// Write takes n bytes from what the token may still write, or says that they are too many.
func (g Grant) Write(n int64) bool {
	if !g.b.guest {
		return true
	}
	if g.b.left < n {
		g.hub.refuse("quota/push")
		return false
	}
	g.b.left -= n
	return true
}

// Read counts n bytes against what a guest's address may read in an hour, or says that they are too many.
func (g Grant) Read(n int64, now time.Time) bool {
	if !g.b.guest {
		return true
	}
	if g.hub.window(g.b.address, now).bytes >= guestRead {
		g.hub.refuse("quota/read")
		return false
	}
	g.hub.window(g.b.address, now).bytes += n
	return true
}

func (h *Hub) window(address string, now time.Time) *window {
	r := h.reads[address]
	if r == nil || now.Sub(r.since) >= readWindow {
		if len(h.reads) >= maxAddresses {
			clear(h.reads)
		}
		r = &window{since: now}
		h.reads[address] = r
	}
	return r
}

// mayRead says whether a guest's address has bytes left, and else for how long it has none.
func (h *Hub) mayRead(c *conn, now time.Time) (bool, time.Duration) {
	if !c.guest {
		return true, 0
	}
	r := h.window(c.from.Address, now)
	return r.bytes < guestRead, r.since.Add(readWindow).Sub(now)
}

func (h *Hub) sent(c *conn, now time.Time, n int) {
	if c.guest {
		h.window(c.from.Address, now).bytes += int64(n)
	}
}

// named lifts a guest's limits: a chain it wrote is one that a GRANT or a member admitted.
func (h *Hub) named(c *conn) {
	if c.guest {
		c.guest, c.bearer.guest = false, false
		h.stats.Guests--
	}
}

func (h *Hub) peer(c *conn) bool {
	_, ok := h.conf.Network.LaneOf(c.key)
	return ok
}

// Receipt signs that the relay holds a complete blob: `stored` over [root, size] in its array form.
// Source: spec/blob-http.md §4.
func (h *Hub) Receipt(root block.Hash, size uint64) []byte {
	return block.Sign(h.net, h.conf.Relay, block.SigStored, receiptBody(root, size))
}
