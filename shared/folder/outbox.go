package folder

import (
	"slices"
	"sort"

	"github.com/anamnesis-health/anamnesis/shared/block"
	"github.com/anamnesis-health/anamnesis/shared/record"
)

// outbox knows what this device wrote and what became of it. Saved: flushed here. Sent: a relay answered STORED
// after its fsync, and that is recorded here. Nothing is final before witnesses run.
type outbox struct {
	waiting   []block.ID // own blocks not stored by a relay, oldest first
	pending   map[block.ID]bool
	attempted map[block.ID]bool
	sent      map[block.ID]int64
	discarded map[block.ID]bool
	reasons   map[block.ID]string
	carried   []block.ChainID // of other devices, from an archive
}

// mark takes one entry of the log.
func (o *outbox) mark(m outboxMark) {
	o.init()
	for _, id := range m.IDs {
		switch m.State {
		case markCarried:
			o.carried = append(o.carried, block.ChainID(id))
		case markAttempted:
			o.attempted[id] = true
		case markSent:
			o.sent[id] = m.AtMS
			delete(o.reasons, id)
			delete(o.pending, id)
		case markDiscarded, markAbandoned:
			o.discarded[id] = true
			delete(o.pending, id)
		}
	}
	if m.State != markAttempted {
		o.waiting = slices.DeleteFunc(o.waiting, func(id block.ID) bool { return o.sent[id] != 0 || o.discarded[id] })
	}
}

func (o *outbox) init() {
	if o.attempted == nil {
		o.attempted, o.sent = map[block.ID]bool{}, map[block.ID]int64{}
		o.discarded, o.reasons = map[block.ID]bool{}, map[block.ID]string{}
		o.pending = map[block.ID]bool{}
	}
}

// add takes a block just made.
func (o *outbox) add(id block.ID) {
	o.init()
	o.waiting = append(o.waiting, id)
	o.pending[id] = true
}

// waits says whether a block of this device is not stored by a relay yet.
func (o *outbox) waits(id block.ID) bool { return o.pending[id] }

// own finds, on unlock, the blocks of this device's chains that no relay has stored.
func (o *outbox) own(e *Engine) {
	o.init()
	o.waiting, o.pending = nil, map[block.ID]bool{}
	for _, c := range e.ownChains() {
		held := e.hold.chains[c]
		if held == nil {
			continue
		}
		for _, id := range held.blocks {
			if o.sent[id] == 0 && !o.discarded[id] && e.hold.blocks[id].whole {
				o.add(id)
			}
		}
	}
}

// ownChains are the chains this device signs, each before those that need it: identity, writing chains, grants.
func (e *Engine) ownChains() []block.ChainID {
	var out []block.ChainID
	if len(e.me.vault.Identity) == 32 {
		out = append(out, block.ChainID(e.me.vault.Identity))
	}
	for _, w := range e.me.state.Writers {
		if !w.Frozen {
			out = append(out, w.Chain)
		}
	}
	out = append(out, e.outbox.carried...)
	if e.me.own != nil {
		for _, g := range e.me.own.m.Grants {
			out = append(out, g.Chain)
		}
	}
	return out
}

// keepMark appends a mark to the log and takes it.
func (e *Engine) keepMark(state uint8, ids []block.ID) error {
	m := outboxMark{State: state, AtMS: max(e.world.Now(), 1), IDs: ids}
	if _, err := e.log.Append(logOutbox, encode(&m)); err != nil {
		return err
	}
	e.outbox.mark(m)
	return nil
}

// keepMarks keeps a mark at once and says whether it is on the disk.
func (e *Engine) keepMarks(state uint8, ids []block.ID) bool {
	err := e.together(func() error {
		if err := e.keepMark(state, ids); err != nil {
			return err
		}
		return e.log.Commit()
	})
	if err != nil {
		e.notify("storage", codeName(err, CodeStorageFailed), "")
		e.sync.holdMS = e.world.Now() + holdMS
	}
	return err == nil
}

// OutboxRow is one thing written here.
type OutboxRow struct {
	Block  block.ID
	What   string
	Label  string
	Sent   bool
	Reason string
	AtMS   int64
}

// Outbox lists what waits, oldest first, then what was sent, newest first, and counts both.
func (e *Engine) Outbox() (rows []OutboxRow, saved, sent int, err error) {
	if e.me == nil {
		return nil, 0, 0, ErrLocked
	}
	for _, id := range e.outbox.waiting {
		if len(rows) < maxRows {
			rows = append(rows, e.outboxRow(id, false))
		}
	}
	var done []OutboxRow
	for _, c := range e.ownChains() {
		held := e.hold.chains[c]
		if held == nil {
			continue
		}
		for i := len(held.blocks) - 1; i >= 0; i-- {
			if e.outbox.sent[held.blocks[i]] != 0 {
				sent++
				if len(done) < 2*maxRows {
					done = append(done, e.outboxRow(held.blocks[i], true))
				}
			}
		}
	}
	sort.SliceStable(done, func(i, j int) bool { return done[i].AtMS > done[j].AtMS })
	rows = append(rows, done[:min(len(done), maxRows-min(len(rows), maxRows))]...)
	return rows, len(e.outbox.waiting), sent, nil
}

func (e *Engine) outboxRow(id block.ID, sent bool) OutboxRow {
	h := e.hold.blocks[id]
	row := OutboxRow{Block: id, Sent: sent, AtMS: int64(h.time) * 1000, What: whatIs(h.kind)}
	if h.at > 0 {
		row.AtMS = h.at
	}
	if at := e.outbox.sent[id]; at > 0 {
		row.AtMS = at
	}
	if r := e.recOf(id); r != nil {
		row.What, row.Label = whatRecord(r.x), r.x.Label
	}
	if sent {
		return row
	}
	switch {
	case e.outbox.reasons[id] != "":
		row.Reason = e.outbox.reasons[id]
	case e.sync.state != linkOnline:
		row.Reason = "offline"
	case e.blobs.waits(id):
		row.Reason = "blob"
	}
	return row
}

func (e *Engine) recOf(id block.ID) *rec {
	if e.me.own != nil && e.me.own.recs[id] != nil {
		return e.me.own.recs[id]
	}
	for _, f := range e.me.shared {
		if f.recs[id] != nil {
			return f.recs[id]
		}
	}
	return nil
}

// DiscardLast takes back a record that waits at the head of its chain and was never sent to a relay; nothing else
// may ever be discarded, as somebody may hold it. Flushed before it returns.
func (e *Engine) DiscardLast(id block.ID) error {
	if e.me == nil {
		return ErrLocked
	}
	r := e.recOf(id)
	if r == nil || !e.outbox.waits(id) || !listed(record.Kind(r.x.Kind)) {
		return fail("outbox/kept", "only a waiting record can be taken back")
	}
	// A mark that could not be obeyed would keep the block, and all that follows it, from ever being sent.
	if e.outbox.attempted[id] || !e.hold.droppable(id) {
		return fail("outbox/attempted", "it was sent, or something was written after it")
	}
	return e.together(func() error { return e.discard(id) })
}

func (e *Engine) discard(id block.ID) error {
	if err := e.keepMark(markDiscarded, []block.ID{id}); err != nil {
		return err
	}
	e.hold.drop(id)
	if own := e.me.own; own != nil && own.recs[id] != nil {
		delete(own.recs, id)
		own.order = nil
	}
	for _, f := range e.me.shared {
		delete(f.recs, id)
		f.order = nil
	}
	delete(e.blobs.wanted, id)
	return e.flush()
}
