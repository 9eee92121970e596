// Package gossip is the wire between client and relay, and later between relays and witnesses: binary frames,
// each a type byte and one canonical msgpack array. It promises that every message is bounded before memory is
// taken and refuses other encodings of the same value. It moves no bytes itself: shells do.
//
//	frame   type 1 B ‖ array
//	HELLO 1   [lowest, highest, net 32, epoch, governance head 32, nonce 32, relay key 33 or empty]
//	AUTH 2    [connection key 33, admission […], signature]
//	TOKEN 3   [token 32, quota]
//	SUB 4     [subscription, tags [16…], lane, cursor]
//	…         one struct below for each
//
//	f := gossip.Frame(&gossip.Push{Request: 1, Blocks: blocks})
//	m, err := gossip.Parse(f)
package gossip

import (
	"github.com/anamnesis-health/anamnesis/shared/block"
	"github.com/tinylib/msgp/msgp"
)

//go:generate go run github.com/tinylib/msgp@v1.6.5 -file gossip.go -o gossip_gen.go -io=false -tests=false
//msgp:tuple Hello Auth Token Sub Unsub Credit Push Result Stored Blocks Head Heads Get Meet Share Fork Err
//msgp:ignore Bins
//msgp:limit arrays:1048576 maps:1

// Type is the first byte of a frame. Numbers not named here are reserved for witnesses.
type Type uint8

// Frame types. Source: spec/wire.md §2.
const (
	TypeHello  Type = 1
	TypeAuth   Type = 2
	TypeToken  Type = 3
	TypeSub    Type = 4
	TypeUnsub  Type = 5
	TypeCredit Type = 6
	TypePush   Type = 7
	TypeStored Type = 8
	TypeBlocks Type = 13
	TypeHeads  Type = 14
	TypeGet    Type = 15
	TypeMeet   Type = 16
	TypeShare  Type = 18
	TypeFork   Type = 23
	TypeErr    Type = 25
)

// WireVersion is the only wire version spoken today.
const WireVersion = 1

// Hello opens a connection, both ways. Relay is the relay's lane key (33 bytes), empty from a client. Nonce is
// fresh; the client's AUTH signs the relay's.
type Hello struct {
	Lowest  uint8
	Highest uint8
	Net     block.Net
	Epoch   uint16
	GovHead block.ID
	Nonce   block.Hash
	Relay   []byte
}

// Auth proves the connection key: Signature is `hello` over relay key 33 ‖ nonce 32. Admission holds one entry,
// over the connection key, or none for a guest. A connection key is never a chain key.
type Auth struct {
	Connection block.Key
	Admission  []block.Admission `msg:"admission,limit=1"`
	Signature  []byte
}

// Token answers AUTH: the bearer token of the blob routes and the bytes this connection may still push
// (0 means only the rate limit).
type Token struct {
	Token block.Hash
	Quota uint64
}

// Sub asks for blocks as they come, whole, after Cursor (a position in the relay's lane; 0 is the beginning):
// those with one of Tags, or with no tags those of Lane. The relay sends at most the credit given.
type Sub struct {
	Sub    uint32
	Tags   []block.Tag `msg:"tags,limit=256"`
	Lane   uint16
	Cursor uint64
}

// Unsub ends a subscription.
type Unsub struct{ Sub uint32 }

// Credit adds bytes that a subscription may receive.
type Credit struct {
	Sub   uint32
	Bytes uint32
}

// Push hands blocks to the relay, in order.
type Push struct {
	Request uint32
	Blocks  Bins
}

// Result is what became of one pushed block: Reason "" is stored (or held already), else a code such as chain/seq.
type Result struct {
	ID     block.ID
	Reason string
}

// Stored answers PUSH after the relay's fsync: one result for each block, in order.
type Stored struct {
	Request uint32
	Results []Result `msg:"results,limit=4096"`
}

// Blocks carries blocks to a client, for a request (Sub 0) or a subscription (Request 0). Cursor is the lane
// position of the last one looked at; More says that asking again from there brings more.
type Blocks struct {
	Request uint32
	Sub     uint32
	Cursor  uint64
	More    bool
	Blocks  Bins
}

// Head is the newest block of a chain.
type Head struct {
	Chain block.ChainID
	Seq   uint32
	ID    block.ID
}

// Heads answers a GET of heads, in ascending chain order; chains not held are left out. For a subscription
// without credit it says only where the lane stands (Cursor).
type Heads struct {
	Request uint32
	Cursor  uint64
	Heads   []Head `msg:"heads,limit=4096"`
}

// Get asks for one of: a range of a chain [From, To], blocks by IDs, Heads of chains, or Shares by ACCESS id.
// Without Payload the blocks come bare.
type Get struct {
	Request uint32
	Chain   block.ChainID
	From    uint32
	To      uint32
	IDs     []block.ID      `msg:"ids,limit=512"`
	Heads   []block.ChainID `msg:"heads,limit=4096"`
	Shares  []block.ID      `msg:"shares,limit=64"`
	Payload bool
}

// Meet posts to a meeting room, or delivers another's post. SlotBurnt ends the room.
type Meet struct {
	Room block.Nonce
	Slot uint8
	Body []byte
}

// SlotBurnt says that somebody else posted under the same code: the room is gone for everybody.
const SlotBurnt = 255

// Share is a releaser's answer to an ACCESS, sealed to the reader; Seat 0 is the owner's device. Signature is
// `release` over [access, seat, salt, body] in this encoding, without it.
type Share struct {
	Access    block.ID
	Seat      uint8
	Salt      block.Hash
	Body      []byte
	Signature []byte
}

// Fork is a proof that a chain has two blocks in one slot: two signed headers.
type Fork struct {
	HeaderA    []byte
	SignatureA []byte
	HeaderB    []byte
	SignatureB []byte
}

// Err answers a request (or, with Request 0, the connection) with a code; RetryAfter is in milliseconds, 0 is never.
type Err struct {
	Request    uint32
	Code       string
	RetryAfter uint32
}

// Message is one of the structs above.
type Message interface {
	msgp.Marshaler
	Type() Type
}

// SignedShare is what `release` signs: the array [access, seat, salt, body].
func (s *Share) SignedShare() []byte {
	b := msgp.AppendArrayHeader(make([]byte, 0, len(s.Body)+80), 4)
	b = msgp.AppendBytes(b, s.Access[:])
	b = msgp.AppendUint8(b, s.Seat)
	b = msgp.AppendBytes(b, s.Salt[:])
	return msgp.AppendBytes(b, s.Body)
}

// HelloBody is what `hello` signs: relay key ‖ nonce.
func HelloBody(relay block.Key, nonce block.Hash) []byte { return append(relay[:], nonce[:]...) }

// Frame gives the bytes of m: type byte, then the array.
func Frame(m Message) []byte {
	b, err := m.MarshalMsg([]byte{byte(m.Type())})
	if err != nil {
		panic(err) // marshaling to memory never fails
	}
	return b
}
