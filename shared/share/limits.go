package share

import "github.com/anamnesis-health/anamnesis/shared/block"

// Sizes in bytes and bounds. Source: spec/shares.md §1.
const (
	SecretSize    = 32
	RecipientSize = 1216                  // ML-KEM-768 key 1,184 ‖ X25519 key 32
	Overhead      = 1136                  // HPKE: encapsulation 1,120 and tag 16
	MaxSeats      = block.MaxSeats        // more witnesses than any network's quorum needs
	wrapSize      = SecretSize + tagSize  // wrapped share
	commitSize    = 32                    // commitment
	seatSize      = wrapSize + commitSize // = block.SeatSize
	sealSize      = Overhead + SecretSize // = block.SealSize
	tagSize       = 16                    // Poly1305
	archiveSeat   = 255                   // the last seal of a SESSION
)
