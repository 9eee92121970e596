package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/anamnesis-health/anamnesis/relay/hub"
	"github.com/anamnesis-health/anamnesis/relay/hub/hubtest"
	"github.com/anamnesis-health/anamnesis/relay/store/storetest"
	"github.com/anamnesis-health/anamnesis/shared/block"
)

var net = hubtest.NewNetwork("http://store.test")

func open(t *testing.T, path string) *Store {
	t.Helper()
	s, err := Open(path, net.Net())
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestStore(t *testing.T) {
	storetest.Run(t, func(t *testing.T) storetest.Reopener {
		path := filepath.Join(t.TempDir(), "lane.db")
		var s *Store
		t.Cleanup(func() { s.Close() })
		return func() hub.Store {
			if s != nil {
				if err := s.Close(); err != nil {
					t.Fatal(err)
				}
			}
			s = open(t, path)
			return s
		}
	})
}

func TestOpenRefuses(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "lane.db")
	s := open(t, path)
	if _, err := Open(path, net.Net()); !errors.Is(err, ErrInUse) {
		t.Errorf("a second process: %v", err)
	}
	s.Close()
	if _, err := Open(path, block.Net{1}); !errors.Is(err, ErrNetwork) {
		t.Errorf("another network: %v", err)
	}
	raw(t, path, "PRAGMA user_version = 99")
	if _, err := Open(path, net.Net()); !errors.Is(err, ErrNewer) {
		t.Errorf("a newer file: %v", err)
	}
	text := filepath.Join(dir, "text")
	if err := os.WriteFile(text, []byte("this is no database, and longer than a page header is"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(text, net.Net()); err == nil {
		t.Error("a text file was opened")
	}
}

// raw changes a closed file behind the store's back.
func raw(t *testing.T, path, query string, args ...any) {
	t.Helper()
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.Exec(query, args...); err != nil {
		t.Fatal(err)
	}
}

func TestSettingsThatDurabilityRestsOn(t *testing.T) {
	s := open(t, filepath.Join(t.TempDir(), "lane.db"))
	defer s.Close()
	for pragma, want := range map[string]string{
		"journal_mode": "wal", "synchronous": "2", "locking_mode": "exclusive", "wal_autocheckpoint": "0",
		"user_version": fmt.Sprint(len(schemas())),
	} {
		var got string
		if err := s.row("PRAGMA "+pragma, nil, &got); err != nil || got != want {
			t.Errorf("%s is %q, %v, want %q", pragma, got, err, want)
		}
	}
}

// append1 stores a chain of n records and gives its writer.
func append1(t *testing.T, s *Store, i, n int) (*hubtest.Writer, error) {
	w := net.Writer(i)
	blocks := []*block.Block{w.Genesis}
	for range n {
		blocks = append(blocks, w.Record(100))
	}
	a := hub.Addition{Chains: []hub.Chain{{State: w.State}}}
	for k, b := range blocks {
		a.Blocks = append(a.Blocks, hub.Placed{Position: s.Tail() + uint64(k) + 1, Block: b, Bytes: b.Encode()})
	}
	return w, s.Append(a)
}

// TestEveryFlippedByteOfABlockIsNoticed flips each byte of a stored block in turn. Only the signature is beyond a
// hash's reach; Audit, which checks it, must find those.
func TestEveryFlippedByteOfABlockIsNoticed(t *testing.T) {
	path := filepath.Join(t.TempDir(), "lane.db")
	s := open(t, path)
	w, err := append1(t, s, 1, 1)
	if err != nil {
		t.Fatal(err)
	}
	p, _, err := s.Slot(w.State.ID, 1)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	for i := range p.Bytes {
		bad := append([]byte{}, p.Bytes...)
		bad[i] ^= 0x10
		if err := s.exec("UPDATE blocks SET bytes = ? WHERE position = 2", bad); err != nil {
			t.Fatal(err)
		}
		found := 0
		if _, err := hub.Audit(net.Net(), s, func(uint64, error) { found++ }); err != nil || found == 0 {
			t.Fatalf("byte %d of %d: %d problems, %v", i, len(bad), found, err)
		}
	}
	if err := s.exec("UPDATE blocks SET bytes = ? WHERE position = 2", p.Bytes); err != nil {
		t.Fatal(err)
	}
	if _, err := hub.Audit(net.Net(), s, func(at uint64, err error) { t.Errorf("%d: %v", at, err) }); err != nil {
		t.Fatal(err)
	}
}

func TestADamagedStateIsMadeAgain(t *testing.T) {
	s := open(t, filepath.Join(t.TempDir(), "lane.db"))
	defer s.Close()
	w, err := append1(t, s, 1, 3)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.exec("UPDATE chains SET state = x'00'"); err != nil {
		t.Fatal(err)
	}
	got, ok, err := s.Chain(w.State.ID)
	if err != nil || !ok || got.State.Head != w.State.Head || got.State.Writer() != w.State.Writer() {
		t.Fatalf("%v %v %+v", ok, err, got)
	}
	if err := s.exec("UPDATE blocks SET bytes = x'00' WHERE position = 2"); err != nil {
		t.Fatal(err)
	}
	if _, _, err := s.Chain(w.State.ID); err == nil {
		t.Fatal("a state was made from damaged blocks")
	}
}

// TestAFullDiskRefusesAndRecovers bounds the file, then lets it grow again.
func TestAFullDiskRefusesAndRecovers(t *testing.T) {
	s := open(t, filepath.Join(t.TempDir(), "lane.db"))
	defer s.Close()
	if _, err := append1(t, s, 1, 10); err != nil {
		t.Fatal(err)
	}
	var pages int
	if err := s.row("PRAGMA page_count", nil, &pages); err != nil {
		t.Fatal(err)
	}
	var set int
	if err := s.conn.QueryRowContext(context.Background(), fmt.Sprintf("PRAGMA max_page_count = %d", pages)).Scan(&set); err != nil {
		t.Fatal(err)
	}
	full(t, s)
	if err := s.conn.QueryRowContext(context.Background(), "PRAGMA max_page_count = 1000000").Scan(&set); err != nil {
		t.Fatal(err)
	}
	afterFull(t, s)
}

// full fills a store until it says so, and checks that nothing of the refused commit was kept.
func full(t *testing.T, s *Store) {
	t.Helper()
	for i := 2; ; i++ {
		tail := s.Tail()
		w, err := append1(t, s, i, 100)
		if err == nil {
			if i > 2000 {
				t.Fatal("never full")
			}
			continue
		}
		if !errors.Is(err, hub.ErrFull) {
			t.Fatalf("%v", err)
		}
		if _, ok, err := s.ByID(w.Genesis.ID); ok || err != nil || s.Tail() != tail {
			t.Fatalf("a refused block was kept: %v, tail %d, was %d", err, s.Tail(), tail)
		}
		break
	}
	if err := s.KeepShare(hub.Share{Access: block.ID{1}, Frame: make([]byte, 200<<10), Until: hubtest.Now}, 3); !errors.Is(err, hub.ErrFull) {
		t.Errorf("a share on a full disk: %v", err)
	}
	n := 0
	if err := s.Lane(0, 1<<20, func(p hub.Placed) bool { n++; return p.Block != nil }); err != nil || uint64(n) != s.Tail() {
		t.Fatalf("reading %d of %d: %v", n, s.Tail(), err)
	}
}

func afterFull(t *testing.T, s *Store) {
	t.Helper()
	if _, err := append1(t, s, 5000, 100); err != nil {
		t.Fatalf("after room was made: %v", err)
	}
	if _, err := hub.Audit(net.Net(), s, func(at uint64, err error) { t.Errorf("%d: %v", at, err) }); err != nil {
		t.Fatal(err)
	}
}

// TestARealFullDisk does the same on a file system of 4 MiB, where it may mount one.
func TestARealFullDisk(t *testing.T) {
	dir := t.TempDir()
	if os.Getuid() != 0 || exec.Command("mount", "-t", "tmpfs", "-o", "size=4m", "none", dir).Run() != nil {
		t.Skip("mounting a small file system needs root")
	}
	t.Cleanup(func() {
		if err := exec.Command("umount", dir).Run(); err != nil {
			t.Error(err)
		}
	})
	ballast := filepath.Join(dir, "ballast")
	if err := os.WriteFile(ballast, make([]byte, 2<<20), 0o600); err != nil {
		t.Fatal(err)
	}
	s := open(t, filepath.Join(dir, "lane.db"))
	defer s.Close()
	full(t, s)
	if err := os.Remove(ballast); err != nil {
		t.Fatal(err)
	}
	afterFull(t, s)
}

func TestMigrationFromVersion1IsTheFirst(t *testing.T) {
	if len(schemas()) != 1 {
		t.Fatal("write a test that opens a file of the version before, with blocks in it")
	}
}
