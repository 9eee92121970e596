package share

import (
	"crypto/sha256"
	"fmt"
	"io"

	"filippo.io/hpke"

	"github.com/anamnesis-health/anamnesis/shared/block"
)

// Key is the secret half of a recipient: ML-KEM-768 + X25519, made from a 32-byte seed.
type Key struct{ k hpke.PrivateKey }

// KeyFromSeed makes the key whose serialized form is seed. Source: spec/shares.md §6.
func KeyFromSeed(seed [32]byte) Key {
	k, err := hpke.MLKEM768X25519().NewPrivateKey(seed[:])
	if err != nil {
		panic(err) // every seed of 32 bytes is a key
	}
	return Key{k}
}

// Recipient is the public half, 1,216 bytes.
func (k Key) Recipient() []byte { return k.k.PublicKey().Bytes() }

// RecipientHash is what a GENESIS names: SHA-256 of the recipient.
func RecipientHash(recipient []byte) block.Hash { return sha256.Sum256(recipient) }

// SealTo seals text to a recipient (1,216 bytes) by HPKE in base mode, bound to info: 1,136 bytes more than text.
// A recipient that is not a valid hybrid key returns ErrLength or ErrOpen. Draws its own randomness.
// Source: spec/shares.md §6.
func SealTo(recipient, info, text []byte) ([]byte, error) {
	if len(recipient) != RecipientSize {
		return nil, fmt.Errorf("recipient of %d bytes: %w", len(recipient), ErrLength)
	}
	k, err := hpke.MLKEM768X25519().NewPublicKey(recipient)
	if err != nil {
		return nil, fmt.Errorf("recipient refused (%v): %w", err, ErrOpen)
	}
	sealed, err := hpke.Seal(k, hpke.HKDFSHA256(), hpke.ChaCha20Poly1305(), info, text)
	if err != nil {
		return nil, fmt.Errorf("recipient refused (%v): %w", err, ErrOpen)
	}
	return sealed, nil
}

// OpenWith undoes SealTo, or returns ErrOpen.
func OpenWith(k Key, info, sealed []byte) ([]byte, error) {
	text, err := hpke.Open(k.k, hpke.HKDFSHA256(), hpke.ChaCha20Poly1305(), info, sealed)
	if err != nil {
		return nil, fmt.Errorf("sealed to another key or purpose: %w", ErrOpen)
	}
	return text, nil
}

// Secrets are what one writer shares with the folder's owner (S₀) and each seat (S₁…Sₙ, seat 1 first).
type Secrets struct {
	Owner Secret
	Seats []Secret
}

// NewSession draws the secrets of a session on chain in epoch, and seals them: 1,168 bytes each to the owner, to
// every seat in order, and to archive, which is nil unless the author's member must keep what it wrote; then the
// last seal goes to a key thrown away. Recipients are 1,216 bytes each, seats 1…MaxSeats.
// Source: spec/shares.md §7.
func NewSession(net block.Net, chain block.ChainID, epoch uint16, owner []byte, seats [][]byte, archive []byte, rand io.Reader) (Secrets, []byte, error) {
	if len(seats) < 1 || len(seats) > MaxSeats {
		return Secrets{}, nil, fmt.Errorf("%d seats: %w", len(seats), ErrShares)
	}
	s, err := drawSecrets(len(seats), rand)
	if err != nil {
		return Secrets{}, nil, err
	}
	if archive == nil {
		var lost [32]byte
		if _, err := io.ReadFull(rand, lost[:]); err != nil {
			return Secrets{}, nil, fmt.Errorf("randomness: %v", err)
		}
		archive = KeyFromSeed(lost).Recipient()
	}
	seals := make([]byte, 0, (len(seats)+2)*sealSize)
	add := func(seat uint8, recipient []byte, secret Secret) {
		if err != nil {
			return
		}
		var b []byte
		if b, err = SealTo(recipient, sessionInfo(net, chain, epoch, seat, recipient), secret[:]); err != nil {
			err = fmt.Errorf("seat %d: %w", seat, err)
		}
		seals = append(seals, b...)
	}
	add(0, owner, s.Owner)
	for i, r := range seats {
		add(uint8(i+1), r, s.Seats[i])
	}
	add(archiveSeat, archive, s.Owner)
	if err != nil {
		return Secrets{}, nil, err
	}
	return s, seals, nil
}

func drawSecrets(n int, rand io.Reader) (Secrets, error) {
	s := Secrets{Seats: make([]Secret, n)}
	if _, err := io.ReadFull(rand, s.Owner[:]); err != nil {
		return Secrets{}, fmt.Errorf("randomness: %v", err)
	}
	for i := range s.Seats {
		if _, err := io.ReadFull(rand, s.Seats[i][:]); err != nil {
			return Secrets{}, fmt.Errorf("randomness: %v", err)
		}
	}
	return s, nil
}

func sessionInfo(net block.Net, chain block.ChainID, epoch uint16, seat uint8, recipient []byte) []byte {
	h := RecipientHash(recipient)
	info := append(block.Prefix(net, "session"), chain[:]...)
	info = append(info, block.U32(uint32(epoch))...)
	info = append(info, seat)
	return append(info, h[:]...)
}

// OpenOwner gives S₀ from the seals of a SESSION, by the owner's key. ErrLength or ErrOpen.
func OpenOwner(net block.Net, chain block.ChainID, epoch uint16, seals []byte, key Key) (Secret, error) {
	return openSeal(net, chain, epoch, seals, 0, 0, key)
}

// OpenAt gives Sᵢ from the seals of a SESSION, by the key of seat i, 1…n. ErrLength, ErrShares or ErrOpen.
func OpenAt(net block.Net, chain block.ChainID, epoch uint16, seals []byte, seat uint8, key Key) (Secret, error) {
	if seat < 1 || int(seat) > len(seals)/sealSize-2 {
		return Secret{}, &SeatError{seat, "is not in this session"}
	}
	return openSeal(net, chain, epoch, seals, int(seat), seat, key)
}

// OpenArchive gives S₀ from the last seal of a SESSION, by the key of the author's member. ErrLength or ErrOpen.
func OpenArchive(net block.Net, chain block.ChainID, epoch uint16, seals []byte, key Key) (Secret, error) {
	return openSeal(net, chain, epoch, seals, len(seals)/sealSize-1, archiveSeat, key)
}

func openSeal(net block.Net, chain block.ChainID, epoch uint16, seals []byte, at int, seat uint8, key Key) (Secret, error) {
	n := len(seals)/sealSize - 2
	if n < 1 || n > MaxSeats || len(seals) != (n+2)*sealSize {
		return Secret{}, fmt.Errorf("seals of %d bytes: %w", len(seals), ErrLength)
	}
	info := sessionInfo(net, chain, epoch, seat, key.Recipient())
	text, err := OpenWith(key, info, seals[at*sealSize:(at+1)*sealSize])
	if err != nil {
		return Secret{}, err
	}
	return Secret(text), nil // the length of a seal leaves 32 bytes
}
