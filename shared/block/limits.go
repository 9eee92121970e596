package block

// Bounds of the header and payload. Source: spec/block.md §5, from the ledger's measured sizes.
const (
	MaxHeader    = 1024      // a plain header is 136 bytes; 8 links add 272
	MaxLinks     = 8         // an access has one, a resume a handful
	MaxParts     = 2         // clear part, sealed part
	MaxSignature = 4096      // Ed25519 64; ML-DSA-44, reserved, 2,420
	MaxBlock     = 48 << 10  // largest payload, header, signature and framing
	MaxTime      = 1<<32 - 1 // the year 2106; five bytes in a header
	maxSmall     = 16 << 10  // a record: 64 fit a frame of 1 MiB
	maxLarge     = 32 << 10  // a session for 16 seats is 21 KB; a grant of 64 scopes and 256 records 20 KB
)

// MaxPayload is the payload bound of a kind, in bytes.
func MaxPayload(k Kind) int {
	switch k {
	case KindSession, KindGrant, KindResume, KindGov, KindEpoch:
		return maxLarge
	default:
		return maxSmall
	}
}
