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
	i := slices.IndexFunc(e.me.state.Writers, func(w writerState) bool { return w.Chain == id && !w.Frozen })
	if i < 0 {
		return nil
	}
	w := &e.me.state.Writers[i]
	w.Frozen = true
	if w.Grant != (block.ChainID{}) || e.me.own == nil {
		e.notify("fork/"+id.Hex(), "fork/reader", "")
		if err := e.saveState(); err != nil {
			return err
		}
		return e.flush()
	}
	own := e.me.own
	var again []*opened
	for _, bid := range e.hold.chains[id].blocks {
		if !e.outbox.waits(bid) || e.hold.blocks[bid].kind != block.KindRecord {
			continue
		}
		o, err := e.openRecord(&own.view, bid, byOwner{})
		if err != nil {
			return err
		}
		if o.rec.Kind != record.Manifest {
			again = append(again, o)
		}
		delete(own.recs, bid)
	}
	own.order = nil
	if err := e.dropWaiting(id); err != nil {
		return err
	}
	e.hold.rewind(id)
	if err := e.beginOwn(own.m); err != nil {
		return err
	}
	for _, o := range again {
		_, w, err := e.ownFolder()
		if err != nil {
			return err
		}
		r := &record.Record{Kind: o.rec.Kind, Section: o.rec.Section, MediaType: o.rec.MediaType, Refs: o.rec.Refs, Source: o.rec.Source, Content: o.content}
		if _, err := e.write(w, r); err != nil {
			return err
		}
	}
	for i := range own.m.Grants { // readers learn of the new chain by a new GRANT
		if g := &own.m.Grants[i]; e.grantState(g) == "active" {
			if _, err := e.writeGrant(g); err != nil {
				return err
			}
		}
	}
	if err := e.saveVault(); err != nil {
		return err
	}
	e.sync.holdMS = 0
	if err := e.flush(); err != nil {
		return err
	}
	e.sync.follow(e)
	e.notify("fork/"+id.Hex(), "fork/new-chain", "")
	return nil
}

// dropWaiting takes a forked chain's unsent blocks out of the outbox: they were written again elsewhere.
func (e *Engine) dropWaiting(id block.ChainID) error {
	var ids []block.ID
	for _, bid := range e.outbox.waiting {
		if e.hold.blocks[bid].chain == id {
			ids = append(ids, bid)
		}
	}
	return e.keepMark(markAbandoned, ids)
}
