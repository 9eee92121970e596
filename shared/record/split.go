package record

import (
	"bytes"
	"unicode/utf8"
)

// FileKind says what an imported FHIR file is.
type FileKind string

// The file kinds.
const (
	KindBundle   FileKind = "bundle"   // each entry's resource is one piece
	KindResource FileKind = "resource" // the whole value is one piece
	KindLines    FileKind = "ndjson"   // each value is one piece
)

// Range is a stretch of the file, [Start, End); Resource is false for a gap.
type Range struct {
	Start, End int
	Resource   bool
}

// File says how a FHIR file falls into pieces. Joined in order they are the file, byte for byte.
type File struct {
	Kind   FileKind
	Pieces []Range
}

// byteOrderMark is what some programs write before UTF-8; it belongs to no resource.
const byteOrderMark = "\xef\xbb\xbf"

// Split finds the exact bytes of each top-level entry[].resource of a Bundle, of the one resource, or of each
// of several values on lines of their own (NDJSON), in one pass over the file; all else (byte-order mark,
// white space, the Bundle around) is gaps. A Bundle inside a Bundle, or beside others, is one resource. It keeps lone surrogates and every other byte as received, takes
// linear time, and next to the file at most about 20 MB.
//
// It returns an *Error at the first offset that breaks a rule, in the order met: import/too-large,
// import/utf8, then by position import/json, import/duplicate-key, import/depth, import/too-many,
// import/not-fhir. A resource is an object with a string resourceType.
// Source: spec/record.md §5.
func Split(b []byte) (*File, error) {
	if len(b) > MaxFile {
		return nil, &Error{Code: CodeImportTooLarge, Offset: MaxFile, Detail: "the file"}
	}
	if at := firstInvalid(b); at >= 0 {
		return nil, &Error{Code: CodeImportUTF8, Offset: at}
	}
	sp := splitter{scanner: newScanner(b, nil)}
	s := sp.scanner
	s.visit = sp.visit
	if bytes.HasPrefix(b, []byte(byteOrderMark)) {
		s.pos = len(byteOrderMark)
	}
	s.space()
	start := s.pos
	if err := s.value(); err != nil {
		return nil, err
	}
	end := s.pos
	s.space()
	if s.pos != len(b) {
		return sp.lines(start, end)
	}
	return sp.file(start, end)
}

// lines goes on after the first of several values, [start, end): each is a resource, and a line feed stands before the next.
func (sp *splitter) lines(start, end int) (*File, error) {
	s := sp.scanner
	var found []Range
	for {
		switch {
		case sp.b[start] != '{' || !sp.typed:
			return nil, &Error{Code: CodeImportNotFHIR, Offset: start, Detail: "a line without a resource type"}
		case end-start > maxResource:
			return nil, &Error{Code: CodeImportTooLarge, Offset: start, Detail: "a resource"}
		case len(found) == maxEntries:
			return nil, &Error{Code: CodeImportTooMany, Offset: start, Detail: "more lines than a file may have"}
		}
		found = append(found, Range{Start: start, End: end, Resource: true})
		if s.pos == len(sp.b) {
			return &File{Kind: KindLines, Pieces: withGaps(found, len(sp.b))}, nil
		}
		if bytes.IndexByte(sp.b[end:s.pos], '\n') < 0 {
			return nil, s.syntax("something follows the value")
		}
		start, sp.typed = s.pos, false
		if err := s.value(); err != nil {
			return nil, err
		}
		end = s.pos
		s.space()
	}
}

// firstInvalid gives the offset of the first byte that is not UTF-8, -1 if there is none.
func firstInvalid(b []byte) int {
	if utf8.Valid(b) {
		return -1
	}
	for i := 0; i < len(b); {
		r, n := utf8.DecodeRune(b[i:])
		if r == utf8.RuneError && n == 1 {
			return i
		}
		i += n
	}
	return -1
}

// splitter notes, while the scanner walks, what may turn out to be a Bundle's entries: the word
// "Bundle" may come last.
type splitter struct {
	*scanner
	typed     bool // the outermost object has a string resourceType
	bundle    bool
	entries   int
	resources []Range
	refused   *Error // the first entry that a Bundle may not have
	innerType bool   // the entry resource being read has a string resourceType
}

func (sp *splitter) visit(start, end int) *Error {
	switch depth := len(sp.stack); {
	case depth == 1 && sp.keyIs(0, "resourceType") && sp.b[start] == '"':
		sp.typed = true
		sp.bundle = string(unescaped(sp.b[start+1:end-1])) == "Bundle"
	case depth < 2 || depth > 4 || sp.stack[1].object || !sp.keyIs(0, "entry"):
	case depth == 2:
		if sp.entries++; sp.entries > maxEntries {
			sp.refuse(CodeImportTooMany, start, "more entries than a file may have")
		}
	case depth == 4 && sp.keyIs(2, "resource") && sp.keyIs(3, "resourceType") && sp.b[start] == '"':
		sp.innerType = true
	case depth == 3 && sp.keyIs(2, "resource"):
		sp.resource(start, end)
	}
	return nil
}

func (sp *splitter) resource(start, end int) {
	typed := sp.innerType
	sp.innerType = false
	switch {
	case sp.b[start] != '{' || !typed:
		sp.refuse(CodeImportNotFHIR, start, "an entry without a resource type")
	case end-start > maxResource:
		sp.refuse(CodeImportTooLarge, start, "a resource")
	case sp.refused == nil:
		sp.resources = append(sp.resources, Range{Start: start, End: end, Resource: true})
	}
}

// refuse keeps the first refusal: it stands only if the file turns out to be a Bundle.
func (sp *splitter) refuse(code string, at int, detail string) {
	if sp.refused == nil {
		sp.refused = &Error{Code: code, Offset: at, Detail: detail}
	}
}

func (sp *splitter) file(start, end int) (*File, error) {
	switch {
	case sp.b[start] != '{' || !sp.typed:
		return nil, &Error{Code: CodeImportNotFHIR, Offset: start, Detail: "no object with a resource type"}
	case !sp.bundle && end-start > maxResource:
		return nil, &Error{Code: CodeImportTooLarge, Offset: start, Detail: "a resource"}
	case !sp.bundle:
		whole := []Range{{Start: start, End: end, Resource: true}}
		return &File{Kind: KindResource, Pieces: withGaps(whole, len(sp.b))}, nil
	case sp.refused != nil:
		return nil, sp.refused
	}
	return &File{Kind: KindBundle, Pieces: withGaps(sp.resources, len(sp.b))}, nil
}

func withGaps(resources []Range, size int) []Range {
	pieces := make([]Range, 0, 2*len(resources)+1)
	pos := 0
	for _, r := range resources {
		if r.Start > pos {
			pieces = append(pieces, Range{Start: pos, End: r.Start})
		}
		pieces = append(pieces, r)
		pos = r.End
	}
	if pos < size {
		pieces = append(pieces, Range{Start: pos, End: size})
	}
	return pieces
}
