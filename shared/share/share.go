// Package share splits release secrets over the witnesses and gives each writer its session secrets.
//
//	seals of a SESSION   HPKE(S₀ to owner) ‖ HPKE(Sᵢ to seat i)… ‖ HPKE(S₀ to archive)       1,168 B each
//	seats of a key part  AEAD(KDF(Sᵢ, "share", i, scope), share i) 48 B ‖ commitment i 32 B   seat 1 first
//	share i              byte by byte R + c₁i + c₂i² + … in GF(2⁸), cⱼ = KDF(R, "poly", j)
//
// It promises that t shares give the secret, t−1 tell nothing, and a bad share names its seat. It refuses
// malformed, repeated and uncommitted shares, and any recipient that is not ML-KEM-768 + X25519. A witness needs
// no more than this package; it never sees age.
//
// HPKE is filippo.io/hpke and not the standard library's copy of it: age brings it anyway, and one HPKE and one
// ChaCha20-Poly1305 in the browser's core are 14 KB less to load than two. The bytes are the same.
//
//	secrets, seals, err := share.NewSession(net, chain, epoch, owner, seats, nil, rand)
//	part, err := share.Seats(ctx, r, secrets.Seats, scope, t)
//	r, bad, err := share.Recover(ctx, t, part, answers)
package share

import (
	"errors"
	"fmt"

	"github.com/anamnesis-health/anamnesis/shared/block"
	"golang.org/x/crypto/chacha20poly1305"
)

// Secret is 32 secret bytes: a session secret, a release secret R, a section key or one share.
type Secret [SecretSize]byte

// Scope is the 16 secret bytes that name one section at one key epoch.
type Scope [16]byte

// Errors a caller may branch on.
var (
	ErrOpen   = errors.New("does not open") // AEAD or HPKE refused: wrong key or altered bytes
	ErrShares = errors.New("shares refused")
	ErrLength = errors.New("wrong length")
)

// Context is what every key of one sealing depends on: network, the writer's session, and 16 bytes drawn for this
// sealing alone (a record id, or the nonce of an ACCESS).
type Context struct {
	Net     block.Net
	Session block.ID
	Salt    block.Nonce
}

// KDF is HKDF-SHA-256(k, salt = Salt, info = P(label) ‖ session id ‖ data…), 32 bytes. Source: spec/shares.md §2.
func (c Context) KDF(k []byte, label string, data ...[]byte) Secret {
	return kdf(c.Net, c.Session, c.Salt[:], k, label, data...)
}

func kdf(net block.Net, session block.ID, salt, k []byte, label string, data ...[]byte) Secret {
	return Secret(block.DeriveSalted(net, k, salt, label, append([][]byte{session[:]}, data...)...))
}

// Seal is ChaCha20-Poly1305 under a key that serves once, so the nonce is zero; data is authenticated, not
// sealed. The result is 16 bytes longer than text.
func Seal(key Secret, data, text []byte) []byte {
	a, err := chacha20poly1305.New(key[:])
	if err != nil {
		panic(err) // the key has the one legal length
	}
	return a.Seal(nil, make([]byte, chacha20poly1305.NonceSize), text, data)
}

// Open undoes Seal, or returns ErrOpen.
func Open(key Secret, data, sealed []byte) ([]byte, error) {
	a, err := chacha20poly1305.New(key[:])
	if err != nil {
		panic(err) // the key has the one legal length
	}
	text, err := a.Open(nil, make([]byte, chacha20poly1305.NonceSize), sealed, data)
	if err != nil {
		return nil, ErrOpen
	}
	return text, nil
}

// OpenSecret undoes Seal of exactly 32 bytes: sealed is 48 bytes. It returns ErrLength or ErrOpen.
func OpenSecret(key Secret, data, sealed []byte) (Secret, error) {
	if len(sealed) != wrapSize {
		return Secret{}, fmt.Errorf("sealed secret of %d bytes: %w", len(sealed), ErrLength)
	}
	text, err := Open(key, data, sealed)
	if err != nil {
		return Secret{}, err
	}
	return Secret(text), nil
}

// ScopeOf names a section at one key epoch: the first 16 bytes of H("scope", A, HKDF(K, "scope")), A being the
// section's authority key and k its section key. Source: spec/shares.md §5.
func ScopeOf(net block.Net, authority block.Key, k Secret) Scope {
	return ScopeFrom(net, authority, ScopeKey(net, k))
}

// ScopeKey is HKDF(K, "scope"): what a reader shows a seat in place of K.
func ScopeKey(net block.Net, k Secret) Secret { return Secret(block.Derive(net, k[:], "scope")) }

// ScopeFrom is ScopeOf for a seat, which learns ScopeKey and never K.
func ScopeFrom(net block.Net, authority block.Key, scopeKey Secret) Scope {
	h := block.Sum(net, "scope", authority[:], scopeKey[:])
	return Scope(h[:16])
}

// ScopeCommitment is H("scope-of", record id, scope): public in the key part.
func ScopeCommitment(net block.Net, record block.Nonce, scope Scope) block.Hash {
	return block.Sum(net, "scope-of", record[:], scope[:])
}

// EraseOpening is KDF(S₀, "erase", c): c is 0 for the record's payload, 1 and up for its blobs.
func EraseOpening(ctx Context, s0 Secret, c uint32) Secret {
	return ctx.KDF(s0[:], "erase", block.U32(c))
}

// EraseCommitment is H("erase", erase key, opening): in the key part, and leaf 0 of a blob.
func EraseCommitment(net block.Net, eraseKey block.Key, opening Secret) block.Hash {
	return block.Sum(net, "erase", eraseKey[:], opening[:])
}
