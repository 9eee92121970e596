package sim

import (
	"fmt"
	"math/rand/v2"
	"slices"

	"github.com/anamnesis-health/anamnesis/shared/folder"
)

// MemDisk is a folder.Disk in memory that can lose power, run full and fail. It remembers what was flushed
// and what was only written, so that Crash leaves what a real disk might.
type MemDisk struct {
	// Room is how many bytes of segments and slots it holds; 0 means no limit.
	Room int64
	// FlushError is what Flush and WriteSlot answer, once, after which they work again.
	FlushError error
	// Flushes counts successful flushes.
	Flushes int
	// BeforeFlush, if there, is called before each Flush and WriteSlot: where a test cuts the power.
	BeforeFlush func()

	segments map[uint32]*memFile
	slots    map[string][]byte
}

type memFile struct {
	durable []byte // nil: a crash may forget that the file exists
	exists  bool   // durably
	now     []byte
	pending []memOp
}

// memOp is one write since the last flush: bytes appended, or a truncation to size if bytes is nil.
type memOp struct {
	bytes []byte
	size  int
}

var _ folder.Disk = (*MemDisk)(nil)

// NewMemDisk gives an empty disk without limit.
func NewMemDisk() *MemDisk {
	return &MemDisk{segments: map[uint32]*memFile{}, slots: map[string][]byte{}}
}

// Segments gives the numbers there are, ascending.
func (d *MemDisk) Segments() ([]uint32, error) {
	var numbers []uint32
	for n := range d.segments {
		numbers = append(numbers, n)
	}
	slices.Sort(numbers)
	return numbers, nil
}

func (d *MemDisk) file(n uint32) (*memFile, error) {
	f := d.segments[n]
	if f == nil {
		return nil, fmt.Errorf("no segment %d", n)
	}
	return f, nil
}

// Size gives a segment's length in bytes.
func (d *MemDisk) Size(n uint32) (int64, error) {
	f, err := d.file(n)
	if err != nil {
		return 0, err
	}
	return int64(len(f.now)), nil
}

// Read fills p from off on.
func (d *MemDisk) Read(n uint32, off int64, p []byte) error {
	f, err := d.file(n)
	if err != nil {
		return err
	}
	if off < 0 || off+int64(len(p)) > int64(len(f.now)) {
		return fmt.Errorf("segment %d holds %d bytes, wanted %d at %d", n, len(f.now), len(p), off)
	}
	copy(p, f.now[off:])
	return nil
}

// Used is how many bytes segments and slots take.
func (d *MemDisk) Used() int64 { return d.used() }

// Dump gives the bytes of every segment and slot: what a thief of the disk sees.
func (d *MemDisk) Dump() [][]byte {
	var out [][]byte
	for _, f := range d.segments {
		out = append(out, slices.Clone(f.now))
	}
	for _, s := range d.slots {
		out = append(out, slices.Clone(s))
	}
	return out
}

func (d *MemDisk) used() int64 {
	sum := 0
	for _, f := range d.segments {
		sum += len(f.now)
	}
	for _, s := range d.slots {
		sum += len(s)
	}
	return int64(sum)
}

// Append writes at the end. A full disk takes what fits, as real ones do, and answers folder.ErrQuota.
func (d *MemDisk) Append(n uint32, p []byte) error {
	f := d.segments[n]
	if f == nil {
		f = &memFile{}
		d.segments[n] = f
	}
	var err error
	if room := d.Room - d.used(); d.Room > 0 && room < int64(len(p)) {
		p, err = p[:max(room, 0)], fmt.Errorf("segment %d: %w", n, folder.ErrQuota)
	}
	f.now = append(f.now, p...)
	f.pending = append(f.pending, memOp{bytes: slices.Clone(p)})
	return err
}

// Truncate shortens a segment to size bytes.
func (d *MemDisk) Truncate(n uint32, size int64) error {
	f, err := d.file(n)
	if err != nil || size > int64(len(f.now)) {
		return fmt.Errorf("truncate segment %d to %d: %v", n, size, err)
	}
	f.now = f.now[:size:size]
	f.pending = append(f.pending, memOp{size: int(size)})
	return nil
}

// Flush makes a segment durable.
func (d *MemDisk) Flush(n uint32) error {
	f, err := d.file(n)
	if err != nil {
		return err
	}
	if d.BeforeFlush != nil {
		d.BeforeFlush()
	}
	if err := d.FlushError; err != nil {
		d.FlushError = nil
		return err
	}
	f.durable, f.exists, f.pending = slices.Clone(f.now), true, nil
	d.Flushes++
	return nil
}

// Remove deletes a segment, durably.
func (d *MemDisk) Remove(n uint32) error {
	_, err := d.file(n)
	delete(d.segments, n)
	return err
}

// ReadSlot gives a small file, nil if there is none.
func (d *MemDisk) ReadSlot(name string) ([]byte, error) { return slices.Clone(d.slots[name]), nil }

// WriteSlot replaces a small file, durably.
func (d *MemDisk) WriteSlot(name string, p []byte) error {
	if d.BeforeFlush != nil {
		d.BeforeFlush()
	}
	if err := d.FlushError; err != nil {
		d.FlushError = nil
		return err
	}
	if d.Room > 0 && d.used()-int64(len(d.slots[name]))+int64(len(p)) > d.Room {
		return fmt.Errorf("slot %s: %w", name, folder.ErrQuota)
	}
	d.slots[name] = append([]byte{}, p...)
	d.Flushes++
	return nil
}

// RemoveSlot deletes a small file.
func (d *MemDisk) RemoveSlot(name string) error {
	delete(d.slots, name)
	return nil
}

// SetSegment replaces a segment's bytes, durably: what a fault, or an attacker with the disk, does.
func (d *MemDisk) SetSegment(n uint32, b []byte) {
	d.segments[n] = &memFile{durable: slices.Clone(b), exists: true, now: slices.Clone(b)}
}

// Crash gives what is on the disk after the power failed: everything flushed and, of the writes since, some
// first ones, the last of them torn at any byte, its rest missing or zero.
func (d *MemDisk) Crash(rng *rand.Rand) *MemDisk {
	after := NewMemDisk()
	after.Room = d.Room
	numbers, _ := d.Segments() // in order, so that a seed decides everything
	for _, n := range numbers {
		f := d.segments[n]
		b := slices.Clone(f.durable)
		kept := rng.IntN(len(f.pending) + 1)
		for _, op := range f.pending[:kept] {
			b = op.apply(b)
		}
		if kept < len(f.pending) {
			b = f.pending[kept].tear(b, rng)
		}
		if f.exists || len(b) > 0 || kept > 0 {
			after.SetSegment(n, b)
		}
	}
	for name, s := range d.slots {
		after.slots[name] = slices.Clone(s)
	}
	return after
}

func (op memOp) apply(b []byte) []byte {
	if op.bytes == nil {
		return b[:min(op.size, len(b))]
	}
	return append(b, op.bytes...)
}

func (op memOp) tear(b []byte, rng *rand.Rand) []byte {
	if len(op.bytes) == 0 {
		return b
	}
	torn := slices.Clone(op.bytes[:rng.IntN(len(op.bytes)+1)])
	if rng.IntN(2) == 0 {
		torn = append(torn, make([]byte, len(op.bytes)-len(torn))...)
	}
	return append(b, torn...)
}

// Clone gives a copy of all that is on the disk now, as a backup made by copying files would.
func (d *MemDisk) Clone() *MemDisk {
	c := NewMemDisk()
	for n, f := range d.segments {
		c.SetSegment(n, slices.Clone(f.now))
	}
	for name, b := range d.slots {
		c.slots[name] = slices.Clone(b)
	}
	return c
}
