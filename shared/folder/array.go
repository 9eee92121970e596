package folder

import (
	"bytes"
	"fmt"

	"github.com/anamnesis-health/anamnesis/shared/block"
	"github.com/tinylib/msgp/msgp"
)

// This file reads and writes the engine's own structures as canonical msgpack arrays, as msgp's generated code would,
// by a walk over pointers to their fields: a quarter of the size in the browser's core.

// structure is anything whose fields are an array.
type structure interface{ fields() []any }

// list is a field that holds a list: n entries, each given by at.
type list struct {
	n     func() int
	grow  func(n int)
	at    func(i int) []any // the entry's fields, or one pointer when single
	one   bool
	least int // bytes that an entry takes at least
}

// nested is a field that is an array itself.
type nested []any

func nest(fields []any) any { return nested(fields) }

func many[T any](v *[]T, fields func(*T) []any) any {
	return list{
		n:     func() int { return len(*v) },
		grow:  func(n int) { *v = make([]T, n) },
		at:    func(i int) []any { return fields(&(*v)[i]) },
		least: 1 + len(fields(new(T))),
	}
}

// fixed is a field of bytes whose length is known.
type fixed []byte

// manyOf is a field that lists single values.
func manyOf[T any](v *[]T) list {
	return list{
		n:     func() int { return len(*v) },
		grow:  func(n int) { *v = make([]T, n) },
		at:    func(i int) []any { return []any{&(*v)[i]} },
		one:   true,
		least: 1,
	}
}

// plain turns a pointer to a field into one of the few forms that are written: a pointer to a number, text or bytes,
// fixed bytes, a list or a nested array.
func plain(f any) any {
	switch f := f.(type) {
	case *secret:
		return fixed(f[:])
	case *scope:
		return fixed(f[:])
	case *block.ID:
		return fixed(f[:])
	case *block.ChainID:
		return fixed(f[:])
	case *block.Hash:
		return fixed(f[:])
	case *block.Nonce:
		return fixed(f[:])
	case *block.Key:
		return fixed(f[:])
	case *[]secret:
		return manyOf(f)
	case *[]scope:
		return manyOf(f)
	case *[]block.ID:
		return manyOf(f)
	case *[]block.ChainID:
		return manyOf(f)
	case *[]block.Hash:
		return manyOf(f)
	case *[]string:
		return manyOf(f)
	case *[]uint32:
		return manyOf(f)
	}
	return f
}

// encode gives the one encoding of v.
func encode(v structure) []byte { return appendFields(nil, v.fields()) }

func appendFields(b []byte, fields []any) []byte {
	b = msgp.AppendArrayHeader(b, uint32(len(fields)))
	for _, f := range fields {
		b = appendField(b, f)
	}
	return b
}

func appendField(b []byte, f any) []byte {
	switch f := plain(f).(type) {
	case fixed:
		return msgp.AppendBytes(b, f)
	case *[]byte:
		return msgp.AppendBytes(b, *f)
	case *string:
		return msgp.AppendString(b, *f)
	case *bool:
		return msgp.AppendBool(b, *f)
	case *uint8:
		return msgp.AppendUint64(b, uint64(*f))
	case *uint16:
		return msgp.AppendUint64(b, uint64(*f))
	case *uint32:
		return msgp.AppendUint64(b, uint64(*f))
	case *uint64:
		return msgp.AppendUint64(b, *f)
	case *int64:
		return msgp.AppendInt64(b, *f)
	case nested:
		return appendFields(b, f)
	case list:
		b = msgp.AppendArrayHeader(b, uint32(f.n()))
		for i := range f.n() {
			if f.one {
				b = appendField(b, f.at(i)[0])
			} else {
				b = appendFields(b, f.at(i))
			}
		}
		return b
	}
	panic(fmt.Sprintf("no encoding for %T", f)) // a field of a type that fields.go must not list
}

// decode reads one canonical array of at most max bytes into v, which must be zero: it decodes, refuses trailing
// bytes, encodes again and compares. It returns an error that wraps block.ErrCanonical or block.ErrLimit.
func decode(b []byte, max int, v structure) error {
	if len(b) > max {
		return fmt.Errorf("%d bytes: %w", len(b), block.ErrLimit)
	}
	rest, err := readFields(b, v.fields())
	if err != nil {
		return fmt.Errorf("%w: %v", block.ErrCanonical, err)
	}
	if len(rest) > 0 || !bytes.Equal(encode(v), b) {
		return fmt.Errorf("%w: another encoding of the same value", block.ErrCanonical)
	}
	return nil
}

func readFields(b []byte, fields []any) ([]byte, error) {
	n, b, err := msgp.ReadArrayHeaderBytes(b)
	if err != nil || int(n) != len(fields) {
		return b, msgp.ArrayError{Wanted: uint32(len(fields)), Got: n}
	}
	for _, f := range fields {
		if b, err = readField(b, f); err != nil {
			return b, err
		}
	}
	return b, nil
}

func readField(b []byte, f any) (_ []byte, err error) {
	switch f := plain(f).(type) {
	case fixed:
		return msgp.ReadExactBytes(b, f)
	case *[]byte:
		*f, b, err = msgp.ReadBytesBytes(b, nil)
	case *string:
		*f, b, err = msgp.ReadStringBytes(b)
	case *bool:
		*f, b, err = msgp.ReadBoolBytes(b)
	case *uint8:
		*f, b, err = msgp.ReadUint8Bytes(b)
	case *uint16:
		*f, b, err = msgp.ReadUint16Bytes(b)
	case *uint32:
		*f, b, err = msgp.ReadUint32Bytes(b)
	case *uint64:
		*f, b, err = msgp.ReadUint64Bytes(b)
	case *int64:
		*f, b, err = msgp.ReadInt64Bytes(b)
	case nested:
		return readFields(b, f)
	case list:
		return readList(b, f)
	default:
		panic(fmt.Sprintf("no encoding for %T", f)) // a field of a type that fields.go must not list
	}
	return b, err
}

// readList takes memory for no more entries than the bytes left could hold.
func readList(b []byte, l list) ([]byte, error) {
	n, b, err := msgp.ReadArrayHeaderBytes(b)
	if err != nil {
		return b, err
	}
	if int(n) > len(b)/l.least {
		return b, msgp.ErrShortBytes
	}
	l.grow(int(n))
	for i := range int(n) {
		if l.one {
			b, err = readField(b, l.at(i)[0])
		} else {
			b, err = readFields(b, l.at(i))
		}
		if err != nil {
			return b, err
		}
	}
	return b, nil
}

// decoded is decode into a new value.
func decoded[T any, P interface {
	*T
	structure
}](b []byte, max int) (v T, err error) {
	var zero T
	if err := decode(b, max, P(&v)); err != nil {
		return zero, err
	}
	return v, nil
}
