package seal

import (
	"crypto/sha256"
	"fmt"
	"hash"
	"io"

	"filippo.io/age"
	"github.com/anamnesis-health/anamnesis/shared/block"
)

const blobStanza = "anamnesis.blob.v1"

// Blob is what a record says about its blob, with the hashes that an upload announces.
type Blob struct {
	Root   block.Hash   // RFC 6962 root over the leaves
	Size   int64        // of the bytes, without padding
	Leaves []block.Hash // leaf hashes, leaf 0 the erase commitment
	Key    FileKey
	Sum    block.Hash // SHA-256 of the bytes
}

// BlobWriter seals bytes as they are written and hands out each leaf as it fills. It keeps one leaf and 32 bytes
// per finished leaf in memory.
type BlobWriter struct {
	keep   func(i int, leaf []byte) error
	stream io.WriteCloser
	leaf   []byte
	blob   Blob
	size   int64
	padded int64
	zeros  int64 // of the padding, written
	sum    hash.Hash
}

// NewBlobWriter begins a blob of size bytes, to be padded with zeros to padded bytes (PADMÉ, the caller's), that
// the record with this id will name. keep stores leaf i (0 first, at most LeafSize bytes) and must copy what it
// keeps. Source: spec/sealing.md §4.
func NewBlobWriter(record block.Nonce, erase block.Hash, size, padded int64, keep func(i int, leaf []byte) error) (*BlobWriter, error) {
	if size < 0 || padded < size || padded > MaxBlob {
		return nil, fmt.Errorf("blob of %d bytes padded to %d: %w", size, padded, ErrLeaf)
	}
	w := &BlobWriter{keep: keep, leaf: make([]byte, 0, LeafSize), size: size, padded: padded, sum: sha256.New()}
	if err := w.put(erase[:]); err != nil {
		return nil, err
	}
	s, err := age.Encrypt((*leafWriter)(w), wrapper{blobStanza, []string{encode(record[:])}, func(k FileKey) ([]byte, error) {
		w.blob.Key = k
		return nil, nil
	}})
	if err != nil {
		return nil, fmt.Errorf("blob: %v", err)
	}
	w.stream = s
	return w, nil
}

// Write seals the next bytes; more than the size announced are refused.
func (w *BlobWriter) Write(p []byte) (int, error) {
	if int64(len(p)) > w.size-w.blob.Size {
		return 0, fmt.Errorf("more than the %d bytes announced: %w", w.size, ErrLeaf)
	}
	w.sum.Write(p)
	n, err := w.stream.Write(p)
	w.blob.Size += int64(n)
	return n, err
}

// Pad writes at most n bytes of the padding, so that closing a large blob need not be one long call, and gives how many
// are left. Fewer bytes than announced are refused.
func (w *BlobWriter) Pad(n int64) (left int64, err error) {
	if w.blob.Size != w.size {
		return 0, fmt.Errorf("%d of %d bytes written: %w", w.blob.Size, w.size, ErrLeaf)
	}
	zeros := make([]byte, chunkSize)
	for n = min(n, w.padded-w.size-w.zeros); n > 0; {
		k := min(n, chunkSize)
		if _, err := w.stream.Write(zeros[:k]); err != nil {
			return 0, err
		}
		n, w.zeros = n-k, w.zeros+k
	}
	return w.padded - w.size - w.zeros, nil
}

// Close pads what is left, seals the last chunk and gives the blob. Fewer bytes than announced are refused.
func (w *BlobWriter) Close() (Blob, error) {
	if _, err := w.Pad(w.padded); err != nil {
		return Blob{}, err
	}
	if err := w.stream.Close(); err != nil {
		return Blob{}, err
	}
	if len(w.leaf) > 0 {
		if err := w.put(w.leaf); err != nil {
			return Blob{}, err
		}
	}
	w.blob.Root = block.Root(w.blob.Leaves)
	w.blob.Sum = block.Hash(w.sum.Sum(nil))
	return w.blob, nil
}

func (w *BlobWriter) put(leaf []byte) error {
	if err := w.keep(len(w.blob.Leaves), leaf); err != nil {
		return err
	}
	w.blob.Leaves = append(w.blob.Leaves, block.LeafHash(leaf))
	return nil
}

// leafWriter is the BlobWriter as age sees it: it takes sealed bytes.
type leafWriter BlobWriter

func (l *leafWriter) Write(p []byte) (int, error) {
	n := len(p)
	for len(p) > 0 {
		k := min(LeafSize-len(l.leaf), len(p))
		l.leaf = append(l.leaf, p[:k]...)
		p = p[k:]
		if len(l.leaf) == LeafSize {
			if err := (*BlobWriter)(l).put(l.leaf); err != nil {
				return 0, err
			}
			l.leaf = l.leaf[:0]
		}
	}
	return n, nil
}

// sealedSize is the length of a blob's age file.
func sealedSize(padded int64) int64 {
	chunks := max(1, (padded+chunkSize-1)/chunkSize)
	return blobHeader + streamNonce + padded + chunks*chunkOverhead
}

// LeafCount is the number of leaves of a blob padded to padded bytes.
func LeafCount(padded int64) int {
	return 1 + int((sealedSize(padded)+LeafSize-1)/LeafSize)
}

// BlobReader opens parts of a blob. It fetches only the leaves that hold them, and keeps the last three. It is not
// for concurrent use.
type BlobReader struct {
	size    int64
	padded  int64
	open    io.ReaderAt
	leaves  []block.Hash
	fetch   func(i int) ([]byte, error)
	kept    [3][]byte // the first piece, and two where the last chunk crosses leaves
	keptAt  [3]int
	fetched error
}

// OpenBlob begins to read a blob: its root, size and file key come from the record that names it, record is that
// record's id, padded the PADMÉ of size; leaves are the leaf hashes, from anyone. fetch gives leaf i's bytes, from
// anyone, and each is checked before use. The first and the last piece (two, where the last chunk crosses them) are
// fetched at once, so that the length is certain. ErrLeaf or ErrHeader or ErrOpen, or fetch's own error. Source: spec/sealing.md §5.
func OpenBlob(b Blob, record block.Nonce, padded int64, fetch func(i int) ([]byte, error)) (*BlobReader, error) {
	if b.Size < 0 || padded < b.Size || padded > MaxBlob || len(b.Leaves) != LeafCount(padded) {
		return nil, fmt.Errorf("%d leaves for %d bytes padded to %d: %w", len(b.Leaves), b.Size, padded, ErrLeaf)
	}
	if block.Root(b.Leaves) != b.Root {
		return nil, fmt.Errorf("leaves of another root: %w", ErrLeaf)
	}
	r := &BlobReader{size: b.Size, padded: padded, leaves: b.Leaves, fetch: fetch}
	want := "age-encryption.org/v1\n-> " + blobStanza + " " + encode(record[:]) + "\n\n--- "
	got := make([]byte, len(want))
	if _, err := (*sealedReader)(r).ReadAt(got, 0); err != nil {
		return nil, r.cause(err)
	}
	if string(got) != want {
		return nil, fmt.Errorf("blob of another record or form: %w", ErrHeader)
	}
	open, _, err := age.DecryptReaderAt((*sealedReader)(r), sealedSize(padded), age.NewInjectedFileKeyIdentity(b.Key[:]))
	if err != nil {
		return nil, r.cause(err)
	}
	r.open = open
	return r, nil
}

// Size is the number of bytes, padding left out.
func (r *BlobReader) Size() int64 { return r.size }

// ReadAt is io.ReaderAt over the bytes, padding left out. Every byte it gives is verified; on an error other than
// io.EOF it gives none.
func (r *BlobReader) ReadAt(p []byte, off int64) (int, error) {
	if off < 0 {
		return 0, fmt.Errorf("offset %d: %w", off, ErrLeaf)
	}
	if off >= r.size {
		return 0, io.EOF
	}
	short := int64(len(p)) > r.size-off
	if short {
		p = p[:r.size-off]
	}
	if _, err := r.readFull(p, off); err != nil {
		clear(p)
		return 0, err
	}
	if short {
		return len(p), io.EOF
	}
	return len(p), nil
}

func (r *BlobReader) readFull(p []byte, off int64) (int, error) {
	n, err := r.open.ReadAt(p, off)
	if n == len(p) {
		return n, nil
	}
	return 0, r.cause(err)
}

// Check reads the whole blob once: SHA-256 of its bytes must be sum and its padding zero, else ErrOpen.
func (r *BlobReader) Check(sum block.Hash) error {
	h, buf := sha256.New(), make([]byte, chunkSize)
	for off := int64(0); off < r.padded; off += chunkSize {
		p := buf[:min(chunkSize, r.padded-off)]
		if _, err := r.readFull(p, off); err != nil {
			return err
		}
		data := max(0, min(int64(len(p)), r.size-off))
		h.Write(p[:data])
		for _, b := range p[data:] {
			if b != 0 {
				return fmt.Errorf("padding is not zero: %w", ErrOpen)
			}
		}
	}
	if block.Hash(h.Sum(nil)) != sum {
		return fmt.Errorf("blob of another content: %w", ErrOpen)
	}
	return nil
}

// cause prefers what stopped a fetch over how age reports it.
func (r *BlobReader) cause(err error) error {
	if r.fetched != nil {
		err, r.fetched = r.fetched, nil
		return err
	}
	return openError(err)
}

// sealedReader is the BlobReader as age sees it: the age file, piece by piece.
type sealedReader BlobReader

func (s *sealedReader) ReadAt(p []byte, off int64) (int, error) {
	n := 0
	for n < len(p) {
		i := 1 + int((off+int64(n))/LeafSize)
		if i >= len(s.leaves) {
			return n, io.EOF
		}
		leaf, err := s.leaf(i)
		if err != nil {
			s.fetched = err
			return n, err
		}
		at := int((off + int64(n)) % LeafSize)
		if at >= len(leaf) {
			return n, io.EOF
		}
		n += copy(p[n:], leaf[at:])
	}
	return n, nil
}

func (s *sealedReader) leaf(i int) ([]byte, error) {
	for k, at := range s.keptAt {
		if at == i {
			return s.kept[k], nil
		}
	}
	b, err := s.fetch(i)
	if err != nil {
		return nil, err
	}
	want := min(LeafSize, sealedSize(s.padded)-int64(i-1)*LeafSize)
	if int64(len(b)) != want || block.LeafHash(b) != s.leaves[i] {
		return nil, fmt.Errorf("leaf %d: %w", i, ErrLeaf)
	}
	copy(s.kept[:], s.kept[1:])
	copy(s.keptAt[:], s.keptAt[1:])
	s.kept[2], s.keptAt[2] = b, i
	return b, nil
}
