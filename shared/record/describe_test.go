package record

import (
	"bytes"
	"strings"
	"testing"
	"unicode/utf8"
)

func TestDescribe(t *testing.T) {
	for name, c := range map[string]struct {
		in   string
		want Summary
	}{
		"observation": {
			`{"resourceType":"Observation","id":"o1","category":[{"coding":[{"display":"Laboratory"}]}],"code":{"coding":[{"code":"4548-4","display":"Hemoglobin A1c"}],"text":"HbA1c"},"effectiveDateTime":"2026-02-01","issued":"2026-02-03T09:00:00Z"}`,
			Summary{Type: "Observation", ID: "o1", Label: "HbA1c", Date: "2026-02-01", Section: General, Words: "laboratory 4548-4 hemoglobin a1c hba1c"},
		},
		"text before coding, type last": {
			`{"code":{"text":"HbA1c","coding":[{"display":"Other"}]},"issued":"2026","effectivePeriod":{"start":"2025-12"},"resourceType":"Observation"}`,
			Summary{Type: "Observation", Label: "HbA1c", Date: "2025-12", Section: General, Words: "hba1c other"},
		},
		"code alone": {
			`{"resourceType":"Condition","code":{"coding":[{"code":"I10"}]},"onsetDateTime":"2011"}`,
			Summary{Type: "Condition", Label: "I10", Date: "2011", Section: General, Words: "i10"},
		},
		"patient": {
			`{"resourceType":"Patient","name":[{"family":"Diallo","given":["Amina","R."]},{"family":"Old"}],"birthDate":"1979-03-14","contact":[{"name":{"family":"Other"}}]}`,
			Summary{Type: "Patient", Label: "Amina R. Diallo", Date: "1979-03-14", Section: General, Name: "Amina R. Diallo", BirthDate: "1979-03-14", Words: "amina r. diallo"},
		},
		"patient with a name text": {
			`{"resourceType":"Patient","name":[{"family":"Diallo","text":"Dr Amina Diallo"}]}`,
			Summary{Type: "Patient", Label: "Dr Amina Diallo", Section: General, Name: "Dr Amina Diallo", Words: "dr amina diallo diallo"},
		},
		"birth date of a practitioner": {
			`{"resourceType":"Practitioner","name":[{"family":"Keita"}],"birthDate":"1970"}`,
			Summary{Type: "Practitioner", Label: "Keita", Date: "1970", Section: General, Words: "keita"},
		},
		"vaccine": {
			`{"resourceType":"Immunization","vaccineCode":{"coding":[{"display":"Influenza"}]},"occurrenceDateTime":"2025-10-02","protocolApplied":[{"targetDisease":[{"text":"Flu"}]}]}`,
			Summary{Type: "Immunization", Label: "Influenza", Date: "2025-10-02", Section: General, Words: "influenza"},
		},
		"medicine inside": {
			string(bytes.TrimSpace([]byte(`{"resourceType":"MedicationRequest","contained":[{"resourceType":"Medication","code":{"coding":[{"display":"Metformin"}]}}],"medicationReference":{"reference":"#m"},"authoredOn":"2026-01-09"}`))),
			Summary{Type: "MedicationRequest", Label: "Metformin", Date: "2026-01-09", Section: General, Words: "metformin"},
		},
		"contained elsewhere does not name it": {
			`{"resourceType":"CarePlan","contained":[{"code":{"text":"Obesity"}}],"category":[{"text":"Weight"}]}`,
			Summary{Type: "CarePlan", Label: "Weight", Section: General, Words: "weight"},
		},
		"the subject is no display word": {
			`{"resourceType":"Claim","type":{"coding":[{"code":"oral"}]},"patient":{"display":"Amina"},"subject":{"display":"Amina"},"provider":{"display":"Clinic"}}`,
			Summary{Type: "Claim", Label: "oral", Section: General, Words: "oral clinic"},
		},
		"escapes": {
			`{"resourc\u0065Type":"Basic","code":{"te\u0078t":"a\n\u202e\ud83d\ude00\ud800"},"meta":{"security":[{"code":"\u0050SY"}]}}`,
			Summary{Type: "Basic", Label: "a\n\u202e😀\ufffd", Section: Mental, Words: "a\n\u202e😀\ufffd"},
		},
		"other shapes": {
			`{"resourceType":["x"],"id":7,"code":"bare","meta":{"security":"PSY"},"name":{"given":"x"},"effectiveDateTime":{"a":1},"title":null,"birthDate":"soon"}`,
			Summary{Section: General, BirthDate: ""},
		},
		"no object":   {`["a"]`, Summary{Section: General}},
		"a string":    {`"a"`, Summary{Section: General}},
		"nothing":     {``, Summary{Section: General}},
		"not UTF-8":   {"{\"resourceType\":\"\xff\"}", Summary{Section: General}},
		"broken JSON": {`{"resourceType":"Basic","id":"b","code":{"text":`, Summary{Type: "Basic", ID: "b", Section: General}},
	} {
		if got := Describe([]byte(c.in)); got != c.want {
			t.Errorf("%s:\n got %+v\nwant %+v", name, got, c.want)
		}
	}
}

func TestDescribeSections(t *testing.T) {
	for codes, want := range map[string]Section{
		"PSY": Mental, "SEX": Reproductive, "HIV": Reproductive, "STD": Reproductive, "GDIS": Genetic, "ETH": Substance,
		"SUD": Substance, "OPIOIDUD": Substance, "N": General, "psy": General, "PSYX": General, "": General, "N,GDIS,PSY": Genetic,
	} {
		in := `{"resourceType":"Basic","contained":[{"meta":{"security":[{"code":"ETH"}]}}],"meta":{"tag":[{"code":"SUD"}],"security":[{"code":"` +
			strings.ReplaceAll(codes, ",", `"},{"code":"`) + `"}]}}`
		if got := Describe([]byte(in)).Section; got != want {
			t.Errorf("%s: section %d, want %d", codes, got, want)
		}
	}
}

func TestDescribeIsBounded(t *testing.T) {
	for _, long := range []string{strings.Repeat("é", 3000), strings.Repeat(`\u00e9`, 3000), strings.Repeat(`\ud83d\ude00`, 3000), strings.Repeat("ab ", 90)} {
		in := `{"resourceType":"` + long + `","id":"` + long + `","code":{"text":"` + long + `"},"effectiveDateTime":"2026` + long + `","` + long + `":"x","name":[{"given":["` + long + `","` + long + `"]}]}`
		s := Describe([]byte(in))
		if len(s.Label) > maxLabel || len(s.Label) < maxLabel-4 || len(s.Words) > maxWords || len(s.Type) > maxType || len(s.ID) > maxID || len(s.Date) > maxDate {
			t.Errorf("too long: %d %d %d %d %d", len(s.Label), len(s.Words), len(s.Type), len(s.ID), len(s.Date))
		}
		if !utf8.ValidString(s.Label + s.Words + s.Type) {
			t.Errorf("cut within a character: %q", s.Label)
		}
	}
}
