package record

import (
	"bytes"
	"encoding/binary"
	"errors"
	"reflect"
	"strings"
	"testing"

	"github.com/tinylib/msgp/msgp"
)

func filled(n int, c byte) []byte { return bytes.Repeat([]byte{c}, n) }

func note() *Record {
	return &Record{
		Kind: Note, Folder: FolderID(filled(32, 1)), Section: Mental, MediaType: "text/plain", TimeMS: 1763643600000,
		Refs: []ID{ID(filled(32, 2)), ID(filled(32, 3))}, Credential: []byte("credential"), Signature: filled(64, 4),
		Source: SourceID(filled(16, 5)), Content: []byte("slept well"),
	}
}

func blobbed() *Record {
	r := note()
	r.Kind, r.Content, r.Source, r.Refs = Document, nil, SourceID{}, nil
	r.Blob = &Blob{
		Root: [32]byte(filled(32, 6)), Size: maxBlob, Leaves: maxLeaves,
		FileKey: [16]byte(filled(16, 7)), SHA256: [32]byte(filled(32, 8)),
	}
	return r
}

func encoded(t testing.TB, r *Record) []byte {
	t.Helper()
	b, err := Encode(r)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestRecordRoundTrip(t *testing.T) {
	newer := note()
	newer.Kind = 64
	empty := note()
	empty.Refs, empty.Credential, empty.Signature, empty.Content, empty.MediaType = nil, []byte{}, []byte{}, []byte{}, ""
	for name, r := range map[string]*Record{"note": note(), "blob": blobbed(), "newer kind": newer, "empty": empty} {
		b := encoded(t, r)
		got, err := Decode(b)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if r.Blob != nil {
			r.Content = got.Content
		}
		if !reflect.DeepEqual(got, r) {
			t.Errorf("%s: %+v, want %+v", name, got, r)
		}
		if again := encoded(t, got); !bytes.Equal(again, b) {
			t.Errorf("%s: encodes to other bytes", name)
		}
	}
}

func TestEncodeWritesRefsAscending(t *testing.T) {
	r := note()
	want := encoded(t, r)
	r.Refs[0], r.Refs[1] = r.Refs[1], r.Refs[0]
	if !bytes.Equal(encoded(t, r), want) {
		t.Error("the order of a set changes its bytes")
	}
	if r.Refs[0] != ID(filled(32, 3)) {
		t.Error("Encode sorted the caller's slice")
	}
}

func TestEncodeRefuses(t *testing.T) {
	for name, c := range map[string]struct {
		code   string
		change func(*Record)
	}{
		"kind 0":                 {CodeFormat, func(r *Record) { r.Kind = 0 }},
		"section 7":              {CodeFormat, func(r *Record) { r.Section = 7 }},
		"note for the owner":     {CodeFormat, func(r *Record) { r.Section = OwnerOnly }},
		"manifest in a section":  {CodeFormat, func(r *Record) { r.Kind = Manifest }},
		"media type too long":    {CodeFormat, func(r *Record) { r.MediaType = strings.Repeat("a", maxMediaType+1) }},
		"media type with U+202E": {CodeFormat, func(r *Record) { r.MediaType = "text/\u202eplain" }},
		"media type with NUL":    {CodeFormat, func(r *Record) { r.MediaType = "text\x00" }},
		"time past 2^63":         {CodeFormat, func(r *Record) { r.TimeMS = 1 << 63 }},
		"65 refs":                {CodeFormat, func(r *Record) { r.Refs = make([]ID, 65) }},
		"one ref twice":          {CodeFormat, func(r *Record) { r.Refs[1] = r.Refs[0] }},
		"credential too long":    {CodeFormat, func(r *Record) { r.Credential = filled(MaxCredential+1, 0) }},
		"signature too long":     {CodeFormat, func(r *Record) { r.Signature = filled(maxSignature+1, 0) }},
		"content beside a blob":  {CodeFormat, func(r *Record) { r.Blob = &Blob{} }},
		"blob too big":           {CodeFormat, func(r *Record) { r.Content, r.Blob = nil, &Blob{Size: maxBlob + 1} }},
		"too many leaves":        {CodeFormat, func(r *Record) { r.Content, r.Blob = nil, &Blob{Leaves: maxLeaves + 1} }},
		"content for a blob":     {CodeTooLarge, func(r *Record) { r.Content = filled(maxArray-100, 0) }},
		"content of 16 KiB":      {CodeTooLarge, func(r *Record) { r.Content = filled(maxArray+1, 0) }},
	} {
		r := note()
		c.change(r)
		if b, err := Encode(r); !hasCode(err, c.code) || b != nil {
			t.Errorf("%s: %v, want %s", name, err, c.code)
		}
	}
}

func hasCode(err error, code string) bool {
	var e *Error
	return errors.As(err, &e) && e.Code == code
}

// field offsets in note's array: each change below is a second encoding of a value or breaks one rule.
func TestAttackA16DecodeRefuses(t *testing.T) {
	array, err := Unpad(encoded(t, note()), maxArray)
	if err != nil {
		t.Fatal(err)
	}
	replace := func(old, new []byte) []byte {
		if bytes.Count(array, old) != 1 {
			t.Fatalf("%x occurs %d times", old, bytes.Count(array, old))
		}
		return bytes.Replace(array, old, new, 1)
	}
	bin := func(n int, c byte) []byte { return msgp.AppendBytes(nil, filled(n, c)) }
	long := func(n int, c byte) []byte { // bin 16 for what fits bin 8
		return append([]byte{0xc5, 0, byte(n)}, filled(n, c)...)
	}
	media := msgp.AppendString(nil, "text/plain")
	ms := msgp.AppendUint64(nil, 1763643600000)
	body := msgp.AppendBytes(nil, []byte("slept well"))
	head := bin(32, 1)
	for name, b := range map[string][]byte{
		"eleven fields":            append([]byte{0x9b}, array[1:]...),
		"thirteen fields":          append([]byte{0x9d}, array[1:]...),
		"array 16":                 append([]byte{0xdc, 0, 12}, array[1:]...),
		"map":                      append([]byte{0x8c}, array[1:]...),
		"trailing nil":             append(bytes.Clone(array), 0xc0),
		"cut by one":               array[:len(array)-1],
		"empty":                    {},
		"version as uint 8":        append([]byte{0x9c, 0xcc, 1}, array[2:]...),
		"version as int 8":         append([]byte{0x9c, 0xd0, 1}, array[2:]...),
		"version nil":              append([]byte{0x9c, 0xc0}, array[2:]...),
		"kind as float":            append([]byte{0x9c, 1, 0xca, 0x40, 0xa0, 0, 0}, array[3:]...),
		"kind 0":                   append([]byte{0x9c, 1, 0}, array[3:]...),
		"kind 65,536":              append([]byte{0x9c, 1, 0xce, 0, 1, 0, 0}, array[3:]...),
		"manifest in a section":    append([]byte{0x9c, 1, 1}, array[3:]...),
		"folder id of 31":          replace(head, bin(31, 1)),
		"folder id of 33":          replace(head, bin(33, 1)),
		"folder id as bin 16":      replace(head, long(32, 1)),
		"folder id as text":        replace(head, msgp.AppendString(nil, string(filled(32, 1)))),
		"section 0 for a note":     replace(append(bytes.Clone(head), 2), append(bytes.Clone(head), 0)),
		"section 7":                replace(append(bytes.Clone(head), 2), append(bytes.Clone(head), 7)),
		"media type as bin":        replace(media, msgp.AppendBytes(nil, []byte("text/plain"))),
		"media type as str 8":      replace(media, append([]byte{0xd9, 10}, "text/plain"...)),
		"media type not UTF-8":     replace(media, msgp.AppendString(nil, "text/\xff")),
		"media type not ASCII":     replace(media, msgp.AppendString(nil, "text/é")),
		"time as int 64":           replace(ms, append([]byte{0xd3}, ms[1:]...)),
		"time negative":            replace(ms, msgp.AppendInt64(nil, -1)),
		"time past 2^63":           replace(ms, msgp.AppendUint64(nil, 1<<63)),
		"refs descend":             replace(append(bin(32, 2), bin(32, 3)...), append(bin(32, 3), bin(32, 2)...)),
		"one ref twice":            replace(append(bin(32, 2), bin(32, 3)...), append(bin(32, 2), bin(32, 2)...)),
		"ref of 31":                replace(bin(32, 3), bin(31, 3)),
		"refs counted short":       replace(append([]byte{0x92}, bin(32, 2)...), append([]byte{0x91}, bin(32, 2)...)),
		"refs counted 2^32-1":      replace(append([]byte{0x92}, bin(32, 2)...), append([]byte{0xdd, 255, 255, 255, 255}, bin(32, 2)...)),
		"signature longer than it": replace(bin(64, 4), append([]byte{0xc6, 255, 255, 255, 255}, filled(64, 4)...)),
		"source id of 15":          replace(bin(16, 5), bin(15, 5)),
		"source id zero":           replace(bin(16, 5), bin(16, 0)),
		"form 2":                   replace(append([]byte{0}, body...), append([]byte{2}, body...)),
		"form 1 of bytes":          replace(append([]byte{0}, body...), append([]byte{1}, body...)),
		"content as text":          replace(body, msgp.AppendString(nil, "slept well")),
		"content an array":         replace(body, []byte{0x90}),
	} {
		if r, err := Decode(Pad(b)); !hasCode(err, CodeFormat) || r != nil && err == nil {
			t.Errorf("%s: %v, want %s", name, err, CodeFormat)
		}
	}
	for _, v := range []byte{0, 2, 127} {
		if _, err := Decode(Pad(append([]byte{0x9c, v}, array[2:]...))); !hasCode(err, CodeVersion) {
			t.Errorf("version %d: %v", v, err)
		}
	}
}

func TestDecodeRefusesBlobs(t *testing.T) {
	for name, change := range map[string]func(b []byte) []byte{
		"four fields": func(b []byte) []byte {
			return bytes.Replace(b, []byte{0x95, 0xc4, 32, 6}, []byte{0x94, 0xc4, 32, 6}, 1)
		},
		"size past 4 GiB": func(b []byte) []byte {
			return bytes.Replace(b, msgp.AppendUint64(nil, maxBlob), msgp.AppendUint64(nil, maxBlob+1), 1)
		},
		"leaves past 2^20": func(b []byte) []byte {
			return bytes.Replace(b, msgp.AppendUint64(nil, maxLeaves), msgp.AppendUint64(nil, maxLeaves+1), 1)
		},
		"short key": func(b []byte) []byte {
			return bytes.Replace(b, msgp.AppendBytes(nil, filled(16, 7)), msgp.AppendBytes(nil, filled(15, 7)), 1)
		},
		"inline form": func(b []byte) []byte {
			return bytes.Replace(b, []byte{1, 0x95, 0xc4, 32, 6}, []byte{0, 0x95, 0xc4, 32, 6}, 1)
		},
	} {
		array, err := Unpad(encoded(t, blobbed()), maxArray)
		if err != nil {
			t.Fatal(err)
		}
		changed := change(bytes.Clone(array))
		if bytes.Equal(changed, array) {
			t.Fatalf("%s: nothing changed", name)
		}
		if _, err := Decode(Pad(changed)); !hasCode(err, CodeFormat) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestPaddingRefuses(t *testing.T) {
	good := encoded(t, note())
	for name, b := range map[string][]byte{
		"nothing":          nil,
		"511 bytes":        good[:511],
		"one zero more":    append(bytes.Clone(good), 0),
		"padded twice":     append(bytes.Clone(good), make([]byte, 32)...),
		"last byte set":    append(bytes.Clone(good[:511]), 1),
		"length 2^32-1":    append([]byte{255, 255, 255, 255}, good[4:]...),
		"length past end":  append([]byte{0, 0, 1, 253}, good[4:]...),
		"length one short": shorter(good),
	} {
		if _, err := Decode(b); !hasCode(err, CodeFormat) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func shorter(b []byte) []byte {
	out := bytes.Clone(b)
	binary.BigEndian.PutUint32(out, binary.BigEndian.Uint32(out)-1)
	return out
}

func TestPadded(t *testing.T) {
	last := 0
	for n := range 1 << 16 {
		p := Padded(n)
		if p < n || p < last || p < padFloor || (n > padFloor && (p-n)*100 > 12*n) || Padded(p) != p {
			t.Fatalf("Padded(%d) = %d after %d", n, p, last)
		}
		last = p
	}
}

func TestKinds(t *testing.T) {
	ownerOnly := map[Kind]bool{Manifest: true, Source: true, Rule: true, Hide: true, Looked: true, Proposal: true}
	word := map[Kind]bool{Manifest: true, Rule: true, Hide: true, Looked: true, Proposal: true, Verdict: true, Dealing: true}
	for k := range Kind(1100) {
		if k.OwnerOnly() != ownerOnly[k] || k.OwnersWord() != word[k] || k.Known() != (k >= 1 && k <= 11) {
			t.Errorf("kind %d: %v %v %v", k, k.OwnerOnly(), k.OwnersWord(), k.Known())
		}
	}
}

func FuzzDecode(f *testing.F) {
	f.Add(encoded(f, note()))
	f.Add(encoded(f, blobbed()))
	f.Fuzz(func(t *testing.T, b []byte) {
		r, err := Decode(b)
		if err != nil {
			if r, err = Decode(Pad(b[:min(len(b), maxArray)])); err != nil {
				return
			}
			b = Pad(b)
		}
		if again, err := Encode(r); err != nil || !bytes.Equal(again, b) {
			t.Fatalf("%x encodes to %x, %v", b, again, err)
		}
	})
}
