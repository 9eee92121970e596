package folder

import (
	"encoding/hex"
	"errors"
	"strings"

	"github.com/anamnesis-health/anamnesis/shared/block"
	"github.com/anamnesis-health/anamnesis/shared/record"
)

// importing is one file between preview and saved. Nothing of it is in the log before the last step.
type importing struct {
	file    []byte
	name    string
	media   string
	split   *record.File
	items   []ImportItem
	section map[int]uint8
	source  record.SourceID
	sealed  []*sealed
	w       *writer
	own     *ownFolder
	started bool
}

// ImportItem is one resource found in a file.
type ImportItem struct {
	Index     int
	Type      string
	Label     string
	Date      string
	Section   uint8
	Size      int
	Duplicate bool
	held      block.ID // the record that already has these bytes
	from, to  int
}

// ImportPreview is what a file would add.
type ImportPreview struct {
	ID          string
	FileName    string
	Size        int
	SHA256      block.Hash
	Kind        string
	Duplicate   bool
	Items       []ImportItem
	OtherPerson bool
	People      []string
}

// PreviewImport reads a FHIR file and says what it would add. Nothing is stored. It returns an *Error: import/….
func (e *Engine) PreviewImport(file []byte, name, media string) (*ImportPreview, error) {
	own, _, err := e.ownFolder()
	if err != nil {
		return nil, err
	}
	split, err := record.Split(file)
	if err != nil {
		return nil, importError(err)
	}
	if len(e.imports) >= maxImports {
		e.imports = map[string]*importing{} // an abandoned preview holds nothing that matters
	}
	p := &ImportPreview{ID: hexOf(e.nonce()), FileName: name, Size: len(file), SHA256: hashOf(file), Kind: string(split.Kind)}
	held := map[block.Hash]block.ID{}
	for id, r := range own.recs {
		if !own.owners[r.chain] || r.failed != "" {
			continue
		}
		switch record.Kind(r.x.Kind) {
		case record.FHIR:
			held[r.x.SHA256] = id
		case record.Source:
			p.Duplicate = p.Duplicate || r.x.SHA256 == p.SHA256
		}
	}
	im := &importing{file: file, name: clip(name, 255), media: clip(media, 64), split: split, section: map[int]uint8{}}
	people := map[string]bool{}
	for _, piece := range split.Pieces {
		if !piece.Resource {
			continue
		}
		bytes := file[piece.Start:piece.End]
		d := record.Describe(bytes)
		it := ImportItem{Index: len(im.items), Type: d.Type, Label: d.Label, Date: d.Date, Section: uint8(d.Section), Size: len(bytes), from: piece.Start, to: piece.End}
		it.held, it.Duplicate = held[hashOf(bytes)], false
		it.Duplicate = it.held != (block.ID{})
		if d.Type == "Patient" {
			p.OtherPerson = p.OtherPerson || !samePerson(own.m.Person, d)
			if who := d.Name; who != "" && !people[who] {
				people[who] = true
				p.People = append(p.People, who)
			}
		}
		im.items = append(im.items, it)
	}
	p.OtherPerson = p.OtherPerson || len(people) > 1
	p.Items = im.items
	e.imports[p.ID] = im
	return p, nil
}

// samePerson compares a Patient with the folder's person: names share a word, and birth dates agree where both are given.
func samePerson(p person, d record.Summary) bool {
	if p.Born != "" && d.BirthDate != "" && p.Born != d.BirthDate {
		return false
	}
	if d.Name == "" {
		return true
	}
	words := map[string]bool{}
	for _, w := range strings.Fields(strings.ToLower(p.Name)) {
		words[w] = true
	}
	for _, w := range strings.Fields(strings.ToLower(d.Name)) {
		if words[w] {
			return true
		}
	}
	return false
}

func importError(err error) error {
	var r *record.Error
	if errors.As(err, &r) {
		return fail(r.Code, "%d", r.Offset)
	}
	return err
}

func clip(s string, n int) string {
	for len(s) > n {
		s = s[:len(s)-1]
	}
	return strings.ToValidUTF8(s, "")
}

func hexOf(n block.Nonce) string { return hex.EncodeToString(n[:]) }

// StartImport confirms a preview, with items moved to other sections by index.
func (e *Engine) StartImport(id string, sections map[int]uint8) (done, total int, err error) {
	own, w, err := e.ownFolder()
	if err != nil {
		return 0, 0, err
	}
	im := e.imports[id]
	if im == nil {
		return 0, 0, fail("import/gone", "choose the file again")
	}
	for i, s := range sections {
		if i < 0 || i >= len(im.items) || s < 1 || s > uint8(record.Emergency) {
			return 0, 0, fail("import/section", "%d", i)
		}
		im.section[i] = s
	}
	im.source, im.w, im.own, im.started = record.SourceID(e.nonce()), w, own, true
	return 0, len(im.items), nil
}

// StepImport seals the next records; the last call signs all of them into the chain with their SOURCE, compares the
// file with its pieces, and flushes. Until then nothing is stored, so stopping midway loses nothing.
func (e *Engine) StepImport(id string) (done, total int, finished bool, source record.SourceID, err error) {
	im := e.imports[id]
	if e.me == nil || im == nil || !im.started {
		return 0, 0, false, source, fail("import/gone", "choose the file again")
	}
	total = len(im.items)
	if own, w, err := e.ownFolder(); err != nil {
		return 0, total, false, source, err
	} else if im.own != own || im.w.state.Chain != w.state.Chain {
		// the profile was read anew, or the chain forked: what was sealed for the old session serves no more
		im.sealed, im.w, im.own = nil, w, own
	}
	for n := 0; n < importStep && len(im.sealed) < total; n++ {
		s, err := e.sealItem(im, len(im.sealed))
		if err != nil {
			return len(im.sealed), total, false, source, err
		}
		im.sealed = append(im.sealed, s)
	}
	if len(im.sealed) < total {
		return len(im.sealed), total, false, source, nil
	}
	if err := e.together(func() error { return e.finishImport(im) }); err != nil {
		return total, total, false, source, err
	}
	delete(e.imports, id)
	return total, total, true, im.source, nil
}

// sealItem seals one resource; one whose bytes the folder holds already is nil, and its record is named again.
func (e *Engine) sealItem(im *importing, i int) (*sealed, error) {
	it := &im.items[i]
	if it.Duplicate {
		return nil, nil
	}
	section := it.Section
	if s, ok := im.section[i]; ok {
		section = s
	}
	return e.sealRecord(im.w, &record.Record{Kind: record.FHIR, Section: record.Section(section), MediaType: "application/fhir+json",
		Source: im.source, Content: im.file[it.from:it.to]})
}

func (e *Engine) finishImport(im *importing) error {
	src := record.SourceContent{ID: im.source, FileName: im.name, MediaType: im.media, Size: uint64(len(im.file)), SHA256: hashOf(im.file)}
	var ids []block.ID
	for i, s := range im.sealed {
		if s == nil {
			ids = append(ids, im.items[i].held)
			continue
		}
		b, err := e.writeSealed(im.w, s)
		if err != nil {
			return err
		}
		ids = append(ids, b.ID)
	}
	n := 0
	for _, p := range im.split.Pieces {
		if p.Resource {
			src.Pieces = append(src.Pieces, record.Piece{Record: record.ID(ids[n])})
			n++
			continue
		}
		src.Pieces = append(src.Pieces, record.Piece{Gap: im.file[p.Start:p.End]})
	}
	content, err := src.Encode()
	if err != nil {
		return err
	}
	if err := e.compare(&src, im.file); err != nil {
		return err
	}
	if _, err := e.write(im.w, &record.Record{Kind: record.Source, Source: im.source, Content: content}); err != nil {
		return err
	}
	return e.flush()
}

// compare opens every record just sealed and joins the pieces: the file must come back byte for byte.
func (e *Engine) compare(src *record.SourceContent, file []byte) error {
	at := 0
	for _, p := range src.Pieces {
		part := p.Gap
		if part == nil {
			o, err := e.openRecord(&e.me.own.view, block.ID(p.Record), byOwner{})
			if err != nil {
				return err
			}
			part = o.content
		}
		if at+len(part) > len(file) || string(file[at:at+len(part)]) != string(part) {
			return fail("import/compare", "%d", at)
		}
		at += len(part)
	}
	if at != len(file) {
		return fail("import/compare", "%d", at)
	}
	return nil
}

// CancelImport drops a preview or a running import; nothing of it was stored.
func (e *Engine) CancelImport(id string) { delete(e.imports, id) }
