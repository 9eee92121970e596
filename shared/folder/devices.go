package folder

import (
	"bytes"
	"slices"

	"github.com/anamnesis-health/anamnesis/shared/block"
	"github.com/anamnesis-health/anamnesis/shared/grant"
)

// Several devices may write one folder. The identity chain's newest DEVICE names them, and is sealed to each: who can
// no longer open it was removed. Only the identity's writer appends to that chain. Source: spec/folder.md §1.

// knownDevice is a device as the DEVICE blocks that this one can open name it.
type knownDevice struct {
	deviceEntry
	since uint64 // header time of the DEVICE that named it first, Unix seconds
	first bool   // named by the first that this device could open: no news
}

// writesIdentity says whether this device writes the identity chain. A kit used elsewhere takes that away.
func (e *Engine) writesIdentity() bool {
	v := &e.me.vault
	if len(v.Identity) != 32 || len(v.IdentitySeed) == 0 {
		return false
	}
	c := e.hold.chains[block.ChainID(v.Identity)]
	return c == nil || c.state.Writer() == block.KeyOf(e.identityKey())
}

// readDevices reads the DEVICE blocks anew.
func (e *Engine) readDevices() {
	e.me.devices, e.me.removed = nil, false
	c := e.hold.chains[block.ChainID(e.me.vault.Identity)]
	if c == nil {
		return
	}
	key, opens := e.deviceRecipient(), false
	for _, id := range c.blocks {
		if h := e.hold.blocks[id]; h.kind != block.KindDevice || !h.whole {
			continue
		}
		b, err := e.block(id)
		if err != nil {
			continue
		}
		body, err := openDevice(e.net, b, key)
		if err != nil {
			e.me.removed = opens
			continue
		}
		var now []knownDevice
		for _, d := range body.Devices {
			k := knownDevice{d, b.Header.Time, !opens}
			if i := slices.IndexFunc(e.me.devices, func(was knownDevice) bool { return was.Key == d.Key }); i >= 0 {
				k.since, k.first = e.me.devices[i].since, e.me.devices[i].first
			}
			now = append(now, k)
		}
		e.me.devices, e.me.removed, opens = now, false, true
		e.takeSeeds(body)
	}
	e.tellDevices()
}

// takeSeeds keeps owner seeds and folder secrets that another device drew: the lists only grow, in one order.
func (e *Engine) takeSeeds(body *deviceBody) {
	v := &e.me.vault
	if len(body.Owners) <= len(v.Owners) && len(body.Secrets) <= len(v.Secrets) {
		return
	}
	v.Owners, v.Secrets = body.Owners, body.Secrets
	e.me.unsaved = true
	e.newSeeds()
	if e.me.own != nil {
		e.tryAgain()
	}
}

// tellDevices shows each device that joined in the last day as a notice.
func (e *Engine) tellDevices() {
	for _, d := range e.me.devices {
		if id := "device/" + d.Key.String(); e.isNews(d) {
			e.notify(id, "device/linked", d.Name)
		} else {
			e.notices = slices.DeleteFunc(e.notices, func(n Notice) bool { return n.ID == id })
		}
	}
}

func (e *Engine) isNews(d knownDevice) bool {
	age := e.world.Now() - int64(d.since)*1000
	return !d.first && d.Key != block.KeyOf(e.me.device) && age < deviceNewsMS
}

// ownDevice says whether a credential is of a device that the newest DEVICE names. checkAuthor has verified it under
// the identity chain, which is here.
func (e *Engine) ownDevice(c *Credential) bool {
	return bytes.Equal(c.Identity, e.me.vault.Identity) && len(e.identityWriters(block.ChainID(e.me.vault.Identity))) > 0 &&
		slices.ContainsFunc(e.me.devices, func(d knownDevice) bool { return d.Key == c.Device })
}

// deviceTag is the tag of the GENESIS of a device's n-th writing chain in the folder: the other devices know it ahead,
// and find the chain by it whenever they come.
func deviceTag(net block.Net, f secret, device block.Key, n uint32) (t block.Tag) {
	d := block.Derive(net, f[:], "device chain", device[:], block.U32(n))
	copy(t[:], d[:])
	return t
}

// chainsOf counts the writing chains of a device that the manifest names.
func (o *ownFolder) chainsOf(device block.Key) (n uint32) {
	for _, w := range o.m.Writers {
		if w.Own && o.devices[w.Chain] == device {
			n++
		}
	}
	return n
}

// deviceTags are those under which the other devices' chains begin, the next of each among them.
func (e *Engine) deviceTags() (tags []block.Tag) {
	for _, d := range e.me.devices {
		if d.Key == block.KeyOf(e.me.device) {
			continue
		}
		for _, f := range e.me.vault.Secrets {
			for n := range e.me.own.chainsOf(d.Key) + 1 {
				tags = append(tags, deviceTag(e.net, f, d.Key, n))
			}
		}
	}
	return tags
}

// bearsDeviceTag says whether a chain began under such a tag. It proves nothing yet: the relay saw the tags.
func (e *Engine) bearsDeviceTag(c *heldChain) bool {
	b, err := e.block(c.blocks[0])
	return err == nil && slices.Contains(e.deviceTags(), b.Header.Tag)
}

// followOwn gives the tags under which the other devices of the own folder write.
func (s *syncer) followOwn(e *Engine, now uint64) []block.Tag {
	var tags []block.Tag
	own := e.me.own
	s.want(e, block.ChainID(e.me.vault.Identity))
	tags = append(tags, grant.DayTags(e.net, e.ownTagKey(), block.ChainID(e.me.vault.Identity), now)...)
	tags = append(tags, e.deviceTags()...)
	var begun []block.ChainID // by another device, and not read as far as its manifest
	for id, c := range e.hold.chains {
		if _, known := own.owners[id]; !known && c.state.Type == block.ChainWriting && e.bearsDeviceTag(c) {
			begun = append(begun, id)
		}
	}
	slices.SortFunc(begun, func(a, b block.ChainID) int { return bytes.Compare(a[:], b[:]) })
	for _, id := range begun {
		s.want(e, id)
	}
	for _, w := range own.m.Writers {
		if !w.Own || len(w.Cut) > 0 || e.writing(w.Chain) != nil {
			continue
		}
		tags = append(tags, grant.DayTags(e.net, e.ownTagKey(), w.Chain, now)...)
		for _, k := range lately(own.m.Keys) {
			tags = append(tags, grant.DayTags(e.net, grant.TagKey(e.net, grant.Secret(k.K)), w.Chain, now)...)
		}
	}
	return tags
}

// stored marks blocks of the chains that this device writes, which came from the relay: it holds them already.
func (e *Engine) stored(fresh []*block.Block) error {
	mine := map[block.ChainID]bool{}
	for _, id := range e.ownChains() {
		mine[id] = true
	}
	var ids []block.ID
	for _, b := range fresh {
		if mine[b.Chain()] && !e.outbox.waits(b.ID) && e.outbox.sent[b.ID] == 0 {
			ids = append(ids, b.ID)
		}
	}
	return e.markStored(ids)
}

func (e *Engine) markStored(ids []block.ID) error {
	if len(ids) == 0 {
		return nil
	}
	err := e.keepMark(markSent, ids)
	for _, id := range ids {
		e.hold.sent(id)
	}
	return err
}

// markHeld is stored for everything that a restore or a link fetched.
func (e *Engine) markHeld() error {
	var ids []block.ID
	for id, h := range e.hold.blocks {
		if h.whole {
			ids = append(ids, id)
		}
	}
	slices.SortFunc(ids, func(a, b block.ID) int { return bytes.Compare(a[:], b[:]) })
	return e.markStored(ids)
}

// regrant tells the readers of this device's new chain: only who signs a chain that the GRANT names may answer them.
func (e *Engine) regrant() error {
	for i := range e.me.own.m.Grants {
		g := &e.me.own.m.Grants[i]
		if e.hold.chains[g.Chain] == nil || e.grantState(g) != "active" || int(g.Generation) >= len(e.me.vault.Secrets) {
			continue
		}
		if _, err := e.writeGrant(g); err != nil {
			return err
		}
	}
	return nil
}

// sawDevice reads a DEVICE of the own identity that this device did not write: seeds, devices, and chains that are this
// folder's too. When it does not name a chain of this device, which writes the identity, a new DEVICE names them all,
// so that the kit finds them.
func (e *Engine) sawDevice(b *block.Block) error {
	own := e.me.own
	e.readDevices()
	if e.me.removed {
		return nil // Tick locks
	}
	body, err := openDevice(e.net, b, e.deviceRecipient())
	if err != nil || len(body.Folders) != 1 || body.Folders[0].ID != own.id {
		return nil
	}
	for _, c := range body.Folders[0].Writers {
		if !slices.ContainsFunc(own.m.Writers, func(w manifestWriter) bool { return w.Chain == c }) {
			own.m.Writers = append(own.m.Writers, manifestWriter{Chain: c, Own: true, Erase: e.ownErase()})
			e.sync.want(e, c)
		}
	}
	own.refresh(e)
	e.sync.eager = true
	if err := e.saveSeeds(); err != nil {
		return err
	}
	return e.nameChains()
}

// saveSeeds writes the vault when a DEVICE brought what it must hold.
func (e *Engine) saveSeeds() error {
	if !e.me.unsaved {
		return nil
	}
	e.me.unsaved = false
	if err := e.saveState(); err != nil {
		return err
	}
	return e.saveVault()
}

// nameChains writes a DEVICE, when this device writes the identity and the newest DEVICE lacks a chain of the folder.
func (e *Engine) nameChains() error {
	if !e.writesIdentity() {
		return nil
	}
	c := e.hold.chains[block.ChainID(e.me.vault.Identity)]
	if c == nil {
		return nil
	}
	named := map[block.ChainID]bool{}
	for _, id := range slices.Backward(c.blocks) {
		if e.hold.blocks[id].kind != block.KindDevice {
			continue
		}
		b, err := e.block(id)
		if err != nil {
			return err
		}
		if body, err := openDevice(e.net, b, e.deviceRecipient()); err == nil && len(body.Folders) == 1 {
			for _, w := range body.Folders[0].Writers {
				named[w] = true
			}
		}
		break
	}
	if !slices.ContainsFunc(e.me.own.m.Writers, func(w manifestWriter) bool { return w.Own && !named[w.Chain] }) {
		return nil
	}
	if err := e.writeDevice(); err != nil {
		return err
	}
	if err := e.writeManifest(); err != nil {
		return err
	}
	return e.flush()
}

// DeviceView is one device of this folder.
type DeviceView struct {
	Key     block.Key
	Name    string
	This    bool
	SinceMS int64 // 0 when it was there before this device
}

// Devices lists the devices that the newest DEVICE names, and whether this one may link and remove others.
func (e *Engine) Devices() (list []DeviceView, writes bool, err error) {
	if e.me == nil {
		return nil, false, ErrLocked
	}
	if e.me.own == nil {
		return nil, false, nil
	}
	for _, d := range e.me.devices {
		v := DeviceView{Key: d.Key, Name: d.Name, This: d.Key == block.KeyOf(e.me.device)}
		if !d.first {
			v.SinceMS = int64(d.since) * 1000
		}
		list = append(list, v)
	}
	return list, e.writesIdentity(), nil
}

// evict locks a device that was removed from the folder: its keys and all it had open go.
func (e *Engine) evict() {
	e.Lock()
	e.notify("device/removed", "device/removed", "")
	e.world.Changed()
}
