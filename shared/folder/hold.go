package folder

import (
	"errors"
	"fmt"
	"slices"

	"github.com/anamnesis-health/anamnesis/shared/block"
	"github.com/anamnesis-health/anamnesis/shared/chain"
)

// Kinds of log entries beyond those that spec/device.md §3 fixes for segments.
const (
	logBlock  byte = 1
	logLeaf   byte = 2
	logOutbox byte = 3
	logCursor byte = 4 // reserved, as 8 is
	logIndex  byte = 5
	logHead   byte = 6
	logMeet   byte = 7
	logErased byte = 8
	logDevice byte = 9
	// entryCommit is 10.
	logFork     byte = 11
	logStock    byte = 12
	logBlobFile byte = 13
	logBackup   byte = 14
)

// held says where a block lies and what its header says.
type held struct {
	ref   Ref
	chain block.ChainID
	seq   uint32
	kind  block.Kind
	time  uint64
	whole bool
	at    int64 // arrival here, Unix ms; 0 when read from the log
}

// held chain: its state and its blocks in order.
type heldChain struct {
	state  chain.State
	before chain.State // before the head, so that the head alone can be discarded
	stored chain.State // when all blocks so far were known to be at a relay
	behind int         // how many blocks that was
	blocks []block.ID
}

// ledger is the part of the network's chains that this device holds. Every block in it passed the chain's rules
// and its signature before it was kept.
type ledger struct {
	blocks map[block.ID]*held
	chains map[block.ChainID]*heldChain
}

func newLedger() ledger {
	return ledger{map[block.ID]*held{}, map[block.ChainID]*heldChain{}}
}

// replay takes a block from the log: it was verified before it was kept.
func (l *ledger) replay(b *block.Block, ref Ref) error {
	if h, ok := l.blocks[b.ID]; ok {
		h.ref, h.whole = ref, h.whole || b.Whole() // a fuller copy
		return nil
	}
	next, _, err := l.next(b)
	if err != nil {
		return fmt.Errorf("block %s in the log: %v", b.ID, err)
	}
	l.take(b, next, ref, 0)
	return nil
}

// next applies the chain's rules and gives the keys the signature may be under.
func (l *ledger) next(b *block.Block) (chain.State, []block.Key, error) {
	if b.Header.Seq == 0 {
		s, err := chain.Begin(b)
		if err != nil {
			return s, nil, err
		}
		return s, []block.Key{s.Writer()}, nil
	}
	c, ok := l.chains[b.Header.Chain]
	if !ok {
		return chain.State{}, nil, errUnknownChain
	}
	return c.state.Next(b)
}

var (
	errUnknownChain = errors.New("unknown chain")
	errUnasked      = errors.New("a chain that nobody asked for")
)

func (l *ledger) take(b *block.Block, next chain.State, ref Ref, at int64) {
	id := b.Chain()
	c, ok := l.chains[id]
	if !ok {
		c = &heldChain{}
		l.chains[id] = c
	}
	c.before, c.state = c.state, next
	c.blocks = append(c.blocks, b.ID)
	l.blocks[b.ID] = &held{ref, id, b.Header.Seq, b.Header.Kind, b.Header.Time, b.Whole(), at}
}

// droppable says whether a block is the head of its chain and what the head was before it is known.
func (l *ledger) droppable(id block.ID) bool {
	h := l.blocks[id]
	if h == nil || h.seq == 0 {
		return false
	}
	c := l.chains[h.chain]
	return c.state.Head == id && c.before.Head != id && len(c.before.Keys) > 0
}

// drop takes back the head of a chain that no relay was ever sent. It says whether that was possible.
func (l *ledger) drop(id block.ID) bool {
	if !l.droppable(id) {
		return false
	}
	c := l.chains[l.blocks[id].chain]
	c.state = c.before
	c.blocks = c.blocks[:len(c.blocks)-1]
	delete(l.blocks, id)
	return true
}

// sent remembers the chain's state when its head is known to be at a relay.
func (l *ledger) sent(id block.ID) {
	if h := l.blocks[id]; h != nil {
		if c := l.chains[h.chain]; c.state.Head == id {
			c.stored, c.behind = c.state, len(c.blocks)
		}
	}
}

// rewind takes a chain back to where a relay was known to hold all of it: another life of this device wrote there, and
// what stood above is written again on another chain.
func (l *ledger) rewind(id block.ChainID) {
	c := l.chains[id]
	if c == nil || c.behind == 0 {
		return
	}
	for _, b := range c.blocks[c.behind:] {
		delete(l.blocks, b)
	}
	c.state, c.before, c.blocks = c.stored, chain.State{}, c.blocks[:c.behind:c.behind]
}

// abandon takes back blocks that are written again on another chain: a chain whose GENESIS no relay took goes whole,
// another to where a relay was known to hold it.
func (l *ledger) abandon(ids []block.ID) {
	for _, id := range ids {
		h := l.blocks[id]
		if h == nil {
			continue
		}
		if h.seq > 0 {
			l.rewind(h.chain)
			continue
		}
		for _, b := range l.chains[h.chain].blocks {
			delete(l.blocks, b)
		}
		delete(l.chains, h.chain)
	}
}

// block reads a held block from the log and checks it again: bytes, id and payload.
func (e *Engine) block(id block.ID) (*block.Block, error) {
	h, ok := e.hold.blocks[id]
	if !ok {
		return nil, fail("core/missing", "block %s is not here", id)
	}
	raw, err := e.log.Read(h.ref)
	if err != nil {
		return nil, err
	}
	b, err := block.Parse(raw)
	if err != nil || b.ID != id {
		return nil, fail("open/1", "block %s is not what was stored: %v", id, err)
	}
	return b, nil
}

// accepted verifies b under one of keys.
func accepted(net block.Net, b *block.Block, keys []block.Key) error {
	err := fmt.Errorf("no key: %w", block.ErrSignature)
	for _, k := range keys {
		if err = b.Verify(net, k); err == nil {
			return nil
		}
	}
	return err
}

// receive takes blocks from the relay, in order: parse, chain rules, signatures in one batch, then the log. It
// answers those that are new, and the chains it lacks the beginning of. A bad block is dropped with its reason and
// changes nothing.
func (e *Engine) receive(frames [][]byte, byTag bool) (fresh []*block.Block, lacking []block.ChainID, err error) {
	var list []candidate
	staged := map[block.ChainID]chain.State{}
	seen := map[block.ID]bool{}
	for _, f := range frames {
		b, perr := block.Parse(f)
		if perr != nil {
			e.refused(block.ID{}, perr)
			continue
		}
		if h, ok := e.hold.blocks[b.ID]; ok {
			if better, err := e.fuller(b, h); err != nil {
				return nil, nil, err
			} else if better {
				fresh = append(fresh, b)
			}
			continue
		}
		if seen[b.ID] {
			continue // twice in one frame: the second would begin the chain anew
		}
		seen[b.ID] = true
		id := b.Chain()
		var next chain.State
		var keys []block.Key
		switch s, ok := staged[id]; {
		case ok && b.Header.Seq > 0:
			next, keys, err = s.Next(b)
		default:
			next, keys, err = e.hold.next(b)
		}
		switch {
		case errors.Is(err, errUnknownChain), errors.Is(err, chain.ErrSeq):
			lacking = append(lacking, id)
			continue
		case err != nil:
			e.noteFork(id, b, err)
			e.refused(b.ID, err)
			continue
		}
		if _, ok := staged[id]; !ok && e.hold.chains[id] == nil && !e.bringingBack() && !e.sync.mayBegin(id, byTag) {
			e.refused(b.ID, errUnasked)
			continue
		}
		staged[id] = next
		list = append(list, candidate{b, keys, next})
	}
	now, deferred := split(list)
	broken := e.verifyNow(now)
	for i, c := range list {
		id := c.b.Chain()
		if broken[id] {
			continue // what follows stands on a signature that nobody made
		}
		ref, err := e.log.Append(logBlock, c.b.Encode())
		if err != nil {
			return fresh, nil, err
		}
		e.hold.take(c.b, c.next, ref, e.world.Now())
		fresh = append(fresh, c.b)
		if deferred[i] {
			if err := e.deferCheck(c.b); err != nil {
				return fresh, nil, err
			}
		}
	}
	return fresh, lacking, nil
}

// candidate is a block that fits its chain and whose signature is to be checked under one of keys.
type candidate struct {
	b    *block.Block
	keys []block.Key
	next chain.State
}

// split chooses the signatures to check before anything is kept: each chain's last block here, which vouches by prev
// for every header before it, and every block that changes who may write or read. The others' own signatures are
// checked in the background, and again before a record opens. Source: spec/folder.md §5.
func split(list []candidate) (now []candidate, deferred []bool) {
	last := map[block.ChainID]int{}
	for i, c := range list {
		last[c.b.Chain()] = i
	}
	deferred = make([]bool, len(list))
	for i, c := range list {
		k := c.b.Header.Kind
		plain := k == block.KindRecord || k == block.KindAccess || k == block.KindSession
		if deferred[i] = plain && last[c.b.Chain()] != i; !deferred[i] {
			now = append(now, c)
		}
	}
	return now, deferred
}

// verifyNow checks signatures in one batch and names the chains in which one is wrong.
func (e *Engine) verifyNow(list []candidate) map[block.ChainID]bool {
	signed := make([]block.Signed, len(list))
	for i, c := range list {
		signed[i] = block.Signed{Key: c.keys[0], Type: block.SigBlock, Body: c.b.Raw, Sig: c.b.Signature}
	}
	broken := map[block.ChainID]bool{}
	errs := block.VerifyAll(e.net, signed)
	for i, c := range list {
		if errs == nil || errs[i] == nil {
			continue
		}
		if err := accepted(e.net, c.b, c.keys); err != nil {
			broken[c.b.Chain()] = true
			e.refused(c.b.ID, err)
		}
	}
	return broken
}

// fuller keeps a copy of a held block that now has its payload, or whose signature is valid where the held one's was
// not. It says whether b was better than what was held.
func (e *Engine) fuller(b *block.Block, h *held) (bool, error) {
	c := e.hold.chains[h.chain]
	mended := e.checks.bad[b.ID] && b.Whole() && accepted(e.net, b, c.state.KeysAt(h.seq, h.kind)) == nil
	if !mended && (h.whole || !b.Whole()) {
		return false, nil
	}
	if err := c.state.Payload(b); err != nil {
		e.refused(b.ID, err)
		return false, nil
	}
	ref, err := e.log.Append(logBlock, b.Encode())
	if err != nil {
		return false, err
	}
	h.ref, h.whole = ref, true
	if mended {
		delete(e.checks.bad, b.ID)
	}
	return true, nil
}

// noteFork freezes a held chain when b and a held block, both validly signed, claim one slot.
func (e *Engine) noteFork(id block.ChainID, b *block.Block, err error) {
	c := e.hold.chains[id]
	if c == nil || !errors.Is(err, chain.ErrStale) || int(b.Header.Seq) >= len(c.blocks) {
		return
	}
	other, berr := e.block(c.blocks[b.Header.Seq])
	if berr != nil {
		return
	}
	var fork *chain.ForkError
	if !errors.As(chain.Compare(other, b), &fork) {
		return
	}
	e.freeze(c, fork.Proof)
}

// freeze takes a fork proof for a held chain. An invalid one changes nothing.
func (e *Engine) freeze(c *heldChain, p *chain.ForkProof) {
	_, seq, err := p.Slot()
	if err != nil || p.Verify(e.net, c.state.KeysAt(seq, block.KindRecord)) != nil && p.Verify(e.net, c.state.KeysAt(seq, block.KindRevoke)) != nil {
		return
	}
	if e.me != nil && slices.ContainsFunc(e.me.state.Writers, func(w writerState) bool { return w.Chain == c.state.ID && w.Grant == (block.ChainID{}) }) {
		e.sync.replace = append(e.sync.replace, c.state.ID) // an own chain is replaced, and what its other life wrote is read
		return
	}
	switch t := c.state.Type; {
	case c.state.Forked():
		return
	case t == block.ChainIdentity:
		return // it waits for governance; until then what is held goes on, or a kit would find no folder
	case t != block.ChainGrant && seq > c.state.Seq:
		return // the fork is above what is here: up to it the chain is certain. The relay will say so again
	}
	s, err := c.state.Freeze(p)
	if err != nil {
		return
	}
	if _, err := e.log.Append(logFork, p.Encode()); err != nil {
		e.notify("storage", codeName(err, CodeStorageFailed), "")
	}
	e.sync.dirty = true
	c.state = s
	e.forked(c)
}

// replayFork freezes a chain again: its proof was verified before it was kept.
func (l *ledger) replayFork(body []byte) error {
	p, err := chain.ParseForkProof(body)
	if err != nil {
		return fail(CodeStorageDamaged, "fork proof: %v", err)
	}
	id, _, err := p.Slot()
	c := l.chains[id]
	if err != nil || c == nil {
		return nil
	}
	if s, err := c.state.Freeze(p); err == nil {
		c.state = s
	}
	return nil
}

// refused counts what was dropped; the reason stays visible to tests and to the technical details.
func (e *Engine) refused(id block.ID, err error) {
	e.sync.dropped++
	e.sync.lastDrop = fmt.Sprintf("%s: %v", id, err)
}
