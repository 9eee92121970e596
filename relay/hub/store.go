package hub

import (
	"errors"
	"time"

	"github.com/anamnesis-health/anamnesis/shared/block"
	"github.com/anamnesis-health/anamnesis/shared/chain"
)

// ErrFull says that the disk is full: nothing of the call was kept, and reading goes on. Every other error of a
// Store that is not about one damaged block means that durability is unknown: the process must end.
var ErrFull = errors.New("disk full")

// Placed is a stored block, whole, at its position in the lane (from 1, without gaps). Block is nil when the bytes
// on disk no longer give the id they were stored under.
type Placed struct {
	Position uint64
	Block    *block.Block
	Bytes    []byte // as received
}

// Chain is what the store keeps of a chain besides its blocks: the state at its head, and whether a member
// admitted it (a chain that a GRANT admitted cannot admit others).
type Chain struct {
	State  chain.State
	Member bool
}

// Addition is everything one frame adds. Positions continue the lane.
type Addition struct {
	Blocks []Placed
	Chains []Chain
	Admits []block.ChainID // readers that a GRANT among Blocks names
}

// Share is a kept answer to an ACCESS: the whole SHARE frame.
type Share struct {
	Access block.ID
	Seat   uint8
	Frame  []byte
	Until  time.Time
}

// Post is a body that waits in a meeting room. Slot is 8…15, or gossip.SlotBurnt for a room that is burnt.
type Post struct {
	Room  block.Nonce
	Slot  uint8
	Body  []byte
	Until time.Time
}

// Store keeps what must outlive the process. Each writing call is one commit, on disk when it returns. It is called
// by one goroutine at a time. An each function answers false to stop.
type Store interface {
	// Tail is the position of the newest block, 0 when there is none.
	Tail() uint64
	// Append keeps a frame's blocks with the states that follow from them. All of it or nothing is kept.
	Append(a Addition) error
	Chain(id block.ChainID) (Chain, bool, error)
	// Claimed is the chain whose genesis took a slot id.
	Claimed(slot block.ChainID) (block.ChainID, bool, error)
	Slot(id block.ChainID, seq uint32) (Placed, bool, error)
	ByID(id block.ID) (Placed, bool, error)
	// Range gives blocks from…to of a chain, in order.
	Range(id block.ChainID, from, to uint32, each func(Placed) bool) error
	// Tagged gives at most limit blocks with one of the tags after a position, in lane order.
	Tagged(tags []block.Tag, after uint64, limit int, each func(Placed) bool) error
	// Lane gives at most limit blocks after a position.
	Lane(after uint64, limit int, each func(Placed) bool) error
	// Admitted says whether a stored GRANT names this reader.
	Admitted(reader block.ChainID) (bool, error)

	// KeepFork keeps the first proof of a chain's fork; later ones add nothing.
	KeepFork(id block.ChainID, proof []byte) error
	Fork(id block.ChainID) ([]byte, bool, error)
	// KeepShare keeps at most perSeat shares for an ACCESS and seat: the oldest gives way. The same bytes are kept once.
	KeepShare(s Share, perSeat int) error
	Shares(access block.ID) ([][]byte, error)
	// KeepPost keeps a post that is not there yet.
	KeepPost(p Post) error
	Posts(room block.Nonce) ([]Post, error)
	// Expire drops shares and posts whose time is over.
	Expire(now time.Time) error
}
