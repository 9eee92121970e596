package record

import (
	"bytes"
	"errors"
	"slices"
	"testing"

	"github.com/anamnesis-health/anamnesis/shared/spec"
)

type hexBytes = spec.Hex

func vectors(t *testing.T, name string, into any) {
	t.Helper()
	if err := spec.Read(name, into); err != nil {
		t.Fatal(err)
	}
}

func TestPadmeVectors(t *testing.T) {
	var v struct {
		Padded []struct {
			Name    string
			In, Out int
		}
	}
	vectors(t, "padme", &v)
	if len(v.Padded) == 0 {
		t.Fatal("no vectors")
	}
	for _, c := range v.Padded {
		if got := Padded(c.In); got != c.Out {
			t.Errorf("%s: %d, want %d", c.Name, got, c.Out)
		}
	}
}

type recordFields struct {
	Kind       Kind
	Folder     hexBytes
	Section    Section
	MediaType  string
	TimeMS     uint64
	Refs       []hexBytes
	Credential hexBytes
	Signature  hexBytes
	Source     hexBytes
	Content    hexBytes
	Blob       *struct {
		Root, FileKey, SHA256 hexBytes
		Size                  uint64
		Leaves                uint32
	}
}

func (f *recordFields) record() *Record {
	r := &Record{
		Kind: f.Kind, Folder: FolderID(f.Folder), Section: f.Section, MediaType: f.MediaType, TimeMS: f.TimeMS,
		Credential: f.Credential, Signature: f.Signature, Content: f.Content,
	}
	copy(r.Source[:], f.Source)
	for _, ref := range f.Refs {
		r.Refs = append(r.Refs, ID(ref))
	}
	if b := f.Blob; b != nil {
		r.Blob = &Blob{
			Root: [32]byte(b.Root), Size: b.Size, Leaves: b.Leaves, FileKey: [16]byte(b.FileKey), SHA256: [32]byte(b.SHA256),
		}
	}
	return r
}

func TestRecordVectors(t *testing.T) {
	var v struct {
		Records []struct {
			Name   string
			Record recordFields
			Array  hexBytes
			Padded int
		}
		Refused []struct {
			Name, Error string
			Array       hexBytes
		}
		Padding []struct {
			Name, Error string
			Padded      hexBytes
		}
		Contents []struct {
			Kind, Name, Error string
			Bytes             hexBytes
		}
	}
	vectors(t, "record", &v)
	if len(v.Records) == 0 || len(v.Refused) <= len(v.Records) || len(v.Padding) == 0 || len(v.Contents) == 0 {
		t.Fatal("vectors are missing")
	}
	for _, c := range v.Records {
		padded, err := Encode(c.Record.record())
		if err != nil || len(padded) != c.Padded || !bytes.Equal(padded, Pad(c.Array)) {
			t.Errorf("%s: %x, %v", c.Name, padded, err)
			continue
		}
		r, err := Decode(padded)
		if err != nil {
			t.Errorf("%s: %v", c.Name, err)
			continue
		}
		if again, err := Encode(r); err != nil || !bytes.Equal(again, padded) {
			t.Errorf("%s: encodes to %x, %v", c.Name, again, err)
		}
	}
	for _, c := range v.Refused {
		if _, err := Decode(Pad(c.Array)); !hasCode(err, c.Error) {
			t.Errorf("%s: %v, want %s", c.Name, err, c.Error)
		}
	}
	for _, c := range v.Padding {
		if _, err := Decode(c.Padded); !hasCode(err, c.Error) {
			t.Errorf("%s: %v, want %s", c.Name, err, c.Error)
		}
	}
	decoders := contents(t)
	for _, c := range v.Contents {
		again, err := decoders[c.Kind].decode(c.Bytes)
		if c.Error != "" && !hasCode(err, c.Error) || c.Error == "" && (err != nil || !bytes.Equal(again, c.Bytes)) {
			t.Errorf("%s, %s: %x, %v, want %q", c.Kind, c.Name, again, err, c.Error)
		}
	}
}

func TestSplitVectors(t *testing.T) {
	type splitCase struct {
		Name, Kind, Error string
		File              hexBytes
		At                int
		Records           [][2]int
	}
	cases, err := spec.Cases[splitCase]("split")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range cases {
		f, err := Split(c.File)
		if c.Error != "" {
			var e *Error
			if !errors.As(err, &e) || e.Code != c.Error || e.Offset != c.At {
				t.Errorf("%s: %v, want %s at %d", c.Name, err, c.Error, c.At)
			}
			continue
		}
		if err != nil || string(f.Kind) != c.Kind {
			t.Errorf("%s: %+v, %v, want %s", c.Name, f, err, c.Kind)
			continue
		}
		rejoined(t, c.File, f)
		var got [][2]int
		for _, p := range f.Pieces {
			if p.Resource {
				got = append(got, [2]int{p.Start, p.End})
			}
		}
		if !slices.Equal(got, c.Records) {
			t.Errorf("%s: records at %v, want %v", c.Name, got, c.Records)
		}
	}
}

func TestRelationVectors(t *testing.T) {
	var v struct {
		Relations []struct {
			Name, MediaType, Own string
			Kind                 Kind
			Refs                 int
			Says                 Relation
		}
	}
	vectors(t, "record", &v)
	if len(v.Relations) == 0 {
		t.Fatal("no vectors")
	}
	for _, c := range v.Relations {
		says, own := (&Record{Kind: c.Kind, MediaType: c.MediaType, Refs: make([]ID, c.Refs)}).Says()
		if says != c.Says || own != c.Own {
			t.Errorf("%s: %q of %q, want %q of %q", c.Name, says, own, c.Says, c.Own)
		}
		if c.Says == Amends && AmendsSuffix(c.Own) != c.MediaType {
			t.Errorf("%s: written as %q", c.Name, AmendsSuffix(c.Own))
		}
	}
}
