package hub_test

import (
	"encoding/base64"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/anamnesis-health/anamnesis/relay/hub"
	"github.com/anamnesis-health/anamnesis/relay/hub/hubtest"
	"github.com/anamnesis-health/anamnesis/relay/store/files"
	"github.com/anamnesis-health/anamnesis/relay/store/memory"
	"github.com/anamnesis-health/anamnesis/shared/block"
	"github.com/anamnesis-health/anamnesis/shared/folder"
	"github.com/anamnesis-health/anamnesis/shared/gossip"
	"github.com/anamnesis-health/anamnesis/shared/record"
	"github.com/anamnesis-health/anamnesis/shared/sim"
)

// town is a real hub and the browsers that talk to it, all in one goroutine.
type town struct {
	t       testing.TB
	net     *hubtest.Network
	hub     *hub.Hub
	store   *memory.Store
	blobs   *files.Store
	now     time.Time
	devices map[hub.ConnID]*sim.Device
	last    hub.ConnID
	// tamper may change or drop (nil) what the relay hands on: an evil relay.
	tamper func(to *sim.Device, frame []byte) []byte
	// heard sees what devices send, sockets and HTTP alike.
	heard func(frame []byte)
	roots []block.Hash // of blobs, as announced
}

func newTown(t testing.TB) *town {
	n := hubtest.NewNetwork("http://127.0.0.1:8788")
	blobs, err := files.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	return &town{t: t, net: n, store: memory.New(), blobs: blobs, now: hubtest.Now, devices: map[hub.ConnID]*sim.Device{},
		hub: hub.New(hub.Config{Network: n.Network, Relay: n.Relay, Policy: hub.Open})}
}

func (w *town) outside() hub.World { return hub.World{Store: w.store, Conns: w, Now: w.now} }

// Send implements hub.Conns.
func (w *town) Send(to hub.ConnID, frame []byte) {
	d := w.devices[to]
	if w.tamper != nil {
		if frame = w.tamper(d, frame); frame == nil {
			return
		}
	}
	d.In = append(d.In, frame)
}

// Drop implements hub.Conns.
func (w *town) Drop(to hub.ConnID, code string) { w.t.Logf("dropped %d: %s", to, code) }

// Room implements hub.Conns.
func (w *town) Room(hub.ConnID) int { return 1 << 24 }

func (w *town) device(seed byte) *sim.Device {
	d, err := sim.NewDevice(w.net.Network, seed, w.now.UnixMilli())
	if err != nil {
		w.t.Fatal(err)
	}
	return d
}

// connect wires a device to the hub.
func (w *town) connect(d *sim.Device) {
	w.t.Helper()
	w.last++
	w.devices[w.last] = d
	d.Wired, d.In, d.Out = true, nil, nil
	d.Engine.Connected()
	a := hub.Arrival{Address: fmt.Sprint(w.last), Prefix: fmt.Sprint(w.last), Nonce: block.Hash{byte(w.last)}, Token: block.Hash{byte(w.last), 1}}
	if err := w.hub.Open(w.outside(), w.last, a); err != nil {
		w.t.Fatal(err)
	}
	w.settle()
	if !d.Engine.LinkState().Online() {
		w.t.Fatal("the relay did not let the device in")
	}
}

func (w *town) disconnect(d *sim.Device) {
	for id, other := range w.devices {
		if other == d {
			w.hub.Close(w.outside(), id)
			delete(w.devices, id)
		}
	}
	d.Wired = false
	d.Engine.Disconnected()
}

// settle carries everything until nothing moves.
func (w *town) settle() {
	w.t.Helper()
	for range 10_000 {
		moved := false
		for id := hub.ConnID(1); id <= w.last; id++ {
			d := w.devices[id]
			if d == nil {
				continue
			}
			moved = w.carry(id, d) || moved
		}
		if !moved {
			return
		}
	}
	w.t.Fatal("never settles")
}

func (w *town) carry(id hub.ConnID, d *sim.Device) bool {
	out, in, fetches := d.Out, d.In, d.Fetches
	d.Out, d.In, d.Fetches = nil, nil, nil
	for _, f := range out {
		if w.heard != nil {
			w.heard(f)
		}
		if _, err := w.hub.Frame(w.outside(), id, f); err != nil {
			w.t.Fatal(err)
		}
	}
	for _, f := range in {
		d.Engine.Received(f)
	}
	for _, r := range fetches {
		status, body := w.http(r)
		d.Engine.Fetched(r.ID, status, body)
	}
	busy := d.Engine.Tick() == 0
	return busy || len(out)+len(in)+len(fetches) > 0
}

// http serves the blob routes as relay/server does, without a socket.
func (w *town) http(r folder.FetchRequest) (int, []byte) {
	token, err := base64.RawURLEncoding.DecodeString(r.Token)
	if _, ok := w.hub.Bearer(token, w.now); err != nil || !ok {
		return http.StatusUnauthorized, nil
	}
	parts := strings.Split(strings.TrimPrefix(r.Path, "/v1/blob/"), "/")
	raw, err := base64.RawURLEncoding.DecodeString(parts[0])
	w.must(err)
	root := block.Hash(raw)
	switch {
	case r.Method == "POST":
		size, leaves, err := hub.ParseAnnounce(r.Body)
		w.must(err)
		w.roots = append(w.roots, root)
		if _, err := w.blobs.Begin(root, size, leaves); err != nil {
			return http.StatusBadRequest, nil
		}
		return http.StatusCreated, nil
	case r.Method == "PUT":
		i, err := strconv.Atoi(parts[1])
		w.must(err)
		if _, err := w.blobs.Put(root, i, r.Body); err != nil {
			return http.StatusUnprocessableEntity, nil
		}
		return http.StatusNoContent, nil
	case len(parts) == 2:
		size, leaves, err := w.blobs.Leaves(root)
		if err != nil {
			return http.StatusNotFound, nil
		}
		return http.StatusOK, hub.EncodeAnnounce(size, leaves)
	}
	f, _, err := w.blobs.Open(root)
	if err != nil {
		return http.StatusNotFound, nil
	}
	defer f.Close()
	get := httptest.NewRequest(http.MethodGet, r.Path, nil)
	get.Header.Set("Range", r.Range)
	answer := httptest.NewRecorder()
	http.ServeContent(answer, get, "", time.Time{}, f)
	return answer.Code, answer.Body.Bytes()
}

func (w *town) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

const passphrase = "correct horse battery"

// patient is a device with a new folder.
func (w *town) patient(seed byte, name string) (*sim.Device, []string) {
	w.t.Helper()
	d := w.device(seed)
	words, _, err := d.Engine.MakeKit(name, "1974-12-25")
	w.must(err)
	w.must(d.Engine.ProveKit(strings.Join(words, " "), ""))
	w.must(d.Engine.CreateFolder([]byte(passphrase)))
	return d, words
}

func (w *town) reader(seed byte, name string) *sim.Device {
	w.t.Helper()
	d := w.device(seed)
	w.must(d.Engine.CreateReader(name, []byte(passphrase)))
	return d
}

// share lets owner and reader meet, and gives the whole general section for a day, with the right to write.
func (w *town) share(owner, reader *sim.Device) {
	w.t.Helper()
	invite, err := owner.Engine.StartMeeting(folder.Terms{Sections: []uint8{1}, UntilMS: w.now.UnixMilli() + 86_400_000, CanWrite: true, Purpose: "visit"})
	w.must(err)
	w.settle()
	w.must(reader.Engine.JoinMeeting(strings.Join(invite.Words, " ")))
	w.settle()
	a, b := owner.Engine.Meeting(), reader.Engine.Meeting()
	if a.Step != "compare" || b.Step != "compare" || a.Digits != b.Digits || len(a.Digits) != 12 || fmt.Sprint(a.Emoji) != fmt.Sprint(b.Emoji) {
		w.t.Fatalf("comparing: %+v and %+v", a, b)
	}
	w.must(reader.Engine.MeetConfirm())
	w.settle()
	w.must(owner.Engine.MeetConfirm())
	w.settle()
	if reader.Engine.Meeting().Step != "done" { // the owner's device is still sending: a refused PUSH waits 5 s
		w.wait(owner, 6_000)
		w.wait(reader, 3_000)
	}
	if a, b := owner.Engine.Meeting(), reader.Engine.Meeting(); a.Step != "done" || b.Step != "done" {
		w.t.Fatalf("met: %+v and %+v", a, b)
	}
}

func (w *town) importFile(d *sim.Device, file []byte) {
	w.t.Helper()
	p, err := d.Engine.PreviewImport(file, "bundle.json", "application/fhir+json")
	w.must(err)
	_, _, err = d.Engine.StartImport(p.ID, nil)
	w.must(err)
	for {
		_, _, finished, _, err := d.Engine.StepImport(p.ID)
		w.must(err)
		if finished {
			break
		}
	}
	sources, err := d.Engine.Sources()
	w.must(err)
	_, out, err := d.Engine.ExportSource(sources[0].ID)
	w.must(err)
	if string(out) != string(file) {
		w.t.Fatal("the file came back changed")
	}
}

func bundle(n int) []byte {
	var b strings.Builder
	b.WriteString("{\"resourceType\":\"Bundle\",\r\n \"type\":\"collection\",\"entry\":[")
	for i := range n {
		if i > 0 {
			b.WriteString(",")
		}
		pad := ""
		if i%7 == 3 {
			pad = strings.Repeat("long narrative ", 2000)
		}
		fmt.Fprintf(&b, `{"fullUrl":"urn:%d","resource":{"resourceType":"Observation","id":"o%d","code":{"text":"HbA1c %d"},"valueQuantity":{"value":%d.00},"note":[{"text":%q}]} }`, i, i, i, i, pad)
	}
	b.WriteString("]}\n")
	return []byte(b.String())
}

func only(t testing.TB, d *sim.Device) folder.SharedView {
	t.Helper()
	list, err := d.Engine.SharedFolders()
	if err != nil || len(list) != 1 {
		t.Fatalf("shared folders: %v %v", list, err)
	}
	return list[0]
}

func TestOneRecordTwoBrowsers(t *testing.T) {
	w := newTown(t)
	amina, _ := w.patient(1, "Amina Haddad")
	lin := w.reader(2, "Dr. Lin Wei")
	w.connect(amina)
	w.connect(lin)
	w.importFile(amina, bundle(10))
	w.settle()
	if saved, sent := amina.Engine.OutboxCounts(); saved != 0 || sent < 15 {
		rows, _, _, _ := amina.Engine.Outbox()
		t.Fatalf("outbox: %d saved, %d sent: %+v", saved, sent, rows[:min(3, len(rows))])
	}
	w.share(amina, lin)

	f := only(t, lin)
	if f.Name != "Amina Haddad" || f.Records != 10 || f.Unopened != 10 || f.State != "active" {
		t.Fatalf("before asking: %+v", f)
	}
	items, _, err := lin.Engine.Timeline(f.ID, folder.Query{Limit: 50})
	w.must(err)
	for _, it := range items {
		if it.Opened || it.Label != "" {
			t.Fatalf("read before the access: %+v", it)
		}
	}
	_, n, err := lin.AskAll(f.ID, "visit", "annual check")
	w.must(err)
	if n != 10 {
		t.Fatalf("asked for %d", n)
	}
	w.settle()
	if f = only(t, lin); f.Unopened != 0 || f.Waiting != (block.ID{}) {
		t.Fatalf("after asking: %+v", f)
	}
	items, total, err := lin.Engine.Timeline(f.ID, folder.Query{Limit: 50, Text: "hba1c"})
	w.must(err)
	if total != 10 || !items[0].Opened || items[0].Author != "Amina Haddad" || items[0].Failed != "" || items[0].Origin != "imported" {
		t.Fatalf("opened: %d %+v", total, items)
	}
	o, err := lin.Engine.OpenRecord(f.ID, items[0].ID)
	w.must(err)
	if !strings.Contains(string(o.Content), ".00}") {
		t.Fatalf("content %q", o.Content)
	}

	looked, err := amina.Engine.WhoLooked()
	w.must(err)
	if len(looked) != 1 || looked[0].Reader != "Dr. Lin Wei" || looked[0].State != "given" || looked[0].Count != 10 || looked[0].Text != "annual check" || !looked[0].Guest {
		t.Fatalf("who looked: %+v", looked)
	}

	note, err := lin.Engine.WriteNote(f.ID, 1, "Metformin 500 mg twice a day.\nReview in May.", []block.ID{items[0].ID})
	w.must(err)
	w.settle()
	mine, _, err := amina.Engine.Timeline(folder.Own, folder.Query{Limit: 50, Text: "metformin"})
	w.must(err)
	if len(mine) != 1 || mine[0].ID != note || mine[0].Standing != "proposed" || mine[0].Author != "Dr. Lin Wei" || !mine[0].Guest || amina.Engine.NeedsYou() != 1 {
		t.Fatalf("the note: %+v", mine)
	}
	_, err = amina.Engine.Verdict(note, record.Accept, "")
	w.must(err)
	mine, _, err = amina.Engine.Timeline(folder.Own, folder.Query{Limit: 50, Text: "metformin"})
	w.must(err)
	if mine[0].Standing != "accepted" || amina.Engine.NeedsYou() != 0 {
		t.Fatalf("accepted: %+v", mine)
	}

	grants, err := amina.Engine.Grants()
	w.must(err)
	if len(grants) != 1 || grants[0].State != "active" || grants[0].Opened != 10 {
		t.Fatalf("grants: %+v", grants)
	}
	w.must(amina.Engine.StopSharing(grants[0].Chain))
	w.settle()
	if f = only(t, lin); f.State != "stopped" {
		t.Fatalf("after stopping: %+v", f)
	}
	if _, err := lin.Engine.OpenRecord(f.ID, items[0].ID); err == nil {
		t.Fatal("a record opened after sharing stopped")
	}
	if _, _, err := lin.AskAll(f.ID, "visit", ""); err == nil {
		t.Fatal("asked after sharing stopped")
	}
}

func TestSharedAgainAfterStopping(t *testing.T) {
	w := newTown(t)
	amina, _ := w.patient(1, "Amina Haddad")
	lin := w.reader(2, "Dr. Lin Wei")
	w.connect(amina)
	w.connect(lin)
	w.importFile(amina, bundle(3))
	for round := range 2 {
		w.share(amina, lin)
		if f := only(t, lin); f.State != "active" || f.Unopened != 3 {
			t.Fatalf("round %d: %+v", round, f)
		}
		_, _, err := lin.AskAll(only(t, lin).ID, "visit", "")
		w.must(err)
		w.settle()
		f := only(t, lin)
		if f.Unopened != 0 {
			t.Fatalf("round %d, asked: %+v", round, f)
		}
		w.must(amina.Engine.StopSharing(f.Grant))
		w.settle()
		if f := only(t, lin); f.State != "stopped" {
			t.Fatalf("round %d, stopped: %+v", round, f)
		}
		w.must(lin.Engine.Unlock([]byte(passphrase)))
		if f := only(t, lin); f.State != "stopped" {
			t.Fatalf("round %d, unlocked: %+v", round, f)
		}
	}
}

func TestOfflineThenTogether(t *testing.T) {
	w := newTown(t)
	amina, _ := w.patient(1, "Amina")
	_, err := amina.Engine.WriteNote(folder.Own, 1, "written with no relay in sight", nil)
	w.must(err)
	w.must(amina.Restart())
	w.must(amina.Engine.Unlock([]byte(passphrase)))
	saved, _ := amina.Engine.OutboxCounts()
	items, _, err := amina.Engine.Timeline(folder.Own, folder.Query{Limit: 9})
	w.must(err)
	if len(items) != 1 || items[0].Sent || saved < 6 {
		t.Fatalf("offline: %+v, %d saved", items, saved)
	}
	w.connect(amina)
	items, _, _ = amina.Engine.Timeline(folder.Own, folder.Query{Limit: 9})
	if saved, _ := amina.Engine.OutboxCounts(); saved != 0 || !items[0].Sent {
		rows, _, _, _ := amina.Engine.Outbox()
		t.Fatalf("after connecting %d wait: %+v", saved, rows)
	}
}

func TestRestoreByWordsAndByQR(t *testing.T) {
	w := newTown(t)
	d := w.device(1)
	words, qr, err := d.Engine.MakeKit("Amina", "")
	w.must(err)
	w.must(d.Engine.ProveKit("", qr))
	w.must(d.Engine.CreateFolder([]byte(passphrase)))
	w.connect(d)
	lin := w.reader(2, "Dr. Lin")
	w.connect(lin)
	w.importFile(d, bundle(5))
	w.settle()
	w.share(d, lin)
	_, err = lin.Engine.WriteNote(only(t, lin).ID, 1, "note of a doctor", nil)
	w.must(err)
	w.settle()
	w.disconnect(d)

	for i, form := range []func(e *folder.Engine) error{
		func(e *folder.Engine) error { return e.StartRestore(strings.Join(words, " "), "") },
		func(e *folder.Engine) error { return e.StartRestore("", qr) },
	} {
		fresh := w.device(byte(10 + i))
		w.connect(fresh)
		w.must(form(fresh.Engine))
		w.settle()
		if s := fresh.Engine.RestoreState(); s.Step != "ready" || s.Name != "Amina" {
			t.Fatalf("restore %d: %+v", i, s)
		}
		w.must(fresh.Engine.FinishRestore([]byte("another passphrase"), folder.OldDeviceLost))
		w.settle()
		items, total, err := fresh.Engine.Timeline(folder.Own, folder.Query{Limit: 50})
		w.must(err)
		if total != 6 {
			t.Fatalf("restored %d records: %+v", total, items)
		}
		sources, err := fresh.Engine.Sources()
		w.must(err)
		_, out, err := fresh.Engine.ExportSource(sources[0].ID)
		w.must(err)
		if string(out) != string(bundle(5)) {
			t.Fatal("the file came back changed")
		}
		if saved, _ := fresh.Engine.OutboxCounts(); saved != 0 {
			rows, _, _, _ := fresh.Engine.Outbox()
			t.Fatalf("restored device has %d unsent: %+v", saved, rows[:3])
		}
		w.disconnect(fresh)
	}
}

func TestDiscardTakesBackOnlyWhatNobodyHolds(t *testing.T) {
	w := newTown(t)
	d, _ := w.patient(1, "Amina")
	first, err := d.Engine.WriteNote(folder.Own, 1, "first", nil)
	w.must(err)
	second, err := d.Engine.WriteNote(folder.Own, 1, "second", nil)
	w.must(err)
	if err := d.Engine.DiscardLast(first); err == nil {
		t.Fatal("discarded a block that others stand on")
	}
	w.must(d.Engine.DiscardLast(second))
	third, err := d.Engine.WriteNote(folder.Own, 1, "third", nil)
	w.must(err)
	w.must(d.Restart())
	w.must(d.Engine.Unlock([]byte(passphrase)))
	w.connect(d)
	items, total, err := d.Engine.Timeline(folder.Own, folder.Query{Limit: 9})
	w.must(err)
	if total != 2 || !items[0].Sent {
		t.Fatalf("after discarding: %+v", items)
	}
	if err := d.Engine.DiscardLast(third); err == nil {
		t.Fatal("discarded a block that the relay holds")
	}
}

func TestReaderReopensAfterUnlockWithoutAskingAnew(t *testing.T) {
	w := newTown(t)
	amina, _ := w.patient(1, "Amina")
	lin := w.reader(2, "Dr. Lin")
	w.connect(amina)
	w.connect(lin)
	w.importFile(amina, bundle(5))
	w.settle()
	w.share(amina, lin)
	_, _, err := lin.AskAll(only(t, lin).ID, "visit", "")
	w.must(err)
	w.settle()
	w.disconnect(lin)
	w.disconnect(amina)
	w.must(lin.Restart())
	w.must(lin.Engine.Unlock([]byte(passphrase)))
	if f := only(t, lin); f.Unopened != 5 {
		t.Fatalf("a lock kept what was opened: %+v", f)
	}
	lin.ClockMS += 5_000
	w.connect(lin)
	if f := only(t, lin); f.Unopened != 0 {
		t.Fatalf("after unlock: %+v", f)
	}
	if looked, _ := amina.Engine.WhoLooked(); len(looked) != 1 {
		t.Fatalf("asked anew: %+v", looked)
	}
}

// TestAForgedSignatureInTheMiddle: the chain's head vouches for the header, so the block is listed; its own signature
// is wrong, so it never opens.
func TestAForgedSignatureInTheMiddle(t *testing.T) {
	w := newTown(t)
	amina, _ := w.patient(1, "Amina")
	lin := w.reader(2, "Dr. Lin")
	w.connect(amina)
	w.connect(lin)
	w.importFile(amina, bundle(3))
	w.settle()
	items, _, err := amina.Engine.Timeline(folder.Own, folder.Query{Limit: 9})
	w.must(err)
	victim := items[0].ID
	forged := 0
	w.tamper = func(to *sim.Device, frame []byte) []byte {
		m, err := gossip.Parse(frame)
		b, ok := m.(*gossip.Blocks)
		if err != nil || !ok || to != lin {
			return frame
		}
		for i, raw := range b.Blocks {
			blk, err := block.Parse(raw)
			w.must(err)
			if blk.ID == victim {
				blk.Signature = append([]byte{}, blk.Signature...)
				blk.Signature[40] ^= 1
				b.Blocks[i] = blk.Encode()
				forged++
			}
		}
		return gossip.Frame(b)
	}
	w.share(amina, lin)
	f := only(t, lin)
	_, _, err = lin.AskAll(f.ID, "visit", "")
	w.must(err)
	w.settle()
	if forged == 0 || lin.Engine.Unchecked() != 0 {
		t.Fatalf("forged %d, unchecked %d", forged, lin.Engine.Unchecked())
	}
	items, _, err = lin.Engine.Timeline(f.ID, folder.Query{Limit: 9})
	w.must(err)
	opened, failed := 0, 0
	for _, it := range items {
		switch {
		case it.ID == victim && it.Failed == "open/2" && !it.Opened:
			failed++
		case it.Opened:
			opened++
		}
	}
	if opened != 2 || failed != 1 {
		t.Fatalf("%d opened, %d failed: %+v", opened, failed, items)
	}
}

func TestRestoredBackupGoesOnFromTheRelay(t *testing.T) {
	w := newTown(t)
	d, _ := w.patient(1, "Amina")
	w.connect(d)
	backup := d.MemDisk.Clone()
	_, err := d.Engine.WriteNote(folder.Own, 1, "after the backup", nil)
	w.must(err)
	w.settle()
	w.disconnect(d)

	d.MemDisk = backup
	w.must(d.Restart())
	w.must(d.Engine.Unlock([]byte(passphrase)))
	w.connect(d)
	_, err = d.Engine.WriteNote(folder.Own, 1, "after restoring", nil)
	w.must(err)
	w.settle()
	_, total, err := d.Engine.Timeline(folder.Own, folder.Query{Limit: 9})
	w.must(err)
	if saved, _ := d.Engine.OutboxCounts(); total != 2 || saved != 0 || len(d.Engine.Notices()) != 0 {
		t.Fatalf("%d records, %d waiting, %+v", total, saved, d.Engine.Notices())
	}
}

func TestTwoLivesOfOneDeviceFork(t *testing.T) {
	w := newTown(t)
	d, _ := w.patient(1, "Amina")
	w.connect(d)
	twin := d.MemDisk.Clone()
	_, err := d.Engine.WriteNote(folder.Own, 1, "in the first life", nil)
	w.must(err)
	w.settle()
	w.disconnect(d)

	d.MemDisk = twin
	w.must(d.Restart())
	w.must(d.Engine.Unlock([]byte(passphrase)))
	_, err = d.Engine.WriteNote(folder.Own, 1, "in the second life", nil) // offline: it cannot know
	w.must(err)
	w.connect(d)
	w.settle()
	items, total, err := d.Engine.Timeline(folder.Own, folder.Query{Limit: 9})
	w.must(err)
	notices := d.Engine.Notices()
	if saved, _ := d.Engine.OutboxCounts(); saved != 0 || len(notices) != 1 || notices[0].Code != "fork/new-chain" {
		rows, _, _, _ := d.Engine.Outbox()
		t.Fatalf("%d waiting, %+v %+v", saved, notices, rows)
	}
	found := map[string]bool{}
	for _, it := range items {
		found[it.Label] = true
	}
	if !found["in the second life"] || !found["in the first life"] {
		t.Fatalf("%d: %+v", total, items)
	}
	w.must(d.Restart())
	w.must(d.Engine.Unlock([]byte(passphrase)))
	again, _, err := d.Engine.Timeline(folder.Own, folder.Query{Limit: 9})
	w.must(err)
	if len(again) != len(items) {
		t.Fatalf("after a restart %+v, before %+v", again, items)
	}
}
