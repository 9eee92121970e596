package folder

import "strings"

// together runs f, which ends with flush. When f fails, whatever it wrote is taken back, on the disk and in memory:
// a person who is told that something was not saved finds the profile as it was before.
func (e *Engine) together(f func() error) error {
	if e.within {
		return f()
	}
	e.within = true
	before := e.log.place()
	err := f()
	e.within = false
	if err != nil && (e.log.place() != before || strings.HasPrefix(codeName(err, ""), "storage/")) {
		e.rewind()
	}
	return err
}

// rewind brings disk and memory back to the last commit. Blocks received since are asked for again.
func (e *Engine) rewind() {
	err := e.log.Rewind()
	if err == nil {
		err = e.reload()
	}
	old := e.me
	if err == nil && old != nil {
		e.begin(old.vault, deviceState{Version: 1}, old.resealKey)
		if err = e.readSealed(); err == nil {
			e.me.vouched = old.vouched
			e.carryOver(old)
			e.behind = true // what was not answered or indexed is tried again at the next poll
			e.recallAccesses()
		}
	}
	if err != nil { // the disk is gone: nothing more can be shown as saved
		e.Lock()
		e.notify("storage", codeName(err, CodeStorageFailed), "")
	}
	e.world.Changed()
}

// reload reads the log anew. What is under way with the relay goes on.
func (e *Engine) reload() error {
	e.hold, e.outbox, e.local, e.checks, e.backup = newLedger(), outbox{}, nil, unverified{}, backupMark{}
	e.outbox.init()
	fresh := newBlobs()
	e.blobs.leaves, e.blobs.hashes, e.blobs.stored, e.blobs.wanted = fresh.leaves, fresh.hashes, fresh.stored, fresh.wanted
	e.blobs.files = fresh.files
	log, err := OpenLog(e.world, e.net, e.replay)
	if err != nil {
		return err
	}
	e.log = log
	return e.settleFiles()
}

// recallAccesses fills in who looked from the accesses whose journal is on the disk; it writes nothing.
func (e *Engine) recallAccesses() {
	if e.me.own == nil {
		return
	}
	for id, l := range e.me.looked {
		if e.hold.blocks[id] != nil && l.answered {
			if err := e.answer(id); err != nil {
				e.notify("storage", codeName(err, CodeStorageFailed), "")
			}
		}
	}
}

// carryOver keeps what a reader opened: it is nowhere but in memory.
func (e *Engine) carryOver(old *me) {
	for id, f := range e.me.shared {
		was := old.shared[id]
		if was == nil || was.grant != f.grant || f.stopped != 0 {
			continue
		}
		for rid, r := range was.recs {
			if f.recs[rid] == nil || r.r == nil {
				continue
			}
			f.recs[rid] = r
			for _, ref := range r.x.Refs {
				if was.verdicts[ref] == r {
					f.verdicts[ref] = r
				}
			}
		}
		for aid, a := range was.asked {
			if e.hold.blocks[aid] != nil {
				f.asked[aid] = a
			}
		}
		for chain, own := range was.owners {
			f.owners[chain] = own
		}
		f.queue, f.order = was.queue, nil
	}
}
