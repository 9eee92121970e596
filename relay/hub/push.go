package hub

import (
	"bytes"
	"errors"
	"maps"
	"slices"

	"github.com/anamnesis-health/anamnesis/shared/block"
	"github.com/anamnesis-health/anamnesis/shared/chain"
	"github.com/anamnesis-health/anamnesis/shared/gossip"
	"github.com/anamnesis-health/anamnesis/shared/govern"
)

// pushed is one block of a PUSH: parsed, or the reason why not.
type pushed struct {
	block *block.Block
	bytes []byte
	code  string
}

func parse(wire gossip.Bins) []pushed {
	out := make([]pushed, len(wire))
	for i, b := range wire {
		out[i].bytes = b
		blk, err := block.Parse(b)
		switch {
		case err != nil:
			out[i].code = codeOf(err, "block")
		case !blk.Whole():
			out[i].block, out[i].code = blk, "block/payload"
		default:
			out[i].block = blk
		}
	}
	return out
}

// codeOf names an error of parsing or of the chain rules; room is "block" or "frame".
func codeOf(err error, room string) string {
	for _, c := range []struct {
		err  error
		code string
	}{
		{chain.ErrSeq, "chain/seq"},
		{chain.ErrPrev, "chain/prev"},
		{chain.ErrEnded, "chain/ended"},
		{chain.ErrFrozen, "chain/fork"},
		{chain.ErrKind, "chain/kind"},
		{chain.ErrSession, "chain/session"},
		{chain.ErrCommit, "chain/commitment"},
		{chain.ErrPartial, "block/payload"},
		{block.ErrVersion, room + "/version"},
		{block.ErrLimit, room + "/limit"},
		{block.ErrPayload, room + "/payload"},
		{block.ErrKey, room + "/key"},
		{block.ErrSignature, room + "/signature"},
	} {
		if errors.Is(err, c.err) {
			return c.code
		}
	}
	return room + "/canonical"
}

// push judges a frame's blocks in order, keeps the good ones in one commit and answers. A bad block fails itself and
// what builds on it, never the frame. Source: spec/wire.md §6.
func (h *Hub) push(w World, c *conn, m *gossip.Push, e Event) error {
	if len(m.Blocks) > maxPushBlocks {
		h.fail(w, c, m.Request, "frame/limit", 0)
		return nil
	}
	if !(Grant{h, c.bearer}).Write(int64(e.size)) {
		h.fail(w, c, m.Request, "quota/push", 0)
		return nil
	}
	j, err := h.judge(w, e.blocks)
	if err != nil {
		return err
	}
	add := j.addition(w.Store.Tail())
	if len(add.Blocks) > 0 {
		err := w.Store.Append(add)
		if errors.Is(err, ErrFull) {
			j.full()
			add = Addition{}
		} else if err != nil {
			return err
		}
	}
	h.keep(add.Chains)
	h.answer(w, c, m.Request, j)
	if len(add.Blocks) > 0 {
		if j.lifts {
			h.named(c)
		}
		h.broadcast(w, add.Blocks)
	}
	return h.forks(w, c, j)
}

func (h *Hub) answer(w World, c *conn, request uint32, j *judged) {
	results := make([]gossip.Result, len(j.blocks))
	for i, p := range j.blocks {
		if p.block != nil {
			results[i].ID = p.block.ID
		}
		results[i].Reason = j.code[i]
		switch {
		case j.code[i] != "":
			h.refuse(j.code[i])
		case j.fresh[i]:
			h.stats.Stored++
		default:
			h.stats.Duplicates++
		}
	}
	w.Conns.Send(c.id, gossip.Frame(&gossip.Stored{Request: request, Results: results}))
}

// forks keeps the proofs that a frame brought to light and tells its sender and those who follow the chain.
func (h *Hub) forks(w World, c *conn, j *judged) error {
	for _, f := range j.forks {
		if err := h.keepFork(w, c, f.held, f.proof); err != nil {
			return err
		}
	}
	return nil
}

// judged is one frame under judgement: what is assumed so far of the chains that it touches.
type judged struct {
	hub    *Hub
	store  Store
	blocks []pushed
	code   []string // by block; "" is stored or held already
	fresh  []bool   // by block: to be stored
	valid  map[checked]bool
	batch  []block.Signed
	asked  []int // the block of each signature in batch
	chains map[block.ChainID]*draft
	claims map[block.ChainID]block.ChainID // slot ids that this frame takes
	grants map[block.ChainID]bool          // readers that this frame admits
	forks  []forked
	checks int
	lifts  bool
}

type draft struct {
	Chain
	slots map[uint32]int // blocks of this frame by seq
}

type forked struct {
	held  *block.Block
	proof *chain.ForkProof
}

type checked struct {
	at  int
	key block.Key
}

// judge decides each block. First it takes every signature for valid and checks them all at once; only when one is
// not, it goes through the frame again, one by one, with what is known by then.
func (h *Hub) judge(w World, blocks []pushed) (*judged, error) {
	j := &judged{hub: h, store: w.Store, blocks: blocks, valid: map[checked]bool{}}
	if err := j.pass(j.assume); err != nil {
		return nil, err
	}
	errs := block.VerifyAll(h.net, j.batch)
	if errs == nil {
		return j, nil
	}
	for n, err := range errs {
		j.valid[checked{j.asked[n], j.batch[n].Key}] = err == nil
	}
	return j, j.pass(j.check)
}

func (j *judged) pass(signed func(i int, keys []block.Key) bool) error {
	j.code, j.fresh = make([]string, len(j.blocks)), make([]bool, len(j.blocks))
	j.chains, j.claims = map[block.ChainID]*draft{}, map[block.ChainID]block.ChainID{}
	j.grants, j.forks, j.lifts = map[block.ChainID]bool{}, nil, false
	for i := range j.blocks {
		if j.code[i] = j.blocks[i].code; j.code[i] != "" {
			continue
		}
		var err error
		if j.code[i], err = j.one(i, signed); err != nil {
			return err
		}
	}
	return nil
}

// assume takes a signature for valid until the batch is checked. A block with a choice of keys is checked at once.
func (j *judged) assume(i int, keys []block.Key) bool {
	if len(keys) > 1 {
		return j.check(i, keys)
	}
	b := j.blocks[i].block
	j.batch = append(j.batch, block.Signed{Key: keys[0], Type: block.SigBlock, Body: b.Raw, Sig: b.Signature})
	j.asked = append(j.asked, i)
	return true
}

func (j *judged) check(i int, keys []block.Key) bool {
	for _, k := range keys {
		ok, known := j.valid[checked{i, k}]
		if !known {
			ok = j.blocks[i].block.Verify(j.hub.net, k) == nil
			j.valid[checked{i, k}] = ok
		}
		if ok {
			return true
		}
	}
	return false
}

// one judges block i on top of the frame so far. An error is the store's.
func (j *judged) one(i int, signed func(int, []block.Key) bool) (string, error) {
	b := j.blocks[i].block
	d, err := j.chain(b.Chain())
	if err != nil {
		return "", err
	}
	if d == nil {
		if b.Header.Seq > 0 {
			return "chain/unknown", nil
		}
		return j.genesis(i, signed)
	}
	if b.Header.Seq <= d.State.Seq {
		return j.held(i, d)
	}
	next, keys, err := d.State.Next(b)
	if err != nil {
		return codeOf(err, "block"), nil
	}
	if !signed(i, keys) {
		return "block/signature", nil
	}
	if b.Header.Kind == block.KindGrant {
		j.admit(b, d.Member)
	}
	j.lifts = true
	d.State, d.slots[b.Header.Seq], j.fresh[i] = next, i, true
	return "", nil
}

// admit notes the reader of a GRANT on a chain that a member admitted. Source: spec/wire.md §7.
func (j *judged) admit(b *block.Block, member bool) {
	v, err := b.Clear()
	if g, ok := v.(*block.Grant); ok && err == nil && (member || j.hub.conf.Policy == Open) {
		j.grants[g.Reader] = true
	}
}

func (j *judged) genesis(i int, signed func(int, []block.Key) bool) (string, error) {
	b := j.blocks[i].block
	s, err := chain.Begin(b)
	if err != nil {
		return codeOf(err, "block"), nil
	}
	v, err := b.Clear()
	g, ok := v.(*block.Genesis)
	if err != nil || !ok {
		return "block/canonical", nil
	}
	member, code, err := j.admitted(s.ID, g, b.Header.Time)
	if code != "" || err != nil {
		return code, err
	}
	if s.Slot != (block.ChainID{}) {
		first, taken, err := j.claimed(s.Slot)
		if err != nil {
			return "", err
		}
		if taken {
			return j.forkOf(i, first, 0)
		}
	}
	if !signed(i, []block.Key{s.Writer()}) {
		return "block/signature", nil
	}
	if s.Slot != (block.ChainID{}) {
		j.claims[s.Slot] = s.ID
	}
	j.lifts = true
	j.chains[s.ID] = &draft{Chain{s, member}, map[uint32]int{0: i}}
	j.fresh[i] = true
	return "", nil
}

// admitted says whether a chain may begin here: a member admitted it, or a GRANT on such a chain names it.
func (j *judged) admitted(id block.ChainID, g *block.Genesis, at uint64) (member bool, code string, err error) {
	if err := j.hub.conf.Network.Admits(id, g, at); err == nil {
		return true, "", nil
	} else if len(g.Admission) > 0 {
		if errors.Is(err, govern.ErrNotAdmitted) {
			return false, "admission/invalid", nil
		}
		return false, "admission/unknown", nil
	}
	if j.hub.conf.Policy == Open || j.grants[id] {
		return false, "", nil
	}
	named, err := j.store.Admitted(id)
	if err != nil || named {
		return false, "", err
	}
	return false, "admission/guest", nil
}

func (j *judged) claimed(slot block.ChainID) (block.ChainID, bool, error) {
	if id, ok := j.claims[slot]; ok {
		return id, true, nil
	}
	return j.store.Claimed(slot)
}

// held judges a block for a slot that is taken: the same block again, or a fork.
func (j *judged) held(i int, d *draft) (string, error) {
	b := j.blocks[i].block
	if b.Header.Seq == d.State.Seq && b.ID == d.State.Head {
		return "", nil
	}
	return j.forkOf(i, d.State.ID, b.Header.Seq)
}

// forkOf compares block i with the one that holds (id, seq). What is stored stays; the proof is kept when both
// signatures are good. Source: spec/wire.md §6.
func (j *judged) forkOf(i int, id block.ChainID, seq uint32) (string, error) {
	d, err := j.chain(id)
	if err != nil || d == nil {
		return "chain/unknown", err
	}
	first, err := j.at(d, seq)
	if err != nil || first == nil {
		return "store/damaged", err
	}
	b := j.blocks[i].block
	fork := &chain.ForkError{}
	switch err := chain.Compare(first, b); {
	case errors.Is(err, chain.ErrKnown):
		return "", nil
	case !errors.As(err, &fork):
		return codeOf(err, "block"), nil
	}
	if j.checks++; j.checks > maxForkChecks {
		return "chain/fork", nil
	}
	if fork.Proof.Verify(j.hub.net, forkKeys(&d.State, seq, first, b)) != nil {
		return "block/signature", nil
	}
	j.forks = append(j.forks, forked{first, fork.Proof})
	return "chain/fork", nil
}

// at is the block of a chain at seq: of this frame or of the store; nil when it is damaged.
func (j *judged) at(d *draft, seq uint32) (*block.Block, error) {
	if n, ok := d.slots[seq]; ok {
		return j.blocks[n].block, nil
	}
	p, ok, err := j.store.Slot(d.State.ID, seq)
	if err != nil || !ok {
		return nil, err
	}
	return p.Block, nil
}

// forkKeys lists the keys under which two blocks of one slot count: the chain's at that slot, and the key that a
// block itself reveals and that the chain committed to.
func forkKeys(s *chain.State, seq uint32, blocks ...*block.Block) []block.Key {
	keys := s.KeysAt(seq, blocks[0].Header.Kind)
	for _, b := range blocks[1:] {
		keys = append(keys, s.KeysAt(seq, b.Header.Kind)...)
		if v, err := b.Clear(); err == nil && seq == 0 {
			if g, ok := v.(*block.Genesis); ok {
				keys = append(keys, g.Writer)
			}
		}
	}
	return keys
}

func (j *judged) chain(id block.ChainID) (*draft, error) {
	if d := j.chains[id]; d != nil {
		return d, nil
	}
	c, ok, err := j.hub.chain(j.store, id)
	if err != nil || !ok {
		return nil, err
	}
	d := &draft{c, map[uint32]int{}}
	j.chains[id] = d
	return d, nil
}

func (j *judged) addition(tail uint64) Addition {
	var a Addition
	seen := map[block.ChainID]bool{}
	for i, fresh := range j.fresh {
		if !fresh {
			continue
		}
		b := j.blocks[i].block
		a.Blocks = append(a.Blocks, Placed{tail + uint64(len(a.Blocks)) + 1, b, j.blocks[i].bytes})
		if id := b.Chain(); !seen[id] {
			seen[id] = true
			a.Chains = append(a.Chains, j.chains[id].Chain)
		}
	}
	a.Admits = slices.SortedFunc(maps.Keys(j.grants), func(x, y block.ChainID) int { return bytes.Compare(x[:], y[:]) })
	return a
}

// full turns what would have been stored into refusals. What builds on it was refused with it.
func (j *judged) full() {
	for i, fresh := range j.fresh {
		if fresh {
			j.code[i], j.fresh[i] = "disk/full", false
		}
	}
	j.forks = nil
}

// chain is the state of a stored chain.
func (h *Hub) chain(s Store, id block.ChainID) (Chain, bool, error) {
	if c, ok := h.states[id]; ok {
		return c, true, nil
	}
	c, ok, err := s.Chain(id)
	if err == nil && ok {
		h.keep([]Chain{c})
	}
	return c, ok, err
}

func (h *Hub) keep(all []Chain) {
	for _, c := range all {
		if len(h.states) >= maxStates {
			clear(h.states) // the store has them all
		}
		h.states[c.State.ID] = c
	}
}
