package folder

import (
	"encoding/binary"

	"github.com/anamnesis-health/anamnesis/shared/block"
)

// unverified lists held blocks whose own signature is still to be checked, by chain, oldest first. Their headers are
// already vouched for: a later block of the chain, whose signature was checked, names them by hash.
type unverified struct {
	chains map[block.ChainID][]block.ID
	count  int
	waits  map[block.ID]bool
	bad    map[block.ID]bool // a signature that nobody made: never handed on, never opened
}

// A log entry of kind logHead is state 1 ‖ chain 32 ‖ seq 4 big-endian: 1, that block waits for its check; 2, every
// block of the chain up to seq was checked.
const (
	headWaits   = 1
	headChecked = 2
)

func headEntry(state byte, id block.ChainID, seq uint32) []byte {
	return binary.BigEndian.AppendUint32(append([]byte{state}, id[:]...), seq)
}

func (e *Engine) replayHead(body []byte) error {
	if len(body) != 37 {
		return fail(CodeStorageDamaged, "head entry of %d bytes", len(body))
	}
	id, seq := block.ChainID(body[1:33]), binary.BigEndian.Uint32(body[33:])
	c := e.hold.chains[id]
	if c == nil || int(seq) >= len(c.blocks) {
		return nil
	}
	if body[0] == headChecked {
		e.checks.drop(id)
		return nil
	}
	e.checks.add(id, c.blocks[seq])
	return nil
}

func (u *unverified) add(chain block.ChainID, id block.ID) {
	if u.chains == nil {
		u.chains, u.bad, u.waits = map[block.ChainID][]block.ID{}, map[block.ID]bool{}, map[block.ID]bool{}
	}
	u.chains[chain] = append(u.chains[chain], id)
	u.waits[id] = true
	u.count++
}

func (u *unverified) drop(chain block.ChainID) {
	u.count -= len(u.chains[chain])
	for _, id := range u.chains[chain] {
		delete(u.waits, id)
	}
	delete(u.chains, chain)
}

// deferCheck notes that a block's own signature waits for its check.
func (e *Engine) deferCheck(b *block.Block) error {
	e.checks.add(b.Chain(), b.ID)
	_, err := e.log.Append(logHead, headEntry(headWaits, b.Chain(), b.Header.Seq))
	return err
}

// checkSome checks some waiting signatures in one batch and says whether more wait. A wrong one is remembered: its
// header stands, as its chain's head vouches for it, but the block is never handed on or opened.
func (e *Engine) checkSome() bool {
	for id, list := range e.checks.chains {
		n := min(len(list), checkSlice)
		var signed []block.Signed
		var ids []block.ID
		for _, bid := range list[:n] {
			delete(e.checks.waits, bid)
			b, err := e.block(bid)
			if err != nil {
				e.checks.bad[bid] = true
				e.refused(bid, err)
				continue
			}
			keys := e.hold.chains[id].state.KeysAt(b.Header.Seq, b.Header.Kind)
			signed = append(signed, block.Signed{Key: keys[0], Type: block.SigBlock, Body: b.Raw, Sig: b.Signature})
			ids = append(ids, bid)
		}
		if errs := block.VerifyAll(e.net, signed); errs != nil {
			for i, err := range errs {
				if err != nil {
					e.checks.bad[ids[i]] = true
					e.refused(ids[i], err)
				}
			}
		}
		e.checks.count -= n
		e.checks.chains[id] = list[n:]
		if len(list) == n {
			delete(e.checks.chains, id)
			e.checkedTo(id)
		}
		return e.checks.count > 0
	}
	return false
}

// settled says whether a held block's own signature is valid: known since it was kept, or checked now because its
// turn in the background has not come.
func (u *unverified) settled(e *Engine, b *block.Block, keys []block.Key) error {
	switch {
	case u.bad[b.ID]:
		return block.ErrSignature
	case u.waits[b.ID]:
		return accepted(e.net, b, keys)
	}
	return nil
}

// vouched is block.Verify of a signature by an enrolled key, remembered while unlocked: an author signs the same words
// in each record of a chain, so that only the first costs anything.
func (e *Engine) vouched(key block.Key, t block.SigType, body, sig []byte) error {
	name := block.Sum(e.net, "vouched", key[:], []byte(t), []byte{0}, block.U32(uint32(len(body))), body, sig)
	if e.me.vouched[name] {
		return nil
	}
	if err := block.CheckKey(key); err != nil {
		return err
	}
	if err := block.Verify(e.net, key, t, body, sig); err != nil {
		return err
	}
	if len(e.me.vouched) >= maxVouched {
		e.me.vouched = nil
	}
	if e.me.vouched == nil {
		e.me.vouched = map[block.Hash]bool{}
	}
	e.me.vouched[name] = true
	return nil
}

// checkedTo keeps a mark when all of a chain was checked; one with a bad signature is checked again at each start.
func (e *Engine) checkedTo(id block.ChainID) {
	c := e.hold.chains[id]
	for bid := range e.checks.bad {
		if h := e.hold.blocks[bid]; h != nil && h.chain == id {
			return
		}
	}
	if _, err := e.log.Append(logHead, headEntry(headChecked, id, c.state.Seq)); err != nil {
		e.notify("storage", codeName(err, CodeStorageFailed), "")
		return
	}
	e.sync.dirty = true
}

// Unchecked says how many signatures wait for their check in the background.
func (e *Engine) Unchecked() int { return e.checks.count }
