package block

import "github.com/tinylib/msgp/msgp"

// wire is a block as it travels: see the package comment.
type wire struct {
	Header    []byte
	Signature []byte
	Parts     [][]byte
	Leaves    []byte
}

// MarshalMsg implements msgp.Marshaler. It is written by hand, as the generator's limit on the number of parts
// would also cap the size of each.
func (w *wire) MarshalMsg(b []byte) ([]byte, error) {
	b = msgp.AppendArrayHeader(b, 4)
	b = msgp.AppendBytes(b, w.Header)
	b = msgp.AppendBytes(b, w.Signature)
	b = msgp.AppendArrayHeader(b, uint32(len(w.Parts)))
	for _, p := range w.Parts {
		b = msgp.AppendBytes(b, p)
	}
	return msgp.AppendBytes(b, w.Leaves), nil
}

// UnmarshalMsg implements msgp.Unmarshaler. Lengths are checked before memory is taken.
func (w *wire) UnmarshalMsg(b []byte) ([]byte, error) {
	n, b, err := msgp.ReadArrayHeaderBytes(b)
	if err != nil || n != 4 {
		return b, msgp.ArrayError{Wanted: 4, Got: n}
	}
	if w.Header, b, err = msgp.ReadBytesBytes(b, nil); err != nil {
		return b, err
	}
	if w.Signature, b, err = msgp.ReadBytesBytes(b, nil); err != nil {
		return b, err
	}
	if n, b, err = msgp.ReadArrayHeaderBytes(b); err != nil || n > MaxParts {
		return b, msgp.ArrayError{Wanted: MaxParts, Got: n}
	}
	w.Parts = make([][]byte, n)
	for i := range w.Parts {
		if w.Parts[i], b, err = msgp.ReadBytesBytes(b, nil); err != nil {
			return b, err
		}
	}
	w.Leaves, b, err = msgp.ReadBytesBytes(b, nil)
	return b, err
}
