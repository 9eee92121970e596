// Package seal writes and opens what the ledger carries: records, blobs and sealed copies, all of them age files.
//
//	record       age-encryption.org/v1
//	             -> anamnesis.v1 <session id 43> <record id 22>
//	             <base64 of owner stanza 48 ‖ section stanza 32, in lines of 64 and 43>
//	             --- <header MAC 43>
//	             stream nonce 16 ‖ chunks of 64 KiB + 16                       294 bytes more than the plaintext
//	blob         leaf 0: erase commitment 32; then 256 KiB pieces of an age file, stanza anamnesis.blob.v1 <record id>
//	sealed copy  an age file whose every stanza is mlkem768x25519
//
// It promises that nothing opens before its header MAC and its last chunk are verified, that one wrap of the file
// key serves owner and readers alike, and that nothing is written for a classic recipient. It refuses any other
// version, stanza, length or base64 than the one that Seal writes; there is no fallback parser.
//
//	file, r, err := seal.Record(ctx, keys, plaintext, rand)
//	h, err := seal.ParseHeader(file)
//	r, err := seal.OwnerSecret(ctx, s0, scope, h)
//	key, err := seal.SectionFileKey(ctx, k, r, h)
//	plaintext, err := seal.Open(file, key)
package seal

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"io"

	"filippo.io/age"
	"github.com/anamnesis-health/anamnesis/shared/block"
	"github.com/anamnesis-health/anamnesis/shared/share"
)

// FileKey is age's: it opens one file's body.
type FileKey [FileKeySize]byte

// Errors a caller may branch on.
var (
	ErrHeader = errors.New("age header refused") // not exactly the one header this version writes
	ErrOpen   = errors.New("does not open")      // wrong key, or altered, cut or extended bytes
	ErrHybrid = errors.New("not sealed for a post-quantum key alone")
	ErrLeaf   = errors.New("leaf refused")
)

// RecordKeys are what a writer seals an ordinary record under: its session's S₀, and the section's key and scope.
type RecordKeys struct {
	Owner   share.Secret
	Section share.Secret
	Scope   share.Scope
}

// Header is what the age header of a record says.
type Header struct {
	Session block.ID
	Record  block.Nonce
	Owner   [48]byte
	Section [32]byte
}

const (
	stanzaType = "anamnesis.v1"
	intro      = "age-encryption.org/v1\n-> " + stanzaType + " "
)

// Record seals plaintext for a section: for its readers under K and r together, and for the owner under S₀. It
// draws r, which the caller deals to the seats (share.Seats) and forgets; ctx.Salt, the record id, must be drawn
// anew for each sealing, even of the same text. Source: spec/sealing.md §2.
func Record(ctx share.Context, keys RecordKeys, plaintext []byte, rand io.Reader) (file []byte, r share.Secret, err error) {
	if _, err := io.ReadFull(rand, r[:]); err != nil {
		return nil, share.Secret{}, fmt.Errorf("randomness: %v", err)
	}
	file, err = write(plaintext, func(key FileKey) ([]byte, error) {
		body := share.Seal(ownerKey(ctx, keys.Owner, keys.Scope), nil, r[:])
		return append(body, share.Seal(sectionKey(ctx, keys.Section, r), nil, key[:])...), nil
	}, ctx)
	return file, r, err
}

// OwnerOnly seals plaintext for the owner alone, under S₀; the section stanza is random. Source: spec/sealing.md §2.
func OwnerOnly(ctx share.Context, s0 share.Secret, plaintext []byte, rand io.Reader) ([]byte, error) {
	return write(plaintext, func(key FileKey) ([]byte, error) {
		var text [share.SecretSize]byte
		copy(text[:], key[:])
		body := append(share.Seal(ctx.KDF(s0[:], "manifest"), nil, text[:]), make([]byte, 32)...)
		if _, err := io.ReadFull(rand, body[48:]); err != nil {
			return nil, fmt.Errorf("randomness: %v", err)
		}
		return body, nil
	}, ctx)
}

func ownerKey(ctx share.Context, s0 share.Secret, scope share.Scope) share.Secret {
	return ctx.KDF(s0[:], "owner", scope[:])
}

func sectionKey(ctx share.Context, k, r share.Secret) share.Secret {
	return ctx.KDF(append(k[:], r[:]...), "section")
}

// wrapper is the age.Recipient that writes one stanza of ours.
type wrapper struct {
	kind string
	args []string
	body func(FileKey) ([]byte, error)
}

func (w wrapper) Wrap(fileKey []byte) ([]*age.Stanza, error) {
	body, err := w.body(FileKey(fileKey))
	if err != nil {
		return nil, err
	}
	return []*age.Stanza{{Type: w.kind, Args: w.args, Body: body}}, nil
}

func write(plaintext []byte, body func(FileKey) ([]byte, error), ctx share.Context) ([]byte, error) {
	var out bytes.Buffer
	out.Grow(len(plaintext) + Overhead + len(plaintext)/chunkSize*chunkOverhead)
	w, err := age.Encrypt(&out, wrapper{stanzaType, []string{encode(ctx.Session[:]), encode(ctx.Salt[:])}, body})
	if err != nil {
		return nil, fmt.Errorf("seal: %v", err)
	}
	if _, err := w.Write(plaintext); err != nil {
		return nil, fmt.Errorf("seal: %v", err)
	}
	if err := w.Close(); err != nil {
		return nil, fmt.Errorf("seal: %v", err)
	}
	return out.Bytes(), nil
}

// encode is age's base64: unpadded, spare bits zero.
func encode(b []byte) string { return base64.RawStdEncoding.Strict().EncodeToString(b) }

func decode(dst []byte, src []byte) error {
	// A line end, which encoding/base64 skips, leaves fewer bytes than dst wants.
	if n, err := base64.RawStdEncoding.Strict().Decode(dst, src); err != nil || n != len(dst) {
		return fmt.Errorf("base64 %q: %w", src, ErrHeader)
	}
	return nil
}

// ParseHeader reads the header of a record's age file, which must be byte for byte the form of Record: version,
// one stanza, canonical unpadded base64, lengths. It verifies no MAC: Open does. It returns ErrHeader.
// Source: spec/sealing.md §1.
func ParseHeader(file []byte) (Header, error) {
	if len(file) < HeaderSize {
		return Header{}, fmt.Errorf("file of %d bytes: %w", len(file), ErrHeader)
	}
	b := file[:HeaderSize]
	if string(b[:len(intro)]) != intro {
		return Header{}, fmt.Errorf("version or stanza %q: %w", b[:len(intro)], ErrHeader)
	}
	var h Header
	var body [80]byte
	var mac [32]byte
	at := len(intro)
	field := func(dst []byte, chars int, end string) error {
		text := b[at : at+chars]
		at += chars + len(end)
		if string(b[at-len(end):at]) != end {
			return fmt.Errorf("end of field %q: %w", b[at-len(end):at], ErrHeader)
		}
		return decode(dst, text)
	}
	for _, err := range []error{
		field(h.Session[:], 43, " "), field(h.Record[:], 22, "\n"),
		field(body[:48], 64, "\n"), field(body[48:], 43, "\n--- "), field(mac[:], 43, "\n"),
	} {
		if err != nil {
			return Header{}, err
		}
	}
	copy(h.Owner[:], body[:48])
	copy(h.Section[:], body[48:])
	return h, nil
}

func (h *Header) check(ctx share.Context) error {
	if h.Session != ctx.Session || h.Record != ctx.Salt {
		return fmt.Errorf("stanza of another session or record: %w", ErrHeader)
	}
	return nil
}

// OwnerSecret gives r from the owner stanza of an ordinary record. ErrHeader when h is not of ctx, else ErrOpen.
func OwnerSecret(ctx share.Context, s0 share.Secret, scope share.Scope, h Header) (share.Secret, error) {
	if err := h.check(ctx); err != nil {
		return share.Secret{}, err
	}
	r, err := share.OpenSecret(ownerKey(ctx, s0, scope), nil, h.Owner[:])
	if err != nil {
		return share.Secret{}, fmt.Errorf("owner stanza: %w", ErrOpen)
	}
	return r, nil
}

// OwnerFileKey gives the file key of an owner-only record. ErrHeader when h is not of ctx, else ErrOpen.
func OwnerFileKey(ctx share.Context, s0 share.Secret, h Header) (FileKey, error) {
	if err := h.check(ctx); err != nil {
		return FileKey{}, err
	}
	text, err := share.OpenSecret(ctx.KDF(s0[:], "manifest"), nil, h.Owner[:])
	if err != nil || [16]byte(text[16:]) != [16]byte{} {
		return FileKey{}, fmt.Errorf("owner-only stanza: %w", ErrOpen)
	}
	return FileKey(text[:16]), nil
}

// SectionFileKey gives the file key of an ordinary record to whoever holds the section key and r. Check r first
// (share.CheckSeats). ErrHeader when h is not of ctx, else ErrOpen.
func SectionFileKey(ctx share.Context, k, r share.Secret, h Header) (FileKey, error) {
	if err := h.check(ctx); err != nil {
		return FileKey{}, err
	}
	key, err := share.Open(sectionKey(ctx, k, r), nil, h.Section[:])
	if err != nil {
		return FileKey{}, fmt.Errorf("section stanza: %w", ErrOpen)
	}
	return FileKey(key), nil
}

// Open gives the plaintext of a record's age file: all of it, after the header MAC and every chunk to the last
// are verified, or nothing and ErrHeader or ErrOpen. Source: spec/sealing.md §3.
func Open(file []byte, key FileKey) ([]byte, error) {
	if _, err := ParseHeader(file); err != nil {
		return nil, err
	}
	return openAll(file, age.NewInjectedFileKeyIdentity(key[:]))
}

func openAll(file []byte, id age.Identity) ([]byte, error) {
	r, err := age.Decrypt(bytes.NewReader(file), id)
	if err != nil {
		return nil, openError(err)
	}
	out := bytes.NewBuffer(make([]byte, 0, len(file)))
	if _, err := out.ReadFrom(r); err != nil {
		return nil, openError(err)
	}
	return out.Bytes(), nil
}

func openError(err error) error {
	if errors.Is(err, ErrHybrid) {
		return err
	}
	return fmt.Errorf("%w: %v", ErrOpen, err)
}
