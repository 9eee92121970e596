package record

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/tinylib/msgp/msgp"
)

// contents lists each inner content with a decoder that encodes again.
func contents(t testing.TB) map[string]struct {
	b      []byte
	decode func([]byte) ([]byte, error)
} {
	t.Helper()
	id := func(c byte) ID { return ID(filled(32, c)) }
	must := func(b []byte, err error) []byte {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	type entry = struct {
		b      []byte
		decode func([]byte) ([]byte, error)
	}
	return map[string]entry{
		"source": {must((&SourceContent{
			ID: SourceID(filled(16, 1)), FileName: "år.json", MediaType: "application/fhir+json", Size: 100, SHA256: [32]byte(filled(32, 2)),
			Pieces: []Piece{{Gap: []byte("[")}, {Record: id(3)}, {Record: id(3)}, {Gap: []byte("]")}},
		}).Encode()), decoder(DecodeSource)},
		"verdict": {must((&VerdictContent{Opinion: Dispute, Reason: "not mine"}).Encode()), decoder(DecodeVerdict)},
		"rule": {must((&RuleContent{
			Writer: [32]byte(id(4)), Sections: []Section{General, Genetic}, FromMS: 1, UntilMS: 2,
		}).Encode()), decoder(DecodeRule)},
		"hide": {must((&HideContent{Records: []ID{id(6), id(5)}, Hidden: true}).Encode()), decoder(DecodeHide)},
		"looked": {must((&LookedContent{
			Access: id(7), Released: []ID{id(9), id(8)}, Refused: []ID{id(10)}, TimeMS: 1763643600000,
		}).Encode()), decoder(DecodeLooked)},
	}
}

func decoder[C interface{ Encode() ([]byte, error) }](decode func([]byte) (C, error)) func([]byte) ([]byte, error) {
	return func(b []byte) ([]byte, error) {
		c, err := decode(b)
		if err != nil {
			return nil, err
		}
		return c.Encode()
	}
}

// TestAttackA16ContentsAreCanonical changes each content in every way that keeps its length, byte by
// byte, and cuts and extends it: what is accepted must encode to itself.
func TestAttackA16ContentsAreCanonical(t *testing.T) {
	for name, c := range contents(t) {
		if again, err := c.decode(c.b); err != nil || !bytes.Equal(again, c.b) {
			t.Errorf("%s: %x, %v", name, again, err)
		}
		for i := range c.b {
			for v := range 256 {
				b := bytes.Clone(c.b)
				b[i] = byte(v)
				if again, err := c.decode(b); err == nil && !bytes.Equal(again, b) {
					t.Fatalf("%s: %x encodes to %x", name, b, again)
				}
			}
			if _, err := c.decode(c.b[:i]); !hasCode(err, CodeFormat) {
				t.Errorf("%s cut at %d: %v", name, i, err)
			}
		}
		if _, err := c.decode(append(bytes.Clone(c.b), 0xc0)); !hasCode(err, CodeFormat) {
			t.Errorf("%s with a trailing nil: %v", name, err)
		}
		if b := slices.Concat([]byte{0xdc, 0, c.b[0] & 15}, c.b[1:]); true {
			if _, err := c.decode(b); !hasCode(err, CodeFormat) {
				t.Errorf("%s in an array 16: %v", name, err)
			}
		}
	}
}

func TestContentsRefuse(t *testing.T) {
	id := func(c byte) ID { return ID(filled(32, c)) }
	many := make([]ID, MaxListed+1)
	for i := range many {
		many[i][0], many[i][1] = byte(i), byte(i>>8)
	}
	gap := func(b ...byte) Piece { return Piece{Gap: append([]byte{}, b...)} }
	for name, c := range map[string]interface{ Encode() ([]byte, error) }{
		"opinion 0":             &VerdictContent{},
		"opinion 4":             &VerdictContent{Opinion: 4},
		"reason of 1,001":       &VerdictContent{Opinion: Accept, Reason: strings.Repeat("x", MaxReason+1)},
		"reason not UTF-8":      &VerdictContent{Opinion: Accept, Reason: "\xff"},
		"rule of no section":    &RuleContent{},
		"rule of owner-only":    &RuleContent{Sections: []Section{OwnerOnly}},
		"rule of section 7":     &RuleContent{Sections: []Section{7}},
		"sections twice":        &RuleContent{Sections: []Section{1, 1}},
		"sections descend":      &RuleContent{Sections: []Section{2, 1}},
		"rule over at once":     &RuleContent{Sections: []Section{1}, FromMS: 5, UntilMS: 5},
		"hide nothing":          &HideContent{},
		"hide 513":              &HideContent{Records: many},
		"hide one twice":        &HideContent{Records: []ID{id(1), id(1)}},
		"released and refused":  &LookedContent{Released: []ID{id(1)}, Refused: []ID{id(1)}},
		"released 513":          &LookedContent{Released: many},
		"refused one twice":     &LookedContent{Refused: []ID{id(1), id(1)}},
		"source without id":     &SourceContent{},
		"file name of 256":      &SourceContent{ID: SourceID{1}, FileName: strings.Repeat("x", maxFileName+1)},
		"file name not UTF-8":   &SourceContent{ID: SourceID{1}, FileName: "\xc3"},
		"empty gap":             &SourceContent{ID: SourceID{1}, Size: 9, Pieces: []Piece{gap()}},
		"gap split in two":      &SourceContent{ID: SourceID{1}, Size: 9, Pieces: []Piece{gap(1), gap(2)}},
		"gaps past the size":    &SourceContent{ID: SourceID{1}, Size: 1, Pieces: []Piece{gap(1, 2)}},
		"pieces past the bound": &SourceContent{ID: SourceID{1}, Size: 1, Pieces: make([]Piece, maxPieces+1)},
	} {
		if b, err := c.Encode(); !hasCode(err, CodeFormat) {
			t.Errorf("%s: %x, %v", name, b, err)
		}
	}
}

func TestDecodeTakesNoMemoryForWhatIsNotThere(t *testing.T) {
	source := contents(t)["source"].b
	at := bytes.Index(source, []byte{0x94, 0x92, 0})
	lying := append(bytes.Clone(source[:at]), 0xdd, 0, 0, 0x9c, 0x40) // 40,000 pieces
	if n := testing.AllocsPerRun(10, func() {
		if _, err := DecodeSource(lying); !hasCode(err, CodeFormat) {
			t.Error(err)
		}
	}); n > 20 {
		t.Errorf("%v allocations", n)
	}
	if _, err := DecodeSource(append([]byte{0x97, 2}, source[2:]...)); !hasCode(err, CodeVersion) {
		t.Errorf("version 2: %v", err)
	}
}

func TestJoinGivesTheFileBack(t *testing.T) {
	file := readFile(t, "testdata/crlf-bundle.json")
	split, err := Split(file)
	if err != nil {
		t.Fatal(err)
	}
	kept := map[ID][]byte{}
	s := SourceContent{ID: SourceID{1}, Size: uint64(len(file)), SHA256: sha256.Sum256(file)}
	for _, p := range split.Pieces {
		part := file[p.Start:p.End]
		if !p.Resource {
			s.Pieces = append(s.Pieces, Piece{Gap: part})
			continue
		}
		id := ID(sha256.Sum256(part))
		kept[id] = part
		s.Pieces = append(s.Pieces, Piece{Record: id})
	}
	b, err := s.Encode()
	if err != nil {
		t.Fatal(err)
	}
	got, err := DecodeSource(b)
	if err != nil || !reflect.DeepEqual(got, &s) {
		t.Fatalf("%+v, %v", got, err)
	}
	open := func(id ID) ([]byte, error) { return kept[id], nil }
	joined, err := got.Join(open)
	if err != nil || !bytes.Equal(joined, file) {
		t.Errorf("joined %d bytes of %d, %v", len(joined), len(file), err)
	}
	for change, size := range map[string]uint64{"shorter": s.Size - 1, "longer": s.Size + 1} {
		got.Size = size
		if _, err := got.Join(open); !hasCode(err, CodeFormat) {
			t.Errorf("file %s: %v", change, err)
		}
	}
	lost := errors.New("lost")
	if _, err := got.Join(func(ID) ([]byte, error) { return nil, lost }); !errors.Is(err, lost) {
		t.Errorf("record lost: %v", err)
	}
}

func FuzzContents(f *testing.F) {
	all := contents(f)
	for _, c := range all {
		f.Add(c.b)
	}
	f.Add(msgp.AppendArrayHeader(nil, 7))
	f.Fuzz(func(t *testing.T, b []byte) {
		for name, c := range all {
			if again, err := c.decode(b); err == nil && !bytes.Equal(again, b) {
				t.Fatalf("%s: %x encodes to %x", name, b, again)
			}
		}
	})
}
