package files

import (
	"bytes"
	"errors"
	"io"
	"os"
	"os/exec"
	"testing"
	"time"

	"github.com/anamnesis-health/anamnesis/relay/hub"
	"github.com/anamnesis-health/anamnesis/shared/block"
)

type sample struct {
	root   block.Hash
	size   uint64
	leaves [][]byte
	hashes []block.Hash
}

// blobOf makes a blob of n leaves after the first, the last one short.
func blobOf(n int) sample {
	s := sample{leaves: [][]byte{bytes.Repeat([]byte{7}, 32)}}
	for i := range n {
		size := hub.LeafSize
		if i == n-1 {
			size = 1000
		}
		s.leaves = append(s.leaves, bytes.Repeat([]byte{byte(i + 1)}, size))
	}
	for _, l := range s.leaves {
		s.hashes = append(s.hashes, block.LeafHash(l))
		s.size += uint64(len(l))
	}
	s.root = block.Root(s.hashes)
	return s
}

func open(t *testing.T, dir string) *Store {
	t.Helper()
	s, err := Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func begin(t *testing.T, s *Store, b sample) {
	t.Helper()
	if done, err := s.Begin(b.root, b.size, b.hashes); err != nil || done {
		t.Fatal(done, err)
	}
}

func TestAnUploadSurvivesARestart(t *testing.T) {
	dir := t.TempDir()
	s, b := open(t, dir), blobOf(4)
	begin(t, s, b)
	for _, i := range []int{0, 3, 1} {
		if done, err := s.Put(b.root, i, b.leaves[i]); done || err != nil {
			t.Fatal(i, done, err)
		}
	}
	// What a crash may leave of a leaf: bytes at its place that are not it.
	f, err := os.OpenFile(s.path(b.root)+".part", os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	at, _ := hub.LeafAt(b.size, 3)
	if _, err := f.WriteAt([]byte("torn"), at+77); err != nil {
		t.Fatal(err)
	}
	f.Close()
	s = open(t, dir)
	got, err := s.Missing(b.root)
	if err != nil || len(got) != 1 || got[0] != [2]uint32{2, 5} {
		t.Fatalf("missing %v, %v; want the torn leaf 3 among them", got, err)
	}
	for _, i := range []int{2, 3} {
		if done, err := s.Put(b.root, i, b.leaves[i]); done || err != nil {
			t.Fatal(i, done, err)
		}
	}
	if _, _, err := s.Open(b.root); !errors.Is(err, hub.ErrNoBlob) {
		t.Errorf("read before it is complete: %v", err)
	}
	if done, err := s.Put(b.root, 4, b.leaves[4]); !done || err != nil {
		t.Fatal(done, err)
	}
	s = open(t, dir)
	r, size, err := s.Open(b.root)
	if err != nil || size != b.size {
		t.Fatal(size, err)
	}
	defer r.Close()
	all, err := io.ReadAll(r)
	if err != nil || !bytes.Equal(all, bytes.Join(b.leaves, nil)) {
		t.Fatalf("other bytes, %v", err)
	}
	if done, err := s.Begin(b.root, b.size, b.hashes); !done || err != nil {
		t.Errorf("announced again: %v %v", done, err)
	}
}

func TestRefusals(t *testing.T) {
	s, b := open(t, t.TempDir()), blobOf(2)
	other := blobOf(3)
	for name, c := range map[string]struct {
		root   block.Hash
		size   uint64
		leaves []block.Hash
	}{
		"another root":   {other.root, b.size, b.hashes},
		"a leaf more":    {b.root, b.size, append(b.hashes[:3:3], b.hashes[0])},
		"a leaf less":    {b.root, b.size, b.hashes[:2]},
		"no leaves":      {b.root, b.size, nil},
		"no first leaf":  {b.root, 31, b.hashes},
		"over 4 GiB":     {b.root, 5 << 30, b.hashes},
		"a size too big": {b.root, b.size + hub.LeafSize, b.hashes},
	} {
		if _, err := s.Begin(c.root, c.size, c.leaves); !errors.Is(err, hub.ErrForm) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := s.Put(b.root, 0, b.leaves[0]); !errors.Is(err, hub.ErrNoBlob) {
		t.Errorf("a leaf of what was not announced: %v", err)
	}
	begin(t, s, b)
	for i, leaf := range map[int][]byte{-1: b.leaves[0], 3: b.leaves[1], 0: b.leaves[1], 1: b.leaves[0], 2: b.leaves[2][1:]} {
		if _, err := s.Put(b.root, i, leaf); !errors.Is(err, hub.ErrLeaf) {
			t.Errorf("leaf %d: %v", i, err)
		}
	}
}

func TestExpireDropsOnlyWhatIsIncomplete(t *testing.T) {
	s, whole, part := open(t, t.TempDir()), blobOf(1), blobOf(2)
	begin(t, s, whole)
	begin(t, s, part)
	for i, l := range whole.leaves {
		if _, err := s.Put(whole.root, i, l); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := s.Put(part.root, 0, part.leaves[0]); err != nil {
		t.Fatal(err)
	}
	if err := s.Expire(time.Now().Add(-time.Hour)); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Missing(part.root); err != nil {
		t.Errorf("dropped too early: %v", err)
	}
	if err := s.Expire(time.Now().Add(time.Hour)); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Missing(part.root); !errors.Is(err, hub.ErrNoBlob) {
		t.Errorf("still there: %v", err)
	}
	if _, _, err := s.Open(whole.root); err != nil {
		t.Error(err)
	}
}

func TestCheckFindsAFlippedBit(t *testing.T) {
	s, b := open(t, t.TempDir()), blobOf(2)
	begin(t, s, b)
	for i, l := range b.leaves {
		if _, err := s.Put(b.root, i, l); err != nil {
			t.Fatal(err)
		}
	}
	bad := 0
	count := func(string, error) { bad++ }
	if n, err := s.Check(count); n != 1 || err != nil || bad != 0 {
		t.Fatal(n, err, bad)
	}
	path := s.path(b.root)
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	raw[len(raw)-1] ^= 4
	if err := os.WriteFile(path, raw, 0o600); err != nil {
		t.Fatal(err)
	}
	if n, err := s.Check(count); n != 1 || err != nil || bad != 1 {
		t.Fatal(n, err, bad)
	}
}

func TestAFullDisk(t *testing.T) {
	dir := t.TempDir()
	if os.Getuid() != 0 || exec.Command("mount", "-t", "tmpfs", "-o", "size=1m", "none", dir).Run() != nil {
		t.Skip("mounting a small file system needs root")
	}
	t.Cleanup(func() {
		if err := exec.Command("umount", dir).Run(); err != nil {
			t.Error(err)
		}
	})
	s, b := open(t, dir), blobOf(8)
	begin(t, s, b)
	var err error
	for i := 0; i < len(b.leaves) && err == nil; i++ {
		_, err = s.Put(b.root, i, b.leaves[i])
	}
	if !errors.Is(err, hub.ErrFull) {
		t.Fatalf("%v", err)
	}
}
