package seal_test

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"io"
	"slices"
	"testing"

	"github.com/anamnesis-health/anamnesis/shared/block"
	"github.com/anamnesis-health/anamnesis/shared/seal"
)

type written struct {
	blob   seal.Blob
	record block.Nonce
	padded int64
}

func writeBlob(t testing.TB, data []byte, padded int64) (written, [][]byte) {
	t.Helper()
	salt := drawn(t)
	w := written{record: block.Nonce(salt[:16]), padded: padded}
	var leaves [][]byte
	b, err := seal.NewBlobWriter(w.record, block.Hash(salt), int64(len(data)), padded, func(i int, leaf []byte) error {
		if i != len(leaves) {
			t.Fatalf("leaf %d after %d", i, len(leaves))
		}
		leaves = append(leaves, bytes.Clone(leaf))
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for rest := data; len(rest) > 0; { // pieces that fit nothing
		n := min(len(rest), 99_991)
		if _, err := b.Write(rest[:n]); err != nil {
			t.Fatal(err)
		}
		rest = rest[n:]
	}
	if w.blob, err = b.Close(); err != nil {
		t.Fatal(err)
	}
	return w, leaves
}

// What BlobWriter writes is, byte for byte, what the specification says it writes.
func TestBlobBytes(t *testing.T) {
	for _, c := range []struct{ size, padded int }{
		{0, 512}, {0, 0}, {600, 608}, {64 << 10, 64 << 10}, {64<<10 + 1, 66560},
		{seal.LeafSize - 147 - 48, seal.LeafSize - 147 - 48}, {seal.LeafSize - 146 - 48, seal.LeafSize - 146 - 48}, {900_000, 917_504},
	} {
		data := pattern(c.size)
		w, leaves := writeBlob(t, data, int64(c.padded))
		if len(leaves) != seal.LeafCount(int64(c.padded)) || len(leaves) != len(w.blob.Leaves) || len(leaves[0]) != 32 {
			t.Errorf("%d bytes: %d leaves", c.size, len(leaves))
		}
		file := slices.Concat(leaves[1:]...)
		nonce := [16]byte(file[115:])
		if want := rewrite(append(bytes.Clone(data), make([]byte, c.padded-c.size)...), w.blob.Key, nonce, w.record); !bytes.Equal(file, want) {
			t.Errorf("%d bytes: the file differs from the specification", c.size)
		}
		if w.blob.Root != block.RootOf(leaves) || w.blob.Sum != block.Hash(sha256.Sum256(data)) || w.blob.Size != int64(c.size) {
			t.Errorf("%d bytes: root, sum or size", c.size)
		}
	}
}

func TestBlobRange(t *testing.T) {
	data := pattern(900_000)
	w, leaves := writeBlob(t, data, 917_504)
	r, err := seal.OpenBlob(w.blob, w.record, w.padded, serve(leaves))
	if err != nil {
		t.Fatal(err)
	}
	for _, at := range []int{0, 1, 64<<10 - 1, 64 << 10, 64<<10 + 1, seal.LeafSize - 1, seal.LeafSize, 500_000, 899_999} {
		for _, n := range []int{0, 1, 16, 64 << 10, 300_000} {
			p := make([]byte, n)
			got, err := r.ReadAt(p, int64(at))
			want := data[at:min(at+n, len(data))]
			if !bytes.Equal(p[:got], want) || (err == io.EOF) != (at+n > len(data)) || err != nil && err != io.EOF {
				t.Fatalf("%d bytes at %d: %d, %v", n, at, got, err)
			}
		}
	}
	if n, err := r.ReadAt(make([]byte, 1), 900_000); n != 0 || err != io.EOF {
		t.Errorf("past the end, into the padding: %d, %v", n, err)
	}
	if n, err := r.ReadAt(make([]byte, 1), -1); n != 0 || !errors.Is(err, seal.ErrLeaf) {
		t.Errorf("before the beginning: %d, %v", n, err)
	}
	if got, err := io.ReadAll(io.NewSectionReader(r, 0, r.Size())); err != nil || !bytes.Equal(got, data) {
		t.Errorf("read through: %v", err)
	}
}

// The first bytes of a large blob cost the piece that holds them and the last chunk, which proves the length.
func TestBlobFirstBytes(t *testing.T) {
	w, leaves := writeBlob(t, pattern(16<<20), 16<<20)
	var fetched []int
	count := func(i int) ([]byte, error) {
		fetched = append(fetched, i)
		return leaves[i], nil
	}
	r, err := seal.OpenBlob(w.blob, w.record, w.padded, count)
	if err != nil {
		t.Fatal(err)
	}
	p := make([]byte, 4096)
	if _, err := r.ReadAt(p, 0); err != nil || !bytes.Equal(p, pattern(4096)) {
		t.Fatal(err)
	}
	if !slices.Equal(fetched, []int{1, len(leaves) - 2, len(leaves) - 1}) { // here the last chunk crosses two pieces
	}
}

func TestBlobRefused(t *testing.T) {
	keep := func(int, []byte) error { return nil }
	for _, c := range []struct{ size, padded int64 }{{-1, 512}, {513, 512}, {0, seal.MaxBlob + 1}} {
		if _, err := seal.NewBlobWriter(block.Nonce{}, block.Hash{}, c.size, c.padded, keep); !errors.Is(err, seal.ErrLeaf) {
			t.Errorf("%d of %d: %v", c.size, c.padded, err)
		}
	}
	w, err := seal.NewBlobWriter(block.Nonce{}, block.Hash{}, 10, 512, keep)
	if err != nil {
		t.Fatal(err)
	}
	if n, err := w.Write(make([]byte, 11)); n != 0 || !errors.Is(err, seal.ErrLeaf) {
		t.Errorf("more than announced: %d, %v", n, err)
	}
	if _, err := w.Write(make([]byte, 9)); err != nil {
		t.Fatal(err)
	}
	if _, err := w.Close(); !errors.Is(err, seal.ErrLeaf) {
		t.Errorf("fewer than announced: %v", err)
	}
	full := errors.New("disk full")
	for stop := range 3 { // leaf 0, a middle one, the last
		stopped := func(i int, _ []byte) error {
			if i == stop {
				return full
			}
			return nil
		}
		w, err := seal.NewBlobWriter(block.Nonce{}, block.Hash{}, 300_000, 300_000, stopped)
		if err == nil {
			_, err = w.Write(make([]byte, 300_000))
		}
		if err == nil {
			_, err = w.Close()
		}
		if !errors.Is(err, full) {
			t.Errorf("leaf %d not kept: %v", stop, err)
		}
	}
}

// Every leaf withheld, altered, cut or replaced by its neighbor: an error that says which, and no byte of it.
func TestBlobLeafRefused(t *testing.T) {
	data := pattern(900_000)
	w, leaves := writeBlob(t, data, 917_504)
	read := func(served func(int) ([]byte, error)) error {
		r, err := seal.OpenBlob(w.blob, w.record, w.padded, served)
		if err != nil {
			return err
		}
		p := make([]byte, len(data))
		n, err := r.ReadAt(p, 0)
		if err != nil && (n != 0 || !bytes.Equal(p, make([]byte, len(data)))) {
			t.Errorf("%d bytes beside %v", n, err)
		}
		return err
	}
	if err := read(serve(leaves)); err != nil {
		t.Fatal(err)
	}
	for i := 1; i < len(leaves); i++ {
		for name, leaf := range map[string][]byte{
			"altered":  append([]byte{leaves[i][0] ^ 1}, leaves[i][1:]...),
			"cut":      leaves[i][:len(leaves[i])-1],
			"longer":   append(bytes.Clone(leaves[i]), 0),
			"neighbor": leaves[i%(len(leaves)-1)+1],
			"empty":    nil,
		} {
			served := slices.Clone(leaves)
			served[i] = leaf
			if err := read(serve(served)); !errors.Is(err, seal.ErrLeaf) {
				t.Errorf("leaf %d %s: %v", i, name, err)
			}
		}
		if err := read(func(k int) ([]byte, error) {
			if k == i {
				return nil, errGone
			}
			return leaves[k], nil
		}); !errors.Is(err, errGone) {
			t.Errorf("leaf %d withheld: %v", i, err)
		}
	}
	r, err := seal.OpenBlob(w.blob, w.record, w.padded, serve(leaves))
	if err != nil {
		t.Fatal(err)
	}
	if err := r.Check(w.blob.Sum); err != nil {
		t.Error(err)
	}
	if err := r.Check(block.Hash{}); !errors.Is(err, seal.ErrOpen) {
		t.Errorf("another sum: %v", err)
	}
}

func FuzzOpenBlob(f *testing.F) {
	w, leaves := writeBlob(f, pattern(600), 608)
	f.Add(leaves[1], int64(600), int64(608))
	f.Add(leaves[1][:200], int64(0), int64(512))
	f.Add([]byte{}, int64(-1), int64(0))
	f.Fuzz(func(t *testing.T, piece []byte, size, padded int64) {
		served := [][]byte{leaves[0], piece} // the attacker also names the root
		b := w.blob
		b.Size, b.Leaves = size, []block.Hash{block.LeafHash(leaves[0]), block.LeafHash(piece)}
		b.Root = block.Root(b.Leaves)
		r, err := seal.OpenBlob(b, w.record, padded, serve(served))
		if err != nil {
			return
		}
		text := make([]byte, padded)
		if _, err := r.ReadAt(text[:size], 0); err != nil && err != io.EOF {
			t.Fatal(err)
		}
		if size == padded {
			if want := rewrite(text, b.Key, [16]byte(piece[115:]), w.record); !bytes.Equal(piece, want) {
				t.Fatalf("two files for one blob: %x", piece)
			}
		}
	})
}
