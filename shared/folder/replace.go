package folder

import (
	"slices"

	"github.com/anamnesis-health/anamnesis/shared/block"
	"github.com/anamnesis-health/anamnesis/shared/record"
)

// replaceForked starts a new writing chain for each own chain that forked: two tabs or a restored backup wrote at
// once. What the relay does not hold is written again, the manifest names the new chain, and the person is told.
func (e *Engine) replaceForked() {
	if e.me == nil || len(e.sync.replace) == 0 {
		return
	}
	list := e.sync.replace
	e.sync.replace = nil
	for _, id := range list {
		if err := e.together(func() error { return e.replaceChain(id) }); err != nil {
			e.notify("fork/"+id.Hex(), codeName(err, "fork/failed"), "")
		}
	}
}

func (e *Engine) replaceChain(id block.ChainID) error {
	if string(id[:]) == string(e.me.vault.Identity) {
		return e.mendIdentity(id)
	}
	w := e.writing(id)
	if w == nil {
		return e.stopForked(id)
	}
	if w.Grant != (block.ChainID{}) || e.me.own == nil {
		w.Frozen = true
		e.notify("fork/"+id.Hex(), "fork/reader", "")
		if err := e.saveState(); err != nil {
			return err
		}
		return e.flush()
	}
	if err := e.beginAgain(w); err != nil {
		return err
	}
	e.notify("fork/"+id.Hex(), "fork/new-chain", "")
	return nil
}

// stopForked takes a forked grant as the stopped one that it is: two devices of this folder wrote into it at once. The
// readers who stay go on under new keys.
func (e *Engine) stopForked(id block.ChainID) error {
	own := e.me.own
	if own == nil {
		return nil
	}
	i := slices.IndexFunc(own.m.Grants, func(g manifestGrant) bool { return g.Chain == id })
	if i < 0 {
		return nil
	}
	g := &own.m.Grants[i]
	if slices.ContainsFunc(e.outbox.waiting, func(bid block.ID) bool { return e.hold.blocks[bid].chain == id }) {
		if err := e.dropWaiting(id); err != nil {
			return err
		}
	}
	if g.State != grantStopped {
		g.State, g.StoppedMS, g.Recipient = grantStopped, e.world.Now(), nil
		if err := e.rotateSections(g.Sections); err != nil {
			return err
		}
		e.notify("fork/"+id.Hex(), "fork/grant", "")
	}
	return e.flush()
}

// writing is this device's living writing chain of that id, or nil.
func (e *Engine) writing(id block.ChainID) *writerState {
	i := slices.IndexFunc(e.me.state.Writers, func(w writerState) bool { return w.Chain == id && !w.Frozen })
	if i < 0 {
		return nil
	}
	return &e.me.state.Writers[i]
}

// beginAgain ends an own writing chain that the relay takes no more of, begins another, writes there what the relay
// does not hold, and tells the readers by a new GRANT.
func (e *Engine) beginAgain(w *writerState) error {
	w.Frozen = true
	id, own := w.Chain, e.me.own
	var again []*opened
	var was []block.ID
	for _, bid := range e.hold.chains[id].blocks {
		if !e.outbox.waits(bid) || e.hold.blocks[bid].kind != block.KindRecord {
			continue
		}
		o, err := e.openRecord(&own.view, bid, byOwner{})
		if err != nil {
			return err
		}
		if o.rec.Kind != record.Manifest {
			again, was = append(again, o), append(was, bid)
		}
		delete(own.recs, bid)
	}
	own.order = nil
	if err := e.dropWaiting(id); err != nil {
		return err
	}
	e.hold.rewind(id)
	if e.hold.chains[id] == nil { // no relay knows it: nobody need look for it
		own.m.Writers = slices.DeleteFunc(own.m.Writers, func(w manifestWriter) bool { return w.Chain == id })
	}
	var far [2]byte // the other life counts on from the same number: it must not draw the same key
	e.random(far[:])
	e.me.state.Counter += uint32(far[0])<<8 | uint32(far[1])
	if err := e.beginOwn(); err != nil {
		return err
	}
	now := map[block.ID]block.ID{} // what was written again, by its old id
	for i, o := range again {
		_, w, err := e.ownFolder()
		if err != nil {
			return err
		}
		r := &record.Record{Kind: o.rec.Kind, Section: o.rec.Section, MediaType: o.rec.MediaType, Refs: o.rec.Refs, Source: o.rec.Source, Content: o.content}
		if err := renamed(r, now); err != nil {
			return err
		}
		var b *block.Block
		if o.big() {
			b, err = e.sealAgain(w, o, r)
		} else {
			b, err = e.write(w, r)
		}
		if err != nil {
			return err
		}
		now[was[i]] = b.ID
	}
	if err := e.regrant(); err != nil {
		return err
	}
	if err := e.saveVault(); err != nil {
		return err
	}
	e.sync.holdMS = 0
	if err := e.flush(); err != nil {
		return err
	}
	e.sync.follow(e)
	return nil
}

// renamed lets a record that is written again name the new ids of others that were.
func renamed(r *record.Record, now map[block.ID]block.ID) error {
	in := func(ids []record.ID) {
		for i, id := range ids {
			if n, ok := now[block.ID(id)]; ok {
				ids[i] = record.ID(n)
			}
		}
	}
	in(r.Refs)
	switch r.Kind {
	case record.Source:
		s, err := record.DecodeSource(r.Content)
		if err != nil {
			return err
		}
		for i := range s.Pieces {
			if n, ok := now[block.ID(s.Pieces[i].Record)]; ok && s.Pieces[i].Gap == nil {
				s.Pieces[i].Record = record.ID(n)
			}
		}
		r.Content, err = s.Encode()
		return err
	case record.Looked:
		l, err := record.DecodeLooked(r.Content)
		if err != nil {
			return err
		}
		in(l.Released)
		in(l.Refused)
		r.Content, err = l.Encode()
		return err
	}
	return nil
}

// mendIdentity takes back a DEVICE whose slot the device's other life took. What the relay holds is asked for, and
// sawDevice then writes on top of it.
func (e *Engine) mendIdentity(id block.ChainID) error {
	if err := e.dropWaiting(id); err != nil {
		return err
	}
	e.hold.rewind(id)
	if err := e.flush(); err != nil {
		return err
	}
	e.sync.want(e, id)
	return nil
}

// dropWaiting takes an own chain's unsent blocks out of the outbox: they were written again elsewhere.
func (e *Engine) dropWaiting(id block.ChainID) error {
	var ids []block.ID
	for _, bid := range e.outbox.waiting {
		if e.hold.blocks[bid].chain == id {
			ids = append(ids, bid)
		}
	}
	err := e.keepMark(markAbandoned, ids)
	e.hold.abandon(ids)
	return err
}
