package folder

import (
	"bytes"
	"sort"
	"strconv"

	"github.com/anamnesis-health/anamnesis/shared/block"
	"github.com/anamnesis-health/anamnesis/shared/record"
	"github.com/anamnesis-health/anamnesis/shared/seal"
)

// SourceView is one imported file.
type SourceView struct {
	ID        block.Nonce
	FileName  string
	MediaType string
	Size      uint64
	SHA256    block.Hash
	AtMS      int64
	Records   int
}

// Sources lists the imported files, newest first.
func (e *Engine) Sources() ([]SourceView, error) {
	if e.me == nil {
		return nil, ErrLocked
	}
	if e.me.own == nil {
		return nil, nil
	}
	var out []SourceView
	for _, r := range e.me.own.recs {
		if record.Kind(r.x.Kind) == record.Source && r.failed == "" {
			out = append(out, SourceView{r.x.Source, r.x.FileName, r.x.Type, r.x.Size, r.x.SHA256, int64(r.x.TimeMS), len(r.x.Refs)})
		}
	}
	sort.Slice(out, func(i, j int) bool {
		if out[i].AtMS != out[j].AtMS {
			return out[i].AtMS > out[j].AtMS
		}
		return bytes.Compare(out[i].ID[:], out[j].ID[:]) < 0
	})
	return out, nil
}

// ExportSource gives an imported file back, byte for byte, compared with what SOURCE says of it.
func (e *Engine) ExportSource(id block.Nonce) (*record.SourceContent, []byte, error) {
	if e.me == nil {
		return nil, nil, ErrLocked
	}
	if e.me.own == nil {
		return nil, nil, fail("folder/none", "this profile owns no folder")
	}
	for bid, r := range e.me.own.recs {
		if record.Kind(r.x.Kind) != record.Source || r.x.Source != id || r.failed != "" {
			continue
		}
		return e.join(bid)
	}
	return nil, nil, fail("record/unknown", "no such file in this folder")
}

func (e *Engine) join(id block.ID) (*record.SourceContent, []byte, error) {
	o, err := e.openRecord(&e.me.own.view, id, byOwner{})
	if err != nil {
		return nil, nil, err
	}
	src, err := record.DecodeSource(o.content)
	if err != nil {
		return nil, nil, fail("open/11", "%v", err)
	}
	var out bytes.Buffer
	for _, p := range src.Pieces {
		if p.Gap != nil {
			out.Write(p.Gap)
			continue
		}
		o, err := e.openRecord(&e.me.own.view, block.ID(p.Record), byOwner{})
		if err != nil {
			return nil, nil, err
		}
		b, err := e.whole(o)
		if err != nil {
			return nil, nil, err
		}
		out.Write(b)
	}
	if uint64(out.Len()) != src.Size || hashOf(out.Bytes()) != block.Hash(src.SHA256) {
		return nil, nil, fail("open/11", "the pieces are not the file")
	}
	return src, out.Bytes(), nil
}

// SealedCopy makes a tar of the own folder sealed anew to one post-quantum key, shown once: files/<n>.age are the
// imported files, records/<id>.age the records, <id>.block each record's signed block beside it. Any age command of
// the version in go.mod opens them.
func (e *Engine) SealedCopy() (tarball []byte, key string, err error) {
	own, _, err := e.ownFolder()
	if err != nil {
		return nil, "", err
	}
	k, err := seal.NewCopyKey()
	if err != nil {
		return nil, "", err
	}
	var out bytes.Buffer
	add := func(name string, body []byte) error {
		if out.Len()+len(body) > seal.MaxCopy {
			return fail("export/too-large", "%d", seal.MaxCopy)
		}
		addTar(&out, name, body)
		return nil
	}
	sources, err := e.Sources()
	if err != nil {
		return nil, "", err
	}
	for i, s := range sources {
		_, file, err := e.ExportSource(s.ID)
		if err != nil {
			return nil, "", err
		}
		if err := e.addSealed(add, k, "files/"+strconv.Itoa(i+1)+".age", file); err != nil {
			return nil, "", err
		}
	}
	for _, r := range own.sorted() {
		if r.failed != "" {
			continue
		}
		o, err := e.openRecord(&own.view, r.x.ID, byOwner{})
		if err != nil {
			return nil, "", err
		}
		b, err := e.block(r.x.ID)
		if err != nil {
			return nil, "", err
		}
		name := "records/" + r.x.ID.Hex()
		if err := add(name+".block", b.Encode()); err != nil {
			return nil, "", err
		}
		content, err := e.whole(o)
		if err != nil {
			return nil, "", err
		}
		if err := e.addSealed(add, k, name+".age", content); err != nil {
			return nil, "", err
		}
	}
	endTar(&out)
	return out.Bytes(), k.Text(), nil
}

func (e *Engine) addSealed(add func(string, []byte) error, k seal.CopyKey, name string, body []byte) error {
	var age bytes.Buffer
	w, err := k.Copy(&age)
	if err != nil {
		return err
	}
	if _, err := w.Write(body); err != nil {
		return err
	}
	if err := w.Close(); err != nil {
		return err
	}
	return add(name, age.Bytes())
}
