package block

import (
	"bytes"
	"crypto/ed25519"
	"fmt"
)

//go:generate go run github.com/tinylib/msgp@v1.6.5 -file clear.go -o clear_gen.go -io=false -tests=false -unexported
//msgp:tuple Genesis Admission admitBody KeyPart Session Grant Access Handover Rotate Device
//msgp:limit arrays:65536 maps:1

// ChainType says what a chain is for.
type ChainType uint8

// Chain types. Source: spec/block.md §3.
const (
	ChainIdentity ChainType = iota + 1
	ChainWriting
	ChainGrant
	ChainObject
	ChainGovernance
	ChainClaim
)

// Genesis is the clear part of a GENESIS. Recipient is SHA-256 of the HPKE recipient (32 bytes) for identities and
// writing chains, else empty; Admission holds one entry or, for a guest, none; RevokeKey is a Key (33 bytes) for grants
// and claims, else empty. A zero Commitment can never rotate.
type Genesis struct {
	Type       ChainType
	Nonce      Nonce
	Writer     Key
	Commitment Hash
	Recipient  []byte
	Admission  []Admission `msg:"admission,limit=1"`
	RevokeKey  []byte
}

// Admission is a member's permission for one key: an `admit` signature over [purpose, key, expiry].
type Admission struct {
	Issuer    ChainID
	Expiry    uint64 // Unix seconds
	Signature []byte
}

// Purposes of an admission.
const (
	AdmitChain      = 1 // a writer key at genesis
	AdmitConnection = 2 // a connection key at AUTH
)

type admitBody struct {
	Purpose uint8
	Key     Key
	Expiry  uint64
}

// Admit signs an admission of key by a member until expiry (Unix seconds).
func Admit(net Net, member ed25519.PrivateKey, issuer ChainID, purpose uint8, key Key, expiry uint64) Admission {
	return Admission{issuer, expiry, Sign(net, member, SigAdmit, Encode(&admitBody{purpose, key, expiry}))}
}

// Check verifies the admission of key for purpose under the issuing member's key, not expired at (Unix seconds).
func (a *Admission) Check(net Net, member Key, purpose uint8, key Key, at uint64) error {
	if a.Expiry < at {
		return fmt.Errorf("admission expired: %w", ErrSignature)
	}
	return Verify(net, member, SigAdmit, Encode(&admitBody{purpose, key, a.Expiry}), a.Signature)
}

// KeyPart is part 1 of a RECORD, clear: the shares of all seats, 80 bytes each (wrapped share 48 ‖ commitment 32).
type KeyPart struct {
	Session ID
	Record  Nonce // record id
	Erase   Hash  // erase commitment
	Scope   Hash  // scope commitment
	T       uint8
	N       uint8
	Seats   []byte
}

// Session is the clear part of a SESSION: HPKE seals of 1,168 bytes to owner, seats 1…n and archive.
type Session struct {
	Epoch uint16
	Seals []byte
}

// Rights of a grant.
const (
	RightRead  = 1
	RightWrite = 2
)

// Grant is the clear part of a GRANT. Expiry is Unix seconds. Records is empty or a 32-byte root.
type Grant struct {
	Reader  ChainID
	Rights  uint8
	Expiry  uint64
	Scopes  Hash
	Records []byte
}

// Access is the clear part of an ACCESS: entries of 16 bytes each in one bin, ascending, a multiple of 8 entries.
type Access struct {
	Session ID
	Nonce   Nonce
	Entries []byte
}

// Handover is the clear part of a HANDOVER. Recipient is empty: objects have none.
type Handover struct {
	Writer     Key
	Commitment Hash
	Recipient  []byte
}

// Rotate is the clear part of a ROTATE: the revealed key with its path in the commitment. Path holds up to
// three hashes in one bin; Completion is a block id (32 bytes) or empty.
type Rotate struct {
	Key          Key
	Index        uint8
	Count        uint8
	Path         []byte
	Commitment   Hash
	Recipient    []byte
	LastAccepted uint32
	Completion   []byte
}

// Device is the clear part of a DEVICE: SHA-256 of the guardians' key, or empty.
type Device struct {
	Guardians []byte
}

// Sizes inside clear parts. Source: spec/block.md §3.
const (
	SealSize   = 1168 // HPKE encapsulation 1,120 + text 32 + tag 16
	SeatSize   = 80   // wrapped share 48 ‖ commitment 32
	EntrySize  = 16   // ACCESS entry
	MaxSeats   = 16   // witnesses of a network
	MaxEntries = 512  // entries of an ACCESS: what one screen asks for, many times over
)

// Clear decodes and checks the clear part of a block: number of parts and every length. It answers nil for a kind
// without a clear array, for one not read here (RESUME, GOV, EPOCH, unknown), and for a clear part that is withheld
// or, in a RECORD, empty. Otherwise a *Genesis, *KeyPart, *Session, *Grant, *Access, *Handover, *Rotate or *Device.
func (b *Block) Clear() (any, error) {
	s := shapeOf(b.Header.Kind)
	if s == nil {
		return nil, nil
	}
	none := b.Header.PayloadLength == 0
	if none && !s.empty || !none && s.parts == 0 {
		return nil, fmt.Errorf("kind %d with a payload of %d bytes: %w", b.Header.Kind, b.Header.PayloadLength, ErrCanonical)
	}
	if len(b.Parts) == 0 {
		return nil, nil // withheld, or none by right
	}
	if len(b.Parts) != s.parts {
		return nil, fmt.Errorf("kind %d with %d parts: %w", b.Header.Kind, len(b.Parts), ErrCanonical)
	}
	if part := b.Parts[s.clear]; len(part) > 0 {
		return s.read(part)
	}
	if len(b.Leaves) == 0 && !s.empty {
		return nil, fmt.Errorf("kind %d with an empty clear part: %w", b.Header.Kind, ErrCanonical)
	}
	return nil, nil
}

//msgp:ignore shape

// shape says how many parts a kind has, which of them is clear, whether there may be none, and how to read it.
type shape struct {
	parts, clear int
	empty        bool
	read         func([]byte) (any, error)
}

func shapeOf(k Kind) *shape {
	switch k {
	case KindGenesis:
		return &shape{1, 0, false, func(b []byte) (any, error) { return clearOf(b, checkGenesis) }}
	case KindRecord: // none: a claim's completion; an empty key part: an object's
		return &shape{2, 1, true, func(b []byte) (any, error) { return clearOf(b, checkKeyPart) }}
	case KindSession:
		return &shape{1, 0, false, func(b []byte) (any, error) { return clearOf(b, checkSession) }}
	case KindGrant:
		return &shape{2, 0, false, func(b []byte) (any, error) { return clearOf(b, checkGrant) }}
	case KindRevoke:
		return &shape{0, 0, true, nil}
	case KindAccess:
		return &shape{2, 0, false, func(b []byte) (any, error) { return clearOf(b, checkAccess) }}
	case KindHandover:
		return &shape{1, 0, false, func(b []byte) (any, error) { return clearOf(b, checkHandover) }}
	case KindRotate:
		return &shape{1, 0, false, func(b []byte) (any, error) { return clearOf(b, checkRotate) }}
	case KindDevice:
		return &shape{2, 0, false, func(b []byte) (any, error) { return clearOf(b, checkDevice) }}
	}
	return nil
}

func refuse(ok bool, format string, args ...any) error {
	if ok {
		return nil
	}
	return fmt.Errorf(format+": %w", append(args, ErrCanonical)...)
}

func is(b []byte, sizes ...int) bool {
	for _, n := range sizes {
		if len(b) == n {
			return true
		}
	}
	return false
}

func checkGenesis(g *Genesis) error {
	if err := CheckKey(g.Writer); err != nil {
		return err
	}
	revocable := g.Type == ChainGrant || g.Type == ChainClaim
	sealedTo := g.Type == ChainIdentity || g.Type == ChainWriting
	switch {
	case g.Type < ChainIdentity || g.Type > ChainClaim || g.Type == ChainGovernance: // that one begins with GOV
		return refuse(false, "chain type %d", g.Type)
	case len(g.Admission) > 1 || len(g.Admission) == 1 && len(g.Admission[0].Signature) > MaxSignature:
		return refuse(false, "%d admissions", len(g.Admission))
	case sealedTo != (len(g.Recipient) == 32) || !is(g.Recipient, 0, 32) || revocable != (len(g.RevokeKey) == 33) || !revocable && len(g.RevokeKey) != 0:
		return refuse(false, "recipient of %d, revoke key of %d bytes", len(g.Recipient), len(g.RevokeKey))
	case g.Type == ChainGrant && g.Commitment != Hash{}:
		return refuse(false, "a grant commits to a next key")
	case revocable:
		return CheckKey(Key(g.RevokeKey))
	}
	return nil
}

func checkKeyPart(k *KeyPart) error {
	return refuse(k.T >= 1 && k.T <= k.N && k.N <= MaxSeats && len(k.Seats) == int(k.N)*SeatSize,
		"key part with t %d, n %d, %d seat bytes", k.T, k.N, len(k.Seats))
}

func checkSession(s *Session) error {
	n := len(s.Seals)/SealSize - 2
	return refuse(len(s.Seals)%SealSize == 0 && n >= 1 && n <= MaxSeats, "seals of %d bytes", len(s.Seals))
}

func checkGrant(g *Grant) error {
	return refuse(g.Rights >= 1 && g.Rights <= RightRead|RightWrite && is(g.Records, 0, 32),
		"grant with rights %d, records root of %d bytes", g.Rights, len(g.Records))
}

func checkAccess(a *Access) error {
	n := len(a.Entries) / EntrySize
	if len(a.Entries)%(8*EntrySize) != 0 || n < 8 || n > MaxEntries {
		return refuse(false, "access entries of %d bytes", len(a.Entries))
	}
	for i := 1; i < n; i++ {
		at := i * EntrySize
		if bytes.Compare(a.Entries[at-EntrySize:at], a.Entries[at:at+EntrySize]) >= 0 {
			return refuse(false, "access entries do not ascend")
		}
	}
	return nil
}

func checkHandover(h *Handover) error {
	if err := CheckKey(h.Writer); err != nil {
		return err
	}
	return refuse(is(h.Recipient, 0), "recipient of %d bytes", len(h.Recipient))
}

func checkRotate(r *Rotate) error {
	if err := CheckKey(r.Key); err != nil {
		return err
	}
	return refuse(r.Count >= 1 && r.Count <= 8 && r.Index < r.Count && len(r.Path)%32 == 0 && len(r.Path) <= 96 &&
		is(r.Recipient, 0, 32) && is(r.Completion, 0, 32), "rotate %d of %d, path of %d bytes", r.Index, r.Count, len(r.Path))
}

func checkDevice(d *Device) error {
	return refuse(is(d.Guardians, 0, 32), "guardians hash of %d bytes", len(d.Guardians))
}
