package chain

import (
	"bytes"
	"errors"
	"fmt"

	"github.com/anamnesis-health/anamnesis/shared/block"
)

//go:generate go run github.com/tinylib/msgp@v1.6.5 -file proof.go -o proof_gen.go -io=false -tests=false
//msgp:tuple Proof ProofBlock
//msgp:ignore StepState Step Steps Verdict
//msgp:limit arrays:8192 maps:1

// Proof is a file that shows, to anybody and offline, which key signed one block and how its chain came to that key. It
// holds public bytes only: no payload, no secret. Source: spec/proof.md §2.
type Proof struct {
	Version uint8
	Net     block.Net
	Blocks  []ProofBlock `msg:"blocks,limit=513"`
}

// ProofBlock is one block of the chain, by seq: the first is its GENESIS, the last the block that is proven. Signature is
// there for those two and wherever the key changes, Clear for the GENESIS and the changes; else they are empty.
type ProofBlock struct {
	Header    []byte
	Signature []byte
	Clear     []byte
}

// The steps of checking a proof file, in their order. Source: spec/proof.md §3.
const (
	StepNetwork   = "network"
	StepChain     = "chain"
	StepSignature = "signature"
	StepPayload   = "payload"
	StepFinal     = "final"
)

// Codes of those steps and of a file that is no proof.
const (
	CodeProofFormat    = "proof/format"
	CodeProofVersion   = "proof/version"
	CodeProofNetwork   = "proof/network"
	CodeProofChain     = "proof/chain"
	CodeProofGap       = "proof/gap"
	CodeProofSignature = "proof/signature"
	CodeProofPayload   = "proof/payload"
	CodeProofNoBlock   = "proof/no-block"
	CodeNoWitnesses    = "proof/no-witnesses"
	CodeNotReached     = "proof/not-reached"
)

// ErrProofVersion is another version's proof file.
var ErrProofVersion = errors.New("another version")

// Verdict is what a proof file shows.
type Verdict struct {
	Net       block.Net
	ID        block.ID
	Chain     block.ChainID
	Header    block.Header
	Signature []byte
	Writer    block.Key // that signed the block, by what the file shows; zero when the chain does not hold
	Blocks    int       // in the file
	Steps     Steps
}

// NewProof makes the proof of the last of blocks: a chain from its GENESIS on, whole, or without blocks between that
// change no key. Each must be of one chain, by seq.
func NewProof(net block.Net, blocks []*block.Block) *Proof {
	p := &Proof{Version: 1, Net: net}
	for i, b := range blocks {
		pb := ProofBlock{Header: b.Raw, Signature: []byte{}, Clear: []byte{}}
		if changesKey(b.Header.Kind) {
			pb.Clear = b.Parts[0]
		}
		if len(pb.Clear) > 0 || i == len(blocks)-1 {
			pb.Signature = b.Signature
		}
		p.Blocks = append(p.Blocks, pb)
	}
	return p
}

func changesKey(k block.Kind) bool {
	return k == block.KindGenesis || k == block.KindRotate || k == block.KindHandover
}

// Encode gives the file, at most MaxProof.
func (p *Proof) Encode() []byte { return block.Encode(p) }

// ParseProof reads a proof file. What it returns without an error has a GENESIS first, a RECORD or ACCESS last, and
// fields exactly where spec/proof.md §2 has them; nothing else is checked. It returns ErrProofVersion for another
// version, else an error that wraps block.ErrCanonical or block.ErrLimit.
func ParseProof(file []byte) (*Proof, error) {
	p, err := block.Decode[Proof](file, MaxProof)
	if err != nil {
		return nil, fmt.Errorf("proof: %w", err)
	}
	if p.Version != 1 {
		return nil, fmt.Errorf("proof %d: %w", p.Version, ErrProofVersion)
	}
	last := len(p.Blocks) - 1
	if last < 1 {
		return nil, fmt.Errorf("proof of %d blocks: %w", last+1, block.ErrCanonical)
	}
	var before uint32
	for i := range p.Blocks {
		b := &p.Blocks[i]
		h, err := block.ParseHeader(b.Header)
		if err != nil {
			return nil, fmt.Errorf("proof, block %d: %w", i, err)
		}
		change := changesKey(h.Kind)
		signed := change || i == last
		switch {
		case (i == 0) != (h.Kind == block.KindGenesis), i > 0 && h.Seq <= before,
			i == last && h.Kind != block.KindRecord && h.Kind != block.KindAccess,
			change != (len(b.Clear) > 0), signed != (len(b.Signature) > 0), len(b.Signature) > block.MaxSignature:
			return nil, fmt.Errorf("proof, block %d of kind %d at seq %d: %w", i, h.Kind, h.Seq, block.ErrCanonical)
		}
		before = h.Seq
	}
	return &p, nil
}

// Check follows the proof step by step. net is the network it should be of, or zero when any will do; whole is the wire
// block that the proof speaks of, or nil. It never says more than it checked: before witnesses run nothing is final.
func (p *Proof) Check(net block.Net, whole []byte) *Verdict {
	last := p.Blocks[len(p.Blocks)-1]
	v := &Verdict{Net: p.Net, ID: block.HeaderID(last.Header), Signature: last.Signature, Blocks: len(p.Blocks)}
	v.Header, _ = block.ParseHeader(last.Header) // ParseProof read it
	v.Chain = block.HeaderID(p.Blocks[0].Header).Chain()
	p.check(v, net, whole)
	_, failed := v.Steps.Failed()
	for _, name := range []string{StepNetwork, StepChain, StepSignature, StepPayload, StepFinal}[len(v.Steps):] {
		code := CodeNotReached
		if name == StepFinal && !failed {
			code = CodeNoWitnesses
		}
		v.Steps = append(v.Steps, Step{name, StepUnknown, code, ""})
	}
	return v
}

// check takes the steps up to the first that fails.
func (p *Proof) check(v *Verdict, net block.Net, whole []byte) {
	last := p.Blocks[len(p.Blocks)-1]
	if !v.step(StepNetwork, CodeProofNetwork, net == (block.Net{}) || net == p.Net, nil) {
		return
	}
	s, whence, err := p.follow()
	if err != nil {
		v.step(StepChain, CodeProofChain, false, err)
		return
	}
	v.Writer = s.Writer()
	v.Steps = append(v.Steps, whence)
	err = block.Verify(p.Net, v.Writer, block.SigBlock, last.Header, last.Signature)
	if !v.step(StepSignature, CodeProofSignature, err == nil, err) {
		return
	}
	var b *block.Block
	if len(whole) > 0 {
		b, err = block.Parse(whole)
	}
	if len(whole) == 0 || err == nil && bytes.Equal(b.Raw, last.Header) && !b.Whole() {
		v.Steps = append(v.Steps, Step{StepPayload, StepUnknown, CodeProofNoBlock, ""})
		return
	}
	v.step(StepPayload, CodeProofPayload, err == nil && bytes.Equal(b.Raw, last.Header), err)
}

// step records a step and says whether it held.
func (v *Verdict) step(name, code string, held bool, err error) bool {
	s := Step{Name: name, State: StepOK}
	if !held {
		s.State, s.Code = StepFailed, code
	}
	if err != nil {
		s.Detail = err.Error()
	}
	v.Steps = append(v.Steps, s)
	return held
}

// follow takes the chain from its GENESIS to the last block: the keys as they changed, each signed, and every link where
// the file has the block before. It answers the state below the last block.
func (p *Proof) follow() (State, Step, error) {
	whence := Step{Name: StepChain, State: StepOK}
	var s State
	for i, pb := range p.Blocks {
		h, err := block.ParseHeader(pb.Header)
		if err != nil {
			return s, whence, err
		}
		b := &block.Block{Header: h, ID: block.HeaderID(pb.Header), Raw: pb.Header, Signature: pb.Signature}
		if len(pb.Clear) > 0 {
			b.Parts = [][]byte{pb.Clear}
			if b.Header.PayloadHash != block.RootOf(b.Parts) || b.Header.PayloadLength != uint64(len(pb.Clear)) {
				return s, whence, block.ErrPayload
			}
		}
		if i == 0 {
			if s, err = Open(p.Net, b); err != nil {
				return s, whence, err
			}
			continue
		}
		if h.Seq > s.Seq+1 { // a short path: the keys are shown, the blocks between are not
			whence.State, whence.Code = StepUnknown, CodeProofGap
			s.Seq, s.Head = h.Seq-1, h.Prev
		}
		if h.Chain != s.ID || h.Seq != s.Seq+1 || h.Prev != s.Head {
			return s, whence, ErrPrev
		}
		if len(pb.Clear) > 0 {
			if s, err = s.Verify(p.Net, b); err != nil {
				return s, whence, err
			}
			continue
		}
		if !s.allows(b) || s.Ended {
			return s, whence, ErrKind
		}
		s.Seq, s.Head = h.Seq, b.ID
	}
	return s, whence, nil
}
