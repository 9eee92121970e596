package folder

import (
	"github.com/anamnesis-health/anamnesis/shared/block"
)

// secret is 32 bytes that nobody else may learn.
type secret [32]byte

// scope names one section at one key epoch, 16 bytes.
type scope [16]byte

// Credential says who an author is: a device of an identity, named by its writer, or (Identity and Signature
// empty) a guest's device, which only the owner's GRANT endorses. It travels sealed inside records, and openly
// only inside a meeting's sealed hello. Source: spec/device.md §4.
type Credential struct {
	Version   uint8
	Identity  []byte // identity chain, 32 bytes, or empty for a guest
	Device    block.Key
	Name      string
	Signature []byte // `device` over [identity chain, device key, name], or empty
	Member    []byte // accreditation, or empty
}

// deviceClaim is what `device` signs.
type deviceClaim struct {
	Identity block.ChainID
	Device   block.Key
	Name     string
}

// manifest is the owner's own table of contents: who may read, who writes, and every key. Owner-only.
type manifest struct {
	Version uint8
	Folder  secret // folder id
	Number  uint32
	Person  person
	Keys    []sectionKey
	Grants  []manifestGrant
	Writers []manifestWriter
}

type person struct {
	Name string
	Born string // YYYY-MM-DD, or empty
}

// sectionKey is one key epoch of a section: K, the seed of A, and the scopes it replaces.
type sectionKey struct {
	Section  uint8
	K        secret
	A        secret
	Scope    scope
	Replaces []scope
}

// State of a grant in the manifest.
const (
	grantActive  = 1
	grantStopped = 2
)

type manifestGrant struct {
	Chain      block.ChainID
	Nonce      block.Nonce
	Generation uint8 // index of the folder secret F that its keys derive from
	G          secret
	Reader     block.ChainID
	Recipient  []byte
	Name       string
	Device     block.Key
	Guest      bool
	Sections   []uint8
	Records    []block.ID
	Rights     uint8
	Expiry     uint64 // Unix seconds
	State      uint8
	SinceMS    int64
	StoppedMS  int64
	Purpose    string
}

type manifestWriter struct {
	Chain      block.ChainID
	Credential []byte
	Own        bool
	Session    block.ID // newest known
	Head       block.ID
	Cut        []uint32 // empty, or the last accepted seq
	Erase      secret   // seed of the erase key its records commit to
}

// deviceSealed is part 1 of a DEVICE: HPKE seals of one random key (1,168 bytes each: kit, then devices) and the
// padded body under it.
type deviceSealed struct {
	Seals []byte
	Box   []byte
}

type deviceBody struct {
	Version uint8
	Name    string
	Devices []deviceEntry
	Folders []folderEntry
	Owners  []secret
	Secrets []secret
	NextKit uint32 // index of the first kit key that no commitment has named
}

type deviceEntry struct {
	Name      string
	Key       block.Key
	Recipient []byte
}

type folderEntry struct {
	ID      secret
	Writers []block.ChainID
}

// vaultBody is what the vault seals. Identity, IdentitySeed, Folder and Kit are empty in a reader's profile.
type vaultBody struct {
	Version      uint8
	X            secret
	Name         string
	Born         string
	Owners       []secret
	Secrets      []secret
	Identity     []byte
	IdentitySeed []byte
	Folder       []byte
	Kit          []byte // kit recipient, public half
	NextKit      uint32
	Leaves       []block.Hash // leaf hashes of the next kit keys
	Saved        uint32       // rises with each writing: of two slots the higher is the newer
	Claim        []byte       // `device` signature over this device, of one that does not write the identity; else empty
}

// earlierVault is a vaultBody as versions before linking wrote it: without the last field.
type earlierVault vaultBody

func decodeVaultBody(b []byte) (vaultBody, error) {
	v, err := decoded[vaultBody](b, len(b))
	if err != nil {
		if old, earlier := decoded[earlierVault](b, len(b)); earlier == nil {
			return vaultBody(old), nil
		}
	}
	return v, err
}

// deviceState is what this device alone needs to know to go on: its writing chains and their session secrets.
type deviceState struct {
	Version   uint8
	Counter   uint32
	Writers   []writerState
	Dismissed []string
	DrillMS   int64 // when the kit was last read here
}

// earlierState is a deviceState as versions before the drill wrote it: without the last field.
type earlierState deviceState

func decodeState(b []byte) (deviceState, error) {
	s, err := decoded[deviceState](b, len(b))
	if err != nil {
		if old, earlier := decoded[earlierState](b, len(b)); earlier == nil {
			return deviceState(old), nil
		}
	}
	return s, err
}

type writerState struct {
	Folder   secret // context of the writing key: the own folder's id, or zero for another's
	Counter  uint32
	Chain    block.ChainID
	Session  block.ID
	StartMS  int64 // of the session
	Secrets  []secret
	Grant    block.ChainID // zero in the own folder
	Frozen   bool
	JoinedMS int64
	Identity []byte // of the folder's owner, as the meeting showed it; empty in the own folder
}

// indexEntry is one line of the sealed local index: all that timeline and search show of a record.
type indexEntry struct {
	ID       block.ID
	Kind     uint16
	Section  uint8
	Type     string
	Date     string
	Label    string
	Words    string
	TimeMS   uint64
	Author   string
	Guest    bool
	Own      bool
	Source   block.Nonce
	Size     uint64
	SHA256   block.Hash
	Refs     []block.ID
	Says     uint8 // a VERDICT's opinion; 1 when a HIDE hides, and when a record amends its refs
	Reason   string
	Released []block.ID // of a LOOKED
	Refused  []block.ID
	FileName string // of a SOURCE
	Failed   string
	Blob     []byte // root, or empty
}

// hello is what each side of a meeting shows the other.
type hello struct {
	Version    uint8
	Role       uint8 // 0 host, 1 joiner
	Genesis    []byte
	Recipient  []byte
	Name       string
	Nonce      secret
	Credential []byte
}

// deviceHello is what each side of a link shows the other.
type deviceHello struct {
	Version   uint8
	Role      uint8 // 0 host, 1 joiner
	Device    block.Key
	Recipient []byte
	Name      string // of the folder's person; empty from the joiner
	Nonce     secret
}

// linkResult is the sealed body of a link's slot 5: where the new device finds itself named, and what it may commit to.
type linkResult struct {
	Identity block.ChainID
	Device   block.ID // DEVICE
	NextKit  uint32   // index of the first leaf's kit key
	Leaves   []block.Hash
	Claim    []byte // `device` signature over the new device
}

type sharePair struct {
	Record block.ID
	R      secret
}

// shareBody is the sealed body of an owner's SHARE: the release secrets given, and a code when some were refused.
type shareBody struct {
	Pairs   []sharePair
	Refused string
}

// meetResult is the sealed body of a meeting's slot 5: where the joiner finds its grant.
type meetResult struct {
	Grant block.ChainID
	Block block.ID
}

// keptMeeting is a meeting as it outlives a reload: what each side said, from which every post is made again.
type keptMeeting struct {
	Room     block.Nonce
	Secret   secret
	Base     uint8
	Host     bool
	Hello    []byte
	Commit   []byte // the other side's, or empty
	Peer     []byte // its hello, or empty
	Step     uint8
	PeerSaid bool
	Result   []byte
	Left     uint8
	PeerLeft uint8
	StartMS  int64
}

// meetingEntry is the log's entry of a meeting: the newest of a room counts. Source: spec/device.md §3.
type meetingEntry struct {
	Version uint8
	Meeting keptMeeting
	Code    []byte // host: 9 bytes, so that the link can be shown again; else empty
	Terms   Terms  // host: what was chosen
	Grant   block.ChainID
	Genesis []byte // joiner: its writing chain's, and the counter of its keys
	Counter uint32
	Failed  string
	Hidden  bool // the person has put it away
}

// Outbox marks, in the order they come.
const (
	markAttempted = 1
	markSent      = 2
	markDiscarded = 3
	markBlob      = 4 // IDs are roots of blobs that the relay has stored
	markAbandoned = 5 // of a forked chain: written again on another
	markCarried   = 6 // IDs are chains of other devices, from an archive: their blocks are sent again
)

type outboxMark struct {
	State uint8
	AtMS  int64
	IDs   []block.ID
}

// reasonBody says why a reader asks; sealed under its session for the owner.
type reasonBody struct {
	Mode   uint8 // 0 normal, 1 emergency
	Preset string
	Text   string
}
