package share

import "github.com/anamnesis-health/anamnesis/shared/block"

// Message is what binds the body of a RELEASE or SHARE: the reader's session, the ACCESS it is about, the seat
// (0: the owner's device, in the interim before witnesses release) and 32 random bytes drawn for it alone.
type Message struct {
	Net     block.Net
	Session block.ID
	Access  block.ID
	Seat    uint8
	Salt    [32]byte
}

// SealUp seals what a reader sends a seat, SealDown what the seat answers, under the session secret they share:
// 16 bytes more than text. Source: spec/shares.md §8.
func (m Message) SealUp(s Secret, text []byte) []byte {
	return Seal(m.key(s, "share up"), m.data(), text)
}

// SealDown seals the answer of a seat to the reader. Source: spec/shares.md §8.
func (m Message) SealDown(s Secret, text []byte) []byte {
	return Seal(m.key(s, "share down"), m.data(), text)
}

// OpenUp undoes SealUp, or returns ErrOpen.
func (m Message) OpenUp(s Secret, sealed []byte) ([]byte, error) {
	return Open(m.key(s, "share up"), m.data(), sealed)
}

// OpenDown undoes SealDown, or returns ErrOpen.
func (m Message) OpenDown(s Secret, sealed []byte) ([]byte, error) {
	return Open(m.key(s, "share down"), m.data(), sealed)
}

func (m Message) key(s Secret, label string) Secret {
	return kdf(m.Net, m.Session, m.Salt[:], s[:], label)
}

func (m Message) data() []byte { return append(m.Access[:], m.Seat) }
