package seal

import (
	"bytes"
	"fmt"
	"io"

	"filippo.io/age"
)

// CopyKey opens sealed copies: a person keeps its text, AGE-SECRET-KEY-PQ-1…, and the age command reads it.
type CopyKey struct{ id *age.HybridIdentity }

// NewCopyKey draws a key, by its own randomness.
func NewCopyKey() (CopyKey, error) {
	id, err := age.GenerateHybridIdentity()
	if err != nil {
		return CopyKey{}, fmt.Errorf("copy key: %v", err)
	}
	return CopyKey{id}, nil
}

// ParseCopyKey reads the text of a key. A classic key, or anything else, returns ErrHybrid.
func ParseCopyKey(s string) (CopyKey, error) {
	id, err := age.ParseHybridIdentity(s)
	if err != nil {
		return CopyKey{}, fmt.Errorf("copy key: %w", ErrHybrid) // never the text: it may be a secret
	}
	return CopyKey{id}, nil
}

// Text is the key as age writes it: it opens every copy made with it.
func (k CopyKey) Text() string { return k.id.String() }

// Copy seals what is written to the key alone, as an age file on dst; Close writes the last chunk and leaves dst
// open. Source: spec/sealing.md §6.
func (k CopyKey) Copy(dst io.Writer) (io.WriteCloser, error) {
	w, err := age.Encrypt(dst, k.id.Recipient())
	if err != nil {
		return nil, fmt.Errorf("sealed copy: %v", err)
	}
	return w, nil
}

// Open gives the plaintext of a sealed copy of at most MaxCopy bytes: all of it, verified to the last chunk, or
// nothing. A file of another version or form, or with any stanza that is not hybrid, returns ErrHybrid; all else
// ErrOpen. Source: spec/sealing.md §6.
func (k CopyKey) Open(file []byte) ([]byte, error) {
	if len(file) > MaxCopy {
		return nil, fmt.Errorf("sealed copy of %d bytes: %w", len(file), ErrOpen)
	}
	if _, err := age.ExtractHeader(bytes.NewReader(file)); err != nil {
		return nil, fmt.Errorf("no age header (%v): %w", err, ErrHybrid)
	}
	return openAll(file, onlyHybrid(k))
}

// onlyHybrid refuses a file before trying its own stanza, as age itself opens mixed files.
type onlyHybrid struct{ id *age.HybridIdentity }

func (o onlyHybrid) Unwrap(stanzas []*age.Stanza) ([]byte, error) {
	for _, s := range stanzas {
		if s.Type != "mlkem768x25519" {
			return nil, fmt.Errorf("stanza %q: %w", s.Type, ErrHybrid)
		}
	}
	return o.id.Unwrap(stanzas)
}
