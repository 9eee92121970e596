package folder

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"slices"
	"sort"

	"github.com/anamnesis-health/anamnesis/shared/block"
)

// Disk is this device's storage, as the log and the vault need it: append-only segments and small files
// that are replaced whole. It has one user at a time. What an append or a truncation did may be lost or
// torn by a crash until Flush returns. A Disk that has no room answers ErrQuota.
type Disk interface {
	Segments() ([]uint32, error)              // the numbers there are, in any order
	Size(n uint32) (int64, error)             // in bytes
	Read(n uint32, off int64, p []byte) error // fills p, or fails
	Append(n uint32, p []byte) error          // creates the segment if needed
	Truncate(n uint32, size int64) error      // never lengthens
	Flush(n uint32) error                     // until then nothing is "saved"
	Remove(n uint32) error                    //
	ReadSlot(name string) ([]byte, error)     // nil, nil if there is none
	WriteSlot(name string, p []byte) error    // replaces the file and flushes it
	RemoveSlot(name string) error             // nil if there is none
}

// ErrQuota is what a Disk answers when the browser gives it no more room.
var ErrQuota = errors.New("the storage quota is used up")

// Codes of storage.
const (
	CodeStorageQuota   = "storage/quota"   // nothing was lost; free some room and try again
	CodeStorageDamaged = "storage/damaged" // flushed bytes changed; detail: segment and offset
	CodeStorageFormat  = "storage/format"  // another program version's, or another network's, segments
	CodeStorageFailed  = "storage/failed"  // the disk failed; the log must be opened anew
)

// Ref says where an entry lies: where it begins in its segment, and how long its bytes are.
type Ref struct {
	Segment, Offset, Length uint32
}

const (
	segmentMagic = "ANAMSEG1"
	// segmentEpoch changes with the meaning of entries. A build that does not know a segment's epoch leaves
	// everything alone.
	segmentEpoch  = 1
	segmentHeader = len(segmentMagic) + 2 + 32 + 4
	entryHead     = 5
	entryHash     = 16
	entryFrame    = entryHead + entryHash
)

// Log is the append-only log of a device: segments of about 4 MiB,
//
//	segment  "ANAMSEG1" ‖ u16 1 ‖ net 32 ‖ u32 number ‖ entries
//	entry    u32 length ‖ kind ‖ bytes ‖ first 16 B of SHA-256(u32 number ‖ u32 offset ‖ kind ‖ bytes)
//
// Entries are buffered and go to the disk in batches; they are readable at once and durable when Flush
// returns. After a failed write the log is as if that write had not been tried.
type Log struct {
	disk    Disk
	net     block.Net
	number  uint32 // of the segment appended to; 0 before the first
	written int64  // bytes of it on the disk
	buf     []byte // bytes of it after those
	dirty   bool   // written but not flushed
	cut     int64
	broken  error
	mark    logMark // the end of the last commit, durable
}

// logMark is a place in the log: a segment and a length of it. Segment 0 is the empty log.
type logMark struct {
	number uint32
	size   int64
}

// entryCommit ends what belongs together. Entries after the last one are as if never written.
const entryCommit byte = 10

// OpenLog reads every entry into each, oldest first; body is valid during the call only, and each's error
// ends it. A torn tail of the last segment, which no Flush has promised, is cut off, and so is what follows the
// last commit: each sees whole commits only (a log without any is given as it is). It returns an *Error:
// storage/damaged with segment and offset if anything older is not whole, storage/format if a segment is of
// another version or network, storage/failed if the disk fails.
// Source: spec/device.md §2.
func OpenLog(d Disk, net block.Net, each func(ref Ref, kind byte, body []byte) error) (*Log, error) {
	numbers, err := d.Segments()
	if err != nil {
		return nil, diskError(err)
	}
	numbers = slices.DeleteFunc(numbers, func(n uint32) bool { return n >= blobBase }) // blobs' own files
	l := &Log{disk: d, net: net}
	sort.Slice(numbers, func(i, j int) bool { return numbers[i] < numbers[j] })
	for i, n := range numbers {
		if n != uint32(i)+1 || n > maxSegments {
			return nil, fail(CodeStorageDamaged, "segment %d is missing", i+1)
		}
	}
	g := group{each: each}
	for i, n := range numbers {
		if err := l.load(n, i == len(numbers)-1, &g); err != nil {
			return nil, err
		}
	}
	switch {
	case g.mark == logMark{}:
		l.mark = logMark{l.number, l.written}
		return l, g.give()
	case len(g.waits) > 0:
		l.mark = g.mark
		return l, l.Rewind()
	}
	l.mark = g.mark
	return l, nil
}

// group holds back entries until the commit that ends them.
type group struct {
	each  func(Ref, byte, []byte) error
	waits []waitingEntry
	mark  logMark
}

type waitingEntry struct {
	ref  Ref
	kind byte
	body []byte
}

func (g *group) take(ref Ref, kind byte, body []byte) error {
	if kind != entryCommit {
		g.waits = append(g.waits, waitingEntry{ref, kind, body})
		return nil
	}
	g.mark = logMark{ref.Segment, int64(ref.Offset) + entryFrame + int64(ref.Length)}
	return g.give()
}

func (g *group) give() error {
	for _, w := range g.waits {
		if err := g.each(w.ref, w.kind, w.body); err != nil {
			return err
		}
	}
	g.waits = g.waits[:0]
	return nil
}

// Cut gives how many bytes of a torn tail OpenLog cut off.
func (l *Log) Cut() int64 { return l.cut }

func (l *Log) load(n uint32, last bool, g *group) error {
	size, err := l.disk.Size(n)
	if err != nil {
		return diskError(err)
	}
	if size > segmentSize+maxEntry {
		return fail(CodeStorageDamaged, "segment %d of %d bytes", n, size)
	}
	b := make([]byte, size)
	if err := l.disk.Read(n, 0, b); err != nil {
		return diskError(err)
	}
	header := l.header(n)
	if !bytes.HasPrefix(b, header) {
		if last && torn(b, header) {
			return l.dropLast(n, size)
		}
		return badHeader(n, b, header)
	}
	end := int64(len(header))
	for end < size {
		kind, body, ok := entryAt(b[end:])
		if ok && last {
			sum := entrySum(n, uint32(end), kind, body)
			ok = bytes.Equal(sum[:], b[end+entryHead+int64(len(body)):][:entryHash])
		}
		if !ok {
			break
		}
		if err := g.take(Ref{Segment: n, Offset: uint32(end), Length: uint32(len(body))}, kind, body); err != nil {
			return err
		}
		end += int64(entryFrame + len(body))
	}
	if end < size {
		if !last {
			return fail(CodeStorageDamaged, "segment %d, byte %d", n, end)
		}
		if err := l.cutAt(n, end); err != nil {
			return err
		}
	}
	l.number, l.written, l.cut = n, end, size-end
	return nil
}

// torn reports whether b is what a crash can leave of a segment whose header was never flushed.
func torn(b, header []byte) bool {
	b = b[:min(len(b), len(header))]
	return bytes.HasPrefix(header, bytes.TrimRight(b, "\x00"))
}

func (l *Log) dropLast(n uint32, size int64) error {
	if err := l.disk.Remove(n); err != nil {
		return diskError(err)
	}
	l.cut = size
	return nil
}

// cutAt flushes, so that no later crash can bring the tail back behind new entries.
func (l *Log) cutAt(n uint32, size int64) error {
	err := l.disk.Truncate(n, size)
	if err == nil {
		err = l.disk.Flush(n)
	}
	return diskError(err)
}

func badHeader(n uint32, b, header []byte) error {
	mark := len(segmentMagic) + 2
	switch {
	case len(b) < len(header):
		return fail(CodeStorageDamaged, "segment %d, byte 0", n)
	case !bytes.Equal(b[:mark], header[:mark]):
		return fail(CodeStorageFormat, "segment %d is of another version", n)
	case !bytes.Equal(b[mark:mark+32], header[mark:mark+32]):
		return fail(CodeStorageFormat, "segment %d is of another network", n)
	}
	return fail(CodeStorageDamaged, "segment %d, byte %d", n, mark+32)
}

func (l *Log) header(n uint32) []byte {
	b := append([]byte(segmentMagic), 0, segmentEpoch)
	b = append(b, l.net[:]...)
	return binary.BigEndian.AppendUint32(b, n)
}

// entryAt gives the entry that b begins with; ok is false if it is cut short or no entry.
func entryAt(b []byte) (kind byte, body []byte, ok bool) {
	if len(b) < entryFrame {
		return 0, nil, false
	}
	n := binary.BigEndian.Uint32(b)
	if n > maxEntry || uint64(len(b)) < uint64(n)+entryFrame || b[4] == 0 {
		return 0, nil, false
	}
	return b[4], b[entryHead : entryHead+n], true
}

func entrySum(number, offset uint32, kind byte, body []byte) [entryHash]byte {
	h := sha256.New()
	var head [9]byte
	binary.BigEndian.PutUint32(head[:], number)
	binary.BigEndian.PutUint32(head[4:], offset)
	head[8] = kind
	h.Write(head[:])
	h.Write(body)
	return [entryHash]byte(h.Sum(nil))
}

// Append buffers an entry of kind 1…255 and at most 1 MiB. It returns an *Error, after which the entry is
// not in the log: storage/quota, then the entries before it are still there to be flushed; storage/failed.
func (l *Log) Append(kind byte, body []byte) (Ref, error) {
	if kind == 0 || len(body) > maxEntry {
		return Ref{}, fail(CodeStorageFailed, "entry of kind %d, %d bytes", kind, len(body))
	}
	if l.broken != nil {
		return Ref{}, l.broken
	}
	if l.number == 0 || l.end()+int64(len(body)+entryFrame) > segmentSize && l.end() > int64(segmentHeader) {
		if err := l.roll(); err != nil {
			return Ref{}, err
		}
	}
	before := len(l.buf)
	ref := Ref{Segment: l.number, Offset: uint32(l.end()), Length: uint32(len(body))}
	sum := entrySum(ref.Segment, ref.Offset, kind, body)
	l.buf = binary.BigEndian.AppendUint32(l.buf, ref.Length)
	l.buf = append(l.buf, kind)
	l.buf = append(l.buf, body...)
	l.buf = append(l.buf, sum[:]...)
	if len(l.buf) >= batchSize {
		if err := l.write(); err != nil {
			l.buf = l.buf[:before]
			return Ref{}, err
		}
	}
	return ref, nil
}

func (l *Log) end() int64 { return l.written + int64(len(l.buf)) }

// roll flushes the segment before the next begins, so that only the last can ever be torn.
func (l *Log) roll() error {
	if err := l.Flush(); err != nil {
		return err
	}
	if l.number == maxSegments {
		return fail(CodeStorageQuota, "%d segments", l.number)
	}
	l.number++
	l.written, l.buf = 0, append(l.buf[:0], l.header(l.number)...)
	return nil
}

// write takes a failed append back, so that what is on the disk is always a whole number of batches.
func (l *Log) write() error {
	if len(l.buf) == 0 {
		return nil
	}
	err := l.disk.Append(l.number, l.buf)
	if err == nil {
		l.written += int64(len(l.buf))
		l.buf = l.buf[:0]
		l.dirty = true
		return nil
	}
	if size, sizeErr := l.disk.Size(l.number); sizeErr == nil && size > l.written {
		if cutErr := l.disk.Truncate(l.number, l.written); cutErr != nil {
			l.broken = diskError(cutErr)
		}
	}
	return diskError(err)
}

// Flush makes every entry durable. It returns an *Error: storage/quota leaves the entries buffered, to be
// flushed again when there is room; after storage/failed the log must be opened anew.
func (l *Log) Flush() error {
	if l.broken != nil {
		return l.broken
	}
	if err := l.write(); err != nil {
		return err
	}
	if !l.dirty {
		return nil
	}
	if err := l.disk.Flush(l.number); err != nil {
		// What a second try would report is not known to be true of what the first one lost.
		l.broken = fail(CodeStorageFailed, "flush: %v", err)
		return l.broken
	}
	l.dirty = false
	return nil
}

// Commit is Flush of everything since the last Commit as one: after a crash all of it is there, or none of it. With
// nothing new it does nothing. Errors are those of Append and Flush; Rewind then takes back what was not committed.
func (l *Log) Commit() error {
	if l.broken != nil {
		return l.broken
	}
	if l.place() == l.mark {
		return nil
	}
	if _, err := l.Append(entryCommit, nil); err != nil {
		return err
	}
	if err := l.Flush(); err != nil {
		return err
	}
	l.mark = logMark{l.number, l.written}
	return nil
}

func (l *Log) place() logMark { return logMark{l.number, l.end()} }

// Committed says whether everything appended was committed.
func (l *Log) Committed() bool { return l.place() == l.mark }

// Rewind takes back everything after the last commit, on the disk too, and makes the log usable again after a
// failure: what was committed was durable before. It returns an *Error, storage/failed, when even that fails.
func (l *Log) Rewind() error {
	for ; l.number > l.mark.number; l.number-- {
		if err := l.disk.Remove(l.number); err != nil {
			// A segment that was begun in memory only is not there.
			if _, sizeErr := l.disk.Size(l.number); sizeErr == nil {
				l.broken = diskError(err)
				return l.broken
			}
		}
	}
	l.buf, l.written, l.dirty, l.broken = l.buf[:0], l.mark.size, false, nil
	if l.number == 0 {
		return nil
	}
	size, err := l.disk.Size(l.number)
	if err == nil && size > l.mark.size {
		err = l.cutAt(l.number, l.mark.size)
	}
	if err != nil {
		l.broken = diskError(err)
	}
	return l.broken
}

// Read gives the bytes of an entry, flushed or not. It returns an *Error, storage/damaged, if they are not
// what was appended.
func (l *Log) Read(ref Ref) ([]byte, error) {
	if ref.Segment == 0 || ref.Segment > l.number || ref.Length > maxEntry || int64(ref.Offset) < int64(segmentHeader) {
		return nil, fail(CodeStorageDamaged, "no entry at segment %d, byte %d", ref.Segment, ref.Offset)
	}
	b := make([]byte, int(ref.Length)+entryFrame)
	if from := int64(ref.Offset) - l.written; ref.Segment == l.number && from >= 0 {
		if from+int64(len(b)) > int64(len(l.buf)) {
			return nil, fail(CodeStorageDamaged, "no entry at segment %d, byte %d", ref.Segment, ref.Offset)
		}
		copy(b, l.buf[from:])
	} else if err := l.disk.Read(ref.Segment, int64(ref.Offset), b); err != nil {
		return nil, diskError(err)
	}
	kind, body, ok := entryAt(b)
	if !ok || uint32(len(body)) != ref.Length || !bytes.Equal(b[len(b)-entryHash:], sumOf(ref, kind, body)) {
		return nil, fail(CodeStorageDamaged, "segment %d, byte %d", ref.Segment, ref.Offset)
	}
	return body, nil
}

func sumOf(ref Ref, kind byte, body []byte) []byte {
	sum := entrySum(ref.Segment, ref.Offset, kind, body)
	return sum[:]
}

func diskError(err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, ErrQuota):
		return fail(CodeStorageQuota, "")
	}
	return fail(CodeStorageFailed, "%v", err)
}
