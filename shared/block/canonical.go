package block

import (
	"bytes"
	"fmt"

	"github.com/tinylib/msgp/msgp"
)

// Decode reads one canonical msgpack value of at most max bytes: it decodes, refuses trailing bytes, encodes
// again and compares. It returns an error that wraps ErrCanonical or ErrLimit. b is not kept: byte fields are copies.
func Decode[T any, P interface {
	*T
	msgp.Marshaler
	msgp.Unmarshaler
}](b []byte, max int) (T, error) {
	var v, zero T
	if err := decode(b, max, P(&v), P(&v)); err != nil {
		return zero, err
	}
	return v, nil
}

// decode is all of Decode that need not be compiled once for every type.
func decode(b []byte, max int, into msgp.Unmarshaler, from msgp.Marshaler) error {
	if len(b) > max {
		return fmt.Errorf("%d bytes: %w", len(b), ErrLimit)
	}
	rest, err := into.UnmarshalMsg(b)
	if err != nil {
		return fmt.Errorf("%w: %v", ErrCanonical, err)
	}
	if len(rest) > 0 {
		return fmt.Errorf("%w: %d trailing bytes", ErrCanonical, len(rest))
	}
	again, err := from.MarshalMsg(make([]byte, 0, len(b)))
	if err != nil || !bytes.Equal(again, b) {
		return fmt.Errorf("%w: another encoding of the same value", ErrCanonical)
	}
	return nil
}

// Encode gives the one encoding of v.
func Encode(v msgp.Marshaler) []byte {
	b, err := v.MarshalMsg(nil)
	if err != nil {
		panic(err) // marshaling to memory never fails
	}
	return b
}
