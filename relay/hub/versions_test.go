package hub_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/anamnesis-health/anamnesis/shared/block"
	"github.com/anamnesis-health/anamnesis/shared/folder"
	"github.com/anamnesis-health/anamnesis/shared/record"
	"github.com/anamnesis-health/anamnesis/shared/sim"
)

func weight(kg, day string) []byte {
	return []byte(`{"resourceType":"Observation","status":"final","code":{"text":"Poids élevé"},"effectiveDateTime":"` + day +
		`","valueQuantity":{"value":` + kg + `,"unit":"kg"}}`)
}

func (w *town) add(d *sim.Device, id folder.ID, draft folder.Draft) block.ID {
	w.t.Helper()
	rec, err := d.Engine.Add(id, draft)
	w.must(err)
	w.settle()
	return rec
}

// line gives a record as a list shows it, hidden ones too.
func (w *town) line(d *sim.Device, id folder.ID, rec block.ID) folder.Item {
	w.t.Helper()
	for _, show := range []string{"", "hidden"} {
		items, _, err := d.Engine.Timeline(id, folder.Query{Show: show, Limit: 500})
		w.must(err)
		for _, it := range items {
			if it.ID == rec {
				return it
			}
		}
	}
	w.t.Fatalf("record %s has no line", rec)
	return folder.Item{}
}

func total(t *testing.T, d *sim.Device, q folder.Query) int {
	t.Helper()
	_, n, err := d.Engine.Timeline(folder.Own, q)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// TestNewerVersion: an owner's correction replaces at once, nothing is overwritten, and all of it survives a restart.
func TestNewerVersion(t *testing.T) {
	w := newTown(t)
	amina, _ := w.patient(1, "Amina")
	w.connect(amina)
	old := w.add(amina, folder.Own, folder.Draft{Kind: record.FHIR, Section: 1, Content: weight("725", "2026-03-04")})
	next := w.add(amina, folder.Own, folder.Draft{Kind: record.FHIR, Content: weight("72.50", "2020-01-01"), Refs: []block.ID{old}, Amends: true})
	check := func() {
		t.Helper()
		was, is := w.line(amina, folder.Own, old), w.line(amina, folder.Own, next)
		if len(was.AmendedBy) != 1 || was.AmendedBy[0] != next || was.Conflict || !is.Amends || len(is.AmendedBy) != 0 || is.Section != 1 || is.Origin != "you" {
			t.Fatalf("%+v\n%+v", was, is)
		}
		items, _, _ := amina.Engine.Timeline(folder.Own, folder.Query{Limit: 2})
		if items[0].ID != next { // links, then time: its own date is years older
			t.Fatal("the newer version stands below the old one")
		}
		o, err := amina.Engine.OpenRecord(folder.Own, old)
		if err != nil || !bytes.Equal(o.Content, weight("725", "2026-03-04")) {
			t.Fatalf("the old version: %v", err)
		}
		o, err = amina.Engine.OpenRecord(folder.Own, next)
		if err != nil || o.MediaType != "application/fhir+json" {
			t.Fatalf("the new version: %v, %+v", err, o)
		}
	}
	check()
	w.must(amina.Restart())
	w.must(amina.Engine.Unlock([]byte(passphrase)))
	check()
	links, err := amina.Engine.Links(folder.Own, old)
	if err != nil || len(links) != 1 || links[0].How != "amendedBy" {
		t.Fatalf("%+v, %v", links, err)
	}
}

// TestAmendRefused: a newer version is of opened records, of one kind, type and section, and an owner's own.
func TestAmendRefused(t *testing.T) {
	w := newTown(t)
	amina, lin := w.pair(1)
	id := only(t, lin).ID
	own := w.add(amina, folder.Own, folder.Draft{Kind: record.FHIR, Section: 1, Content: weight("70", "2026-03-04")})
	note := w.add(amina, folder.Own, folder.Draft{Kind: record.Note, Section: 2, Content: []byte("a note")})
	theirs := w.add(lin, id, folder.Draft{Kind: record.Note, Section: 1, Content: []byte("signed by Lin")})
	bundle := []byte(`{"resourceType":"Bundle","type":"collection","entry":[]}`)
	condition := []byte(`{"resourceType":"Condition"}`)
	for _, c := range []struct {
		name, code string
		d          *sim.Device
		in         folder.ID
		draft      folder.Draft
	}{
		{"of nothing", "amend/unknown", amina, folder.Own, folder.Draft{Kind: record.Note, Content: []byte("x"), Amends: true}},
		{"of no such record", "amend/unknown", amina, folder.Own, folder.Draft{Kind: record.Note, Content: []byte("x"), Amends: true, Refs: []block.ID{{1}}}},
		{"of another kind", "amend/kind", amina, folder.Own, folder.Draft{Kind: record.Note, Content: []byte("x"), Amends: true, Refs: []block.ID{own}}},
		{"of another type", "amend/kind", amina, folder.Own, folder.Draft{Kind: record.FHIR, Content: condition, Amends: true, Refs: []block.ID{own}}},
		{"of what somebody else signed", "amend/author", amina, folder.Own, folder.Draft{Kind: record.Note, Content: []byte("x"), Amends: true, Refs: []block.ID{theirs}}},
		{"not opened by its reader", "amend/unknown", lin, id, folder.Draft{Kind: record.FHIR, Content: weight("1", "2026-01-01"), Amends: true, Refs: []block.ID{own}}},
		{"of another section's", "amend/unknown", lin, id, folder.Draft{Kind: record.Note, Content: []byte("x"), Amends: true, Refs: []block.ID{note}}},
		{"a bundle", "write/bundle", amina, folder.Own, folder.Draft{Kind: record.FHIR, Section: 1, Content: bundle}},
		{"no FHIR", "import/not-fhir", amina, folder.Own, folder.Draft{Kind: record.FHIR, Section: 1, Content: []byte(`{}`)}},
		{"no JSON", "import/json", amina, folder.Own, folder.Draft{Kind: record.FHIR, Section: 1, Content: []byte(`{"resourceType":`)}},
		{"an empty note", "note/length", amina, folder.Own, folder.Draft{Kind: record.Note, Section: 1}},
		{"a note that is no text", "note/length", amina, folder.Own, folder.Draft{Kind: record.Note, Section: 1, Content: []byte{0xff}}},
		{"a verdict", "write/kind", amina, folder.Own, folder.Draft{Kind: record.Verdict, Section: 1, Content: []byte{0x92, 1, 0xa0}}},
		{"too large for a reader", "write/too-large", lin, id, folder.Draft{Kind: record.FHIR, Section: 1, Content: []byte(`{"resourceType":"Basic","x":"` + strings.Repeat("x", 13<<10) + `"}`)}},
	} {
		if _, err := c.d.Engine.Add(c.in, c.draft); codeOf(err) != c.code {
			t.Errorf("%s: %v, want %s", c.name, err, c.code)
		}
	}
}

// TestProposedChange: a clinician's correction waits for the owner's word, and counts for every reader once it is given.
func TestProposedChange(t *testing.T) {
	w := newTown(t)
	amina, lin := w.pair(1)
	id := only(t, lin).ID
	old := w.add(amina, folder.Own, folder.Draft{Kind: record.FHIR, Section: 1, Content: weight("725", "2026-03-04")})
	_, _, err := lin.AskAll(id, "visit", "")
	w.must(err)
	w.settle()
	next := w.add(lin, id, folder.Draft{Kind: record.FHIR, Content: weight("72.5", "2026-03-04"), Refs: []block.ID{old}, Amends: true})
	if was := w.line(amina, folder.Own, old); len(was.AmendedBy) != 0 || len(was.Changes) != 1 || was.Changes[0] != next {
		t.Fatalf("proposed: %+v", was)
	}
	if n := amina.Engine.NeedsYou(); n != 1 {
		t.Fatalf("%d things need the owner", n)
	}
	_, err = amina.Engine.Verdict(next, record.Accept, "")
	w.must(err)
	w.settle()
	if was := w.line(amina, folder.Own, old); len(was.AmendedBy) != 1 || len(was.Changes) != 0 {
		t.Fatalf("accepted: %+v", was)
	}
	_, _, err = lin.AskAll(id, "visit", "") // the verdict is a record too
	w.must(err)
	w.settle()
	if was := w.line(lin, id, old); len(was.AmendedBy) != 1 {
		t.Fatalf("accepted, as the reader sees it: %+v", was)
	}
	_, err = amina.Engine.Verdict(next, record.Dispute, "it was 725")
	w.must(err)
	if was := w.line(amina, folder.Own, old); len(was.AmendedBy) != 0 || len(was.Changes) != 0 {
		t.Fatalf("disputed: %+v", was)
	}
}

// TestTwoVersions: two corrections of one record stand beside each other until a person chooses; the choice can be taken back.
func TestTwoVersions(t *testing.T) {
	w := newTown(t)
	amina, _ := w.patient(1, "Amina")
	w.connect(amina)
	note := func(text string, refs ...block.ID) block.ID {
		return w.add(amina, folder.Own, folder.Draft{Kind: record.Note, Section: 1, Content: []byte(text), Refs: refs, Amends: len(refs) > 0})
	}
	old := note("slept")
	one, two := note("slept well", old), note("slept badly", old)
	if was := w.line(amina, folder.Own, old); !was.Conflict || len(was.AmendedBy) != 2 {
		t.Fatalf("%+v", was)
	}
	_, err := amina.Engine.Verdict(two, record.Dispute, "Another version was chosen.")
	w.must(err)
	if was := w.line(amina, folder.Own, old); was.Conflict || len(was.AmendedBy) != 1 || was.AmendedBy[0] != one {
		t.Fatalf("chosen: %+v", was)
	}
	if it := w.line(amina, folder.Own, two); it.Standing != "disputed" || it.Reason == "" {
		t.Fatalf("not chosen, and kept: %+v", it)
	}
	_, err = amina.Engine.Verdict(two, record.Withdraw, "")
	w.must(err)
	if was := w.line(amina, folder.Own, old); !was.Conflict {
		t.Fatalf("taken back: %+v", was)
	}
	note("slept so-so", one, two)
	if was := w.line(amina, folder.Own, old); was.Conflict {
		t.Fatalf("both replaced by a third: %+v", was)
	}
	answer, err := amina.Engine.WriteNote(folder.Own, 1, "why?", []block.ID{old})
	w.must(err)
	if it := w.line(amina, folder.Own, answer); it.Amends {
		t.Fatal("an answer is no newer version")
	}
}

// TestHide: what an owner hides leaves the own list alone: exports and readers still have it, and it comes back.
func TestHide(t *testing.T) {
	w := newTown(t)
	amina, lin := w.pair(2)
	id := only(t, lin).ID
	items, _, err := amina.Engine.Timeline(folder.Own, folder.Query{Limit: 9})
	w.must(err)
	rec := items[0].ID
	_, _, err = lin.AskAll(id, "visit", "")
	w.must(err)
	w.settle()
	before := total(t, amina, folder.Query{Limit: 1})
	w.must(amina.Engine.Hide([]block.ID{rec, rec}, true))
	w.settle()
	hidden := func() {
		t.Helper()
		page, err := amina.Engine.Find(folder.Own, folder.Query{Limit: 9})
		w.must(err)
		if page.Total != before-1 || page.Hidden != 1 || total(t, amina, folder.Query{Show: "hidden", Limit: 1}) != 1 || !w.line(amina, folder.Own, rec).Hidden {
			t.Fatalf("%+v", page)
		}
	}
	hidden()
	w.must(amina.Restart())
	w.must(amina.Engine.Unlock([]byte(passphrase)))
	hidden()
	if it := w.line(lin, id, rec); it.Hidden || !it.Opened {
		t.Fatalf("the reader's view: %+v", it)
	}
	tarball, _, err := amina.Engine.SealedCopy()
	if err != nil || !bytes.Contains(tarball, []byte(rec.Hex())) {
		t.Fatalf("a hidden record is missing from the copy: %v", err)
	}
	w.must(amina.Engine.Hide([]block.ID{rec}, false))
	if n := total(t, amina, folder.Query{Limit: 1}); n != before {
		t.Fatalf("%d lines, want %d", n, before)
	}
	if err := amina.Engine.Hide([]block.ID{{9}}, true); codeOf(err) != "record/unknown" {
		t.Fatalf("an unknown record: %v", err)
	}
	if err := amina.Engine.Hide(nil, true); err == nil {
		t.Fatal("hid nothing")
	}
	if err := lin.Engine.Hide([]block.ID{rec}, true); codeOf(err) != "folder/none" {
		t.Fatalf("a reader hides: %v", err)
	}
}

// TestFind: words are found as people type them, filters narrow, and where nothing matches the kinds that are there are named.
func TestFind(t *testing.T) {
	w := newTown(t)
	amina, _ := w.patient(1, "Amina")
	w.connect(amina)
	w.add(amina, folder.Own, folder.Draft{Kind: record.FHIR, Section: 1, Content: weight("70", "2024-02-29")})
	w.add(amina, folder.Own, folder.Draft{Kind: record.FHIR, Section: 2, Content: weight("71", "2025")})
	w.add(amina, folder.Own, folder.Draft{Kind: record.Note, Section: 1, Content: []byte("أَلَم في الرُّكْبَة ٣٧\nstill there")})
	for _, c := range []struct {
		q    folder.Query
		want int
	}{
		{folder.Query{Text: "POIDS eleve"}, 2},
		{folder.Query{Text: "e\u0301leve\u0301"}, 2},
		{folder.Query{Text: "poids nothing"}, 0},
		{folder.Query{Text: "الم ركبه"}, 1},
		{folder.Query{Text: "37 still"}, 1},
		{folder.Query{Kind: "Observation"}, 2},
		{folder.Query{Kind: "note"}, 1},
		{folder.Query{Kind: "Condition"}, 0},
		{folder.Query{Section: 2}, 1},
		{folder.Query{From: "2024-02-29", To: "2024-02-29"}, 1},
		{folder.Query{From: "2024-03-01", To: "2024-12-31"}, 0},
		{folder.Query{From: "2025-06-01", To: "2025-06-02"}, 1}, // "2025" is the whole year
		{folder.Query{To: "2024-12-31"}, 1},
		{folder.Query{Author: "Amina"}, 3},
		{folder.Query{Author: "Amin"}, 0},
		{folder.Query{Source: block.Nonce{1}}, 0},
	} {
		c.q.Limit = 9
		if n := total(t, amina, c.q); n != c.want {
			t.Errorf("%+v: %d, want %d", c.q, n, c.want)
		}
	}
	page, err := amina.Engine.Find(folder.Own, folder.Query{Text: "zzz", Limit: 9})
	w.must(err)
	if page.Total != 0 || len(page.Kinds) != 2 || page.Kinds[0] != (folder.Facet{Name: "Observation", Count: 2}) {
		t.Fatalf("%+v", page)
	}
}

// TestAskOnlyForWhatIsShown: an access names the records of the screen; asking for nothing writes nothing.
func TestAskOnlyForWhatIsShown(t *testing.T) {
	w := newTown(t)
	amina, lin := w.pair(3)
	id := only(t, lin).ID
	if _, _, err := lin.Engine.Ask(id, nil, "visit", ""); codeOf(err) != "access/nothing" {
		t.Fatalf("asked ahead: %v", err)
	}
	page, err := lin.Engine.Find(id, folder.Query{Show: "unopened", Limit: 1})
	w.must(err)
	_, n, err := lin.Engine.Ask(id, []block.ID{page.Items[0].ID}, "visit", "")
	w.must(err)
	w.settle()
	looked, err := amina.Engine.WhoLooked()
	w.must(err)
	if n != 1 || len(looked) != 1 || looked[0].Count != 1 {
		t.Fatalf("%d asked, %+v", n, looked)
	}
	if opened, _, _ := lin.Engine.Timeline(id, folder.Query{Show: "opened", Limit: 9}); len(opened) != 1 {
		t.Fatalf("%d opened", len(opened))
	}
}
