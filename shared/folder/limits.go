package folder

import "github.com/anamnesis-health/anamnesis/shared/block"

// Bounds of what a person prints, scans and types. Source: spec/kit.md, spec/meeting.md.
const (
	kitWords = 24
	// maxKitQR is what a camera reads at arm's length from a printed alphanumeric QR, level M.
	maxKitQR     = 512
	maxKitRelays = 3
	maxRelayURL  = 64

	// 66 random bits as six words of 11, or 20 decimal digits.
	codeWords  = 6
	codeDigits = 20
	// maxCodeText bounds what is scanned or pasted: an origin of 253 bytes with scheme and port, and 31.
	maxCodeText = 512
)

// Bounds of the vault. Source: spec/device.md §1.
const (
	// maxVault is far above what a vault with 256 leaf hashes and 1,000 folders needs.
	maxVault = 4 << 20
	maxWraps = 2 // a passphrase, and a passkey
	// maxCredentialID is WebAuthn's bound of a credential id.
	maxCredentialID = 1023
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
	maxResult  = 256 // two ids and their framing are 69
	roomMS     = 10 * 60_000
	noOneMS    = 30_000
	silentMS   = 2 * 60_000
	linkMS     = 7 * 86_400_000 // a waiting link: the relay's own bound
	// linkPauseMS is how long the reader's side of a waiting link listens before it posts: what is there already comes
	// at once, and shows whether somebody else took the link.
	linkPauseMS = 1_500
	linkShownMS = 86_400_000 // an ended link stays in the list for a day more
	maxLinks    = 16         // waiting at once; each is 24 KiB at the relay
	joinAgainMS = 5 * 60_000 // the relay forgets after 10 min who listens in a room
)

// Bounds of the segment log. Source: spec/device.md §2.
const (
	// segmentSize is where a new segment begins; runtime measurements favor a few MB.
	segmentSize = 4 << 20
	// maxEntry lets the largest entry, a 256 KiB blob leaf with its framing, fit many times over.
	maxEntry = 1 << 20
	// batchSize is what is buffered before it goes to the disk in one write.
	batchSize   = 128 << 10
	maxSegments = 1 << 16 // 256 GB: more than a browser gives
)

// Bounds of what a person types.
const (
	maxName = 128 // bytes: spec/meeting.md §4, spec/grant.md §7
	// minPassphrase is in bytes, as the screen asks for: whoever guesses also needs the device, and 0.1 s of scrypt for each.
	minPassphrase = 8
	// maxNote is in bytes, about three printed pages; it stays in its block, below blobAt.
	maxNote = 8 << 10
	// maxNoteWords of a note are searched, in bytes, as of any record (spec/record.md §6).
	maxNoteWords = 400
	// maxReason bounds the sealed reason of an ACCESS: 280 bytes of text (spec/folder.md §3), its preset and the padding's floor.
	maxReason = 1 << 10
)

// Bounds of what one call answers and of what is kept to answer it.
const (
	maxPage      = 500  // items of a timeline: a few screenfuls
	maxFacets    = 64   // kinds or authors to choose from
	maxRows      = 200  // of the outbox: nobody scrolls further
	maxNotices   = 64   // at once, so that a relay that invents codes fills no memory
	maxDismissed = 64   // remembered: only forks are, and those are rare
	maxImports   = 2    // previews in memory; each may hold a file of 32 MiB (spec/record.md §5)
	maxVouched   = 1024 // signatures remembered: two for each writing chain met
)

// What one call does at most, so that the Worker answers others in between: about 50 ms in the browser.
const (
	importStep  = 24  // records sealed
	checkSlice  = 256 // signatures checked in one batch
	openPerTick = 32  // records opened, at about 1 ms
	maxWalk     = 512 // blocks of a chain read again to prove one record, at about 0.1 ms
)

// Bounds of writing and granting.
const (
	// keysAhead is how many kit keys' leaf hashes stay on the device for later commitments: years of new devices, at 32 bytes.
	keysAhead = 256
	// sessionDays is how long a session serves before a new one starts. It bounds what one leaked session secret is good for.
	sessionDays = 30
	// maxSessions is how many sessions of one writer a GRANT names: with grant.MaxWriters it stays below grant.MaxSealed.
	maxSessions = 4
	// maxChosen is how many records a person can choose for a grant: with a verdict about each they fit grant.MaxRecords.
	maxChosen = 128
	// endingMS is how long before its end a sharing that lasted longer is announced, on both sides.
	endingMS = 86_400_000
	// maxGrantMS is a year, after which the owner should be asked again.
	maxGrantMS = 366 * 86_400_000
	// blobAt is the size from which content goes into a blob: what is left of a payload of 16 KiB beside key part,
	// credential and age header.
	blobAt = 12 << 10
)

// Bounds of a stock of admissions. Source: spec/network.md §5.
const (
	maxPasses    = 32 // what `anamnesis admit` signs at once
	writerPasses = 3  // a restore and two forks; the rest are for sharings
	// maxAdmission is issuer 32, expiry 9, signature block.MaxSignature and their framing.
	maxAdmission = block.MaxSignature + 64
	// maxAdmissions is far above a stock: 32 lines of a key of 70 characters and an admission of 150.
	maxAdmissions = 64 << 10
)

// Bounds of a folder's devices.
const (
	maxDevices   = 4          // of one DEVICE: each adds a seal of 1,168 bytes
	leavesGiven  = 32         // kit keys that a linked device may commit to: years of new chains, in a result of 3 KiB
	deviceNewsMS = 86_400_000 // a new device is shown on the others for a day
	drillMS      = 365 * 86_400_000
)

// Pacing of the wire. The relay's own bounds are spec/wire.md §3.
const (
	pushBytes  = 512 << 10 // of one PUSH: half a frame's bound, so that one more block always fits
	pushBlocks = 256       // well below the 4,096 of one PUSH: a refusal holds up no more than these
	credit     = 256 << 10 // the most that a subscription may have
	maxTags    = 256       // of one subscription
	maxSubs    = 64        // of one connection
	maxAsked   = 64        // ACCESS ids of one GET
	maxExtra   = 256       // chains that tags lead to: 64 discovery tags for each of two periods and a section

	pollEveryMS = 20_000         // followed chains are asked for by range too, so that nothing rests on tags alone
	askEveryMS  = 2_000          // a waiting reader asks for its SHARE
	findMS      = 8_000          // the relay is asked for a kit's identity so long before the screen says that it is not there
	holdMS      = 5_000          // no PUSH after a refusal without a time of its own
	maxHoldMS   = 10 * 60_000    // however long a relay asks to wait
	shareForMS  = 26 * 3_600_000 // an ACCESS is answered: the relay keeps a SHARE for 24 h, and header times are whole hours
	followForMS = 7 * 86_400_000 // a reader's chain is followed after its grant has ended: what it wrote offline still arrives
)

// Documents.
const (
	// bigAt is the size from which a document has a file of its own and is read by range: about what a screen shows at once.
	bigAt = 1 << 20
	// maxDocument is the largest, with room for the padding below seal.MaxBlob.
	maxDocument = 3 << 30
	// maxPiece is the most that one call reads or writes of a document, so that a call stays near 50 ms in the browser.
	maxPiece = 1 << 20
	// maxSealing is how many documents may be under way at once, each with one leaf in memory.
	maxSealing = 4
)

// Blobs over HTTP. Source: spec/blob-http.md.
const (
	leavesPerRequest = 8 // near 2 MiB in one answer
	retryMS          = 1_000
	retryBlobMS      = 20_000 // of the blob that failed; others go on after retryMS
)

// Bounds of an archive. Source: spec/archive.md §1.
const (
	// archiveChunk is about what one call gives and one blocks entry holds: few calls, and little held at a time.
	archiveChunk = 512 << 10
	// maxArchiveEntry lets the leaf hashes of a blob of 8 GiB fit, twice what a record may name.
	maxArchiveEntry = 1 << 20
	// archiveBatch is how many signatures are checked at once: cheaper than one by one, and below 50 ms.
	archiveBatch = 128
)
