package hub_test

import (
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/anamnesis-health/anamnesis/relay/hub"
	"github.com/anamnesis-health/anamnesis/relay/hub/hubtest"
	"github.com/anamnesis-health/anamnesis/shared/block"
	"github.com/anamnesis-health/anamnesis/shared/folder"
	"github.com/anamnesis-health/anamnesis/shared/sim"
)

// closedTown is a town whose relay takes chains only of whom the member admitted.
func closedTown(t *testing.T) *town {
	w := newTown(t)
	w.hub = hub.New(hub.Config{Network: w.net.Network, Relay: w.net.Relay, Policy: hub.Closed})
	return w
}

func signed(n *hubtest.Network, purpose uint8, keys []block.Key) string {
	var b strings.Builder
	for _, k := range keys {
		fmt.Fprintf(&b, "%s %s\n", k, base64.RawURLEncoding.EncodeToString(block.Encode(&n.Admission(purpose, k)[0])))
	}
	return b.String()
}

// admittedPatient makes a folder as the app does where the relay is closed: keys shown, admitted, then the kit.
func (w *town) admittedPatient(seed byte, name string) (*sim.Device, []string) {
	w.t.Helper()
	d := w.device(seed)
	w.connect(d)
	if d.Engine.Admittance() != folder.AdmittanceClosed {
		w.t.Fatal("a guest's connection does not say that the relay is closed")
	}
	keys, err := d.Engine.AskAdmission()
	w.must(err)
	if len(keys) != 32 {
		w.t.Fatalf("%d keys to admit", len(keys))
	}
	n, err := d.Engine.TakeAdmissions(signed(w.net, block.AdmitChain, keys))
	w.must(err)
	if n != 32 {
		w.t.Fatalf("took %d", n)
	}
	words, _, err := d.Engine.MakeKit(name, "")
	w.must(err)
	w.must(d.Engine.ProveKit(strings.Join(words, " "), ""))
	w.must(d.Engine.CreateFolder([]byte(passphrase)))
	w.settle()
	return d, words
}

func (w *town) allSent(d *sim.Device) {
	w.t.Helper()
	w.wait(d, 12_000)
	w.wait(d, 12_000)
	if saved, _ := d.Engine.OutboxCounts(); saved != 0 {
		rows, _, _, _ := d.Engine.Outbox()
		w.t.Fatalf("%d wait: %+v", saved, rows[:min(3, len(rows))])
	}
}

// TestAdmittedFolder takes a folder, a reader without any admission and a restore through a closed relay.
func TestAdmittedFolder(t *testing.T) {
	w := closedTown(t)
	amina, words := w.admittedPatient(1, "Amina Haddad")
	w.importFile(amina, bundle(8))
	w.allSent(amina)
	if v := amina.Engine.Admission(); v.Grants != 28 || v.Devices != 2 || len(v.Asked) != 0 {
		t.Fatalf("after the first chain: %+v", v)
	}
	amina.Engine.Lock()
	w.must(amina.Engine.Unlock([]byte(passphrase)))

	lin := w.reader(2, "Dr. Lin Wei")
	w.connect(lin)
	w.share(amina, lin)
	if _, _, err := lin.AskAll(only(t, lin).ID, "visit", ""); err != nil {
		t.Fatal(err)
	}
	w.settle()
	if f := only(t, lin); f.Unopened != 0 {
		t.Fatalf("the reader: %+v", f)
	}
	if v := amina.Engine.Admission(); v.Grants != 27 {
		t.Fatalf("after one sharing: %+v", v)
	}
	if _, err := lin.Engine.AskAdmission(); codeOf(err) != "admission/nobody" {
		t.Fatalf("a reader asks: %v", err)
	}

	// A new device has no stock: it reads at once, keeps what it writes, and sends it when the member has admitted it.
	w.disconnect(amina)
	fresh := w.device(3)
	w.connect(fresh)
	w.must(fresh.Engine.StartRestore(strings.Join(words, " "), ""))
	w.settle()
	w.must(fresh.Engine.FinishRestore([]byte(passphrase), folder.OldDeviceLost))
	w.settle()
	if _, total, err := fresh.Engine.Timeline(folder.Own, folder.Query{Limit: 50}); err != nil || total != 8 {
		t.Fatalf("restored: %d %v", total, err)
	}
	_, err := fresh.Engine.WriteNote(folder.Own, 1, "Written before the clinic let me in.", nil)
	w.must(err)
	w.wait(fresh, 6_000)
	rows, saved, _, _ := fresh.Engine.Outbox()
	if saved == 0 || !refusedFor(rows, "admission/guest") || !notified(fresh, "admission/needed") {
		t.Fatalf("unadmitted: %d saved, %+v, %+v", saved, rows, fresh.Engine.Notices())
	}
	keys, err := fresh.Engine.AskAdmission()
	w.must(err)
	fresh.Engine.Lock() // the clinic takes a day
	w.must(fresh.Engine.Unlock([]byte(passphrase)))
	w.wait(fresh, 6_000)
	again, err := fresh.Engine.AskAdmission()
	w.must(err)
	if fmt.Sprint(keys) != fmt.Sprint(again) || len(keys) != 32 {
		t.Fatalf("other keys after a night: %d, %d", len(keys), len(again))
	}
	_, err = fresh.Engine.TakeAdmissions(signed(w.net, block.AdmitChain, keys))
	w.must(err)
	w.allSent(fresh)
	if notified(fresh, "admission/needed") {
		t.Fatal("still told that it is not admitted")
	}
	fresh.Engine.Lock()
	w.must(fresh.Engine.Unlock([]byte(passphrase)))
	if _, total, err := fresh.Engine.Timeline(folder.Own, folder.Query{Limit: 50}); err != nil || total != 9 {
		t.Fatalf("written again: %d %v", total, err)
	}

	third := w.device(4)
	w.connect(third)
	w.must(third.Engine.StartRestore(strings.Join(words, " "), ""))
	w.settle()
	if v := third.Engine.RestoreState(); v.Step != "ready" || v.Missing != 0 {
		t.Fatalf("restored again: %+v", v)
	}
}

// TestNoSharingWithoutAdmission: an empty stock refuses a sharing before anything is written.
func TestNoSharingWithoutAdmission(t *testing.T) {
	w := closedTown(t)
	d := w.device(1)
	w.connect(d)
	keys, err := d.Engine.AskAdmission()
	w.must(err)
	_, err = d.Engine.TakeAdmissions(signed(w.net, block.AdmitChain, keys[:2])) // the identity and one writing chain
	w.must(err)
	words, _, err := d.Engine.MakeKit("Amina Haddad", "")
	w.must(err)
	w.must(d.Engine.ProveKit(strings.Join(words, " "), ""))
	w.must(d.Engine.CreateFolder([]byte(passphrase)))
	w.allSent(d)
	lin := w.reader(2, "Dr. Lin Wei")
	w.connect(lin)
	invite, err := d.Engine.StartMeeting(folder.Terms{Sections: []uint8{1}, UntilMS: w.now.UnixMilli() + 86_400_000})
	w.must(err)
	w.settle()
	w.must(lin.Engine.JoinMeeting(strings.Join(invite.Words, " ")))
	w.settle()
	w.must(lin.Engine.MeetConfirm())
	w.settle()
	held := d.Engine.Held()
	err = d.Engine.MeetConfirm()
	if codeOf(err) != "admission/none" || d.Engine.Held() != held {
		t.Fatalf("shared without admission: %v, %d blocks more", err, d.Engine.Held()-held)
	}
	more, err := d.Engine.AskAdmission()
	w.must(err)
	_, err = d.Engine.TakeAdmissions(signed(w.net, block.AdmitChain, more))
	w.must(err)
	w.must(d.Engine.MeetConfirm())
	w.settle()
	w.allSent(d)
}

// TestUnadmittedFolderWaits: a folder made without any admission is never taken, and says so.
func TestUnadmittedFolderWaits(t *testing.T) {
	w := closedTown(t)
	d, _ := w.patient(1, "Amina Haddad")
	w.connect(d)
	w.wait(d, 12_000)
	rows, saved, sent, err := d.Engine.Outbox()
	w.must(err)
	if saved != 5 || sent != 0 || !refusedFor(rows, "admission/guest") || !notified(d, "admission/needed") {
		t.Fatalf("%d saved, %d sent: %+v", saved, sent, rows)
	}
}

// TestAdmissionsRefused: what a member did not sign for this device changes nothing.
func TestAdmissionsRefused(t *testing.T) {
	w := closedTown(t)
	d := w.device(1)
	w.connect(d)
	keys, err := d.Engine.AskAdmission()
	w.must(err)
	good := signed(w.net, block.AdmitChain, keys)
	first := strings.SplitAfter(good, "\n")[0]
	stranger := block.KeyOf(hubtest.Key("stranger", 1))
	forged := block.Admit(w.net.Net(), hubtest.Key("thief", 0), w.net.Issuer, block.AdmitChain, keys[0], hubtest.Hour()+1e6)
	late := block.Admit(w.net.Net(), w.net.Member, w.net.Issuer, block.AdmitChain, keys[0], hubtest.Hour()-1)
	elsewhere := block.Admit(block.Net{1}, w.net.Member, w.net.Issuer, block.AdmitChain, keys[0], hubtest.Hour()+1e6)
	unknown := block.Admit(w.net.Net(), w.net.Member, block.ChainID{9}, block.AdmitChain, keys[0], hubtest.Hour()+1e6)
	line := func(k block.Key, a *block.Admission) string {
		return fmt.Sprintf("%s %s\n", k, base64.RawURLEncoding.EncodeToString(block.Encode(a)))
	}
	for name, c := range map[string]struct{ text, code string }{
		"nothing":            {"", "admission/other"},
		"a letter":           {"Dear patient,\nyou are admitted.\n", "admission/format"},
		"half a line":        {strings.Fields(first)[0], "admission/format"},
		"a word more":        {strings.TrimSpace(first) + " x", "admission/format"},
		"short key":          {"key_00 " + strings.Fields(first)[1], "admission/format"},
		"not base64":         {strings.Fields(first)[0] + " %%%", "admission/format"},
		"cut off":            {first[:len(first)-9], "admission/invalid"},
		"somebody else's":    {signed(w.net, block.AdmitChain, []block.Key{stranger}), "admission/other"},
		"keys swapped":       {strings.Fields(first)[0] + " " + strings.Fields(good)[3], "admission/invalid"},
		"for a connection":   {signed(w.net, block.AdmitConnection, keys[:1]), "admission/invalid"},
		"forged":             {line(keys[0], &forged), "admission/invalid"},
		"expired":            {line(keys[0], &late), "admission/invalid"},
		"of another network": {line(keys[0], &elsewhere), "admission/invalid"},
		"of no member":       {line(keys[0], &unknown), "admission/invalid"},
		"one bad among good": {good + line(keys[0], &forged), "admission/invalid"},
		"endless":            {strings.Repeat(" ", 1<<17), "admission/format"},
	} {
		if n, err := d.Engine.TakeAdmissions(c.text); codeOf(err) != c.code || n != 0 {
			t.Errorf("%s: %d, %v, want %s", name, n, err, c.code)
		}
		if v := d.Engine.Admission(); v.Grants+v.Devices != 0 || len(v.Asked) != 32 {
			t.Fatalf("%s changed the stock: %+v", name, v)
		}
	}
	// Lines of other people and empty ones do no harm beside good ones.
	if n, err := d.Engine.TakeAdmissions("\r\n" + signed(w.net, block.AdmitChain, []block.Key{stranger}) + strings.ReplaceAll(good, "\n", "\r\n\r\n")); n != 32 || err != nil {
		t.Fatalf("%d %v", n, err)
	}
}

func refusedFor(rows []folder.OutboxRow, reason string) bool {
	for _, r := range rows {
		if r.Reason == reason {
			return true
		}
	}
	return false
}

func notified(d *sim.Device, code string) bool {
	for _, n := range d.Engine.Notices() {
		if n.Code == code {
			return true
		}
	}
	return false
}

func codeOf(err error) string {
	var e *folder.Error
	if errors.As(err, &e) {
		return e.Code
	}
	return fmt.Sprint(err)
}
