// Package hub is the relay's judgement: what a connection may do, which blocks are kept, who is told. It is pure: each
// event comes in with the outside it may touch and the time, and what follows leaves through that outside. The same
// code runs behind net/http, in a Durable Object and in the simulator.
//
//	client                       relay
//	                     ◄────   HELLO, with a fresh nonce
//	HELLO, AUTH          ────►
//	                     ◄────   TOKEN
//	SUB tags, cursor     ────►   BLOCKS … (backlog in pages, then live, within the credit given)
//	PUSH blocks          ────►   one commit on disk, then STORED with a reason for each refused block
//
// It promises that nothing is acknowledged before the store has it on disk, that every stored block is signed by its
// chain's writer and follows from the blocks before it, and that no client's slowness costs memory: a subscription is
// a cursor, never a queue. It reads nothing sealed; it cannot import what could. It refuses frames before AUTH but
// HELLO and AUTH, guests' chains that no GRANT names, and lanes to anybody but the network's relays.
//
//	h := hub.New(hub.Config{Network: n, Relay: key, Policy: hub.Closed})
//	err := h.Open(w, 1, hub.Arrival{Address: "192.0.2.1", Nonce: nonce, Token: token})
//	wait, err := h.Frame(w, 1, frame)
package hub

import (
	"crypto/ed25519"
	"errors"
	"maps"
	"slices"
	"time"

	"github.com/anamnesis-health/anamnesis/shared/block"
	"github.com/anamnesis-health/anamnesis/shared/gossip"
	"github.com/anamnesis-health/anamnesis/shared/govern"
)

// ConnID names a connection for as long as the hub runs; the shell draws them.
type ConnID uint64

// Conns is how frames leave. No call may call the hub back.
type Conns interface {
	// Send hands a frame to a connection; one that cannot take it is closed by the shell.
	Send(to ConnID, frame []byte)
	// Room says how many bytes a connection's way out may still take. Where there is none, subscriptions wait until
	// the shell calls Drained; answers to requests do not, so a shell stops reading a connection without room.
	Room(to ConnID) int
	// Drop closes a connection after what was sent to it. The shell then calls Hub.Close.
	Drop(to ConnID, code string)
}

// World is what one event may touch.
type World struct {
	Store Store
	Conns Conns
	Now   time.Time
}

// Policy says whom the relay serves.
type Policy uint8

const (
	// Closed wants connections and identities admitted by a member of the network; guests by a stored GRANT.
	Closed Policy = iota
	// Open admits everybody: for a try-out.
	Open
)

// Config is fixed for the life of a hub. Relay is the key of one of the network's lanes.
type Config struct {
	Network *govern.Network
	Relay   ed25519.PrivateKey
	Policy  Policy
}

// Arrival is what the shell knows of a new connection. Address and Prefix (its /24, or /48) only count; Nonce and
// Token are fresh random bytes.
type Arrival struct {
	Address string
	Prefix  string
	Nonce   block.Hash
	Token   block.Hash
}

// Errors of Open.
var (
	ErrBusy = errors.New("too many connections before AUTH from this address")
)

// Stats counts since the start; Connections, Guests, Subscriptions and Rooms are what is held now.
type Stats struct {
	Connections   int
	Guests        int
	Subscriptions int
	Rooms         int
	Stored        uint64
	Duplicates    uint64
	Forks         uint64
	Damaged       uint64
	Refused       map[string]uint64 // by code
}

// Hub holds the connections and the meetings. It is not safe for concurrent use.
type Hub struct {
	net    block.Net
	conf   Config
	key    block.Key
	conns  map[ConnID]*conn
	before map[string]int // connections before AUTH, by address and by prefix
	states map[block.ChainID]Chain
	tags   map[block.Tag]map[*sub]struct{}
	lanes  map[*sub]struct{}
	behind map[*sub]struct{} // subscriptions that wait for credit
	reads  map[string]*window
	tokens map[block.Hash]*bearer
	rooms  map[block.Nonce]*room
	expiry time.Time
	stats  Stats
	nTags  int
}

type stage uint8

const (
	stageNew stage = iota
	stageHello
	stageReady
)

type conn struct {
	id      ConnID
	from    Arrival
	stage   stage
	dropped bool // said goodbye; what it still sends is not read
	opened  time.Time
	key     block.Key
	guest   bool
	bearer  *bearer
	spent   int64 // rate: bytes above what the time since drained has drained
	at      time.Time
	subs    map[uint32]*sub
	tags    int
	rooms   map[block.Nonce]struct{}
}

// New makes a hub for one lane of a network.
func New(c Config) *Hub {
	return &Hub{
		net: c.Network.Net(), conf: c, key: block.KeyOf(c.Relay),
		conns: map[ConnID]*conn{}, before: map[string]int{}, states: map[block.ChainID]Chain{},
		tags: map[block.Tag]map[*sub]struct{}{}, lanes: map[*sub]struct{}{}, behind: map[*sub]struct{}{},
		reads: map[string]*window{}, tokens: map[block.Hash]*bearer{}, rooms: map[block.Nonce]*room{},
		stats: Stats{Refused: map[string]uint64{}},
	}
}

// Open takes a new connection and greets it. It returns ErrBusy when its address has too many that have not
// authenticated; the connection is then unknown to the hub. Source: spec/wire.md §4.
func (h *Hub) Open(w World, id ConnID, a Arrival) error {
	if h.before[a.Address] >= unknownPerAddr || h.before["/"+a.Prefix] >= unknownPerNet {
		h.refuse("limit/connections")
		return ErrBusy
	}
	h.before[a.Address]++
	h.before["/"+a.Prefix]++
	h.conns[id] = &conn{id: id, from: a, opened: w.Now, at: w.Now}
	h.stats.Connections++
	w.Conns.Send(id, gossip.Frame(&gossip.Hello{
		Lowest: gossip.WireVersion, Highest: gossip.WireVersion, Net: h.net, Epoch: h.conf.Network.Epoch(),
		GovHead: h.conf.Network.Block().ID, Nonce: a.Nonce, Relay: h.key[:],
	}))
	return nil
}

func (h *Hub) known(c *conn) {
	for _, k := range []string{c.from.Address, "/" + c.from.Prefix} {
		if h.before[k]--; h.before[k] <= 0 {
			delete(h.before, k)
		}
	}
}

// Close forgets a connection; its token lives on for ten minutes.
func (h *Hub) Close(w World, id ConnID) {
	c := h.conns[id]
	if c == nil {
		return
	}
	delete(h.conns, id)
	h.stats.Connections--
	if c.stage != stageReady {
		h.known(c)
	}
	if c.bearer != nil {
		c.bearer.until = w.Now.Add(tokenWait)
		if c.guest {
			h.stats.Guests--
		}
	}
	for _, s := range c.subs {
		h.unsubscribe(s)
	}
	for r := range c.rooms {
		if room := h.rooms[r]; room != nil {
			delete(room.members, id)
		}
	}
}

// Event is a frame as read: parsed before the hub's turn, so that a shell may do it for many connections at once.
type Event struct {
	size    int
	message gossip.Message
	blocks  []pushed
	err     error
}

// Read parses a frame without touching any state; it is safe for concurrent use.
func Read(frame []byte) Event {
	e := Event{size: len(frame)}
	e.message, e.err = gossip.Parse(frame)
	if p, ok := e.message.(*gossip.Push); ok && len(p.Blocks) <= maxPushBlocks {
		e.blocks = parse(p.Blocks)
	}
	return e
}

// Frame is Handle of Read.
func (h *Hub) Frame(w World, id ConnID, frame []byte) (time.Duration, error) {
	return h.Handle(w, id, Read(frame))
}

// Handle takes one frame of a connection. It returns how long the shell must wait before it reads the next frame of
// this connection, and an error only when the store's durability is unknown: the process must then end without
// answering. Source: spec/wire.md §4.
func (h *Hub) Handle(w World, id ConnID, e Event) (time.Duration, error) {
	c := h.conns[id]
	if c == nil || c.dropped {
		return 0, nil
	}
	if c.stage != stageReady {
		h.greet(w, c, e)
		return 0, nil
	}
	if e.err != nil {
		h.drop(w, c, codeOf(e.err, "frame"))
		return 0, nil
	}
	err := h.serve(w, c, e)
	return c.pay(w.Now, e.size), err
}

func (h *Hub) serve(w World, c *conn, e Event) error {
	switch m := e.message.(type) {
	case *gossip.Push:
		return h.push(w, c, m, e)
	case *gossip.Sub:
		return h.subscribe(w, c, m)
	case *gossip.Unsub:
		if s := c.subs[m.Sub]; s != nil {
			h.unsubscribe(s)
		}
		return nil
	case *gossip.Credit:
		return h.credit(w, c, m)
	case *gossip.Get:
		return h.get(w, c, m)
	case *gossip.Meet:
		return h.meet(w, c, m)
	case *gossip.Share:
		return h.share(w, c, m, e.size)
	case *gossip.Fork:
		return h.fork(w, c, m)
	}
	h.drop(w, c, "frame/unexpected")
	return nil
}

// pay counts a frame against the rate and says how long the next one has to wait.
func (c *conn) pay(now time.Time, size int) time.Duration {
	if d := now.Sub(c.at); d > 0 {
		c.spent = max(0, c.spent-int64(min(d, time.Minute).Seconds()*rateBytes))
		c.at = now
	}
	c.spent += int64(max(size, frameCost))
	if over := c.spent - burstBytes; over > 0 {
		return time.Duration(over) * time.Second / rateBytes
	}
	return 0
}

// Tick does what only time asks for; the shell calls it about once a second. Its error is Handle's.
func (h *Hub) Tick(w World) error {
	var late []ConnID
	for id, c := range h.conns {
		if c.stage != stageReady && w.Now.Sub(c.opened) >= helloWait {
			late = append(late, id)
		}
	}
	slices.Sort(late)
	for _, id := range late {
		h.drop(w, h.conns[id], "auth/late")
	}
	if err := h.stall(w); err != nil || w.Now.Before(h.expiry) {
		return err
	}
	h.expiry = w.Now.Add(expireEvery)
	for id, r := range h.rooms {
		if !w.Now.Before(r.until) {
			delete(h.rooms, id)
		}
	}
	for t, b := range h.tokens {
		if !b.until.IsZero() && !w.Now.Before(b.until) {
			delete(h.tokens, t)
		}
	}
	for a, r := range h.reads {
		if w.Now.Sub(r.since) >= readWindow {
			delete(h.reads, a)
		}
	}
	return w.Store.Expire(w.Now)
}

// Drained says that a connection without room has some again. Its error is Handle's.
func (h *Hub) Drained(w World, id ConnID) error {
	c := h.conns[id]
	if c == nil || c.dropped {
		return nil
	}
	for _, s := range slices.SortedFunc(maps.Values(c.subs), bySub) {
		if _, waits := h.behind[s]; waits {
			if err := h.pump(w, s); err != nil {
				return err
			}
		}
	}
	return nil
}

// Ready says whether a connection has authenticated: only then may its frames be longer than gossip.MaxBefore.
func (h *Hub) Ready(id ConnID) bool {
	c := h.conns[id]
	return c != nil && c.stage == stageReady
}

// Stats is a copy of the counters.
func (h *Hub) Stats() Stats {
	s := h.stats
	s.Rooms = len(h.rooms)
	s.Refused = maps.Clone(h.stats.Refused)
	return s
}

func (h *Hub) refuse(code string) { h.stats.Refused[code]++ }

// fail answers a request that was not done.
func (h *Hub) fail(w World, c *conn, request uint32, code string, retry time.Duration) {
	h.refuse(code)
	w.Conns.Send(c.id, gossip.Frame(&gossip.Err{Request: request, Code: code, RetryAfter: uint32(retry.Milliseconds())}))
}

// drop says why and ends the connection.
func (h *Hub) drop(w World, c *conn, code string) {
	if c.dropped {
		return
	}
	c.dropped = true
	h.fail(w, c, 0, code, 0)
	w.Conns.Drop(c.id, code)
}
