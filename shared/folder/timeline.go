package folder

import (
	"strings"

	"github.com/anamnesis-health/anamnesis/shared/block"
	"github.com/anamnesis-health/anamnesis/shared/record"
	"github.com/anamnesis-health/anamnesis/shared/share"
)

// rec is one record as this device knows it.
type rec struct {
	x       indexEntry
	chain   block.ChainID
	seq     uint32
	at      uint64 // header time, Unix seconds
	opened  bool   // its words are known
	r       *share.Secret
	failed  string
	arrived int64
	hay     string // what search looks in, folded; made when first searched
	key     string // what it sorts by, once sorted
	keyMS   uint64
}

// Item is one record as a list shows it.
type Item struct {
	ID       block.ID
	Kind     record.Kind
	Section  uint8
	Type     string
	Label    string
	Date     string
	SavedMS  int64
	Author   string
	Guest    bool
	Origin   string // you | imported | other
	Standing string // own | proposed | accepted | disputed
	Reason   string
	Sent     bool
	Opened   bool
	Failed   string
	Source   block.Nonce
	Refs     []block.ID
	// Amends says that Refs are older versions; of this record, AmendedBy are the newer ones in force and Changes those
	// that wait for the owner's word. Conflict: two in force, neither amended itself.
	Amends    bool
	AmendedBy []block.ID
	Changes   []block.ID
	Conflict  bool
	Hidden    bool // from the owner's own view
	Size      uint64
	SHA256    block.Hash
	Chain     block.ChainID
	Seq       uint32
}

// index keeps an index entry, sealed, and takes it into the view.
func (e *Engine) index(v *view, x indexEntry) error {
	if err := e.appendLocal(logIndex, encode(&x)); err != nil {
		return err
	}
	e.takeIndexed(v, x)
	return nil
}

func (e *Engine) takeIndexed(v *view, x indexEntry) {
	h := e.hold.blocks[x.ID]
	if h == nil || v.cutOff(h.chain, h.seq) {
		return
	}
	v.recs[x.ID] = &rec{x: x, chain: h.chain, seq: h.seq, at: h.time, opened: x.Failed == "", failed: x.Failed, arrived: h.at}
	v.order = nil
	switch record.Kind(x.Kind) {
	case record.Source:
		v.files[x.Source] = x.FileName
	case record.Verdict:
		for _, r := range x.Refs {
			v.verdicts[r] = later(v.verdicts[r], v.recs[x.ID])
		}
	case record.Looked:
		for _, a := range x.Refs {
			e.me.looked[a] = lookedFrom(e.me.looked[a], x)
		}
	}
}

// later is the newer of two verdicts by one owner: by chain when on one, else by the author's time, the same on each of
// the owner's devices.
func later(a, b *rec) *rec {
	switch {
	case a == nil, a.chain == b.chain && b.seq > a.seq:
		return b
	case a.chain == b.chain:
		return a
	case b.x.TimeMS > a.x.TimeMS, b.x.TimeMS == a.x.TimeMS && string(b.chain[:]) > string(a.chain[:]):
		return b
	}
	return a
}

// listed says whether a record can be a line of the timeline.
func listed(k record.Kind) bool {
	return k == record.FHIR || k == record.Document || k == record.Note || !k.Known()
}

func (e *Engine) item(v *view, r *rec) Item {
	it := Item{ID: r.x.ID, Kind: record.Kind(r.x.Kind), Section: r.x.Section, Type: r.x.Type, Label: r.x.Label, Date: r.x.Date,
		SavedMS: int64(r.x.TimeMS), Author: r.x.Author, Guest: r.x.Guest, Opened: r.opened, Failed: r.failed, Source: r.x.Source,
		Refs: r.x.Refs, Size: r.x.Size, SHA256: r.x.SHA256, Chain: r.chain, Seq: r.seq, Sent: !e.outbox.waits(r.x.ID)}
	if it.SavedMS == 0 {
		it.SavedMS = int64(r.at) * 1000
	}
	if r.failed != "" && it.Author == "" {
		it.Author = v.guests[r.chain] // a failed check names the writer
	}
	if !r.opened {
		return it
	}
	if it.Kind == record.Document && it.Label == "" {
		it.Label = v.files[it.Source] // the owner knows what an imported file was called
	}
	it.Origin, it.Standing = "other", v.standing(r)
	switch byOwner := v.owners[r.chain]; {
	case byOwner && r.x.Source != (block.Nonce{}):
		it.Origin = "imported"
	case byOwner:
		it.Origin = "you"
	}
	if it.Standing == "disputed" {
		it.Reason = v.verdicts[r.x.ID].x.Reason
	}
	it.Amends, it.Hidden = r.amends(), v.hidden(r.x.ID)
	it.AmendedBy, it.Changes, it.Conflict = v.versions(r)
	return it
}

// standing is what the owner says of an opened record: own, proposed, accepted or disputed.
func (v *view) standing(r *rec) string {
	if verdict := v.verdicts[r.x.ID]; verdict != nil {
		switch record.Opinion(verdict.x.Says) {
		case record.Dispute:
			return "disputed"
		case record.Accept:
			return "accepted"
		}
	}
	if v.owners[r.chain] {
		return "own"
	}
	return "proposed"
}

// OpenedRecord is a record's content with what a list shows of it.
type OpenedRecord struct {
	Item       Item
	MediaType  string
	Content    []byte
	Device     block.Key
	Size       int
	ContentSum block.Hash
	Big        bool // Content is left out: ReadDocument gives it by range
}

// OpenRecord opens one record anew, through all steps. It returns an *Error: open/1 … open/11, blob/waiting,
// record/unopened for a reader's record that was not released, record/unknown.
func (e *Engine) OpenRecord(folder ID, id block.ID) (*OpenedRecord, error) {
	v, err := e.view(folder)
	if err != nil {
		return nil, err
	}
	r := v.recs[id]
	if r == nil {
		return nil, fail("record/unknown", "no such record in this folder")
	}
	by, err := e.openerFor(v, r)
	if err != nil {
		return nil, err
	}
	o, err := e.openRecord(v, id, by)
	if err != nil {
		r.failed = failedCode(err)
		return nil, err
	}
	_, media := o.rec.Says()
	out := &OpenedRecord{Item: e.item(v, r), MediaType: media, Content: o.content, Device: o.credential.Device, Big: o.big()}
	if out.Size, out.ContentSum = len(o.content), hashOf(o.content); out.Big {
		out.Size, out.ContentSum = int(o.rec.Blob.Size), o.rec.Blob.SHA256
	}
	return out, nil
}

// failedCode is the code to show in red, or nothing when bytes are merely missing.
func failedCode(err error) string {
	if code := codeName(err, ""); strings.HasPrefix(code, "open/") && code != "open/3" {
		return code
	}
	return ""
}
