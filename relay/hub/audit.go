package hub

import (
	"errors"
	"fmt"

	"github.com/anamnesis-health/anamnesis/shared/block"
	"github.com/anamnesis-health/anamnesis/shared/chain"
)

// ErrDamaged says that a stored block's bytes are not those of its id.
var ErrDamaged = errors.New("damaged")

// auditBatch is how many signatures are checked at once: beyond it nothing is gained.
const auditBatch = 512

// Check says whether the relay's key is that of one of the network's lanes.
func (c Config) Check() error {
	if _, ok := c.Network.LaneOf(block.KeyOf(c.Relay)); !ok {
		return errors.New("the key of no lane of this network")
	}
	return nil
}

// Audit reads the whole lane and checks every block: bytes, chain, signature. It reports what is wrong at which
// position and gives the number of blocks read. An error is the store's.
func Audit(net block.Net, s Store, bad func(position uint64, err error)) (int, error) {
	a := &audit{net: net, bad: bad, chains: map[block.ChainID]chain.State{}}
	read, after := 0, uint64(0)
	for {
		n := 0
		err := s.Lane(after, auditBatch, func(p Placed) bool {
			n++
			if p.Position != after+1 {
				bad(after+1, fmt.Errorf("missing up to %d", p.Position-1))
			}
			after = p.Position
			a.one(p)
			return true
		})
		if err != nil {
			return read, err
		}
		a.flush()
		if read += n; n < auditBatch {
			break
		}
	}
	for id, st := range a.chains {
		kept, ok, err := s.Chain(id)
		if err != nil {
			return read, err
		}
		if !ok || kept.State.Head != st.Head {
			bad(0, fmt.Errorf("%s: kept head %s, blocks lead to %s", id, kept.State.Head, st.Head))
		}
	}
	return read, nil
}

type audit struct {
	net    block.Net
	bad    func(uint64, error)
	chains map[block.ChainID]chain.State
	batch  []block.Signed
	at     []uint64
}

func (a *audit) one(p Placed) {
	if p.Block == nil {
		a.bad(p.Position, ErrDamaged)
		return
	}
	id := p.Block.Chain()
	var next chain.State
	var keys []block.Key
	var err error
	if p.Block.Header.Seq == 0 {
		if next, err = chain.Begin(p.Block); err == nil {
			keys = []block.Key{next.Writer()}
		}
	} else if st, ok := a.chains[id]; ok {
		next, keys, err = st.Next(p.Block)
	} else {
		err = errors.New("its chain has no genesis here")
	}
	if err != nil {
		a.bad(p.Position, err)
		return
	}
	a.chains[id] = next
	if len(keys) > 1 && p.Block.Verify(a.net, keys[0]) != nil {
		keys = keys[1:]
	}
	a.batch = append(a.batch, block.Signed{Key: keys[0], Type: block.SigBlock, Body: p.Block.Raw, Sig: p.Block.Signature})
	a.at = append(a.at, p.Position)
}

func (a *audit) flush() {
	for i, err := range block.VerifyAll(a.net, a.batch) {
		if err != nil {
			a.bad(a.at[i], err)
		}
	}
	a.batch, a.at = a.batch[:0], a.at[:0]
}
