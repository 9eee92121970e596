// Package govern is a network's constitution: who its members and witnesses are, and what makes a quorum.
//
//	network file   [block bin, founders' signatures [bin…]]      served at /v1/network
//	block          GOV at seq 0, made with net zero; its id is net
//	part 0         [action 1, genesis bin]
//	genesis        [1, members, desks, approval rule, witnesses, f, lanes, lowest version, highest version, hash algorithm, predecessor bin]
//
// It promises that a Network was signed by every founder, that its n = 3f+1 seats are numbered 1…n, and that every
// key in it was checked and serves one role. It refuses a lower quorum than floor((n+f)/2)+1: a smaller one lets
// two histories be final. Epochs come with the witnesses; a network stays at epoch 1 until then.
//
//	n, err := govern.Parse(file)
//	if err == nil { err = n.Admits(genesis, b.Header.Time) }
package govern

import (
	"errors"
	"fmt"

	"github.com/anamnesis-health/anamnesis/shared/block"
)

//go:generate go run github.com/tinylib/msgp@v1.6.5 -file govern.go -o govern_gen.go -io=false -tests=false -unexported
//msgp:tuple Genesis Member Witness Lane file action
//msgp:limit arrays:65536 maps:1

// Errors a caller branches on.
var (
	ErrGenesis     = errors.New("not a network genesis")
	ErrFounders    = errors.New("not signed by every founder")
	ErrPolicy      = errors.New("unsafe quorum")
	ErrNotAdmitted = errors.New("not admitted")
)

// Genesis is a network's first constitution, in the order of its bytes. Members and Desks ascend by chain,
// Witnesses stand in seat order 1…n, Lanes ascend by number. Source: spec/network.md §2.
type Genesis struct {
	Version     uint8
	Members     []Member  `msg:"members,limit=64"`
	Desks       []Member  `msg:"desks,limit=64"`
	Approval    uint8     // 1: floor(2m/3)+1 of m members decide
	Witnesses   []Witness `msg:"witnesses,limit=16"`
	F           uint8
	Lanes       []Lane `msg:"lanes,limit=64"`
	Lowest      uint8
	Highest     uint8
	HashAlg     uint8  // 1 SHA-256
	Predecessor []byte // empty: a successor network's form comes with it
}

// Member is an institution or a desk group: its identity chain, its current key, its recipient (1,216 bytes).
type Member struct {
	Chain     block.ChainID
	Key       block.Key
	Recipient []byte
}

// Witness is one seat: who runs it, the key of its acks, the key of its releases, its recipient (1,216 bytes).
type Witness struct {
	Seat      uint8
	Member    block.ChainID
	Ack       block.Key
	Release   block.Key
	Recipient []byte
}

// Lane is one relay: the number of its lane, its key, and where it answers, the preferred address first.
type Lane struct {
	Number uint8
	Relay  block.Key
	URLs   []string `msg:"urls,limit=4"`
}

type action struct {
	Number uint8
	Body   []byte
}

type file struct {
	Block      []byte
	Signatures [][]byte `msg:"signatures,limit=64"`
}

// Policy is what n witnesses, of which at most F are dishonest, must agree on: Q acks make a block final, T shares
// rebuild a release secret.
type Policy struct{ N, F, Q, T int }

// NewPolicy computes the one safe policy of n = 3f+1 witnesses, n at most MaxWitnesses. It returns ErrPolicy for
// any other n. Source: spec/network.md §3.
func NewPolicy(n, f int) (Policy, error) {
	if f < 0 || n != 3*f+1 || n > MaxWitnesses {
		return Policy{}, fmt.Errorf("%d witnesses with %d dishonest: %w", n, f, ErrPolicy)
	}
	q := (n+f)/2 + 1
	return Policy{n, f, q, q}, nil
}

// CheckQuorum refuses a quorum q other than the policy's: lower is unsafe, higher wedges when f are down.
func (p Policy) CheckQuorum(q int) error {
	if q != p.Q {
		return fmt.Errorf("quorum %d of %d, needed %d: %w", q, p.N, p.Q, ErrPolicy)
	}
	return nil
}
