// Command sample is the sample data: a patient's core, a clinician's core, the relay between them and a network of
// their own, in one program that keeps nothing. The cores are those of every other page and the relay is the real one;
// only the disk is memory and the wire is a pair of slices. The network's keys come from a fixed seed that anyone can
// read here, so what it signs is worth nothing anywhere else, and every other network refuses it.
//
//	t, err := begin(host, "https://example.org")
//	result, _, err := t.Call("patient:timeline", []byte(`{"limit":50}`), nil)
//	t.Tick()
package main

import (
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/binary"
	"strings"
	"time"

	"github.com/anamnesis-health/anamnesis/relay/hub"
	"github.com/anamnesis-health/anamnesis/relay/store/memory"
	"github.com/anamnesis-health/anamnesis/shared/block"
	"github.com/anamnesis-health/anamnesis/shared/folder"
	"github.com/anamnesis-health/anamnesis/shared/govern"
	"github.com/anamnesis-health/anamnesis/shared/share"
	"github.com/anamnesis-health/anamnesis/wasm/api"
)

// world is what the program needs of the browser; wasm/bridge's host and the tests' are two.
type world interface {
	Now() int64 // Unix milliseconds
	Changed()
}

// Bounds of one turn. A turn that is not over goes on with the next tick, so that calls get in between.
const (
	maxRounds = 64
	// room is what a connection's way out takes at once: nothing here is slow, so it never fills.
	room = 1 << 24
)

// founded is when the sample network was made: the hour its first version was written, long before any of its blocks.
const founded = 1_790_000_000 / 3600 * 3600

// town is the network, its relay and the people.
type town struct {
	world   world
	origin  string
	network *govern.Network
	hub     *hub.Hub
	store   *memory.Store
	people  []*person
	backMS  int64  // how far the town's clock is behind the world's, while its past is made
	before  *disk  // the patient's, once the past was made: what tricks are played on
	cheated string // the record that the last trick was about, "" for none
}

// person is one participant's browser. Its connection's number is its place among the people, from 1.
type person struct {
	*disk
	name    string
	core    *api.Core
	town    *town
	random  stream
	out, in [][]byte
	fetches []api.FetchRequest
	online  bool
	dropped bool
	waitsMS int64 // what its last tick asked for
}

// begin makes the town and its past.
func begin(w world, origin string) (*town, error) {
	t := &town{world: w, origin: origin}
	relay := seeded("relay", 0)
	if err := t.found(relay); err != nil {
		return nil, err
	}
	t.store = memory.New()
	t.hub = hub.New(hub.Config{Network: t.network, Relay: relay, Policy: hub.Open})
	for _, name := range []string{patient, clinician} {
		if err := t.settleIn(name); err != nil {
			return nil, err
		}
	}
	if err := t.past(); err != nil {
		return nil, err
	}
	t.before = t.person(patient).disk.clone()
	return t, nil
}

// seed is a secret that is none.
func seed(role string, n byte) [32]byte {
	return sha256.Sum256(append([]byte("anamnesis sample data/"+role+"/"), n))
}

func seeded(role string, n byte) ed25519.PrivateKey {
	s := seed(role, n)
	return ed25519.NewKeyFromSeed(s[:])
}

// found makes the network: one member, four witnesses, one lane.
func (t *town) found(relay ed25519.PrivateKey) (err error) {
	recipient := func(n byte) []byte { return share.KeyFromSeed(seed("recipient", n)).Recipient() }
	issuer := block.ChainID(seed("member chain", 0))
	member := seeded("member", 0)
	g := govern.Genesis{Version: 1, Approval: 1, F: 1, Lowest: 1, Highest: 1, HashAlg: 1,
		Members: []govern.Member{{Chain: issuer, Key: block.KeyOf(member), Recipient: recipient(0)}},
		Lanes:   []govern.Lane{{Number: 1, Relay: block.KeyOf(relay), URLs: []string{"https://sample.invalid"}}}}
	for seat := byte(1); seat <= 4; seat++ {
		g.Witnesses = append(g.Witnesses, govern.Witness{Seat: seat, Member: issuer, Ack: block.KeyOf(seeded("ack", seat)),
			Release: block.KeyOf(seeded("release", seat)), Recipient: recipient(seat)})
	}
	t.network, err = govern.Found(g, founded, []ed25519.PrivateKey{member})
	return err
}

// settleIn gives a person an empty browser and connects it.
func (t *town) settleIn(name string) (err error) {
	p := &person{disk: newDisk(), name: name, town: t, random: stream{seed: seed(name, 0)}}
	if p.core, err = api.New(p, t.network.Bytes(), t.origin); err != nil {
		return err
	}
	t.people = append(t.people, p)
	id := hub.ConnID(len(t.people))
	p.online = true
	p.core.Connected()
	a := hub.Arrival{Address: name, Prefix: name, Nonce: block.Hash(seed("nonce", byte(id))), Token: block.Hash(seed("token", byte(id)))}
	return t.hub.Open(t.outside(), id, a)
}

func (t *town) person(name string) *person {
	for _, p := range t.people {
		if p.name == name {
			return p
		}
	}
	return nil
}

func (t *town) nowMS() int64 { return t.world.Now() - t.backMS }

func (t *town) outside() hub.World {
	return hub.World{Store: t.store, Conns: t, Now: time.UnixMilli(t.nowMS())}
}

// Send implements hub.Conns.
func (t *town) Send(to hub.ConnID, frame []byte) {
	p := t.people[to-1]
	p.in = append(p.in, frame)
}

// Room implements hub.Conns.
func (t *town) Room(hub.ConnID) int { return room }

// Drop implements hub.Conns: what the relay sends away stays away, and works on alone.
func (t *town) Drop(to hub.ConnID, _ string) {
	t.people[to-1].dropped = true // the hub is in the middle of a frame: carry tells it afterwards
}

// carry moves what lies ready between people and relay, and lets each work for a moment. It says whether anything moved.
func (t *town) carry() (moved bool, err error) {
	for i, p := range t.people {
		out, in, fetches := p.out, p.in, p.fetches
		p.out, p.in, p.fetches = nil, nil, nil
		for _, f := range out {
			if _, err := t.hub.Frame(t.outside(), hub.ConnID(i+1), f); err != nil {
				return true, err
			}
		}
		if p.dropped {
			p.dropped, p.online = false, false
			t.hub.Close(t.outside(), hub.ConnID(i+1))
			p.core.Disconnected()
		}
		for _, f := range in {
			p.core.Received(f)
		}
		for _, r := range fetches {
			p.core.Fetched(r.ID, 0, nil) // no files beside blocks: they wait on the device, as without a relay
		}
		p.waitsMS = p.core.Tick()
		moved = moved || len(out)+len(in) > 0 || p.waitsMS == 0
	}
	return moved, nil
}

// Tick carries until nothing moves or the turn is over, and answers in how many milliseconds it wants to go on.
func (t *town) Tick() int64 {
	for range maxRounds {
		moved, err := t.carry()
		if err != nil {
			panic(err) // the memory store never fails
		}
		if !moved {
			return t.soonest()
		}
	}
	return 0
}

func (t *town) soonest() int64 {
	next := int64(-1)
	for _, p := range t.people {
		if w := p.waitsMS; w >= 0 && (next < 0 || w < next) {
			next = w
		}
	}
	return next
}

// Call answers "patient:…" and "clinician:…" as that person's core does, and "sample:…" itself.
func (t *town) Call(name string, args, in []byte) (result, out []byte, err error) {
	who, method, _ := strings.Cut(name, ":")
	if p := t.person(who); p != nil {
		return p.core.Call(method, args, in)
	}
	return t.own(method, args)
}

// Connected, Disconnected, Received and Fetched implement bridge.Core; no wire leaves the program.
func (t *town) Connected() {}

// Disconnected does nothing.
func (t *town) Disconnected() {}

// Received does nothing.
func (t *town) Received([]byte) {}

// Fetched does nothing.
func (t *town) Fetched(int, int, []byte) {}

// Now is the town's clock.
func (p *person) Now() int64 { return p.town.nowMS() }

// Random fills p from the person's seed.
func (p *person) Random(b []byte) { p.random.read(b) }

// Send takes a frame for the relay.
func (p *person) Send(frame []byte) {
	if p.online {
		p.out = append(p.out, frame)
	}
}

// Changed passes on that a screen may be stale, once the past is made.
func (p *person) Changed() {
	if p.town.backMS == 0 {
		p.town.world.Changed()
	}
}

// Fetch takes an HTTP request.
func (p *person) Fetch(r api.FetchRequest) { p.fetches = append(p.fetches, r) }

// stream is SHA-256 over seed and count, block after block: equal seeds, equal bytes.
type stream struct {
	seed  [32]byte
	count uint64
	rest  []byte
}

func (s *stream) read(b []byte) {
	for len(b) > 0 {
		if len(s.rest) == 0 {
			sum := sha256.Sum256(binary.BigEndian.AppendUint64(s.seed[:], s.count))
			s.count++
			s.rest = sum[:]
		}
		n := copy(b, s.rest)
		b, s.rest = b[n:], s.rest[n:]
	}
}

func codeOf(err error) (code, detail string) { return api.CodeOf(err) }

func refuse(code, detail string) error { return &folder.Error{Code: code, Detail: detail} }
