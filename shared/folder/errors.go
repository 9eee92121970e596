package folder

import "fmt"

// Error is a refusal with a code, such as "kit/word", that a screen turns into words. Detail holds what
// the words need (a place number, counts) and never a secret or a record's content.
type Error struct {
	Code, Detail string
}

// Error gives the code and the detail.
func (e *Error) Error() string {
	if e.Detail == "" {
		return e.Code
	}
	return e.Code + ": " + e.Detail
}

// Is reports whether target is an *Error of the same code, so that errors.Is can compare with
// &Error{Code: …}.
func (e *Error) Is(target error) bool {
	t, ok := target.(*Error)
	return ok && t.Code == e.Code
}

func fail(code, format string, args ...any) error {
	return &Error{Code: code, Detail: fmt.Sprintf(format, args...)}
}
