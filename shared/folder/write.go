package folder

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"

	"github.com/anamnesis-health/anamnesis/shared/block"
	"github.com/anamnesis-health/anamnesis/shared/grant"
	"github.com/anamnesis-health/anamnesis/shared/record"
	"github.com/anamnesis-health/anamnesis/shared/seal"
	"github.com/anamnesis-health/anamnesis/shared/share"
)

// view is what sealing and opening need to know of a folder, the own one or another's.
type view struct {
	id       secret
	keys     []sectionKey                // A is a seed in the own folder, empty in another's
	erase    map[block.ChainID]block.Key // public erase key by writing chain; under zero the folder's
	owner    []byte                      // owner's recipient
	owners   map[block.ChainID]bool      // writing chains of the owner's devices
	cuts     map[block.ChainID]uint32    // last seq that counts, of chains whose device was lost
	devices  map[block.ChainID]block.Key // device key met for a writing chain
	guests   map[block.ChainID]string    // names of guests met, by writing chain
	recs     map[block.ID]*rec
	verdicts map[block.ID]*rec      // newest verdict about a record
	files    map[block.Nonce]string // names of imported files, by source id
	// Made anew when order is nil: lines, newest first; who refers to a record; the newest HIDE about one.
	order  []*rec
	refers map[block.ID][]*rec
	hides  map[block.ID]*rec
}

func newView(id secret) view {
	return view{id: id, erase: map[block.ChainID]block.Key{}, owners: map[block.ChainID]bool{}, cuts: map[block.ChainID]uint32{}, devices: map[block.ChainID]block.Key{},
		guests: map[block.ChainID]string{}, recs: map[block.ID]*rec{}, verdicts: map[block.ID]*rec{}, files: map[block.Nonce]string{}}
}

// writer is one writing chain of this device with its secrets.
type writer struct {
	state *writerState
	key   ed25519.PrivateKey
	view  *view
}

func (e *Engine) writerKey(w *writerState) ed25519.PrivateKey {
	return block.DeriveKey(e.net, e.me.vault.X[:], "writer", w.Folder[:], block.U32(w.Counter))
}

func (e *Engine) writerRecipient(folder secret, counter uint32) share.Key {
	return share.KeyFromSeed(block.Derive(e.net, e.me.vault.X[:], "writer recipient", folder[:], block.U32(counter)))
}

// ownedWriter is this device's writing chain in v, with a session that is young enough.
func (e *Engine) ownedWriter(v *view) (*writer, error) {
	for i := range e.me.state.Writers {
		w := &e.me.state.Writers[i]
		if w.Frozen || !e.writesIn(w, v) {
			continue
		}
		return &writer{w, e.writerKey(w), v}, nil
	}
	return nil, fail("write/no-chain", "this device has no writing chain in the folder")
}

func (e *Engine) writesIn(w *writerState, v *view) bool {
	if e.me.own != nil && v == &e.me.own.view {
		return w.Grant == (block.ChainID{})
	}
	s := e.me.shared[v.id]
	return s != nil && w.Grant == s.grant
}

// newWriterGenesis makes the GENESIS of a new writing chain under the next counter. Nothing is kept yet.
func (e *Engine) newWriterGenesis(folder secret, commitment block.Hash, tag block.Tag) (*block.Block, writerState, error) {
	w := writerState{Folder: folder, JoinedMS: e.world.Now()}
	var admitted []block.Admission
	if p, a, ok := e.spendOwn(folder); ok {
		w.Counter, admitted = p.Counter, a
		if err := e.saveStock(); err != nil {
			return nil, w, err
		}
	} else {
		e.me.state.Counter++
		w.Counter = e.me.state.Counter
	}
	recipient := share.RecipientHash(e.writerRecipient(folder, w.Counter).Recipient())
	key := e.writerKey(&w)
	g := &block.Genesis{Type: block.ChainWriting, Nonce: e.nonce(), Writer: block.KeyOf(key), Commitment: commitment, Recipient: recipient[:], Admission: admitted}
	b, err := block.New(e.net, key, block.Header{Kind: block.KindGenesis, Epoch: e.network.Epoch(), Time: e.hour(), Tag: tag}, block.Encode(g))
	if err != nil {
		return nil, w, err
	}
	w.Chain = b.Chain()
	return b, w, nil
}

// append makes the next block of a chain this device writes, and keeps it. It is not flushed.
func (e *Engine) appendBlock(chain block.ChainID, key ed25519.PrivateKey, h block.Header, parts ...[]byte) (*block.Block, error) {
	c := e.hold.chains[chain]
	if c == nil {
		return nil, fail("write/no-chain", "chain %s is not here", chain)
	}
	h.Chain, h.Seq, h.Prev, h.Epoch, h.Time = chain, c.state.Seq+1, c.state.Head, e.network.Epoch(), e.hour()
	b, err := block.New(e.net, key, h, parts...)
	if err != nil {
		return nil, err
	}
	return b, e.keep(b)
}

// keep takes a block that this device made: chain rules, signature, log, outbox.
func (e *Engine) keep(b *block.Block) error {
	if e.hold.blocks[b.ID] != nil {
		return nil // kept by an attempt that failed later
	}
	next, keys, err := e.hold.next(b)
	if err != nil {
		return err
	}
	if err := accepted(e.net, b, keys); err != nil {
		return err
	}
	ref, err := e.log.Append(logBlock, b.Encode())
	if err != nil {
		return err
	}
	e.hold.take(b, next, ref, e.world.Now())
	e.outbox.add(b.ID)
	return nil
}

// flush makes everything written so far durable. Only then may a screen say saved.
func (e *Engine) flush() error {
	if err := e.log.Commit(); err != nil {
		return err
	}
	e.sync.push(e)
	e.world.Changed()
	return nil
}

// ensureSession starts a new SESSION when there is none or it is old.
func (e *Engine) ensureSession(w *writer, tag block.Tag) error {
	age := e.world.Now() - w.state.StartMS
	if w.state.Session != (block.ID{}) && age < sessionDays*86_400_000 && age > -86_400_000 {
		return nil
	}
	secrets, seals, err := share.NewSession(e.net, w.state.Chain, e.network.Epoch(), w.view.owner, e.network.SeatRecipients(), nil, e)
	if err != nil {
		return err
	}
	b, err := e.appendBlock(w.state.Chain, w.key, block.Header{Kind: block.KindSession, Tag: tag},
		block.Encode(&block.Session{Epoch: e.network.Epoch(), Seals: seals}))
	if err != nil {
		return err
	}
	w.state.Session, w.state.StartMS = b.ID, e.world.Now()
	w.state.Secrets = []secret{secret(secrets.Owner)}
	for _, s := range secrets.Seats {
		w.state.Secrets = append(w.state.Secrets, secret(s))
	}
	return e.saveState()
}

// sealed is a record sealed and not yet in a chain.
type sealed struct {
	age, keyPart []byte
	tag          block.Tag
	leaves       [][]byte
	blob         *seal.Blob
	file         *blobFile // that holds the leaves of a big one; nil when they are in leaves
	entry        indexEntry
	release      share.Secret // R, for the writer's own later opening
}

// sealRecord seals r under section's newest key epoch (or, for the owner's own kinds, for the owner alone).
func (e *Engine) sealRecord(w *writer, r *record.Record) (*sealed, error) {
	ctx := share.Context{Net: e.net, Session: w.state.Session, Salt: e.nonce()}
	s := &sealed{}
	content := r.Content
	if len(content) > blobAt {
		if err := e.sealBlob(ctx, w, r, s); err != nil {
			return nil, err
		}
	}
	return s, e.sealPlain(ctx, w, r, s, content)
}

// sealPlain seals r, whose content is inline or in its blob already. content is what the index describes; nil for a
// document that was sealed piece by piece.
func (e *Engine) sealPlain(ctx share.Context, w *writer, r *record.Record, s *sealed, content []byte) error {
	r.Folder, r.TimeMS = record.FolderID(w.view.id), uint64(e.world.Now())
	r.Credential, r.Signature = e.authorship(w)
	plain, err := record.Encode(r)
	if err != nil {
		return err
	}
	s0 := share.Secret(w.state.Secrets[0])
	seats := make([]share.Secret, 0, len(w.state.Secrets)-1)
	for _, x := range w.state.Secrets[1:] {
		seats = append(seats, share.Secret(x))
	}
	policy := e.network.Policy()
	kp := &block.KeyPart{Session: ctx.Session, Record: ctx.Salt, T: uint8(policy.T), N: uint8(policy.N)}
	var release share.Secret
	var sc share.Scope
	if r.Section == record.OwnerOnly {
		release = share.Secret(e.secret()) // an unused value: the seats learn nothing by it
		e.random(sc[:])
		e.random(kp.Scope[:])
		s.tag = grant.DayTag(e.net, e.ownTagKey(), w.state.Chain, e.hour())
		s.age, err = seal.OwnerOnly(ctx, s0, plain, e)
	} else {
		k := w.view.newest(uint8(r.Section))
		if k == nil {
			return fail("write/no-section", "no key of section %d", r.Section)
		}
		sc = share.Scope(k.Scope)
		kp.Scope = share.ScopeCommitment(e.net, ctx.Salt, sc)
		tagKey := tagKeyOf(e.net, k.K)
		s.tag = grant.DayTag(e.net, tagKey, w.state.Chain, e.hour())
		s.age, release, err = seal.Record(ctx, seal.RecordKeys{Owner: s0, Section: share.Secret(k.K), Scope: sc}, plain, e)
	}
	if err != nil {
		return err
	}
	if kp.Seats, err = share.Seats(ctx, release, seats, sc, policy.T); err != nil {
		return err
	}
	kp.Erase = share.EraseCommitment(e.net, w.view.eraseKey(w.state.Chain), share.EraseOpening(ctx, s0, 0))
	s.keyPart, s.release = block.Encode(kp), release
	s.entry = e.describe(r, content)
	s.entry.Author, s.entry.Own = e.me.vault.Name, true
	return nil
}

func tagKeyOf(net block.Net, k secret) [32]byte { return grant.TagKey(net, grant.Secret(k)) }

func (e *Engine) ownTagKey() [32]byte {
	f := e.me.vault.Secrets[len(e.me.vault.Secrets)-1]
	return tagKeyOf(e.net, f)
}

// sealBlob moves r's content into a blob, whose leaves wait in s.
func (e *Engine) sealBlob(ctx share.Context, w *writer, r *record.Record, s *sealed) error {
	bw, err := e.blobWriter(ctx, w, int64(len(r.Content)), func(_ int, leaf []byte) error {
		s.leaves = append(s.leaves, bytes.Clone(leaf))
		return nil
	})
	if err != nil {
		return err
	}
	if _, err := bw.Write(r.Content); err != nil {
		return err
	}
	b, err := bw.Close()
	if err != nil {
		return err
	}
	s.blob, r.Blob, r.Content = &b, blobOf(&b), nil
	return nil
}

func (e *Engine) blobWriter(ctx share.Context, w *writer, size int64, keep func(int, []byte) error) (*seal.BlobWriter, error) {
	erase := share.EraseCommitment(e.net, w.view.eraseKey(w.state.Chain), share.EraseOpening(ctx, share.Secret(w.state.Secrets[0]), 1))
	return seal.NewBlobWriter(ctx.Salt, erase, size, int64(record.Padded(int(size))), keep)
}

func blobOf(b *seal.Blob) *record.Blob {
	return &record.Blob{Root: b.Root, Size: uint64(b.Size), Leaves: uint32(len(b.Leaves)), FileKey: b.Key, SHA256: b.Sum}
}

// writeSealed signs a sealed record into w's chain and keeps it with its index entry and leaves. Not flushed.
func (e *Engine) writeSealed(w *writer, s *sealed) (*block.Block, error) {
	var err error
	switch {
	case s.file != nil:
		err = e.nameFile(s.blob.Root, s.file, s.blob.Leaves)
	case s.blob != nil:
		err = e.keepBlob(s.blob, s.leaves)
	}
	if err != nil {
		return nil, err
	}
	b, err := e.appendBlock(w.state.Chain, w.key, block.Header{Kind: block.KindRecord, Tag: s.tag}, s.age, s.keyPart)
	if err != nil {
		return nil, err
	}
	if s.blob != nil {
		e.blobs.wanted[b.ID] = s.blob.Root
		s.entry.Blob = s.blob.Root[:]
	}
	s.entry.ID = b.ID
	return b, e.index(w.view, s.entry)
}

// write seals and keeps one record. Not flushed.
func (e *Engine) write(w *writer, r *record.Record) (*block.Block, error) {
	s, err := e.sealRecord(w, r)
	if err != nil {
		return nil, err
	}
	return e.writeSealed(w, s)
}

// describe is the index entry of r: what a list shows and search reads. content is the record's bytes, wherever they lie.
func (e *Engine) describe(r *record.Record, content []byte) indexEntry {
	x := indexEntry{Kind: uint16(r.Kind), Section: uint8(r.Section), TimeMS: r.TimeMS, Source: block.Nonce(r.Source),
		Size: uint64(len(content)), SHA256: sha256.Sum256(content)}
	if r.Blob != nil && content == nil {
		x.Size, x.SHA256 = r.Blob.Size, r.Blob.SHA256
	}
	var says record.Relation
	if says, x.Type = r.Says(); says == record.Amends {
		x.Says = 1
	}
	for _, id := range r.Refs {
		x.Refs = append(x.Refs, block.ID(id))
	}
	switch r.Kind {
	case record.FHIR:
		d := record.Describe(content)
		x.Type, x.Label, x.Date, x.Words = d.Type, d.Label, d.Date, d.Words
	case record.Note:
		x.Label = firstLine(string(content), 120)
		x.Words = clip(string(content), maxNoteWords)
	case record.Verdict:
		if v, err := record.DecodeVerdict(content); err == nil {
			x.Says, x.Reason = uint8(v.Opinion), v.Reason
		}
	case record.Hide:
		if h, err := record.DecodeHide(content); err == nil {
			for _, id := range h.Records {
				x.Refs = append(x.Refs, block.ID(id))
			}
			if h.Hidden {
				x.Says = 1
			}
		}
	case record.Manifest:
		if m, err := decoded[manifest](content, len(content)); err == nil {
			x.Size = uint64(m.Number) // what finds the newest, whatever clocks and chains did
		}
	case record.Looked:
		if l, err := record.DecodeLooked(content); err == nil {
			x.Refs = []block.ID{block.ID(l.Access)}
			for _, id := range l.Released {
				x.Released = append(x.Released, block.ID(id))
			}
			for _, id := range l.Refused {
				x.Refused = append(x.Refused, block.ID(id))
			}
		}
	case record.Source:
		if f, err := record.DecodeSource(content); err == nil {
			x.FileName, x.Type, x.SHA256, x.Size, x.Source = f.FileName, f.MediaType, f.SHA256, f.Size, block.Nonce(f.ID)
			for _, p := range f.Pieces {
				if p.Gap == nil {
					x.Refs = append(x.Refs, block.ID(p.Record))
				}
			}
		}
	}
	return x
}

func firstLine(s string, max int) string {
	for i, r := range s {
		if r == '\n' || i >= max {
			return s[:i]
		}
	}
	return s
}

// newest is the key epoch of a section that nothing replaces; of several, the one with the smallest scope.
func (v *view) newest(section uint8) *sectionKey {
	replaced := map[scope]bool{}
	for _, k := range v.keys {
		for _, s := range k.Replaces {
			replaced[s] = true
		}
	}
	var best *sectionKey
	for i := range v.keys {
		k := &v.keys[i]
		if k.Section == section && !replaced[k.Scope] && (best == nil || string(k.Scope[:]) < string(best.Scope[:])) {
			best = k
		}
	}
	return best
}

func (v *view) eraseKey(chain block.ChainID) block.Key {
	if k, ok := v.erase[chain]; ok {
		return k
	}
	return v.erase[block.ChainID{}]
}
