package main

import (
	_ "embed" // amina.json
	"fmt"

	"github.com/anamnesis-health/anamnesis/wasm/api"
)

// The two people, as calls name them.
const (
	patient   = "patient"
	clinician = "clinician"
)

// passphrase opens both; the yellow band tells it, for whoever locks the sample folder.
const passphrase = "sample data"

const (
	hourMS = 3_600_000
	dayMS  = 24 * hourMS
)

// amina is what her clinics gave her before the story begins: a FHIR Bundle written for this program.
//
//go:embed seed/amina.json
var amina []byte

// emergency are the records of the Bundle, by index, that an emergency desk should see.
var emergency = []int{12, 13}

// The words of the records that are not in the Bundle.
const (
	firstNote  = "First visit. Type 2 diabetes since 2021, well controlled.\nGo on with metformin 1000 mg twice a day."
	ownNote    = "I walk for half an hour after dinner now. My sugar in the morning is lower."
	secondNote = "Blood test is good: HbA1c 6.6 %.\nNext test in six months."
	openNote   = "Foot check: no loss of feeling.\nPlease look at your feet every evening."
)

// past plays the story so far: a folder, one visit that ended, and a record that waits for an answer.
func (t *town) past() error {
	for _, step := range []struct {
		daysAgo int64
		play    func() error
	}{
		{20, t.makeFolders}, {20, t.importBundle}, {18, t.meet}, {18, t.firstVisit}, {17, t.ownNote}, {10, t.secondVisit}, {5, t.thirdVisit}, {4, t.stop},
	} {
		t.backMS = step.daysAgo * dayMS
		if err := t.settle(); err != nil {
			return err
		}
		if err := step.play(); err != nil {
			return fmt.Errorf("the story %d days ago: %w", step.daysAgo, err)
		}
		if err := t.settle(); err != nil {
			return err
		}
	}
	t.backMS = 0
	return t.settle()
}

// settle lets the town's time pass until everybody has what the others sent.
func (t *town) settle() error {
	back := t.backMS
	defer func() { t.backMS = back }()
	for range maxRounds {
		moved, err := t.carry()
		if err != nil {
			return err
		}
		if !moved {
			return nil
		}
	}
	return fmt.Errorf("nobody comes to rest")
}

// ask is one call of a page, in Go.
func ask[R any](p *person, method string, args any, in ...byte) (r R, err error) {
	a := api.Encode(args)
	out, _, err := p.core.Call(method, a, in)
	if err != nil {
		return r, fmt.Errorf("%s of the %s: %w", method, p.name, err)
	}
	return r, api.Decode(out, &r)
}

func (t *town) makeFolders() error {
	p, c := t.person(patient), t.person(clinician)
	kit, err := ask[api.KitSheet](p, "kit.make", api.KitMakeArgs{Name: "Amina Haddad", BirthDate: "1992-02-29"})
	if err == nil {
		_, err = ask[api.Empty](p, "kit.prove", api.KitProveArgs{QR: kit.QR})
	}
	if err == nil {
		_, err = ask[api.Status](p, "folder.create", api.PassphraseArgs{Passphrase: passphrase})
	}
	if err == nil {
		_, err = ask[api.Status](c, "reader.create", api.ReaderCreateArgs{Name: "Dr. Lin Wei", Passphrase: passphrase})
	}
	return err
}

func (t *town) importBundle() error { return bringIn(t.person(patient), amina, emergency) }

// bringIn imports a file whole, with some of its records in the emergency section.
func bringIn(p *person, file []byte, emergency []int) error {
	v, err := ask[api.ImportPreview](p, "import.preview", api.ImportPreviewArgs{FileName: "amina.json", MediaType: "application/fhir+json"}, file...)
	if err != nil {
		return err
	}
	start := api.ImportStartArgs{ImportID: v.ImportID}
	for _, i := range emergency {
		start.Sections = append(start.Sections, api.ImportSection{Index: i, Section: 6})
	}
	g, err := ask[api.ImportProgress](p, "import.start", start)
	for err == nil && !g.Finished {
		g, err = ask[api.ImportProgress](p, "import.step", api.ImportIDArgs{ImportID: v.ImportID})
	}
	return err
}

// stop ends the sharing; what Amina's list then says of each writer is what finds out a hidden record.
func (t *town) stop() error {
	p := t.person(patient)
	list, err := ask[api.Grants](p, "grants", api.Empty{})
	for _, g := range list.Grants {
		if err == nil {
			_, err = ask[api.Empty](p, "grant.stop", api.GrantArgs{Grant: g.ID})
		}
	}
	return err
}

// meet gives Dr. Lin Wei the general section for a month.
func (t *town) meet() error {
	p, c := t.person(patient), t.person(clinician)
	shown, err := ask[api.MeetState](p, "meet.start", api.GrantTerms{Sections: []api.Section{1}, Hours: 30 * 24, CanWrite: true, Purpose: "treatment"})
	if err == nil {
		err = t.settle()
	}
	if err == nil {
		_, err = ask[api.MeetState](c, "meet.join", api.MeetJoinArgs{Code: shown.Invite.Digits})
	}
	if err == nil {
		err = t.settle()
	}
	if err == nil {
		_, err = ask[api.MeetState](c, "meet.confirm", api.Empty{})
	}
	if err == nil {
		err = t.settle()
	}
	if err == nil {
		_, err = ask[api.MeetState](p, "meet.confirm", api.Empty{})
	}
	if err == nil {
		err = t.settle()
	}
	return err
}

func (t *town) firstVisit() error {
	return t.visit("visit", "First visit", "", 100, firstNote, "accept")
}

func (t *town) secondVisit() error {
	return t.visit("result", "Blood test of October", "HbA1c", 1, secondNote, "accept")
}

func (t *town) thirdVisit() error {
	return t.visit("visit", "Foot check", "Eye", 1, openNote, "")
}

func (t *town) ownNote() error {
	_, err := ask[api.RecordRef](t.person(patient), "note.write", api.NoteWriteArgs{Section: 1, Text: ownNote})
	return err
}

// visit is Dr. Lin Wei asking to open the newest records that match a query, at most so many, and a note that Amina
// answers with verdict, "" for not yet.
func (t *town) visit(reason, text, query string, most int, note, verdict string) error {
	p, c := t.person(patient), t.person(clinician)
	list, err := ask[api.Folders](c, "folders", api.Empty{})
	if err != nil || len(list.Folders) != 1 {
		return fmt.Errorf("folders %+v: %v", list, err)
	}
	a := api.AskArgs{Folder: list.Folders[0].ID, Reason: reason, Text: text}
	line, err := ask[api.Timeline](c, "timeline", api.TimelineArgs{Folder: a.Folder, Query: query, Limit: most})
	if err != nil {
		return err
	}
	for _, it := range line.Items {
		a.Records = append(a.Records, it.Record)
	}
	if _, err = ask[api.AccessRef](c, "access.ask", a); err == nil {
		err = t.settle()
	}
	if err != nil {
		return err
	}
	ref, err := ask[api.RecordRef](c, "note.write", api.NoteWriteArgs{Folder: a.Folder, Section: 1, Text: note})
	if err == nil {
		err = t.settle()
	}
	if err == nil && verdict != "" {
		_, err = ask[api.RecordRef](p, "verdict", api.VerdictArgs{Record: ref.Record, Verdict: verdict})
	}
	return err
}
