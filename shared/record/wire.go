package record

import (
	"bytes"
	"slices"
	"sort"
	"unicode/utf8"

	"github.com/tinylib/msgp/msgp"
)

// reader takes one canonical array apart. The first refusal sticks; what follows reads zero values.
// Canonical form itself is proved by the caller, who re-encodes and compares: msgp does not check it.
type reader struct {
	rest []byte
	err  error
}

func (r *reader) fail(format string, args ...any) {
	if r.err == nil {
		r.err, r.rest = malformed(format, args...), nil
	}
}

// array reads a header of exactly n elements.
func (r *reader) array(n uint32, what string) {
	if got := r.list(n, what); r.err == nil && got != n {
		r.fail("%s has %d fields, not %d", what, got, n)
	}
}

// list reads a header of at most limit elements. Each takes a byte at least, so no loop outlives its input.
func (r *reader) list(limit uint32, what string) uint32 {
	n, rest, err := msgp.ReadArrayHeaderBytes(r.rest)
	if r.err != nil || err != nil {
		r.fail("%s is not an array", what)
		return 0
	}
	if n > limit || uint64(n) > uint64(len(rest)) {
		r.fail("%s has %d fields", what, n)
		return 0
	}
	r.rest = rest
	return n
}

func (r *reader) uint(limit uint64, what string) uint64 {
	v, rest, err := msgp.ReadUint64Bytes(r.rest)
	if r.err != nil || err != nil {
		r.fail("%s is not an unsigned integer", what)
		return 0
	}
	if v > limit {
		r.fail("%s %d, limit %d", what, v, limit)
		return 0
	}
	r.rest = rest
	return v
}

// bin reads bytes that share the input's memory.
func (r *reader) bin(limit int, what string) []byte {
	v, rest, err := msgp.ReadBytesZC(r.rest)
	if r.err != nil || err != nil {
		r.fail("%s is not bytes", what)
		return nil
	}
	if len(v) > limit {
		r.fail("%s of %d bytes, limit %d", what, len(v), limit)
		return nil
	}
	r.rest = rest
	return v
}

func (r *reader) fixed(into []byte, what string) {
	v := r.bin(len(into), what)
	if r.err == nil && len(v) != len(into) {
		r.fail("%s of %d bytes, not %d", what, len(v), len(into))
	}
	copy(into, v)
}

func (r *reader) text(limit int, what string) string {
	v, rest, err := msgp.ReadStringZC(r.rest)
	if r.err != nil || err != nil {
		r.fail("%s is not text", what)
		return ""
	}
	if len(v) > limit || !utf8.Valid(v) {
		r.fail("%s of %d bytes is too long or not UTF-8", what, len(v))
		return ""
	}
	r.rest = rest
	return string(v)
}

// ids reads at most limit strictly ascending ids.
func (r *reader) ids(limit uint32, what string) []ID {
	n := r.list(limit, what)
	if n == 0 {
		return nil
	}
	ids := make([]ID, n)
	for i := range ids {
		r.fixed(ids[i][:], what)
		if i > 0 && r.err == nil && bytes.Compare(ids[i-1][:], ids[i][:]) >= 0 {
			r.fail("%s do not ascend", what)
		}
	}
	return ids
}

// end gives the first refusal, or one if input is left, or if again (the value encoded anew) differs
// from the bytes received.
func (r *reader) end(received, again []byte, err error, what string) error {
	switch {
	case r.err != nil:
		return r.err
	case len(r.rest) != 0:
		return malformed("%d bytes after %s", len(r.rest), what)
	case err != nil:
		return err
	case !bytes.Equal(received, again):
		return malformed("%s is not in canonical form", what)
	}
	return nil
}

// appendIDs writes a set of ids: ascending, each once, at most limit.
func appendIDs(b []byte, ids []ID, limit int, what string) ([]byte, error) {
	if len(ids) > limit {
		return nil, malformed("%d %s, limit %d", len(ids), what, limit)
	}
	sorted := slices.Clone(ids)
	sort.Slice(sorted, func(i, j int) bool { return bytes.Compare(sorted[i][:], sorted[j][:]) < 0 })
	if len(slices.Compact(slices.Clone(sorted))) != len(ids) {
		return nil, malformed("%s name one id twice", what)
	}
	b = msgp.AppendArrayHeader(b, uint32(len(sorted)))
	for i := range sorted {
		b = msgp.AppendBytes(b, sorted[i][:])
	}
	return b, nil
}

func checkText(s string, limit int, what string) error {
	if len(s) > limit || !utf8.ValidString(s) {
		return malformed("%s of %d bytes is too long or not UTF-8", what, len(s))
	}
	return nil
}
