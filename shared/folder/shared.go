package folder

import (
	"bytes"
	"slices"
	"sort"

	"github.com/anamnesis-health/anamnesis/shared/block"
	"github.com/anamnesis-health/anamnesis/shared/gossip"
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

// asking is one ACCESS that this profile wrote.
type asking struct {
	id      block.ID
	session block.ID
	at      int64
	records []block.ID
	done    bool
	quiet   bool // the person no longer waits for it
	refused string
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

// recallAsking finds this profile's own accesses of the last day, so that what was released then can be opened again
// after an unlock without asking anew: the relay keeps the answers.
func (e *Engine) recallAsking(f *sharedFolder) {
	c := e.hold.chains[f.state.Chain]
	if c == nil || f.stopped != 0 {
		return
	}
	var known []block.ID
	for id := range f.recs {
		known = append(known, id)
	}
	for _, id := range c.blocks {
		h := e.hold.blocks[id]
		if h.kind != block.KindAccess || f.asked[id] != nil || e.world.Now()-int64(h.time)*1000 > shareForMS {
			continue
		}
		b, err := e.block(id)
		if err != nil {
			continue
		}
		clear, err := b.Clear()
		a, ok := clear.(*block.Access)
		if err != nil || !ok || a.Session != f.state.Session {
			continue
		}
		named, _ := grant.Match(e.net, f.sealed.G, a.Nonce, a.Entries, known)
		f.asked[id] = &asking{id: id, session: a.Session, at: int64(h.time) * 1000, records: named, quiet: true}
	}
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
	if f.recs[id] != nil || !h.whole || f.stopped != 0 || len(f.sealed.Records) > 0 && !slices.Contains(f.sealed.Records, id) {
		return
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

// nameAgain opens anew what was opened before its author's identity was here: only then is the owner known by name.
func (f *sharedFolder) nameAgain() {
	for id, r := range f.recs {
		if r.r != nil && !f.owners[r.chain] {
			r.failed = ""
			f.queue = append(f.queue, id)
		}
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

// Ask writes an ACCESS for records of another's folder (all unopened ones, newest first, when none are named; at
// most 512) and waits for the owner's device. Flushed before it returns.
func (e *Engine) Ask(folder ID, ids []block.ID, preset, text string) (id block.ID, count int, err error) {
	if e.me == nil {
		return block.ID{}, 0, ErrLocked
	}
	err = e.together(func() (err error) { id, count, err = e.ask(folder, ids, preset, text); return err })
	return id, count, err
}

func (e *Engine) ask(folder ID, ids []block.ID, preset, text string) (block.ID, int, error) {
	f := e.me.shared[folder]
	switch {
	case f == nil:
		return block.ID{}, 0, fail("folder/unknown", "no such folder here")
	case f.stopped != 0:
		return block.ID{}, 0, fail("access/stopped", "the owner stopped sharing")
	case !e.readable(f):
		return block.ID{}, 0, fail("access/expired", "the sharing has ended")
	case len(text) > grant.MaxPurpose:
		return block.ID{}, 0, fail("access/length", "%d", grant.MaxPurpose)
	}
	if len(ids) == 0 {
		for _, r := range f.all() {
			if r.r == nil && r.failed == "" && len(ids) < block.MaxEntries {
				ids = append(ids, r.x.ID)
			}
		}
	}
	if len(ids) == 0 {
		return block.ID{}, 0, fail("access/nothing", "everything is open already")
	}
	w, err := e.sharedWriter(f)
	if err != nil {
		return block.ID{}, 0, err
	}
	a := &block.Access{Session: w.state.Session, Nonce: e.nonce()}
	if a.Entries, err = grant.Entries(e.net, f.sealed.G, a.Nonce, ids, e); err != nil {
		return block.ID{}, 0, err
	}
	reason := sealReason(e.net, a, share.Secret(w.state.Secrets[0]), &reasonBody{Preset: preset, Text: text})
	b, err := e.appendBlock(w.state.Chain, w.key, block.Header{Kind: block.KindAccess, Links: []block.ID{f.newest}, Tag: e.sharedTag(f)},
		block.Encode(a), reason)
	if err != nil {
		return block.ID{}, 0, err
	}
	f.asked[b.ID] = &asking{id: b.ID, session: w.state.Session, at: e.world.Now(), records: ids}
	return b.ID, len(ids), e.flush()
}

// all lists every record known in the granted sections, newest first, verdicts included.
func (f *sharedFolder) all() []*rec {
	out := make([]*rec, 0, len(f.recs))
	for _, r := range f.recs {
		out = append(out, r)
	}
	sort.Slice(out, func(i, j int) bool { return newer(out[i], out[j]) })
	return out
}

// CancelAsking stops waiting; an answer that comes all the same still opens.
func (e *Engine) CancelAsking(folder ID) error {
	if e.me == nil {
		return ErrLocked
	}
	f := e.me.shared[folder]
	if f == nil {
		return fail("folder/unknown", "no such folder here")
	}
	for _, a := range f.asked {
		a.quiet = true
	}
	e.world.Changed()
	return nil
}

// takeShare opens a releaser's answer to an ACCESS of this profile.
func (e *Engine) takeShare(s *gossip.Share) error {
	f, a := e.askedBy(s.Access)
	if f == nil || s.Seat != 0 {
		return fail("share/unknown", "an answer to nothing that was asked")
	}
	if !e.readable(f) {
		return fail("access/stopped", "the sharing has ended")
	}
	if !e.signedByWriter(f, s) {
		return fail("share/signer", "not signed by a writer of the folder")
	}
	m := share.Message{Net: e.net, Session: a.session, Access: s.Access, Seat: 0, Salt: s.Salt}
	body, err := m.OpenDown(share.Secret(f.secretsOf(a.session)), s.Body)
	if err != nil {
		return fail("share/open", "%v", err)
	}
	b, err := decoded[shareBody](body, len(body))
	if err != nil {
		return fail("share/format", "%v", err)
	}
	a.done, a.refused = true, b.Refused
	for _, p := range b.Pairs {
		r := f.recs[p.Record]
		if r == nil || r.r != nil || !slices.Contains(a.records, p.Record) {
			continue
		}
		released := share.Secret(p.R)
		r.r = &released
		f.queue = append(f.queue, p.Record)
	}
	e.world.Changed()
	return nil
}

func (e *Engine) askedBy(id block.ID) (*sharedFolder, *asking) {
	for _, f := range e.me.shared {
		if a := f.asked[id]; a != nil {
			return f, a
		}
	}
	return nil, nil
}

// secretsOf is S₀ of a session of this reader. Only the newest session's secrets are kept.
func (f *sharedFolder) secretsOf(id block.ID) (s secret) {
	if f.state.Session == id && len(f.state.Secrets) > 0 {
		s = f.state.Secrets[0]
	}
	return s
}

// signedByWriter checks `release` under the current key of a writing chain that the GRANT names. That the answer
// is the owner's follows from S₀, which nobody else has.
func (e *Engine) signedByWriter(f *sharedFolder, s *gossip.Share) bool {
	for _, w := range f.sealed.Writers {
		if c := e.hold.chains[w.Chain]; c != nil && block.Verify(e.net, c.state.Writer(), block.SigRelease, s.SignedShare(), s.Signature) == nil {
			return true
		}
	}
	return false
}

// openReleased opens some of what was released, so that lists show words; it says whether more waits.
func (e *Engine) openReleased(limit int) bool {
	for _, f := range e.me.shared {
		for len(f.queue) > 0 && limit > 0 {
			id := f.queue[0]
			f.queue = f.queue[1:]
			limit--
			e.openOne(f, id)
		}
		if len(f.queue) > 0 {
			return true
		}
	}
	return false
}

func (e *Engine) openOne(f *sharedFolder, id block.ID) {
	r := f.recs[id]
	if r == nil || r.r == nil || f.stopped != 0 {
		return
	}
	o, err := e.openRecord(&f.view, id, byReader{*r.r})
	if codeName(err, "") == "blob/waiting" {
		return // its leaves put it back into the queue
	}
	if err != nil {
		r.failed = codeName(err, "open/1")
		return
	}
	if len(f.identity) == 32 && string(o.credential.Identity) == string(f.identity[:]) && o.credential.Name != "" {
		f.owners[r.chain] = true
	}
	if o.rec.Kind.Known() && o.rec.Kind.OwnersWord() && !f.owners[r.chain] {
		r.failed = "open/9"
		return
	}
	x := e.entryOf(id, o, f.owners[r.chain])
	x.Section = r.x.Section
	if name := f.guests[r.chain]; x.Author == "" && name != "" {
		x.Author = name
	}
	r.x, r.opened = x, true
	f.order = nil
	if record.Kind(x.Kind) == record.Verdict {
		for _, ref := range x.Refs {
			f.verdicts[ref] = later(f.verdicts[ref], r)
		}
	}
}

// writeShared adds a record to another's folder, where the owner will see it as proposed. Flushed.
func (e *Engine) writeShared(v *view, r *record.Record) (block.ID, error) {
	f := e.me.shared[v.id]
	switch {
	case f.stopped != 0 || !e.readable(f):
		return block.ID{}, fail("access/stopped", "the sharing has ended")
	case f.public.Rights&block.RightWrite == 0:
		return block.ID{}, fail("write/right", "this sharing is for reading only")
	case v.newest(uint8(r.Section)) == nil:
		return block.ID{}, fail("write/no-section", "the sharing does not include section %d", r.Section)
	}
	w, err := e.sharedWriter(f)
	if err != nil {
		return block.ID{}, err
	}
	s, err := e.sealRecord(w, r)
	if err != nil {
		return block.ID{}, err
	}
	if s.blob != nil {
		return block.ID{}, fail("note/length", "%d", maxNote)
	}
	b, err := e.appendBlock(w.state.Chain, w.key, block.Header{Kind: block.KindRecord, Tag: s.tag}, s.age, s.keyPart)
	if err != nil {
		return block.ID{}, err
	}
	h := e.hold.blocks[b.ID]
	s.entry.ID, s.entry.Guest = b.ID, true
	f.recs[b.ID] = &rec{x: s.entry, chain: h.chain, seq: h.seq, at: h.time, opened: true, arrived: h.at}
	f.recs[b.ID].r, f.order = &s.release, nil
	return b.ID, e.flush()
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
	for i := range e.me.state.Writers {
		if e.me.state.Writers[i].Chain == c.state.ID {
			e.sync.replace = append(e.sync.replace, c.state.ID)
		}
	}
	e.world.Changed()
}
