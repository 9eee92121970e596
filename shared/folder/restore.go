package folder

import (
	"crypto/ed25519"

	"github.com/anamnesis-health/anamnesis/shared/block"
	"github.com/anamnesis-health/anamnesis/shared/gossip"
	"github.com/anamnesis-health/anamnesis/shared/record"
	"github.com/anamnesis-health/anamnesis/shared/share"
)

// restoring is a folder coming back by its kit alone. Nothing is decided on this device before Finish.
type restoring struct {
	link     *linked // instead of a kit: this device was linked
	root     secret
	identity block.ChainID // zero until found
	body     *deviceBody
	manifest *manifest
	step     string // file | finding | fetching | ready | failed
	archive  bool   // an archive was read
	offline  bool   // and no relay was asked since
	code     string
	missing  int
	began    int64
	sub      uint32
}

// RestoreView is how far it has come.
type RestoreView struct {
	Step    string
	Name    string
	Blocks  int
	Records int
	Missing int
	Code    string
	Detail  string
	Offline bool // ready by an archive alone
}

// StartRestore begins with a kit, by words or by QR text. It needs an empty browser and a relay.
func (e *Engine) StartRestore(words, qr string) error {
	if e.hasWrap {
		return fail("vault/exists", "this browser already holds a profile")
	}
	root, identity, err := e.readKit(words, qr)
	if err != nil {
		return err
	}
	e.restore = &restoring{root: root, identity: identity, step: "finding", began: e.world.Now()}
	if e.sync.state == linkOnline {
		e.restore.begin(e)
	}
	return nil
}

// CancelRestore forgets the kit.
func (e *Engine) CancelRestore() {
	r := e.restore
	e.dropReading()
	if e.restore = nil; r != nil && r.archive && !e.hasWrap {
		if err := e.clearLog(); err != nil {
			e.notify("storage", codeName(err, CodeStorageFailed), "")
		}
	}
}

// RestoreState says how far it has come.
func (e *Engine) RestoreState() RestoreView {
	r := e.restore
	if r == nil {
		return RestoreView{Step: "none"}
	}
	v := RestoreView{Step: r.step, Code: r.code, Missing: r.missing, Blocks: len(e.hold.blocks), Offline: r.offline}
	if r.step == "finding" && r.link == nil && e.world.Now()-r.began > findMS && e.sync.state == linkOnline {
		v.Step, v.Code = "failed", "kit/not-found"
	}
	if r.manifest != nil {
		v.Name = r.manifest.Person.Name
	} else if r.body != nil {
		v.Name = r.body.Name
	}
	for _, h := range e.hold.blocks {
		if h.kind == block.KindRecord {
			v.Records++
		}
	}
	return v
}

// begin finds the identity chain, by the kit's id or by its tag.
func (r *restoring) begin(e *Engine) {
	if r.step == restoreFile {
		return // its archive first
	}
	if r.offline { // what the archive says may be old
		r.step, r.offline, r.manifest, r.body, r.missing = "finding", false, nil, nil, 0
	}
	if r.identity != (block.ChainID{}) {
		e.sync.want(e, r.identity)
		return
	}
	e.sync.sub++
	r.sub = e.sync.sub
	e.world.Send(gossip.Frame(&gossip.Sub{Sub: r.sub, Tags: []block.Tag{locateTag(e.net, r.root)}}))
	e.world.Send(gossip.Frame(&gossip.Credit{Sub: r.sub, Bytes: credit}))
	r.find(e)
}

// find looks for an identity chain whose first writer is the kit's first key.
func (r *restoring) find(e *Engine) {
	key := block.KeyOf(kitKey(e.net, r.root, 0))
	for id, c := range e.hold.chains {
		if c.state.Type == block.ChainIdentity && c.state.Keys[0].Key == key {
			r.identity = id
			e.sync.want(e, id)
			return
		}
	}
}

// fetched goes on when a chain is complete.
func (r *restoring) fetched(e *Engine, id block.ChainID) {
	if r.identity == (block.ChainID{}) {
		r.find(e)
		return
	}
	if id == r.identity && r.step == "finding" {
		r.readIdentity(e)
	}
	r.advance(e)
}

func (r *restoring) fail(e *Engine, code string) {
	r.step, r.code = "failed", code
	e.world.Changed()
}

// readIdentity checks the identity against the kit and opens its newest DEVICE.
func (r *restoring) readIdentity(e *Engine) {
	c := e.hold.chains[r.identity]
	if r.link != nil {
		r.readLinked(e)
		return
	}
	if c == nil || c.state.Type != block.ChainIdentity || c.state.Keys[0].Key != block.KeyOf(kitKey(e.net, r.root, 0)) {
		return // not here (yet): the screen says so after a while
	}
	recipient := kitRecipient(e.net, r.root)
	hash := share.RecipientHash(recipient.Recipient())
	if string(c.state.Recipient) != string(hash[:]) {
		r.fail(e, "kit/replaced")
		return
	}
	for i := len(c.blocks) - 1; i >= 0; i-- {
		if e.hold.blocks[c.blocks[i]].kind != block.KindDevice {
			continue
		}
		b, err := e.block(c.blocks[i])
		if err == nil && b.Whole() {
			if r.body, err = openDevice(e.net, b, recipient); err == nil {
				break
			}
		}
		r.fail(e, "kit/replaced")
		return
	}
	r.fetch(e)
}

// fetch asks for the chains that the DEVICE names.
func (r *restoring) fetch(e *Engine) {
	if r.body == nil || len(r.body.Folders) != 1 {
		r.fail(e, "restore/partial")
		return
	}
	r.step = "fetching"
	for _, w := range r.body.Folders[0].Writers {
		e.sync.want(e, w)
	}
}

// openDevice opens the sealed part of a DEVICE by one of its recipients.
func openDevice(net block.Net, b *block.Block, key share.Key) (*deviceBody, error) {
	s, err := decoded[deviceSealed](b.Parts[1], block.MaxBlock)
	if err != nil {
		return nil, err
	}
	for at := 0; at+block.SealSize <= len(s.Seals); at += block.SealSize {
		raw, err := share.OpenWith(key, deviceInfo(net, b.Chain()), s.Seals[at:at+block.SealSize])
		if err != nil || len(raw) != 32 {
			continue
		}
		padded, err := share.Open(share.Secret(raw), nil, s.Box)
		if err != nil {
			return nil, err
		}
		plain, err := record.Unpad(padded, block.MaxBlock)
		if err != nil {
			return nil, err
		}
		body, err := decoded[deviceBody](plain, block.MaxBlock)
		if err == nil && body.Version != 1 {
			err = block.ErrVersion
		}
		return &body, err
	}
	return nil, share.ErrOpen
}

// advance goes on to the manifest and the other writers once what they need is here.
func (r *restoring) advance(e *Engine) {
	if r.step != "fetching" || len(e.sync.wanted) > 0 {
		return
	}
	if r.manifest == nil {
		if err := r.readManifest(e); err != nil {
			if codeName(err, "") != "blob/waiting" {
				r.fail(e, codeName(err, "restore/partial"))
			}
			return
		}
		for _, w := range r.manifest.Writers {
			e.sync.want(e, w.Chain)
		}
		for _, g := range r.manifest.Grants {
			e.sync.want(e, g.Chain)
		}
		if len(e.sync.wanted) > 0 {
			return
		}
	}
	for _, w := range r.manifest.Writers {
		if e.hold.chains[w.Chain] == nil {
			r.missing++
		}
	}
	r.step = "ready"
	e.world.Changed()
}

// readManifest opens the newest manifest among the folder's own chains, with the kit's secrets lent to the engine.
func (r *restoring) readManifest(e *Engine) error {
	me := e.me
	defer func() { e.me = me }()
	r.lend(e)
	var found *manifest
	for _, chain := range r.body.Folders[0].Writers {
		c := e.hold.chains[chain]
		if c == nil {
			continue
		}
		e.me.own.owners[chain] = true
		for i := len(c.blocks) - 1; i >= 0; i-- {
			id := c.blocks[i]
			if e.hold.blocks[id].kind != block.KindRecord || !e.hold.blocks[id].whole {
				continue
			}
			o, err := e.openRecord(&e.me.own.view, id, byOwner{})
			if codeName(err, "") == "blob/waiting" {
				return err
			}
			if err != nil || o.rec.Kind != record.Manifest {
				continue
			}
			m, err := decoded[manifest](o.content, len(o.content))
			if err != nil || m.Version != 1 {
				return fail("restore/partial", "manifest: %v", err)
			}
			if found == nil {
				found = &m
			} else {
				found.merge(&m)
			}
			break
		}
	}
	if found == nil {
		return fail("restore/partial", "no manifest is here")
	}
	r.manifest = found
	return nil
}

// lend gives the engine a profile that has only what the kit restores.
func (r *restoring) lend(e *Engine) {
	id := r.body.Folders[0].ID
	v := vaultBody{Version: 1, X: e.secret(), Name: r.body.Name, Owners: r.body.Owners, Secrets: r.body.Secrets, Identity: r.identity[:], Folder: id[:]}
	e.begin(v, deviceState{Version: 1}, nil)
	e.me.own = newOwnFolder(e, manifest{Version: 1, Folder: id})
}

// OldDevice says what became of the device that wrote the folder before.
type OldDevice uint8

// Its fates.
const (
	OldDeviceKept OldDevice = iota
	OldDeviceLost
)

// FinishRestore sets the passphrase and takes the identity over: ROTATE to the next kit key, DEVICE naming this
// device, a new writing chain, a manifest. A lost device's chains are cut off. Flushed before it returns.
func (e *Engine) FinishRestore(passphrase []byte, old OldDevice) error {
	r := e.restore
	switch {
	case r == nil || r.link != nil || r.step != "ready":
		return fail("restore/not-ready", "not everything is here yet")
	case len(passphrase) < minPassphrase:
		return fail("vault/short", "%d", minPassphrase)
	}
	if r.offline && old == OldDeviceLost {
		return fail("restore/offline", "which of its blocks count is known to relays")
	}
	id := r.body.Folders[0].ID
	v := vaultBody{Version: 1, X: e.secret(), Name: r.manifest.Person.Name, Born: r.manifest.Person.Born, Owners: r.body.Owners,
		Secrets: r.body.Secrets, Identity: r.identity[:], Folder: id[:]}
	index, err := r.committed(e)
	if err != nil {
		return err
	}
	key := kitKey(e.net, r.root, index)
	v.IdentitySeed = key.Seed()
	next := max(r.body.NextKit, index+1)
	e.fillKit(&v, r.root, next)
	if err := e.found(v, passphrase, func() error { return e.takeOver(r, key, old) }); err != nil {
		return err
	}
	e.restore = nil
	e.catchUp()
	e.sync.start(e)
	return nil
}

// takeOver writes what makes this device the folder's: ROTATE of the identity, then the first blocks of its own.
func (e *Engine) takeOver(r *restoring, key ed25519.PrivateKey, old OldDevice) error {
	if !r.archive { // an archive may hold what no relay does: carryOn sends it again
		if err := e.markHeld(); err != nil {
			return err
		}
	}
	e.me.state.DrillMS = e.world.Now()
	recipient := share.RecipientHash(e.me.vault.Kit)
	c := e.hold.chains[r.identity]
	_, err := e.appendBlock(r.identity, key, block.Header{Kind: block.KindRotate, Tag: e.dayTag(e.ownTagKey(), r.identity)},
		block.Encode(&block.Rotate{Key: block.KeyOf(key), Index: 0, Count: 1, Commitment: e.commitKit(), Recipient: recipient[:], LastAccepted: c.state.Seq}))
	if err != nil {
		return err
	}
	e.me.own = newOwnFolder(e, *r.manifest)
	if old == OldDeviceLost {
		e.cutOthers()
	} else {
		for _, d := range r.body.Devices { // they read the DEVICE below, and find this one's chain
			e.me.devices = append(e.me.devices, knownDevice{deviceEntry: d})
		}
	}
	if r.archive {
		if err := e.carryOn(); err != nil {
			return err
		}
	}
	return e.beginHere()
}

// committed finds the kit key that the identity's newest key event committed to.
func (r *restoring) committed(e *Engine) (uint32, error) {
	i, ok := committedKit(e.net, r.root, e.hold.chains[r.identity].state.Commitment, r.body.NextKit+2)
	if !ok {
		return 0, fail("kit/replaced", "a newer kit exists")
	}
	return i, nil
}

// cutOthers marks the chains of the lost devices: what follows their heads is written after the loss.
func (e *Engine) cutOthers() {
	for i := range e.me.own.m.Writers {
		w := &e.me.own.m.Writers[i]
		if c := e.hold.chains[w.Chain]; w.Own && c != nil {
			w.Cut = []uint32{c.state.Seq}
		}
	}
}

// carryOn sends the old devices' blocks again: the relay may have lost them, or never had them.
func (e *Engine) carryOn() error {
	var ids []block.ID
	for _, w := range e.me.own.m.Writers {
		if w.Own && e.hold.chains[w.Chain] != nil {
			ids = append(ids, block.ID(w.Chain))
		}
	}
	return e.keepMark(markCarried, ids)
}
