// Package files keeps blobs on a disk, one file for each:
//
//	<dir>/ab/ab12….leaves   size 8 B big-endian ‖ leaf hashes: announced
//	<dir>/ab/ab12….part     leaves at their offsets, some missing
//	<dir>/ab/ab12…          complete: every leaf was checked, file and folder synced, then renamed
//
// It promises that a blob is complete only when every leaf's hash was checked by the process that synced it: what a
// crash left of an upload is checked again. It refuses leaves of another hash or length.
//
//	b, err := files.Open("data/blobs")
package files

import (
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/anamnesis-health/anamnesis/relay/hub"
	"github.com/anamnesis-health/anamnesis/shared/block"
)

// maxUploads bounds the uploads whose state is in memory: the hashes of at most 16,385 leaves each, 0.5 MB.
const maxUploads = 64

// Store is safe for concurrent use.
type Store struct {
	dir     string
	mu      sync.Mutex
	uploads map[block.Hash]*upload
	turn    uint64
}

type upload struct {
	mu     sync.Mutex
	size   uint64
	leaves []block.Hash
	have   []bool
	left   int
	used   uint64 // the turn of its last use; guarded by Store.mu
}

// Open uses or makes a folder.
func Open(dir string) (*Store, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	return &Store{dir: dir, uploads: map[block.Hash]*upload{}}, nil
}

func (s *Store) path(root block.Hash) string {
	name := root.Hex()
	return filepath.Join(s.dir, name[:2], name)
}

func full(err error) error {
	if errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT) {
		return hub.ErrFull
	}
	return err
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

// Begin implements hub.Blobs.
func (s *Store) Begin(root block.Hash, size uint64, leaves []block.Hash) (bool, error) {
	if err := hub.CheckBlob(root, size, leaves); err != nil {
		return false, err
	}
	p := s.path(root)
	if exists(p) || exists(p+".leaves") {
		return exists(p), nil
	}
	b := binary.BigEndian.AppendUint64(nil, size)
	for _, l := range leaves {
		b = append(b, l[:]...)
	}
	return false, s.keep(p+".leaves", b)
}

// keep writes a file whole: under another name, synced, renamed, the folders synced.
func (s *Store) keep(path string, b []byte) error {
	dir := filepath.Dir(path)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return full(err)
	}
	f, err := os.CreateTemp(dir, "new-*")
	if err != nil {
		return full(err)
	}
	defer os.Remove(f.Name()) // after the rename there is none
	if _, err := f.Write(b); err != nil {
		return errors.Join(full(err), f.Close())
	}
	if err := errors.Join(f.Sync(), f.Close()); err != nil {
		return err
	}
	if err := os.Rename(f.Name(), path); err != nil {
		return full(err)
	}
	return errors.Join(syncDir(dir), syncDir(s.dir))
}

func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

// Leaves implements hub.Blobs.
func (s *Store) Leaves(root block.Hash) (uint64, []block.Hash, error) {
	b, err := os.ReadFile(s.path(root) + ".leaves")
	if errors.Is(err, fs.ErrNotExist) {
		return 0, nil, hub.ErrNoBlob
	}
	if err != nil {
		return 0, nil, err
	}
	if len(b) < 8 || (len(b)-8)%32 != 0 {
		return 0, nil, fmt.Errorf("%s: %d bytes of leaves", root.Hex(), len(b))
	}
	size, rest := binary.BigEndian.Uint64(b), b[8:]
	leaves := make([]block.Hash, len(rest)/32)
	for i := range leaves {
		leaves[i] = block.Hash(rest[32*i:])
	}
	if err := hub.CheckBlob(root, size, leaves); err != nil {
		return 0, nil, fmt.Errorf("%s: damaged leaf hashes", root.Hex())
	}
	return size, leaves, nil
}

// upload finds or rebuilds the state of an incomplete blob: what is in its file is checked again.
func (s *Store) upload(root block.Hash) (*upload, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.turn++
	if u := s.uploads[root]; u != nil {
		u.used = s.turn
		return u, nil
	}
	size, leaves, err := s.Leaves(root)
	if err != nil {
		return nil, err
	}
	u := newUpload(size, leaves)
	u.used = s.turn
	if err := u.scan(s.path(root) + ".part"); err != nil {
		return nil, err
	}
	if len(s.uploads) >= maxUploads {
		s.forget()
	}
	s.uploads[root] = u
	return u, nil
}

func newUpload(size uint64, leaves []block.Hash) *upload {
	return &upload{size: size, leaves: leaves, have: make([]bool, len(leaves)), left: len(leaves)}
}

// forget drops the state that was not used for longest; its file stays.
func (s *Store) forget() {
	var oldest block.Hash
	turn := s.turn + 1
	for r, u := range s.uploads {
		if u.used < turn {
			oldest, turn = r, u.used
		}
	}
	delete(s.uploads, oldest)
}

func (u *upload) scan(part string) error {
	f, err := os.Open(part)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	defer f.Close()
	b := make([]byte, hub.LeafSize)
	for i := range u.leaves {
		at, n := hub.LeafAt(u.size, i)
		if _, err := f.ReadAt(b[:n], at); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return err
		}
		if block.LeafHash(b[:n]) == u.leaves[i] {
			u.have[i] = true
			u.left--
		}
	}
	return nil
}

// Missing implements hub.Blobs.
func (s *Store) Missing(root block.Hash) ([][2]uint32, error) {
	if exists(s.path(root)) {
		return nil, nil
	}
	u, err := s.upload(root)
	if err != nil {
		return nil, err
	}
	u.mu.Lock()
	defer u.mu.Unlock()
	var out [][2]uint32
	for i, have := range u.have {
		switch {
		case have:
		case len(out) > 0 && out[len(out)-1][1] == uint32(i):
			out[len(out)-1][1]++
		default:
			out = append(out, [2]uint32{uint32(i), uint32(i) + 1})
		}
	}
	return out, nil
}

// Put implements hub.Blobs.
func (s *Store) Put(root block.Hash, i int, leaf []byte) (bool, error) {
	u, err := s.state(root)
	if err != nil {
		return false, err
	}
	at, n := hub.LeafAt(u.size, i)
	if n == 0 || len(leaf) != n || block.LeafHash(leaf) != u.leaves[i] {
		return false, hub.ErrLeaf
	}
	u.mu.Lock()
	defer u.mu.Unlock()
	if exists(s.path(root)) {
		return true, nil
	}
	return s.put(root, u, i, at, leaf)
}

// state is that of an upload, or for a complete blob one that only serves to check a repeated leaf.
func (s *Store) state(root block.Hash) (*upload, error) {
	if !exists(s.path(root)) {
		return s.upload(root)
	}
	size, leaves, err := s.Leaves(root)
	return newUpload(size, leaves), err
}

func (s *Store) put(root block.Hash, u *upload, i int, at int64, leaf []byte) (bool, error) {
	f, err := os.OpenFile(s.path(root)+".part", os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return false, full(err)
	}
	defer f.Close()
	if !u.have[i] {
		if _, err := f.WriteAt(leaf, at); err != nil {
			return false, full(err)
		}
		u.have[i] = true
		u.left--
	}
	if u.left > 0 {
		return false, nil
	}
	return true, s.finish(root, f)
}

// finish makes a whole file the blob. An error here leaves it unknown what is on disk.
func (s *Store) finish(root block.Hash, f *os.File) error {
	p := s.path(root)
	if err := f.Sync(); err != nil {
		return err
	}
	if err := os.Rename(p+".part", p); err != nil {
		return err
	}
	if err := syncDir(filepath.Dir(p)); err != nil {
		return err
	}
	s.mu.Lock()
	delete(s.uploads, root)
	s.mu.Unlock()
	return nil
}

// Open implements hub.Blobs.
func (s *Store) Open(root block.Hash) (io.ReadSeekCloser, uint64, error) {
	f, err := os.Open(s.path(root))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, 0, hub.ErrNoBlob
	}
	if err != nil {
		return nil, 0, err
	}
	info, err := f.Stat()
	if err != nil {
		return nil, 0, errors.Join(err, f.Close())
	}
	return f, uint64(info.Size()), nil
}

// Expire implements hub.Blobs.
func (s *Store) Expire(before time.Time) error {
	return filepath.WalkDir(s.dir, func(path string, d fs.DirEntry, err error) error {
		name, announced := strings.CutSuffix(path, ".leaves")
		if err != nil || !announced || exists(name) {
			return err
		}
		info, err := d.Info()
		if err != nil || !info.ModTime().Before(before) {
			return err
		}
		if root, err := hex.DecodeString(filepath.Base(name)); err == nil && len(root) == 32 {
			s.mu.Lock()
			delete(s.uploads, block.Hash(root))
			s.mu.Unlock()
		}
		if err := os.Remove(name + ".part"); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		return os.Remove(path)
	})
}

// Check reads every complete blob and reports those whose bytes are not what their root says.
func (s *Store) Check(bad func(root string, err error)) (checked int, err error) {
	err = filepath.WalkDir(s.dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		root, notHex := hex.DecodeString(d.Name())
		if notHex != nil || len(root) != 32 {
			return nil // leaves, parts
		}
		checked++
		if err := s.check(block.Hash(root)); err != nil {
			bad(d.Name(), err)
		}
		return nil
	})
	return checked, err
}

func (s *Store) check(root block.Hash) error {
	size, leaves, err := s.Leaves(root)
	if err != nil {
		return err
	}
	u := newUpload(size, leaves)
	if err := u.scan(s.path(root)); err != nil {
		return err
	}
	if u.left > 0 {
		return fmt.Errorf("%d of %d leaves damaged", u.left, len(leaves))
	}
	return nil
}
