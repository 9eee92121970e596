package record

import (
	"strings"
	"unicode/utf8"
)

// Summary is what a timeline and a search show of a FHIR resource, in the words it came with: screens
// make control and bidirectional characters visible. Every field but Section may be empty.
type Summary struct {
	Type      string // resourceType
	ID        string
	Label     string // display words, at most 200 bytes
	Date      string // as received: the day or moment it is about, else when it was written
	Section   Section
	Name      string // of a Patient
	BirthDate string // of a Patient, as received
	Words     string // lower-cased display words for search, at most 400 bytes
}

// Describe reads a Summary out of one resource's bytes. It never fails: what is not there, or has
// another shape than FHIR's, is left empty, and nothing after broken JSON is read. Its memory does not
// grow with the resource. The section is that of the first code in meta.security that names one.
// Source: spec/record.md §6.
func Describe(resource []byte) Summary {
	d := describer{scanner: newScanner(resource, nil), labelRank: 1 << 30, dateRank: 1 << 30}
	d.sum.Section = General
	d.visit = d.note
	if utf8.Valid(resource) {
		_ = d.value() // what stands before broken JSON is still worth showing: the bytes are kept
	}
	return d.finish()
}

type describer struct {
	*scanner
	sum       Summary
	labelRank int // of the best label so far: lower is better
	dateRank  int
	medicine  string // the first containedCode
	given     []string
	family    string
	words     []string
	wordBytes int
}

// maxPath is longer than any path looked at.
const maxPath = 48

// note looks at the strings of a resource by their path: member names joined by dots, arrays left out.
func (d *describer) note(start, end int) *Error {
	if d.b[start] != '"' || len(d.stack) == 0 || len(d.stack) > 8 {
		return nil
	}
	var buf [maxPath]byte
	path := string(d.path(buf[:0]))
	if path == "" {
		return nil
	}
	raw := d.b[start+1 : end-1]
	if len(d.stack) == 1 { // an array of types is no type
		switch path {
		case "resourceType":
			d.sum.Type = shown(raw, maxType)
		case "id":
			d.sum.ID = shown(raw, maxID)
		}
	}
	switch path {
	case "meta.security.code":
		d.security(raw)
	case "name.given", "name.family":
		d.person(path, raw)
	case "birthDate":
		d.sum.BirthDate = shown(raw, maxDate)
	}
	d.date(path, raw)
	d.label(path, raw)
	return nil
}

// path gives nil for one that is too long to be looked at.
func (d *describer) path(p []byte) []byte {
	for i := range d.stack {
		f := &d.stack[i]
		if !f.object {
			continue
		}
		raw := d.b[f.keyStart:f.keyEnd]
		if len(raw) > 6*maxPath {
			return nil
		}
		key := unescaped(raw)
		if len(p)+1+len(key) > maxPath {
			return nil
		}
		if len(p) > 0 {
			p = append(p, '.')
		}
		p = append(p, key...)
	}
	return p
}

// security maps the sensitivity codes of HL7's ActCode that name a section of ours.
func (d *describer) security(raw []byte) {
	if d.sum.Section != General {
		return
	}
	switch shown(raw, maxType) {
	case "PSY":
		d.sum.Section = Mental
	case "SEX", "HIV", "STD":
		d.sum.Section = Reproductive
	case "GDIS":
		d.sum.Section = Genetic
	case "ETH", "SUD", "OPIOIDUD":
		d.sum.Section = Substance
	}
}

// person keeps the first name that a resource gives.
func (d *describer) person(path string, raw []byte) {
	if len(d.stack) < 2 || d.stack[1].object || d.stack[1].count > 1 {
		return
	}
	if path == "name.family" {
		d.family = shown(raw, maxLabel)
	} else if len(d.given) < 8 {
		d.given = append(d.given, shown(raw, maxLabel))
	}
}

// dateRank orders the members that date a resource, the best first; -1 for any other member.
func dateRank(path string) int {
	switch path {
	case "effectiveDateTime", "effectivePeriod.start", "effectiveInstant":
		return 0
	case "onsetDateTime", "onsetPeriod.start":
		return 1
	case "occurrenceDateTime", "occurrencePeriod.start", "performedDateTime", "performedPeriod.start":
		return 2
	case "period.start", "billablePeriod.start", "servicedDate", "started", "start":
		return 3
	case "authoredOn", "recordedDate", "dateAsserted", "startDate", "whenHandedOver", "whenPrepared":
		return 4
	case "issued", "date", "dateTime", "created", "sent", "recorded":
		return 5
	case "birthDate":
		return 6
	}
	return -1
}

func (d *describer) date(path string, raw []byte) {
	rank := dateRank(path)
	if rank >= 0 && rank < d.dateRank && len(raw) >= 4 && isDigit(raw[0]) && isDigit(raw[3]) {
		d.dateRank, d.sum.Date = rank, shown(raw, maxDate)
	}
}

// conceptRank orders the members whose text, display or code names a resource, the best first; -1 for
// any other member.
func conceptRank(member string) int {
	switch member {
	case "code", "vaccineCode", "medicationCodeableConcept", "medicationReference", "medication.concept":
		return 0
	case "type", "deviceName":
		return 3
	case "category", "serviceType", "serviceCategory", "class", "content.format":
		return 4
	case "relationship", "scope":
		return 5
	}
	return -1
}

// containedCode names a medicine that a prescription carries inside itself. Elsewhere a contained
// resource is not what its container is about.
const containedCode = "contained.code"

// label offers a string as label and as search words. Ranks are ten times the member's, plus 0 for a
// text, 1 for a display, 2 for a code; the first of a rank wins.
func (d *describer) label(path string, raw []byte) {
	if rank := titleRank(path); rank >= 0 {
		d.offer(10*rank, raw)
		return
	}
	for grade, suffix := range [...]string{".text", ".coding.display", ".display", ".coding.code", ".code", ".name"} {
		member, ok := strings.CutSuffix(path, suffix)
		if !ok {
			continue
		}
		if member == containedCode && d.medicine == "" && grade < 2 {
			d.medicine = shown(raw, maxLabel)
		}
		if rank := conceptRank(member); rank >= 0 {
			d.offer(10*rank+grade, raw)
		} else if strings.HasSuffix(suffix, "display") && member != "subject" && member != "patient" {
			d.word(shown(raw, maxLabel))
		}
		return
	}
}

// titleRank orders the members that are a title themselves, the best first; -1 for any other member.
func titleRank(path string) int {
	switch path {
	case "title", "name.text", "name":
		return 1
	case "description", "description.text", "summary", "content.attachment.title", "content.title":
		return 2
	}
	return -1
}

func (d *describer) offer(rank int, raw []byte) {
	text := shown(raw, maxLabel)
	if text == "" {
		return
	}
	d.word(text)
	if rank < d.labelRank {
		d.labelRank, d.sum.Label = rank, text
	}
}

func (d *describer) word(text string) {
	text = strings.ToLower(text)
	if text == "" || d.wordBytes+len(text) >= maxWords {
		return
	}
	for _, w := range d.words {
		if w == text {
			return
		}
	}
	d.words = append(d.words, text)
	d.wordBytes += len(text) + 1
}

func (d *describer) finish() Summary {
	if d.family != "" || len(d.given) > 0 {
		full := cut(strings.Join(append(d.given, d.family), " "), maxLabel)
		full = strings.TrimSpace(full)
		d.word(full)
		if d.labelRank > 10 { // a name.text or title says it better
			d.sum.Label = full
		}
	}
	if strings.HasPrefix(d.sum.Type, "Medication") && d.labelRank >= 10 && d.medicine != "" {
		d.word(d.medicine)
		d.sum.Label = d.medicine
	}
	if d.sum.Type == "Patient" {
		d.sum.Name = d.sum.Label
	} else {
		d.sum.BirthDate = ""
	}
	d.sum.Words = strings.Join(d.words, " ")
	return d.sum
}

// shown gives the text of a string's inside, at most limit bytes, a lone surrogate as U+FFFD.
func shown(raw []byte, limit int) string {
	if len(raw) > 6*limit {
		raw = raw[:wholeEscapes(raw, 6*limit)]
	}
	return cut(strings.ToValidUTF8(string(unescaped(raw)), "\uFFFD"), limit)
}

// wholeEscapes gives the largest length up to limit that ends no escape midway.
func wholeEscapes(raw []byte, limit int) int {
	for i := 0; i < limit; {
		n := 1
		if raw[i] == '\\' {
			n = escapeLen(raw[i:])
		}
		if i+n > limit {
			return i
		}
		i += n
	}
	return limit
}

// cut shortens s to at most limit bytes, between characters.
func cut(s string, limit int) string {
	if len(s) <= limit {
		return s
	}
	for limit > 0 && !utf8.RuneStart(s[limit]) {
		limit--
	}
	return s[:limit]
}
