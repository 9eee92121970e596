package folder

import (
	"crypto/ed25519"
	"slices"

	"github.com/anamnesis-health/anamnesis/shared/block"
	"github.com/anamnesis-health/anamnesis/shared/grant"
	"github.com/anamnesis-health/anamnesis/shared/record"
	"github.com/anamnesis-health/anamnesis/shared/share"
)

// kitDraft is a folder being made: nothing of it is stored or sent before the kit was read back.
type kitDraft struct {
	root     secret
	name     string
	born     string
	folderID secret
	keys     []sectionKey
	x        secret // this device's, drawn now so that its keys can be admitted first
	stock    stock
	counter  uint32       // of the writing keys that the stock names
	identity *block.Block // nil until MakeKit
	proven   bool
}

// kitKey is the Ed25519 key i of the kit.
func kitKey(net block.Net, root secret, i uint32) ed25519.PrivateKey {
	return block.DeriveKey(net, root[:], "kit", block.U32(i))
}

func kitRecipient(net block.Net, root secret) share.Key {
	return share.KeyFromSeed(block.Derive(net, root[:], "kit recipient"))
}

// locateTag is the identity GENESIS's tag: how the 24 words alone find it.
func locateTag(net block.Net, root secret) (t block.Tag) {
	d := block.Derive(net, root[:], "locate")
	copy(t[:], d[:])
	return t
}

func commitmentTo(keys ...block.Key) block.Hash {
	leaves := make([]block.Hash, len(keys))
	for i, k := range keys {
		leaves[i] = block.LeafHash(k[:])
	}
	return block.Root(leaves)
}

// MakeKit draws a new root and folder for a person and gives the kit to print: 24 words and the QR string.
// Everything stays in memory until the kit is proven. born is YYYY-MM-DD or empty.
func (e *Engine) MakeKit(name, born string) (words []string, qr string, err error) {
	if e.hasWrap {
		return nil, "", fail("vault/exists", "this browser already holds a profile")
	}
	if name == "" || len(name) > maxName {
		return nil, "", fail("create/name", "a name of 1 to %d bytes", maxName)
	}
	d := e.kit
	if d == nil || e.admission(&d.stock.Passes[0]) == nil {
		d = e.newDraft()
	}
	d.name, d.born, d.proven = name, born, false
	key := kitKey(e.net, d.root, 0)
	recipient := share.RecipientHash(kitRecipient(e.net, d.root).Recipient())
	g := &block.Genesis{Type: block.ChainIdentity, Nonce: e.nonce(), Writer: block.KeyOf(key),
		Commitment: commitmentTo(block.KeyOf(kitKey(e.net, d.root, 1))), Recipient: recipient[:], Admission: e.admission(&d.stock.Passes[0])}
	d.identity, err = block.New(e.net, key, block.Header{Kind: block.KindGenesis, Epoch: e.network.Epoch(), Time: e.hour(),
		Tag: locateTag(e.net, d.root)}, block.Encode(g))
	if err != nil {
		return nil, "", err
	}
	e.kit = d
	k := Kit{Root: d.root, Net: e.net, Identity: d.identity.Chain(), Relays: e.kitRelays()}
	if qr, err = k.QR(); err != nil {
		return nil, "", err
	}
	return k.Words(), qr, nil
}

// newDraft draws what a new folder begins with, and the keys that a closed relay wants admitted: the identity's is the
// stock's first.
func (e *Engine) newDraft() *kitDraft {
	d := &kitDraft{root: e.secret(), folderID: e.secret(), x: e.secret()}
	for s := uint8(1); s <= uint8(record.Emergency); s++ {
		d.keys = append(d.keys, e.newSectionKey(s, nil))
	}
	d.stock.Passes = []pass{{For: passIdentity, Key: block.KeyOf(kitKey(e.net, d.root, 0))}}
	e.fillStock(&d.stock, d.x, d.folderID, []secret{e.folderSecret(d.root)}, &d.counter)
	return d
}

// folderSecret is F's first generation, which the kit gives again.
func (e *Engine) folderSecret(root secret) secret {
	return block.Derive(e.net, root[:], "folder", block.U32(0))
}

// ProveKit compares what was read back with the kit just made; words or qr may be empty.
func (e *Engine) ProveKit(words, qr string) error {
	if e.kit == nil || e.kit.identity == nil {
		return fail("kit/none", "make a kit first")
	}
	root, _, err := e.readKit(words, qr)
	if err != nil {
		return err
	}
	if root != e.kit.root {
		return fail("kit/other", "this is another kit")
	}
	e.kit.proven = true
	return nil
}

// readKit reads either form and checks the network; the identity chain is zero for words.
func (e *Engine) readKit(words, qr string) (secret, block.ChainID, error) {
	if qr != "" {
		k, err := ParseQR(qr)
		if err != nil {
			return secret{}, block.ChainID{}, err
		}
		if block.Net(k.Net) != e.net {
			return secret{}, block.ChainID{}, &Error{Code: "kit/network", Detail: joinRelays(k.Relays)}
		}
		return k.Root, block.ChainID(k.Identity), nil
	}
	root, err := ParseWords(words)
	return root, block.ChainID{}, err
}

func joinRelays(urls []string) string {
	out := ""
	for i, u := range urls {
		if i > 0 {
			out += " "
		}
		out += u
	}
	return out
}

func (e *Engine) newSectionKey(section uint8, replaces []scope) sectionKey {
	k := sectionKey{Section: section, K: e.secret(), A: e.secret(), Replaces: replaces}
	k.Scope = scope(share.ScopeOf(e.net, authorityOf(k.A), share.Secret(k.K)))
	return k
}

func authorityKey(seed secret) ed25519.PrivateKey { return ed25519.NewKeyFromSeed(seed[:]) }

func authorityOf(seed secret) block.Key { return block.KeyOf(authorityKey(seed)) }

// CreateFolder finishes a new folder under a passphrase (bytes already NFKC): vault, identity, device, writing
// chain, session, manifest, all flushed before it returns.
func (e *Engine) CreateFolder(passphrase []byte) error {
	d := e.kit
	switch {
	case e.hasWrap:
		return fail("vault/exists", "this browser already holds a profile")
	case d == nil || !d.proven:
		return fail("kit/unproven", "read the kit back first")
	case len(passphrase) < minPassphrase:
		return fail("vault/short", "%d", minPassphrase)
	}
	v := vaultBody{Version: 1, X: d.x, Name: d.name, Born: d.born}
	v.Owners = []secret{block.Derive(e.net, d.root[:], "owner", block.U32(0))}
	v.Secrets = []secret{e.folderSecret(d.root)}
	chain := d.identity.Chain()
	v.Identity, v.Folder = chain[:], d.folderID[:]
	v.IdentitySeed = kitKey(e.net, d.root, 0).Seed()
	e.fillKit(&v, d.root, 2)
	err := e.found(v, passphrase, func() error {
		if err := e.keep(d.identity); err != nil {
			return err
		}
		e.me.state.DrillMS = e.world.Now()
		if e.admission(&d.stock.Passes[0]) != nil {
			e.me.stock, e.me.state.Counter = stock{Version: 1, Passes: d.stock.Passes[1:]}, d.counter
		}
		e.me.own = newOwnFolder(e, manifest{Version: 1, Folder: d.folderID, Person: person{d.name, d.born}, Keys: slices.Clone(d.keys)})
		return e.beginOwn()
	})
	if err == nil {
		e.kit = nil
	}
	return err
}

// fillKit puts into the vault what later commitments need, without the root: the kit's recipient and the leaf
// hashes of its keys from next on.
func (e *Engine) fillKit(v *vaultBody, root secret, next uint32) {
	v.Kit = kitRecipient(e.net, root).Recipient()
	v.NextKit = next
	v.Leaves = nil
	for i := range uint32(keysAhead) {
		k := block.KeyOf(kitKey(e.net, root, next+i))
		v.Leaves = append(v.Leaves, block.LeafHash(k[:]))
	}
}

// commitKit takes the next kit key for one commitment; each key serves one chain.
func (e *Engine) commitKit() block.Hash {
	v := &e.me.vault
	if len(v.Leaves) == 0 {
		return block.Hash{} // cannot rotate until the kit is scanned again
	}
	h := v.Leaves[0]
	v.Leaves, v.NextKit = v.Leaves[1:], v.NextKit+1
	return h
}

// beginOwn writes this device's first blocks in the own folder, once the identity exists: DEVICE, writing chain,
// session, manifest.
func (e *Engine) beginOwn() error {
	own := e.me.own
	genesis, w, err := e.newWriterGenesis(own.id, e.commitKit(), e.nextChainTag())
	if err != nil {
		return err
	}
	own.m.Writers = append(own.m.Writers, manifestWriter{Chain: w.Chain, Own: true, Erase: e.ownErase()})
	own.refresh(e)
	if e.writesIdentity() {
		if err := e.writeDevice(); err != nil {
			return err
		}
	} else {
		e.readDevices()
	}
	if err := e.keep(genesis); err != nil {
		return err
	}
	e.me.state.Writers = append(e.me.state.Writers, w)
	ow, err := e.ownedWriter(&own.view)
	if err != nil {
		return err
	}
	if err := e.ensureSession(ow, e.dayTag(e.ownTagKey(), w.Chain)); err != nil {
		return err
	}
	own.m.Writers[len(own.m.Writers)-1].Session = ow.state.Session
	own.m.Writers[len(own.m.Writers)-1].Credential = e.credential(ow)
	e.rebind()
	return e.writeManifest()
}

func (e *Engine) dayTag(tagKey [32]byte, chain block.ChainID) block.Tag {
	return grant.DayTag(e.net, tagKey, chain, e.hour())
}

// ownErase is the seed of the key whose erasures the own records obey.
func (e *Engine) ownErase() secret {
	f := e.me.vault.Secrets[len(e.me.vault.Secrets)-1]
	return block.Derive(e.net, f[:], "erase key", e.me.vault.Folder)
}

// authorship is what each record of a chain says of its author: credential and `author` signature. Both are the same
// in every record of one chain and folder, so they are made once while unlocked.
func (e *Engine) authorship(w *writer) (credential, signature []byte) {
	key := [2][32]byte{w.state.Chain, w.view.id}
	a, ok := e.me.authored[key]
	if !ok {
		a.credential = e.credential(w)
		a.signature = block.Sign(e.net, e.me.device, block.SigAuthor, append(w.state.Chain[:], w.view.id[:]...))
		if e.me.authored == nil {
			e.me.authored = map[[2][32]byte]authored{}
		}
		e.me.authored[key] = a
	}
	return a.credential, a.signature
}

type authored struct{ credential, signature []byte }

// credential is this device's, as the folder of w sees it: with the identity in the own folder, a guest's elsewhere.
func (e *Engine) credential(w *writer) []byte {
	c := &Credential{Version: 1, Device: block.KeyOf(e.me.device), Name: e.me.vault.Name}
	if e.me.own != nil && w.view == &e.me.own.view {
		c.Identity = e.me.vault.Identity
		if c.Signature = e.me.vault.Claim; len(c.Signature) == 0 {
			c.Signature = e.claim(c.Device)
		}
	}
	return encode(c)
}

// claim is the identity's word for one of its devices.
func (e *Engine) claim(device block.Key) []byte {
	return block.Sign(e.net, e.identityKey(), block.SigDevice, encode(&deviceClaim{block.ChainID(e.me.vault.Identity), device, e.me.vault.Name}))
}

// nextChainTag is the tag of this device's next GENESIS in the own folder.
func (e *Engine) nextChainTag() block.Tag {
	device := block.KeyOf(e.me.device)
	return deviceTag(e.net, e.me.vault.Secrets[len(e.me.vault.Secrets)-1], device, e.me.own.chainsOf(device))
}

func (e *Engine) identityKey() ed25519.PrivateKey {
	return ed25519.NewKeyFromSeed(e.me.vault.IdentitySeed)
}

// writeDevice appends a DEVICE to the identity chain: what a kit or another device needs to restore.
func (e *Engine) writeDevice() error {
	v := &e.me.vault
	chain := block.ChainID(v.Identity)
	own := folderEntry{ID: e.me.own.id}
	for _, w := range e.me.own.m.Writers {
		if w.Own {
			own.Writers = append(own.Writers, w.Chain)
		}
	}
	body := &deviceBody{Version: 1, Name: v.Name, Owners: v.Owners, Secrets: v.Secrets, Folders: []folderEntry{own}, NextKit: v.NextKit,
		Devices: e.deviceEntries()}
	key := share.Secret(e.secret())
	s := deviceSealed{Box: share.Seal(key, nil, record.Pad(encode(body)))}
	to := [][]byte{v.Kit}
	for _, d := range body.Devices {
		to = append(to, d.Recipient)
	}
	for _, to := range to {
		one, err := share.SealTo(to, deviceInfo(e.net, chain), key[:])
		if err != nil {
			return err
		}
		s.Seals = append(s.Seals, one...)
	}
	_, err := e.appendBlock(chain, e.identityKey(), block.Header{Kind: block.KindDevice, Tag: e.dayTag(e.ownTagKey(), chain)},
		block.Encode(&block.Device{Guardians: []byte{}}), encode(&s))
	if err == nil {
		e.readDevices()
	}
	return err
}

// deviceEntries are the devices known, this one among them.
func (e *Engine) deviceEntries() []deviceEntry {
	var out []deviceEntry
	this := deviceEntry{Name: e.me.vault.Name, Key: block.KeyOf(e.me.device), Recipient: e.deviceRecipient().Recipient()}
	for _, d := range e.me.devices {
		if d.Key != this.Key {
			out = append(out, d.deviceEntry)
		} else {
			this.Name = d.Name
		}
	}
	return append(out[:min(len(out), maxDevices-1)], this)
}

func deviceInfo(net block.Net, chain block.ChainID) []byte {
	return append(block.Prefix(net, "device seal"), chain[:]...)
}

func (e *Engine) deviceRecipient() share.Key {
	return share.KeyFromSeed(block.Derive(e.net, e.me.vault.X[:], "device recipient"))
}

func (e *Engine) ownerRecipient(folder secret) share.Key {
	o := e.me.vault.Owners[len(e.me.vault.Owners)-1]
	return share.KeyFromSeed(block.Derive(e.net, o[:], "recipient", folder[:]))
}

// CreateReader makes a profile that owns no folder: a clinician's or a guest's browser.
func (e *Engine) CreateReader(name string, passphrase []byte) error {
	switch {
	case e.hasWrap:
		return fail("vault/exists", "this browser already holds a profile")
	case name == "" || len(name) > maxName:
		return fail("create/name", "a name of 1 to %d bytes", maxName)
	case len(passphrase) < minPassphrase:
		return fail("vault/short", "%d", minPassphrase)
	}
	return e.found(vaultBody{Version: 1, X: e.secret(), Name: name}, passphrase, func() error { return nil })
}

// kitRelays are the relay addresses a kit's QR has room for.
func (e *Engine) kitRelays() []string {
	var out []string
	for _, l := range e.network.Genesis().Lanes {
		for _, u := range l.URLs {
			if len(out) < 3 && relayURL(u) {
				out = append(out, u)
			}
		}
	}
	return out
}
