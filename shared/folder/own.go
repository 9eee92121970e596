package folder

import (
	"cmp"
	"crypto/ed25519"
	"crypto/sha256"
	"maps"
	"slices"
	"sort"
	"strings"
	"time"

	"github.com/anamnesis-health/anamnesis/shared/block"
	"github.com/anamnesis-health/anamnesis/shared/record"
	"github.com/anamnesis-health/anamnesis/shared/share"
)

// ID names a folder, 32 bytes.
type ID = secret

// Own, the zero ID, is the profile's own folder.
var Own = ID{}

// ownFolder is the folder this profile owns.
type ownFolder struct {
	view
	m        manifest
	sessions map[block.ID]share.Secret // S₀ by SESSION
}

func newOwnFolder(e *Engine, m manifest) *ownFolder {
	o := &ownFolder{view: newView(m.Folder), m: m, sessions: map[block.ID]share.Secret{}}
	o.owner = e.ownerRecipient(m.Folder).Recipient()
	o.refresh(e)
	return o
}

// refresh brings the view in line with the manifest.
func (o *ownFolder) refresh(e *Engine) {
	o.keys = o.m.Keys
	for _, w := range o.m.Writers {
		o.owners[w.Chain] = w.Own
		delete(o.cuts, w.Chain)
		if len(w.Cut) > 0 {
			o.cuts[w.Chain] = w.Cut[0]
		}
		o.erase[w.Chain] = block.KeyOf(ed25519.NewKeyFromSeed(w.Erase[:]))
		if c, err := decoded[Credential](w.Credential, record.MaxCredential); err == nil {
			o.devices[w.Chain] = c.Device
			o.guests[w.Chain] = c.Name
		}
	}
}

// view finds a folder by id; zero is the own one.
func (e *Engine) view(id ID) (*view, error) {
	if e.me == nil {
		return nil, ErrLocked
	}
	if own := e.me.own; own != nil && (id == secret{} || id == own.id) {
		return &own.view, nil
	}
	if s := e.me.shared[id]; s != nil {
		return &s.view, nil
	}
	return nil, fail("folder/unknown", "no such folder here")
}

func (e *Engine) ownFolder() (*ownFolder, *writer, error) {
	if e.me == nil {
		return nil, nil, ErrLocked
	}
	if e.me.own == nil {
		return nil, nil, fail("folder/none", "this profile owns no folder")
	}
	w, err := e.ownedWriter(&e.me.own.view)
	if err != nil {
		return nil, nil, err
	}
	return e.me.own, w, e.together(func() error { return e.ensureSession(w, e.dayTag(e.ownTagKey(), w.state.Chain)) })
}

// writeManifest appends the manifest as it stands now. Not flushed.
func (e *Engine) writeManifest() error {
	own, w, err := e.ownFolder()
	if err != nil {
		return err
	}
	own.m.Number++
	for i := range own.m.Writers {
		mw := &own.m.Writers[i]
		if c := e.hold.chains[mw.Chain]; c != nil {
			mw.Head = c.state.Head
		}
		if mw.Own && mw.Chain == w.state.Chain {
			mw.Session = w.state.Session
		}
	}
	own.refresh(e)
	_, err = e.write(w, &record.Record{Kind: record.Manifest, Content: encode(&own.m)})
	if err != nil {
		return err
	}
	return e.saveState()
}

// loadOwn rebuilds the own folder on unlock: the newest manifest, then the index.
func (e *Engine) loadOwn(entries []indexEntry) error {
	own := newOwnFolder(e, manifest{Version: 1, Folder: secret(e.me.vault.Folder)})
	e.me.own = own
	if err := e.readManifests(entries); err != nil {
		return err
	}
	e.readDevices()
	for _, x := range entries {
		e.takeIndexed(&own.view, x)
	}
	e.wantBlobs()
	return nil
}

// wantBlobs notes which blobs of the owner's records no relay is known to hold.
func (e *Engine) wantBlobs() {
	for id, r := range e.me.own.recs {
		if len(r.x.Blob) == 32 && !e.blobs.stored[block.Hash(r.x.Blob)] && e.me.own.owners[r.chain] {
			e.blobs.wanted[id] = block.Hash(r.x.Blob)
		}
	}
}

func (e *Engine) chainOf(id block.ID) block.ChainID {
	if h := e.hold.blocks[id]; h != nil {
		return h.chain
	}
	return block.ChainID{}
}

// readManifests merges the newest manifest of each device's chain. They count by their own numbers, as clocks jump and a
// new chain begins at 0.
func (e *Engine) readManifests(entries []indexEntry) error {
	own := e.me.own
	newest := map[block.ChainID]indexEntry{}
	for _, x := range entries {
		if record.Kind(x.Kind) != record.Manifest || e.hold.blocks[x.ID] == nil {
			continue
		}
		if c := e.chainOf(x.ID); x.Size >= newest[c].Size {
			newest[c] = x
		}
	}
	list := slices.SortedFunc(maps.Values(newest), func(a, b indexEntry) int { return cmp.Compare(b.Size, a.Size) })
	for i, x := range list {
		o, err := e.openRecord(&own.view, x.ID, byOwner{})
		if err == nil {
			err = e.newerManifest(x.ID, o)
		}
		if err != nil && i == 0 {
			return err
		}
	}
	if len(list) == 0 {
		return fail("storage/damaged", "no manifest in the log")
	}
	return nil
}

// catchUp looks at what arrived while the profile was locked: records without an index entry, accesses. When the disk
// is full it stops, says so, and is tried again: reading goes on meanwhile.
func (e *Engine) catchUp() {
	e.behind = false
	if e.me == nil || e.me.own == nil {
		return
	}
	err := e.together(func() error {
		if err := e.saveSeeds(); err != nil {
			return err
		}
		for _, w := range slices.Clone(e.me.own.m.Writers) {
			c := e.hold.chains[w.Chain]
			if c == nil {
				continue
			}
			for _, id := range c.blocks {
				if err := e.ownerSees(id); err != nil {
					return err
				}
			}
		}
		return nil
	})
	if err != nil {
		e.behind = true
		e.notify("storage", codeName(err, CodeStorageFailed), "")
	}
	if len(e.outbox.carried) > 0 {
		e.wantBlobs() // what an archive brought back, the relay may have lost
	}
	e.sync.dirty = true
}

// ownerSees handles one block that concerns the own folder: a record is opened, checked and indexed, an access answered.
func (e *Engine) ownerSees(id block.ID) error {
	own, h := e.me.own, e.hold.blocks[id]
	switch h.kind {
	case block.KindRecord:
		if own.recs[id] != nil || !h.whole || own.cutOff(h.chain, h.seq) {
			return nil
		}
		return e.ownerIndexes(id)
	case block.KindAccess:
		return e.answer(id)
	}
	return nil
}

// ownerIndexes opens a record on a known writer's chain. One that does not open is indexed as failed, never dropped
// silently; one that waits for its blob is tried again when leaves arrive.
func (e *Engine) ownerIndexes(id block.ID) error {
	own, h := e.me.own, e.hold.blocks[id]
	o, err := e.openRecord(&own.view, id, byOwner{})
	if codeName(err, "") == "blob/waiting" {
		return nil
	}
	if err != nil {
		if code := codeName(err, "open/1"); strings.HasPrefix(code, "open/") {
			return e.index(&own.view, indexEntry{ID: id, Kind: uint16(record.Document), TimeMS: h.time * 1000, Failed: code})
		}
		return err // the disk's, not the record's
	}
	if o.rec.Kind.Known() && (o.rec.Kind.OwnersWord() || o.ownerOnly) && !own.owners[h.chain] {
		return e.index(&own.view, indexEntry{ID: id, Kind: uint16(record.Document), TimeMS: h.time * 1000, Failed: "open/9"})
	}
	if o.rec.Kind == record.Manifest && own.owners[h.chain] {
		if err := e.newerManifest(id, o); err != nil {
			return err
		}
	}
	return e.index(&own.view, e.entryOf(id, o, own.owners[h.chain]))
}

// entryOf is the index entry of an opened record.
func (e *Engine) entryOf(id block.ID, o *opened, own bool) indexEntry {
	x := e.describe(o.rec, o.content)
	x.ID, x.Author, x.Own = id, o.credential.Name, own
	x.Guest = !own // until members accredit: an identity alone is anybody's word for himself
	if o.rec.Blob != nil {
		x.Blob = o.rec.Blob.Root[:]
	}
	return x
}

// writeOwn adds a record to the own folder: flushed when it returns without an error, else taken back.
func (e *Engine) writeOwn(r *record.Record) (id block.ID, err error) {
	err = e.together(func() error {
		_, w, err := e.ownFolder()
		if err != nil {
			return err
		}
		b, err := e.write(w, r)
		if err != nil {
			return err
		}
		id = b.ID
		return e.flush()
	})
	return id, err
}

// Verdict accepts, disputes or withdraws a dispute about a record of the own folder; it travels in that record's section.
func (e *Engine) Verdict(id block.ID, opinion record.Opinion, reason string) (block.ID, error) {
	own, _, err := e.ownFolder()
	if err != nil {
		return block.ID{}, err
	}
	r := own.recs[id]
	if r == nil || r.x.Section == 0 {
		return block.ID{}, fail("record/unknown", "no such record in this folder")
	}
	content, err := (&record.VerdictContent{Opinion: opinion, Reason: reason}).Encode()
	if err != nil {
		return block.ID{}, err
	}
	return e.writeOwn(&record.Record{Kind: record.Verdict, Section: record.Section(r.x.Section), Refs: []record.ID{record.ID(id)}, Content: content})
}

// NeedsYou counts the records that wait for the owner's word, and the links at which to compare.
func (e *Engine) NeedsYou() int {
	n := e.waitingNeedYou()
	if e.me == nil || e.me.own == nil {
		return n
	}
	for _, r := range e.me.own.sorted() {
		if !e.me.own.owners[r.chain] && r.failed == "" && e.me.own.verdicts[r.x.ID] == nil && !e.me.own.hidden(r.x.ID) {
			n++
		}
	}
	return n
}

// Profile is who this is.
type Profile struct {
	Name, Born string
	Own        ID // zero for a reader
}

// Profile says whose profile is open, or ErrLocked.
func (e *Engine) Profile() (Profile, error) {
	if e.me == nil {
		return Profile{}, ErrLocked
	}
	p := Profile{Name: e.me.vault.Name, Born: e.me.vault.Born}
	if e.me.own != nil {
		p.Own = e.me.own.id
	}
	return p, nil
}

func isoDay(unix int64) string { return time.Unix(unix, 0).UTC().Format(time.DateOnly) }

func hashOf(b []byte) block.Hash { return sha256.Sum256(b) }

// openerFor says how a record of v is opened: the owner's way, or with what was released.
func (e *Engine) openerFor(v *view, r *rec) (opener, error) {
	if e.me.own != nil && v == &e.me.own.view {
		return byOwner{}, nil
	}
	if r.r == nil {
		return nil, fail("record/unopened", "ask to open it first")
	}
	return byReader{*r.r}, nil
}

func uniqueSections(in []uint8) []uint8 {
	out := slices.Clone(in)
	sort.Slice(out, func(i, j int) bool { return out[i] < out[j] })
	return slices.Compact(out)
}
