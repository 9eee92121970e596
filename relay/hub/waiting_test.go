package hub_test

import (
	"strings"
	"testing"
	"time"

	"github.com/anamnesis-health/anamnesis/shared/folder"
	"github.com/anamnesis-health/anamnesis/shared/gossip"
	"github.com/anamnesis-health/anamnesis/shared/sim"
)

func week() folder.Terms {
	return folder.Terms{Sections: []uint8{1}, LastsMS: 7 * day, CanWrite: true, Purpose: "second opinion"}
}

// waiting is the one link of a device.
func waiting(t testing.TB, d *sim.Device) folder.MeetView {
	t.Helper()
	list, err := d.Engine.WaitingLinks()
	if err != nil || len(list) != 1 {
		t.Fatalf("waiting links: %+v, %v", list, err)
	}
	return list[0]
}

func (w *town) restart(d *sim.Device) {
	w.t.Helper()
	w.disconnect(d)
	w.must(d.Restart())
	w.must(d.Engine.Unlock([]byte(passphrase)))
}

// pass lets time go by for the relay, and for devices, which may be offline.
func (w *town) pass(d time.Duration, devices ...*sim.Device) {
	w.now = w.now.Add(d)
	for _, each := range devices {
		each.ClockMS = w.now.UnixMilli()
	}
}

func (w *town) open(d *sim.Device, code string) {
	w.t.Helper()
	w.must(d.Engine.JoinMeeting(code))
	w.settle()
	w.wait(d, 2_000)
}

// TestWaitingLink: the owner makes a link and goes; the reader opens it a day later and goes; both restart, compare by
// phone, and what was chosen at first is what is given.
func TestWaitingLink(t *testing.T) {
	w := newTown(t)
	amina, _ := w.patient(1, "Amina Haddad")
	lin := w.reader(2, "Dr. Lin Wei")
	w.connect(amina)
	w.importFile(amina, bundle(3))
	invite, err := amina.Engine.StartWaiting(week())
	w.must(err)
	w.settle()
	if v := waiting(t, amina); v.Step != "waiting" || v.Invite.Path != invite.Path || v.Until != w.now.UnixMilli()+7*day {
		t.Fatalf("made: %+v", v)
	}
	w.restart(amina)
	if v := waiting(t, amina); v.Step != "waiting" || v.Invite.Path != invite.Path {
		t.Fatalf("after a restart: %+v", v)
	}

	w.pass(24*time.Hour, amina, lin)
	w.connect(lin)
	w.open(lin, "https://anamnesis.example/"+invite.Path)
	if v := waiting(t, lin); v.Step != "waiting" || v.Name != "" {
		t.Fatalf("the reader's side: %+v", v)
	}
	if m := lin.Engine.Meeting(); !m.Link || m.Step != "waiting" {
		t.Fatalf("on the reader's screen: %+v", m)
	}
	w.restart(lin)
	if lin.Engine.Meeting().Step != "none" || waiting(t, lin).Step != "waiting" {
		t.Fatal("the reader's side is gone after a restart")
	}

	w.pass(24*time.Hour, amina, lin)
	w.connect(amina)
	w.settle()
	v := waiting(t, amina)
	if v.Step != "compare" || v.Name != "Dr. Lin Wei" || !v.Guest || amina.Engine.NeedsYou() != 1 {
		t.Fatalf("the owner: %+v, %d need you", v, amina.Engine.NeedsYou())
	}
	w.restart(amina)
	if again := waiting(t, amina); again.Step != "compare" || again.Digits != v.Digits {
		t.Fatalf("offline, after a restart: %+v", again)
	}
	w.connect(amina)
	w.must(amina.Engine.ConfirmWaiting(v.Room))
	w.restart(amina)
	if s := waiting(t, amina).Step; s != "confirmed" {
		t.Fatalf("confirmed, then restarted: %s", s)
	}
	w.connect(amina)

	w.connect(lin)
	w.settle()
	r := waiting(t, lin)
	if r.Step != "compare" || r.Digits != v.Digits || r.Name != "Amina Haddad" || lin.Engine.NeedsYou() != 1 {
		t.Fatalf("the second visit: %+v", r)
	}
	w.must(lin.Engine.ConfirmWaiting(r.Room))
	w.settle()
	w.wait(amina, 6_000)
	w.wait(lin, 3_000)
	if a, b := waiting(t, amina).Step, waiting(t, lin).Step; a != "done" || b != "done" {
		t.Fatalf("met: %s and %s", a, b)
	}
	f := only(t, lin)
	if f.State != "active" || f.Unopened != 3 || f.UntilMS/1000 != (w.now.UnixMilli()+7*day)/1000 && f.UntilMS > w.now.UnixMilli()+7*day {
		t.Fatalf("given: %+v", f)
	}
	grants, err := amina.Engine.Grants()
	w.must(err)
	if len(grants) != 1 || grants[0].Purpose != "second opinion" || !grants[0].CanWrite || grants[0].UntilMS < w.now.UnixMilli()+6*day {
		t.Fatalf("granted: %+v", grants)
	}
	w.restart(lin)
	if waiting(t, lin).Step != "done" || len(only(t, lin).Name) == 0 {
		t.Fatal("forgotten after a restart")
	}
	w.must(lin.Engine.EndWaiting(r.Room, folder.EndLeft))
	w.must(amina.Engine.EndWaiting(v.Room, folder.EndLeft)) // puts it away: what is done stays done
	if grants, _ := amina.Engine.Grants(); grants[0].State != "active" {
		t.Fatalf("putting the link away ended the sharing: %+v", grants)
	}
	if list, _ := amina.Engine.WaitingLinks(); len(list) != 0 {
		t.Fatalf("still there: %+v", list)
	}
}

// TestAttackA36ForwardedLink: whoever opens a link second posts nothing, is told, and disturbs nobody; whoever opens
// it first is not the person on the phone, and gets nothing after No match.
func TestAttackA36ForwardedLink(t *testing.T) {
	w := newTown(t)
	amina, _ := w.patient(1, "Amina")
	lin := w.reader(2, "Dr. Lin")
	eve := w.reader(3, "Dr. Lin") // she says the same name
	for _, d := range []*sim.Device{amina, lin, eve} {
		w.connect(d)
	}
	invite, err := amina.Engine.StartWaiting(week())
	w.must(err)
	w.settle()
	w.open(lin, invite.Path)
	w.open(eve, invite.Path)
	if m := eve.Engine.Meeting(); m.Step != "failed" || m.Code != folder.CodeMeetUsed {
		t.Fatalf("the second: %+v", m)
	}
	if list, _ := eve.Engine.WaitingLinks(); len(list) != 0 {
		t.Fatalf("it waits: %+v", list)
	}
	if a, b := waiting(t, amina), waiting(t, lin); a.Step != "compare" || b.Step != "compare" || a.Digits != b.Digits {
		t.Fatalf("the two are disturbed: %+v, %+v", a, b)
	}

	second, err := amina.Engine.StartWaiting(week())
	w.must(err)
	w.settle()
	eve.Engine.MeetRefuse()
	w.open(eve, second.Path)
	list, err := amina.Engine.WaitingLinks()
	w.must(err)
	if len(list) != 2 || list[0].Step != "compare" {
		t.Fatalf("%+v", list)
	}
	w.must(eve.Engine.ConfirmWaiting(list[0].Room))
	w.settle()
	if grants, _ := amina.Engine.Grants(); len(grants) != 0 {
		t.Fatal("granted before the owner compared")
	}
	w.must(amina.Engine.EndWaiting(list[0].Room, folder.EndNoMatch)) // the digits on the phone were others
	w.settle()
	if v := waiting(t, eve); v.Step != "refused" || v.Code != "meet/no-match" {
		t.Fatalf("the reader is not told: %+v", v)
	}
	if err := amina.Engine.ConfirmWaiting(list[0].Room); err == nil {
		t.Fatal("confirmed after No match")
	}
	if grants, _ := amina.Engine.Grants(); len(grants) != 0 {
		t.Fatalf("granted: %+v", grants)
	}
}

// TestAttackA36LinkTakenBack: after Take it back nobody gets further, also when the owner was offline then.
func TestAttackA36LinkTakenBack(t *testing.T) {
	w := newTown(t)
	amina, _ := w.patient(1, "Amina")
	lin, late := w.reader(2, "Dr. Lin"), w.reader(3, "Dr. Late")
	w.connect(amina)
	w.connect(lin)
	w.connect(late)
	invite, err := amina.Engine.StartWaiting(week())
	w.must(err)
	w.settle()
	w.open(lin, invite.Path)
	room := waiting(t, amina).Room
	w.disconnect(amina)
	w.must(amina.Engine.EndWaiting(room, folder.EndLeft))
	w.restart(amina)
	w.connect(amina)
	w.settle()
	if v := waiting(t, lin); v.Step != "refused" || v.Code != "meet/left" {
		t.Fatalf("the reader is not told: %+v", v)
	}
	w.open(late, invite.Path)
	if m := late.Engine.Meeting(); m.Step != "refused" && m.Step != "failed" {
		t.Fatalf("a later reader: %+v", m)
	}
	if list, _ := amina.Engine.WaitingLinks(); len(list) != 0 {
		t.Fatalf("it is still listed: %+v", list)
	}
	if grants, _ := amina.Engine.Grants(); len(grants) != 0 {
		t.Fatalf("granted: %+v", grants)
	}
}

// TestWaitingLinkEndsAfterSevenDays on both devices and at the relay.
func TestWaitingLinkEndsAfterSevenDays(t *testing.T) {
	w := newTown(t)
	amina, _ := w.patient(1, "Amina")
	lin, late := w.reader(2, "Dr. Lin"), w.reader(3, "Dr. Late")
	w.connect(amina)
	w.connect(lin)
	invite, err := amina.Engine.StartWaiting(week())
	w.must(err)
	w.settle()
	w.open(lin, invite.Path)
	w.disconnect(amina)
	w.disconnect(lin)
	w.pass(7*24*time.Hour+time.Second, amina, lin, late)
	w.must(w.hub.Tick(w.outside()))
	w.restart(amina)
	w.connect(amina)
	w.wait(amina, 1_000)
	v := waiting(t, amina)
	if v.Step != "expired" {
		t.Fatalf("the owner: %+v", v)
	}
	if err := amina.Engine.ConfirmWaiting(v.Room); err == nil {
		t.Fatal("confirmed after the end")
	}
	w.connect(late)
	w.open(late, invite.Path)
	w.wait(late, 31_000)
	if m := late.Engine.Meeting(); m.Step != "noone" && m.Step != "refused" {
		t.Fatalf("a reader after the end: %+v", m)
	}
	w.pass(26*time.Hour, amina)
	w.restart(amina)
	if list, _ := amina.Engine.WaitingLinks(); len(list) != 0 {
		t.Fatalf("days later: %+v", list)
	}
}

// TestAttackA18WaitingPosts: a relay that replays, moves or invents posts of a waiting room gets no comparison through.
func TestAttackA18WaitingPosts(t *testing.T) {
	for name, bend := range map[string]func(m *gossip.Meet, seen map[uint8][]byte){
		"another body":           func(m *gossip.Meet, _ map[uint8][]byte) { m.Body[5] ^= 1 },
		"the body of the hello":  func(m *gossip.Meet, seen map[uint8][]byte) { m.Body = seen[11] },
		"moved into another day": func(m *gossip.Meet, _ map[uint8][]byte) { m.Slot -= 8 },
		"an end of its own":      func(m *gossip.Meet, _ map[uint8][]byte) { m.Slot = 15 },
		"nothing":                func(m *gossip.Meet, _ map[uint8][]byte) { m.Body = []byte{} },
	} {
		w := newTown(t)
		amina, _ := w.patient(1, "Amina")
		lin := w.reader(2, "Dr. Lin")
		w.connect(amina)
		w.connect(lin)
		fired := 0
		seen := map[uint8][]byte{11: make([]byte, 4096)}
		w.tamper = func(to *sim.Device, frame []byte) []byte {
			m, err := gossip.Parse(frame)
			post, ok := m.(*gossip.Meet)
			if err != nil || !ok || to != amina || post.Slot != 9 {
				return frame
			}
			fired++
			bend(post, seen)
			return gossip.Frame(post)
		}
		invite, err := amina.Engine.StartWaiting(week())
		w.must(err)
		w.settle()
		w.open(lin, invite.Path)
		if v := waiting(t, amina); fired == 0 || v.Step == "compare" || v.Step == "done" {
			t.Fatalf("%s: fired %d times, %+v", name, fired, v)
		}
		if grants, _ := amina.Engine.Grants(); len(grants) != 0 {
			t.Fatalf("%s: granted %+v", name, grants)
		}
	}
}

// TestSixteenLinksWait: one more is refused; taking one back makes room.
func TestSixteenLinksWait(t *testing.T) {
	w := newTown(t)
	amina, _ := w.patient(1, "Amina")
	for range 16 {
		_, err := amina.Engine.StartWaiting(week())
		w.must(err)
	}
	_, err := amina.Engine.StartWaiting(week())
	if codeOf(err) != "meet/links" {
		t.Fatalf("a seventeenth: %v", err)
	}
	list, err := amina.Engine.WaitingLinks()
	w.must(err)
	w.must(amina.Engine.EndWaiting(list[3].Room, folder.EndLeft))
	_, err = amina.Engine.StartWaiting(week())
	w.must(err)
}

// TestFaceToFaceSurvivesAReload of either side between any two steps.
func TestFaceToFaceSurvivesAReload(t *testing.T) {
	w := newTown(t)
	amina, _ := w.patient(1, "Amina")
	lin := w.reader(2, "Dr. Lin")
	w.connect(amina)
	w.connect(lin)
	invite, err := amina.Engine.StartMeeting(week())
	w.must(err)
	w.settle()
	w.restart(amina)
	if m := amina.Engine.Meeting(); m.Step != "waiting" || m.Invite.Digits != invite.Digits || m.Until != invite.UntilMS {
		t.Fatalf("reloaded: %+v", m)
	}
	w.connect(amina)
	w.must(lin.Engine.JoinMeeting(strings.Join(invite.Words, " ")))
	w.settle()
	w.restart(lin)
	w.connect(lin)
	w.settle()
	a, b := amina.Engine.Meeting(), lin.Engine.Meeting()
	if a.Step != "compare" || b.Step != "compare" || a.Digits != b.Digits {
		t.Fatalf("comparing: %+v and %+v", a, b)
	}
	w.must(lin.Engine.MeetConfirm())
	w.settle()
	w.restart(lin)
	w.must(amina.Engine.MeetConfirm())
	w.settle()
	w.restart(amina)
	w.connect(amina)
	w.connect(lin)
	w.settle()
	w.wait(amina, 6_000)
	w.wait(lin, 3_000)
	if m := lin.Engine.Meeting(); m.Step != "done" || only(t, lin).State != "active" {
		t.Fatalf("met: %+v", m)
	}
}

// TestSharingAgainReplaces: a second grant to the same reader's device ends the first, and the owner is told before.
func TestSharingAgainReplaces(t *testing.T) {
	w := newTown(t)
	amina, _ := w.patient(1, "Amina")
	lin, other := w.reader(2, "Dr. Lin"), w.reader(3, "Dr. Other")
	for _, d := range []*sim.Device{amina, lin, other} {
		w.connect(d)
	}
	w.importFile(amina, bundle(2))
	w.meetWith(amina, other, week())
	w.meetWith(amina, lin, week())
	first := only(t, lin)
	invite, err := amina.Engine.StartMeeting(folder.Terms{Sections: []uint8{1, 2}, LastsMS: day})
	w.must(err)
	w.settle()
	w.must(lin.Engine.JoinMeeting(invite.Digits))
	w.settle()
	if m := amina.Engine.Meeting(); m.Replaces == nil || m.Replaces.Chain != first.Grant {
		t.Fatalf("the owner is not told: %+v", m)
	}
	w.must(lin.Engine.MeetConfirm())
	w.settle()
	w.must(amina.Engine.MeetConfirm())
	w.settle()
	w.wait(amina, 6_000)
	w.wait(lin, 3_000)
	now := only(t, lin)
	if now.State != "active" || now.Grant == first.Grant || now.CanWrite {
		t.Fatalf("the reader has %+v", now)
	}
	states := map[string]int{}
	grants, err := amina.Engine.Grants()
	w.must(err)
	for _, g := range grants {
		states[g.State]++
	}
	if states["active"] != 2 || states["stopped"] != 1 || grants[0].State != "active" {
		t.Fatalf("the owner has %+v", grants)
	}
	w.restart(lin)
	if f := only(t, lin); f.State != "active" || f.Grant != now.Grant {
		t.Fatalf("after a restart: %+v", f)
	}
}
