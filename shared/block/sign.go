package block

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/hex"
	"fmt"

	"filippo.io/edwards25519"
	"github.com/hdevalence/ed25519consensus"
)

// AlgEd25519 is the algorithm byte of Ed25519 keys; 2 is reserved for ML-DSA-44.
const AlgEd25519 = 1

// String gives the prefixed text form (key_…).
func (k Key) String() string { return "key_" + hex.EncodeToString(k[:]) }

// KeyOf is the public key of a private one.
func KeyOf(priv ed25519.PrivateKey) Key {
	var k Key
	k[0] = AlgEd25519
	copy(k[1:], priv.Public().(ed25519.PublicKey))
	return k
}

// SigType is what a signature is about; a signature of one type is never valid as another.
type SigType string

// The types of signature. Source: spec/block.md §6.
const (
	SigBlock     SigType = "block"     // header; writer or revoke key
	SigHello     SigType = "hello"     // [relay key, nonce]; connection key
	SigAuthorize SigType = "authorize" // grant chain id; section authority
	SigReshare   SigType = "reshare"   // [block id, key part]; section authority
	SigAuthor    SigType = "author"    // writing chain ‖ folder id; device key
	SigDevice    SigType = "device"    // [identity chain, device key, name]; identity's writer
	SigErase     SigType = "erase"     // [type, hash]; folder erase key
	SigLane      SigType = "lane"      // lane header; relay
	SigStored    SigType = "stored"    // [root, size]; relay
	SigErased    SigType = "erased"    // [type, hash]; relay, witness release key
	SigAck       SigType = "ack"       // ack; witness ack key
	SigFreeze    SigType = "freeze"    // freeze report; witness ack key
	SigHandoff   SigType = "handoff"   // hand-off; witness ack key
	SigRelease   SigType = "release"   // [ACCESS id, seat, salt, sealed body]; witness release key, owner's writing key in the interim
	SigClear     SigType = "clear"     // [nonce, ACCESS id, grant head]; witness release key
	SigFound     SigType = "found"     // network genesis; founding member
	SigApprove   SigType = "approve"   // block id; member
	SigAccredit  SigType = "accredit"  // [identity chain, name, role, from, until]; member
	SigAdmit     SigType = "admit"     // [1, key, expiry]; member
)

// Prefix is P(label) = "anamnesis/v1/" ‖ label ‖ 0x00 ‖ net. Source: spec/block.md §6.
func Prefix(net Net, label string) []byte {
	b := make([]byte, 0, 14+len(label)+32+64)
	b = append(b, "anamnesis/v1/"...)
	b = append(b, label...)
	b = append(b, 0)
	return append(b, net[:]...)
}

func message(net Net, t SigType, body []byte) []byte {
	sum := sha256.Sum256(body)
	return append(Prefix(net, string(t)), sum[:]...)
}

// Sign signs P(type) ‖ SHA-256(body): 64 bytes.
func Sign(net Net, key ed25519.PrivateKey, t SigType, body []byte) []byte {
	return ed25519.Sign(key, message(net, t, body))
}

// Verify checks sig (64 bytes) by key over body under the ZIP-215 rule. It returns ErrKey for an unknown
// algorithm and ErrSignature otherwise. It does not refuse small-order keys: CheckKey does, on enrollment.
// Source: spec/block.md §6.
func Verify(net Net, key Key, t SigType, body, sig []byte) error {
	if key[0] != AlgEd25519 {
		return fmt.Errorf("algorithm %d: %w", key[0], ErrKey)
	}
	if !ed25519consensus.Verify(key[1:], message(net, t, body), sig) {
		return fmt.Errorf("%s: %w", t, ErrSignature)
	}
	return nil
}

// Signed is one signature to check in a batch.
type Signed struct {
	Key  Key
	Type SigType
	Body []byte
	Sig  []byte
}

// VerifyAll checks many signatures at once, 3 to 5 times cheaper than one by one; it answers nil when all are
// valid, else one error (or nil) for each. Valid means exactly what Verify says. A batch that fails is halved, so
// that one bad signature among many costs little.
func VerifyAll(net Net, all []Signed) []error {
	errs := make([]error, len(all))
	if verifyInto(net, all, errs) {
		return nil
	}
	return errs
}

// fewest is the smallest batch that is cheaper than single checks.
const fewest = 4

func verifyInto(net Net, all []Signed, errs []error) bool {
	if len(all) >= fewest && verifyBatch(net, all) {
		return true
	}
	if len(all) >= 2*fewest {
		k := len(all) / 2
		left := verifyInto(net, all[:k], errs[:k])
		return verifyInto(net, all[k:], errs[k:]) && left
	}
	good := true
	for i, s := range all {
		errs[i] = Verify(net, s.Key, s.Type, s.Body, s.Sig)
		good = good && errs[i] == nil
	}
	return good
}

func verifyBatch(net Net, all []Signed) bool {
	v := ed25519consensus.NewPreallocatedBatchVerifier(len(all))
	for _, s := range all {
		if s.Key[0] != AlgEd25519 {
			return false
		}
		v.Add(s.Key[1:], message(net, s.Type, s.Body), s.Sig)
	}
	return v.Verify()
}

// CheckKey refuses a key that is non-canonical or of small order: under ZIP-215 such a key verifies signatures
// nobody made. It must be called wherever a key is enrolled. It returns ErrKey.
func CheckKey(key Key) error {
	if key[0] != AlgEd25519 {
		return fmt.Errorf("algorithm %d: %w", key[0], ErrKey)
	}
	p, err := new(edwards25519.Point).SetBytes(key[1:])
	if err != nil {
		return fmt.Errorf("not a point: %w", ErrKey)
	}
	if !bytes.Equal(p.Bytes(), key[1:]) {
		return fmt.Errorf("non-canonical: %w", ErrKey)
	}
	if new(edwards25519.Point).MultByCofactor(p).Equal(edwards25519.NewIdentityPoint()) == 1 {
		return fmt.Errorf("small order: %w", ErrKey)
	}
	return nil
}
