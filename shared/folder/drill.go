package folder

import (
	"github.com/anamnesis-health/anamnesis/shared/block"
	"github.com/anamnesis-health/anamnesis/shared/share"
)

// DrillKit proves that a kit still brings this folder back, and remembers when: its keys must be those that the identity
// chain commits to. Nothing else changes. It returns kit/foreign for another folder's kit, kit/replaced for one that a
// newer kit replaced, and what reading a kit returns.
func (e *Engine) DrillKit(words, qr string) error {
	switch {
	case e.me == nil:
		return ErrLocked
	case e.me.own == nil:
		return fail("folder/none", "this profile owns no folder")
	}
	root, identity, err := e.readKit(words, qr)
	if err != nil {
		return err
	}
	mine := block.ChainID(e.me.vault.Identity)
	c := e.hold.chains[mine]
	if c == nil || c.state.Keys[0].Key != block.KeyOf(kitKey(e.net, root, 0)) || identity != (block.ChainID{}) && identity != mine {
		return fail("kit/foreign", "this is another folder's kit")
	}
	hash := share.RecipientHash(kitRecipient(e.net, root).Recipient())
	if string(c.state.Recipient) != string(hash[:]) {
		return fail("kit/replaced", "a newer kit exists")
	}
	// The device that writes the identity may be ahead of this one by what it has committed to.
	if _, ok := committedKit(e.net, root, c.state.Commitment, e.me.vault.NextKit+keysAhead); !ok {
		return fail("kit/replaced", "a newer kit exists")
	}
	return e.together(func() error {
		e.me.state.DrillMS = e.world.Now()
		if err := e.saveState(); err != nil {
			return err
		}
		return e.flush()
	})
}

// committedKit finds the kit key below end that a commitment names.
func committedKit(net block.Net, root secret, want block.Hash, end uint32) (uint32, bool) {
	for i := range end {
		if commitmentTo(block.KeyOf(kitKey(net, root, i))) == want {
			return i, true
		}
	}
	return 0, false
}

// RecoveryView is how this folder would come back.
type RecoveryView struct {
	KitMS   int64 // when the kit was last read on this device, 0 for never
	Devices int
}

// Recovery says how this folder would come back.
func (e *Engine) Recovery() (RecoveryView, error) {
	if e.me == nil {
		return RecoveryView{}, ErrLocked
	}
	return RecoveryView{KitMS: e.me.state.DrillMS, Devices: len(e.me.devices)}, nil
}

// remindDrill asks once a year for the kit, on the devices where it was read.
func (e *Engine) remindDrill() {
	if at := e.me.state.DrillMS; e.me.own != nil && at > 0 && e.world.Now()-at > drillMS {
		e.notify("kit/drill", "kit/drill", "")
	}
}
