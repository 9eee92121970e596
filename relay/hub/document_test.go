package hub_test

import (
	"bytes"
	"crypto/sha256"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/anamnesis-health/anamnesis/shared/block"
	"github.com/anamnesis-health/anamnesis/shared/folder"
	"github.com/anamnesis-health/anamnesis/shared/sim"
)

const aboutScan = `{"resourceType":"DocumentReference","status":"current","description":"Scan of the knee","content":[{"attachment":{"title":"knee.dcm"}}]}`

// scan is n bytes that no compression and no chance repeats.
func scan5(n int) []byte {
	b := make([]byte, n)
	_, _ = rand.NewChaCha8([32]byte{5}).Read(b)
	return b
}

// addDocument takes a file in as the page does: piece by piece.
func (w *town) addDocument(d *sim.Device, file []byte) (id, about block.ID) {
	w.t.Helper()
	name, err := d.Engine.BeginDocument(folder.Document{Section: 1, MediaType: "application/dicom", Size: int64(len(file)), About: []byte(aboutScan)})
	w.must(err)
	for at := 0; at < len(file); {
		n := min(700_001, len(file)-at)
		done, err := d.Engine.WriteDocument(name, file[at:at+n])
		w.must(err)
		if at += n; done != int64(at) {
			w.t.Fatalf("%d bytes in, it says %d", at, done)
		}
	}
	for {
		id, about, finished, err := d.Engine.FinishDocument(name)
		w.must(err)
		if finished {
			return id, about
		}
	}
}

func (w *town) readDocument(d *sim.Device, f folder.ID, id block.ID) []byte {
	w.t.Helper()
	var out []byte
	for {
		p, err := d.Engine.ReadDocument(f, id, int64(len(out)), 1<<20)
		w.must(err)
		if len(p) == 0 {
			return out
		}
		out = append(out, p...)
	}
}

func blobFiles(t *testing.T, d *sim.Device) int {
	t.Helper()
	numbers, err := d.Segments()
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for _, s := range numbers {
		if size, _ := d.Size(s); s >= 1<<24 && size > 0 {
			n++
		}
	}
	return n
}

// TestBigDocument takes five megabytes from one browser through the relay into another, and back after a restore.
func TestBigDocument(t *testing.T) {
	w := newTown(t)
	amina, words := w.patient(1, "Amina Haddad")
	lin := w.reader(2, "Dr. Lin Wei")
	w.connect(amina)
	file := scan5(5<<20 + 17)
	id, about := w.addDocument(amina, file)
	w.settle()
	if saved, _ := amina.Engine.OutboxCounts(); saved != 0 {
		t.Fatalf("%d wait", saved)
	}
	if o, err := amina.Engine.OpenRecord(folder.Own, id); err != nil || !o.Big || len(o.Content) != 0 || o.Size != len(file) || o.ContentSum != block.Hash(sha256.Sum256(file)) ||
		len(o.Item.Refs) != 1 || o.Item.Refs[0] != about {
		t.Fatalf("%+v %v", o, err)
	}
	if got := w.readDocument(amina, folder.Own, id); !bytes.Equal(got, file) {
		t.Fatal("other bytes come back")
	}
	if p, err := amina.Engine.ReadDocument(folder.Own, id, 3<<20, 100); err != nil || !bytes.Equal(p, file[3<<20:3<<20+100]) {
		t.Fatalf("a range: %x %v", p, err)
	}
	w.must(amina.Restart())
	w.must(amina.Engine.Unlock([]byte(passphrase)))
	if got := w.readDocument(amina, folder.Own, id); !bytes.Equal(got, file) {
		t.Fatal("other bytes after a restart")
	}
	w.disconnect(amina)
	w.connect(amina)

	w.connect(lin)
	w.share(amina, lin)
	f := only(t, lin)
	_, _, err := lin.AskAll(f.ID, "visit", "")
	w.must(err)
	w.settle()
	if blobFiles(t, lin) != 0 {
		t.Fatal("the document was fetched before anybody wanted it")
	}
	if _, err := lin.Engine.ReadDocument(f.ID, id, 0, 100); codeOf(err) != "blob/waiting" {
		t.Fatalf("before it is here: %v", err)
	}
	w.settle()
	here, of, err := lin.Engine.DocumentHere(f.ID, id)
	w.must(err)
	if here != of || of == 0 {
		t.Fatalf("%d of %d", here, of)
	}
	if got := w.readDocument(lin, f.ID, id); !bytes.Equal(got, file) {
		t.Fatal("the reader sees other bytes")
	}

	fresh := w.device(3)
	w.connect(fresh)
	w.must(fresh.Engine.StartRestore(strings.Join(words, " "), ""))
	w.settle()
	w.must(fresh.Engine.FinishRestore([]byte(passphrase), folder.OldDeviceLost))
	w.settle()
	_, _, err = fresh.Engine.DocumentHere(folder.Own, id)
	w.must(err)
	w.settle()
	if got := w.readDocument(fresh, folder.Own, id); !bytes.Equal(got, file) {
		t.Fatal("other bytes after a restore")
	}
}

// TestDocumentGivenUp: cancel, lock, a crash and every error leave no record and no file.
func TestDocumentGivenUp(t *testing.T) {
	file := scan5(3 << 20)
	begin := func(w *town, d *sim.Device) string {
		t.Helper()
		name, err := d.Engine.BeginDocument(folder.Document{Section: 1, MediaType: "image/png", Size: int64(len(file)), About: []byte(aboutScan)})
		w.must(err)
		_, err = d.Engine.WriteDocument(name, file[:1<<20])
		w.must(err)
		if blobFiles(t, d) != 1 {
			t.Fatal("nothing is on the disk")
		}
		return name
	}
	for what, give := range map[string]func(w *town, d *sim.Device, name string){
		"cancelled": func(_ *town, d *sim.Device, name string) { d.Engine.CancelDocument(name) },
		"locked":    func(_ *town, d *sim.Device, _ string) { d.Engine.Lock() },
		"crashed":   func(w *town, d *sim.Device, _ string) { w.must(d.Restart()) },
		"too long": func(w *town, d *sim.Device, name string) {
			_, err := d.Engine.WriteDocument(name, file[:1<<20])
			w.must(err)
			_, err = d.Engine.WriteDocument(name, file[:1<<20])
			w.must(err)
			if _, err = d.Engine.WriteDocument(name, file[:1]); codeOf(err) != "document/length" {
				t.Fatal(err)
			}
		},
		"too short": func(_ *town, d *sim.Device, name string) {
			if _, _, _, err := d.Engine.FinishDocument(name); codeOf(err) != "document/failed" {
				t.Fatal(err)
			}
		},
		"piece too big": func(_ *town, d *sim.Device, name string) {
			if _, err := d.Engine.WriteDocument(name, file[:1<<20+1]); codeOf(err) != "document/length" {
				t.Fatal(err)
			}
		},
		"disk full": func(w *town, d *sim.Device, name string) {
			d.MemDisk.Room = 2 << 20
			for range 2 {
				if _, err := d.Engine.WriteDocument(name, file[:1<<20]); err != nil {
					if codeOf(err) != folder.CodeStorageQuota {
						t.Fatal(err)
					}
					d.MemDisk.Room = 0
					return
				}
			}
			t.Fatal("the disk never ran full")
		},
	} {
		t.Run(what, func(t *testing.T) {
			w := newTown(t)
			d, _ := w.patient(1, "Amina Haddad")
			held := d.Engine.Held()
			name := begin(w, d)
			give(w, d, name)
			if !d.Engine.Open() {
				w.must(d.Engine.Unlock([]byte(passphrase)))
			}
			if n := blobFiles(t, d); n != 0 || d.Engine.Held() != held {
				t.Fatalf("%d files, %d blocks more", n, d.Engine.Held()-held)
			}
			if _, err := d.Engine.WriteDocument(name, file[:1]); codeOf(err) != "document/unknown" {
				t.Fatalf("it goes on: %v", err)
			}
			w.addDocument(d, file) // and the next one goes in
		})
	}
}

// TestDocumentRefused: what cannot be a document is refused before anything is written.
func TestDocumentRefused(t *testing.T) {
	w := newTown(t)
	d, _ := w.patient(1, "Amina Haddad")
	lin := w.reader(2, "Dr. Lin Wei")
	good := folder.Document{Section: 1, MediaType: "image/png", Size: 5, About: []byte(aboutScan)}
	for what, c := range map[string]struct {
		change func(*folder.Document)
		code   string
	}{
		"empty":          {func(x *folder.Document) { x.Size = 0 }, "document/empty"},
		"negative":       {func(x *folder.Document) { x.Size = -1 }, "document/empty"},
		"over 3 GiB":     {func(x *folder.Document) { x.Size = 3<<30 + 1 }, "document/too-large"},
		"no section":     {func(x *folder.Document) { x.Section = 9 }, "write/no-section"},
		"about is empty": {func(x *folder.Document) { x.About = nil }, "import/json"},
		"about is text":  {func(x *folder.Document) { x.About = []byte("knee") }, "import/json"},
		"about a bundle": {func(x *folder.Document) { x.About = bundle(1) }, "write/bundle"},
	} {
		x := good
		c.change(&x)
		if _, err := d.Engine.BeginDocument(x); codeOf(err) != c.code {
			t.Errorf("%s: %v, want %s", what, err, c.code)
		}
	}
	if _, err := lin.Engine.BeginDocument(good); codeOf(err) != "folder/none" {
		t.Errorf("a reader: %v", err)
	}
	for range 4 {
		_, err := d.Engine.BeginDocument(good)
		w.must(err)
	}
	if _, err := d.Engine.BeginDocument(good); codeOf(err) != "document/busy" {
		t.Errorf("a fifth at once: %v", err)
	}
	if _, err := d.Engine.WriteDocument("no such", nil); codeOf(err) != "document/unknown" {
		t.Errorf("unknown: %v", err)
	}
	for what, ask := range map[string]struct {
		off int64
		n   int
	}{"before the start": {-1, 1}, "too much": {0, 1<<20 + 1}, "less than nothing": {0, -1}} {
		if _, err := d.Engine.ReadDocument(folder.Own, block.ID{1}, ask.off, ask.n); codeOf(err) != "document/length" {
			t.Errorf("%s: %v", what, err)
		}
	}
	if _, err := d.Engine.ReadDocument(folder.Own, block.ID{1}, 0, 1); codeOf(err) != "record/unknown" {
		t.Error(err)
	}
}

// TestDocumentChangedOnTheDisk: a byte that flips in a document's file is found when it is read.
func TestDocumentChangedOnTheDisk(t *testing.T) {
	w := newTown(t)
	d, _ := w.patient(1, "Amina Haddad")
	file := scan5(2 << 20)
	id, _ := w.addDocument(d, file)
	size, err := d.Size(1 << 24)
	w.must(err)
	raw := make([]byte, size)
	w.must(d.Read(1<<24, 0, raw))
	raw[1<<20] ^= 1
	d.SetSegment(1<<24, raw)
	w.must(d.Restart())
	w.must(d.Engine.Unlock([]byte(passphrase)))
	for off := int64(0); off < int64(len(file)) && err == nil; off += 1 << 20 {
		_, err = d.Engine.ReadDocument(folder.Own, id, off, 1<<20)
	}
	if codeOf(err) != "open/7" {
		t.Fatalf("read: %v", err)
	}
}

// TestDocumentAtEveryFlush cuts the power at each flush of taking a document in: it is there whole, or not at all.
func TestDocumentAtEveryFlush(t *testing.T) {
	file := scan5(1<<20 + 5)
	for cut := 1; ; cut++ {
		w := newTown(t)
		d, _ := w.patient(1, "Amina Haddad")
		flushes := 0
		var after []*sim.MemDisk
		d.MemDisk.BeforeFlush = func() {
			if flushes++; flushes == cut {
				for seed := range uint64(4) {
					after = append(after, d.Crash(rand.New(rand.NewPCG(seed, 1))))
				}
			}
		}
		id, about := w.addDocument(d, file)
		d.MemDisk.BeforeFlush = nil
		if after == nil {
			if cut < 3 {
				t.Fatalf("%d flushes", cut)
			}
			return
		}
		for seed := range after {
			d.MemDisk = after[seed].Clone()
			w.must(d.Restart())
			w.must(d.Engine.Unlock([]byte(passphrase)))
			_, errAbout := d.Engine.OpenRecord(folder.Own, about)
			if _, err := d.Engine.OpenRecord(folder.Own, id); (err == nil) != (errAbout == nil) {
				t.Fatalf("cut %d, seed %d: half of it: %v, %v", cut, seed, err, errAbout)
			} else if err == nil && !bytes.Equal(w.readDocument(d, folder.Own, id), file) {
				t.Fatalf("cut %d, seed %d: other bytes", cut, seed)
			} else if err != nil && blobFiles(t, d) != 0 {
				t.Fatalf("cut %d, seed %d: its file stays", cut, seed)
			}
		}
	}
}

// TestDocumentOfAFork: a big document that no relay held is sealed again on the new chain.
func TestDocumentOfAFork(t *testing.T) {
	w := newTown(t)
	d, _ := w.patient(1, "Amina Haddad")
	w.connect(d)
	w.settle()
	twin := w.device(9)
	twin.MemDisk = d.MemDisk.Clone()
	w.must(twin.Restart())
	w.must(twin.Engine.Unlock([]byte(passphrase)))
	_, err := twin.Engine.WriteNote(folder.Own, 1, "the other life", nil)
	w.must(err)
	w.connect(twin)
	w.settle()
	w.disconnect(twin)

	w.disconnect(d)
	file := scan5(2<<20 + 3)
	w.addDocument(d, file)
	w.connect(d)
	w.wait(d, 12_000)
	w.wait(d, 12_000)
	items, _, err := d.Engine.Timeline(folder.Own, folder.Query{Limit: 50})
	w.must(err)
	found := 0
	for _, it := range items {
		links, err := d.Engine.Links(folder.Own, it.ID)
		w.must(err)
		for _, l := range links {
			if found++; l.How != "attachment" || !l.Item.Sent || !bytes.Equal(w.readDocument(d, folder.Own, l.Item.ID), file) {
				t.Fatalf("%+v", l)
			}
		}
	}
	if found != 1 || !notified(d, "fork/new-chain") {
		t.Fatalf("%d documents, %+v", found, d.Engine.Notices())
	}
}
