package api

import (
	"errors"
	"reflect"
	"strconv"
	"unicode/utf16"
	"unicode/utf8"
)

// This file writes and reads the JSON of types.go: structs of tagged fields, lists, texts, whole numbers, truth values.
// encoding/json does the same and much more, for 30 KB of the browser's core; a test holds the two to agree.

const maxDepth = 16 // of what is skipped; types.go nests four deep

var errJSON = errors.New("not the JSON that is expected")

// Encode gives the JSON of a value made of types like those of types.go.
func Encode(v any) []byte { return appendJSON(nil, reflect.ValueOf(v)) }

// Decode reads JSON into the value that into points to. It returns an error for anything else than one fitting value.
func Decode(b []byte, into any) error { return readJSON(b, reflect.ValueOf(into).Elem()) }

// appendJSON appends v. A nil list is written as an empty one; bytes that are no UTF-8 become U+FFFD.
func appendJSON(b []byte, v reflect.Value) []byte {
	switch v.Kind() {
	case reflect.String:
		return appendText(b, v.String())
	case reflect.Bool:
		return strconv.AppendBool(b, v.Bool())
	case reflect.Int, reflect.Int64:
		return strconv.AppendInt(b, v.Int(), 10)
	case reflect.Slice:
		b = append(b, '[')
		for i := range v.Len() {
			if i > 0 {
				b = append(b, ',')
			}
			b = appendJSON(b, v.Index(i))
		}
		return append(b, ']')
	case reflect.Struct:
		t := v.Type()
		b = append(b, '{')
		for i := range t.NumField() {
			if i > 0 {
				b = append(b, ',')
			}
			b = append(appendText(b, t.Field(i).Tag.Get("json")), ':')
			b = appendJSON(b, v.Field(i))
		}
		return append(b, '}')
	}
	panic("wasm/api: a " + v.Kind().String() + " in types.go") // a test goes through all of them
}

func appendText(b []byte, s string) []byte {
	const hex = "0123456789abcdef"
	b = append(b, '"')
	for _, r := range s {
		switch {
		case r == '"' || r == '\\':
			b = append(b, '\\', byte(r))
		case r < ' ':
			b = append(b, '\\', 'u', '0', '0', hex[r>>4], hex[r&15])
		default:
			b = utf8.AppendRune(b, r)
		}
	}
	return append(b, '"')
}

// readJSON reads one value into v, a pointer's element, and refuses what does not fit it. Unknown names are passed
// over, null leaves v as it is.
func readJSON(b []byte, v reflect.Value) error {
	r := jsonReader{rest: b}
	r.value(v, 0)
	r.space()
	if r.bad || len(r.rest) > 0 {
		return errJSON
	}
	return nil
}

type jsonReader struct {
	rest []byte
	bad  bool
}

func (r *jsonReader) space() {
	for len(r.rest) > 0 && (r.rest[0] == ' ' || r.rest[0] == '\n' || r.rest[0] == '\r' || r.rest[0] == '\t') {
		r.rest = r.rest[1:]
	}
}

// take passes over s if it comes next.
func (r *jsonReader) take(s string) bool {
	if len(r.rest) < len(s) || string(r.rest[:len(s)]) != s {
		return false
	}
	r.rest = r.rest[len(s):]
	return true
}

// next is the first byte of what follows, 0 at the end.
func (r *jsonReader) next() byte {
	r.space()
	if len(r.rest) == 0 {
		return 0
	}
	return r.rest[0]
}

// value reads one value into v; an invalid v means that it is only passed over.
func (r *jsonReader) value(v reflect.Value, depth int) {
	kind := v.Kind() // Invalid when passed over
	switch c := r.next(); {
	case r.bad || depth > maxDepth:
		r.bad = true
	case c == '"':
		s := r.text()
		if kind == reflect.String && !r.bad {
			v.SetString(s)
		} else if kind != reflect.Invalid {
			r.bad = true
		}
	case c == '{':
		r.object(v, depth)
	case c == '[':
		r.array(v, depth)
	case r.take("null"):
	case r.take("true"), r.take("false"):
		if kind == reflect.Bool {
			v.SetBool(c == 't')
		} else if kind != reflect.Invalid {
			r.bad = true
		}
	default:
		r.number(v)
	}
}

func (r *jsonReader) object(v reflect.Value, depth int) {
	if v.Kind() != reflect.Struct && v.Kind() != reflect.Invalid {
		r.bad = true
	}
	r.take("{")
	if r.next() == '}' {
		r.take("}")
		return
	}
	for !r.bad {
		if r.next() != '"' {
			break
		}
		name := r.text()
		if r.next(); !r.take(":") {
			break
		}
		r.value(field(v, name), depth+1)
		if r.next(); r.take("}") {
			return
		}
		if !r.take(",") {
			break
		}
	}
	r.bad = true
}

// field is the field of a struct under that name; invalid when there is none.
func field(v reflect.Value, name string) reflect.Value {
	if v.Kind() == reflect.Struct {
		for i := range v.NumField() {
			if v.Type().Field(i).Tag.Get("json") == name {
				return v.Field(i)
			}
		}
	}
	return reflect.Value{}
}

func (r *jsonReader) array(v reflect.Value, depth int) {
	list := v.Kind() == reflect.Slice
	if !list && v.Kind() != reflect.Invalid {
		r.bad = true
		return
	}
	if list {
		v.Set(reflect.MakeSlice(v.Type(), 0, 0))
	}
	r.take("[")
	if r.next() == ']' {
		r.take("]")
		return
	}
	for !r.bad {
		var one reflect.Value
		if list {
			one = reflect.New(v.Type().Elem()).Elem()
		}
		r.value(one, depth+1)
		if list {
			v.Set(reflect.Append(v, one))
		}
		if r.next(); r.take("]") {
			return
		}
		if !r.take(",") {
			break
		}
	}
	r.bad = true
}

// number reads a whole number; others are refused where one is wanted, and passed over elsewhere.
func (r *jsonReader) number(v reflect.Value) {
	n := 0
	for n < len(r.rest) && (r.rest[n] >= '0' && r.rest[n] <= '9' || r.rest[n] == '-' || r.rest[n] == '+' || r.rest[n] == '.' || r.rest[n]|0x20 == 'e') {
		n++
	}
	text := string(r.rest[:n])
	r.rest = r.rest[n:]
	i, err := strconv.ParseInt(text, 10, 64)
	switch {
	case !isNumber(text):
		r.bad = true
	case v.Kind() == reflect.Invalid:
	case err != nil || v.Kind() != reflect.Int && v.Kind() != reflect.Int64:
		r.bad = true
	default:
		v.SetInt(i)
	}
}

// isNumber says whether s is a number as RFC 8259 writes it.
func isNumber(s string) bool {
	digits := func() (n int) {
		for len(s) > 0 && s[0] >= '0' && s[0] <= '9' {
			s, n = s[1:], n+1
		}
		return n
	}
	one := func(set string) bool {
		for i := range len(set) {
			if len(s) > 0 && s[0] == set[i] {
				s = s[1:]
				return true
			}
		}
		return false
	}
	one("-")
	if !one("0") && digits() == 0 || one(".") && digits() == 0 {
		return false
	}
	if one("eE") {
		if one("+-"); digits() == 0 {
			return false
		}
	}
	return s == ""
}

// text reads a string that comes next.
func (r *jsonReader) text() string {
	var out []byte
	for b := r.rest[1:]; len(b) > 0; {
		switch c := b[0]; {
		case c == '"':
			r.rest = b[1:]
			return string(out)
		case c < ' ':
			r.bad = true
			return ""
		case c != '\\':
			x, n := utf8.DecodeRune(b)
			out, b = utf8.AppendRune(out, x), b[n:]
		case len(b) > 1 && b[1] == 'u':
			x, n := escaped(b)
			if n == 0 {
				r.bad = true
				return ""
			}
			out, b = utf8.AppendRune(out, x), b[n:]
		default:
			const from, to = `"\/bfnrt`, "\"\\/\b\f\n\r\t"
			at := -1
			for i := range len(from) {
				if len(b) > 1 && from[i] == b[1] {
					at = i
				}
			}
			if at < 0 {
				r.bad = true
				return ""
			}
			out, b = append(out, to[at]), b[2:]
		}
	}
	r.bad = true
	return ""
}

// escaped reads \uXXXX, or two of them that are one character; half of one alone is U+FFFD. n is 0 when it is none.
func escaped(b []byte) (x rune, n int) {
	one, ok := hex4(b)
	if !ok {
		return 0, 0
	}
	if !utf16.IsSurrogate(one) {
		return one, 6
	}
	if two, ok := hex4(b[6:]); ok {
		if x := utf16.DecodeRune(one, two); x != utf8.RuneError {
			return x, 12
		}
	}
	return utf8.RuneError, 6
}

func hex4(b []byte) (rune, bool) {
	if len(b) < 6 || b[0] != '\\' || b[1] != 'u' {
		return 0, false
	}
	n, err := strconv.ParseUint(string(b[2:6]), 16, 16)
	return rune(n), err == nil
}
