package hub

import (
	"bytes"
	"slices"

	"github.com/anamnesis-health/anamnesis/shared/block"
	"github.com/anamnesis-health/anamnesis/shared/chain"
	"github.com/anamnesis-health/anamnesis/shared/gossip"
)

// get answers one question: heads, shares, ids or a range of one chain. What the relay does not hold is left out; it
// never says more. Source: spec/wire.md §8.
func (h *Hub) get(w World, c *conn, m *gossip.Get) error {
	if ok, wait := h.mayRead(c, w.Now); !ok {
		h.fail(w, c, m.Request, "quota/read", wait)
		return nil
	}
	switch {
	case len(m.Heads) > 0:
		return h.heads(w, c, m)
	case len(m.Shares) > 0:
		return h.shares(w, c, m)
	case len(m.IDs) > 0:
		return h.byID(w, c, m)
	case m.Chain != block.ChainID{}:
		return h.byRange(w, c, m)
	}
	h.fail(w, c, m.Request, "get/empty", 0)
	return nil
}

func (h *Hub) reply(w World, c *conn, m gossip.Message) {
	f := gossip.Frame(m)
	h.sent(c, w.Now, len(f))
	w.Conns.Send(c.id, f)
}

func (h *Hub) heads(w World, c *conn, m *gossip.Get) error {
	out := gossip.Heads{Request: m.Request, Cursor: w.Store.Tail()}
	asked := slices.Clone(m.Heads)
	slices.SortFunc(asked, func(a, b block.ChainID) int { return bytes.Compare(a[:], b[:]) })
	for _, id := range slices.Compact(asked) {
		s, ok, err := h.chain(w.Store, id)
		if err != nil {
			return err
		}
		if !ok {
			continue
		}
		out.Heads = append(out.Heads, gossip.Head{Chain: id, Seq: s.State.Seq, ID: s.State.Head})
		if err := h.tellFork(w, c, id); err != nil {
			return err
		}
	}
	h.reply(w, c, &out)
	return nil
}

func (h *Hub) byID(w World, c *conn, m *gossip.Get) error {
	p := page{limit: pageBytes}
	for _, id := range m.IDs {
		b, ok, err := w.Store.ByID(id)
		if err != nil {
			return err
		}
		if ok && !p.take(bare(b, m.Payload)) {
			break
		}
	}
	h.page(w, c, m.Request, &p)
	return nil
}

func (h *Hub) byRange(w World, c *conn, m *gossip.Get) error {
	p := page{limit: pageBytes}
	n := 0
	err := w.Store.Range(m.Chain, m.From, m.To, func(b Placed) bool {
		if n++; n > pageBlocks {
			p.more = true
			return false
		}
		return p.take(bare(b, m.Payload))
	})
	if err != nil {
		return err
	}
	if err := h.tellFork(w, c, m.Chain); err != nil {
		return err
	}
	h.page(w, c, m.Request, &p)
	return nil
}

// page answers with a page. Damaged blocks are missing from it, and an ERR behind it says so: another relay has them.
func (h *Hub) page(w World, c *conn, request uint32, p *page) {
	h.reply(w, c, &gossip.Blocks{Request: request, Cursor: p.last, More: p.more, Blocks: p.blocks})
	if p.damaged > 0 {
		h.stats.Damaged += uint64(p.damaged)
		h.fail(w, c, request, "store/damaged", 0)
	}
}

func bare(p Placed, payload bool) Placed {
	if payload || p.Block == nil {
		return p
	}
	p.Block = p.Block.Bare()
	p.Bytes = p.Block.Encode()
	return p
}

func (h *Hub) shares(w World, c *conn, m *gossip.Get) error {
	for _, id := range m.Shares {
		all, err := w.Store.Shares(id)
		if err != nil {
			return err
		}
		for _, f := range all {
			h.sent(c, w.Now, len(f))
			w.Conns.Send(c.id, f)
		}
	}
	h.reply(w, c, &gossip.Blocks{Request: m.Request, Cursor: w.Store.Tail()})
	return nil
}

// tellFork sends the proof that a chain has forked, if there is one.
func (h *Hub) tellFork(w World, c *conn, id block.ChainID) error {
	b, ok, err := w.Store.Fork(id)
	if err != nil || !ok {
		return err
	}
	p, err := chain.ParseForkProof(b)
	if err != nil {
		h.stats.Damaged++
		return nil
	}
	h.reply(w, c, forkFrame(p))
	return nil
}
