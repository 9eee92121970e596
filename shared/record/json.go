package record

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"unicode/utf16"
	"unicode/utf8"
)

// scanner walks one RFC 8259 value without recursion and without making it into anything: it tells visit
// where each value lies. It keeps nothing but the open objects' member names, 16 bytes each, so its
// memory is bounded by maxDepth × maxMembers whatever the input.
type scanner struct {
	b     []byte
	pos   int
	stack []frame // the open arrays and objects, outermost first
	names []name  // of the members of open objects, innermost last
	// visit is told of every value once it is complete; the stack then holds its parents. An error
	// ends the walk. The range of a string includes its quotes.
	visit func(start, end int) *Error
}

type frame struct {
	object           bool
	start            int
	keyStart, keyEnd int // the current member's name as received, without quotes
	count            int // of members or elements begun, this one included
	names            int // where this object's names begin in scanner.names
	seen             map[name]struct{}
}

// name stands for a member's name after its escapes: the name itself up to 15 bytes, then its length;
// else 120 bits of its SHA-256.
type name [16]byte

const longName = 0xff

// namesByEye is how many names are compared one by one before a map takes over.
const namesByEye = 16

func newScanner(b []byte, visit func(start, end int) *Error) *scanner {
	return &scanner{b: b, visit: visit, stack: make([]frame, 0, 8)}
}

func (s *scanner) fail(code string, at int, format string, args ...any) *Error {
	return &Error{Code: code, Offset: at, Detail: fmt.Sprintf(format, args...)}
}

func (s *scanner) syntax(what string) *Error {
	return s.fail(CodeImportJSON, s.pos, "%s", what)
}

// value reads one value from pos, which is left after it.
func (s *scanner) value() *Error {
	for {
		s.space()
		open, err := s.begin()
		if err != nil {
			return err
		}
		for !open {
			if len(s.stack) == 0 {
				return nil
			}
			if open, err = s.next(); err != nil {
				return err
			}
		}
	}
}

// begin reads a scalar or an empty container whole, or enters a container: then open is true, and pos
// stands before its first value.
func (s *scanner) begin() (open bool, err *Error) {
	if s.pos == len(s.b) {
		return false, s.syntax("the text ends where a value should be")
	}
	start := s.pos
	switch c := s.b[s.pos]; {
	case c == '{' || c == '[':
		return s.enter(c == '{')
	case c == '"':
		err = s.text()
	case c == '-' || isDigit(c):
		err = s.number()
	case c == 't':
		err = s.word("true")
	case c == 'f':
		err = s.word("false")
	case c == 'n':
		err = s.word("null")
	default:
		err = s.syntax("no value begins so")
	}
	if err == nil {
		err = s.visit(start, s.pos)
	}
	return false, err
}

func (s *scanner) enter(object bool) (open bool, err *Error) {
	if len(s.stack) == maxDepth {
		return false, s.fail(CodeImportDepth, s.pos, "deeper than %d", maxDepth)
	}
	s.stack = append(s.stack, frame{object: object, start: s.pos, names: len(s.names)})
	s.pos++
	s.space()
	if s.pos < len(s.b) && s.b[s.pos] == closer(object) {
		return false, s.leave()
	}
	return true, s.member()
}

// next goes on after a value inside a container: to the next value, or out of the container.
func (s *scanner) next() (open bool, err *Error) {
	s.space()
	if s.pos == len(s.b) {
		return false, s.syntax("the text ends inside an array or object")
	}
	switch s.b[s.pos] {
	case ',':
		s.pos++
		return true, s.member()
	case closer(s.stack[len(s.stack)-1].object):
		return false, s.leave()
	}
	return false, s.syntax("a comma or a closing bracket is missing")
}

func closer(object bool) byte {
	if object {
		return '}'
	}
	return ']'
}

func (s *scanner) leave() *Error {
	f := &s.stack[len(s.stack)-1]
	s.pos++
	start := f.start
	s.names = s.names[:f.names]
	f.seen = nil
	s.stack = s.stack[:len(s.stack)-1]
	return s.visit(start, s.pos)
}

// member counts a member or element begun and, in an object, reads its name and colon.
func (s *scanner) member() *Error {
	f := &s.stack[len(s.stack)-1]
	f.count++
	if !f.object {
		return nil
	}
	s.space()
	if s.pos == len(s.b) || s.b[s.pos] != '"' {
		return s.syntax("a member name is missing")
	}
	start := s.pos
	if f.count > maxMembers {
		return s.fail(CodeImportTooMany, start, "more than %d members in an object", maxMembers)
	}
	if err := s.text(); err != nil {
		return err
	}
	f.keyStart, f.keyEnd = start+1, s.pos-1
	if !s.remember(f, nameOf(s.b[f.keyStart:f.keyEnd])) {
		return s.fail(CodeImportDuplicate, start, "%.64q", s.b[f.keyStart:f.keyEnd])
	}
	s.space()
	if s.pos == len(s.b) || s.b[s.pos] != ':' {
		return s.syntax("a colon is missing")
	}
	s.pos++
	return nil
}

// remember reports whether n is new in f's object.
func (s *scanner) remember(f *frame, n name) bool {
	if f.seen != nil {
		if _, dup := f.seen[n]; dup {
			return false
		}
		f.seen[n] = struct{}{}
		return true
	}
	own := s.names[f.names:]
	for i := range own {
		if own[i] == n {
			return false
		}
	}
	s.names = append(s.names, n)
	if len(own) == namesByEye {
		f.seen = make(map[name]struct{}, 2*namesByEye)
		for _, n := range s.names[f.names:] {
			f.seen[n] = struct{}{}
		}
	}
	return true
}

func nameOf(raw []byte) (n name) {
	if len(raw) < 6*len(n) {
		if text := unescaped(raw); len(text) < len(n) {
			copy(n[:], text)
			n[15] = byte(len(text))
			return n
		}
	}
	h := sha256.New() // in pieces: a name may be as long as the file
	for len(raw) > 0 {
		plain := bytes.IndexByte(raw, '\\')
		if plain < 0 {
			plain = len(raw)
		}
		h.Write(raw[:plain])
		raw = raw[plain:]
		if len(raw) > 0 {
			var buf [4]byte
			text, used := appendEscape(buf[:0], raw)
			h.Write(text)
			raw = raw[used:]
		}
	}
	copy(n[:15], h.Sum(nil))
	n[15] = longName
	return n
}

// keyIs reports whether the current member of the object at depth, 0 the outermost, is called want,
// which holds no quote, backslash or control character.
func (s *scanner) keyIs(depth int, want string) bool {
	f := &s.stack[depth]
	raw := s.b[f.keyStart:f.keyEnd]
	return f.object && len(raw) <= 6*len(want) && string(unescaped(raw)) == want
}

func (s *scanner) space() {
	for s.pos < len(s.b) {
		switch s.b[s.pos] {
		case ' ', '\t', '\r', '\n':
			s.pos++
		default:
			return
		}
	}
}

func (s *scanner) word(w string) *Error {
	if !bytes.HasPrefix(s.b[s.pos:], []byte(w)) {
		return s.syntax("no value begins so")
	}
	s.pos += len(w)
	return nil
}

// text reads a string, quotes included. UTF-8 was checked before.
func (s *scanner) text() *Error {
	for i := s.pos + 1; i < len(s.b); i++ {
		switch c := s.b[i]; {
		case c == '"':
			s.pos = i + 1
			return nil
		case c < ' ':
			s.pos = i
			return s.syntax("a control character in a string")
		case c == '\\':
			n := escapeLen(s.b[i:])
			if n == 0 {
				s.pos = i
				return s.syntax("no such escape")
			}
			i += n - 1
		}
	}
	s.pos = len(s.b)
	return s.syntax("the text ends inside a string")
}

// escapeLen gives the length of the escape that b begins with, 0 if there is no such escape.
func escapeLen(b []byte) int {
	if len(b) < 2 {
		return 0
	}
	switch b[1] {
	case '"', '\\', '/', 'b', 'f', 'n', 'r', 't':
		return 2
	case 'u':
		if len(b) >= 6 && hex4(b[2:6]) >= 0 {
			return 6
		}
	}
	return 0
}

// hex4 gives the value of four hex digits, -1 if they are not.
func hex4(b []byte) rune {
	var v rune
	for _, c := range b[:4] {
		switch {
		case isDigit(c):
			v = v<<4 | rune(c-'0')
		case c >= 'a' && c <= 'f':
			v = v<<4 | rune(c-'a'+10)
		case c >= 'A' && c <= 'F':
			v = v<<4 | rune(c-'A'+10)
		default:
			return -1
		}
	}
	return v
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

// number reads -?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?.
func (s *scanner) number() *Error {
	if s.b[s.pos] == '-' {
		s.pos++
	}
	zero := s.pos
	if s.digits() == 0 || (s.b[zero] == '0' && s.pos > zero+1) {
		return s.syntax("no number is written so")
	}
	if s.pos < len(s.b) && s.b[s.pos] == '.' {
		s.pos++
		if s.digits() == 0 {
			return s.syntax("no number is written so")
		}
	}
	if s.pos < len(s.b) && (s.b[s.pos] == 'e' || s.b[s.pos] == 'E') {
		s.pos++
		if s.pos < len(s.b) && (s.b[s.pos] == '+' || s.b[s.pos] == '-') {
			s.pos++
		}
		if s.digits() == 0 {
			return s.syntax("no number is written so")
		}
	}
	return nil
}

func (s *scanner) digits() int {
	start := s.pos
	for s.pos < len(s.b) && isDigit(s.b[s.pos]) {
		s.pos++
	}
	return s.pos - start
}

// unescaped gives the text of the inside of a string that the scanner accepted, raw itself if it has no
// escape.
func unescaped(raw []byte) []byte {
	if bytes.IndexByte(raw, '\\') < 0 {
		return raw
	}
	return appendUnescaped(make([]byte, 0, len(raw)), raw)
}

func appendUnescaped(out, raw []byte) []byte {
	for len(raw) > 0 {
		if raw[0] != '\\' {
			out = append(out, raw[0])
			raw = raw[1:]
			continue
		}
		var used int
		out, used = appendEscape(out, raw)
		raw = raw[used:]
	}
	return out
}

// appendEscape writes what the escape that raw begins with stands for, and gives the escape's length. It
// keeps a lone surrogate as its three-byte form, so that two names that differ stay different.
func appendEscape(out, raw []byte) ([]byte, int) {
	if raw[1] != 'u' {
		return append(out, plainEscape(raw[1])), 2
	}
	r, used := hex4(raw[2:]), 6
	if utf16.IsSurrogate(r) && len(raw) >= 12 && raw[6] == '\\' && raw[7] == 'u' {
		if pair := utf16.DecodeRune(r, hex4(raw[8:])); pair != utf8.RuneError {
			r, used = pair, 12
		}
	}
	if utf16.IsSurrogate(r) {
		return append(out, 0xe0|byte(r>>12), 0x80|byte(r>>6)&0x3f, 0x80|byte(r)&0x3f), used
	}
	return utf8.AppendRune(out, r), used
}

func plainEscape(c byte) byte {
	switch c {
	case 'b':
		return '\b'
	case 'f':
		return '\f'
	case 'n':
		return '\n'
	case 'r':
		return '\r'
	case 't':
		return '\t'
	}
	return c
}
