package govern

import (
	"bytes"
	"crypto/ed25519"
	"fmt"
	"slices"
	"strings"

	"filippo.io/hpke"

	"github.com/anamnesis-health/anamnesis/shared/block"
)

const (
	actionGenesis     = 1
	approvalTwoThirds = 1 // floor(2m/3)+1 of m members
)

// Network is a founded network, checked in every part. It never changes and may be shared.
type Network struct {
	net    block.Net
	block  *block.Block
	body   Genesis
	policy Policy
	bytes  []byte
}

// Found makes a network: founders are the members' keys in the order of body.Members, at is Unix seconds and is
// rounded down to the hour. Members' chains exist before their network does: their GENESIS has no admission, and
// its id holds no signature. Source: spec/network.md §2.
func Found(body Genesis, at uint64, founders []ed25519.PrivateKey) (*Network, error) {
	if len(founders) != len(body.Members) || len(founders) == 0 {
		return nil, fmt.Errorf("%d keys for %d members: %w", len(founders), len(body.Members), ErrFounders)
	}
	part := block.Encode(&action{actionGenesis, block.Encode(&body)})
	h := block.Header{Kind: block.KindGov, Time: at - at%3600}
	b, err := block.New(block.Net{}, founders[0], h, part)
	if err != nil {
		return nil, err
	}
	f := file{Block: b.Encode()}
	for _, k := range founders {
		f.Signatures = append(f.Signatures, block.Sign(block.Net{}, k, block.SigFound, b.Raw))
	}
	return Parse(block.Encode(&f))
}

// Parse reads a network file and checks all of it: canonical bytes, seats, keys, recipients, every founder's
// signature. It returns ErrGenesis, ErrFounders, ErrPolicy or block's errors. Source: spec/network.md §2.
func Parse(b []byte) (*Network, error) {
	f, err := block.Decode[file](b, MaxFile)
	if err != nil {
		return nil, fmt.Errorf("network file: %w", err)
	}
	blk, err := block.Parse(f.Block)
	if err != nil {
		return nil, fmt.Errorf("network file: %w", err)
	}
	body, err := genesisOf(blk)
	if err != nil {
		return nil, err
	}
	policy, err := body.check()
	if err != nil {
		return nil, err
	}
	if err := checkFounders(blk, &body, f.Signatures); err != nil {
		return nil, err
	}
	return &Network{block.Net(blk.ID), blk, body, policy, bytes.Clone(b)}, nil
}

func genesisOf(b *block.Block) (Genesis, error) {
	h := &b.Header
	if h.Kind != block.KindGov || h.Seq != 0 || h.Chain != (block.ChainID{}) || len(h.Links) > 0 || h.Epoch != 0 ||
		h.Tag != (block.Tag{}) || len(b.Parts) != 1 || !b.Whole() {
		return Genesis{}, fmt.Errorf("kind %d at seq %d with %d parts: %w", h.Kind, h.Seq, len(b.Parts), ErrGenesis)
	}
	a, err := block.Decode[action](b.Parts[0], block.MaxPayload(h.Kind))
	if err != nil {
		return Genesis{}, fmt.Errorf("network genesis: %w", err)
	}
	if a.Number != actionGenesis {
		return Genesis{}, fmt.Errorf("action %d: %w", a.Number, ErrGenesis)
	}
	body, err := block.Decode[Genesis](a.Body, block.MaxPayload(h.Kind))
	if err != nil {
		return Genesis{}, fmt.Errorf("network genesis: %w", err)
	}
	return body, nil
}

func checkFounders(b *block.Block, body *Genesis, sigs [][]byte) error {
	if len(sigs) != len(body.Members) {
		return fmt.Errorf("%d signatures for %d members: %w", len(sigs), len(body.Members), ErrFounders)
	}
	all := []block.Signed{{Key: body.Members[0].Key, Type: block.SigBlock, Body: b.Raw, Sig: b.Signature}}
	for i, m := range body.Members {
		all = append(all, block.Signed{Key: m.Key, Type: block.SigFound, Body: b.Raw, Sig: sigs[i]})
	}
	for i, err := range block.VerifyAll(block.Net{}, all) {
		if err != nil {
			return fmt.Errorf("founder %d: %w", max(i, 1), ErrFounders)
		}
	}
	return nil
}

func (g *Genesis) check() (Policy, error) {
	policy, err := NewPolicy(len(g.Witnesses), int(g.F))
	if err != nil {
		return policy, err
	}
	if g.Version != 1 || g.Lowest != 1 || g.Highest != 1 || g.HashAlg != 1 ||
		g.Approval != approvalTwoThirds || len(g.Predecessor) > 0 {
		return policy, fmt.Errorf("version %d, %d to %d, hash %d: %w", g.Version, g.Lowest, g.Highest, g.HashAlg, block.ErrVersion)
	}
	if len(g.Members) == 0 || len(g.Lanes) == 0 {
		return policy, fmt.Errorf("%d members, %d lanes: %w", len(g.Members), len(g.Lanes), ErrGenesis)
	}
	var seen roles
	if err := seen.members(g.Members); err != nil {
		return policy, err
	}
	if err := seen.members(g.Desks); err != nil {
		return policy, err
	}
	if err := seen.witnesses(g); err != nil {
		return policy, err
	}
	return policy, seen.lanes(g.Lanes)
}

// roles holds the keys and recipients seen so far: each serves one role, so that no signature or seal is ever
// taken for another's.
type roles struct {
	keys       []block.Key
	recipients [][]byte
	chains     []block.ChainID
}

func (r *roles) key(k block.Key) error {
	if err := block.CheckKey(k); err != nil {
		return err
	}
	if slices.Contains(r.keys, k) {
		return fmt.Errorf("%s in two roles: %w", k, ErrGenesis)
	}
	r.keys = append(r.keys, k)
	return nil
}

func (r *roles) recipient(b []byte) error {
	if len(b) != RecipientSize {
		return fmt.Errorf("recipient of %d bytes: %w", len(b), ErrGenesis)
	}
	if _, err := hpke.MLKEM768X25519().NewPublicKey(b); err != nil {
		return fmt.Errorf("recipient: %v: %w", err, ErrGenesis)
	}
	if slices.ContainsFunc(r.recipients, func(x []byte) bool { return bytes.Equal(x, b) }) {
		return fmt.Errorf("a recipient in two roles: %w", ErrGenesis)
	}
	r.recipients = append(r.recipients, b)
	return nil
}

func (r *roles) members(all []Member) error {
	for i, m := range all {
		if i > 0 && bytes.Compare(all[i-1].Chain[:], m.Chain[:]) >= 0 || slices.Contains(r.chains, m.Chain) {
			return fmt.Errorf("member %s twice or out of order: %w", m.Chain, ErrGenesis)
		}
		r.chains = append(r.chains, m.Chain)
		if err := r.key(m.Key); err != nil {
			return err
		}
		if err := r.recipient(m.Recipient); err != nil {
			return err
		}
	}
	return nil
}

func (r *roles) witnesses(g *Genesis) error {
	for i, w := range g.Witnesses {
		if int(w.Seat) != i+1 || !slices.ContainsFunc(g.Members, func(m Member) bool { return m.Chain == w.Member }) {
			return fmt.Errorf("seat %d at place %d, run by %s: %w", w.Seat, i+1, w.Member, ErrGenesis)
		}
		if err := r.key(w.Ack); err != nil {
			return err
		}
		if err := r.key(w.Release); err != nil {
			return err
		}
		if err := r.recipient(w.Recipient); err != nil {
			return err
		}
	}
	return nil
}

func (r *roles) lanes(all []Lane) error {
	for i, l := range all {
		if l.Number == 0 || i > 0 && all[i-1].Number >= l.Number || len(l.URLs) == 0 {
			return fmt.Errorf("lane %d at place %d with %d addresses: %w", l.Number, i+1, len(l.URLs), ErrGenesis)
		}
		if err := r.key(l.Relay); err != nil {
			return err
		}
		for _, u := range l.URLs {
			if err := checkURL(u); err != nil {
				return err
			}
		}
	}
	return nil
}

// checkURL accepts a lower-case origin only: a path, a query or credentials would be one more thing to steer a
// client with.
func checkURL(s string) error {
	host, secure := strings.CutPrefix(s, "https://")
	if !secure {
		host, _ = strings.CutPrefix(s, "http://")
	}
	outside := func(r rune) bool {
		return !strings.ContainsRune("abcdefghijklmnopqrstuvwxyz0123456789.-:[]", r)
	}
	if host == s || host == "" || len(s) > MaxURL || strings.ContainsFunc(host, outside) {
		return fmt.Errorf("address %q is no origin: %w", s, ErrGenesis)
	}
	return nil
}

// Net is the id of the genesis block: it separates every signature and hash of the network.
func (n *Network) Net() block.Net { return n.net }

// Bytes is the network file as received.
func (n *Network) Bytes() []byte { return n.bytes }

// Block is the genesis block, seq 0 of the governance chain.
func (n *Network) Block() *block.Block { return n.block }

// Genesis is what the founders signed. It must not be changed.
func (n *Network) Genesis() *Genesis { return &n.body }

// Policy is the quorum of the current epoch.
func (n *Network) Policy() Policy { return n.policy }

// Epoch is the current epoch, 1 until governance decides another.
func (n *Network) Epoch() uint16 { return 1 }

// SeatRecipients lists the witnesses' recipients (1,216 bytes each) in seat order.
func (n *Network) SeatRecipients() [][]byte {
	out := make([][]byte, len(n.body.Witnesses))
	for i, w := range n.body.Witnesses {
		out[i] = w.Recipient
	}
	return out
}

// LaneOf finds the lane of a relay key.
func (n *Network) LaneOf(relay block.Key) (Lane, bool) {
	for _, l := range n.body.Lanes {
		if l.Relay == relay {
			return l, true
		}
	}
	return Lane{}, false
}

// MemberKey is the key of a member or desk group, the issuers of admissions.
func (n *Network) MemberKey(chain block.ChainID) (block.Key, bool) {
	for _, m := range slices.Concat(n.body.Members, n.body.Desks) {
		if m.Chain == chain {
			return m.Key, true
		}
	}
	return block.Key{}, false
}

// Admits checks the admission in a GENESIS, at its header time (Unix seconds). It returns ErrNotAdmitted for a
// guest, an unknown issuer or an expired or forged token. A member's own chain is admitted by the network genesis.
// Source: spec/network.md §4.
func (n *Network) Admits(chain block.ChainID, g *block.Genesis, at uint64) error {
	if key, ok := n.MemberKey(chain); ok && key == g.Writer {
		return nil
	}
	if len(g.Admission) == 0 {
		return fmt.Errorf("guest: %w", ErrNotAdmitted)
	}
	return n.CheckAdmission(g.Admission[0], block.AdmitChain, g.Writer, at)
}

// CheckAdmission checks one admission of key for a purpose (block.AdmitChain, block.AdmitConnection) at a time.
func (n *Network) CheckAdmission(a block.Admission, purpose uint8, key block.Key, at uint64) error {
	issuer, ok := n.MemberKey(a.Issuer)
	if !ok {
		return fmt.Errorf("issuer %s: %w", a.Issuer, ErrNotAdmitted)
	}
	if err := a.Check(n.net, issuer, purpose, key, at); err != nil {
		return fmt.Errorf("%w: %v", ErrNotAdmitted, err)
	}
	return nil
}
