package hub_test

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/anamnesis-health/anamnesis/shared/folder"
	"github.com/anamnesis-health/anamnesis/shared/record"
	"github.com/anamnesis-health/anamnesis/shared/sim"
)

// said is what a screen has called saved.
type said struct {
	profile bool
	notes   []string
	file    []byte
	grants  int
	stopped int
}

// holds checks that a disk still has all of it, and that the profile opens without an error.
func (w *town) holds(where string, disk *sim.MemDisk, s said, seed byte) {
	w.t.Helper()
	d := w.device(seed)
	d.MemDisk = disk
	if err := d.Restart(); err != nil {
		w.t.Fatalf("%s: %v", where, err)
	}
	if !d.Engine.HasVault() {
		if s.profile {
			w.t.Fatalf("%s: the profile is gone", where)
		}
		_, _, err := d.Engine.MakeKit("Another", "")
		if err != nil {
			w.t.Fatalf("%s: no new folder: %v", where, err)
		}
		return
	}
	if err := d.Engine.Unlock([]byte(passphrase)); err != nil {
		w.t.Fatalf("%s: unlock: %v", where, err)
	}
	if _, err := d.Engine.WriteNote(folder.Own, 1, "after it all", nil); err != nil {
		w.t.Fatalf("%s: %v", where, err)
	}
	found := map[string]bool{}
	for _, it := range w.timeline(d, folder.Own) {
		if it.Failed != "" {
			w.t.Fatalf("%s: %+v", where, it)
		}
		if _, err := d.Engine.OpenRecord(folder.Own, it.ID); err != nil {
			w.t.Fatalf("%s: %v", where, err)
		}
		found[it.Label] = true
	}
	for _, n := range s.notes {
		if !found[n] {
			w.t.Fatalf("%s: %q was saved and is gone", where, n)
		}
	}
	sources, err := d.Engine.Sources()
	w.must(err)
	if s.file != nil && len(sources) == 0 {
		w.t.Fatalf("%s: the file was saved and is gone", where)
	}
	for _, src := range sources { // whole, or not there
		if _, out, err := d.Engine.ExportSource(src.ID); err != nil || !bytes.Equal(out, bundle(4)) {
			w.t.Fatalf("%s: the file is not whole: %v", where, err)
		}
	}
	if len(sources) == 0 {
		for l := range found {
			if strings.HasPrefix(l, "HbA1c") {
				w.t.Fatalf("%s: a record of a file that was not saved", where)
			}
		}
	}
	grants, err := d.Engine.Grants()
	w.must(err)
	stopped := 0
	for _, g := range grants {
		if g.State == "stopped" {
			stopped++
		}
	}
	if len(grants) < s.grants || stopped < s.stopped {
		w.t.Fatalf("%s: %d grants, %d stopped; said %+v", where, len(grants), stopped, s)
	}
}

// TestPromise7SavedStaysAtEveryFlush cuts the power at every flush of a life: folder, note, import, grant, revocation.
func TestPromise7SavedStaysAtEveryFlush(t *testing.T) {
	w := newTown(t)
	rng := rand.New(rand.NewPCG(7, 37))
	type cut struct {
		disk *sim.MemDisk
		said said
		step string
	}
	var cuts []cut
	var now said
	step := "folder"
	d := w.device(1)
	d.BeforeFlush = func() { cuts = append(cuts, cut{d.Crash(rng), now, step}) }
	words, _, err := d.Engine.MakeKit("Amina", "")
	w.must(err)
	if len(cuts) != 0 {
		t.Fatal("something was stored before the kit was read back")
	}
	w.must(d.Engine.ProveKit(strings.Join(words, " "), ""))
	w.must(d.Engine.CreateFolder([]byte(passphrase)))
	now.profile = true
	step = "note"
	_, err = d.Engine.WriteNote(folder.Own, 1, "first note", nil)
	w.must(err)
	now.notes = append(now.notes, "first note")
	step = "import"
	w.importFile(d, bundle(4))
	now.file = bundle(4)
	lin := w.reader(2, "Dr. Lin")
	step = "connect"
	w.connect(d)
	w.connect(lin)
	w.settle()
	step = "grant"
	w.share(d, lin)
	now.grants = 1
	step = "access"
	_, _, err = lin.AskAll(only(t, lin).ID, "visit", "")
	w.must(err)
	w.settle()
	step = "revoke"
	w.must(d.Engine.StopSharing(only(t, lin).Grant))
	now.stopped = 1
	w.settle()
	step = "discard"
	w.disconnect(d)
	id, err := d.Engine.WriteNote(folder.Own, 1, "to be discarded", nil)
	w.must(err)
	w.must(d.Engine.DiscardLast(id))
	d.BeforeFlush()
	if len(cuts) < 12 {
		t.Fatalf("only %d flushes", len(cuts))
	}
	for i, c := range cuts {
		w.holds(fmt.Sprintf("cut %d, %s", i, c.step), c.disk, c.said, byte(20+i))
	}
}

// TestFullDisk lets the disk fill up at many points: the error names the quota, nothing said is lost, and all goes on
// after room was made, without a restart.
func TestFullDisk(t *testing.T) {
	w := newTown(t)
	d, _ := w.patient(1, "Amina")
	var now said
	now.profile = true
	full := 0
	for i := range 30 {
		text := fmt.Sprintf("note number %d", i)
		d.Room = d.Used() + int64(i*211)
		_, err := d.Engine.WriteNote(folder.Own, 1, text, nil)
		lines := len(w.timeline(d, folder.Own))
		switch {
		case err == nil:
			now.notes = append(now.notes, text)
		case errors.Is(err, &folder.Error{Code: folder.CodeStorageQuota}):
			full++
		default:
			t.Fatalf("note %d: %v", i, err)
		}
		if lines != len(now.notes) {
			t.Fatalf("note %d: %d lines, %d saved", i, lines, len(now.notes))
		}
		d.Room = 0
		if err != nil { // with room it works again, and is not there twice
			_, err = d.Engine.WriteNote(folder.Own, 1, text, nil)
			w.must(err)
			now.notes = append(now.notes, text)
		}
	}
	if full < 3 {
		t.Fatalf("the disk was full %d times", full)
	}
	p, err := d.Engine.PreviewImport(bundle(4), "b.json", "application/fhir+json")
	w.must(err)
	_, _, err = d.Engine.StartImport(p.ID, nil)
	w.must(err)
	d.Room = d.Used() + 9_000
	if _, _, _, _, err = d.Engine.StepImport(p.ID); !errors.Is(err, &folder.Error{Code: folder.CodeStorageQuota}) {
		t.Fatalf("import on a full disk: %v", err)
	}
	if sources, _ := d.Engine.Sources(); len(sources) != 0 || len(w.timeline(d, folder.Own)) != len(now.notes) {
		t.Fatal("half a file was kept")
	}
	d.Room = 0
	if _, _, finished, _, err := d.Engine.StepImport(p.ID); err != nil || !finished {
		t.Fatalf("with room again: %v", err)
	}
	now.file = bundle(4)
	lin := w.reader(2, "Dr. Lin")
	w.connect(d)
	w.connect(lin)
	w.share(d, lin)
	now.grants = 1
	d.Room = d.Used() + 300
	if err := d.Engine.StopSharing(only(t, lin).Grant); !errors.Is(err, &folder.Error{Code: folder.CodeStorageQuota}) {
		t.Fatalf("stop on a full disk: %v", err)
	}
	if g, _ := d.Engine.Grants(); g[0].State != "active" {
		t.Fatalf("said not stopped, shown %+v", g)
	}
	// a reader on a full owner's disk waits; nothing is released without its journal
	_, _, err = lin.AskAll(only(t, lin).ID, "visit", "")
	w.must(err)
	w.settle()
	if f := only(t, lin); f.Unopened != f.Records {
		t.Fatalf("released without a journal: %+v", f)
	}
	d.Room = 0
	w.wait(d, 30_000)
	w.wait(lin, 30_000)
	w.wait(lin, 30_000)
	if f := only(t, lin); f.Unopened != 0 {
		t.Fatalf("with room again: %+v", f)
	}
	w.must(d.Engine.StopSharing(only(t, lin).Grant))
	now.stopped = 1
	w.holds("full disk", d.Clone(), now, 9)
}

// TestFailedFlush: a disk that fails once is not trusted with what it failed on, and loses nothing before it.
func TestFailedFlush(t *testing.T) {
	w := newTown(t)
	d, _ := w.patient(1, "Amina")
	_, err := d.Engine.WriteNote(folder.Own, 1, "before", nil)
	w.must(err)
	d.FlushError = errors.New("input/output error")
	if _, err := d.Engine.WriteNote(folder.Own, 1, "during", nil); err == nil {
		t.Fatal("saved on a disk that failed")
	}
	_, err = d.Engine.WriteNote(folder.Own, 1, "after", nil)
	w.must(err)
	w.holds("failed flush", d.Clone(), said{profile: true, notes: []string{"before", "after"}}, 9)
	for _, it := range w.timeline(d, folder.Own) {
		if it.Label == "during" {
			t.Fatal("what was refused is there")
		}
	}

	fresh := w.device(3)
	words, _, err := fresh.Engine.MakeKit("Amina", "")
	w.must(err)
	w.must(fresh.Engine.ProveKit(strings.Join(words, " "), ""))
	for range 2 { // the log's flush, then the vault's
		fresh.FlushError = errors.New("input/output error")
		if err := fresh.Engine.CreateFolder([]byte(passphrase)); err == nil || fresh.Engine.Open() || fresh.Engine.HasVault() {
			t.Fatalf("a folder on a disk that failed: %v", err)
		}
	}
	w.must(fresh.Engine.CreateFolder([]byte(passphrase)))
	w.connect(fresh)
	if saved, _ := fresh.Engine.OutboxCounts(); saved != 0 {
		t.Fatalf("%d blocks do not reach the relay", saved)
	}
}

// canaries are words that must be nowhere but behind a key.
func canaries() []string {
	out := make([]string, 40)
	for i := range out {
		out[i] = fmt.Sprintf("canary-%02d-%x", i, uint64(i+1)*0x9E3779B97F4A7C15)
	}
	return out
}

func scan(t *testing.T, where string, b []byte, words []string) {
	t.Helper()
	for _, c := range words {
		if bytes.Contains(b, []byte(c)) {
			t.Fatalf("%s holds %q", where, c)
		}
		for shift := range 3 { // as base64, at each alignment
			e := base64.StdEncoding.EncodeToString([]byte(strings.Repeat("x", shift) + c))
			if bytes.Contains(b, []byte(e[4:len(e)-4])) {
				t.Fatalf("%s holds %q in base64", where, c)
			}
		}
	}
}

func canaryFile(words []string) []byte {
	var b strings.Builder
	b.WriteString(`{"resourceType":"Bundle","type":"collection","entry":[`)
	for i, c := range words {
		if i > 0 {
			b.WriteByte(',')
		}
		fmt.Fprintf(&b, `{"resource":{"resourceType":"Condition","id":"c%d","code":{"text":%q},"note":[{"text":%q}]}}`, i, c, strings.Repeat(c+" ", 1+(i%5)*400))
	}
	b.WriteString(`]}`)
	return []byte(b.String())
}

// TestPromise1RelayHoldsNoKey: nothing that the relay stores, is sent or sends holds a plaintext or a key, and neither
// does a locked profile's disk.
func TestPromise1RelayHoldsNoKey(t *testing.T) {
	w := newTown(t)
	words := canaries()
	secrets := []string{"Amina Canary Haddad", "Dr. Canary Wei", "purpose of the canary", "reason of the canary", "note of the canary", passphrase}
	var wire bytes.Buffer
	w.tamper = func(_ *sim.Device, frame []byte) []byte { wire.Write(frame); return frame }
	w.heard = func(frame []byte) { wire.Write(frame) }
	owner, kit := w.patient(1, secrets[0])
	reader := w.reader(2, secrets[1])
	w.connect(owner)
	w.connect(reader)
	w.importFile(owner, canaryFile(words))
	w.settle()
	meeting, err := owner.Engine.StartMeeting(folder.Terms{Sections: []uint8{1}, UntilMS: w.now.UnixMilli() + 86_400_000, CanWrite: true, Purpose: secrets[2]})
	w.must(err)
	w.settle()
	w.must(reader.Engine.JoinMeeting(strings.Join(meeting.Words, " ")))
	w.settle()
	w.must(reader.Engine.MeetConfirm())
	w.settle()
	w.must(owner.Engine.MeetConfirm())
	w.settle()
	f := only(t, reader)
	_, _, err = reader.AskAll(f.ID, "visit", secrets[3])
	w.must(err)
	w.settle()
	note, err := reader.Engine.WriteNote(f.ID, 1, secrets[4], nil)
	w.must(err)
	w.settle()
	_, err = owner.Engine.Verdict(note, record.Accept, "")
	w.must(err)
	w.settle()
	if f = only(t, reader); f.Unopened != 1 || f.Records != 42 {
		t.Fatalf("the journey did not happen (40 conditions, a note and a verdict that is to be asked for): %+v", f)
	}
	all := append(append([]string{}, words...), secrets...)
	for i, k := range kit { // the kit's words in a row
		if i+3 < len(kit) {
			all = append(all, strings.Join(kit[i:i+3], " "))
		}
		_ = k
	}
	if wire.Len() < 100_000 {
		t.Fatalf("only %d bytes were carried", wire.Len())
	}
	scan(t, "the wire", wire.Bytes(), all)
	blobs := 0
	w.eachBlob(func(b []byte) { blobs++; scan(t, "a blob", b, all) })
	if blobs == 0 {
		t.Fatal("no blob was scanned")
	}
	for name, d := range map[string]*sim.Device{"owner": owner, "reader": reader} {
		d.Engine.Lock()
		for _, b := range d.Dump() {
			scan(t, "the "+name+"'s disk", b, all)
		}
		if d.Engine.Open() {
			t.Fatal("open after a lock")
		}
		if _, _, err := d.Engine.Timeline(folder.Own, folder.Query{Limit: 1}); !errors.Is(err, folder.ErrLocked) {
			t.Fatalf("%s's timeline after a lock: %v", name, err)
		}
		if _, err := d.Engine.SharedFolders(); !errors.Is(err, folder.ErrLocked) {
			t.Fatalf("%s's folders after a lock: %v", name, err)
		}
	}
	// nothing is released while locked
	before := wire.Len()
	w.must(reader.Engine.Unlock([]byte(passphrase)))
	_, _, err = reader.AskAll(f.ID, "visit", "")
	w.must(err)
	w.settle()
	if g := only(t, reader); g.Unopened == 0 && wire.Len() > before {
		t.Log("opened from what the relay keeps")
	}
}

// TestAttackA37 wipes the disk: everything that was sent comes back by the kit alone, however many readers there were.
func TestAttackA37(t *testing.T) {
	w := newTown(t)
	d, words := w.patient(1, "Amina")
	w.connect(d)
	w.importFile(d, bundle(6))
	lin := w.reader(2, "Dr. Lin")
	w.connect(lin)
	for range 9 { // a manifest too big for one block
		w.share(d, lin)
	}
	_, _, err := lin.AskAll(only(t, lin).ID, "visit", "why")
	w.must(err)
	w.settle()
	_, err = lin.Engine.WriteNote(only(t, lin).ID, 1, "a doctor's note", nil)
	w.must(err)
	w.settle()
	want := w.timeline(d, folder.Own)
	looked, err := d.Engine.WhoLooked()
	w.must(err)
	w.disconnect(d)

	fresh := w.device(9)
	w.connect(fresh)
	w.must(fresh.Engine.StartRestore(strings.Join(words, " "), ""))
	w.settle()
	if s := fresh.Engine.RestoreState(); s.Step != "ready" || s.Missing != 0 {
		t.Fatalf("restore: %+v", s)
	}
	w.must(fresh.Engine.FinishRestore([]byte("another passphrase"), folder.OldDeviceLost))
	w.settle()
	check := func(when string) {
		t.Helper()
		got := w.timeline(fresh, folder.Own)
		if len(got) != len(want) {
			t.Fatalf("%s: %d of %d records", when, len(got), len(want))
		}
		for i := range got {
			if got[i].ID != want[i].ID || got[i].Label != want[i].Label || got[i].Failed != "" {
				t.Fatalf("%s: record %d: %+v, was %+v", when, i, got[i], want[i])
			}
		}
		again, err := fresh.Engine.WhoLooked()
		w.must(err)
		if len(again) != len(looked) || again[0].Text != "why" {
			t.Fatalf("%s: who looked: %+v", when, again)
		}
		if g, _ := fresh.Engine.Grants(); len(g) != 9 {
			t.Fatalf("%s: %d grants", when, len(g))
		}
		sources, err := fresh.Engine.Sources()
		w.must(err)
		if _, out, err := fresh.Engine.ExportSource(sources[0].ID); err != nil || !bytes.Equal(out, bundle(6)) {
			t.Fatalf("%s: the file: %v", when, err)
		}
	}
	check("restored")
	w.must(fresh.Restart())
	w.must(fresh.Engine.Unlock([]byte("another passphrase")))
	w.connect(fresh)
	check("unlocked")
	_, err = fresh.Engine.WriteNote(folder.Own, 1, "on the new device", nil)
	w.must(err)
	w.settle()

	// the lost device writes on: what it writes counts no more
	_, err = d.Engine.WriteNote(folder.Own, 1, "by whoever found the device", nil)
	w.must(err)
	w.connect(d)
	w.wait(fresh, 30_000)
	for _, it := range w.timeline(fresh, folder.Own) {
		if it.Label == "by whoever found the device" {
			t.Fatal("a lost device's record counts")
		}
	}
	if old := w.device(11); true { // the kit opened once more finds everything
		w.connect(old)
		w.must(old.Engine.StartRestore(strings.Join(words, " "), ""))
		w.settle()
		if s := old.Engine.RestoreState(); s.Step != "ready" {
			t.Fatalf("second restore: %+v", s)
		}
	}
}

// eachBlob shows every blob that a blocks' store holds, as its host sees it.
func (w *town) eachBlob(see func([]byte)) {
	for _, root := range w.roots {
		f, _, err := w.blobs.Open(root)
		if err != nil {
			continue
		}
		b, err := io.ReadAll(f)
		f.Close()
		w.must(err)
		see(b)
	}
}
