package gossip

import "github.com/tinylib/msgp/msgp"

// Bins is a list of byte strings. It is read by hand: the generator would take memory for as many as a frame
// claims to hold, before any of them has arrived.
type Bins [][]byte

// Msgsize implements msgp.Sizer.
func (z Bins) Msgsize() int {
	n := msgp.ArrayHeaderSize
	for _, b := range z {
		n += msgp.BytesPrefixSize + len(b)
	}
	return n
}

// MarshalMsg implements msgp.Marshaler.
func (z Bins) MarshalMsg(b []byte) ([]byte, error) {
	b = msgp.AppendArrayHeader(b, uint32(len(z)))
	for _, v := range z {
		b = msgp.AppendBytes(b, v)
	}
	return b, nil
}

// UnmarshalMsg implements msgp.Unmarshaler. Each entry takes at least two bytes, so more than half of what is
// left cannot be true.
func (z *Bins) UnmarshalMsg(b []byte) ([]byte, error) {
	n, b, err := msgp.ReadArrayHeaderBytes(b)
	if err != nil {
		return b, err
	}
	if int(n) > len(b)/2 {
		return b, msgp.ErrShortBytes
	}
	*z = make(Bins, n)
	for i := range *z {
		if (*z)[i], b, err = msgp.ReadBytesBytes(b, nil); err != nil {
			return b, err
		}
	}
	return b, nil
}
