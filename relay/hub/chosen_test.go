package hub_test

import (
	"testing"

	"github.com/anamnesis-health/anamnesis/shared/block"
	"github.com/anamnesis-health/anamnesis/shared/folder"
	"github.com/anamnesis-health/anamnesis/shared/record"
)

// TestChosenRecords: a grant of two records shows those two, with the dispute about one, and nothing that comes later
// but the reader's own note.
func TestChosenRecords(t *testing.T) {
	w := newTown(t)
	amina, _ := w.patient(1, "Amina")
	lin := w.reader(2, "Dr. Lin")
	w.connect(amina)
	w.connect(lin)
	w.importFile(amina, bundle(5))
	other, err := amina.Engine.WriteNote(folder.Own, 2, "in another section", nil)
	w.must(err)
	items, _, err := amina.Engine.Timeline(folder.Own, folder.Query{Section: 1, Limit: 9})
	w.must(err)
	a, b := items[0].ID, items[1].ID
	_, err = amina.Engine.Verdict(a, record.Dispute, "not mine")
	w.must(err)
	for name, ids := range map[string][]block.ID{
		"another section": {a, other}, "no such record": {{1}}, "too many": make([]block.ID, 129),
	} {
		terms := folder.Terms{Sections: []uint8{1}, Records: ids, LastsMS: day}
		if _, err := amina.Engine.StartMeeting(terms); codeOf(err) != "grant/records" && codeOf(err) != "grant/length" {
			t.Errorf("%s: %v", name, err)
		}
	}
	w.meetWith(amina, lin, folder.Terms{Sections: []uint8{1}, Records: []block.ID{b, a, b}, LastsMS: day, CanWrite: true})
	_, err = amina.Engine.WriteNote(folder.Own, 1, "added later", nil)
	w.must(err)
	w.settle()
	w.wait(lin, 21_000)
	f := only(t, lin)
	if f.Records != 3 || f.Unopened != 3 {
		t.Fatalf("the reader knows of %d records, want two and the dispute: %+v", f.Records, f)
	}
	listed, _, err := lin.Engine.Timeline(f.ID, folder.Query{Limit: 9})
	w.must(err)
	var ids []block.ID
	for _, item := range listed {
		ids = append(ids, item.ID)
	}
	_, _, err = lin.Engine.Ask(f.ID, ids, "visit", "")
	w.must(err)
	w.settle()
	note, err := lin.Engine.WriteNote(f.ID, 1, "seen", nil)
	w.must(err)
	w.settle()
	seen, total, err := lin.Engine.Timeline(f.ID, folder.Query{Limit: 9})
	w.must(err)
	if total != 3 {
		t.Fatalf("the reader lists %+v", seen)
	}
	for _, item := range seen {
		if disputed := item.ID == a; disputed != (item.Standing == "disputed") || disputed != (item.Reason == "not mine") {
			t.Errorf("%s is %s (%s)", item.Label, item.Standing, item.Reason)
		}
	}
	if grants, _ := amina.Engine.Grants(); grants[0].Records != 2 || grants[0].Opened != 3 {
		t.Fatalf("the owner sees %+v", grants[0])
	}
	w.restart(lin)
	after, _, err := lin.Engine.Timeline(f.ID, folder.Query{Limit: 9})
	w.must(err)
	found := false
	for _, item := range after {
		found = found || item.ID == note
	}
	if !found {
		t.Fatal("the reader's own note is gone after a restart")
	}
}

// TestEndingsAreAnnounced: both sides are told within a day of the end, once, and not of an hour's sharing.
func TestEndingsAreAnnounced(t *testing.T) {
	w := newTown(t)
	amina, _ := w.patient(1, "Amina")
	lin, short := w.reader(2, "Dr. Lin"), w.reader(3, "Dr. Short")
	w.connect(amina)
	w.connect(lin)
	w.connect(short)
	w.meetWith(amina, lin, week())
	w.meetWith(amina, short, folder.Terms{Sections: []uint8{1}, LastsMS: day})
	w.wait(amina, 30_000)
	if n := len(amina.Engine.Notices()); n != 0 {
		t.Fatalf("%d notices at the start", n)
	}
	amina.ClockMS += 6*day + 3_600_000
	lin.ClockMS = amina.ClockMS
	w.settle()
	w.settle()
	list := amina.Engine.Notices()
	if len(list) != 1 || list[0].Code != "grant/ending" || list[0].Detail != "Dr. Lin" {
		t.Fatalf("the owner: %+v", list)
	}
	if got := lin.Engine.Notices(); len(got) != 1 || got[0].Code != "grant/ends" || got[0].Detail != "Amina" {
		t.Fatalf("the reader: %+v", got)
	}
	w.must(amina.Engine.DismissNotice(list[0].ID))
	w.restart(amina)
	for _, n := range amina.Engine.Notices() {
		if n.Code == "grant/ending" {
			t.Fatal("told again after it was read")
		}
	}
}
