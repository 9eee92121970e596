package hub_test

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/anamnesis-health/anamnesis/shared/folder"
	"github.com/anamnesis-health/anamnesis/shared/sim"
)

// TestAttackA38 runs two engines over copies of one disk, both writing, both online in turn: the fork is noticed on
// both sides, what either saved stays there, and the kit finds all of it afterwards.
func TestAttackA38(t *testing.T) {
	w := newTown(t)
	a, words := w.patient(1, "Amina")
	w.connect(a)
	_, err := a.Engine.WriteNote(folder.Own, 1, "before the copy", nil)
	w.must(err)
	w.settle()
	b := w.device(7)
	b.MemDisk = a.MemDisk.Clone()
	w.must(b.Restart())
	w.must(b.Engine.Unlock([]byte(passphrase)))
	w.disconnect(a)
	var want []string
	for round := range 3 {
		for i, d := range []*sim.Device{a, b} {
			text := fmt.Sprintf("round %d of %s", round, []string{"a", "b"}[i])
			_, err := d.Engine.WriteNote(folder.Own, 1, text, nil)
			w.must(err)
			want = append(want, text)
		}
		for _, d := range []*sim.Device{a, b} {
			w.connect(d)
			w.settle()
			for range 4 {
				w.wait(d, 30_000)
			}
			w.disconnect(d)
		}
	}
	for _, d := range []*sim.Device{a, b, a, b} {
		w.connect(d)
		for range 4 {
			w.wait(d, 30_000)
		}
		w.disconnect(d)
	}
	for name, d := range map[string]*sim.Device{"a": a, "b": b} {
		m := has(w, d)
		for _, text := range want {
			if strings.HasSuffix(text, name) && !m[text] {
				t.Errorf("%s lost %q", name, text)
			}
		}
		if saved, _ := d.Engine.OutboxCounts(); saved != 0 {
			rows, _, _, _ := d.Engine.Outbox()
			t.Errorf("%s: %d never reach the relay: %+v", name, saved, rows[0])
		}
	}
	if len(a.Engine.Notices())+len(b.Engine.Notices()) == 0 {
		t.Error("nobody was told of the fork")
	}
	fresh := w.device(9)
	w.connect(fresh)
	w.must(fresh.Engine.StartRestore(strings.Join(words, " "), ""))
	w.settle()
	if s := fresh.Engine.RestoreState(); s.Step != "ready" {
		t.Fatalf("restore: %+v", s)
	}
	w.must(fresh.Engine.FinishRestore([]byte(passphrase), folder.OldDeviceLost))
	w.settle()
	w.wait(fresh, 30_000)
	m := has(w, fresh)
	for _, text := range append(want, "before the copy") {
		if !m[text] {
			t.Errorf("the kit does not find %q", text)
		}
	}
}

// TestPromise5LosingOneThingLosesNothing: a device, a relay.
func TestPromise5LosingOneThingLosesNothing(t *testing.T) {
	t.Run("the relay", func(t *testing.T) {
		w := newTown(t)
		owner, _ := w.patient(1, "Amina")
		w.connect(owner)
		w.importFile(owner, bundle(5))
		w.settle()
		want := len(w.timeline(owner, folder.Own))
		w.disconnect(owner)
		lost := newTown(t) // the same network, a relay that remembers nothing
		_, err := owner.Engine.WriteNote(folder.Own, 1, "while there was none", nil)
		w.must(err)
		w.must(owner.Restart())
		w.must(owner.Engine.Unlock([]byte(passphrase)))
		lost.connect(owner)
		if got := len(lost.timeline(owner, folder.Own)); got != want+1 {
			t.Fatalf("%d of %d records", got, want+1)
		}
		sources, err := owner.Engine.Sources()
		lost.must(err)
		if _, out, err := owner.Engine.ExportSource(sources[0].ID); err != nil || !bytes.Equal(out, bundle(5)) {
			t.Fatalf("the file: %v", err)
		}
	})
	t.Run("the device, before it sent everything", func(t *testing.T) {
		w := newTown(t)
		owner, words := w.patient(1, "Amina")
		w.connect(owner)
		w.importFile(owner, bundle(5))
		w.settle()
		w.disconnect(owner)
		fresh := w.device(3)
		w.connect(fresh)
		w.must(fresh.Engine.StartRestore(strings.Join(words, " "), ""))
		w.settle()
		w.must(fresh.Engine.FinishRestore([]byte(passphrase), folder.OldDeviceKept))
		w.settle()
		if n := len(w.timeline(fresh, folder.Own)); n != 5 {
			t.Fatalf("%d records", n)
		}
		// the old device still lives: what it writes then is read, and the other way round
		w.connect(owner)
		_, err := owner.Engine.WriteNote(folder.Own, 1, "on the old device", nil)
		w.must(err)
		w.settle()
		for range 3 {
			w.wait(fresh, 30_000)
		}
		if n := len(w.timeline(fresh, folder.Own)); n != 6 {
			t.Errorf("the new device shows %d records", n)
		}
	})
}

// TestRestoreRefuses a wrong kit, another's kit and a network's that is not this.
func TestRestoreRefuses(t *testing.T) {
	w := newTown(t)
	owner, words := w.patient(1, "Amina")
	w.connect(owner)
	w.settle()
	d := w.device(3)
	bad := append([]string{}, words...)
	bad[3], bad[4] = bad[4], bad[3]
	if err := d.Engine.StartRestore(strings.Join(bad, " "), ""); bad[3] != bad[4] && err == nil {
		t.Log("two swapped words have the same checksum byte, once in 256")
	}
	if err := d.Engine.StartRestore(strings.Join(words[:23], " "), ""); err == nil {
		t.Error("23 words were taken")
	}
	other := (&folder.Kit{Root: [32]byte{1}, Net: [32]byte{9}, Relays: []string{"https://relay.example"}})
	qr, err := other.QR()
	w.must(err)
	if err := d.Engine.StartRestore("", qr); err == nil || !strings.Contains(err.Error(), "kit/network") {
		t.Errorf("a kit of another network: %v", err)
	}
	unknown := (&folder.Kit{Root: [32]byte{1}, Net: w.net.Net()}).Words()
	w.connect(d)
	w.must(d.Engine.StartRestore(strings.Join(unknown, " "), ""))
	w.wait(d, 20_000)
	if s := d.Engine.RestoreState(); s.Step != "failed" || s.Code != "kit/not-found" {
		t.Errorf("a kit that nobody made a folder with: %+v", s)
	}
	if err := d.Engine.FinishRestore([]byte(passphrase), folder.OldDeviceLost); err == nil || d.Engine.HasVault() {
		t.Error("finished a restore that found nothing")
	}
	if _, err := d.Engine.WriteNote(folder.Own, 1, "x", nil); err == nil {
		t.Error("wrote without a profile")
	}
	if err := owner.Engine.StartRestore(strings.Join(words, " "), ""); err == nil {
		t.Error("restored over a profile")
	}
}

// TestPromise8SameBytes takes sample files through import, relay and a second device, and compares every byte.
func TestPromise8SameBytes(t *testing.T) {
	dir := os.Getenv("ANAMNESIS_DATA")
	if dir == "" {
		dir = "../../../shared/data"
	}
	var files []string
	if _, err := os.Stat(dir); err != nil {
		t.Skipf("third-party samples not found at %s; set ANAMNESIS_DATA", dir)
	}
	for _, topic := range []string{"fhir-synthea", "fhir-r4-examples", "ips"} {
		before := len(files)
		err := filepath.WalkDir(filepath.Join(dir, topic), func(path string, d os.DirEntry, err error) error {
			if err == nil && !d.IsDir() && strings.HasSuffix(path, ".json") {
				files = append(files, path)
			}
			return err
		})
		if err != nil || len(files) == before {
			t.Fatalf("%s yields no file: %v", topic, err)
		}
	}
	t.Logf("%d files", len(files))
	w := newTown(t)
	owner, words := w.patient(1, "Amina")
	w.connect(owner)
	var kept [][]byte
	for _, path := range files {
		b, err := os.ReadFile(path)
		w.must(err)
		if _, err := owner.Engine.PreviewImport(b, filepath.Base(path), "application/fhir+json"); err != nil {
			t.Fatalf("%s: %v", filepath.Base(path), err)
		}
		owner.ClockMS += 1000 // of two files the later one is listed first
		w.importFile(owner, b)
		kept = append(kept, b)
		w.settle()
	}
	if len(kept) == 0 {
		t.Fatal("no sample was imported")
	}
	fresh := w.device(3)
	w.connect(fresh)
	w.must(fresh.Engine.StartRestore(strings.Join(words, " "), ""))
	w.settle()
	w.must(fresh.Engine.FinishRestore([]byte(passphrase), folder.OldDeviceLost))
	for range 3 {
		w.wait(fresh, 30_000)
	}
	sources, err := fresh.Engine.Sources()
	w.must(err)
	if len(sources) != len(kept) {
		t.Fatalf("%d of %d files", len(sources), len(kept))
	}
	for _, s := range sources {
		_, out, err := fresh.Engine.ExportSource(s.ID)
		w.must(err)
		found := false
		for _, b := range kept {
			found = found || bytes.Equal(b, out)
		}
		if !found {
			t.Errorf("%s: %d bytes came back changed", s.FileName, len(out))
		}
	}
	t.Logf("%d files, byte for byte", len(kept))
}

// BenchmarkUnlock10000 opens a profile with 10,000 records.
func BenchmarkUnlock10000(b *testing.B) {
	w := newTown(b)
	d, _ := w.patient(1, "Amina")
	var file strings.Builder
	file.WriteString(`{"resourceType":"Bundle","type":"collection","entry":[`)
	for i := range 10_000 {
		if i > 0 {
			file.WriteByte(',')
		}
		fmt.Fprintf(&file, `{"resource":{"resourceType":"Observation","id":"o%d","code":{"text":"HbA1c %d"},"effectiveDateTime":"2%03d-05-04"}}`, i, i, i%1000)
	}
	file.WriteString("]}")
	w.importFile(d, []byte(file.String()))
	b.ReportAllocs()
	b.ResetTimer()
	for range b.N {
		w.must(d.Restart())
		w.must(d.Engine.Unlock([]byte(passphrase)))
		if _, n, err := d.Engine.Timeline(folder.Own, folder.Query{Limit: 50}); err != nil || n != 10_000 {
			b.Fatalf("%d records, %v", n, err)
		}
	}
}

// has gives the first lines of what a device lists of its own folder.
func has(w *town, d *sim.Device) map[string]bool {
	m := map[string]bool{}
	for _, it := range w.timeline(d, folder.Own) {
		if it.Failed != "" {
			w.t.Errorf("%+v", it)
		}
		m[it.Label] = true
	}
	return m
}
