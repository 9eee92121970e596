package main

import (
	"bytes"
	"fmt"
	"slices"

	"github.com/anamnesis-health/anamnesis/shared/folder"
)

// disk is a folder.Disk that forgets: nothing of the sample data outlives the page.
type disk struct {
	segments map[uint32][]byte
	slots    map[string][]byte
}

var _ folder.Disk = (*disk)(nil)

func newDisk() *disk { return &disk{map[uint32][]byte{}, map[string][]byte{}} }

// Segments gives the numbers there are, ascending.
func (d *disk) Segments() ([]uint32, error) {
	var numbers []uint32
	for n := range d.segments {
		numbers = append(numbers, n)
	}
	slices.Sort(numbers)
	return numbers, nil
}

func (d *disk) segment(n uint32) ([]byte, error) {
	b, ok := d.segments[n]
	if !ok {
		return nil, fmt.Errorf("no segment %d", n)
	}
	return b, nil
}

// Size gives a segment's length in bytes.
func (d *disk) Size(n uint32) (int64, error) {
	b, err := d.segment(n)
	return int64(len(b)), err
}

// Read fills p from off on.
func (d *disk) Read(n uint32, off int64, p []byte) error {
	b, err := d.segment(n)
	if err != nil {
		return err
	}
	if off < 0 || off+int64(len(p)) > int64(len(b)) {
		return fmt.Errorf("segment %d holds %d bytes, wanted %d at %d", n, len(b), len(p), off)
	}
	copy(p, b[off:])
	return nil
}

// Append writes at the end.
func (d *disk) Append(n uint32, p []byte) error {
	d.segments[n] = append(d.segments[n], p...)
	return nil
}

// Truncate shortens a segment.
func (d *disk) Truncate(n uint32, size int64) error {
	b, err := d.segment(n)
	if err != nil || size > int64(len(b)) {
		return fmt.Errorf("truncate segment %d to %d: %v", n, size, err)
	}
	d.segments[n] = b[:size]
	return nil
}

// Flush has nothing to wait for.
func (d *disk) Flush(n uint32) error {
	_, err := d.segment(n)
	return err
}

// Remove deletes a segment.
func (d *disk) Remove(n uint32) error {
	_, err := d.segment(n)
	delete(d.segments, n)
	return err
}

// ReadSlot gives a small file, nil if there is none.
func (d *disk) ReadSlot(name string) ([]byte, error) { return bytes.Clone(d.slots[name]), nil }

// WriteSlot replaces a small file.
func (d *disk) WriteSlot(name string, p []byte) error {
	d.slots[name] = append([]byte{}, p...)
	return nil
}

// RemoveSlot deletes a small file.
func (d *disk) RemoveSlot(name string) error {
	delete(d.slots, name)
	return nil
}

// clone is a copy of all that is on the disk now.
func (d *disk) clone() *disk {
	c := newDisk()
	for n, b := range d.segments {
		c.segments[n] = bytes.Clone(b)
	}
	for name, b := range d.slots {
		c.slots[name] = bytes.Clone(b)
	}
	return c
}
