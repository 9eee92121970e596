package block

import (
	"bytes"
	"errors"
	"testing"

	"github.com/anamnesis-health/anamnesis/shared/spec"
)

func cases[T any](t testing.TB, name string) []T {
	t.Helper()
	all, err := spec.Cases[T](name)
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// code is the spec's name of an error. Source: spec/block.md §9.
func code(err error) string {
	for name, e := range map[string]error{
		"canonical": ErrCanonical, "version": ErrVersion, "limit": ErrLimit, "payload": ErrPayload,
		"signature": ErrSignature, "key": ErrKey,
	} {
		if errors.Is(err, e) {
			return name
		}
	}
	if err != nil {
		return "unnamed: " + err.Error()
	}
	return ""
}

func TestHeaderVectors(t *testing.T) {
	type vector struct {
		Name, Error            string
		Header, ID, Chain      spec.Hex
		Prev, Tag, PayloadHash spec.Hex
		Links                  []spec.Hex
		Version, Kind          uint8
		Seq                    uint32
		Epoch                  uint16
		Time, PayloadLength    uint64
	}
	for _, c := range cases[vector](t, "header") {
		t.Run(c.Name, func(t *testing.T) {
			h, err := ParseHeader(c.Header)
			if code(err) != c.Error {
				t.Fatalf("%v, want %q", err, c.Error)
			}
			if c.Error != "" {
				return
			}
			want := Header{
				c.Version, Kind(c.Kind), ChainID(c.Chain), c.Seq, ID(c.Prev), nil, c.Epoch, c.Time, Tag(c.Tag),
				Hash(c.PayloadHash), c.PayloadLength,
			}
			for _, l := range c.Links {
				want.Links = append(want.Links, ID(l))
			}
			if !bytes.Equal(want.Encode(), c.Header) || !bytes.Equal(h.Encode(), c.Header) {
				t.Fatalf("fields differ: %+v", h)
			}
			if id := HeaderID(c.Header); id != ID(c.ID) {
				t.Fatalf("id %s, want %x", id, c.ID)
			}
		})
	}
}

func TestBlockVectors(t *testing.T) {
	type vector struct {
		Name, Error                        string
		Net, Key, Wire, ID, Header, Leaves spec.Hex
		Parts                              []spec.Hex
	}
	judge := func(c vector) (*Block, error) {
		b, err := Parse(c.Wire)
		if err != nil {
			return nil, err
		}
		if _, err := b.Clear(); err != nil {
			return nil, err
		}
		return b, b.Verify(Net(c.Net), Key(c.Key))
	}
	for _, c := range cases[vector](t, "block") {
		t.Run(c.Name, func(t *testing.T) {
			b, err := judge(c)
			if code(err) != c.Error {
				t.Fatalf("%v, want %q", err, c.Error)
			}
			if c.Error != "" {
				return
			}
			if b.ID != ID(c.ID) || !bytes.Equal(b.Raw, c.Header) || !bytes.Equal(b.Encode(), c.Wire) ||
				!bytes.Equal(b.Leaves, c.Leaves) || len(b.Parts) != len(c.Parts) {
				t.Fatalf("parsed to %+v", b)
			}
			for i, p := range c.Parts {
				if !bytes.Equal(b.Parts[i], p) {
					t.Fatalf("part %d is %x", i, b.Parts[i])
				}
			}
		})
	}
}

func TestMerkleVectors(t *testing.T) {
	type vector struct {
		Name, Error  string
		Leaves       []spec.Hex
		Root, Leaf   spec.Hex
		Index, Count int
		Path         []spec.Hex
	}
	for _, c := range cases[vector](t, "merkle") {
		t.Run(c.Name, func(t *testing.T) {
			if c.Leaf == nil {
				var parts [][]byte
				for _, l := range c.Leaves {
					parts = append(parts, l)
				}
				if r := RootOf(parts); r != Hash(c.Root) {
					t.Fatalf("root %x", r)
				}
				return
			}
			var path []Hash
			for _, p := range c.Path {
				path = append(path, Hash(p))
			}
			if Included(Hash(c.Root), Hash(c.Leaf), c.Index, c.Count, path) != (c.Error == "") {
				t.Fatalf("want error %q", c.Error)
			}
		})
	}
}
