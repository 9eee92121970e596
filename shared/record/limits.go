package record

// Bounds of the plaintext array. The first two are the protocol's, from spec/record.md §2; the rest keep
// a decoder's memory proportional to what it was given.
const (
	// MaxArray is the longest plaintext array: a payload is at most 16 KiB (spec/block.md), so nothing
	// longer can have been sealed in one. Bigger content goes to a blob.
	MaxArray = 16 << 10
	// MaxRefs is how many RECORD ids one record may refer to.
	MaxRefs = 64
	// MaxCredential is the longest credential, in bytes.
	MaxCredential = 1 << 10
	// MaxSignature leaves room for ML-DSA-44 (2,420 B), reserved as signature algorithm 2.
	MaxSignature = 4 << 10
	// MaxMediaType is RFC 6838's 127 for each of type and subtype, and the slash.
	MaxMediaType = 255
	// PadFloor is the smallest padded plaintext, in bytes.
	PadFloor = 512
	// MaxBlob is the largest content of a blob: a DOCUMENT of 4 GiB.
	MaxBlob = 4 << 30
	// MaxLeaves is how many leaves one blob's hash tree may have.
	MaxLeaves = 1 << 20
)

// Bounds of the inner kinds' contents.
const (
	// MaxFileName is the longest file name a SOURCE keeps, in bytes: the limit of common file systems.
	MaxFileName = 255
	// MaxReason is the longest reason of a VERDICT, in bytes.
	MaxReason = 1000
	// MaxListed is how many RECORD ids LOOKED or HIDE may list: one ACCESS asks for at most 512.
	MaxListed = 512
	// MaxPieces is a gap before, between and after the most entries a file may have.
	MaxPieces = 2*MaxEntries + 1
)

// Bounds of an imported FHIR file, from spec/record.md §5.
const (
	// MaxFile is the largest JSON file, in bytes.
	MaxFile = 32 << 20
	// MaxResource is the largest single resource, in bytes.
	MaxResource = 8 << 20
	// MaxEntries is how many entries a Bundle may have.
	MaxEntries = 20_000
	// MaxMembers is how many members one JSON object may have.
	MaxMembers = 10_000
	// MaxDepth is how many arrays and objects may be open at once.
	MaxDepth = 64
)

// Bounds of a Summary, in bytes.
const (
	maxLabel = 200
	maxWords = 400
	maxID    = 64 // FHIR's id
	maxDate  = 40 // the longest FHIR instant with nanoseconds is 35
	maxType  = 64
)
