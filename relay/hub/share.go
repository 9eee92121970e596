package hub

import (
	"bytes"
	"errors"
	"maps"
	"slices"

	"github.com/anamnesis-health/anamnesis/shared/block"
	"github.com/anamnesis-health/anamnesis/shared/chain"
	"github.com/anamnesis-health/anamnesis/shared/gossip"
)

// share keeps an answer to a stored ACCESS for a day and hands it to those who follow the ACCESS. The relay cannot
// tell who may answer; the reader does. Source: spec/wire.md §9.
func (h *Hub) share(w World, c *conn, m *gossip.Share, size int) error {
	if !(Grant{h, c.bearer}).Write(int64(size)) {
		h.fail(w, c, 0, "quota/push", 0)
		return nil
	}
	if len(m.Body) > gossip.MaxShare || len(m.Signature) > block.MaxSignature {
		h.fail(w, c, 0, "frame/limit", 0)
		return nil
	}
	access, ok, err := w.Store.ByID(m.Access)
	if err != nil {
		return err
	}
	if !ok || access.Block == nil || access.Block.Header.Kind != block.KindAccess {
		h.fail(w, c, 0, "share/access", 0)
		return nil
	}
	frame := gossip.Frame(m)
	err = w.Store.KeepShare(Share{m.Access, m.Seat, frame, w.Now.Add(shareWait)}, sharesPerSeat)
	if errors.Is(err, ErrFull) {
		h.fail(w, c, 0, "disk/full", 0)
		return nil
	}
	if err != nil {
		return err
	}
	h.tell(w, access.Block.Header.Tag, frame)
	return nil
}

// tell sends a frame to each connection that follows a tag and has credit; the others ask with GET.
func (h *Hub) tell(w World, t block.Tag, frame []byte) {
	told := map[ConnID]bool{}
	for _, s := range slices.SortedFunc(maps.Keys(h.tags[t]), bySub) {
		if !h.may(w, s) || told[s.conn.id] {
			continue
		}
		told[s.conn.id] = true
		s.bytes -= len(frame)
		s.frames--
		h.sent(s.conn, w.Now, len(frame))
		w.Conns.Send(s.conn.id, frame)
	}
}

// fork takes a proof that somebody found elsewhere, when the relay holds one of its two blocks.
func (h *Hub) fork(w World, c *conn, m *gossip.Fork) error {
	p, held, err := h.checkFork(w, m)
	if err != nil {
		return err
	}
	if p == nil {
		h.fail(w, c, 0, "fork/invalid", 0)
		return nil
	}
	return h.keepFork(w, nil, held, p)
}

func (h *Hub) checkFork(w World, m *gossip.Fork) (*chain.ForkProof, *block.Block, error) {
	p := &chain.ForkProof{A: m.HeaderA, SigA: m.SignatureA, B: m.HeaderB, SigB: m.SignatureB}
	if a, b := block.HeaderID(p.A), block.HeaderID(p.B); bytes.Compare(a[:], b[:]) > 0 {
		p = &chain.ForkProof{A: m.HeaderB, SigA: m.SignatureB, B: m.HeaderA, SigB: m.SignatureA}
	}
	id, seq, err := p.Slot()
	if err != nil {
		return nil, nil, nil
	}
	if claimed, ok, err := w.Store.Claimed(id); err != nil {
		return nil, nil, err
	} else if ok && seq == 0 {
		id = claimed
	}
	s, ok, err := h.chain(w.Store, id)
	if err != nil || !ok {
		return nil, nil, err
	}
	held, ok, err := w.Store.Slot(id, seq)
	if err != nil || !ok || held.Block == nil {
		return nil, nil, err
	}
	a, b := block.HeaderID(p.A), block.HeaderID(p.B)
	if held.Block.ID != a && held.Block.ID != b {
		return nil, nil, nil
	}
	if p.Verify(h.net, forkKeys(&s.State, seq, held.Block)) != nil {
		return nil, nil, nil
	}
	return p, held.Block, nil
}

// keepFork keeps a checked proof and tells the sender and all who follow the held block. The first block stays where
// it is: what a fork freezes is for witnesses and clients to say, from the proof.
func (h *Hub) keepFork(w World, c *conn, held *block.Block, p *chain.ForkProof) error {
	f := forkFrame(p)
	_, old, err := w.Store.Fork(held.Chain())
	if err != nil {
		return err
	}
	if c != nil {
		w.Conns.Send(c.id, gossip.Frame(f))
	}
	if old {
		return nil
	}
	h.stats.Forks++
	if err := w.Store.KeepFork(held.Chain(), p.Encode()); err != nil && !errors.Is(err, ErrFull) {
		return err
	}
	h.tell(w, held.Header.Tag, gossip.Frame(f))
	return nil
}

func forkFrame(p *chain.ForkProof) *gossip.Fork {
	return &gossip.Fork{HeaderA: p.A, SignatureA: p.SigA, HeaderB: p.B, SignatureB: p.SigB}
}
