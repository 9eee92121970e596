package folder

import (
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"slices"
	"strconv"

	"github.com/anamnesis-health/anamnesis/shared/block"
	"github.com/anamnesis-health/anamnesis/shared/record"
	"github.com/anamnesis-health/anamnesis/shared/seal"
	"github.com/tinylib/msgp/msgp"
)

// blobs holds leaves of big contents, and carries them to and from the relay by HTTP, one request at a time.
type blobs struct {
	leaves map[block.Hash]map[uint32]Ref // by root and leaf
	hashes map[block.Hash][]block.Hash   // leaf hashes of a root
	wanted map[block.ID]block.Hash       // own records whose blob the relay lacks
	stored map[block.Hash]bool           // the relay said so
	fetch  map[block.Hash]*fetching
	order  []block.Hash
	next   int
	busy   map[int]func(status int, body []byte)
	holdMS int64
	later  map[block.Hash]int64 // roots that failed: not before this time

	files   map[block.Hash]*blobFile // of big blobs
	writing map[uint32]bool          // files of documents being sealed
}

type fetching struct {
	leaves int
	size   int64
	hashes []block.Hash
}

func newBlobs() blobs {
	return blobs{leaves: map[block.Hash]map[uint32]Ref{}, hashes: map[block.Hash][]block.Hash{}, wanted: map[block.ID]block.Hash{},
		stored: map[block.Hash]bool{}, fetch: map[block.Hash]*fetching{}, later: map[block.Hash]int64{}, busy: map[int]func(int, []byte){},
		files: map[block.Hash]*blobFile{}, writing: map[uint32]bool{}}
}

func (b *blobs) waits(id block.ID) bool { _, ok := b.wanted[id]; return ok }

// A log entry of a leaf is root 32 ‖ index 4 big-endian ‖ bytes; the leaf hashes of a root stand under index 2³²−1.
const hashesIndex = 1<<32 - 1

func (b *blobs) replay(ref Ref, body []byte) error {
	if len(body) < 36 {
		return fail("storage/damaged", "leaf entry of %d bytes", len(body))
	}
	root := block.Hash(body[:32])
	i := binary.BigEndian.Uint32(body[32:36])
	if i == hashesIndex {
		b.hashes[root] = splitHashes(body[36:])
		return nil
	}
	if b.leaves[root] == nil {
		b.leaves[root] = map[uint32]Ref{}
	}
	b.leaves[root][i] = ref
	return nil
}

func splitHashes(b []byte) []block.Hash {
	out := make([]block.Hash, len(b)/32)
	for i := range out {
		out[i] = block.Hash(b[i*32 : i*32+32])
	}
	return out
}

func (e *Engine) keepLeaf(root block.Hash, i uint32, leaf []byte) error {
	body := binary.BigEndian.AppendUint32(root[:], i)
	body = append(body[:36:36], leaf...)
	ref, err := e.log.Append(logLeaf, body)
	if err != nil {
		return err
	}
	return e.blobs.replay(ref, body)
}

// keepBlob keeps a blob just sealed: leaves and their hashes.
func (e *Engine) keepBlob(b *seal.Blob, leaves [][]byte) error {
	for i, l := range leaves {
		if err := e.keepLeaf(b.Root, uint32(i), l); err != nil {
			return err
		}
	}
	return e.keepLeaf(b.Root, hashesIndex, joinHashes(b.Leaves))
}

func joinHashes(h []block.Hash) []byte {
	out := make([]byte, 0, 32*len(h))
	for _, x := range h {
		out = append(out, x[:]...)
	}
	return out
}

func (e *Engine) leaf(root block.Hash, i int) ([]byte, error) {
	if f := e.blobs.files[root]; f != nil {
		return e.fileLeaf(f, i)
	}
	ref, ok := e.blobs.leaves[root][uint32(i)]
	if !ok {
		return nil, errWaiting
	}
	body, err := e.log.Read(ref)
	if err != nil {
		return nil, err
	}
	return body[36:], nil
}

var errWaiting = &Error{Code: "blob/waiting", Detail: "its bytes are still on their way"}

// openBlob begins to read a blob by range; blob/waiting while leaves are missing, which are then asked for.
func (e *Engine) openBlob(salt block.Nonce, b *record.Blob) (*seal.BlobReader, error) {
	root := block.Hash(b.Root)
	if !e.blobs.whole(root, int(b.Leaves)) {
		e.blobs.ask(e, root, int(b.Leaves))
		return nil, errWaiting
	}
	r, err := seal.OpenBlob(seal.Blob{Root: root, Size: int64(b.Size), Leaves: e.blobs.hashes[root], Key: b.FileKey, Sum: b.SHA256}, salt,
		int64(record.Padded(int(b.Size))), func(i int) ([]byte, error) { return e.leaf(root, i) })
	if err != nil {
		return nil, fail("open/7", "%v", err)
	}
	return r, nil
}

// whole says whether all leaves of a blob are here.
func (b *blobs) whole(root block.Hash, leaves int) bool {
	if f := b.files[root]; f != nil {
		return len(b.hashes[root]) == leaves && f.whole(b.hashes[root])
	}
	return len(b.hashes[root]) == leaves && len(b.leaves[root]) == leaves
}

// readBlob gives a blob's whole content, checked by leaf, chunk and hash; blob/waiting while leaves are missing,
// which are then asked for.
func (e *Engine) readBlob(salt block.Nonce, b *record.Blob) ([]byte, error) {
	r, err := e.openBlob(salt, b)
	if err != nil {
		return nil, err
	}
	out := make([]byte, b.Size)
	if len(out) > 0 {
		if _, err := r.ReadAt(out, 0); err != nil {
			return nil, fail("open/7", "%v", err)
		}
	}
	if !sameSum(out, b.SHA256) {
		return nil, fail("open/11", "another content than the record names")
	}
	return out, nil
}

func (b *blobs) ask(e *Engine, root block.Hash, leaves int) {
	if b.fetch[root] == nil {
		b.fetch[root] = &fetching{leaves: leaves}
		b.order = append(b.order, root)
	}
	b.start(e)
}

// start begins the next transfer when none runs: uploads first, as their records wait for them.
func (b *blobs) start(e *Engine) {
	if len(b.busy) > 0 || e.sync.state != linkOnline || waits(e.world.Now(), b.holdMS, retryMS) {
		return
	}
	for _, id := range e.outbox.waiting {
		if root, ok := b.wanted[id]; ok && !b.rests(e, root) {
			b.upload(e, root)
			return
		}
	}
	b.order = slices.DeleteFunc(b.order, func(root block.Hash) bool { return b.fetch[root] == nil })
	for _, root := range b.order {
		if !b.rests(e, root) {
			b.download(e, root)
			return
		}
	}
}

func (b *blobs) request(e *Engine, method, path string, body []byte, then func(status int, body []byte)) {
	b.requestRange(e, method, path, "", body, then)
}

func (b *blobs) requestRange(e *Engine, method, path, byteRange string, body []byte, then func(status int, body []byte)) {
	b.next++
	b.busy[b.next] = then
	e.world.Fetch(FetchRequest{ID: b.next, Method: method, Path: "/v1/blob/" + path, Range: byteRange, Token: base64.RawURLEncoding.EncodeToString(e.sync.token[:]), Body: body})
}

// Fetched brings the answer to a FetchRequest; status 0 means that no answer came.
func (e *Engine) Fetched(id, status int, body []byte) {
	then := e.blobs.busy[id]
	delete(e.blobs.busy, id)
	if then == nil || e.me == nil && e.restore == nil {
		return
	}
	then(status, body)
	e.blobs.start(e)
	e.world.Changed()
}

func blobName(root block.Hash) string { return base64.RawURLEncoding.EncodeToString(root[:]) }

// pause waits before trying again after a failure, longer with the blob that failed: the others go on.
func (b *blobs) pause(e *Engine, root block.Hash) {
	b.holdMS = e.world.Now() + retryMS
	b.later[root] = e.world.Now() + retryBlobMS
	if i := slices.Index(b.order, root); i >= 0 {
		b.order = append(slices.Delete(b.order, i, i+1), root)
	}
}

func (b *blobs) rests(e *Engine, root block.Hash) bool {
	return waits(e.world.Now(), b.later[root], retryBlobMS)
}

// blobSize is how many bytes the leaves of a blob have together.
func (e *Engine) blobSize(root block.Hash) (int64, error) {
	last := len(e.blobs.hashes[root]) - 1
	l, err := e.leaf(root, last)
	return int64(leafStart(last) + len(l)), err
}

// announce is the array [size, leaf hashes in one bin].
func announce(size int64, hashes []block.Hash) []byte {
	body := msgp.AppendArrayHeader(nil, 2)
	body = msgp.AppendUint64(body, uint64(size))
	return msgp.AppendBytes(body, joinHashes(hashes))
}

func (b *blobs) upload(e *Engine, root block.Hash) {
	size, err := e.blobSize(root)
	if err != nil {
		b.pause(e, root)
		return
	}
	b.request(e, "POST", blobName(root), announce(size, b.hashes[root]), func(status int, _ []byte) {
		switch status {
		case 200:
			b.done(e, root)
		case 201:
			b.put(e, root, 0)
		default:
			b.pause(e, root)
		}
	})
}

func (b *blobs) put(e *Engine, root block.Hash, i int) {
	leaf, err := e.leaf(root, i)
	if err != nil {
		b.pause(e, root)
		return
	}
	b.request(e, "PUT", blobName(root)+"/"+strconv.Itoa(i), leaf, func(status int, _ []byte) {
		switch {
		case status != 204 && status != 200:
			b.pause(e, root)
		case i+1 < len(b.hashes[root]):
			b.put(e, root, i+1)
		default:
			b.done(e, root)
		}
	})
}

// done records that the relay has a blob; the records that waited for it may go.
func (b *blobs) done(e *Engine, root block.Hash) {
	if !e.keepMarks(markBlob, []block.ID{block.ID(root)}) {
		b.pause(e, root)
		return
	}
	b.stored[root] = true
	for id, r := range b.wanted {
		if r == root {
			delete(b.wanted, id)
		}
	}
	e.sync.push(e)
}

// download asks for the leaf hashes and then for the leaves that are not here yet, some at a time, so that a cut
// connection costs little and no answer is large.
func (b *blobs) download(e *Engine, root block.Hash) {
	f := b.fetch[root]
	if f.hashes == nil {
		b.request(e, "GET", blobName(root)+"/leaves", nil, func(status int, body []byte) {
			size, hashes := announcedLeaves(body)
			if status != 200 || len(hashes) != f.leaves || block.Root(hashes) != root {
				b.pause(e, root)
				return
			}
			f.size, f.hashes = size, hashes
		})
		return
	}
	from := 0
	for from < f.leaves && b.holds(root, from) {
		from++
	}
	if from == f.leaves {
		b.arrived(e, root)
		return
	}
	last := min(from+leavesPerRequest, f.leaves) - 1
	b.requestRange(e, "GET", blobName(root), fmt.Sprintf("bytes=%d-%d", leafStart(from), leafStart(last+1)-1), nil,
		func(status int, body []byte) {
			switch {
			case status != 206 && status != 200 || !b.cut(e, root, f, from, last, body):
				b.pause(e, root)
			case last == f.leaves-1:
				b.arrived(e, root)
			}
		})
}

// arrived keeps the hashes after their leaves: with them the blob is whole.
func (b *blobs) arrived(e *Engine, root block.Hash) {
	if b.files[root] == nil && e.keepLeaf(root, hashesIndex, joinHashes(b.fetch[root].hashes)) != nil {
		b.pause(e, root)
		return
	}
	delete(b.fetch, root)
	e.blobArrived()
}

func (b *blobs) holds(root block.Hash, i int) bool {
	if f := b.files[root]; f != nil {
		return i < f.held
	}
	_, ok := b.leaves[root][uint32(i)]
	return ok
}

// leafStart is where leaf i begins in a blob: leaf 0 is 32 bytes, the others 256 KiB. Source: sealing.md, blobs.
func leafStart(i int) int {
	if i == 0 {
		return 0
	}
	return 32 + (i-1)*seal.LeafSize
}

// announcedLeaves reads the answer of /leaves, the array [size, leaf hashes in one bin]; nil when it is none, or when
// so many leaves cannot have that size.
func announcedLeaves(body []byte) (int64, []block.Hash) {
	n, rest, err := msgp.ReadArrayHeaderBytes(body)
	if err != nil || n != 2 {
		return 0, nil
	}
	size, rest, err := msgp.ReadUint64Bytes(rest)
	if err != nil {
		return 0, nil
	}
	all, rest, err := msgp.ReadBytesZC(rest)
	leaves := len(all) / 32
	if err != nil || len(rest) > 0 || len(all)%32 != 0 || leaves == 0 || size <= uint64(leafStart(leaves-1)) || size > uint64(leafStart(leaves)) {
		return 0, nil
	}
	return int64(size), splitHashes(all)
}

// cut splits bytes, leaves from to last, and keeps them; false when one does not fit its hash.
func (b *blobs) cut(e *Engine, root block.Hash, f *fetching, from, last int, body []byte) bool {
	if big(f.leaves) && b.files[root] == nil && e.begun(root, f) != nil {
		return false
	}
	file, all := b.files[root], body
	for i, h := range f.hashes[from : last+1] {
		n := min(leafStart(from+i+1)-leafStart(from+i), len(body))
		if block.LeafHash(body[:n]) != h || file == nil && e.keepLeaf(root, uint32(from+i), body[:n]) != nil {
			return false
		}
		body = body[n:]
	}
	if file != nil {
		return len(body) == 0 && e.append(file, all, last+1-from) == nil
	}
	e.sync.dirty = true
	return len(body) == 0
}

// blobArrived tries again what waited for bytes.
func (e *Engine) blobArrived() {
	if e.me != nil {
		e.catchUp()
		for _, f := range e.me.shared {
			for id, r := range f.recs {
				if r.r != nil && !r.opened && r.failed == "" {
					f.queue = append(f.queue, id)
				}
			}
		}
	}
	if e.restore != nil {
		e.restore.advance(e)
	}
}
