package folder

import (
	"bytes"
	"crypto/ed25519"
	"slices"
	"sort"

	"github.com/anamnesis-health/anamnesis/shared/block"
	"github.com/anamnesis-health/anamnesis/shared/gossip"
	"github.com/anamnesis-health/anamnesis/shared/grant"
	"github.com/anamnesis-health/anamnesis/shared/record"
	"github.com/anamnesis-health/anamnesis/shared/share"
)

// Terms is what an owner gives. Records narrows the sections to some records; UntilMS is Unix milliseconds.
type Terms struct {
	Sections []uint8
	Records  []block.ID
	UntilMS  int64
	CanWrite bool
	Purpose  string
}

// party is the reader as the meeting showed it.
type party struct {
	genesis    *block.Block
	recipient  []byte
	name       string
	credential []byte
	device     block.Key
}

func (e *Engine) grantKeys(g *manifestGrant) (writer, revoke ed25519.PrivateKey) {
	f := e.me.vault.Secrets[g.Generation]
	return block.DeriveKey(e.net, f[:], "grant", g.Nonce[:]), block.DeriveKey(e.net, f[:], "revoke", g.Nonce[:])
}

// give makes a grant for a reader that was met: GENESIS and GRANT on a new chain, then the manifest. Not flushed.
func (e *Engine) give(p *party, t Terms) (*manifestGrant, block.ID, error) {
	own, _, err := e.ownFolder()
	if err != nil {
		return nil, block.ID{}, err
	}
	if err := e.checkTerms(&t); err != nil {
		return nil, block.ID{}, err
	}
	sections := uniqueSections(t.Sections)
	t.Records = slices.Clone(t.Records)
	slices.SortFunc(t.Records, func(a, b block.ID) int { return slices.Compare(a[:], b[:]) })
	t.Records = slices.Compact(t.Records)
	g := manifestGrant{Nonce: e.nonce(), Generation: uint8(len(e.me.vault.Secrets) - 1), G: e.secret(), Reader: p.genesis.Chain(),
		Recipient: p.recipient, Name: p.name, Device: p.device, Guest: true, Sections: sections, Records: t.Records, Rights: block.RightRead,
		Expiry: uint64(t.UntilMS / 1000), State: grantActive, SinceMS: e.world.Now(), Purpose: t.Purpose}
	if t.CanWrite {
		g.Rights |= block.RightWrite
	}
	writer, revoke := e.grantKeys(&g)
	rk := block.KeyOf(revoke)
	genesis, err := block.New(e.net, writer, block.Header{Kind: block.KindGenesis, Epoch: e.network.Epoch(), Time: e.hour(),
		Tag: grant.GrantTag(e.net, g.Reader)}, block.Encode(&block.Genesis{Type: block.ChainGrant, Nonce: e.nonce(), Writer: block.KeyOf(writer), RevokeKey: rk[:]}))
	if err != nil {
		return nil, block.ID{}, err
	}
	g.Chain = genesis.Chain()
	if err := e.keep(genesis); err != nil {
		return nil, block.ID{}, err
	}
	own.m.Writers = append(own.m.Writers, manifestWriter{Chain: g.Reader, Credential: p.credential, Erase: e.secret()})
	own.refresh(e)
	id, err := e.writeGrant(&g)
	if err != nil {
		return nil, id, err
	}
	own.m.Grants = append(own.m.Grants, g)
	return &own.m.Grants[len(own.m.Grants)-1], id, e.writeManifest()
}

func (e *Engine) checkTerms(t *Terms) error {
	sections := uniqueSections(t.Sections)
	switch {
	case len(sections) == 0 || sections[0] < 1 || sections[len(sections)-1] > uint8(record.Emergency):
		return fail("grant/sections", "choose at least one section")
	case t.UntilMS <= e.world.Now() || t.UntilMS > e.world.Now()+maxGrantMS:
		return fail("grant/time", "an end between now and a year from now")
	case len(t.Purpose) > grant.MaxPurpose || len(t.Records) > grant.MaxRecords:
		return fail("grant/length", "%d records", len(t.Records))
	}
	return nil
}

// writeGrant appends a GRANT with the section keys as they are now.
func (e *Engine) writeGrant(g *manifestGrant) (block.ID, error) {
	own := e.me.own
	s := &grant.Sealed{G: grant.Secret(g.G), Folder: block.Hash(own.id), Owner: own.owner, EraseKey: own.erase[g.Reader], Records: g.Records,
		Names: grant.Names{Owner: own.m.Person.Name, Reader: g.Name}, Purpose: g.Purpose}
	var scopes []grant.Scope
	skip := own.m.tooOld(g.Sections)
	keys := slices.Clone(own.m.Keys)
	slices.SortStableFunc(keys, func(a, b sectionKey) int { return int(a.Section) - int(b.Section) }) // each section's oldest first
	for i := range keys {
		k := &keys[i]
		if !slices.Contains(g.Sections, k.Section) {
			continue
		}
		if skip[k.Section] > 0 {
			skip[k.Section]--
			continue
		}
		s.Sections = append(s.Sections, grant.Section{Number: k.Section, K: grant.Secret(k.K), A: authorityOf(k.A),
			Authorize: grant.Authorize(e.net, authorityKey(k.A), g.Chain)})
		scopes = append(scopes, grant.Scope(k.Scope))
	}
	for _, w := range own.m.writersFor(g.Reader) {
		s.Writers = append(s.Writers, grant.Writer{Chain: w, Sessions: e.sessionsOf(w)})
	}
	sort.Slice(s.Writers, func(i, j int) bool { return bytes.Compare(s.Writers[i].Chain[:], s.Writers[j].Chain[:]) < 0 })
	public, err := grant.Public(e.net, s, scopes, g.Reader, g.Rights, g.Expiry)
	if err != nil {
		return block.ID{}, err
	}
	info := grant.SealInfo(e.net, g.Chain, share.RecipientHash(g.Recipient))
	body, err := share.SealTo(g.Recipient, info, record.Pad(s.Encode()))
	if err != nil {
		return block.ID{}, err
	}
	writer, _ := e.grantKeys(g)
	b, err := e.appendBlock(g.Chain, writer, block.Header{Kind: block.KindGrant, Tag: grant.GrantTag(e.net, g.Reader)}, block.Encode(public), body)
	if err != nil {
		return block.ID{}, err
	}
	return b.ID, nil
}

// tooOld says how many of each section's oldest key epochs a GRANT leaves out, so that one more revocation never
// makes the next GRANT too long.
func (m *manifest) tooOld(sections []uint8) map[uint8]int {
	skip := map[uint8]int{}
	for _, k := range m.Keys {
		if slices.Contains(sections, k.Section) {
			skip[k.Section]++
		}
	}
	for s := range skip {
		skip[s] = max(0, skip[s]-grant.MaxScopes/len(sections))
	}
	return skip
}

// writersFor lists the writing chains that a GRANT names: the owner's, then others', the newest of each when there are
// more than a GRANT holds.
func (m *manifest) writersFor(reader block.ChainID) []block.ChainID {
	var out []block.ChainID
	for _, own := range []bool{true, false} {
		for i := len(m.Writers) - 1; i >= 0 && len(out) < grant.MaxWriters; i-- {
			if w := &m.Writers[i]; w.Own == own && w.Chain != reader {
				out = append(out, w.Chain)
			}
		}
	}
	return out
}

// sessionsOf lists the newest sessions of a chain.
func (e *Engine) sessionsOf(id block.ChainID) []block.ID {
	var out []block.ID
	if c := e.hold.chains[id]; c != nil {
		for _, s := range c.state.Sessions {
			out = append(out, s.ID)
		}
	}
	if n := len(out); n > maxSessions {
		out = out[n-maxSessions:]
	}
	sort.Slice(out, func(i, j int) bool { return bytes.Compare(out[i][:], out[j][:]) < 0 })
	return out
}

// GrantView is one sharing as its owner sees it.
type GrantView struct {
	Chain            block.ChainID
	Reader, Purpose  string
	Guest, CanWrite  bool
	Sections         []uint8
	SinceMS, UntilMS int64
	State            string
	StoppedMS        int64
	Opened           int
}

// Grants lists the owner's sharings, newest first.
func (e *Engine) Grants() ([]GrantView, error) {
	if e.me == nil {
		return nil, ErrLocked
	}
	if e.me.own == nil {
		return nil, nil
	}
	var out []GrantView
	for i := len(e.me.own.m.Grants) - 1; i >= 0; i-- {
		g := &e.me.own.m.Grants[i]
		v := GrantView{Chain: g.Chain, Reader: g.Name, Purpose: g.Purpose, Guest: g.Guest, CanWrite: g.Rights&block.RightWrite != 0,
			Sections: g.Sections, SinceMS: g.SinceMS, UntilMS: int64(g.Expiry) * 1000, StoppedMS: g.StoppedMS, State: e.grantState(g)}
		opened := map[block.ID]bool{}
		for _, l := range e.me.looked {
			if l.grant == g.Chain {
				for _, id := range l.released {
					opened[id] = true
				}
			}
		}
		v.Opened = len(opened)
		out = append(out, v)
	}
	return out, nil
}

func (e *Engine) grantState(g *manifestGrant) string {
	c := e.hold.chains[g.Chain]
	switch {
	case c != nil && c.state.Forked():
		return "forked"
	case g.State == grantStopped || c != nil && c.state.Ended:
		return "stopped"
	case uint64(e.world.Now()/1000) > g.Expiry:
		return "expired"
	default:
		return "active"
	}
}

// StopSharing revokes a grant: this device refuses first, then saves REVOKE, draws new keys for its sections and
// re-grants them to the other readers. Flushed before it returns.
func (e *Engine) StopSharing(id block.ChainID) error {
	own, _, err := e.ownFolder()
	if err != nil {
		return err
	}
	i := slices.IndexFunc(own.m.Grants, func(g manifestGrant) bool { return g.Chain == id })
	if i < 0 {
		return fail("grant/unknown", "no such sharing")
	}
	if own.m.Grants[i].State == grantStopped {
		return nil
	}
	if err := e.together(func() error { return e.stopSharing(&own.m.Grants[i]) }); err != nil {
		return err
	}
	e.sync.follow(e) // the others write under new keys now
	return nil
}

func (e *Engine) stopSharing(g *manifestGrant) error {
	g.State, g.StoppedMS = grantStopped, e.world.Now()
	g.Recipient = nil // 1.2 KB that no GRANT needs again
	c := e.hold.chains[g.Chain]
	if c != nil && !c.state.Forked() && !c.state.Ended {
		writer, _ := e.grantKeys(g)
		tag := grant.DayTag(e.net, grant.TagKey(e.net, grant.Secret(g.G)), g.Chain, e.hour())
		if _, err := e.appendBlock(g.Chain, writer, block.Header{Kind: block.KindRevoke, Tag: tag}); err != nil {
			return err
		}
	}
	if err := e.rotateSections(g.Sections); err != nil {
		return err
	}
	return e.flush()
}

// rotateSections starts a new key epoch in each section and hands it to the readers who stay.
func (e *Engine) rotateSections(sections []uint8) error {
	own := e.me.own
	for _, s := range sections {
		var replaces []scope
		for _, k := range own.m.Keys {
			if k.Section == s {
				replaces = append(replaces, k.Scope)
			}
		}
		own.m.Keys = append(own.m.Keys, e.newSectionKey(s, replaces))
	}
	own.refresh(e)
	for i := range own.m.Grants {
		g := &own.m.Grants[i]
		if e.grantState(g) != "active" || !overlap(g.Sections, sections) {
			continue
		}
		if _, err := e.writeGrant(g); err != nil {
			return err
		}
	}
	return e.writeManifest()
}

func overlap(a, b []uint8) bool {
	return slices.ContainsFunc(a, func(x uint8) bool { return slices.Contains(b, x) })
}

// lookedEntry is what this folder knows of one ACCESS.
type lookedEntry struct {
	access   block.ID
	grant    block.ChainID
	reader   string
	guest    bool
	preset   string
	text     string
	hour     uint64
	arrived  int64
	released []block.ID
	refused  []block.ID
	unknown  int
	why      string
	answered bool
	count    int
}

// lookedFrom folds a LOOKED record's index entry into what is known of its ACCESS.
func lookedFrom(l *lookedEntry, x indexEntry) *lookedEntry {
	if l == nil {
		l = &lookedEntry{}
	}
	l.answered, l.released, l.refused = true, x.Released, x.Refused
	if l.arrived == 0 {
		l.arrived = int64(x.TimeMS)
	}
	return l
}

// answer looks at an ACCESS to the own folder: it is checked, journaled, flushed, and only then answered.
func (e *Engine) answer(id block.ID) error {
	own := e.me.own
	b, err := e.block(id)
	if err != nil {
		return err
	}
	if !b.Whole() {
		return nil
	}
	clear, err := b.Clear()
	a, ok := clear.(*block.Access)
	if err != nil || !ok {
		return nil
	}
	l := e.me.looked[id]
	if l == nil {
		l = &lookedEntry{arrived: e.hold.blocks[id].at}
		e.me.looked[id] = l
	}
	l.access, l.hour = id, b.Header.Time
	if l.arrived == 0 {
		l.arrived = e.world.Now()
	}
	g, why := e.judge(b)
	if g == nil {
		delete(e.me.looked, id) // an ACCESS that links no grant of ours says nothing about this folder
		return nil
	}
	l.grant, l.reader, l.guest = g.Chain, g.Name, g.Guest
	s0, err := e.ownerSession(a.Session)
	if err != nil {
		l.why = "access/session"
		return nil
	}
	if reason, err := openReason(e.net, a, b, s0); err == nil {
		l.preset, l.text = reason.Preset, reason.Text
	}
	if l.answered { // the journal says which; the rest of the entries is padding or names nothing here
		l.count = len(l.released) + len(l.refused)
		l.unknown = max(0, len(a.Entries)/16-l.count-7)
		if e.world.Now()-int64(b.Header.Time)*1000 > shareForMS {
			return nil // the relay keeps answers for a day; asking anew is another access
		}
		return e.giveAgain(id, a, g, s0, l, why)
	}
	named, unknown := e.namedRecords(g, a)
	l.unknown, l.count = max(0, unknown-7), len(named)
	released, refused := e.split(g, named, why)
	l.why = why
	content, err := (&record.LookedContent{Access: record.ID(id), Released: recordIDs(released), Refused: recordIDs(refused), TimeMS: uint64(e.world.Now())}).Encode()
	if err != nil {
		return err
	}
	_, w, err := e.ownFolder()
	if err != nil {
		return err
	}
	if _, err := e.write(w, &record.Record{Kind: record.Looked, Content: content}); err != nil {
		return err
	}
	if err := e.flush(); err != nil { // the journal first: nothing leaves before it is on the disk
		return err
	}
	l.answered, l.released, l.refused = true, released, refused
	own.order = nil
	e.sync.share(e, e.shareFor(id, a.Session, w, s0, released, why))
	return nil
}

// giveAgain repeats an answer that was journaled, under what holds now: asking again is harmless.
func (e *Engine) giveAgain(id block.ID, a *block.Access, _ *manifestGrant, s0 share.Secret, l *lookedEntry, why string) error {
	if why != "" || len(l.released) == 0 {
		return nil
	}
	w, err := e.ownedWriter(&e.me.own.view)
	if err != nil {
		return err
	}
	e.sync.shareLater(func() *gossip.Share { return e.shareFor(id, a.Session, w, s0, l.released, "") })
	return nil
}

// judge finds the grant that an ACCESS names and says why it may not open, "" when it may. Every check but the
// records themselves is here. Source: spec/grant.md §5.
func (e *Engine) judge(b *block.Block) (*manifestGrant, string) {
	if len(b.Header.Links) != 1 {
		return nil, ""
	}
	linked := e.hold.blocks[b.Header.Links[0]]
	if linked == nil || linked.kind != block.KindGrant {
		return nil, ""
	}
	own := e.me.own
	i := slices.IndexFunc(own.m.Grants, func(g manifestGrant) bool { return g.Chain == linked.chain })
	if i < 0 {
		return nil, ""
	}
	g := &own.m.Grants[i]
	switch state := e.grantState(g); {
	case g.Reader != b.Header.Chain:
		return g, "access/reader"
	case state != "active":
		return g, "access/" + state
	case g.Rights&block.RightRead == 0:
		return g, "access/right"
	}
	return g, ""
}

// namedRecords are the records of the own folder that an ACCESS names, and how many entries name none.
func (e *Engine) namedRecords(g *manifestGrant, a *block.Access) ([]block.ID, int) {
	var candidates []block.ID
	for id, r := range e.me.own.recs {
		if r.x.Section != 0 || r.failed != "" {
			candidates = append(candidates, id)
		}
	}
	sort.Slice(candidates, func(i, j int) bool { return bytes.Compare(candidates[i][:], candidates[j][:]) < 0 })
	return grant.Match(e.net, grant.Secret(g.G), a.Nonce, a.Entries, candidates)
}

// split sorts the named records into those inside the grant and the others, which are refused alone.
func (e *Engine) split(g *manifestGrant, named []block.ID, why string) (released, refused []block.ID) {
	for _, id := range named {
		r := e.me.own.recs[id]
		inside := why == "" && r.failed == "" && slices.Contains(g.Sections, r.x.Section) &&
			(len(g.Records) == 0 || slices.Contains(g.Records, id))
		if inside {
			released = append(released, id)
		} else {
			refused = append(refused, id)
		}
	}
	return released, refused
}

// shareFor seals release secrets to the reader of an ACCESS.
func (e *Engine) shareFor(id block.ID, session block.ID, w *writer, s0 share.Secret, released []block.ID, why string) *gossip.Share {
	body := shareBody{Refused: why}
	for _, rid := range released {
		if r, err := e.releaseSecret(rid); err == nil {
			body.Pairs = append(body.Pairs, sharePair{rid, secret(r)})
		}
	}
	m := share.Message{Net: e.net, Session: session, Access: id, Seat: 0, Salt: e.secret()}
	s := &gossip.Share{Access: id, Salt: m.Salt, Body: m.SealDown(s0, encode(&body))}
	s.Signature = block.Sign(e.net, w.key, block.SigRelease, s.SignedShare())
	return s
}

// releaseSecret opens a record far enough to give its R.
func (e *Engine) releaseSecret(id block.ID) (share.Secret, error) {
	b, err := e.block(id)
	if err != nil {
		return share.Secret{}, err
	}
	return e.secretOf(b)
}

func recordIDs(ids []block.ID) []record.ID {
	out := make([]record.ID, len(ids))
	for i, id := range ids {
		out[i] = record.ID(id)
	}
	return out
}

// LookedView is one line of Who looked.
type LookedView struct {
	Access       block.ID
	Grant        block.ChainID
	Reader       string
	Guest        bool
	Preset, Text string
	HourMS       int64
	ArrivedMS    int64
	State        string // asked | given | refused
	Titles       []string
	Count        int
	Unknown      int
	Why          string
}

// WhoLooked lists every ACCESS to the own folder, newest first.
func (e *Engine) WhoLooked() ([]LookedView, error) {
	if e.me == nil {
		return nil, ErrLocked
	}
	if e.me.own == nil {
		return nil, nil
	}
	var out []LookedView
	for id, l := range e.me.looked {
		if l.access == (block.ID{}) {
			continue // journaled, but its ACCESS is not here any more
		}
		v := LookedView{Access: id, Grant: l.grant, Reader: l.reader, Guest: l.guest, Preset: l.preset, Text: l.text,
			HourMS: int64(l.hour) * 1000, ArrivedMS: l.arrived, Count: l.count, Unknown: l.unknown, Why: l.why, State: "asked"}
		if l.answered {
			v.State = "given"
			if len(l.released) == 0 {
				v.State = "refused"
			}
		}
		for _, rid := range append(slices.Clone(l.released), l.refused...) {
			if r := e.me.own.recs[rid]; r != nil && listed(record.Kind(r.x.Kind)) {
				v.Titles = append(v.Titles, r.x.Label)
			}
		}
		out = append(out, v)
	}
	sort.Slice(out, func(i, j int) bool {
		if out[i].ArrivedMS != out[j].ArrivedMS {
			return out[i].ArrivedMS > out[j].ArrivedMS
		}
		return bytes.Compare(out[i].Access[:], out[j].Access[:]) < 0
	})
	return out, nil
}
