package folder

// Bounds of what a person prints, scans and types. Source: spec/kit.md, spec/meeting.md.
const (
	kitWords = 24
	// maxKitQR is what a camera reads at arm's length from a printed alphanumeric QR, level M.
	maxKitQR     = 512
	maxKitRelays = 3
	maxRelayURL  = 64

	codeWords  = 6
	codeDigits = 20
	// maxCodeText bounds what is scanned or pasted: an origin of 253 bytes with scheme and port, and 31.
	maxCodeText = 512
)

// Bounds of the vault. Source: spec/device.md §1.
const (
	// maxVault is far above what a vault with 256 leaf hashes and 1,000 folders needs.
	maxVault = 4 << 20
	maxWraps = 2
	// scrypt's N: 2^15 takes about 0.1 s in a browser. Above 2^18 a file could exhaust its memory.
	scryptLogN    = 15
	scryptLogNMax = 18
	scryptR       = 8
	scryptP       = 1
)

// Bounds of a meeting. Source: spec/meeting.md §2 and §3.
const (
	meetPadded = 4080 // so that a sealed body is 4,096 bytes, the relay's limit
	maxHello   = 3 << 10
	roomMS     = 10 * 60 * 1000
	noOneMS    = 30 * 1000
	silentMS   = 2 * 60 * 1000
)

// Bounds of the segment log. Source: spec/device.md §2.
const (
	// segmentSize is where a new segment begins; runtime measurements favor a few MB.
	segmentSize = 4 << 20
	// maxEntry lets the largest entry, a 256 KiB blob leaf with its framing, fit many times over.
	maxEntry = 1 << 20
	// batchSize is what is buffered before it goes to the disk in one write.
	batchSize   = 128 << 10
	maxSegments = 1 << 16
)
