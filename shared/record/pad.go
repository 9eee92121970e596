package record

import (
	"encoding/binary"
	"math/bits"
)

// Padded gives the length that n bytes are padded to: PADMÉ (at most 12 % more, so a length tells
// O(log log n) bits), at least padFloor. n is not negative.
// Source: spec/record.md §1; Nikitin et al., "Reducing Metadata Leakage from Encrypted Files", 2019.
func Padded(n int) int {
	if n <= padFloor {
		return padFloor
	}
	exp := bits.Len(uint(n)) - 1
	mantissa := bits.Len(uint(exp)) // floor(log2 exp) + 1
	mask := 1<<(exp-mantissa) - 1
	return (n + mask) &^ mask
}

// Pad frames array as u32 big-endian length ‖ array ‖ zeros to Padded. Every sealed array is framed so.
func Pad(array []byte) []byte {
	out := make([]byte, Padded(4+len(array)))
	binary.BigEndian.PutUint32(out, uint32(len(array)))
	copy(out[4:], array)
	return out
}

// Unpad gives the array inside padded, sharing its memory, or an *Error if the length is not the one
// Pad makes, the array is longer than limit bytes, or a padding byte is not zero.
func Unpad(padded []byte, limit int) ([]byte, error) {
	if len(padded) < padFloor {
		return nil, malformed("plaintext of %d bytes", len(padded))
	}
	n := binary.BigEndian.Uint32(padded)
	if int64(n) > int64(limit) {
		return nil, malformed("array of %d bytes, limit %d", n, limit)
	}
	if Padded(4+int(n)) != len(padded) {
		return nil, malformed("array of %d bytes in a plaintext of %d", n, len(padded))
	}
	for i := 4 + int(n); i < len(padded); i++ {
		if padded[i] != 0 {
			return nil, malformed("padding byte %d is not zero", i)
		}
	}
	return padded[4 : 4+n], nil
}
