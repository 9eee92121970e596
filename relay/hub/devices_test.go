package hub_test

import (
	"errors"
	"flag"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/anamnesis-health/anamnesis/shared/block"
	"github.com/anamnesis-health/anamnesis/shared/folder"
	"github.com/anamnesis-health/anamnesis/shared/gossip"
	"github.com/anamnesis-health/anamnesis/shared/record"
	"github.com/anamnesis-health/anamnesis/shared/sim"
	"pgregory.net/rapid"
)

// link makes fresh a device of the owner's folder.
func (w *town) link(owner, fresh *sim.Device, label string) {
	w.t.Helper()
	words, _, _, _, err := owner.Engine.StartLink([]byte(passphrase))
	w.must(err)
	w.settle()
	w.must(fresh.Engine.JoinLink(strings.Join(words, " ")))
	w.settle()
	a, b := owner.Engine.Meeting(), fresh.Engine.Meeting()
	if a.Step != "compare" || b.Step != "compare" || a.Digits != b.Digits || !slices.Equal(a.Emoji, b.Emoji) || b.Name == "" {
		w.t.Fatalf("comparing: %+v and %+v", a, b)
	}
	w.must(fresh.Engine.ConfirmLink(""))
	w.settle()
	w.must(owner.Engine.ConfirmLink(label))
	w.settle()
	if s := fresh.Engine.RestoreState(); s.Step != "ready" {
		w.wait(fresh, 3_000)
	}
	if s := fresh.Engine.RestoreState(); s.Step != "ready" {
		w.t.Fatalf("fetched: %+v, %+v", s, fresh.Engine.Meeting())
	}
	w.must(fresh.Engine.FinishLink([]byte(passphrase)))
	w.settle()
}

func (w *town) code(err error, want string) {
	w.t.Helper()
	var e *folder.Error
	if !errors.As(err, &e) || e.Code != want {
		w.t.Errorf("%v, want %s", err, want)
	}
}

func (w *town) note(d *sim.Device, text string) {
	w.t.Helper()
	_, err := d.Engine.WriteNote(folder.Own, 1, text, nil)
	w.must(err)
	w.settle()
}

func (w *town) same(want []string, devices ...*sim.Device) {
	w.t.Helper()
	for i, d := range devices {
		mine := has(w, d)
		if len(mine) != len(want) {
			w.t.Errorf("device %d lists %v, want %v", i, mine, want)
		}
		for _, n := range want {
			if !mine[n] {
				w.t.Errorf("device %d lacks %q: %v", i, n, mine)
			}
		}
		if saved, _ := d.Engine.OutboxCounts(); saved != 0 {
			rows, _, _, _ := d.Engine.Outbox()
			w.t.Errorf("device %d has %d unsent: %+v", i, saved, rows[0])
		}
	}
}

func names(t testing.TB, d *sim.Device) (out []string) {
	t.Helper()
	list, _, err := d.Engine.Devices()
	if err != nil {
		t.Fatal(err)
	}
	for _, v := range list {
		out = append(out, v.Name)
	}
	return out
}

func TestTwoDevicesOneFolder(t *testing.T) {
	w := newTown(t)
	phone, _ := w.patient(1, "Amina")
	lin := w.reader(2, "Dr. Lin")
	w.connect(phone)
	w.connect(lin)
	w.note(phone, "before")
	w.share(phone, lin)
	tablet := w.device(3)
	w.connect(tablet)
	w.link(phone, tablet, "Tablet")
	w.same([]string{"before"}, phone, tablet)
	w.note(tablet, "from the tablet")
	w.note(phone, "from the phone")
	w.same([]string{"before", "from the tablet", "from the phone"}, phone, tablet)

	notices := phone.Engine.Notices()
	if len(notices) != 1 || notices[0].Code != "device/linked" || notices[0].Detail != "Tablet" || len(tablet.Engine.Notices()) != 0 {
		t.Errorf("told: %+v and %+v", notices, tablet.Engine.Notices())
	}
	if a, b := names(t, phone), names(t, tablet); len(a) != 2 || !slices.Contains(a, "Tablet") || len(b) != 2 {
		t.Errorf("devices: %v and %v", a, b)
	}

	// Either answers alone, and the reader sees both devices' notes as the owner's.
	w.disconnect(phone)
	f := only(t, lin)
	if f.Records != 3 {
		t.Fatalf("the reader knows of %+v", f)
	}
	_, _, err := lin.AskAll(f.ID, "visit", "")
	w.must(err)
	w.settle()
	if f = only(t, lin); f.Unopened != 0 {
		t.Fatalf("the tablet alone: %+v", f)
	}
	for _, it := range w.timeline(lin, f.ID) {
		if it.Origin != "you" || it.Author != "Amina" || it.Failed != "" {
			t.Errorf("the reader sees %+v", it)
		}
	}
	w.connect(phone)
	w.disconnect(tablet)
	w.note(phone, "while the tablet sleeps")
	_, _, err = lin.AskAll(f.ID, "visit", "")
	w.must(err)
	w.settle()
	if f = only(t, lin); f.Unopened != 0 {
		t.Fatalf("the phone alone: %+v", f)
	}
	w.connect(tablet)
	for i, d := range []*sim.Device{phone, tablet} {
		looked, err := d.Engine.WhoLooked()
		w.must(err)
		if len(looked) != 2 || looked[0].State != "given" || looked[1].State != "given" || looked[0].Count+looked[1].Count != 4 {
			t.Errorf("device %d, who looked: %+v", i, looked)
		}
	}

	// The tablet stops what the phone began.
	w.must(tablet.Engine.StopSharing(f.Grant))
	w.settle()
	if f = only(t, lin); f.State != "stopped" {
		t.Errorf("stopped by the tablet: %+v", f)
	}
	if g, err := phone.Engine.Grants(); err != nil || g[0].State != "stopped" {
		t.Errorf("the phone sees %+v, %v", g, err)
	}
	w.note(phone, "after the stop")
	for _, d := range []*sim.Device{phone, tablet} {
		w.must(d.Restart())
		w.must(d.Engine.Unlock([]byte(passphrase)))
	}
	w.same([]string{"before", "from the tablet", "from the phone", "while the tablet sleeps", "after the stop"}, phone, tablet)
}

func TestTwoDevicesAnswerAtOnce(t *testing.T) {
	w := newTown(t)
	phone, _ := w.patient(1, "Amina")
	lin := w.reader(2, "Dr. Lin")
	w.connect(phone)
	w.connect(lin)
	w.note(phone, "one")
	tablet := w.device(3)
	w.connect(tablet)
	w.link(phone, tablet, "Tablet")
	w.share(tablet, lin) // either begins a sharing
	w.disconnect(phone)
	w.disconnect(tablet)
	f := only(t, lin)
	_, _, err := lin.AskAll(f.ID, "visit", "")
	w.must(err)
	w.settle()
	// Both find the access before they hear of each other.
	w.connect(phone)
	w.connect(tablet)
	w.wait(lin, 3_000)
	if f = only(t, lin); f.Unopened != 0 || f.Refused != "" {
		t.Fatalf("asked once: %+v", f)
	}
	for i, d := range []*sim.Device{phone, tablet} {
		looked, err := d.Engine.WhoLooked()
		w.must(err)
		if len(looked) != 1 || looked[0].State != "given" || looked[0].Count != 1 {
			t.Errorf("device %d, who looked: %+v", i, looked)
		}
	}
}

func TestALinkAsksForThePassphraseAndTheRightDevice(t *testing.T) {
	w := newTown(t)
	phone, _ := w.patient(1, "Amina")
	lin := w.reader(2, "Dr. Lin")
	tablet := w.device(3)
	w.connect(phone)
	w.connect(tablet)
	_, _, _, _, err := phone.Engine.StartLink([]byte("not the passphrase"))
	w.code(err, "vault/passphrase")
	_, _, _, _, err = phone.Engine.StartLinkPasskey(make([]byte, 32))
	w.code(err, "vault/passkey")
	_, _, _, _, err = lin.Engine.StartLink([]byte(passphrase))
	w.code(err, "folder/none")
	w.code(tablet.Engine.FinishLink([]byte(passphrase)), "restore/not-ready")

	_, _, path, _, err := phone.Engine.StartLink([]byte(passphrase))
	w.must(err)
	w.code(lin.Engine.JoinMeeting(path), "meet/wrong-kind")
	w.code(lin.Engine.JoinLink(path), "vault/exists")
	share, err := phone.Engine.StartMeeting(folder.Terms{Sections: []uint8{1}, LastsMS: 3_600_000})
	w.must(err)
	w.code(tablet.Engine.JoinLink(share.Path), "meet/wrong-kind")

	w.link(phone, tablet, "Tablet")
	_, _, _, _, err = tablet.Engine.StartLink([]byte(passphrase))
	w.code(err, "link/writer")
	for i := range byte(2) {
		w.connect(w.linkAnother(phone, 4+i))
	}
	_, _, _, _, err = phone.Engine.StartLink([]byte(passphrase))
	w.code(err, "link/full")
}

func (w *town) linkAnother(owner *sim.Device, seed byte) *sim.Device {
	d := w.device(seed)
	w.connect(d)
	w.link(owner, d, "Another")
	w.disconnect(d)
	return d
}

// TestADeviceCodeGivesNothingBeforeBothAgree: whoever knows the code and the joiner alone get nothing to open.
func TestADeviceCodeGivesNothingBeforeBothAgree(t *testing.T) {
	w := newTown(t)
	phone, _ := w.patient(1, "Amina")
	tablet := w.device(3)
	w.connect(phone)
	w.connect(tablet)
	words, _, _, _, err := phone.Engine.StartLink([]byte(passphrase))
	w.must(err)
	w.code(phone.Engine.ConfirmLink("Tablet"), "meet/none")
	w.must(tablet.Engine.JoinLink(strings.Join(words, " ")))
	w.settle()
	w.code(phone.Engine.ConfirmLink(""), "create/name")
	w.must(tablet.Engine.ConfirmLink(""))
	w.settle()
	if s := tablet.Engine.RestoreState(); s.Step != "none" {
		t.Fatalf("before the owner agreed: %+v", s)
	}
	third := w.device(4)
	w.connect(third)
	w.must(third.Engine.JoinLink(strings.Join(words, " ")))
	w.settle()
	if a, b := phone.Engine.Meeting(), tablet.Engine.Meeting(); a.Step != "burnt" || b.Step != "burnt" {
		t.Errorf("a third party: %+v and %+v", a, b)
	}
	if got := names(t, phone); len(got) != 1 {
		t.Errorf("devices %v", got)
	}
}

// TestTheOldDeviceFindsTheRestoredOne: after "I still have it" both write the folder, and the old one is told.
func TestTheOldDeviceFindsTheRestoredOne(t *testing.T) {
	w := newTown(t)
	old, words := w.patient(1, "Amina")
	w.connect(old)
	w.note(old, "old")
	w.disconnect(old)
	fresh := w.device(2)
	w.connect(fresh)
	w.must(fresh.Engine.StartRestore(strings.Join(words, " "), ""))
	w.settle()
	w.must(fresh.Engine.FinishRestore([]byte(passphrase), folder.OldDeviceKept))
	w.settle()
	w.note(fresh, "new")
	w.connect(old)
	w.note(old, "old again")
	w.same([]string{"old", "new", "old again"}, old, fresh)
	if n := old.Engine.Notices(); len(n) != 1 || n[0].Code != "device/linked" {
		t.Errorf("the old device is told %+v", n)
	}
	_, _, _, _, err := old.Engine.StartLink([]byte(passphrase))
	w.code(err, "link/writer")
	if _, writes, _ := fresh.Engine.Devices(); !writes {
		t.Error("the restored device does not write the identity")
	}
}

// TestALostDeviceIsTold: after "Lost" the old device locks, and no passphrase opens it again.
func TestALostDeviceIsTold(t *testing.T) {
	w := newTown(t)
	old, words := w.patient(1, "Amina")
	w.connect(old)
	w.note(old, "old")
	fresh := w.device(2)
	w.connect(fresh)
	w.must(fresh.Engine.StartRestore(strings.Join(words, " "), ""))
	w.settle()
	w.must(fresh.Engine.FinishRestore([]byte(passphrase), folder.OldDeviceLost))
	w.settle()
	w.wait(old, 21_000)
	if n := old.Engine.Notices(); old.Engine.Open() || len(n) != 1 || n[0].Code != "device/removed" {
		t.Errorf("open %v, told %+v", old.Engine.Open(), n)
	}
	w.code(old.Engine.Unlock([]byte(passphrase)), "device/removed")
	if old.Engine.Open() {
		t.Error("a removed device opened")
	}
}

// TestDevicesAtOddsConverge: two devices judge, stop and write while neither hears of the other.
func TestDevicesAtOddsConverge(t *testing.T) {
	w := newTown(t)
	phone, _ := w.patient(1, "Amina")
	lin, sam := w.reader(2, "Dr. Lin"), w.reader(5, "Dr. Sam")
	for _, d := range []*sim.Device{phone, lin, sam} {
		w.connect(d)
	}
	w.note(phone, "first")
	w.share(phone, lin)
	w.share(phone, sam)
	proposed, err := lin.Engine.WriteNote(only(t, lin).ID, 1, "proposed", nil)
	w.must(err)
	w.settle()
	tablet := w.device(3)
	w.connect(tablet)
	w.link(phone, tablet, "Tablet")
	both := []*sim.Device{phone, tablet}
	for _, d := range both {
		w.disconnect(d)
	}
	grants, err := phone.Engine.Grants()
	w.must(err)
	w.must(phone.Engine.StopSharing(grants[0].Chain))
	w.must(tablet.Engine.StopSharing(grants[1].Chain))
	_, err = phone.Engine.Verdict(proposed, record.Accept, "")
	w.must(err)
	tablet.ClockMS += 1000
	_, err = tablet.Engine.Verdict(proposed, record.Dispute, "not mine")
	w.must(err)
	w.note(phone, "phone, offline")
	w.note(tablet, "tablet, offline")
	for range 2 {
		for _, d := range both {
			if !d.Wired {
				w.connect(d)
			}
			w.wait(d, 30_000)
		}
	}
	w.same([]string{"first", "proposed", "phone, offline", "tablet, offline"}, both...)
	for i, d := range both {
		grants, err := d.Engine.Grants()
		w.must(err)
		for _, g := range grants {
			if g.State == "active" {
				t.Errorf("device %d: %+v", i, g)
			}
		}
		for _, it := range w.timeline(d, folder.Own) {
			if it.ID == proposed && it.Standing != "disputed" {
				t.Errorf("device %d: %+v", i, it)
			}
		}
	}
	for i, d := range []*sim.Device{lin, sam} {
		w.wait(d, 30_000)
		if f := only(t, d); f.State == "active" {
			t.Errorf("reader %d still has %+v", i, f)
		}
	}
	w.note(tablet, "after")
	w.same([]string{"first", "proposed", "phone, offline", "tablet, offline", "after"}, both...)
}

// TestARemovedDeviceIsOut: it locks, what it writes counts no more, it cannot open what comes after, and sharing stops.
func TestARemovedDeviceIsOut(t *testing.T) {
	w := newTown(t)
	phone, _ := w.patient(1, "Amina")
	lin := w.reader(2, "Dr. Lin")
	tablet, laptop := w.device(3), w.device(4)
	for _, d := range []*sim.Device{phone, lin, tablet, laptop} {
		w.connect(d)
	}
	w.note(phone, "before")
	w.link(phone, tablet, "Tablet")
	w.link(phone, laptop, "Laptop")
	w.share(phone, lin)
	w.note(tablet, "from the tablet")
	list, _, err := phone.Engine.Devices()
	w.must(err)
	key := map[string]block.Key{}
	for _, d := range list {
		key[d.Name] = d.Key
	}
	pass := []byte(passphrase)
	w.code(phone.Engine.RemoveDevice(key["Tablet"], []byte("not the passphrase")), "vault/passphrase")
	w.code(phone.Engine.RemoveDevice(key["Amina"], pass), "device/this")
	w.code(phone.Engine.RemoveDevice(block.Key{1}, pass), "device/unknown")
	w.code(tablet.Engine.RemoveDevice(key["Laptop"], pass), "link/writer")
	w.code(lin.Engine.RemoveDevice(key["Laptop"], pass), "folder/none")

	w.disconnect(tablet)
	stolen := tablet.Clone()
	_, err = tablet.Engine.WriteNote(folder.Own, 1, "written by a thief", nil)
	w.must(err)
	w.must(phone.Engine.RemoveDevice(key["Tablet"], pass))
	w.settle()
	w.code(phone.Engine.RemoveDevice(key["Tablet"], pass), "device/unknown")
	w.note(phone, "after")
	w.connect(tablet)
	w.wait(tablet, 21_000)
	if n := tablet.Engine.Notices(); tablet.Engine.Open() || len(n) != 1 || n[0].Code != "device/removed" {
		t.Errorf("the tablet is open %v, told %+v", tablet.Engine.Open(), n)
	}
	w.code(tablet.Engine.Unlock(pass), "device/removed")
	for _, d := range []*sim.Device{phone, laptop} {
		w.wait(d, 30_000)
	}
	w.note(laptop, "from the laptop")
	w.same([]string{"before", "from the tablet", "after", "from the laptop"}, phone, laptop)
	for _, d := range []*sim.Device{phone, laptop} {
		if got := names(t, d); len(got) != 2 || slices.Contains(got, "Tablet") {
			t.Errorf("devices %v", got)
		}
	}
	if f := only(t, lin); f.State != "stopped" {
		t.Errorf("the reader has %+v", f)
	}
	w.share(laptop, lin)
	_, _, err = lin.AskAll(only(t, lin).ID, "visit", "")
	w.must(err)
	w.settle()
	// The reader does not know where the chain was cut: it lists the thief's note, and nobody releases it.
	opened := map[string]bool{}
	for _, it := range w.timeline(lin, only(t, lin).ID) {
		if it.Opened {
			opened[it.Label] = true
		}
	}
	if len(opened) != 4 || opened["written by a thief"] {
		t.Errorf("shared again: %v", opened)
	}

	// A thief who keeps the keys in memory and is told nothing: no seed it has opens what came after.
	thief := w.device(9)
	thief.MemDisk = stolen
	w.must(thief.Restart())
	w.must(thief.Engine.Unlock(pass))
	w.tamper = func(to *sim.Device, frame []byte) []byte {
		m, err := gossip.Parse(frame)
		b, ok := m.(*gossip.Blocks)
		if to != thief || err != nil || !ok {
			return frame
		}
		b.Blocks = slices.DeleteFunc(b.Blocks, func(raw []byte) bool {
			blk, err := block.Parse(raw)
			return err != nil || blk.Header.Kind == block.KindDevice
		})
		return gossip.Frame(b)
	}
	w.connect(thief)
	w.wait(thief, 60_000)
	for _, it := range w.timeline(thief, folder.Own) {
		if it.Opened && it.Label != "before" && it.Label != "from the tablet" && it.Label != "written by a thief" {
			t.Errorf("the thief opened %+v", it)
		}
	}
	w.must(phone.Restart())
	w.must(phone.Engine.Unlock(pass))
	w.same([]string{"before", "from the tablet", "after", "from the laptop"}, phone)
}

func TestADrillProvesTheKitAndChangesNothing(t *testing.T) {
	w := newTown(t)
	d, words := w.patient(1, "Amina")
	other, others := w.patient(2, "Binta")
	w.connect(d)
	kit := strings.Join(words, " ")
	w.code(d.Engine.DrillKit(strings.Join(others, " "), ""), "kit/foreign")
	w.code(d.Engine.DrillKit(strings.Join(words[:23], " "), ""), "kit/word")
	w.code(d.Engine.DrillKit("", "ANAMNESIS-KIT:1:AAAA"), "kit/format")
	w.code(w.reader(3, "Dr. Lin").Engine.DrillKit(kit, ""), "folder/none")
	_ = other
	before, _ := d.Engine.Recovery()
	d.ClockMS += 366 * 86_400_000
	w.must(d.Restart())
	w.must(d.Engine.Unlock([]byte(passphrase)))
	if n := d.Engine.Notices(); len(n) != 1 || n[0].Code != "kit/drill" {
		t.Errorf("after a year: %+v", n)
	}
	held := d.Engine.Held()
	w.must(d.Engine.DrillKit(kit, ""))
	after, err := d.Engine.Recovery()
	if w.must(err); before.KitMS == 0 || after.KitMS != d.ClockMS || d.Engine.Held() != held {
		t.Errorf("from %+v to %+v, %d blocks", before, after, d.Engine.Held()-held)
	}
	w.must(d.Restart())
	w.must(d.Engine.Unlock([]byte(passphrase)))
	if r, _ := d.Engine.Recovery(); r != after || len(d.Engine.Notices()) != 0 {
		t.Errorf("after a restart: %+v, %+v", r, d.Engine.Notices())
	}
	d.Engine.Lock()
	w.code(d.Engine.DrillKit(kit, ""), "vault/locked")
}

// TestRandomDevicesConverge lets two devices of one folder write, share, stop, judge, lose their connection, their tab
// and their power in any order. In the end both list the same, neither lost what it was told is saved, and a stopped
// sharing is stopped on both.
func TestRandomDevicesConverge(t *testing.T) {
	if f := flag.Lookup("rapid.checks"); f != nil && f.Value.String() == "100" {
		l := f.Value.String()
		_ = flag.Set("rapid.checks", "4") // a life takes seconds: its passphrases are stretched
		defer func() { _ = flag.Set("rapid.checks", l) }()
	}
	if f := flag.Lookup("rapid.seed"); f != nil && f.Value.String() == "0" {
		_ = flag.Set("rapid.seed", "20261120") // the gate repeats itself; -rapid.seed and -rapid.checks go further
		defer func() { _ = flag.Set("rapid.seed", "0") }()
	}
	rapid.Check(t, func(r *rapid.T) {
		l := &lives{town: newTown(t), rng: rand.New(rand.NewPCG(rapid.Uint64().Draw(r, "power"), 1))}
		phone, _ := l.patient(1, "Amina")
		tablet, lin := l.device(2), l.reader(3, "Dr. Lin")
		l.connect(phone)
		l.connect(tablet)
		l.link(phone, tablet, "Tablet")
		l.connect(lin)
		both := []*sim.Device{phone, tablet}
		saved := map[string]bool{}
		stopped := map[block.ChainID]bool{}
		pick := func() *sim.Device { return both[rapid.IntRange(0, 1).Draw(r, "device")] }
		r.Repeat(map[string]func(*rapid.T){
			"note": func(*rapid.T) {
				n := l.name()
				_, err := pick().Engine.WriteNote(folder.Own, 1, n, nil)
				l.must(err)
				saved[n] = true
			},
			"share": func(rt *rapid.T) {
				if list, err := lin.Engine.SharedFolders(); err != nil || len(list) > 0 && list[0].State == "active" {
					rt.Skip()
				}
				d := pick()
				l.online(d)
				l.share(d, lin)
			},
			"ask": func(rt *rapid.T) {
				list, err := lin.Engine.SharedFolders()
				l.must(err)
				if len(list) == 0 || list[0].State != "active" || list[0].Unopened == 0 {
					rt.Skip()
				}
				_, _, err = lin.AskAll(list[0].ID, "visit", "")
				l.must(err)
				l.settle()
			},
			"reader's note": func(rt *rapid.T) {
				list, err := lin.Engine.SharedFolders()
				l.must(err)
				if len(list) == 0 || list[0].State != "active" {
					rt.Skip()
				}
				_, err = lin.Engine.WriteNote(list[0].ID, 1, l.name(), nil)
				l.must(err)
				l.settle()
			},
			"verdict": func(rt *rapid.T) {
				d := pick()
				for _, it := range l.timeline(d, folder.Own) {
					if it.Standing == "proposed" {
						d.ClockMS += int64(l.rng.IntN(1000))
						_, err := d.Engine.Verdict(it.ID, []record.Opinion{record.Accept, record.Dispute}[l.rng.IntN(2)], "")
						l.must(err)
						return
					}
				}
				rt.Skip()
			},
			"stop": func(rt *rapid.T) {
				d := pick()
				grants, err := d.Engine.Grants()
				l.must(err)
				for _, g := range grants {
					if g.State == "active" {
						l.must(d.Engine.StopSharing(g.Chain))
						stopped[g.Chain] = true
						return
					}
				}
				rt.Skip()
			},
			"connect":    func(*rapid.T) { l.online(pick()) },
			"disconnect": func(*rapid.T) { l.disconnect(pick()) },
			"reload":     func(*rapid.T) { l.reopen(pick(), false) },
			"power cut":  func(*rapid.T) { l.reopen(pick(), true) },
			"time":       func(*rapid.T) { l.wait(pick(), int64(rapid.IntRange(1, 3_600_000).Draw(r, "ms"))) },
		})
		for range 3 {
			for _, d := range append(both, lin) {
				l.online(d)
				l.wait(d, 30_000)
			}
		}
		for when := range 2 { // as they stand, and after a restart
			a, b := standing(l.town, phone), standing(l.town, tablet)
			if !maps.Equal(a, b) {
				r.Fatalf("%d: the phone has %v, the tablet %v", when, a, b)
			}
			for n := range saved {
				if a[n] == "" {
					r.Fatalf("%d: %q was saved and is gone", when, n)
				}
			}
			for _, d := range both {
				grants, err := d.Engine.Grants()
				l.must(err)
				for _, g := range grants {
					if g.State == "active" && stopped[g.Chain] {
						r.Fatalf("%d: a stopped sharing is active", when)
					}
				}
				if n, _ := d.Engine.OutboxCounts(); n != 0 {
					rows, _, _, _ := d.Engine.Outbox()
					r.Fatalf("%d: %d never reach the relay: %+v", when, n, rows[0])
				}
			}
			for _, d := range both {
				l.reopen(d, true)
				l.online(d)
			}
			l.settle()
		}
	})
}

// standing is each line of a device's own folder with how it stands, and each sharing with its state.
func standing(w *town, d *sim.Device) map[string]string {
	out := map[string]string{}
	for _, it := range w.timeline(d, folder.Own) {
		out[it.Label] = it.Standing + it.Failed
	}
	grants, err := d.Engine.Grants()
	w.must(err)
	for _, g := range grants {
		state := g.State
		if state == "forked" {
			state = "stopped"
		}
		out[g.Chain.String()] = state
	}
	return out
}
