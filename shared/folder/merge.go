package folder

import (
	"bytes"
	"cmp"
	"slices"

	"github.com/anamnesis-health/anamnesis/shared/block"
	"github.com/anamnesis-health/anamnesis/shared/record"
)

// merge takes what another device of this folder wrote into its manifest: the union by key; stopped and cut win; of
// what changes otherwise, the manifest with the higher number counts. Whatever the order in which manifests come, all
// devices come to the same. It says whether keys, grants or writers are other than before. Source: spec/folder.md §2.
func (m *manifest) merge(from *manifest) bool {
	newer := from.Number > m.Number
	changed := false
	for _, k := range from.Keys {
		i := slices.IndexFunc(m.Keys, func(mine sectionKey) bool { return mine.Scope == k.Scope })
		if i < 0 {
			m.Keys = append(m.Keys, k)
			changed = true
		}
	}
	for _, g := range from.Grants {
		i := slices.IndexFunc(m.Grants, func(mine manifestGrant) bool { return mine.Chain == g.Chain })
		if i < 0 {
			m.Grants = append(m.Grants, g)
			changed = true
			continue
		}
		changed = m.Grants[i].merge(g, newer) || changed
	}
	for _, w := range from.Writers {
		i := slices.IndexFunc(m.Writers, func(mine manifestWriter) bool { return mine.Chain == w.Chain })
		if i < 0 {
			m.Writers = append(m.Writers, w)
			changed = true
			continue
		}
		changed = m.Writers[i].merge(w, newer) || changed
	}
	// A later epoch of a section names every one before it; two that do not know of each other stand by scope.
	slices.SortStableFunc(m.Keys, func(a, b sectionKey) int {
		return cmp.Or(cmp.Compare(len(a.Replaces), len(b.Replaces)), bytes.Compare(a.Scope[:], b.Scope[:]))
	})
	slices.SortStableFunc(m.Grants, func(a, b manifestGrant) int {
		return cmp.Or(cmp.Compare(a.SinceMS, b.SinceMS), bytes.Compare(a.Chain[:], b.Chain[:]))
	})
	if newer {
		m.Number, m.Person = from.Number, from.Person
	}
	return changed
}

func (g *manifestGrant) merge(from manifestGrant, newer bool) bool {
	stopped, at := g.State == grantStopped, g.StoppedMS
	if newer {
		*g = from
	}
	switch {
	case !stopped && from.State != grantStopped:
		return false
	case stopped && from.State == grantStopped:
		at = min(at, from.StoppedMS)
	case !stopped:
		at = from.StoppedMS
	}
	g.State, g.StoppedMS, g.Recipient = grantStopped, at, nil
	return !stopped
}

func (w *manifestWriter) merge(from manifestWriter, newer bool) bool {
	before := *w
	if newer {
		w.Session, w.Head = from.Session, from.Head
	}
	if len(w.Credential) == 0 {
		w.Credential = from.Credential
	}
	w.Own = w.Own || from.Own
	if len(from.Cut) > 0 && (len(w.Cut) == 0 || from.Cut[0] < w.Cut[0]) {
		w.Cut = slices.Clone(from.Cut)
	}
	return w.Own != before.Own || !slices.Equal(w.Cut, before.Cut)
}

// newerManifest takes a manifest that another device of this folder, or this device's other life, wrote.
func (e *Engine) newerManifest(id block.ID, o *opened) error {
	m, err := decoded[manifest](o.content, len(o.content))
	if err != nil || m.Version != 1 || m.Folder != e.me.own.id {
		return fail("open/11", "manifest %s: %v", id, err)
	}
	e.takeManifest(&m)
	return nil
}

// takeManifest merges a manifest into the folder's. What could not be opened or answered without it is tried again.
func (e *Engine) takeManifest(m *manifest) {
	own := e.me.own
	if !own.m.merge(m) {
		return
	}
	own.refresh(e)
	e.tryAgain()
}

// tryAgain looks anew at what did not open, and forgets what was cut off: another device brought keys, seeds or cuts.
func (e *Engine) tryAgain() {
	own := e.me.own
	for id, r := range own.recs {
		if r.failed != "" || own.cutOff(r.chain, r.seq) {
			delete(own.recs, id)
			own.order = nil
		}
	}
	e.behind, e.sync.eager = true, true
}

// cutOff says whether a block was written after its device was lost or removed: it is no part of the folder.
func (v *view) cutOff(chain block.ChainID, seq uint32) bool {
	cut, ok := v.cuts[chain]
	return ok && seq > cut
}

// adopt reads a chain that no manifest known here names: the first blocks of another device of this identity. Its
// manifest must be signed by a device that the newest DEVICE names; then the chain is the folder's too.
func (e *Engine) adopt(b *block.Block) error {
	own := e.me.own
	c := e.hold.chains[b.Chain()]
	if c.state.Type != block.ChainWriting || !e.bearsDeviceTag(c) {
		return nil
	}
	if b.Header.Kind != block.KindRecord {
		e.sync.want(e, b.Chain())
		return nil
	}
	o, err := e.openRecord(&own.view, b.ID, byOwner{})
	if err != nil || !o.ownerOnly || o.rec.Kind != record.Manifest || !e.ownDevice(o.credential) {
		return nil // somebody else's, or not whole yet
	}
	own.owners[b.Chain()] = true
	return e.newerManifest(b.ID, o)
}
