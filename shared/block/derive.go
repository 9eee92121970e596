package block

import (
	"crypto/ed25519"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"hash"
)

// Sum is H(label, …) = SHA-256(P(label) ‖ …).
func Sum(net Net, label string, data ...[]byte) Hash {
	h := sha256.New()
	h.Write(Prefix(net, label))
	return finish(h, data)
}

// MAC is HMAC(k, label, …) = HMAC-SHA-256(k, P(label) ‖ …).
func MAC(net Net, key []byte, label string, data ...[]byte) Hash {
	h := hmac.New(sha256.New, key)
	h.Write(Prefix(net, label))
	return finish(h, data)
}

func finish(h hash.Hash, data [][]byte) Hash {
	for _, d := range data {
		h.Write(d)
	}
	var out Hash
	h.Sum(out[:0])
	return out
}

// Derive is HKDF(k, label, …): HKDF-SHA-256 without salt, info P(label) ‖ …, 32 bytes. Source: spec/block.md §7.
func Derive(net Net, secret []byte, label string, context ...[]byte) [32]byte {
	return DeriveSalted(net, secret, nil, label, context...)
}

// DeriveSalted is Derive with a salt. Source: spec/block.md §7.
func DeriveSalted(net Net, secret, salt []byte, label string, context ...[]byte) [32]byte {
	info := Prefix(net, label)
	for _, c := range context {
		info = append(info, c...)
	}
	b, err := hkdf.Key(sha256.New, secret, salt, string(info), 32)
	if err != nil {
		panic(err) // 32 bytes is always a legal length
	}
	return [32]byte(b)
}

// DeriveKey is the Ed25519 key whose seed is Derive of the same arguments.
func DeriveKey(net Net, secret []byte, label string, context ...[]byte) ed25519.PrivateKey {
	seed := Derive(net, secret, label, context...)
	return ed25519.NewKeyFromSeed(seed[:])
}

// U32 is n as 4 bytes big-endian: how an integer enters a hash or a derivation.
func U32(n uint32) []byte { return binary.BigEndian.AppendUint32(nil, n) }
