package folder

import (
	"sort"
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
	Size     uint64
	SHA256   block.Hash
	Chain    block.ChainID
	Seq      uint32
}

// Query pages through a folder's records, newest first. Text is searched in display words; Section 0 is all.
type Query struct {
	Text    string
	Section uint8
	Offset  int
	Limit   int
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
	if h == nil {
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

// listed says whether a record is a line of the timeline.
func listed(k record.Kind) bool {
	return k == record.FHIR || k == record.Document || k == record.Note || !k.Known()
}

// sorted is the view's lines, newest first by the content's own date, then by time and place in the chain.
func (v *view) sorted() []*rec {
	if v.order != nil {
		return v.order
	}
	v.order = make([]*rec, 0, len(v.recs))
	for _, r := range v.recs {
		if !r.opened && r.x.Kind == 0 || listed(record.Kind(r.x.Kind)) {
			v.order = append(v.order, r)
		}
	}
	sort.Slice(v.order, func(i, j int) bool { return newer(v.order[i], v.order[j]) })
	return v.order
}

func newer(a, b *rec) bool {
	if ka, kb := dateKey(a), dateKey(b); ka != kb {
		return ka > kb
	}
	if a.x.TimeMS != b.x.TimeMS {
		return a.x.TimeMS > b.x.TimeMS
	}
	if a.chain != b.chain {
		return string(a.chain[:]) > string(b.chain[:])
	}
	return a.seq > b.seq
}

// dateKey is what a record sorts by: its content's date as received, else the day it was written.
func dateKey(r *rec) string {
	if len(r.x.Date) >= 4 {
		return r.x.Date
	}
	return isoDay(int64(r.at))
}

// Timeline gives a page of a folder and the number of lines in all.
func (e *Engine) Timeline(folder ID, q Query) ([]Item, int, error) {
	v, err := e.view(folder)
	if err != nil {
		return nil, 0, err
	}
	terms := strings.Fields(strings.ToLower(q.Text))
	var items []Item
	total := 0
	limit := min(max(q.Limit, 1), maxPage)
	for _, r := range v.sorted() {
		if q.Section != 0 && r.x.Section != q.Section || !matches(r, terms) {
			continue
		}
		if total >= q.Offset && len(items) < limit {
			items = append(items, e.item(v, r))
		}
		total++
	}
	return items, total, nil
}

func matches(r *rec, terms []string) bool {
	if len(terms) == 0 {
		return true
	}
	hay := strings.ToLower(r.x.Label + " " + r.x.Type + " " + r.x.Date + " " + r.x.Author + " " + r.x.Words)
	for _, t := range terms {
		if !strings.Contains(hay, t) {
			return false
		}
	}
	return true
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
	byOwner := v.owners[r.chain]
	switch {
	case byOwner && r.x.Source != (block.Nonce{}):
		it.Origin, it.Standing = "imported", "own"
	case byOwner:
		it.Origin, it.Standing = "you", "own"
	default:
		it.Origin, it.Standing = "other", "proposed"
	}
	if verdict := v.verdicts[r.x.ID]; verdict != nil {
		switch record.Opinion(verdict.x.Opinion) {
		case record.Dispute:
			it.Standing, it.Reason = "disputed", verdict.x.Reason
		case record.Accept:
			it.Standing = "accepted"
		}
	}
	return it
}

// OpenedRecord is a record's content with what a list shows of it.
type OpenedRecord struct {
	Item       Item
	MediaType  string
	Content    []byte
	Device     block.Key
	Size       int
	ContentSum block.Hash
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
	media := o.rec.MediaType
	return &OpenedRecord{Item: e.item(v, r), MediaType: media, Content: o.content, Device: o.credential.Device,
		Size: len(o.content), ContentSum: hashOf(o.content)}, nil
}

// failedCode is the code to show in red, or nothing when bytes are merely missing.
func failedCode(err error) string {
	if code := codeName(err, ""); strings.HasPrefix(code, "open/") && code != "open/3" {
		return code
	}
	return ""
}
