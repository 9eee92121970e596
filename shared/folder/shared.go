package folder

import (
	"bytes"
	"slices"
	"sort"

	"github.com/anamnesis-health/anamnesis/shared/block"
	"github.com/anamnesis-health/anamnesis/shared/grant"
	"github.com/anamnesis-health/anamnesis/shared/record"
	"github.com/anamnesis-health/anamnesis/shared/seal"
	"github.com/anamnesis-health/anamnesis/shared/share"
)

// sharedFolder is somebody else's folder that a grant lets this profile open. Nothing opened is ever on the disk.
type sharedFolder struct {
	view
	grant    block.ChainID
	state    *writerState
	public   block.Grant
	newest   block.ID // the GRANT block in force
	sealed   *grant.Sealed
	name     string // whose folder
	identity block.ChainID
	stopped  int64 // Unix ms when a REVOKE or a fork was seen
	why      string
	asked    map[block.ID]*asking
	queue    []block.ID // released, still to be opened for their words
}

// loadShared opens every grant this profile was given, from the log.
func (e *Engine) loadShared() {
	for i := range e.me.state.Writers {
		w := &e.me.state.Writers[i]
		if w.Grant == (block.ChainID{}) {
			continue
		}
		if err := e.openGrant(w); err != nil {
			e.notify("grant/"+w.Grant.Hex(), codeName(err, "grant/invalid"), "")
		}
	}
}

// openGrant reads the newest GRANT of a grant chain that names this profile's writing chain.
func (e *Engine) openGrant(w *writerState) error {
	c := e.hold.chains[w.Grant]
	if c == nil {
		return fail("grant/missing", "the sharing is not here yet")
	}
	var newest block.ID
	for _, id := range c.blocks {
		if e.hold.blocks[id].kind == block.KindGrant {
			newest = id
		}
	}
	b, err := e.block(newest)
	if err != nil {
		return err
	}
	public, s, err := e.readGrant(b, w)
	if err != nil {
		return err
	}
	id := secret(s.Folder)
	f := e.me.shared[id]
	if f == nil || f.grant != w.Grant { // whoever was stopped and is given a new grant starts anew
		f = &sharedFolder{view: newView(id), asked: map[block.ID]*asking{}}
		e.me.shared[id] = f
	}
	if f.grant != w.Grant {
		f.stopped, f.why = 0, "" // met again: the new grant counts
	}
	f.grant, f.state, f.public, f.newest, f.sealed, f.name = w.Grant, w, *public, newest, s, s.Names.Owner
	copy(f.identity[:], w.Identity)
	f.owner, f.erase[w.Chain], f.devices[w.Chain] = s.Owner, s.EraseKey, block.KeyOf(e.me.device)
	f.guests[w.Chain] = e.me.vault.Name
	f.keys = nil
	for _, sec := range s.Sections {
		sc := scope(share.ScopeOf(e.net, sec.A, share.Secret(sec.K)))
		f.keys = append(f.keys, sectionKey{Section: sec.Number, K: secret(sec.K), Scope: sc})
	}
	f.markReplaced()
	e.checkStopped(f, c)
	e.scan(f)
	e.recallAsking(f)
	return nil
}

// markReplaced lets writing use the newest key epoch: a GRANT lists a section's epochs oldest first.
func (f *sharedFolder) markReplaced() {
	for i := range f.keys {
		for j := range i {
			if f.keys[j].Section == f.keys[i].Section {
				f.keys[i].Replaces = append(f.keys[i].Replaces, f.keys[j].Scope)
			}
		}
	}
}

// readGrant opens and checks a GRANT: recipient, scopes and authority signatures, else grant/invalid.
func (e *Engine) readGrant(b *block.Block, w *writerState) (*block.Grant, *grant.Sealed, error) {
	clear, err := b.Clear()
	public, ok := clear.(*block.Grant)
	if err != nil || !ok || len(b.Parts) != 2 || public.Reader != w.Chain {
		return nil, nil, fail("grant/invalid", "not a grant for this reader")
	}
	key := e.writerRecipient(w.Folder, w.Counter)
	padded, err := share.OpenWith(key, grant.SealInfo(e.net, b.Chain(), share.RecipientHash(key.Recipient())), b.Parts[1])
	if err != nil {
		return nil, nil, fail("grant/invalid", "%v", err)
	}
	body, err := record.Unpad(padded, grant.MaxSealed)
	if err != nil {
		return nil, nil, fail("grant/invalid", "%v", err)
	}
	s, err := grant.ParseSealed(body)
	if err != nil {
		return nil, nil, fail("grant/invalid", "%v", err)
	}
	scopes := make([]grant.Scope, len(s.Sections))
	for i, sec := range s.Sections {
		scopes[i] = grant.Scope(share.ScopeOf(e.net, sec.A, share.Secret(sec.K)))
	}
	if err := grant.Check(e.net, b.Chain(), public, s, scopes); err != nil {
		return nil, nil, fail("grant/invalid", "%v", err)
	}
	return public, s, nil
}

// checkStopped drops everything opened once a REVOKE or a fork of the grant was seen.
func (e *Engine) checkStopped(f *sharedFolder, c *heldChain) {
	if !c.state.Ended && !c.state.Forked() {
		return
	}
	if f.stopped == 0 {
		f.stopped = e.world.Now()
		if h := e.hold.blocks[c.state.Head]; h.at > 0 {
			f.stopped = h.at
		}
	}
	f.why = "stopped"
	if c.state.Forked() {
		f.why = "forked"
	}
	for _, r := range f.recs {
		r.r, r.opened, r.x = nil, false, indexEntry{ID: r.x.ID, Section: r.x.Section}
	}
	f.keys, f.queue, f.order = nil, nil, nil
	f.verdicts = map[block.ID]*rec{}
	e.world.Changed()
}

// readable says whether the grant still lets this device show and ask.
func (e *Engine) readable(f *sharedFolder) bool {
	return f.stopped == 0 && uint64(e.world.Now()/1000) <= f.public.Expiry
}

// scan finds the records of the granted sections in the chains that are here: by scope commitment, without opening.
func (e *Engine) scan(f *sharedFolder) {
	for _, w := range f.sealed.Writers {
		e.scanChain(f, w.Chain)
	}
	e.scanChain(f, f.state.Chain)
	for id, c := range e.hold.chains { // other readers' chains, found by their tags, perhaps before a restart
		if c.state.Type != block.ChainWriting {
			continue
		}
		if before := len(f.recs); !f.names(id) {
			if e.scanChain(f, id); len(f.recs) > before {
				e.sync.remember(id)
			}
		}
	}
}

// names says whether the GRANT in force names a writing chain.
func (f *sharedFolder) names(id block.ChainID) bool {
	for _, w := range f.sealed.Writers {
		if w.Chain == id {
			return true
		}
	}
	return id == f.state.Chain
}

func (e *Engine) scanChain(f *sharedFolder, id block.ChainID) {
	c := e.hold.chains[id]
	if c == nil {
		return
	}
	for _, bid := range c.blocks {
		if e.hold.blocks[bid].kind == block.KindRecord {
			e.scanRecord(f, bid)
		}
	}
}

func (e *Engine) scanRecord(f *sharedFolder, id block.ID) {
	h := e.hold.blocks[id]
	if f.recs[id] != nil || !h.whole || f.stopped != 0 {
		return
	}
	if len(f.sealed.Records) > 0 && h.chain != f.state.Chain && !slices.Contains(f.sealed.Records, id) {
		return // outside the chosen records, and not this reader's own
	}
	b, err := e.block(id)
	if err != nil {
		return
	}
	clear, err := b.Clear()
	kp, ok := clear.(*block.KeyPart)
	if err != nil || !ok {
		return
	}
	for _, k := range f.keys {
		if share.ScopeCommitment(e.net, kp.Record, share.Scope(k.Scope)) == kp.Scope {
			f.recs[id] = &rec{x: indexEntry{ID: id, Section: k.Section}, chain: h.chain, seq: h.seq, at: h.time, arrived: h.at}
			f.order = nil
			e.ownSecret(f, b, kp, k)
			return
		}
	}
}

// ownSecret opens what this device wrote itself: its author needs nobody's release.
func (e *Engine) ownSecret(f *sharedFolder, b *block.Block, kp *block.KeyPart, k sectionKey) {
	if b.Header.Chain != f.state.Chain || kp.Session != f.state.Session || len(f.state.Secrets) == 0 {
		return
	}
	h, err := seal.ParseHeader(b.Parts[0])
	if err != nil {
		return
	}
	ctx := share.Context{Net: e.net, Session: kp.Session, Salt: kp.Record}
	if r, err := seal.OwnerSecret(ctx, share.Secret(f.state.Secrets[0]), share.Scope(k.Scope), h); err == nil {
		f.recs[b.ID].r = &r
		f.queue = append(f.queue, b.ID)
	}
}

// SharedView is one folder as this profile may see it.
type SharedView struct {
	ID        ID
	Name      string
	Grant     block.ChainID
	Sections  []uint8
	CanWrite  bool
	UntilMS   int64
	State     string // active | expired | stopped | forked
	StoppedMS int64
	Records   int
	Unopened  int
	Waiting   block.ID // an ACCESS that waits for the owner's device
	Refused   string
}

// SharedFolders lists the folders that others opened to this profile.
func (e *Engine) SharedFolders() ([]SharedView, error) {
	if e.me == nil {
		return nil, ErrLocked
	}
	var out []SharedView
	for id, f := range e.me.shared {
		v := SharedView{ID: id, Name: f.name, Grant: f.grant, CanWrite: f.public.Rights&block.RightWrite != 0,
			UntilMS: int64(f.public.Expiry) * 1000, State: "active", StoppedMS: f.stopped}
		for _, s := range f.sealed.Sections {
			v.Sections = append(v.Sections, s.Number)
		}
		v.Sections = uniqueSections(v.Sections)
		switch {
		case f.stopped != 0:
			v.State = f.why
		case !e.readable(f):
			v.State = "expired"
		}
		for _, r := range f.recs {
			v.Records++
			if r.r == nil && r.failed == "" {
				v.Unopened++
			}
		}
		for _, a := range f.asked {
			if !a.done && !a.quiet {
				v.Waiting = a.id
			}
			if a.refused != "" {
				v.Refused = a.refused
			}
		}
		out = append(out, v)
	}
	sort.Slice(out, func(i, j int) bool { return bytes.Compare(out[i].ID[:], out[j].ID[:]) < 0 })
	return out, nil
}

// OwnRecords counts the lines of the own folder.
func (e *Engine) OwnRecords() int {
	if e.me == nil || e.me.own == nil {
		return 0
	}
	return len(e.me.own.sorted())
}

// joined makes the shared folder's writer: the chain that the meeting showed, and its first SESSION.
func (e *Engine) sharedWriter(f *sharedFolder) (*writer, error) {
	w := &writer{f.state, e.writerKey(f.state), &f.view}
	if f.state.Frozen {
		return nil, fail("write/frozen", "this device's writing chain forked; ask to be shared with again")
	}
	tag := e.sharedTag(f)
	if f.state.Session == (block.ID{}) && len(f.keys) > 0 {
		var k [4]byte
		e.random(k[:])
		tag = grant.NewTag(e.net, grant.TagKey(e.net, grant.Secret(f.keys[len(f.keys)-1].K)), e.hour(), uint32(k[0])%grant.NewTags)
	}
	return w, e.ensureSession(w, tag)
}

// sharedTag is the tag of an ACCESS or a later SESSION: known to the owner and the reader by g.
func (e *Engine) sharedTag(f *sharedFolder) block.Tag {
	return grant.DayTag(e.net, grant.TagKey(e.net, f.sealed.G), f.state.Chain, e.hour())
}

// forked reacts to a chain's freeze: a forked grant is a revoked grant; an own chain is replaced.
func (e *Engine) forked(c *heldChain) {
	if e.me == nil {
		return
	}
	for _, f := range e.me.shared {
		if f.grant == c.state.ID {
			e.checkStopped(f, c)
		}
	}
	if e.writing(c.state.ID) != nil || c.state.Type == block.ChainGrant {
		e.sync.replace = append(e.sync.replace, c.state.ID)
	}
	e.world.Changed()
}
