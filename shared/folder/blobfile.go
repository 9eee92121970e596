package folder

import (
	"encoding/binary"

	"github.com/anamnesis-health/anamnesis/shared/block"
	"github.com/anamnesis-health/anamnesis/shared/seal"
)

// A big blob has a file of its own on the Disk, beside the segments: the log then opens as fast whatever blobs weigh,
// and one that was given up is gone with its file. The file is the leaves in order, from the first on; an entry of the
// log names it. Source: spec/device.md §5.

// blobBase is the number of the first such file; segments end far below.
const blobBase = 1 << 24

// blobFile is a blob's file and how much of it is here.
type blobFile struct {
	number uint32
	size   int64 // of all leaves
	held   int   // leaves here, from the first
}

func (f *blobFile) whole(hashes []block.Hash) bool { return f.held == len(hashes) }

// A log entry of a blob's file is root 32 ‖ number 4 big-endian ‖ size 8 big-endian ‖ leaf hashes.
const blobFileHead = 32 + 4 + 8

func (b *blobs) replayFile(body []byte) error {
	if len(body) < blobFileHead || (len(body)-blobFileHead)%32 != 0 {
		return fail("storage/damaged", "blob file entry of %d bytes", len(body))
	}
	root := block.Hash(body[:32])
	b.files[root] = &blobFile{number: binary.BigEndian.Uint32(body[32:]), size: int64(binary.BigEndian.Uint64(body[36:]))}
	b.hashes[root] = splitHashes(body[blobFileHead:])
	return nil
}

// nameFile appends the entry that makes a file a blob's. Not flushed.
func (e *Engine) nameFile(root block.Hash, f *blobFile, hashes []block.Hash) error {
	body := binary.BigEndian.AppendUint32(root[:], f.number)
	body = binary.BigEndian.AppendUint64(body, uint64(f.size))
	body = append(body, joinHashes(hashes)...)
	if _, err := e.log.Append(logBlobFile, body); err != nil {
		return err
	}
	e.blobs.files[root], e.blobs.hashes[root] = f, hashes
	return nil
}

// settleFiles looks, after the log was read, what is in the blobs' files: a tail that a crash tore is cut off, and a
// file that no entry names is removed, unless it is being written.
func (e *Engine) settleFiles() error {
	numbers, err := e.world.Segments()
	if err != nil {
		return diskError(err)
	}
	named := map[uint32]block.Hash{}
	for root, f := range e.blobs.files {
		named[f.number] = root
	}
	for _, n := range numbers {
		root, ok := named[n]
		switch {
		case n < blobBase || e.blobs.writing[n]:
		case !ok:
			err = e.world.Remove(n)
		default:
			err = e.settleFile(root)
		}
		if err != nil {
			return diskError(err)
		}
	}
	return nil
}

// settleFile counts a file's leaves. Of one that is not whole the last few were perhaps never flushed: they are checked.
func (e *Engine) settleFile(root block.Hash) error {
	f, hashes := e.blobs.files[root], e.blobs.hashes[root]
	size, err := e.world.Size(f.number)
	if err != nil {
		return err
	}
	for f.held < len(hashes) && f.end(f.held+1) <= size {
		f.held++
	}
	if size == f.size {
		return nil
	}
	for from := max(0, f.held-leavesPerRequest); from < f.held; from++ {
		leaf, err := e.leaf(root, from)
		if err != nil {
			return err
		}
		if block.LeafHash(leaf) != hashes[from] {
			f.held = from
		}
	}
	return e.world.Truncate(f.number, f.end(f.held))
}

// end is where leaf i begins and the one before it ends.
func (f *blobFile) end(i int) int64 { return min(int64(leafStart(i)), f.size) }

// newFile gives the number after all that are in use: the browser has only the next few open.
func (e *Engine) newFile() (uint32, error) {
	numbers, err := e.world.Segments()
	if err != nil {
		return 0, diskError(err)
	}
	last := uint32(blobBase - 1)
	for _, n := range numbers {
		last = max(last, n)
	}
	for n := range e.blobs.writing {
		last = max(last, n)
	}
	for _, f := range e.blobs.files {
		last = max(last, f.number)
	}
	return last + 1, nil
}

func (e *Engine) fileLeaf(f *blobFile, i int) ([]byte, error) {
	if i >= f.held {
		return nil, errWaiting
	}
	leaf := make([]byte, f.end(i+1)-f.end(i))
	if err := e.world.Read(f.number, f.end(i), leaf); err != nil {
		return nil, diskError(err)
	}
	return leaf, nil
}

// big says whether a blob of that many leaves has a file of its own.
func big(leaves int) bool { return leaves > 1+bigAt/seal.LeafSize }

// begun names the file of a blob whose first leaves arrived.
func (e *Engine) begun(root block.Hash, f *fetching) error {
	n, err := e.newFile()
	if err != nil {
		return err
	}
	e.sync.dirty = true
	return e.nameFile(root, &blobFile{number: n, size: f.size}, f.hashes)
}

// append adds fetched leaves to a blob's file and flushes them, so that after a crash at most these are in doubt.
func (e *Engine) append(f *blobFile, leaves []byte, n int) error {
	if err := e.world.Append(f.number, leaves); err != nil {
		return diskError(err)
	}
	if err := e.world.Flush(f.number); err != nil {
		return diskError(err)
	}
	f.held += n
	return nil
}
