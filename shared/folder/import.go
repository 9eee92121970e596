package folder

import (
	"encoding/hex"
	"errors"
	"strings"

	"github.com/anamnesis-health/anamnesis/shared/block"
	"github.com/anamnesis-health/anamnesis/shared/record"
)

// Foreign says that a file is no FHIR: it is kept as one DOCUMENT, and what follows it was made from it.
type Foreign struct {
	Size   int    // bytes of the file itself, at the front; what follows is FHIR as Split reads it, or nothing
	Format string // what it was, as spec/record.md §5 has it: one to 32 of a…z and '-'
}

// importing is one file between preview and saved. Nothing of it is in the log before the last step.
type importing struct {
	file    []byte
	body    []byte // what split is about: file, or what was made from it
	foreign Foreign
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
	split, err := record.Split(file)
	if err != nil {
		return nil, importError(err)
	}
	return e.preview(&importing{file: file, body: file, name: clip(name, 255), media: printable(media), split: split})
}

// PreviewForeign is PreviewImport for bytes that hold a file of another format, and then the FHIR made from it.
func (e *Engine) PreviewForeign(bytes []byte, f Foreign, name, media string) (*ImportPreview, error) {
	if f.Size < 1 || f.Size > len(bytes) || !isFormat(f.Format) {
		return nil, fail("core/arguments", "import of another format")
	}
	im := &importing{file: bytes[:f.Size], body: bytes[f.Size:], foreign: f, name: clip(name, 255), media: printable(media), split: &record.File{Kind: kindDocument}}
	if f.Size > record.MaxFile {
		return nil, fail("import/too-large", "%d", record.MaxFile)
	}
	if len(im.body) > 0 {
		split, err := record.Split(im.body)
		if err != nil {
			return nil, importError(err)
		}
		im.split.Pieces = split.Pieces
	}
	return e.preview(im)
}

// kindDocument says that an imported file is no FHIR.
const kindDocument record.FileKind = "document"

// documentIndex is the place of the file itself among the items of one that is no FHIR.
const documentIndex = 0

func (im *importing) isForeign() bool { return im.foreign.Size > 0 }

func isFormat(s string) bool {
	for _, c := range []byte(s) {
		if c != '-' && (c < 'a' || c > 'z') {
			return false
		}
	}
	return len(s) >= 1 && len(s) <= 32
}

// printable is a media type as a record may have it: a browser's is kept, anything else is nothing.
func printable(media string) string {
	for _, c := range []byte(media) {
		if c < ' ' || c > '~' {
			return ""
		}
	}
	return clip(media, 64)
}

func (e *Engine) preview(im *importing) (*ImportPreview, error) {
	own, _, err := e.ownFolder()
	if err != nil {
		return nil, err
	}
	if len(e.imports) >= maxImports {
		e.imports = map[string]*importing{} // an abandoned preview holds nothing that matters
	}
	p := &ImportPreview{ID: hexOf(e.nonce()), FileName: im.name, Size: len(im.file), SHA256: hashOf(im.file), Kind: string(im.split.Kind)}
	held := map[block.Hash]block.ID{}
	for id, r := range own.recs {
		if !own.owners[r.chain] || r.failed != "" {
			continue
		}
		switch record.Kind(r.x.Kind) {
		case record.FHIR, record.Document:
			held[r.x.SHA256] = id
		case record.Source:
			p.Duplicate = p.Duplicate || r.x.SHA256 == p.SHA256
		}
	}
	im.section = map[int]uint8{}
	if im.isForeign() {
		it := ImportItem{Type: im.media, Label: im.name, Section: uint8(record.General), Size: len(im.file)}
		it.held, it.Duplicate = held[p.SHA256], held[p.SHA256] != (block.ID{})
		im.items = append(im.items, it)
	}
	people := map[string]bool{}
	for _, piece := range im.split.Pieces {
		if !piece.Resource {
			continue
		}
		bytes := im.body[piece.Start:piece.End]
		d := record.Describe(bytes)
		it := ImportItem{Index: len(im.items), Type: d.Type, Label: d.Label, Date: d.Date, Section: uint8(d.Section), Size: len(bytes), from: piece.Start, to: piece.End}
		it.held = held[hashOf(bytes)]
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
	r := &record.Record{Kind: record.FHIR, Section: record.Section(section), MediaType: fhirJSON, Source: im.source}
	switch {
	case im.isForeign() && i == documentIndex:
		r.Kind, r.MediaType, r.Content = record.Document, im.media, im.file
	case im.isForeign():
		r.MediaType, r.Content = fhirJSON+";converted-from="+im.foreign.Format, im.body[it.from:it.to]
	default:
		r.Content = im.body[it.from:it.to]
	}
	return e.sealRecord(im.w, r)
}

const fhirJSON = "application/fhir+json"

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
	src.Pieces = im.pieces(ids)
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

// pieces are what makes the file again: the one DOCUMENT, or its records and gaps.
func (im *importing) pieces(ids []block.ID) []record.Piece {
	if im.isForeign() {
		return []record.Piece{{Record: record.ID(ids[documentIndex])}}
	}
	var out []record.Piece
	n := 0
	for _, p := range im.split.Pieces {
		if p.Resource {
			out = append(out, record.Piece{Record: record.ID(ids[n])})
			n++
			continue
		}
		out = append(out, record.Piece{Gap: im.file[p.Start:p.End]})
	}
	return out
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
			if part, err = e.whole(o); err != nil {
				return err
			}
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
