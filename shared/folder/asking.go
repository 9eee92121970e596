package folder

import (
	"slices"

	"github.com/anamnesis-health/anamnesis/shared/block"
	"github.com/anamnesis-health/anamnesis/shared/gossip"
	"github.com/anamnesis-health/anamnesis/shared/grant"
	"github.com/anamnesis-health/anamnesis/shared/record"
	"github.com/anamnesis-health/anamnesis/shared/share"
)

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

// nameAgain opens anew what was opened before its author's identity was here: only then is the owner known by name.
func (f *sharedFolder) nameAgain() {
	for id, r := range f.recs {
		if r.r != nil && !f.owners[r.chain] {
			r.failed = ""
			f.queue = append(f.queue, id)
		}
	}
}

// Ask writes an ACCESS for records of another's folder, those that the screen shows and at most 512, and waits for the owner's device. Flushed before it returns.
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
		return block.ID{}, 0, fail("access/nothing", "nothing to open is on the screen")
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
