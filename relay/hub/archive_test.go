package hub_test

import (
	"archive/tar"
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/anamnesis-health/anamnesis/relay/hub"
	"github.com/anamnesis-health/anamnesis/relay/hub/hubtest"
	"github.com/anamnesis-health/anamnesis/shared/block"
	"github.com/anamnesis-health/anamnesis/shared/chain"
	"github.com/anamnesis-health/anamnesis/shared/folder"
	"github.com/anamnesis-health/anamnesis/shared/sim"
)

// archive writes the folder of d into one file, as the page does.
func (w *town) archive(d *sim.Device) []byte {
	w.t.Helper()
	_, err := d.Engine.StartArchive()
	w.must(err)
	var out []byte
	for {
		v, piece, err := d.Engine.NextArchive()
		w.must(err)
		if len(piece) > 2<<20 {
			w.t.Fatalf("a piece of %d bytes", len(piece))
		}
		out = append(out, piece...)
		if v.Finished {
			return out
		}
	}
}

// read feeds an archive in pieces of odd sizes and ends it.
func read(d *sim.Device, file []byte) (folder.ReadingView, error) {
	if err := d.Engine.ReadArchive(); err != nil {
		return folder.ReadingView{}, err
	}
	for n := 70_001; len(file) > 0; {
		n = min(n, len(file))
		if _, err := d.Engine.FeedArchive(file[:n]); err != nil {
			return folder.ReadingView{}, err
		}
		file = file[n:]
	}
	return d.Engine.EndArchive()
}

func refusal(err error) string {
	var coded *folder.Error
	if errors.As(err, &coded) {
		return coded.Code
	}
	if err != nil {
		return err.Error()
	}
	return ""
}

// TestPromise5ArchiveAndKitAlone: a folder comes back from its archive and the kit, with no relay in sight: every record,
// every file byte for byte, what was never sent too. Then a relay that lost everything has it back.
func TestPromise5ArchiveAndKitAlone(t *testing.T) {
	w := newTown(t)
	amina, words := w.patient(1, "Amina Haddad")
	lin := w.reader(2, "Dr. Lin Wei")
	w.connect(amina)
	w.connect(lin)
	w.importFile(amina, bundle(12))
	w.settle()
	w.share(amina, lin)
	note, err := lin.Engine.WriteNote(only(t, lin).ID, 1, "Written by a guest.", nil)
	w.must(err)
	w.settle()
	w.disconnect(amina)
	_, err = amina.Engine.WriteNote(folder.Own, 1, "never sent", nil)
	w.must(err)
	file := w.archive(amina)
	for _, secret := range []string{"HbA1c", "never sent", "Amina", "Written by"} {
		if bytes.Contains(file, []byte(secret)) {
			t.Fatalf("the archive holds %q in the clear", secret)
		}
	}
	if b, err := amina.Engine.Backup(); err != nil || b.MadeMS != 0 {
		t.Fatalf("counted before it was read back: %+v %v", b, err)
	}
	v, err := read(amina, file)
	w.must(err)
	if b, _ := amina.Engine.Backup(); v.Records != 14 || v.Newer != 0 || b.Records != 14 || b.Newer != 0 || b.MadeMS == 0 {
		t.Fatalf("read back: %+v, %+v", v, b)
	}

	back := w.device(7)
	w.must(back.Engine.StartArchiveRestore(strings.Join(words, " "), ""))
	if s := back.Engine.RestoreState(); s.Step != "file" {
		t.Fatalf("%+v", s)
	}
	_, err = read(back, file)
	w.must(err)
	if s := back.Engine.RestoreState(); s.Step != "ready" || s.Name != "Amina Haddad" || s.Missing != 0 || !s.Offline {
		t.Fatalf("%+v", s)
	}
	if err := back.Engine.FinishRestore([]byte(passphrase), folder.OldDeviceLost); refusal(err) != "restore/offline" {
		t.Fatalf("cut a device off by an archive's word: %v", err)
	}
	w.must(back.Engine.FinishRestore([]byte(passphrase), folder.OldDeviceKept))
	for range 2 {
		items, total, err := back.Engine.Timeline(folder.Own, folder.Query{Limit: 50})
		w.must(err)
		unsent := false
		for _, it := range items {
			if it.Failed != "" || it.Label == "" {
				t.Fatalf("%+v", it)
			}
			p, err := back.Engine.ProveRecord(folder.Own, it.ID, nil)
			w.must(err)
			if s, failed := p.Steps.Failed(); failed {
				t.Fatalf("%s: %+v", it.Label, s)
			}
			unsent = unsent || it.Label == "never sent"
			if it.ID == note && (it.Standing != "proposed" || !it.Guest) {
				t.Fatalf("the guest's note: %+v", it)
			}
		}
		if total != 14 || !unsent {
			t.Fatalf("%d records, unsent one there: %v", total, unsent)
		}
		sources, err := back.Engine.Sources()
		w.must(err)
		_, out, err := back.Engine.ExportSource(sources[0].ID)
		w.must(err)
		if !bytes.Equal(out, bundle(12)) {
			t.Fatal("the file came back changed")
		}
		w.must(back.Restart()) // and again after a restart
		w.must(back.Engine.Unlock([]byte(passphrase)))
	}

	// the relay lost everything: this device brings it back, so that the kit alone finds it there again
	empty := newTown(t)
	empty.net, empty.hub = w.net, hub.New(hub.Config{Network: w.net.Network, Relay: w.net.Relay, Policy: hub.Open})
	empty.connect(back)
	for range 40 {
		empty.settle()
		empty.wait(back, 1_000)
	}
	if saved, _ := back.Engine.OutboxCounts(); saved != 0 {
		rows, _, _, _ := back.Engine.Outbox()
		t.Fatalf("%d wait: %+v", saved, rows[0])
	}
	third := empty.device(8)
	empty.connect(third)
	empty.must(third.Engine.StartRestore(strings.Join(words, " "), ""))
	empty.settle()
	for range 5 {
		empty.wait(third, 1_000)
	}
	if s := third.Engine.RestoreState(); s.Step != "ready" {
		t.Fatalf("%+v", s)
	}
	empty.must(third.Engine.FinishRestore([]byte(passphrase), folder.OldDeviceLost))
	for range 10 {
		empty.wait(third, 30_000)
	}
	if n := third.Engine.OwnRecords(); n != 13 { // the guest's chain is the guest's to send
		t.Fatalf("%d records from the refilled relay", n)
	}
}

// TestArchiveIsATarOfEntries: any tar reads it, in the order of spec/archive.md.
func TestArchiveIsATarOfEntries(t *testing.T) {
	w := newTown(t)
	amina, _ := w.patient(1, "Amina")
	w.importFile(amina, bundle(12))
	r := tar.NewReader(bytes.NewReader(w.archive(amina)))
	var names []string
	for {
		h, err := r.Next()
		if err == io.EOF {
			break
		}
		w.must(err)
		names = append(names, h.Name)
	}
	if len(names) < 8 || names[0] != "anamnesis-archive" || names[1] != "network" || names[2] != "blocks/00000001" ||
		!strings.HasSuffix(names[3], "/leaves") || names[len(names)-1] != "end" {
		t.Fatalf("%q", names)
	}
}

// TestArchiveRefusals: what is cut short, altered anywhere, another's, or older is refused with its own code, and nothing
// of it is kept or counted.
func TestArchiveRefusals(t *testing.T) {
	w := newTown(t)
	amina, words := w.patient(1, "Amina")
	w.importFile(amina, bundle(5))
	file := w.archive(amina)
	other, otherWords := w.patient(2, "Basma")
	othersFile := w.archive(other)
	elsewhere := newTown(t)
	elsewhere.net = hubtest.NewNetwork("http://127.0.0.1:9999")
	strange, _ := elsewhere.patient(3, "Chadi")
	kit := strings.Join(words, " ")

	cases := map[string]struct {
		file []byte
		code string
	}{
		"nothing":              {nil, "archive/format"},
		"a picture":            {bytes.Repeat([]byte("\x89PNG"), 4000), "archive/format"},
		"a zip":                {append([]byte("PK\x03\x04"), make([]byte, 2000)...), "archive/format"},
		"another folder's":     {othersFile, "archive/other"},
		"another network's":    {elsewhere.archive(strange), "archive/network"},
		"cut in the first":     {file[:100], "archive/format"},
		"cut in a block":       {file[:len(file)/2], "archive/truncated"},
		"cut before the end":   {file[:len(file)-2048], "archive/truncated"},
		"cut after the end":    {file[:len(file)-1], "archive/truncated"},
		"one byte more":        {append(bytes.Clone(file), 0), "archive/damaged"},
		"twice":                {append(bytes.Clone(file), file...), "archive/damaged"},
		"a newer version":      {replace(file, 512, []byte{0x96, 2}), "archive/version"},
		"a first entry longer": {replace(file, 124, []byte("00000000777")), "archive/format"},
	}
	for name, c := range cases {
		if _, err := read(amina, c.file); refusal(err) != c.code {
			t.Errorf("%s, checked: %v, want %s", name, err, c.code)
		}
		fresh := w.device(9)
		w.must(fresh.Engine.StartArchiveRestore(kit, ""))
		if _, err := read(fresh, c.file); refusal(err) != c.code {
			t.Errorf("%s, restored: %v, want %s", name, err, c.code)
		}
		if fresh.Engine.Held() != 0 || fresh.Engine.HasVault() || fresh.Engine.RestoreState().Step != "file" {
			t.Errorf("%s: something was kept: %d blocks, %+v", name, fresh.Engine.Held(), fresh.Engine.RestoreState())
		}
		if _, err := read(fresh, file); err != nil || fresh.Engine.RestoreState().Step != "ready" {
			t.Errorf("%s: the right file after it: %v", name, err)
		}
	}
	if b, _ := amina.Engine.Backup(); b.MadeMS != 0 {
		t.Fatalf("a refused file counts: %+v", b)
	}
	fresh := w.device(9)
	w.must(fresh.Engine.StartArchiveRestore(strings.Join(otherWords, " "), ""))
	if _, err := read(fresh, file); refusal(err) != "archive/other" || fresh.Engine.Held() != 0 {
		t.Errorf("another's kit: %v", err)
	}

	// one bit, anywhere
	for at := 0; at < len(file); at += 997 {
		bad := bytes.Clone(file)
		bad[at] ^= 4
		if _, err := read(amina, bad); err == nil {
			t.Fatalf("byte %d changed, and the check did not see it", at)
		}
		fresh := w.device(9)
		w.must(fresh.Engine.StartArchiveRestore(kit, ""))
		if _, err := read(fresh, bad); err == nil || fresh.Engine.Held() != 0 {
			t.Fatalf("byte %d changed, and the restore kept %d blocks: %v", at, fresh.Engine.Held(), err)
		}
	}

	// older
	w.must2(read(amina, file))
	amina.ClockMS += 60_000
	_, err := amina.Engine.WriteNote(folder.Own, 1, "later", nil)
	w.must(err)
	if v, err := read(amina, file); err != nil || v.Newer != 1 {
		t.Fatalf("the same file again: %+v %v", v, err)
	}
	newer := w.archive(amina)
	w.must2(read(amina, newer))
	if _, err := read(amina, file); refusal(err) != "archive/older" {
		t.Fatalf("an older file: %v", err)
	}
	if b, _ := amina.Engine.Backup(); b.Records != 6 || b.Newer != 0 {
		t.Fatalf("%+v", b)
	}
}

func (w *town) must2(_ folder.ReadingView, err error) { w.t.Helper(); w.must(err) }

func replace(b []byte, at int, with []byte) []byte {
	out := bytes.Clone(b)
	copy(out[at:], with)
	return out
}

// TestArchiveWithARelay: with a relay, what is newer there is asked for before anything is written, so that a lost device is
// cut off at the right place and later records stay good.
func TestArchiveWithARelay(t *testing.T) {
	w := newTown(t)
	amina, words := w.patient(1, "Amina")
	w.connect(amina)
	w.importFile(amina, bundle(3))
	w.settle()
	file := w.archive(amina)
	_, err := amina.Engine.WriteNote(folder.Own, 1, "after the archive", nil)
	w.must(err)
	w.settle()
	w.disconnect(amina)
	for _, late := range []bool{false, true} {
		back := w.device(byte(20))
		if !late {
			w.connect(back)
			w.settle()
		}
		w.must(back.Engine.StartArchiveRestore(strings.Join(words, " "), ""))
		w.must2(read(back, file))
		if late {
			if s := back.Engine.RestoreState(); s.Step != "ready" || !s.Offline {
				t.Fatalf("%+v", s)
			}
			w.connect(back) // the connection came while the person chose a passphrase
		}
		w.settle()
		if s := back.Engine.RestoreState(); s.Step != "ready" || s.Offline {
			t.Fatalf("late %v: %+v", late, s)
		}
		if late {
			continue
		}
		w.must(back.Engine.FinishRestore([]byte(passphrase), folder.OldDeviceLost))
		items, total, err := back.Engine.Timeline(folder.Own, folder.Query{Limit: 9})
		w.must(err)
		for _, it := range items {
			if it.Failed != "" {
				t.Fatalf("%+v", it)
			}
		}
		if total != 4 {
			t.Fatalf("%d records", total)
		}
		w.settle()
		w.must(back.Engine.Forget())
		w.disconnect(back)
		break
	}
}

// TestArchiveAsksForWhatItNeeds: no archive without a folder, unlocked; nothing to feed before a start; a vault is never
// overwritten; cancelling leaves nothing.
func TestArchiveAsksForWhatItNeeds(t *testing.T) {
	w := newTown(t)
	amina, words := w.patient(1, "Amina")
	w.importFile(amina, bundle(5)) // with a blob, which stands behind the blocks
	file := w.archive(amina)
	if _, _, err := amina.Engine.NextArchive(); refusal(err) != "archive/none" {
		t.Errorf("after the end: %v", err)
	}
	if _, err := amina.Engine.FeedArchive(file); refusal(err) != "archive/none" {
		t.Errorf("fed before it began: %v", err)
	}
	if _, err := amina.Engine.EndArchive(); refusal(err) != "archive/none" {
		t.Errorf("ended before it began: %v", err)
	}
	if err := amina.Engine.StartArchiveRestore(strings.Join(words, " "), ""); refusal(err) != "vault/exists" {
		t.Errorf("over a folder: %v", err)
	}
	lin := w.reader(2, "Dr. Lin")
	if _, err := lin.Engine.StartArchive(); refusal(err) != "folder/none" {
		t.Errorf("a reader's: %v", err)
	}
	if err := lin.Engine.ReadArchive(); refusal(err) != "folder/none" {
		t.Errorf("a reader's check: %v", err)
	}
	_, err := amina.Engine.StartArchive()
	w.must(err)
	w.must(amina.Engine.ReadArchive())
	amina.Engine.Lock()
	if _, _, err := amina.Engine.NextArchive(); refusal(err) != "vault/locked" {
		t.Errorf("locked midway: %v", err)
	}
	if _, err := amina.Engine.FeedArchive(file); err == nil {
		t.Error("read while locked")
	}
	fresh := w.device(9)
	if err := fresh.Engine.ReadArchive(); refusal(err) != "vault/locked" {
		t.Errorf("without a kit: %v", err)
	}
	if err := fresh.Engine.StartArchiveRestore("zoo", ""); err == nil {
		t.Error("with a kit of one word")
	}
	w.must(fresh.Engine.StartArchiveRestore(strings.Join(words, " "), ""))
	w.must(fresh.Engine.ReadArchive())
	if _, err := fresh.Engine.FeedArchive(make([]byte, 2<<20)); refusal(err) != "core/arguments" {
		t.Errorf("a piece of 2 MiB: %v", err)
	}
	_, err = fresh.Engine.FeedArchive(file[:len(file)-3000])
	w.must(err)
	if fresh.Engine.Held() == 0 {
		t.Fatal("nothing was taken in")
	}
	fresh.Engine.CancelRestore()
	if fresh.Engine.Held() != 0 || fresh.Used() != 0 {
		t.Errorf("cancelled: %d blocks, %d bytes", fresh.Engine.Held(), fresh.Used())
	}
}

// TestProofForAReader: a reader's panel names nobody before the record opened, and then says who, by the GRANT.
func TestProofForAReader(t *testing.T) {
	w := newTown(t)
	amina, _ := w.patient(1, "Amina Haddad")
	lin := w.reader(2, "Dr. Lin Wei")
	w.connect(amina)
	w.connect(lin)
	w.importFile(amina, bundle(4))
	w.settle()
	w.share(amina, lin)
	f := only(t, lin).ID
	items, _, err := lin.Engine.Timeline(f, folder.Query{Limit: 9})
	w.must(err)
	states := func(p *folder.RecordProof) (out string) {
		for _, s := range p.Steps {
			out += string(s.State[:1])
		}
		return out
	}
	p, err := lin.Engine.ProveRecord(f, items[0].ID, nil)
	w.must(err)
	if states(p) != "ooooouuuuu" || p.Name != "" || p.Device != (block.Key{}) {
		t.Fatalf("unopened: %s %q", states(p), p.Name)
	}
	_, _, err = lin.Engine.Ask(f, []block.ID{items[0].ID, items[1].ID}, "visit", "")
	w.must(err)
	w.settle()
	for range 3 {
		w.wait(lin, 1_000)
	}
	if p, err = lin.Engine.ProveRecord(f, items[0].ID, nil); err != nil || states(p) != "ooooouooou" || p.Name != "Amina Haddad" || len(p.Identity) != 32 {
		t.Fatalf("opened: %s %q %v", states(p), p.Name, err)
	}
	note, err := lin.Engine.WriteNote(f, 1, "A guest's note.", nil)
	w.must(err)
	w.settle()
	if p, err = amina.Engine.ProveRecord(folder.Own, note, nil); err != nil || states(p) != "ooooooooou" || p.Name != "Dr. Lin Wei" || len(p.Identity) != 0 || !p.Item.Guest {
		t.Fatalf("a guest's note: %s %q %v", states(p), p.Name, err)
	}
	// the author is swapped: another's signature, another's header, over the same record
	mine, err := amina.Engine.RecordBlock(folder.Own, items[0].ID)
	w.must(err)
	theirs, err := amina.Engine.RecordBlock(folder.Own, note)
	w.must(err)
	a, err := block.Parse(mine)
	w.must(err)
	b, err := block.Parse(theirs)
	w.must(err)
	swapped := *a
	swapped.Signature = b.Signature
	for name, c := range map[string]struct {
		raw  []byte
		step string
	}{
		"another's signature": {swapped.Encode(), folder.StepSignature},
		"another's block":     {theirs, folder.StepHeader},
		"nonsense":            {[]byte("PDF-1.7"), folder.StepHeader},
	} {
		p, err := amina.Engine.ProveRecord(folder.Own, items[0].ID, c.raw)
		w.must(err)
		if s, failed := p.Steps.Failed(); !failed || s.Name != c.step || p.Name != "" || p.Steps.Known(folder.StepAuthor) {
			t.Errorf("%s: %+v", name, p.Steps)
		}
	}
	_, failed := chain.Steps(p.Steps).Failed()
	if failed || p.Steps.Known(folder.StepFinal) {
		t.Error("final before witnesses")
	}
}

// TestArchiveWithABigDocument: a document with a file of its own comes back from an archive, into a file of its own; a
// refused archive leaves none.
func TestArchiveWithABigDocument(t *testing.T) {
	w := newTown(t)
	amina, words := w.patient(1, "Amina")
	scan := scan5(3<<20 + 17)
	id, _ := w.addDocument(amina, scan)
	file := w.archive(amina)
	if v, err := read(amina, file); err != nil || v.Records != 2 {
		t.Fatalf("%+v %v", v, err)
	}
	back := w.device(7)
	w.must(back.Engine.StartArchiveRestore(strings.Join(words, " "), ""))
	bad := bytes.Clone(file)
	bad[len(bad)-400_000] ^= 1
	if _, err := read(back, bad); refusal(err) != "archive/damaged" || blobFiles(t, back) != 0 || back.Used() != 0 {
		t.Fatalf("a leaf changed: %v, %d files, %d bytes", err, blobFiles(t, back), back.Used())
	}
	w.must2(read(back, file))
	w.must(back.Engine.FinishRestore([]byte(passphrase), folder.OldDeviceKept))
	for range 2 {
		if blobFiles(t, back) != 1 || !bytes.Equal(w.readDocument(back, folder.Own, id), scan) {
			t.Fatalf("%d files", blobFiles(t, back))
		}
		w.must(back.Restart())
		w.must(back.Engine.Unlock([]byte(passphrase)))
	}
}
