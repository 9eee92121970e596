package record

import "fmt"

// Error is a refusal with a code that a screen turns into words. Offset is the byte where the input
// went wrong, for import codes only. Detail never holds record content beyond a member's name.
type Error struct {
	Code   string
	Offset int
	Detail string
}

// Error gives code, detail and, for an import, the offset.
func (e *Error) Error() string {
	s := e.Code
	if e.Detail != "" {
		s += ": " + e.Detail
	}
	if e.Offset > 0 {
		s += fmt.Sprintf(" at byte %d", e.Offset)
	}
	return s
}

// The codes of this package.
const (
	CodeFormat   = "record/format"    // not the canonical array, or a bound broken
	CodeVersion  = "record/version"   // a version this code does not know
	CodeTooLarge = "record/too-large" // content that belongs in a blob

	CodeImportTooLarge  = "import/too-large"
	CodeImportTooMany   = "import/too-many"
	CodeImportDepth     = "import/depth"
	CodeImportUTF8      = "import/utf8"
	CodeImportJSON      = "import/json"
	CodeImportDuplicate = "import/duplicate-key"
	CodeImportNotFHIR   = "import/not-fhir"
)

func malformed(format string, args ...any) *Error {
	return &Error{Code: CodeFormat, Detail: fmt.Sprintf(format, args...)}
}
