package folder

import (
	"bytes"
	"crypto/sha256"
	"slices"
	"unicode/utf8"

	"github.com/anamnesis-health/anamnesis/shared/block"
	"github.com/anamnesis-health/anamnesis/shared/chain"
	"github.com/anamnesis-health/anamnesis/shared/record"
	"github.com/anamnesis-health/anamnesis/shared/seal"
	"github.com/anamnesis-health/anamnesis/shared/share"
)

// opened is a record that passed every step.
type opened struct {
	rec        *record.Record
	credential *Credential
	ownerOnly  bool
	section    uint8
	content    []byte
	salt       block.Nonce // the record's id
}

// opener is who opens: the owner by the session secret, or a reader by a released R.
type opener interface {
	// unlock gives R and the file key. sc is the scope it opened under; ownerOnly records have no R.
	unlock(e *Engine, v *view, ctx share.Context, h seal.Header, kp *block.KeyPart) (r share.Secret, key seal.FileKey, k *sectionKey, err error)
}

// open takes a block through the eleven steps of spec/record.md §4, in order; nothing that is refused goes
// further. It returns an *Error with code open/1 … open/11, or blob/waiting when leaves are still to come.
func (e *Engine) openRecord(v *view, id block.ID, by opener) (*opened, error) {
	b, err := e.block(id) // 1: limits, canonical header, net by signature below, kind, id as asked
	if err != nil {
		return nil, err
	}
	if b.Header.Kind != block.KindRecord {
		return nil, fail("open/1", "kind %d is no record", b.Header.Kind)
	}
	c := e.hold.chains[b.Header.Chain] // 2: writer, prev, signature, no fork, no cut
	if c == nil || int(b.Header.Seq) >= len(c.blocks) || c.blocks[b.Header.Seq] != id {
		return nil, fail("open/2", "not in its chain")
	}
	if err := e.checks.settled(e, b, c.state.KeysAt(b.Header.Seq, block.KindRecord)); err != nil {
		return nil, fail("open/2", "%v", err)
	}
	if c.state.WrittenAfterLoss(b.Header.Seq) {
		return nil, fail("open/2", "written after its device was lost")
	}
	if v.cutOff(b.Header.Chain, b.Header.Seq) {
		return nil, fail("open/2", "written after its device was lost")
	}
	if !b.Whole() || len(b.Parts) != 2 {
		return nil, fail("open/3", "%d parts here", len(b.Parts)) // 3
	}
	return e.openParts(v, b, by)
}

func (e *Engine) openParts(v *view, b *block.Block, by opener) (*opened, error) {
	o, err := e.openSealed(v, b, by)
	if err != nil {
		return nil, err
	}
	return o, e.content(o.rec, o) // 11
}

// openSealed is all of openParts but the content: what a block tells without its blob.
func (e *Engine) openSealed(v *view, b *block.Block, by opener) (*opened, error) {
	clear, err := b.Clear()
	kp, ok := clear.(*block.KeyPart)
	if err != nil || !ok {
		return nil, fail("open/4", "key part: %v", err)
	}
	session := e.hold.blocks[kp.Session]
	if session == nil || session.kind != block.KindSession || session.chain != b.Header.Chain || session.seq >= b.Header.Seq {
		return nil, fail("open/3", "no such session earlier on the chain")
	}
	h, err := seal.ParseHeader(b.Parts[0]) // 5
	if err != nil {
		return nil, fail("open/5", "%v", err)
	}
	policy := e.network.Policy()
	if h.Session != kp.Session || h.Record != kp.Record || int(kp.N) != policy.N || int(kp.T) != policy.T {
		return nil, fail("open/4", "key part and header disagree")
	}
	ctx := share.Context{Net: e.net, Session: kp.Session, Salt: kp.Record}
	_, key, k, err := by.unlock(e, v, ctx, h, kp) // 6
	if err != nil {
		return nil, err
	}
	plain, err := seal.Open(b.Parts[0], key) // 7
	if err != nil {
		return nil, fail("open/7", "%v", err)
	}
	r, err := record.Decode(plain) // 8
	if err != nil {
		return nil, fail("open/8", "%v", err)
	}
	o := &opened{rec: r, ownerOnly: k == nil, salt: kp.Record}
	if k != nil {
		o.section = k.Section
	}
	if secret(r.Folder) != v.id || uint8(r.Section) != o.section || r.Kind.Known() && r.Kind.OwnerOnly() != o.ownerOnly {
		return nil, fail("open/9", "sealed for another folder or section") // 9
	}
	if err := e.checkAuthor(v, b.Header.Chain, r, o); err != nil { // 10
		return nil, err
	}
	return o, nil
}

// big says whether o is a document that is never held in memory whole.
func (o *opened) big() bool {
	return o.rec.Kind == record.Document && o.rec.Blob != nil && o.rec.Blob.Size > bigAt
}

// whole is o's content, also where it is big: for a file that is given back as one.
func (e *Engine) whole(o *opened) ([]byte, error) {
	if !o.big() {
		return o.content, nil
	}
	return e.readBlob(o.salt, o.rec.Blob)
}

// checkAuthor is step 10: the author's device signed for this chain and folder, and is who the folder knows it as.
func (e *Engine) checkAuthor(v *view, writing block.ChainID, r *record.Record, o *opened) error {
	c, err := decoded[Credential](r.Credential, record.MaxCredential)
	guest := len(c.Identity) == 0
	if err != nil || c.Version != 1 || !guest && len(c.Identity) != 32 || guest && len(c.Signature) != 0 {
		return fail("open/10", "credential: %v", err)
	}
	if err := e.vouched(c.Device, block.SigAuthor, append(writing[:], v.id[:]...), r.Signature); err != nil {
		return fail("open/10", "%v", err)
	}
	if known, ok := v.devices[writing]; ok && known != c.Device {
		return fail("open/10", "another device than the one that was met")
	}
	if name, met := v.guests[writing]; met && !v.owners[writing] && c.Name != name {
		return fail("open/10", "another name than the one that was met")
	}
	if !guest {
		id := block.ChainID(c.Identity)
		keys := e.identityWriters(id)
		claim := encode(&deviceClaim{id, c.Device, c.Name})
		named := func(k chain.KeyFrom) bool {
			return e.vouched(k.Key, block.SigDevice, claim, c.Signature) == nil
		}
		switch {
		case len(keys) == 0:
			c.Name = "" // gray until the identity chain is here
			e.sync.want(e, id)
		case !slices.ContainsFunc(keys, named):
			return fail("open/10", "the identity did not name this device")
		}
	} else if _, met := v.devices[writing]; !met {
		c.Name = "" // a name that nobody vouches for is not shown
	}
	o.credential = &c
	return nil
}

// identityWriters are the keys under which an identity's device signatures stand: every writer of its chain so
// far, for a restored device is named by the key that its ROTATE revealed.
func (e *Engine) identityWriters(id block.ChainID) []chain.KeyFrom {
	c := e.hold.chains[id]
	if c == nil || c.state.Type != block.ChainIdentity {
		return nil
	}
	return c.state.Keys
}

// content is step 11: inline bytes, or the blob's, whole and hashed. A big document's are left for who reads them, by
// range: every range is checked by leaf and chunk.
func (e *Engine) content(r *record.Record, o *opened) error {
	o.content = r.Content
	if r.Blob != nil && !o.big() {
		b, err := e.readBlob(o.salt, r.Blob)
		if err != nil {
			return err
		}
		o.content = b
	}
	if r.Kind == record.Note && !utf8.Valid(o.content) {
		return fail("open/11", "a note that is not UTF-8")
	}
	return nil
}

// byOwner opens with the session secret S₀ of the writing chain.
type byOwner struct{}

func (byOwner) unlock(e *Engine, v *view, ctx share.Context, h seal.Header, kp *block.KeyPart) (share.Secret, seal.FileKey, *sectionKey, error) {
	s0, err := e.ownerSession(ctx.Session)
	if err != nil {
		return share.Secret{}, seal.FileKey{}, nil, err
	}
	for i := range v.keys {
		k := &v.keys[i]
		if share.ScopeCommitment(e.net, ctx.Salt, share.Scope(k.Scope)) != kp.Scope {
			continue
		}
		r, err := seal.OwnerSecret(ctx, s0, share.Scope(k.Scope), h)
		if err != nil {
			return r, seal.FileKey{}, nil, fail("open/6", "%v", err)
		}
		if err := e.checkShares(v, ctx, r, s0, kp, h); err != nil {
			return r, seal.FileKey{}, nil, err
		}
		key, err := seal.SectionFileKey(ctx, share.Secret(k.K), r, h)
		if err != nil {
			return r, key, nil, fail("open/6", "%v", err)
		}
		return r, key, k, nil
	}
	key, err := seal.OwnerFileKey(ctx, s0, h)
	if err != nil {
		return share.Secret{}, key, nil, fail("open/6", "%v", err)
	}
	return share.Secret{}, key, nil, nil
}

// checkShares recomputes every share, and for the owner the erase commitment.
func (e *Engine) checkShares(v *view, ctx share.Context, r, s0 share.Secret, kp *block.KeyPart, _ seal.Header) error {
	if err := share.CheckSeats(ctx, r, int(kp.T), kp.Seats); err != nil {
		return fail("open/6", "%v", err)
	}
	if s0 == (share.Secret{}) {
		return nil // a reader cannot recompute the erase commitment
	}
	chain := e.hold.blocks[ctx.Session].chain
	if share.EraseCommitment(e.net, v.eraseKey(chain), share.EraseOpening(ctx, s0, 0)) != kp.Erase {
		return fail("open/6", "erase commitment")
	}
	return nil
}

// byReader opens with a release secret that the owner's device (later: witnesses) gave.
type byReader struct{ r share.Secret }

func (by byReader) unlock(e *Engine, v *view, ctx share.Context, h seal.Header, kp *block.KeyPart) (share.Secret, seal.FileKey, *sectionKey, error) {
	for i := range v.keys {
		k := &v.keys[i]
		if share.ScopeCommitment(e.net, ctx.Salt, share.Scope(k.Scope)) != kp.Scope {
			continue
		}
		if err := e.checkShares(v, ctx, by.r, share.Secret{}, kp, h); err != nil {
			return by.r, seal.FileKey{}, nil, err
		}
		key, err := seal.SectionFileKey(ctx, share.Secret(k.K), by.r, h)
		if err != nil {
			return by.r, key, nil, fail("open/6", "%v", err)
		}
		return by.r, key, k, nil
	}
	return by.r, seal.FileKey{}, nil, fail("open/6", "no section of the grant fits")
}

// ownerSession gives S₀ of a session, from this device's own state or by the owner's recipient.
func (e *Engine) ownerSession(id block.ID) (share.Secret, error) {
	for _, w := range e.me.state.Writers {
		if w.Session == id && len(w.Secrets) > 0 && w.Grant == (block.ChainID{}) {
			return share.Secret(w.Secrets[0]), nil
		}
	}
	if s, ok := e.me.own.sessions[id]; ok {
		return s, nil
	}
	b, err := e.block(id)
	if err != nil {
		return share.Secret{}, err
	}
	clear, err := b.Clear()
	s, ok := clear.(*block.Session)
	if err != nil || !ok {
		return share.Secret{}, fail("open/4", "session %s: %v", id, err)
	}
	for i := len(e.me.vault.Owners) - 1; i >= 0; i-- {
		o := e.me.vault.Owners[i]
		key := share.KeyFromSeed(block.Derive(e.net, o[:], "recipient", e.me.own.id[:]))
		if s0, err := share.OpenOwner(e.net, b.Header.Chain, s.Epoch, s.Seals, key); err == nil {
			e.me.own.sessions[id] = s0
			return s0, nil
		}
	}
	return share.Secret{}, fail("open/6", "session %s was not sealed to this folder's owner", id)
}

func sameSum(b []byte, sum [32]byte) bool {
	got := sha256.Sum256(b)
	return bytes.Equal(got[:], sum[:])
}

// secretOf gives the R of a record of the own folder.
func (e *Engine) secretOf(b *block.Block) (share.Secret, error) {
	clear, err := b.Clear()
	kp, ok := clear.(*block.KeyPart)
	if err != nil || !ok {
		return share.Secret{}, fail("open/4", "key part: %v", err)
	}
	h, err := seal.ParseHeader(b.Parts[0])
	if err != nil {
		return share.Secret{}, fail("open/5", "%v", err)
	}
	ctx := share.Context{Net: e.net, Session: kp.Session, Salt: kp.Record}
	r, _, k, err := byOwner{}.unlock(e, &e.me.own.view, ctx, h, kp)
	if err == nil && k == nil {
		err = fail("open/9", "an owner-only record is never released")
	}
	return r, err
}
