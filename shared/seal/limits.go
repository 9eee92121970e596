package seal

// Sizes in bytes and bounds. Source: spec/sealing.md §1, §4.
const (
	HeaderSize    = 262             // of a record's age file: every field has one length
	Overhead      = HeaderSize + 32 // age file of up to 64 KiB: header, stream nonce 16, one tag 16
	FileKeySize   = 16              // age's
	LeafSize      = 256 << 10       // every leaf of a blob but the first (32 bytes) and the last
	MaxBlob       = 4 << 30         // plaintext with its padding: the largest document
	MaxCopy       = 64 << 20        // a sealed copy opened at once in memory
	blobHeader    = 115             // of a blob's age file
	streamNonce   = 16              // before the first chunk
	chunkSize     = 64 << 10        // age's
	chunkOverhead = 16              // Poly1305 tag of each chunk
)
