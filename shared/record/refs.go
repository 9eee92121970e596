package record

import "strings"

// Relation is what a record says of the records that its refs name.
type Relation string

// The relations. Unrelated is what a record without refs says, and every kind that is not 3, 4 or 5.
const (
	Unrelated Relation = ""
	Amends    Relation = "amends"   // its newer version
	Attached  Relation = "attached" // bytes that belong to it
	Answers   Relation = "answers"
)

const amends = ";rel=amends"

// AmendsSuffix makes the media type of a newer version. Source: spec/record.md §2.
func AmendsSuffix(mediaType string) string { return mediaType + amends }

// Says gives what r says of its refs, and the content's own media type. Source: spec/record.md §2.
func (r *Record) Says() (Relation, string) {
	if r.Kind != FHIR && r.Kind != Document && r.Kind != Note {
		return Unrelated, r.MediaType
	}
	own, suffixed := strings.CutSuffix(r.MediaType, amends)
	switch {
	case len(r.Refs) == 0:
		return Unrelated, own
	case suffixed:
		return Amends, own
	case r.Kind == Document:
		return Attached, own
	case r.Kind == Note:
		return Answers, own
	}
	return Unrelated, own
}
