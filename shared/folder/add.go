package folder

import (
	"slices"
	"unicode/utf8"

	"github.com/anamnesis-health/anamnesis/shared/block"
	"github.com/anamnesis-health/anamnesis/shared/record"
)

// Draft is a record to be signed: a NOTE or one FHIR resource. Refs are what it answers or, with Amends, the older
// versions that it replaces; those give the section.
type Draft struct {
	Kind    record.Kind
	Section uint8
	Content []byte
	Refs    []block.ID
	Amends  bool
}

// Add signs and seals a record, flushed before it returns. In another's folder it is proposed. It returns an *Error:
// note/length, import/… for what is no single FHIR resource, amend/…, write/….
func (e *Engine) Add(folder ID, d Draft) (block.ID, error) {
	v, err := e.view(folder)
	if err != nil {
		return block.ID{}, err
	}
	if err := checkContent(d.Kind, d.Content); err != nil {
		return block.ID{}, err
	}
	r := &record.Record{Kind: d.Kind, Section: record.Section(d.Section), MediaType: "text/plain", Content: d.Content}
	if d.Kind == record.FHIR {
		r.MediaType = fhirJSON
	}
	if d.Amends {
		if d.Section, err = v.mayAmend(e, d); err != nil {
			return block.ID{}, err
		}
		r.Section, r.MediaType = record.Section(d.Section), record.AmendsSuffix(r.MediaType)
	}
	for _, id := range d.Refs {
		r.Refs = append(r.Refs, record.ID(id))
	}
	if e.me.own != nil && v == &e.me.own.view {
		return e.writeOwn(r)
	}
	var id block.ID
	err = e.together(func() (err error) { id, err = e.writeShared(v, r); return err })
	return id, err
}

// WriteNote adds a signed note. Text is UTF-8, at most 8 KiB; refs are what it answers.
func (e *Engine) WriteNote(folder ID, section uint8, text string, refs []block.ID) (block.ID, error) {
	return e.Add(folder, Draft{Kind: record.Note, Section: section, Content: []byte(text), Refs: refs})
}

func checkContent(k record.Kind, content []byte) error {
	switch k {
	case record.Note:
		if len(content) == 0 || len(content) > maxNote || !utf8.Valid(content) {
			return fail("note/length", "%d", maxNote)
		}
	case record.FHIR:
		f, err := record.Split(content)
		if err != nil {
			return importError(err)
		}
		if f.Kind != record.KindResource {
			return fail("write/bundle", "one resource at a time")
		}
	default:
		return fail("write/kind", "%d", k)
	}
	return nil
}

// mayAmend gives the section of the records that d amends: opened, of one section and of d's kind and type. An owner
// amends what the owner wrote or imported; what somebody else signed is answered or disputed.
func (v *view) mayAmend(e *Engine, d Draft) (section uint8, err error) {
	own := e.me.own != nil && v == &e.me.own.view
	for i, id := range d.Refs {
		old := v.recs[id]
		switch {
		case old == nil || !old.opened || old.failed != "":
			return 0, fail("amend/unknown", "no such opened record in this folder")
		case record.Kind(old.x.Kind) != d.Kind || d.Kind == record.FHIR && old.x.Type != record.Describe(d.Content).Type:
			return 0, fail("amend/kind", "%s", old.x.Type)
		case own && !v.owners[old.chain]:
			return 0, fail("amend/author", "signed by somebody else")
		case i > 0 && old.x.Section != section:
			return 0, fail("amend/section", "records of two sections")
		}
		section = old.x.Section
	}
	if len(d.Refs) == 0 {
		return 0, fail("amend/unknown", "nothing is amended")
	}
	return section, nil
}

// mediaType says whether a browser's word for a file is type/subtype and no more.
func mediaType(s string) bool {
	slash := 0
	for _, c := range []byte(s) {
		switch {
		case c == '/':
			slash++
		case c <= ' ' || c > '~' || c == ';' || c == ',':
			return false
		}
	}
	return slash == 1 && len(s) <= 127
}

// Hide takes records out of the owner's own view, or shows them again. Nothing else changes: they stay in exports, and
// readers of their sections still see them. Flushed before it returns.
func (e *Engine) Hide(ids []block.ID, hidden bool) error {
	own, _, err := e.ownFolder()
	if err != nil {
		return err
	}
	h := record.HideContent{Hidden: hidden}
	for _, id := range ids {
		r := own.recs[id]
		if r == nil || !listed(record.Kind(r.x.Kind)) {
			return fail("record/unknown", "no such record in this folder")
		}
		if !slices.Contains(h.Records, record.ID(id)) {
			h.Records = append(h.Records, record.ID(id))
		}
	}
	content, err := h.Encode()
	if err != nil {
		return err
	}
	_, err = e.writeOwn(&record.Record{Kind: record.Hide, Content: content})
	return err
}

// writeShared adds a record to another's folder, where the owner will see it as proposed. Flushed.
func (e *Engine) writeShared(v *view, r *record.Record) (block.ID, error) {
	f := e.me.shared[v.id]
	switch {
	case f.stopped != 0 || !e.readable(f):
		return block.ID{}, fail("access/stopped", "the sharing has ended")
	case f.public.Rights&block.RightWrite == 0:
		return block.ID{}, fail("write/right", "this sharing is for reading only")
	case len(r.Content) > blobAt:
		return block.ID{}, fail("write/too-large", "%d", blobAt)
	case v.newest(uint8(r.Section)) == nil:
		return block.ID{}, fail("write/no-section", "the sharing does not include section %d", r.Section)
	}
	w, err := e.sharedWriter(f)
	if err != nil {
		return block.ID{}, err
	}
	s, err := e.sealRecord(w, r)
	if err != nil {
		return block.ID{}, err
	}
	b, err := e.appendBlock(w.state.Chain, w.key, block.Header{Kind: block.KindRecord, Tag: s.tag}, s.age, s.keyPart)
	if err != nil {
		return block.ID{}, err
	}
	h := e.hold.blocks[b.ID]
	s.entry.ID, s.entry.Guest = b.ID, true
	f.recs[b.ID] = &rec{x: s.entry, chain: h.chain, seq: h.seq, at: h.time, opened: true, arrived: h.at}
	f.recs[b.ID].r, f.order = &s.release, nil
	return b.ID, e.flush()
}
