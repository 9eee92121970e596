package folder

import (
	"fmt"
	"testing"
	"unicode/utf8"

	"github.com/anamnesis-health/anamnesis/shared/block"
	"github.com/anamnesis-health/anamnesis/shared/record"
)

func TestFold(t *testing.T) {
	for _, c := range [][2]string{
		{"HbA1c", "hba1c"}, {"ÀÉÎõü", "aeiou"}, {"e\u0301", "e"}, {"Straße Æther Œuvre Þór ĳ", "strasse aether oeuvre thor ij"},
		{"Łódź ŵŷž ſ", "lodz wyz s"}, {"Tiếng Việt Ỹ", "tieng viet y"}, {"İstanbul ı", "istanbul i"}, {"Ёлка", "елка"}, {"Ήλιος", "ηλιοσ"},
		{"أَلَم في الرُّكْبَة", "الم في الركبه"}, {"إآٱ ىی ئ ؤ ک", "ااا يي ي و ك"}, {"مـــرض", "مرض"},
		{"٣٧ ۳۷ ३७", "37 37 37"}, {"שָׁלוֹם", "שלום"}, {"a×b÷", "ab"}, {"漢字", "漢字"}, {"", ""},
	} {
		if got := fold(c[0]); got != c[1] {
			t.Errorf("%q: %q, want %q", c[0], got, c[1])
		}
	}
	if len(latin) != 0x180-0xc0 || len(vietnamese) != 0x1efa-0x1ea0 {
		t.Errorf("tables of %d and %d letters", len(latin), len(vietnamese))
	}
}

// FuzzFold: folding twice is folding once, and what was found by its letters is found by any of their forms.
func FuzzFold(f *testing.F) {
	for _, s := range []string{"HbA1c", "Élan", "رُكْبَة", "\xff\xfe", "ſß"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		once := fold(s)
		if utf8.ValidString(s) && (!utf8.ValidString(once) || fold(once) != once) {
			t.Errorf("%q: %q, then %q", s, once, fold(once))
		}
	})
}

// folderOf is a profile whose own folder has n opened records, without a byte of theirs.
func folderOf(n int) *Engine {
	own := &ownFolder{view: newView(secret{1})}
	chain := block.ChainID{1}
	own.owners[chain] = true
	for i := range n {
		id := block.ID{byte(i), byte(i >> 8), byte(i >> 16), 1}
		own.recs[id] = &rec{chain: chain, seq: uint32(i), opened: true, x: indexEntry{ID: id, Kind: uint16(record.FHIR), Section: uint8(i%6) + 1,
			Type: []string{"Observation", "Condition", "MedicationRequest"}[i%3], Label: fmt.Sprintf("Hemoglobin A1c/Hemoglobin.total in Blood %d", i),
			Date: fmt.Sprintf("20%02d-%02d-14T10:30:00+01:00", i%25, i%12+1), Author: "Amina Haddad",
			Words: "hemoglobin a1c/hemoglobin.total in blood laboratory amélioré %"}}
	}
	return &Engine{me: &me{own: own}}
}

// BenchmarkSearchKeystroke10000 is what the core does for one keystroke: among 10,000 records, after the first.
func BenchmarkSearchKeystroke10000(b *testing.B) {
	e := folderOf(10_000)
	q := Query{Text: "hemo 99", Limit: 50}
	if p, err := e.Find(Own, q); err != nil || p.Total == 0 {
		b.Fatal(p.Total, err)
	}
	for b.Loop() {
		if _, err := e.Find(Own, q); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkSearchFirst10000 is the first keystroke after an unlock: sorted anew and folded.
func BenchmarkSearchFirst10000(b *testing.B) {
	e := folderOf(10_000)
	for b.Loop() {
		for _, r := range e.me.own.recs {
			r.hay = ""
		}
		e.me.own.order = nil
		if _, err := e.Find(Own, Query{Text: "h", Limit: 50}); err != nil {
			b.Fatal(err)
		}
	}
}
