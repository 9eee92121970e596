package hub_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/anamnesis-health/anamnesis/shared/block"
	"github.com/anamnesis-health/anamnesis/shared/folder"
	"github.com/anamnesis-health/anamnesis/shared/record"
	"github.com/anamnesis-health/anamnesis/shared/sim"
)

// foreign imports a file of another format and what was made from it, and gives its preview.
func (w *town) foreign(d *sim.Device, file, made, format string) *folder.ImportPreview {
	w.t.Helper()
	p, err := d.Engine.PreviewForeign([]byte(file+made), folder.Foreign{Size: len(file), Format: format}, "summary.xml", "application/xml")
	w.must(err)
	_, _, err = d.Engine.StartImport(p.ID, map[int]uint8{0: uint8(record.Emergency)})
	w.must(err)
	for finished := false; !finished; {
		_, _, finished, _, err = d.Engine.StepImport(p.ID)
		w.must(err)
	}
	return p
}

func (w *town) comesBack(d *sim.Device, file string) block.Nonce {
	w.t.Helper()
	sources, err := d.Engine.Sources()
	w.must(err)
	for _, s := range sources {
		_, out, err := d.Engine.ExportSource(s.ID)
		w.must(err)
		if string(out) == file {
			return s.ID
		}
	}
	w.t.Fatal("the file did not come back")
	return block.Nonce{}
}

func TestPromise8ForeignFileIsKeptAsReceived(t *testing.T) {
	w := newTown(t)
	owner, words := w.patient(1, "Amina Haddad")
	w.connect(owner)
	file := "\ufeff<ClinicalDocument>\r\n\x00\xff" + strings.Repeat("é", 20_000) + "</ClinicalDocument>"
	made := `{"resourceType":"Patient","name":[{"text":"Amina Haddad"}]}` + "\n" + `{"resourceType":"Observation","code":{"text":"HbA1c"},"valueQuantity":{"value":6.30}}` + "\n"
	p := w.foreign(owner, file, made, "ccda")
	if p.Kind != "document" || len(p.Items) != 3 || p.OtherPerson || p.Items[0].Type != "application/xml" || p.Items[0].Label != "summary.xml" || p.Items[2].Label != "HbA1c" {
		t.Fatalf("preview: %+v", p)
	}
	source := w.comesBack(owner, file)
	items, total, err := owner.Engine.Timeline(folder.ID{}, folder.Query{Limit: 10})
	w.must(err)
	if total != 3 {
		t.Fatalf("%d lines", total)
	}
	for _, it := range items {
		o, err := owner.Engine.OpenRecord(folder.ID{}, it.ID)
		w.must(err)
		switch it.Kind {
		case record.Document:
			if it.Label != "summary.xml" || it.Section != uint8(record.Emergency) || string(o.Content) != file || o.MediaType != "application/xml" {
				t.Errorf("document: %+v, %q", it, o.MediaType)
			}
		case record.FHIR:
			if it.Source != source || o.MediaType != "application/fhir+json;converted-from=ccda" || !strings.Contains(made, string(o.Content)) {
				t.Errorf("converted: %+v, %q %s", it, o.MediaType, o.Content)
			}
		}
	}

	// the same file again: every record is known, and nothing is stored twice
	again := w.foreign(owner, file, made, "ccda")
	for _, it := range again.Items {
		if !it.Duplicate {
			t.Errorf("not recognized: %+v", it)
		}
	}
	if _, total, err = owner.Engine.Timeline(folder.ID{}, folder.Query{Limit: 10}); err != nil || total != 3 || !again.Duplicate {
		t.Errorf("%d lines after the second import, %v; known %v", total, err, again.Duplicate)
	}

	w.settle()
	fresh := w.device(3)
	w.connect(fresh)
	w.must(fresh.Engine.StartRestore(strings.Join(words, " "), ""))
	w.settle()
	w.must(fresh.Engine.FinishRestore([]byte(passphrase), folder.OldDeviceLost))
	for range 3 {
		w.wait(fresh, 30_000)
	}
	w.comesBack(fresh, file)
}

func TestPromise8NDJSONComesBack(t *testing.T) {
	w := newTown(t)
	owner, _ := w.patient(1, "Amina Haddad")
	w.connect(owner)
	file := []byte("{\"resourceType\":\"Observation\",\"valueQuantity\":{\"value\":1.00}}\r\n\n{\"resourceType\":\"Bundle\",\"entry\":[]}\n {\"resourceType\":\"Basic\"}")
	w.importFile(owner, file)
	if _, total, err := owner.Engine.Timeline(folder.ID{}, folder.Query{Limit: 10}); err != nil || total != 3 {
		t.Errorf("%d lines, %v", total, err)
	}
}

func TestForeignRefuses(t *testing.T) {
	w := newTown(t)
	owner, _ := w.patient(1, "Amina Haddad")
	const made = `{"resourceType":"Patient"}`
	for _, c := range []struct {
		name, bytes, code string
		f                 folder.Foreign
	}{
		{"nothing of the file", made, "core/arguments", folder.Foreign{Size: -1, Format: "csv"}},
		{"more than there is", "a,b", "core/arguments", folder.Foreign{Size: 4, Format: "csv"}},
		{"no format", "a,b", "core/arguments", folder.Foreign{Size: 3}},
		{"a format with a semicolon", "a,b", "core/arguments", folder.Foreign{Size: 3, Format: "csv;rel=amends"}},
		{"a long format", "a,b", "core/arguments", folder.Foreign{Size: 3, Format: strings.Repeat("c", 33)}},
		{"made of it: no FHIR", "a,b{}", "import/not-fhir", folder.Foreign{Size: 3, Format: "csv"}},
		{"made of it: a name twice", `a,b{"resourceType":"A","a":1,"a":2}`, "import/duplicate-key", folder.Foreign{Size: 3, Format: "csv"}},
		{"past 32 MiB", strings.Repeat(" ", record.MaxFile+1) + made, "import/too-large", folder.Foreign{Size: record.MaxFile + 1, Format: "csv"}},
	} {
		_, err := owner.Engine.PreviewForeign([]byte(c.bytes), c.f, "f", "text/csv")
		var e *folder.Error
		if !errors.As(err, &e) || e.Code != c.code {
			t.Errorf("%s: %v, want %s", c.name, err, c.code)
		}
	}
	for media, want := range map[string]string{"text/csv": "text/csv", "te\x00xt": "", "type/é": "", strings.Repeat("a", 65): strings.Repeat("a", 64)} {
		p, err := owner.Engine.PreviewForeign([]byte("a,b"), folder.Foreign{Size: 3, Format: "csv"}, "f", media)
		if err != nil || p.Items[0].Type != want {
			t.Errorf("media type %q: %+v, %v", media, p, err)
		}
	}
}
