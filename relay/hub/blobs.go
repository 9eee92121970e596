package hub

import (
	"errors"
	"io"
	"time"

	"github.com/anamnesis-health/anamnesis/shared/block"
)

// Sizes of blobs. Source: spec/blob-http.md §1.
const (
	FirstLeaf = 32        // the erase commitment
	LeafSize  = 256 << 10 // every other leaf but the last
	MaxBlob   = 4<<30 + FirstLeaf
	MaxLeaves = 1 + (MaxBlob-FirstLeaf+LeafSize-1)/LeafSize
)

// Errors of Blobs.
var (
	ErrNoBlob = errors.New("no such blob")
	ErrForm   = errors.New("leaves and size do not make this root")
	ErrLeaf   = errors.New("not this leaf of the blob")
)

// Blobs keeps blobs by root. It is safe for concurrent use. Besides its own errors it returns ErrFull, and others
// when it is unknown what is on disk.
type Blobs interface {
	// Begin announces a blob: complete says that all of it is held. It returns ErrForm.
	Begin(root block.Hash, size uint64, leaves []block.Hash) (complete bool, err error)
	// Missing lists half-open ranges of leaves that are not held.
	Missing(root block.Hash) ([][2]uint32, error)
	// Leaves gives the size and the leaf hashes.
	Leaves(root block.Hash) (uint64, []block.Hash, error)
	// Put keeps one leaf; the one that completes the blob is answered when all of it is on disk. It returns ErrLeaf.
	Put(root block.Hash, i int, leaf []byte) (complete bool, err error)
	// Open reads a complete blob from its first leaf on.
	Open(root block.Hash) (io.ReadSeekCloser, uint64, error)
	// Expire drops what was announced and left incomplete since a time.
	Expire(before time.Time) error
}

// CheckBlob says whether leaf hashes and a size make a root. It returns ErrForm.
func CheckBlob(root block.Hash, size uint64, leaves []block.Hash) error {
	if size < FirstLeaf || size > MaxBlob || len(leaves) != LeafCount(size) || block.Root(leaves) != root {
		return ErrForm
	}
	return nil
}

// LeafCount is the number of leaves of a blob of size bytes, its first leaf included.
func LeafCount(size uint64) int { return 1 + int((size-FirstLeaf+LeafSize-1)/LeafSize) }

// LeafAt gives the offset and length of leaf i of a blob of size bytes; length 0 for one that it does not have.
func LeafAt(size uint64, i int) (offset int64, length int) {
	switch {
	case i < 0 || i >= LeafCount(size):
		return 0, 0
	case i == 0:
		return 0, FirstLeaf
	}
	offset = FirstLeaf + int64(i-1)*LeafSize
	return offset, int(min(LeafSize, int64(size)-offset))
}
