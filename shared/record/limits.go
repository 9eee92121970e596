package record

// Bounds of the plaintext array. The first two are the protocol's, from spec/record.md §2; the rest keep
// a decoder's memory proportional to what it was given.
const (
	// maxArray is the longest plaintext array: a payload is at most 16 KiB (spec/block.md), so nothing
	// longer can have been sealed in one. Bigger content goes to a blob.
	maxArray = 16 << 10
	// MaxRefs is how many RECORD ids one record may refer to.
	MaxRefs = 64
	// MaxCredential is the longest credential, in bytes.
	MaxCredential = 1 << 10
	// maxSignature leaves room for ML-DSA-44 (2,420 B), reserved as signature algorithm 2.
	maxSignature = 4 << 10
	// maxMediaType is RFC 6838's 127 for each of type and subtype, and the slash.
	maxMediaType = 255
	// padFloor is the smallest padded plaintext, in bytes.
	padFloor = 512
	// maxBlob is the largest content of a blob: a DOCUMENT of 4 GiB.
	maxBlob = 4 << 30
	// maxLeaves is how many leaves one blob's hash tree may have.
	maxLeaves = 1 << 20
)

// Bounds of the inner kinds' contents.
const (
	// maxFileName is the longest file name a SOURCE keeps, in bytes: the limit of common file systems.
	maxFileName = 255
	// MaxReason is the longest reason of a VERDICT, in bytes.
	MaxReason = 1000
	// MaxListed is how many RECORD ids LOOKED or HIDE may list: one ACCESS asks for at most 512.
	MaxListed = 512
	// maxPieces is a gap before, between and after the most entries a file may have.
	maxPieces = 2*maxEntries + 1
)

// Bounds of an imported FHIR file, from spec/record.md §5.
const (
	// MaxFile is the largest JSON file, in bytes.
	MaxFile = 32 << 20
	// maxResource is the largest single resource, in bytes.
	maxResource = 8 << 20
	// maxEntries is how many entries a Bundle may have.
	maxEntries = 20_000
	// maxMembers is how many members one JSON object may have.
	maxMembers = 10_000
	// maxDepth is how many arrays and objects may be open at once.
	maxDepth = 64
)

// Bounds of a Summary, in bytes.
const (
	maxLabel = 200
	maxWords = 400
	maxID    = 64 // FHIR's id
	maxDate  = 40 // the longest FHIR instant with nanoseconds is 35
	maxType  = 64
)
