package folder

import (
	"bytes"
	"slices"
	"sort"

	"github.com/anamnesis-health/anamnesis/shared/block"
	"github.com/anamnesis-health/anamnesis/shared/gossip"
	"github.com/anamnesis-health/anamnesis/shared/grant"
	"github.com/anamnesis-health/anamnesis/shared/record"
	"github.com/anamnesis-health/anamnesis/shared/share"
)

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
	l.answered = true // perhaps by two devices: given by one is given
	l.released = union(l.released, x.Released)
	l.refused = slices.DeleteFunc(union(l.refused, x.Refused), func(id block.ID) bool { return slices.Contains(l.released, id) })
	if l.arrived == 0 {
		l.arrived = int64(x.TimeMS)
	}
	return l
}

func union(a, b []block.ID) []block.ID {
	out := slices.Concat(a, b)
	slices.SortFunc(out, func(x, y block.ID) int { return bytes.Compare(x[:], y[:]) })
	return slices.Compact(out)
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
