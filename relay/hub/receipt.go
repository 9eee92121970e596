package hub

import (
	"fmt"

	"github.com/tinylib/msgp/msgp"

	"github.com/anamnesis-health/anamnesis/shared/block"
)

// receiptBody is what `stored` signs: the array [root 32, size].
func receiptBody(root block.Hash, size uint64) []byte {
	b := msgp.AppendArrayHeader(make([]byte, 0, 48), 2)
	b = msgp.AppendBytes(b, root[:])
	return msgp.AppendUint64(b, size)
}

// EncodeAnnounce is the body that announces a blob, and the answer of /leaves: the array [size, leaf hashes in one bin].
func EncodeAnnounce(size uint64, leaves []block.Hash) []byte {
	all := make([]byte, 0, 32*len(leaves))
	for _, l := range leaves {
		all = append(all, l[:]...)
	}
	b := msgp.AppendArrayHeader(make([]byte, 0, len(all)+16), 2)
	b = msgp.AppendUint64(b, size)
	return msgp.AppendBytes(b, all)
}

// ParseAnnounce reads what EncodeAnnounce writes. It returns block.ErrCanonical. Source: spec/blob-http.md §3.
func ParseAnnounce(b []byte) (size uint64, leaves []block.Hash, err error) {
	bad := fmt.Errorf("announcement of %d bytes: %w", len(b), block.ErrCanonical)
	n, rest, err := msgp.ReadArrayHeaderBytes(b)
	if err != nil || n != 2 {
		return 0, nil, bad
	}
	if size, rest, err = msgp.ReadUint64Bytes(rest); err != nil {
		return 0, nil, bad
	}
	all, rest, err := msgp.ReadBytesZC(rest)
	if err != nil || len(rest) > 0 || len(all)%32 != 0 {
		return 0, nil, bad
	}
	leaves = make([]block.Hash, len(all)/32)
	for i := range leaves {
		leaves[i] = block.Hash(all[32*i:])
	}
	if string(EncodeAnnounce(size, leaves)) != string(b) {
		return 0, nil, bad
	}
	return size, leaves, nil
}

// EncodeRanges is the answer of /missing: an array of [first, end) pairs, flat.
func EncodeRanges(ranges [][2]uint32) []byte {
	b := msgp.AppendArrayHeader(nil, uint32(2*len(ranges)))
	for _, r := range ranges {
		b = msgp.AppendUint32(msgp.AppendUint32(b, r[0]), r[1])
	}
	return b
}
