package folder

import (
	"errors"
	"strings"

	"github.com/anamnesis-health/anamnesis/shared/block"
	"github.com/anamnesis-health/anamnesis/shared/chain"
)

// The steps of checking one record, in their order. Source: spec/proof.md §1.
const (
	StepHeader    = "header"    // canonical bytes, which hash to the id asked for
	StepSignature = "signature" // by the key that writes the chain at that place, ZIP-215
	StepChain     = "chain"     // by hash from block to block down to the chain's first; no fork, no cut
	StepPayload   = "payload"   // the sealed bytes hash to what was signed; their session stands earlier
	StepNamed     = "named"     // the folder's own list, or the sharing, names this writer
	StepComplete  = "complete"  // the chain reaches here as far as the folder's own list says
	StepShares    = "shares"    // key part, age header, every share and commitment
	StepAuthor    = "author"    // the author's device signed for this chain and folder
	StepContent   = "content"   // the sealed bytes open, and hold a record of this folder and section
	StepFinal     = "final"     // witnesses: none runs yet
)

var proofSteps = [...]string{StepHeader, StepSignature, StepChain, StepPayload, StepNamed, StepComplete, StepShares, StepAuthor, StepContent, StepFinal}

// RecordProof is what this device checked about one record just now, from the bytes it holds. Nothing in it is final
// before witnesses run.
type RecordProof struct {
	Item      Item // known to the list; its name and words only where the record opened
	Steps     chain.Steps
	Header    block.Header // zero when it could not be read
	ID        block.ID
	Signature []byte
	Writer    block.Key // of the chain, where the header stands
	Device    block.Key // of the author; zero unless opened
	Identity  []byte    // the author's identity chain; empty for a guest
	Name      string    // the author's, only where the record opened and somebody vouches for it
	Walked    int       // blocks of the chain read again for this, the record included
	Blocks    int       // blocks of the chain up to the record
}

// prover runs the steps; the first that fails ends them.
type prover struct {
	e      *Engine
	v      *view
	b      *block.Block
	held   *heldChain
	out    *RecordProof
	opened *opened
}

// ProveRecord checks one record anew from stored bytes, or from copy when there is one: somebody else's bytes of the
// same record. It changes nothing. What it found is in the steps; an error means that nothing could be looked at.
func (e *Engine) ProveRecord(folder ID, id block.ID, copy []byte) (*RecordProof, error) {
	v, err := e.view(folder)
	if err != nil {
		return nil, err
	}
	r := v.recs[id]
	if r == nil {
		return nil, fail("record/unknown", "no such record in this folder")
	}
	p := &prover{e: e, v: v, held: e.hold.chains[r.chain], out: &RecordProof{Item: e.item(v, r), ID: id}}
	checks := [...]func(*rec, []byte) error{p.header, p.signature, p.chain, p.payload, p.named, p.complete}
	for i, check := range checks {
		if !p.note(proofSteps[i], check(r, copy)) {
			return p.end(), nil
		}
	}
	p.open(r)
	return p.end(), nil
}

// unknown is why a step could not be checked: not a failure.
type unknown struct{ code, detail string }

func (u unknown) Error() string { return u.code + ": " + u.detail }

// note records one step, and says whether to go on.
func (p *prover) note(name string, err error) bool {
	s := chain.Step{Name: name, State: chain.StepOK}
	var coded *Error
	switch u, gray := err.(unknown); {
	case err == nil:
	case gray:
		s.State, s.Code, s.Detail = chain.StepUnknown, u.code, u.detail
	case errors.As(err, &coded) && (strings.HasPrefix(coded.Code, "storage/") || coded.Code == "core/missing" || coded.Code == errWaiting.Code):
		s.State, s.Code, s.Detail = chain.StepUnknown, coded.Code, coded.Detail // bytes are missing here: that says nothing about the record
	default:
		s.State, s.Code, s.Detail = chain.StepFailed, codeName(err, "open/1"), err.Error()
	}
	p.out.Steps = append(p.out.Steps, s)
	return s.State != chain.StepFailed
}

// end names the steps that were not reached, and what cannot be checked before witnesses run.
func (p *prover) end() *RecordProof {
	_, failed := p.out.Steps.Failed()
	for _, name := range proofSteps[len(p.out.Steps):] {
		s := chain.Step{Name: name, State: chain.StepUnknown, Code: "proof/not-reached"}
		if name == StepFinal && !failed {
			s.Code = "proof/no-witnesses"
		}
		p.out.Steps = append(p.out.Steps, s)
	}
	if o := p.opened; o != nil {
		p.out.Device, p.out.Identity, p.out.Name = o.credential.Device, o.credential.Identity, o.credential.Name
	}
	return p.out
}

func (p *prover) header(r *rec, raw []byte) error {
	if len(raw) == 0 {
		var err error
		if raw, err = p.e.log.Read(p.e.hold.blocks[r.x.ID].ref); codeName(err, "") == CodeStorageDamaged {
			return fail("open/1", "%v", err) // the disk's copy is not what was kept
		} else if err != nil {
			return err
		}
	}
	b, err := block.Parse(raw) // with a payload that does not fit, the block is given all the same
	if b == nil {
		return fail("open/1", "%v", err)
	}
	p.b, p.out.Header, p.out.Signature = b, b.Header, b.Signature
	if b.ID != r.x.ID {
		return fail("open/1", "these bytes are block %s", b.ID)
	}
	if b.Header.Kind != block.KindRecord {
		return fail("open/1", "kind %d is no record", b.Header.Kind)
	}
	return nil
}

func (p *prover) signature(r *rec, _ []byte) error {
	if p.held == nil {
		return unknown{"core/missing", "chain " + r.chain.Hex() + " is not here"}
	}
	keys := p.held.state.KeysAt(r.seq, block.KindRecord)
	p.out.Writer = keys[0]
	if err := accepted(p.e.net, p.b, keys); err != nil {
		return fail("open/2", "%v", err)
	}
	return nil
}

// chain follows the hashes from the record down to the chain's first block. Of a long chain it reads the genesis, every
// change of key and the last maxWalk blocks again; the links between were checked when this device opened its log.
func (p *prover) chain(r *rec, _ []byte) error {
	if p.held == nil {
		return unknown{"core/missing", "chain " + r.chain.Hex() + " is not here"}
	}
	state, blocks := &p.held.state, p.held.blocks
	p.out.Blocks, p.out.Walked = int(r.seq)+1, 1
	if p.b.Header.Chain != r.chain || p.b.Header.Seq != r.seq || r.seq == 0 || p.b.Header.Prev != blocks[r.seq-1] {
		return fail("open/2", "not in its chain")
	}
	keyed := map[uint32]bool{}
	for _, k := range state.Keys {
		keyed[k.From] = true // signed by a ROTATE or HANDOVER just before
	}
	for seq := int(r.seq) - 1; seq >= 0; seq-- {
		event := seq == 0 || keyed[uint32(seq)+1]
		if !event && int(r.seq)-seq > maxWalk {
			continue
		}
		b, err := p.e.block(blocks[seq])
		if err != nil {
			return err
		}
		if int(b.Header.Seq) != seq || seq > 0 && (b.Header.Prev != blocks[seq-1] || b.Header.Chain != r.chain) || seq == 0 && b.Chain() != r.chain {
			return fail("open/2", "block %d is not on top of the one before", seq)
		}
		if event {
			if err := accepted(p.e.net, b, state.KeysAt(uint32(seq), b.Header.Kind)); err != nil {
				return fail("open/2", "block %d: %v", seq, err)
			}
		}
		p.out.Walked++
	}
	return p.uncut(r)
}

// uncut refuses what was written after a device was lost. A fork below the record is no sign of tampering, only of two
// copies that wrote at once: it is not known which counts.
func (p *prover) uncut(r *rec) error {
	state := &p.held.state
	if cut, ok := p.v.cuts[r.chain]; ok && r.seq > cut || state.WrittenAfterLoss(r.seq) {
		return fail("open/2", "written after its device was lost")
	}
	if state.Forked() {
		if proof, err := chain.ParseForkProof(state.Proof); err == nil {
			if _, seq, err := proof.Slot(); err == nil && seq <= r.seq {
				return unknown{"proof/fork", "two blocks claim one place"}
			}
		}
	}
	return nil
}

func (p *prover) payload(*rec, []byte) error {
	if !p.b.Whole() {
		return unknown{"core/missing", "its payload is not here"}
	}
	again, err := block.Parse(p.b.Encode())
	if err != nil || len(again.Parts) != 2 {
		return fail("open/3", "%v", err)
	}
	return nil
}

func (p *prover) named(r *rec, _ []byte) error {
	if own := p.e.me.own; own != nil && p.v == &own.view {
		for _, w := range own.m.Writers {
			if w.Chain == r.chain {
				return nil
			}
		}
		return fail("open/9", "the folder's list does not name this writer")
	}
	if f := p.e.me.shared[p.v.id]; f != nil && f.sealed != nil && f.names(r.chain) {
		return nil
	}
	return unknown{"proof/unnamed", "the sharing does not name this writer"}
}

// complete holds the owner's own list against the chain: the list names the newest block it knew of each writer, so a
// relay that hides one is found out.
func (p *prover) complete(r *rec, _ []byte) error {
	own := p.e.me.own
	if own == nil || p.v != &own.view {
		return unknown{"proof/owners-list", "only the folder's owner holds the list"}
	}
	for _, w := range own.m.Writers {
		if w.Chain != r.chain || w.Head == (block.ID{}) || p.e.hold.blocks[w.Head] != nil {
			continue
		}
		if p.e.heard(r.chain) {
			return fail("proof/hidden", "block %s of this writer is not here", w.Head)
		}
		return unknown{"core/missing", "block " + w.Head.Hex() + " of this writer is still to come"}
	}
	return nil
}

// heard says whether all that there is of a chain was asked for: of a folder with one device its own list tells, else the
// list of another device may be here before what it names.
func (e *Engine) heard(id block.ChainID) bool {
	own := 0
	for _, w := range e.me.own.m.Writers {
		if w.Own {
			own++
		}
	}
	return own == 1 || e.sync.state == linkOnline && !e.sync.wanted[id]
}

// open takes the record through the steps that need keys, and says how far it came.
func (p *prover) open(r *rec) {
	by, err := p.e.openerFor(p.v, r)
	if err == nil && p.b.Whole() {
		p.opened, err = p.e.openParts(p.v, p.b, by)
	}
	code := codeName(err, "")
	switch {
	case code == "record/unopened" || !p.b.Whole():
		for _, name := range []string{StepShares, StepAuthor, StepContent} {
			p.note(name, unknown{"record/unopened", "ask to open it first"})
		}
	case code == "open/3" || code == "open/4" || code == "open/5" || code == "open/6":
		p.note(StepShares, err)
	case code == "open/10":
		_ = p.note(StepShares, nil) && p.note(StepAuthor, err)
	case err != nil && code != errWaiting.Code && code != "open/11": // the stream, the array, the folder: before the author is read
		p.note(StepShares, nil)
		p.note(StepAuthor, unknown{"proof/not-reached", ""})
		p.note(StepContent, err)
	default:
		p.note(StepShares, nil)
		p.note(StepAuthor, p.author())
		p.note(StepContent, err)
	}
	if err != nil {
		p.opened = nil
	}
}

// author says whether anybody vouches for the name: its identity chain, or the meeting at which it was shown.
func (p *prover) author() error {
	if p.opened != nil && p.opened.credential.Name == "" {
		return unknown{"proof/identity", "the author's identity is not here"}
	}
	return nil
}

// RecordBlock gives a record's block as this device holds it, sealed: what a proof speaks of.
func (e *Engine) RecordBlock(folder ID, id block.ID) ([]byte, error) {
	v, err := e.view(folder)
	if err != nil {
		return nil, err
	}
	if v.recs[id] == nil {
		return nil, fail("record/unknown", "no such record in this folder")
	}
	b, err := e.block(id)
	if err != nil {
		return nil, err
	}
	return b.Encode(), nil
}

// ProofFile makes the file by which anybody checks who signed a record's block, offline: spec/proof.md §2. It returns
// proof/failed with the step's name when the record does not pass that check here.
func (e *Engine) ProofFile(folder ID, id block.ID) ([]byte, error) {
	v, err := e.view(folder)
	if err != nil {
		return nil, err
	}
	r := v.recs[id]
	if r == nil || e.hold.chains[r.chain] == nil {
		return nil, fail("record/unknown", "no such record in this folder")
	}
	c := e.hold.chains[r.chain]
	var blocks []*block.Block
	for seq, bid := range c.blocks[:r.seq+1] {
		k := e.hold.blocks[bid].kind
		if r.seq > chain.MaxWholePath && uint32(seq) < r.seq && k != block.KindGenesis && k != block.KindRotate && k != block.KindHandover {
			continue
		}
		b, err := e.block(bid)
		if err != nil {
			return nil, err
		}
		blocks = append(blocks, b)
	}
	p := chain.NewProof(e.net, blocks)
	if s, failed := p.Check(e.net, nil).Steps.Failed(); failed {
		return nil, fail("proof/failed", "%s", s.Name)
	}
	return p.Encode(), nil
}

// CheckProof checks a proof file, with the record's block or without: it needs no profile. It returns proof/format or
// proof/version for what is no proof file.
func (e *Engine) CheckProof(file, whole []byte) (*chain.Verdict, error) {
	p, err := chain.ParseProof(file)
	switch {
	case errors.Is(err, chain.ErrProofVersion):
		return nil, fail(chain.CodeProofVersion, "%v", err)
	case err != nil:
		return nil, fail(chain.CodeProofFormat, "%v", err)
	}
	return p.Check(e.net, whole), nil
}

// Holds says in which folder of this profile a record is, if in any.
func (e *Engine) Holds(id block.ID) (folder ID, ok bool) {
	if e.me == nil {
		return ID{}, false
	}
	if own := e.me.own; own != nil && own.recs[id] != nil {
		return own.id, true
	}
	for fid, f := range e.me.shared {
		if f.recs[id] != nil {
			return fid, true
		}
	}
	return ID{}, false
}
