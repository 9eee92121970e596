package folder

import (
	"slices"

	"github.com/anamnesis-health/anamnesis/shared/block"
	"github.com/anamnesis-health/anamnesis/shared/record"
)

// RemoveDevice takes a device out of the folder: what it writes from now on counts no more, and what others write from
// now on is under keys and seeds that it never had. It held every grant's keys, so that each sharing stops. It keeps
// what it could open. The passphrase (already NFKC) is asked. Flushed before it returns.
func (e *Engine) RemoveDevice(key block.Key, passphrase []byte) error {
	return e.removeDevice(key, byPassphrase(passphrase))
}

// RemoveDevicePasskey is RemoveDevice after the passkey, whose output it wipes.
func (e *Engine) RemoveDevicePasskey(key block.Key, prf []byte) error {
	defer clear(prf)
	return e.removeDevice(key, byPasskey(e.net, prf))
}

func (e *Engine) removeDevice(key block.Key, by unlocker) error {
	if _, _, err := e.ownFolder(); err != nil {
		return err
	}
	switch {
	case !e.writesIdentity():
		return fail("link/writer", "only the device that writes the identity removes devices")
	case key == block.KeyOf(e.me.device):
		return fail("device/this", "this is the device itself")
	case !slices.ContainsFunc(e.me.devices, func(d knownDevice) bool { return d.Key == key }):
		return fail("device/unknown", "no such device")
	}
	if err := e.prove(by); err != nil {
		return err
	}
	if err := e.together(func() error { return e.cutDevice(key) }); err != nil {
		return err
	}
	e.sync.follow(e)
	return nil
}

func (e *Engine) cutDevice(key block.Key) error {
	own, v := e.me.own, &e.me.vault
	for i := range own.m.Writers {
		w := &own.m.Writers[i]
		if !w.Own || own.devices[w.Chain] != key || len(w.Cut) > 0 {
			continue
		}
		w.Cut = []uint32{0}
		if c := e.hold.chains[w.Chain]; c != nil {
			w.Cut[0] = c.state.Seq
		}
	}
	for i := range own.m.Grants {
		if g := &own.m.Grants[i]; e.grantState(g) == "active" {
			if err := e.revoke(g); err != nil {
				return err
			}
		}
	}
	v.Owners, v.Secrets = append(slices.Clip(v.Owners), e.secret()), append(slices.Clip(v.Secrets), e.secret())
	e.newSeeds()
	e.me.devices = slices.DeleteFunc(e.me.devices, func(d knownDevice) bool { return d.Key == key })
	if err := e.saveVault(); err != nil { // before the log: seeds that nothing uses yet harm nobody
		return err
	}
	own.refresh(e)
	if err := e.writeDevice(); err != nil {
		return err
	}
	var all []uint8
	for s := uint8(1); s <= uint8(record.Emergency); s++ {
		all = append(all, s)
	}
	if err := e.rotateSections(all); err != nil {
		return err
	}
	return e.flush()
}

// newSeeds lets what this device writes next be for the devices of now alone.
func (e *Engine) newSeeds() {
	own := e.me.own
	if own == nil {
		return
	}
	own.owner = e.ownerRecipient(own.id).Recipient()
	for i := range e.me.state.Writers {
		if w := &e.me.state.Writers[i]; w.Grant == (block.ChainID{}) {
			w.Session = block.ID{} // the next record begins another
		}
	}
}
