package folder

import (
	"bytes"
	"crypto/ed25519"
	"slices"
	"sort"
	"strings"

	"github.com/anamnesis-health/anamnesis/shared/block"
	"github.com/anamnesis-health/anamnesis/shared/chain"
	"github.com/anamnesis-health/anamnesis/shared/gossip"
	"github.com/anamnesis-health/anamnesis/shared/grant"
)

// Link is the state of the connection to the relay.
type Link uint8

// The states of the connection.
const (
	linkOffline Link = iota
	linkConnecting
	linkOnline
)

// syncer speaks the wire for the engine: it pushes what waits, follows the chains that matter by range, and hears
// of news by tags. It holds no secret.
type syncer struct {
	state   Link
	token   block.Hash
	request uint32
	answers map[uint32]func(gossip.Message)
	wanted  map[block.ChainID]bool // chains asked for and not complete
	extra   map[block.ChainID]bool // chains that tags led to
	tags    []block.Tag
	sub     uint32
	subs    int
	cursor  uint64
	pushing bool
	holdMS  int64 // no PUSH before this time, after a refusal
	pollMS  int64
	eager   bool // another device wrote what changes whom to follow
	shareMS int64
	shares  []func() *gossip.Share
	replace []block.ChainID // own chains that forked
	// admittance is what the relay said last; it stays while offline.
	admittance Admittance
	dirty      bool
	dropped    int
	lastDrop   string
	relay      block.Key
}

// LinkState says how the connection stands.
func (e *Engine) LinkState() Link { return e.sync.state }

// Online says whether the relay let this connection in.
func (l Link) Online() bool { return l == linkOnline }

// Connecting says whether a connection is being made.
func (l Link) Connecting() bool { return l == linkConnecting }

// Connected tells the engine that a socket to the relay is open; the relay speaks first.
func (e *Engine) Connected() {
	e.sync.reset()
	e.sync.state = linkConnecting
	e.world.Changed()
}

// Disconnected tells it that the socket is gone. What was asked is asked again on the next one.
func (e *Engine) Disconnected() {
	e.sync.reset()
	e.world.Changed()
}

func (s *syncer) reset() {
	s.state, s.pushing, s.holdMS, s.pollMS = linkOffline, false, 0, 0
	s.answers, s.wanted = map[uint32]func(gossip.Message){}, map[block.ChainID]bool{}
	s.tags, s.subs, s.relay = nil, 0, block.Key{}
	if s.extra == nil {
		s.extra = map[block.ChainID]bool{}
	}
}

func (s *syncer) start(e *Engine) {
	if s.state == linkOnline {
		s.online(e)
	}
}

func (s *syncer) stop() { s.replace, s.shares, s.tags = nil, nil, nil }

// forget drops what was asked for a profile that is no more.
func (s *syncer) forget() {
	s.answers, s.wanted, s.extra, s.cursor, s.pushing = map[uint32]func(gossip.Message){}, map[block.ChainID]bool{}, map[block.ChainID]bool{}, 0, false
}

// Received takes one frame from the relay. A frame that does not parse is dropped and counted; it changes nothing.
func (e *Engine) Received(frame []byte) {
	m, err := gossip.Parse(frame)
	if err != nil {
		e.refused(block.ID{}, err)
		return
	}
	s := &e.sync
	switch m := m.(type) {
	case *gossip.Hello:
		s.greet(e, m)
	case *gossip.Token:
		if s.state != linkConnecting || s.relay == (block.Key{}) {
			e.refused(block.ID{}, block.ErrVersion)
			return
		}
		s.token, s.state, s.admittance = m.Token, linkOnline, AdmittanceOpen
		if m.Quota > 0 {
			s.admittance = AdmittanceClosed
		}
		s.online(e)
	case *gossip.Stored:
		s.answered(m.Request, m)
	case *gossip.Blocks:
		s.blocks(e, m)
	case *gossip.Heads:
		s.answered(m.Request, m)
	case *gossip.Meet:
		e.takeMeet(m)
	case *gossip.Share:
		if e.me != nil {
			if err := e.takeShare(m); err != nil {
				e.refused(m.Access, err)
			}
		}
	case *gossip.Fork:
		s.fork(e, m)
	case *gossip.Err:
		s.failed(e, m)
	default:
		e.refused(block.ID{}, block.ErrVersion)
	}
}

// greet checks that this is a relay of the network and proves a fresh connection key to it.
func (s *syncer) greet(e *Engine, h *gossip.Hello) {
	if s.state != linkConnecting {
		return
	}
	if h.Net != e.net || len(h.Relay) != 33 || h.Lowest > gossip.WireVersion || h.Highest < gossip.WireVersion {
		e.notify("relay/other", "relay/network", "")
		return
	}
	s.relay = block.Key(h.Relay)
	if _, ok := e.network.LaneOf(s.relay); !ok {
		e.notify("relay/other", "relay/network", "")
		return
	}
	seed := e.secret()
	key := ed25519.NewKeyFromSeed(seed[:])
	e.world.Send(gossip.Frame(&gossip.Hello{Lowest: gossip.WireVersion, Highest: gossip.WireVersion, Net: e.net,
		Epoch: e.network.Epoch(), GovHead: block.ID(e.net), Nonce: block.Hash(e.secret())}))
	e.world.Send(gossip.Frame(&gossip.Auth{Connection: block.KeyOf(key),
		Signature: block.Sign(e.net, key, block.SigHello, gossip.HelloBody(s.relay, h.Nonce))}))
}

// online begins the work of a connection.
func (s *syncer) online(e *Engine) {
	if e.restore != nil {
		e.restore.begin(e)
	}
	if e.me != nil {
		s.follow(e)
		s.push(e)
		clear(e.blobs.later)
		e.blobs.start(e)
	}
	for _, m := range e.meetings() {
		if m.code == "" {
			e.enter(m)
		}
	}
	e.world.Changed()
}

// ask sends a request and keeps what to do with its answer.
func (s *syncer) ask(e *Engine, m func(request uint32) gossip.Message, then func(gossip.Message)) {
	s.request++
	s.answers[s.request] = then
	e.world.Send(gossip.Frame(m(s.request)))
}

func (s *syncer) answered(request uint32, m gossip.Message) {
	if then := s.answers[request]; then != nil {
		delete(s.answers, request)
		then(m)
	}
}

// failed handles ERR: of a request, or of the connection.
func (s *syncer) failed(e *Engine, m *gossip.Err) {
	if m.Request != 0 {
		s.answered(m.Request, m)
		return
	}
	if e.meet != nil && (m.Code == "limit/rooms" || len(m.Code) > 5 && m.Code[:5] == "meet/") {
		e.meet.code = m.Code
		e.world.Changed()
		return
	}
	e.notify("relay/"+m.Code, m.Code, "")
}

// want asks for a chain from where it is held, whole, until there is no more.
func (s *syncer) want(e *Engine, id block.ChainID) {
	if s.state != linkOnline || s.wanted[id] {
		return
	}
	s.wanted[id] = true
	s.page(e, id)
}

func (s *syncer) page(e *Engine, id block.ChainID) {
	from := uint32(0)
	if c := e.hold.chains[id]; c != nil {
		from = c.state.Seq + 1
	}
	s.ask(e, func(r uint32) gossip.Message {
		return &gossip.Get{Request: r, Chain: id, From: from, To: 1<<32 - 1, Payload: true}
	}, func(m gossip.Message) {
		b, ok := m.(*gossip.Blocks)
		if !ok {
			delete(s.wanted, id)
			return
		}
		s.take(e, b.Blocks, false)
		c := e.hold.chains[id]
		if b.More && c != nil && c.state.Seq+1 > from {
			s.page(e, id)
			return
		}
		delete(s.wanted, id)
		if e.restore != nil {
			e.restore.fetched(e, id)
		}
	})
}

// blocks handles BLOCKS of a request or a subscription, and gives the credit back.
func (s *syncer) blocks(e *Engine, m *gossip.Blocks) {
	if m.Request != 0 {
		s.answered(m.Request, m)
		return
	}
	n := 0
	for _, b := range m.Blocks {
		n += len(b)
	}
	s.cursor = max(s.cursor, m.Cursor)
	s.take(e, m.Blocks, true)
	e.world.Send(gossip.Frame(&gossip.Credit{Sub: m.Sub, Bytes: uint32(n)}))
}

// take receives blocks and lets the folders see what is new. Blocks of chains that are not here yet lead to them.
func (s *syncer) take(e *Engine, frames [][]byte, byTag bool) {
	err := e.together(func() error { return s.kept(e, frames, byTag) })
	if err != nil {
		e.notify("storage", codeName(err, "storage/failed"), "")
	} else if s.eager {
		s.pollMS = 0
	}
	s.eager = false
}

// kept is take; on an error of the disk nothing of it stays, and it is asked for again.
func (s *syncer) kept(e *Engine, frames [][]byte, byTag bool) error {
	fresh, lacking, err := e.receive(frames, byTag)
	if err != nil {
		return err
	}
	for _, id := range lacking {
		if e.hold.chains[id] == nil && !s.extra[id] {
			if !byTag || len(s.extra) == maxExtra {
				continue // nobody asked for it
			}
			s.extra[id] = true
		}
		s.want(e, id)
	}
	if len(fresh) == 0 {
		return nil
	}
	s.dirty = true
	if e.restore != nil && e.restore.identity == (block.ChainID{}) {
		e.restore.find(e)
	}
	if e.me == nil {
		return nil
	}
	if err := e.stored(fresh); err != nil {
		return err
	}
	for _, b := range fresh {
		if err := e.saw(b); err != nil {
			return err
		}
	}
	e.world.Changed()
	return nil
}

// saw shows one new block to the folders it may concern.
func (e *Engine) saw(b *block.Block) error {
	id := b.Chain()
	if own := e.me.own; own != nil {
		if b.Header.Kind == block.KindDevice && string(id[:]) == string(e.me.vault.Identity) {
			return e.sawDevice(b)
		}
		for _, w := range own.m.Writers {
			if w.Chain == id {
				return e.ownerSees(b.ID)
			}
		}
		if err := e.adopt(b); err != nil {
			return err
		}
	}
	for _, f := range e.me.shared {
		switch {
		case id == f.grant && b.Header.Kind == block.KindGrant:
			if err := e.openGrant(f.state); err != nil {
				e.notify("grant/"+f.grant.Hex(), codeName(err, "grant/invalid"), "")
			}
			e.sync.follow(e)
		case id == f.grant:
			e.checkStopped(f, e.hold.chains[id])
		case id == f.identity:
			f.nameAgain()
		case b.Header.Kind == block.KindRecord:
			e.scanRecord(f, b.ID)
		}
	}
	return e.joinGrants()
}

// follow asks for every chain that matters and subscribes to the tags under which news will come.
func (s *syncer) follow(e *Engine) {
	if s.state != linkOnline || e.me == nil {
		return
	}
	s.pollMS = e.world.Now() + pollEveryMS
	e.noteEndings()
	now := e.hour()
	s.wantGrants(e)
	for i := range e.me.state.Writers {
		if w := &e.me.state.Writers[i]; w.Frozen {
			s.want(e, w.Chain)
		}
	}
	if own := e.me.own; own != nil {
		for _, w := range own.m.Writers {
			if w.Own {
				s.want(e, w.Chain) // other devices of this folder, or its other life
			}
		}
	}
	for _, id := range e.ownChains() {
		s.want(e, id) // a restored backup finds here what its other life wrote, before it writes over it
	}
	var tags []block.Tag
	if own := e.me.own; own != nil {
		tags = s.followOwn(e, now)
		for i := range own.m.Grants {
			g := &own.m.Grants[i]
			if e.world.Now()-int64(g.Expiry)*1000 > followForMS {
				continue
			}
			s.want(e, g.Reader)
			tags = append(tags, grant.DayTags(e.net, grant.TagKey(e.net, grant.Secret(g.G)), g.Reader, now)...)
			if e.grantState(g) != "active" {
				continue // its asking is still heard, and refused; it has nothing more to write
			}
			for _, k := range lately(own.m.Keys) {
				if slices.Contains(g.Sections, k.Section) {
					tags = append(tags, grant.DayTags(e.net, grant.TagKey(e.net, grant.Secret(k.K)), g.Reader, now)...)
				}
			}
		}
	}
	for _, f := range e.me.shared {
		tags = append(tags, s.followShared(e, f, now)...)
	}
	s.subscribe(e, tags)
}

// remember follows a chain that tags led to, also after a restart.
func (s *syncer) remember(id block.ChainID) {
	if s.extra == nil {
		s.extra = map[block.ChainID]bool{}
	}
	if len(s.extra) < maxExtra {
		s.extra[id] = true
	}
}

func (s *syncer) followShared(e *Engine, f *sharedFolder, now uint64) []block.Tag {
	if f.stopped != 0 {
		return nil
	}
	s.want(e, f.grant)
	if len(f.state.Identity) == 32 {
		s.want(e, f.identity)
	}
	g := grant.TagKey(e.net, f.sealed.G)
	tags := append([]block.Tag{grant.GrantTag(e.net, f.state.Chain)}, grant.DayTags(e.net, g, f.grant, now)...)
	tags = append(tags, grant.DayTags(e.net, g, f.state.Chain, now)...)
	chains := []block.ChainID{}
	for _, w := range f.sealed.Writers {
		chains = append(chains, w.Chain)
	}
	for id := range s.extra {
		chains = append(chains, id)
	}
	for _, c := range chains {
		s.want(e, c)
	}
	for _, k := range lately(f.keys) {
		tk := grant.TagKey(e.net, grant.Secret(k.K))
		for _, c := range chains {
			tags = append(tags, grant.DayTags(e.net, tk, c, now)...)
		}
		tags = append(tags, grant.DiscoveryTags(e.net, tk, now)...)
	}
	return tags
}

// mayBegin says whether a chain that is not held may begin: it was asked for, or a tag led to it. Anybody can make
// valid chains, so that otherwise a relay could fill this disk.
func (s *syncer) mayBegin(id block.ChainID, byTag bool) bool {
	switch {
	case s.wanted[id], s.extra[id]:
		return true
	case !byTag || len(s.extra) == maxExtra:
		return false
	}
	s.extra[id] = true
	return true
}

// lately gives the two newest key epochs of each section: what somebody writes now is tagged with one of them, and the
// chains are asked for by range too. Keys stand oldest first.
func lately(keys []sectionKey) []sectionKey {
	var out []sectionKey
	count := map[uint8]int{}
	for _, k := range slices.Backward(keys) {
		if count[k.Section]++; count[k.Section] <= 2 {
			out = append(out, k)
		}
	}
	return out
}

// subscribe replaces the subscriptions when the tags have changed.
func (s *syncer) subscribe(e *Engine, tags []block.Tag) {
	sort.Slice(tags, func(i, j int) bool { return bytes.Compare(tags[i][:], tags[j][:]) < 0 })
	tags = slices.Compact(tags)
	if slices.Equal(tags, s.tags) {
		return
	}
	for i := range s.subs {
		e.world.Send(gossip.Frame(&gossip.Unsub{Sub: s.sub - uint32(i)}))
	}
	s.tags, s.subs = tags, 0
	for len(tags) > 0 && s.subs < maxSubs {
		n := min(len(tags), maxTags)
		s.sub++
		s.subs++
		e.world.Send(gossip.Frame(&gossip.Sub{Sub: s.sub, Tags: tags[:n], Cursor: s.cursor}))
		e.world.Send(gossip.Frame(&gossip.Credit{Sub: s.sub, Bytes: credit}))
		tags = tags[n:]
	}
}

// push sends the oldest waiting blocks, one PUSH at a time. That they were attempted is on the disk first.
func (s *syncer) push(e *Engine) {
	if s.state != linkOnline || s.pushing || e.me == nil || waits(e.world.Now(), s.holdMS, maxHoldMS) {
		return
	}
	var ids, attempt []block.ID
	var frames gossip.Bins
	size := 0
	stuck := map[block.ChainID]bool{} // a chain whose next block waits for its blob
	for _, id := range e.outbox.waiting {
		h := e.hold.blocks[id]
		if stuck[h.chain] || e.blobs.waits(id) {
			stuck[h.chain] = true
			continue
		}
		raw, err := e.log.Read(h.ref)
		if err != nil || size+len(raw) > pushBytes || len(ids) == pushBlocks {
			break
		}
		size += len(raw)
		ids, frames = append(ids, id), append(frames, raw)
		if !e.outbox.attempted[id] {
			attempt = append(attempt, id)
		}
	}
	if len(ids) == 0 {
		return
	}
	if len(attempt) > 0 && !e.keepMarks(markAttempted, attempt) {
		return
	}
	s.pushing = true
	s.ask(e, func(r uint32) gossip.Message { return &gossip.Push{Request: r, Blocks: frames} },
		func(m gossip.Message) { s.pushed(e, ids, m) })
}

// pushed records what the relay stored, and why it did not store the rest.
func (s *syncer) pushed(e *Engine, ids []block.ID, m gossip.Message) {
	s.pushing = false
	stored, ok := m.(*gossip.Stored)
	if !ok {
		code := "relay/refused"
		if err, isErr := m.(*gossip.Err); isErr {
			code = err.Code
			s.holdMS = e.world.Now() + min(max(int64(err.RetryAfter), 1000), maxHoldMS)
		}
		for _, id := range ids {
			e.outbox.reasons[id] = code
		}
		e.world.Changed()
		return
	}
	var sent []block.ID
	for _, r := range stored.Results {
		if !slices.Contains(ids, r.ID) {
			continue
		}
		if r.Reason == "" {
			sent = append(sent, r.ID)
			continue
		}
		e.outbox.reasons[r.ID] = r.Reason
		s.holdMS = e.world.Now() + holdMS
		switch {
		case r.Reason == "chain/fork":
			s.replace = append(s.replace, e.hold.blocks[r.ID].chain)
		case strings.HasPrefix(r.Reason, "admission/") && e.me != nil && e.me.own != nil:
			e.notify(noticeAdmission, "admission/needed", "")
		}
	}
	if len(sent) > 0 && !e.keepMarks(markSent, sent) {
		return
	}
	for _, id := range sent {
		e.hold.sent(id)
	}
	e.world.Changed()
	e.replaceForked()
	s.sendShares(e)
	s.push(e)
}

// share queues an answer to an ACCESS and sends it when there is a connection.
func (s *syncer) share(e *Engine, m *gossip.Share) {
	s.shares = append(s.shares, func() *gossip.Share { return m })
	s.sendShares(e)
}

// shareLater queues an answer that is made when it can be sent.
func (s *syncer) shareLater(make func() *gossip.Share) {
	s.shares = append(s.shares, make)
}

func (s *syncer) sendShares(e *Engine) {
	if s.state != linkOnline {
		return
	}
	for _, f := range s.shares {
		e.world.Send(gossip.Frame(f()))
	}
	s.shares = nil
}

// fork takes a fork proof from the relay; only a valid one counts.
func (s *syncer) fork(e *Engine, m *gossip.Fork) {
	p := &chain.ForkProof{A: m.HeaderA, SigA: m.SignatureA, B: m.HeaderB, SigB: m.SignatureB}
	id, _, err := p.Slot()
	if err != nil {
		e.refused(block.ID{}, err)
		return
	}
	if c := e.hold.chains[id]; c != nil {
		e.freeze(c, p)
	}
	e.replaceForked()
}

// Tick does what time asks for and answers in how many milliseconds it wants to be called again.
func (e *Engine) Tick() int64 {
	if e.me == nil {
		if e.checkSome() {
			return 0
		}
		return e.tickAlways(1000)
	}
	if e.me.removed {
		e.evict()
		return e.tickAlways(1000)
	}
	if e.openReleased(openPerTick) {
		e.world.Changed()
		return 0
	}
	s := &e.sync
	if s.state == linkOnline {
		if !waits(e.world.Now(), s.pollMS, pollEveryMS) {
			s.follow(e)
			if e.behind {
				e.catchUp()
			}
		}
		s.sendShares(e)
		s.push(e)
		e.blobs.start(e)
		s.askShares(e)
	}
	e.replaceForked()
	if e.checkSome() {
		return 0
	}
	return e.tickAlways(500)
}

func (e *Engine) tickAlways(next int64) int64 {
	if r := e.restore; r != nil && r.link != nil && r.step == "finding" && !waits(e.world.Now(), e.sync.shareMS, askEveryMS) {
		e.sync.shareMS = e.world.Now() + askEveryMS
		e.sync.want(e, r.identity) // the other device may still be sending its DEVICE
	}
	if e.sync.dirty {
		e.sync.dirty = false
		if err := e.together(e.log.Commit); err != nil {
			e.notify("storage", codeName(err, "storage/failed"), "")
		}
	}
	e.tickMeetings()
	return next
}

// waits says whether until is still to come. A clock that was set back does not stop anything for days.
func waits(now, until, atMost int64) bool { return now < until && until-now <= atMost }

// askShares asks the relay for answers that it may be keeping.
func (s *syncer) askShares(e *Engine) {
	if waits(e.world.Now(), s.shareMS, askEveryMS) {
		return
	}
	s.shareMS = e.world.Now() + askEveryMS
	s.wantGrants(e)
	var ids []block.ID
	for _, f := range e.me.shared {
		for _, a := range f.asked {
			if !a.done && f.stopped == 0 && e.world.Now()-a.at < shareForMS && !e.outbox.waits(a.id) && len(ids) < maxAsked {
				ids = append(ids, a.id)
			}
		}
	}
	if len(ids) > 0 {
		s.ask(e, func(r uint32) gossip.Message { return &gossip.Get{Request: r, Shares: ids} }, func(gossip.Message) {})
	}
}

// wantGrants asks for the grants that meetings ended with: the owner's device may still be sending them.
func (s *syncer) wantGrants(e *Engine) {
	for _, m := range e.meetings() {
		if m.waiting != nil && m.code == "" && m.folder == (secret{}) {
			s.want(e, m.waiting.Grant)
		}
	}
}
