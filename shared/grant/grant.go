// Package grant is consent: what a GRANT says, who it lets read what until when, and what an ACCESS asks for.
//
//	sealed part  [g, folder, owner's recipient, erase key, sections [[section, K, A, authorize]…], records [id…],
//	              writers [[chain, sessions [id…]]…], names [owner, reader], purpose]
//	scopes root  RFC 6962 over H(grant, g, scope), padded with H(grant-pad, g, i) to a power of two ≥ 8, sorted
//	entry        HMAC(g, access, nonce, RECORD id) cut to 16 bytes
//
// It promises that a grant counts only when each section's authority signed it, that the newest GRANT of the chain
// decides, and that a REVOKE or a fork ends it. It refuses a sealed part that says otherwise than the public one.
// It seals nothing: callers pass opened bytes in, and scopes as package share computes them.
//
//	f, err := grant.Begin(genesis)
//	f, keys, err := f.Next(grantBlock)
//	err = f.Access(accessBlock, now)
package grant

import (
	"errors"
	"fmt"
	"unicode/utf8"

	"github.com/anamnesis-health/anamnesis/shared/block"
)

//go:generate go run github.com/tinylib/msgp@v1.6.5 -file grant.go -o grant_gen.go -io=false -tests=false -unexported
//msgp:tuple Sealed Section Writer Names
//msgp:limit arrays:32768 maps:1

// Errors a caller branches on.
var (
	ErrInvalid  = errors.New("the grant does not hold what it says") // grant/invalid
	ErrReader   = errors.New("the grant is for another reader")
	ErrReplaced = errors.New("a newer grant replaced this one")
	ErrExpired  = errors.New("the grant has expired")
	ErrStopped  = errors.New("the grant was stopped")
	ErrForked   = errors.New("the grant's chain has forked")
	ErrRight    = errors.New("the grant gives no such right")
	ErrOutside  = errors.New("outside the grant")
)

// Secret is a grant's secret g, a section key K or a folder secret F: 32 bytes.
type Secret [SecretSize]byte

// Scope names one section at one key epoch, 16 secret bytes: share.Scope computes it from A and K.
type Scope [16]byte

// Sealed is part 1 of a GRANT once opened, in the order of its bytes. Owner is the folder owner's recipient
// (1,216 bytes). Records is empty for whole sections. Names and Purpose are NFC text.
type Sealed struct {
	G        Secret
	Folder   block.Hash
	Owner    []byte
	EraseKey block.Key
	Sections []Section  `msg:"sections,limit=64"`
	Records  []block.ID `msg:"records,limit=256"`
	Writers  []Writer   `msg:"writers,limit=64"`
	Names    Names
	Purpose  string
}

// Section is one section at one key epoch: its number (1…6), key K, authority key A, and A's signature over the
// grant's chain id.
type Section struct {
	Number    uint8
	K         Secret
	A         block.Key
	Authorize []byte
}

// Writer is a chain that writes in the folder, and its SESSION ids so far, oldest first.
type Writer struct {
	Chain    block.ChainID
	Sessions []block.ID `msg:"sessions,limit=64"`
}

// Names are what people are called, as the owner writes it.
type Names struct{ Owner, Reader string }

// Encode gives the canonical bytes, not yet padded or sealed.
func (s *Sealed) Encode() []byte { return block.Encode(s) }

// ParseSealed reads canonical bytes and checks every length. Check tells whether they match the public part.
func ParseSealed(b []byte) (*Sealed, error) {
	s, err := block.Decode[Sealed](b, MaxSealed)
	if err != nil {
		return nil, fmt.Errorf("grant: %w", err)
	}
	return &s, s.check()
}

func (s *Sealed) check() error {
	switch {
	case len(s.Owner) != 1216:
		return fmt.Errorf("owner's recipient of %d bytes: %w", len(s.Owner), block.ErrCanonical)
	case len(s.Sections) == 0 || len(s.Sections) > MaxScopes:
		return fmt.Errorf("%d sections: %w", len(s.Sections), block.ErrLimit)
	case len(s.Names.Owner) > MaxName || len(s.Names.Reader) > MaxName || len(s.Purpose) > MaxPurpose:
		return fmt.Errorf("names or purpose too long: %w", block.ErrLimit)
	case !utf8.ValidString(s.Names.Owner) || !utf8.ValidString(s.Names.Reader) || !utf8.ValidString(s.Purpose):
		return fmt.Errorf("names or purpose not text: %w", block.ErrCanonical)
	case !ascends(s.Records) || !writersAscend(s.Writers):
		return fmt.Errorf("records or writers do not ascend: %w", block.ErrCanonical)
	}
	for i, c := range s.Sections {
		if err := block.CheckKey(c.A); err != nil {
			return err
		}
		if len(c.Authorize) != 64 || c.Number < 1 || c.Number > 6 || i > 0 && s.Sections[i-1].Number > c.Number {
			return fmt.Errorf("section %d at place %d, signature of %d bytes: %w", c.Number, i, len(c.Authorize), block.ErrCanonical)
		}
	}
	return block.CheckKey(s.EraseKey)
}

func ascends(ids []block.ID) bool {
	for i := 1; i < len(ids); i++ {
		if string(ids[i-1][:]) >= string(ids[i][:]) {
			return false
		}
	}
	return true
}

func writersAscend(w []Writer) bool {
	for i := 1; i < len(w); i++ {
		if string(w[i-1].Chain[:]) >= string(w[i].Chain[:]) {
			return false
		}
	}
	return true
}
