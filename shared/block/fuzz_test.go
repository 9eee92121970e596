package block

import (
	"bytes"
	"testing"

	"github.com/tinylib/msgp/msgp"

	"github.com/anamnesis-health/anamnesis/shared/spec"
)

type wireVector struct {
	Name, Error string
	Wire        spec.Hex
}

func FuzzParseHeader(f *testing.F) {
	for _, c := range cases[struct{ Header spec.Hex }](f, "header") {
		f.Add([]byte(c.Header))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		h, err := ParseHeader(raw)
		if err == nil && !bytes.Equal(h.Encode(), raw) {
			t.Fatalf("accepted %x, encodes to %x", raw, h.Encode())
		}
	})
}

// FuzzParse also covers malleability: what is accepted encodes to the same bytes, and its bare form has the same id.
func FuzzParse(f *testing.F) {
	for _, c := range cases[wireVector](f, "block") {
		f.Add([]byte(c.Wire))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		b, err := Parse(raw)
		if err != nil {
			return
		}
		if !bytes.Equal(b.Encode(), raw) {
			t.Fatalf("accepted %x, encodes to %x", raw, b.Encode())
		}
		bare, err := Parse(b.Bare().Encode())
		if err != nil || bare.ID != b.ID {
			t.Fatalf("its bare form: %v", err)
		}
		if v, err := b.Clear(); err == nil && v != nil {
			m, ok := v.(msgp.Marshaler)
			if !ok || !b.holds(Encode(m)) {
				t.Fatalf("clear part %T does not encode to what came", v)
			}
		}
	})
}

func (b *Block) holds(part []byte) bool {
	for _, p := range b.Parts {
		if bytes.Equal(p, part) {
			return true
		}
	}
	return false
}

// FuzzClear feeds bytes as the clear part of each kind.
func FuzzClear(f *testing.F) {
	for _, c := range cases[wireVector](f, "block") {
		b, err := Parse(c.Wire)
		if err != nil || !b.Whole() {
			continue
		}
		for _, p := range b.Parts {
			f.Add(uint8(b.Header.Kind), p)
		}
	}
	f.Fuzz(func(t *testing.T, kind uint8, part []byte) {
		s := shapeOf(Kind(kind))
		if s == nil || s.read == nil {
			return
		}
		v, err := s.read(part)
		if err != nil {
			return
		}
		if again := Encode(v.(msgp.Marshaler)); !bytes.Equal(again, part) {
			t.Fatalf("kind %d: accepted %x, encodes to %x", kind, part, again)
		}
	})
}

// FuzzMalleable signs a block, lets the fuzzer change its wire bytes, and expects that nothing but the same bytes is
// ever accepted under the same key.
func FuzzMalleable(f *testing.F) {
	net, key := Net{1}, testKey(1)
	h := Header{Kind: KindRecord, Chain: ChainID{1}, Seq: 1, Prev: ID{1}}
	b, err := New(net, key, h, []byte("age"), []byte("key part"))
	if err != nil {
		f.Fatal(err)
	}
	wire := b.Encode()
	f.Add(uint16(0), []byte{0})
	f.Add(uint16(len(wire)), []byte{0xc0})
	f.Fuzz(func(t *testing.T, at uint16, with []byte) {
		i := min(int(at), len(wire))
		bad := append(bytes.Clone(wire[:i]), with...)
		if rest := i + len(with); rest < len(wire) {
			bad = append(bad, wire[rest:]...)
		}
		got, err := Parse(bad)
		if err == nil && got.Verify(net, KeyOf(key)) == nil && !bytes.Equal(got.Raw, b.Raw) {
			t.Fatalf("another header accepted: %x", got.Raw)
		}
		if err == nil && got.ID == b.ID && got.Whole() && !bytes.Equal(got.Parts[0], b.Parts[0]) {
			t.Fatal("another payload under the same id")
		}
	})
}
