package folder

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"testing"

	"github.com/anamnesis-health/anamnesis/shared/block"
	"github.com/anamnesis-health/anamnesis/shared/spec"
)

// runs is a file as archive.json writes it: bytes in hex, how many zero bytes follow, and so on.
type runs []byte

func (r *runs) UnmarshalJSON(text []byte) error {
	var list []json.RawMessage
	if err := json.Unmarshal(text, &list); err != nil {
		return err
	}
	for i, raw := range list {
		var zeros int
		var digits string
		if i%2 == 1 {
			if err := json.Unmarshal(raw, &zeros); err != nil {
				return err
			}
			*r = append(*r, make([]byte, zeros)...)
			continue
		}
		if err := json.Unmarshal(raw, &digits); err != nil {
			return err
		}
		b, err := hex.DecodeString(digits)
		if err != nil {
			return err
		}
		*r = append(*r, b...)
	}
	return nil
}

type archiveVector struct {
	Name, Error string
	File        runs
	Blocks      []spec.Hex
	Leaves      int
}

func archiveVectors(t testing.TB) []archiveVector {
	t.Helper()
	all, err := spec.Cases[archiveVector]("archive")
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// vectorNet is the net of the vectors: SHA-256 of "net/0".
func vectorNet() block.Net { return block.Net(hashOf([]byte("net/0"))) }

// sunk notes what reached the sink.
type sunk struct {
	blocks []block.ID
	leaves int
	ended  bool
}

func (s *sunk) info(*archiveInfo) error { return nil }
func (s *sunk) block(raw []byte) error {
	b, err := block.Parse(raw)
	if err != nil {
		return damaged("a block")
	}
	s.blocks = append(s.blocks, b.ID)
	return nil
}
func (s *sunk) blob(block.Hash, int64, []block.Hash) error { return nil }
func (s *sunk) leaf(_ block.Hash, _ int, _ []byte) error   { s.leaves++; return nil }
func (s *sunk) flush() error                               { return nil }
func (s *sunk) end() error                                 { s.ended = true; return nil }

// readIn reads file in pieces of n bytes.
func readIn(file []byte, n int) (*sunk, error) {
	s := &sunk{}
	r := newArchiveReader(vectorNet(), []byte("the network file"), s)
	for piece := range slices.Chunk(file, n) {
		if err := r.feed(piece); err != nil {
			return s, err
		}
	}
	return s, r.finish()
}

func TestArchiveVectors(t *testing.T) {
	for _, c := range archiveVectors(t) {
		for _, n := range []int{1 << 20, 512, 97} {
			s, err := readIn(c.File, n)
			if codeName(err, "") != c.Error {
				t.Errorf("%s, %d bytes at a time: %v, want %q", c.Name, n, err, c.Error)
			}
			if c.Error == "" && (len(s.blocks) != len(c.Blocks) || s.leaves != c.Leaves || !s.ended) {
				t.Errorf("%s: %+v", c.Name, s)
			}
			for i := range c.Blocks {
				if s.blocks[i] != block.ID(c.Blocks[i]) {
					t.Errorf("%s: block %d is %s", c.Name, i, s.blocks[i])
				}
			}
		}
	}
}

// TestArchiveReaderHoldsLittle: however long the file, no more than one entry and one piece is kept.
func TestArchiveReaderHoldsLittle(t *testing.T) {
	var file bytes.Buffer
	info := archiveInfo{Version: 1, Net: block.Hash(vectorNet()), Blobs: 1}
	addTar(&file, archiveFirst, encode(&info))
	addTar(&file, archiveNetwork, []byte("the network file"))
	raw := []byte(archiveVectors(t)[0].File)
	addTar(&file, archiveBlocks+eight(1), raw[512*5:512*5+4+0x14c])
	leaves := [][]byte{make([]byte, 32)}
	for range 64 {
		leaves = append(leaves, make([]byte, 256<<10))
	}
	var hashes []block.Hash
	for _, l := range leaves {
		hashes = append(hashes, block.LeafHash(l))
	}
	root := block.Root(hashes)
	name := archiveBlobs + blobName(root)
	addTar(&file, name+archiveLeaves, announce(32+64<<18, hashes))
	for i, leaf := range leaves {
		addTar(&file, name+"/"+eight(i), leaf)
	}
	r := newArchiveReader(vectorNet(), []byte("the network file"), &sunk{})
	for piece := range slices.Chunk(file.Bytes(), 100_000) {
		if err := r.feed(piece); err != nil {
			t.Fatal(err)
		}
		if cap(r.buf) > maxArchiveEntry {
			t.Fatalf("%d bytes held", cap(r.buf))
		}
	}
}

func TestEight(t *testing.T) {
	for _, n := range []int{0, 1, 9, 10, 12345678, 99999999} {
		if got := eight(n); got != fmt.Sprintf("%08d", n) {
			t.Errorf("%d: %s", n, got)
		}
	}
}

// FuzzArchive: whatever the bytes, in whatever pieces, the answer is the same, and nothing is read twice or past the end.
func FuzzArchive(f *testing.F) {
	for _, c := range archiveVectors(f) {
		f.Add([]byte(c.File), uint16(512))
	}
	f.Fuzz(func(t *testing.T, file []byte, n uint16) {
		whole, err := readIn(file, 1<<20)
		parts, again := readIn(file, int(n)+1)
		if codeName(err, "") != codeName(again, "") || !slices.Equal(whole.blocks, parts.blocks) || whole.leaves != parts.leaves {
			t.Fatalf("whole: %v, %+v; in pieces of %d: %v, %+v", err, whole, int(n)+1, again, parts)
		}
		if err == nil && !whole.ended {
			t.Fatal("taken without its end")
		}
	})
}
