package main

import (
	"bytes"
	"encoding/json"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/cryptotest"

	"github.com/anamnesis-health/anamnesis/relay/hub"
	"github.com/anamnesis-health/anamnesis/shared/govern"
	"github.com/anamnesis-health/anamnesis/shared/sim"
	"github.com/anamnesis-health/anamnesis/wasm/api"
)

const nowMS = 1_795_179_600_000

const origin = "http://127.0.0.1:8788"

type testWorld struct{ changes int }

func (w *testWorld) Now() int64 { return nowMS }
func (w *testWorld) Changed()   { w.changes++ }

func newTown(t testing.TB) *town {
	t.Helper()
	made, err := begin(&testWorld{}, origin)
	if err != nil {
		t.Fatal(err)
	}
	return made
}

// do is one call of the page, by the name it has there, and the turn after it.
func do[R any](t testing.TB, w *town, name string, args any) R {
	t.Helper()
	r, code := try[R](t, w, name, args)
	if code != "" {
		t.Fatalf("%s: %s", name, code)
	}
	return r
}

func try[R any](t testing.TB, w *town, name string, args any) (r R, code string) {
	t.Helper()
	a, err := json.Marshal(args)
	if err != nil {
		t.Fatal(err)
	}
	out, _, err := w.Call(name, a, nil)
	if err != nil {
		code, _ = codeOf(err)
		return r, code
	}
	if err := json.Unmarshal(out, &r); err != nil {
		t.Fatal(err)
	}
	for range 100 {
		if w.Tick() != 0 {
			return r, ""
		}
	}
	t.Fatal("never comes to rest")
	return r, ""
}

func all(t testing.TB, w *town) []api.TimelineItem {
	t.Helper()
	return do[api.Timeline](t, w, "patient:timeline", api.TimelineArgs{Limit: 100}).Items
}

func TestThePastIsWhatTheScreensPromise(t *testing.T) {
	w := newTown(t)
	items := all(t, w)
	if len(items) != 24 {
		t.Fatalf("%d records", len(items))
	}
	sections, standing := map[api.Section]int{}, map[string]int{}
	var a1c []string
	for _, it := range items {
		sections[it.Section]++
		standing[it.Standing]++
		if it.Delivery != "sent" || it.Failed != "" || it.Label == "" {
			t.Errorf("%+v", it)
		}
		args, _ := json.Marshal(api.RecordArgs{Record: it.Record})
		_, content, err := w.Call("patient:record.open", args, nil)
		if err != nil || len(content) == 0 {
			t.Errorf("%s does not open: %v", it.Label, err)
		}
		if p := do[api.Proof](t, w, "patient:proof.show", api.RecordArgs{Record: it.Record}); p.Failed != "" {
			t.Errorf("%s: %s failed", it.Label, p.Failed)
		}
		if it.Label == "HbA1c" {
			a1c = append(a1c, string(regexp.MustCompile(`"value": ([0-9.]+)`).FindSubmatch(content)[1]))
		}
	}
	if len(a1c) != 8 || !slices.IsSortedFunc(a1c, strings.Compare) { // newest first, so they rise: the sugar falls
		t.Errorf("HbA1c %v", a1c)
	}
	if standing["proposed"] != 1 || standing["accepted"] != 2 || sections[2] != 1 || sections[3] != 1 || sections[6] != 2 {
		t.Errorf("%v %v", standing, sections)
	}
	s := do[api.Status](t, w, "patient:status", api.Empty{})
	if s.NeedsYou != 1 || s.Saved != 0 || s.Link != api.LinkOnline || s.Name != "Amina Haddad" || len(s.Notices) != 0 {
		t.Errorf("%+v", s)
	}
	looked := do[api.Accesses](t, w, "patient:accesses", api.Empty{}).Accesses
	if len(looked) != 3 || looked[0].Reader != "Dr. Lin Wei" || looked[0].State != "given" || looked[2].Count != 16 {
		t.Errorf("%+v", looked)
	}
	grants := do[api.Grants](t, w, "patient:grants", api.Empty{}).Grants
	f := do[api.Folders](t, w, "clinician:folders", api.Empty{}).Folders
	if len(grants) != 1 || grants[0].State != "stopped" || len(f) != 1 || f[0].State != "stopped" {
		t.Errorf("%+v %+v", grants, f)
	}
	if n := w.world.(*testWorld).changes; n > 200 {
		t.Errorf("%d times told to look again", n)
	}
}

// TestThePictureIsTheSame holds what the page paints before the engine is there against the engine.
func TestThePictureIsTheSame(t *testing.T) {
	page, err := os.ReadFile("../../web/src/views/sample/shape.ts")
	if err != nil {
		t.Fatal(err)
	}
	rows := regexp.MustCompile(`\["(.+)", (?:"([0-9-]+)"|([0-9]+))\]`).FindAllStringSubmatch(string(page), -1)
	items := all(t, newTown(t))
	if len(rows) != len(items) {
		t.Fatalf("%d painted, %d there", len(rows), len(items))
	}
	for i, it := range items {
		days, _ := strconv.Atoi(rows[i][3])
		if rows[i][1] != it.Label || rows[i][2] != it.Date || it.Date == "" && int64(days) != (nowMS-it.Saved)/dayMS {
			t.Errorf("painted %q, there %s %s", rows[i][1:], it.Label, it.Date)
		}
	}
}

func TestEqualSeedsGiveEqualIDs(t *testing.T) {
	ids := func() (out []string) {
		cryptotest.SetGlobalRandom(t, 1) // age and HPKE draw their own
		w := newTown(t)
		for _, it := range all(t, w) {
			out = append(out, it.Record)
		}
		return append(out, w.network.Net().Hex())
	}
	if a, b := ids(), ids(); !slices.Equal(a, b) {
		t.Fatalf("%v\n%v", a, b)
	}
}

func TestItsBlocksAreWorthNothingElsewhere(t *testing.T) {
	w := newTown(t)
	bad := func(n *govern.Network) (read int, refused map[uint64]bool) {
		refused = map[uint64]bool{}
		read, err := hub.Audit(n.Net(), w.store, func(at uint64, _ error) { refused[at] = true })
		if err != nil {
			t.Fatal(err)
		}
		return read, refused
	}
	if read, refused := bad(w.network); read < 30 || len(refused) != 0 {
		t.Fatalf("%d of %d blocks are not even good at home", len(refused), read)
	}
	other, err := sim.NewNetwork(origin, nowMS/1000)
	if err != nil {
		t.Fatal(err)
	}
	if read, refused := bad(other); len(refused) != read {
		t.Errorf("another network takes %d of %d blocks", read-len(refused), read)
	}
	p := &person{disk: w.before.clone(), town: w}
	if _, err := api.New(p, other.Bytes(), origin); err == nil {
		t.Error("a core of another network took the disk")
	} else if code, _ := codeOf(err); code != "storage/format" {
		t.Error(err)
	}
}

// TestTheFirstTwoMinutes is the script of the page: share, open, prescribe, accept, stop.
func TestTheFirstTwoMinutes(t *testing.T) {
	w := newTown(t)
	shown := do[api.MeetState](t, w, "patient:meet.start", api.GrantTerms{Sections: []api.Section{1}, Hours: 1, CanWrite: true})
	do[api.MeetState](t, w, "clinician:meet.join", api.MeetJoinArgs{Code: shown.Invite.Digits})
	a, b := do[api.MeetState](t, w, "patient:meet.state", api.Empty{}), do[api.MeetState](t, w, "clinician:meet.state", api.Empty{})
	if a.Step != "compare" || b.Step != "compare" || a.Digits != b.Digits || len(a.Digits) != 12 {
		t.Fatalf("%+v %+v", a, b)
	}
	do[api.MeetState](t, w, "clinician:meet.confirm", api.Empty{})
	do[api.MeetState](t, w, "patient:meet.confirm", api.Empty{})
	f := do[api.Folders](t, w, "clinician:folders", api.Empty{}).Folders[0]
	if f.State != "active" || f.Unopened == 0 {
		t.Fatalf("%+v", f)
	}
	listed := []string{}
	for _, it := range do[api.Timeline](t, w, "clinician:timeline", api.TimelineArgs{Folder: f.ID, Limit: 50}).Items {
		if !it.Opened {
			listed = append(listed, it.Record)
		}
	}
	do[api.AccessRef](t, w, "clinician:access.ask", api.AskArgs{Folder: f.ID, Records: listed, Reason: "visit"})
	if f = do[api.Folders](t, w, "clinician:folders", api.Empty{}).Folders[0]; f.Unopened != 0 {
		t.Fatalf("%+v", f)
	}
	if n := len(do[api.Accesses](t, w, "patient:accesses", api.Empty{}).Accesses); n != 4 {
		t.Fatalf("who looked has %d rows", n)
	}
	ref := do[api.RecordRef](t, w, "clinician:note.write", api.NoteWriteArgs{Folder: f.ID, Section: 1, Text: "Metformin"})
	if s := do[api.Status](t, w, "patient:status", api.Empty{}); s.NeedsYou != 2 {
		t.Fatalf("%+v", s)
	}
	do[api.RecordRef](t, w, "patient:verdict", api.VerdictArgs{Record: ref.Record, Verdict: "accept"})
	grants := do[api.Grants](t, w, "patient:grants", api.Empty{}).Grants
	do[api.Empty](t, w, "patient:grant.stop", api.GrantArgs{Grant: grants[0].ID})
	if f = do[api.Folders](t, w, "clinician:folders", api.Empty{}).Folders[0]; f.State != "stopped" || f.StoppedAt == 0 {
		t.Fatalf("%+v", f)
	}
	if _, code := try[api.Record](t, w, "clinician:record.open", api.RecordArgs{Folder: f.ID, Record: ref.Record}); code == "" {
		t.Fatal("a record opened after sharing stopped")
	}
}

func TestTricksAreCaughtWhereTheyAreDone(t *testing.T) {
	w := newTown(t)
	if !bytes.Contains(amina, number) {
		t.Fatal("the number to edit is not in the Bundle")
	}
	live := w.person(patient).disk.clone()
	want := map[string]string{trickEdit: "payload", trickSwap: "signature", trickHide: "complete", trickFalse: ""}
	for trick, step := range want {
		r := do[cheatResult](t, w, "sample:cheat", cheatArgs{trick})
		if r.Record == "" || r.Proof.Failed != step {
			t.Errorf("%s: %q failed, want %q: %+v", trick, r.Proof.Failed, step, r.Proof.Steps)
		}
		failed := 0
		for _, s := range r.Proof.Steps {
			if s.State == "failed" {
				failed++
			}
		}
		if (failed == 1) != (step != "") || failed > 1 {
			t.Errorf("%s: %d steps failed", trick, failed)
		}
		if step != "" && (r.Proof.Name != "" || r.Proof.Item.Label != "") {
			t.Errorf("%s: a broken record is still said to be of %q: %q", trick, r.Proof.Name, r.Proof.Item.Label)
		}
		back := do[cheatResult](t, w, "sample:cheat", cheatArgs{trickUndo})
		if back.Proof.Failed != "" || (back.Record == "") != (trick == trickFalse) || back.Record != "" && back.Record != r.Record {
			t.Errorf("after undoing %s: %+v", trick, back)
		}
	}
	if len(all(t, w)) != 24 {
		t.Error("a trick reached the folder itself")
	}
	for n, b := range live.segments {
		if !bytes.HasPrefix(w.person(patient).segments[n], b) {
			t.Error("a trick changed the folder's own disk")
		}
	}
}

// TestTheLieIsSignedAndNothingElse: what is false is found by nobody, and the copy it stands on is the only place.
func TestTheLieIsSignedAndNothingElse(t *testing.T) {
	w := newTown(t)
	r := do[cheatResult](t, w, "sample:cheat", cheatArgs{trickFalse})
	if r.After != lie || r.Proof.Item.Author != "Amina Haddad" {
		t.Fatalf("%+v", r)
	}
	for _, s := range r.Proof.Steps {
		if s.Name != "final" && s.State != "ok" {
			t.Errorf("%+v", s)
		}
	}
	if _, code := try[api.Record](t, w, "patient:record.open", api.RecordArgs{Record: r.Record}); code == "" {
		t.Error("the lie is in the folder")
	}
}

func TestCallsThatNobodyAnswers(t *testing.T) {
	w := newTown(t)
	for name, want := range map[string]string{
		"status": "core/method", "nobody:status": "core/method", "patient:no.such": "core/method", "sample:no.such": "core/method", "": "core/method",
	} {
		if _, code := try[api.Empty](t, w, name, api.Empty{}); code != want {
			t.Errorf("%q answers %q", name, code)
		}
	}
	for _, args := range []any{cheatArgs{""}, cheatArgs{"no such trick"}, []int{1}, map[string]int{"trick": 1}} {
		if _, code := try[cheatResult](t, w, "sample:cheat", args); code != "core/arguments" {
			t.Errorf("%v answers %q", args, code)
		}
	}
}

// TestWhatTheRelaySendsAwayWorksOnAlone: no frame reaches a connection that is gone.
func TestWhatTheRelaySendsAwayWorksOnAlone(t *testing.T) {
	w := newTown(t)
	w.Drop(1, "test")
	do[api.RecordRef](t, w, "patient:note.write", api.NoteWriteArgs{Section: 1, Text: "alone"})
	if s := do[api.Status](t, w, "patient:status", api.Empty{}); s.Link != api.LinkOffline || s.Saved != 1 {
		t.Fatalf("%+v", s)
	}
}

func BenchmarkBegin(b *testing.B) {
	for range b.N {
		newTown(b)
	}
}
