package govern

// Bounds of a network genesis. Each recipient takes 1,219 bytes of the 32 KiB that a GOV block may hold, which
// allows 24 of them: ten witnesses, ten members and four desk groups.
const (
	MaxMembers    = 64
	MaxWitnesses  = 16
	MaxLanes      = 64
	MaxURLs       = 4
	MaxURL        = 64       // a recovery kit's QR holds three
	MaxFile       = 96 << 10 // the block and one signature for each member
	RecipientSize = 1216     // ML-KEM-768 encapsulation key 1,184 ‖ X25519 32
)
