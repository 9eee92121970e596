// Package block is the ledger's one primitive in bytes: a canonical signed header with a detachable payload.
//
//	wire block   [header bin, signature bin, parts [bin…], leaves bin]
//	header       [version, kind, chain 32, seq, prev 32, links [32…], epoch, time, tag 16, payload hash 32, payload length]
//	id           SHA-256(0x00 ‖ header), the signature excluded, so an id is an RFC 6962 leaf
//	payload hash RFC 6962 root over the parts
//
// It promises that one value has one encoding: everything is decoded, encoded again and compared, and trailing
// bytes are refused. What is hashed and verified is what was received. It refuses small-order and non-canonical
// keys wherever a key is enrolled, and judges signatures by the ZIP-215 rule only.
//
//	b, err := block.Parse(frame)
//	if err == nil { err = b.Verify(net, writer) }
package block

import (
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
)

//go:generate go run github.com/tinylib/msgp@v1.6.5 -file block.go -o block_gen.go -io=false -tests=false
//msgp:tuple Header
//msgp:ignore Block wire
//msgp:limit arrays:49152 maps:1

// Version is the only header version this code reads (one byte, first in the header).
const Version = 1

// Net names a network: SHA-256 of its genesis header, 32 bytes. It separates every signature and hash.
type Net [32]byte

// ID names a block: SHA-256(0x00 ‖ header), 32 bytes.
type ID [32]byte

// ChainID names a chain: the id of its genesis block, 32 bytes. It is never interchangeable with an ID.
type ChainID [32]byte

// Hash is any other SHA-256 value, 32 bytes.
type Hash [32]byte

// Tag is a topic tag, 16 bytes: whoever knows it may ask for the blocks that carry it.
type Tag [16]byte

// Nonce is 16 random bytes.
type Nonce [16]byte

// Key is a public key: an algorithm byte and its bytes. Only algorithm 1, Ed25519, is read today: 33 bytes.
type Key [33]byte

// Kind is the outer kind of a block, 1…12 (16 at most).
type Kind uint8

// The outer kinds. Source: spec/block.md §3.
const (
	KindGenesis Kind = iota + 1
	KindRecord
	KindSession
	KindGrant
	KindRevoke
	KindAccess
	KindHandover
	KindRotate
	KindResume
	KindDevice
	KindGov
	KindEpoch
)

// KindMax is the highest kind number a header may carry; those above KindEpoch are stored and forwarded unread.
const KindMax Kind = 16

// String gives the prefixed text form, so that an id is never taken for a key (blk_…).
func (i ID) String() string { return "blk_" + hex.EncodeToString(i[:]) }

// Hex gives 64 lower-case hex digits.
func (i ID) Hex() string { return hex.EncodeToString(i[:]) }

// Chain is the chain that this block, a genesis, begins.
func (i ID) Chain() ChainID { return ChainID(i) }

// String gives the prefixed text form (chn_…).
func (c ChainID) String() string { return "chn_" + hex.EncodeToString(c[:]) }

// Hex gives 64 lower-case hex digits.
func (c ChainID) Hex() string { return hex.EncodeToString(c[:]) }

// Genesis is the id of the chain's first block.
func (c ChainID) Genesis() ID { return ID(c) }

// Hex gives 64 lower-case hex digits.
func (n Net) Hex() string { return hex.EncodeToString(n[:]) }

// Hex gives 64 lower-case hex digits.
func (h Hash) Hex() string { return hex.EncodeToString(h[:]) }

// Header is the signed part of a block. Time is Unix seconds, a multiple of 3,600. Chain is zero at seq 0 (or a
// slot id); Prev is zero at seq 0. Links ascend strictly. Source: spec/block.md §2.
type Header struct {
	Version       uint8
	Kind          Kind
	Chain         ChainID
	Seq           uint32
	Prev          ID
	Links         []ID `msg:"links,limit=8"`
	Epoch         uint16
	Time          uint64
	Tag           Tag
	PayloadHash   Hash
	PayloadLength uint64
}

// Errors a caller may branch on.
var (
	ErrCanonical = errors.New("not canonical")
	ErrVersion   = errors.New("unknown version")
	ErrLimit     = errors.New("over a limit")
	ErrPayload   = errors.New("payload does not match the header")
	ErrSignature = errors.New("bad signature")
	ErrKey       = errors.New("refused key")
)

// Encode gives the canonical bytes of h, about 136.
func (h *Header) Encode() []byte {
	b, err := h.MarshalMsg(make([]byte, 0, 160+34*len(h.Links)))
	if err != nil {
		panic(err) // marshaling to memory never fails
	}
	return b
}

// Check refuses a header whose values are out of range, whatever its bytes.
func (h *Header) Check() error {
	switch {
	case h.Version != Version:
		return fmt.Errorf("%w %d", ErrVersion, h.Version)
	case h.Kind < 1 || h.Kind > KindMax:
		return fmt.Errorf("kind %d: %w", h.Kind, ErrLimit)
	case len(h.Links) > MaxLinks:
		return fmt.Errorf("%d links: %w", len(h.Links), ErrLimit)
	case h.Time%3600 != 0 || h.Time > MaxTime:
		return fmt.Errorf("time %d is no whole hour of this age: %w", h.Time, ErrCanonical)
	case h.Seq == 0 && h.Prev != ID{}:
		return fmt.Errorf("a genesis names a previous block: %w", ErrCanonical)
	case h.Seq == 0 && h.Kind != KindGenesis && h.Kind != KindResume && h.Kind != KindGov:
		return fmt.Errorf("kind %d begins a chain: %w", h.Kind, ErrCanonical)
	case h.Seq > 0 && (h.Kind == KindGenesis || h.Kind == KindResume):
		return fmt.Errorf("kind %d at seq %d: %w", h.Kind, h.Seq, ErrCanonical)
	case h.Seq > 0 && (h.Chain == ChainID{} || h.Prev == ID{}):
		return fmt.Errorf("seq %d names no chain or no previous block: %w", h.Seq, ErrCanonical)
	case h.PayloadLength > uint64(MaxPayload(h.Kind)):
		return fmt.Errorf("payload of %d bytes: %w", h.PayloadLength, ErrLimit)
	}
	for i := 1; i < len(h.Links); i++ {
		if string(h.Links[i-1][:]) >= string(h.Links[i][:]) {
			return fmt.Errorf("links do not ascend: %w", ErrCanonical)
		}
	}
	return nil
}

// ParseHeader reads canonical header bytes, at most MaxHeader. Source: spec/block.md §2.
func ParseHeader(b []byte) (Header, error) {
	h, err := Decode[Header](b, MaxHeader)
	if err != nil {
		return Header{}, fmt.Errorf("header: %w", err)
	}
	return h, h.Check()
}

// HeaderID is the id of the block with these header bytes.
func HeaderID(header []byte) ID { return ID(LeafHash(header)) }

// Block is one received or made block. Raw header bytes are kept: they are what is hashed and verified.
type Block struct {
	Header    Header
	ID        ID
	Raw       []byte   // header bytes as received
	Signature []byte   // 64 bytes for Ed25519
	Parts     [][]byte // nil when the whole payload is withheld; an empty part is withheld when Leaves names it
	Leaves    []byte   // 32 bytes for each withheld (empty) part, in order
}

// Chain is the chain the block belongs to: its own id for a genesis.
func (b *Block) Chain() ChainID {
	if b.Header.Seq == 0 {
		return b.ID.Chain()
	}
	return b.Header.Chain
}

// Whole says whether every part is present.
func (b *Block) Whole() bool {
	return len(b.Leaves) == 0 && (len(b.Parts) > 0 || b.Header.PayloadLength == 0)
}

// New makes and signs a block. h.Version, h.PayloadHash and h.PayloadLength are filled in. An empty part stands for
// itself, but a payload of nothing has no parts.
func New(net Net, key ed25519.PrivateKey, h Header, parts ...[]byte) (*Block, error) {
	h.Version = Version
	h.PayloadHash, h.PayloadLength = RootOf(parts), 0
	for _, p := range parts {
		h.PayloadLength += uint64(len(p))
	}
	if err := h.Check(); err != nil {
		return nil, err
	}
	b := &Block{Header: h, Raw: h.Encode(), Parts: parts}
	if len(b.Raw) > MaxHeader {
		return nil, fmt.Errorf("header of %d bytes: %w", len(b.Raw), ErrLimit)
	}
	if err := b.checkPayload(); err != nil {
		return nil, err
	}
	b.ID = HeaderID(b.Raw)
	b.Signature = Sign(net, key, SigBlock, b.Raw)
	return b, nil
}

// Parse reads one wire block and checks everything that needs no chain: canonical bytes, limits, and that the
// parts present match the payload hash. The signature is not checked. Source: spec/block.md §4.
func Parse(b []byte) (*Block, error) {
	w, err := Decode[wire](b, MaxBlock)
	if err != nil {
		return nil, fmt.Errorf("block: %w", err)
	}
	h, err := ParseHeader(w.Header)
	if err != nil {
		return nil, err
	}
	if len(w.Signature) == 0 || len(w.Signature) > MaxSignature {
		return nil, fmt.Errorf("signature of %d bytes: %w", len(w.Signature), ErrLimit)
	}
	blk := &Block{Header: h, ID: HeaderID(w.Header), Raw: w.Header, Signature: w.Signature, Parts: w.Parts, Leaves: w.Leaves}
	if len(w.Parts) == 0 {
		blk.Parts = nil
	}
	return blk, blk.checkPayload()
}

// checkPayload compares the parts present with the header. Source: spec/block.md §4.
func (b *Block) checkPayload() error {
	h := &b.Header
	if len(b.Parts) == 0 || h.PayloadLength == 0 {
		none := h.PayloadLength == 0
		if len(b.Parts) != 0 || len(b.Leaves) != 0 || none && h.PayloadHash != RootOf(nil) {
			return ErrPayload
		}
		return nil // withheld, or a kind without payload
	}
	if len(b.Parts) > MaxParts || len(b.Leaves)%32 != 0 || len(b.Leaves) >= 32*len(b.Parts) {
		return fmt.Errorf("%d parts, %d leaf bytes: %w", len(b.Parts), len(b.Leaves), ErrLimit)
	}
	leaves, rest, size := make([]Hash, len(b.Parts)), b.Leaves, uint64(0)
	for i, p := range b.Parts {
		size += uint64(len(p))
		leaves[i] = LeafHash(p)
		if len(p) == 0 && len(rest) > 0 {
			leaves[i], rest = Hash(rest[:32]), rest[32:]
		}
	}
	whole := len(b.Leaves) == 0 // else something is missing: an empty part named by its leaf would be a second encoding
	if len(rest) != 0 || whole != (size == h.PayloadLength) || size > h.PayloadLength || Root(leaves) != h.PayloadHash {
		return ErrPayload
	}
	return nil
}

// Encode gives the wire bytes.
func (b *Block) Encode() []byte {
	w := wire{b.Raw, b.Signature, b.Parts, b.Leaves}
	n := len(b.Raw) + len(b.Signature) + len(b.Leaves) + 24
	for _, p := range b.Parts {
		n += len(p) + 5
	}
	out, err := w.MarshalMsg(make([]byte, 0, n))
	if err != nil {
		panic(err) // marshaling to memory never fails
	}
	return out
}

// Bare is the same block with its payload withheld.
func (b *Block) Bare() *Block {
	c := *b
	c.Parts, c.Leaves = nil, nil
	return &c
}

// Verify checks the signature over the header as received, under key, by ZIP-215.
func (b *Block) Verify(net Net, key Key) error {
	return Verify(net, key, SigBlock, b.Raw, b.Signature)
}

// LeafHash is RFC 6962's leaf hash: SHA-256(0x00 ‖ b).
func LeafHash(b []byte) Hash {
	h := sha256.New()
	h.Write([]byte{0})
	h.Write(b)
	var out Hash
	h.Sum(out[:0])
	return out
}
