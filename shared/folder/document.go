package folder

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"hash"

	"github.com/anamnesis-health/anamnesis/shared/block"
	"github.com/anamnesis-health/anamnesis/shared/record"
	"github.com/anamnesis-health/anamnesis/shared/seal"
	"github.com/anamnesis-health/anamnesis/shared/share"
)

// This file takes documents of any size in and out piece by piece: a scan, a film, a genome. Memory does not grow with
// them, and no call lasts long.

// Document says what a document will be. Size is exact, in bytes.
type Document struct {
	Section   uint8
	MediaType string
	Size      int64
	About     []byte // the DocumentReference that describes it; the document's record refers to that one's
}

// documenting is a document being sealed into its file. The record that names it is written last, so that a tab closed
// before leaves nothing but a file that the next start removes.
type documenting struct {
	spec Document
	w    *writer
	ctx  share.Context
	bw   *seal.BlobWriter
	file *blobFile
	done int64
}

// BeginDocument begins to take a document into the own folder and gives its name for the calls that follow.
func (e *Engine) BeginDocument(d Document) (string, error) {
	own, w, err := e.ownFolder()
	switch {
	case err != nil:
		return "", err
	case d.Size <= 0:
		return "", fail("document/empty", "no bytes")
	case d.Size > maxDocument:
		return "", fail("document/too-large", "%d", maxDocument)
	case len(e.documents) == maxSealing:
		return "", fail("document/busy", "%d", maxSealing)
	case own.newest(d.Section) == nil:
		return "", fail("write/no-section", "no key of section %d", d.Section)
	}
	if err := checkContent(record.FHIR, d.About); err != nil {
		return "", err
	}
	if d.About = bytes.Clone(d.About); !mediaType(d.MediaType) {
		d.MediaType = "application/octet-stream"
	}
	x, err := e.documenting(w, d)
	if err != nil {
		return "", documentError(err)
	}
	draw := e.nonce()
	name := hex.EncodeToString(draw[:])
	e.documents[name] = x
	return name, nil
}

// documenting opens a file and begins to seal into it.
func (e *Engine) documenting(w *writer, d Document) (*documenting, error) {
	n, err := e.newFile()
	if err != nil {
		return nil, err
	}
	x := &documenting{spec: d, w: w, file: &blobFile{number: n}}
	x.ctx = share.Context{Net: e.net, Session: w.state.Session, Salt: e.nonce()}
	e.blobs.writing[x.file.number] = true
	x.bw, err = e.blobWriter(x.ctx, w, d.Size, func(_ int, leaf []byte) error {
		x.file.held++
		x.file.size += int64(len(leaf))
		return diskError(e.world.Append(x.file.number, leaf))
	})
	if err != nil {
		e.dropDocument(x)
	}
	return x, err
}

// WriteDocument seals the next piece, at most 1 MiB, and gives how many bytes are in. After an error the document is gone.
func (e *Engine) WriteDocument(name string, p []byte) (int64, error) {
	x, err := e.document(name)
	if err != nil {
		return 0, err
	}
	if len(p) > maxPiece || int64(len(p)) > x.spec.Size-x.done {
		e.CancelDocument(name)
		return 0, fail("document/length", "%d", x.spec.Size)
	}
	if _, err := x.bw.Write(p); err != nil {
		e.CancelDocument(name)
		return 0, documentError(err)
	}
	x.done += int64(len(p))
	return x.done, nil
}

// FinishDocument pads, in steps of 1 MiB, and then writes the record; it is called until finished. Everything is flushed
// then. After an error the document is gone.
func (e *Engine) FinishDocument(name string) (id, about block.ID, finished bool, err error) {
	x, err := e.document(name)
	if err != nil {
		return id, about, false, err
	}
	left, err := x.bw.Pad(maxPiece)
	if err == nil && left > 0 {
		return id, about, false, nil
	}
	if err == nil {
		err = e.together(func() (err error) { id, about, err = e.writeDocument(x); return err })
	}
	if err != nil {
		e.CancelDocument(name)
		return id, about, false, documentError(err)
	}
	delete(e.documents, name)
	delete(e.blobs.writing, x.file.number)
	e.world.Changed()
	return id, about, true, nil
}

func (e *Engine) writeDocument(x *documenting) (id, about block.ID, err error) {
	if _, w, err := e.ownFolder(); err != nil || w.state.Session != x.ctx.Session {
		return id, about, fail("document/again", "this device began another chain or session meanwhile")
	}
	r := &record.Record{Kind: record.Document, Section: record.Section(x.spec.Section), MediaType: x.spec.MediaType}
	first, err := e.write(x.w, &record.Record{Kind: record.FHIR, Section: r.Section, MediaType: fhirJSON, Content: x.spec.About})
	if err != nil {
		return id, about, err
	}
	about = first.ID
	r.Refs = []record.ID{record.ID(about)}
	written, err := e.closeDocument(x, r)
	if err != nil {
		return id, about, err
	}
	return written.ID, about, e.flush()
}

// closeDocument ends the file, flushes it, and writes the record that names it. The log is not flushed.
func (e *Engine) closeDocument(x *documenting, r *record.Record) (*block.Block, error) {
	b, err := x.bw.Close()
	if err != nil {
		return nil, err
	}
	if err := e.world.Flush(x.file.number); err != nil {
		return nil, diskError(err)
	}
	r.Blob = blobOf(&b)
	s := &sealed{blob: &b, file: x.file}
	if err := e.sealPlain(x.ctx, x.w, r, s, nil); err != nil {
		return nil, err
	}
	return e.writeSealed(x.w, s)
}

// sealAgain writes a big document once more, on another chain: its seals hang on the chain's session.
func (e *Engine) sealAgain(w *writer, o *opened, r *record.Record) (*block.Block, error) {
	from, err := e.openBlob(o.salt, o.rec.Blob)
	if err != nil {
		return nil, err
	}
	x, err := e.documenting(w, Document{Size: from.Size()})
	if err != nil {
		return nil, documentError(err)
	}
	p := make([]byte, maxPiece)
	for off := int64(0); off < from.Size() && err == nil; off += maxPiece {
		piece := p[:min(maxPiece, from.Size()-off)]
		if _, err = from.ReadAt(piece, off); err == nil {
			_, err = x.bw.Write(piece)
		}
	}
	var b *block.Block
	if err == nil {
		b, err = e.closeDocument(x, r)
	}
	if err != nil {
		e.dropDocument(x)
		return nil, documentError(err)
	}
	delete(e.blobs.writing, x.file.number)
	return b, nil
}

// CancelDocument gives a document up; nothing of it stays.
func (e *Engine) CancelDocument(name string) {
	if x := e.documents[name]; x != nil {
		delete(e.documents, name)
		e.dropDocument(x)
	}
}

func (e *Engine) dropDocument(x *documenting) {
	delete(e.blobs.writing, x.file.number)
	if err := e.world.Remove(x.file.number); err != nil && x.file.held > 0 {
		return // the next start removes it
	}
}

func (e *Engine) document(name string) (*documenting, error) {
	if e.me == nil {
		return nil, ErrLocked
	}
	x := e.documents[name]
	if x == nil {
		return nil, fail("document/unknown", "begin it first")
	}
	return x, nil
}

// documentError gives an error of sealing or of the disk its code.
func documentError(err error) error {
	if codeName(err, "") != "" {
		return err
	}
	return fail("document/failed", "%v", err)
}

// reading is the document read last: pages ask for one piece after another.
type reading struct {
	record block.ID
	r      *seal.BlobReader
	sum    hash.Hash
	next   int64
}

// ReadDocument gives bytes of a document by range, at most 1 MiB of them: fewer only at its end. Every byte is checked
// by leaf and chunk. Whoever reads from the first to the last byte in order has the whole compared with the record too:
// open/11 with the last piece. blob/waiting while leaves are on their way; DocumentHere says how many.
func (e *Engine) ReadDocument(folder ID, id block.ID, off int64, n int) ([]byte, error) {
	if n < 0 || n > maxPiece || off < 0 {
		return nil, fail("document/length", "%d", maxPiece)
	}
	o, err := e.openDocument(folder, id)
	if err != nil {
		return nil, err
	}
	if o.rec.Blob == nil {
		from := min(off, int64(len(o.content)))
		return o.content[from:min(from+int64(n), int64(len(o.content)))], nil
	}
	if e.reading == nil || e.reading.record != id {
		r, err := e.openBlob(o.salt, o.rec.Blob)
		if err != nil {
			return nil, err
		}
		e.reading = &reading{record: id, r: r, sum: sha256.New()}
	}
	x := e.reading
	p := make([]byte, max(0, min(int64(n), x.r.Size()-off)))
	if len(p) > 0 {
		if _, err := x.r.ReadAt(p, off); err != nil {
			return nil, fail("open/7", "%v", err)
		}
	}
	if off == 0 {
		x.sum.Reset()
		x.next = 0
	}
	if off == x.next {
		x.sum.Write(p)
		x.next += int64(len(p))
	}
	if x.next == x.r.Size() && block.Hash(x.sum.Sum(nil)) != block.Hash(o.rec.Blob.SHA256) {
		return nil, fail("open/11", "another content than the record names")
	}
	return p, nil
}

// DocumentHere says how many bytes of a document are on this device, sealed, and of how many, and begins to fetch what is not.
func (e *Engine) DocumentHere(folder ID, id block.ID) (here, of int64, err error) {
	o, err := e.openDocument(folder, id)
	if err != nil || o.rec.Blob == nil {
		return 0, 0, err
	}
	root, leaves := block.Hash(o.rec.Blob.Root), int(o.rec.Blob.Leaves)
	if e.blobs.whole(root, leaves) {
		return int64(leaves), int64(leaves), nil
	}
	e.blobs.ask(e, root, leaves)
	held := len(e.blobs.leaves[root])
	if f := e.blobs.files[root]; f != nil {
		held = f.held
	}
	return int64(held) * seal.LeafSize, int64(leaves) * seal.LeafSize, nil
}

// openDocument takes a record through all steps; of a big one the content comes by range.
func (e *Engine) openDocument(folder ID, id block.ID) (*opened, error) {
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
	return e.openRecord(v, id, by)
}
