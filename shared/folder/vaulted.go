package folder

import (
	"errors"
	"slices"

	"github.com/anamnesis-health/anamnesis/shared/block"
	"golang.org/x/crypto/chacha20poly1305"
)

// vaultSlots are written in turn, so that a torn write leaves the other.
var vaultSlots = [2]string{"vault.0", "vault.1"}

func (e *Engine) vaultExists() (bool, error) {
	for _, name := range vaultSlots {
		b, err := e.world.ReadSlot(name)
		if err != nil {
			return false, err
		}
		if len(b) > 0 {
			return true, nil
		}
	}
	return false, nil
}

// HasVault says whether this browser holds a profile.
func (e *Engine) HasVault() bool { return e.hasWrap }

// Open says whether the profile is unlocked.
func (e *Engine) Open() bool { return e.me != nil }

// found makes a profile: in memory, then what first writes into the log, then the vault. Without its vault a log says
// nothing, so a tab closed at any step leaves either no profile or a whole one.
func (e *Engine) found(v vaultBody, passphrase []byte, first func() error) error {
	err := e.together(func() error {
		e.begin(v, deviceState{Version: 1}, nil)
		err := first()
		if err == nil {
			err = e.foundVault(passphrase)
		}
		if err != nil {
			e.me = nil
		}
		return err
	})
	if err == nil {
		e.sync.start(e)
		e.world.Changed()
	}
	return err
}

func (e *Engine) foundVault(passphrase []byte) error {
	if err := e.saveState(); err != nil {
		return err
	}
	file, key, err := newVault(encode(&e.me.vault), passphrase, e)
	if err != nil {
		return err
	}
	if err := e.log.Commit(); err != nil {
		return err
	}
	if err := e.world.WriteSlot(vaultSlots[0], file); err != nil {
		return diskError(err)
	}
	e.me.resealKey, e.hasWrap = key, true
	return nil
}

func (e *Engine) begin(v vaultBody, s deviceState, key *vaultKey) {
	e.me = &me{vault: v, state: s, resealKey: key, shared: map[secret]*sharedFolder{}, looked: map[block.ID]*lookedEntry{}, idents: map[block.ChainID]block.Key{}}
	e.me.device = block.DeriveKey(e.net, v.X[:], "device")
	e.me.indexKey = block.Derive(e.net, v.X[:], "index")
}

// saveVault writes the vault again under the same passphrase, into the older slot.
func (e *Engine) saveVault() error {
	e.me.vault.Saved++
	file, err := e.me.resealKey.seal(encode(&e.me.vault), e)
	if err != nil {
		return err
	}
	turn := e.me.resealKey.turn ^ 1
	if err := e.world.WriteSlot(vaultSlots[turn], file); err != nil {
		return diskError(err)
	}
	e.me.resealKey.turn = turn
	return nil
}

// Unlock opens the vault with a passphrase (bytes already NFKC) and reads the sealed state and index. It returns
// vault/passphrase for a wrong one, and never wipes anything.
func (e *Engine) Unlock(passphrase []byte) error { return e.unlock(byPassphrase(passphrase)) }

func (e *Engine) unlock(by unlocker) error {
	var best *vaultBody
	var bestKey *vaultKey
	other := false // a whole slot that has other wraps than the one that opened
	failure := error(fail("vault/none", "no profile in this browser"))
	for i, name := range vaultSlots {
		file, err := e.world.ReadSlot(name)
		if err != nil {
			return err
		}
		if len(file) == 0 {
			continue
		}
		body, key, err := bestKey.reopen(file)
		if err != nil {
			body, key, err = openVault(file, by)
			other = other || best != nil
		}
		if err != nil {
			if codeName(err, "") == by.code {
				other = true
			}
			if best == nil && !errors.Is(failure, &Error{Code: by.code}) {
				failure = err
			}
			continue
		}
		v, err := decodeVaultBody(body)
		if err != nil {
			failure = fail("vault/format", "%v", err)
			continue
		}
		if best == nil || v.Saved > best.Saved {
			best, bestKey = &v, key
			bestKey.turn = i
		}
	}
	if best == nil {
		return failure
	}
	e.begin(*best, deviceState{Version: 1}, bestKey)
	err := e.readSealed()
	if err == nil && e.me.removed {
		err = fail("device/removed", "another device of the folder removed this one")
	}
	if err != nil {
		e.me = nil
		return err
	}
	if other { // a change of wraps was cut off: what opened now counts, alone
		if err := e.saveVault(); err != nil {
			e.notify("storage", codeName(err, CodeStorageFailed), "")
		}
	}
	e.catchUp()
	e.remindDrill()
	e.noteEndings()
	e.sync.start(e)
	return nil
}

// Lock forgets every key and everything opened. The caller should end the Worker too, as Go cannot wipe surely.
func (e *Engine) Lock() {
	e.me, e.kit, e.restore, e.meet, e.waiting = nil, nil, nil, nil, nil
	e.archive, e.reread = nil, nil
	e.imports = map[string]*importing{}
	for name := range e.documents {
		e.CancelDocument(name)
	}
	e.reading = nil
	e.notices = nil
	e.sync.stop()
}

// Forget deletes everything of this profile from the device.
func (e *Engine) Forget() error {
	e.Lock()
	for _, name := range vaultSlots {
		if err := e.world.RemoveSlot(name); err != nil {
			return err
		}
	}
	e.hasWrap = false
	return e.clearLog()
}

// clearLog deletes the log: without a vault it is nobody's.
func (e *Engine) clearLog() error {
	numbers, err := e.world.Segments()
	if err != nil {
		return err
	}
	slices.Sort(numbers)
	for _, n := range slices.Backward(numbers) { // a log without its end opens, one without its beginning does not
		if err := e.world.Remove(n); err != nil {
			return err
		}
	}
	e.blobs = newBlobs()
	e.sync.forget()
	return e.reload()
}

// sealLocal seals a value for this device's log: XChaCha20-Poly1305 under the index key, random nonce in front,
// the entry's kind as associated data.
func (e *Engine) sealLocal(kind byte, body []byte) []byte {
	aead, err := chacha20poly1305.NewX(e.me.indexKey[:])
	if err != nil {
		panic(err) // the key has the right length
	}
	out := make([]byte, 24, 24+len(body)+16)
	e.random(out)
	return aead.Seal(out, out[:24], body, []byte{kind})
}

var errLocal = errors.New("sealed for another profile")

func (e *Engine) openLocal(kind byte, b []byte) ([]byte, error) {
	if len(b) < 40 {
		return nil, errLocal
	}
	aead, err := chacha20poly1305.NewX(e.me.indexKey[:])
	if err != nil {
		panic(err) // the key has the right length
	}
	body, err := aead.Open(nil, b[:24], b[24:], []byte{kind})
	if err != nil {
		return nil, errLocal
	}
	return body, nil
}

// saveState appends this device's state; the newest wins. Not flushed.
func (e *Engine) saveState() error { return e.appendLocal(logDevice, encode(&e.me.state)) }

// localEntry is a sealed entry of the log, read on unlock.
type localEntry struct {
	ref  Ref
	kind byte
}

func (e *Engine) appendLocal(kind byte, body []byte) error {
	ref, err := e.log.Append(kind, e.sealLocal(kind, body))
	if err == nil {
		e.local = append(e.local, localEntry{ref, kind})
	}
	return err
}

// readSealed reads the sealed entries of the log: device state first, then the index, then what chains say.
func (e *Engine) readSealed() error {
	var entries []indexEntry
	var met []meetingEntry
	for _, l := range e.local {
		raw, err := e.log.Read(l.ref)
		if err != nil {
			return err
		}
		body, err := e.openLocal(l.kind, raw)
		if err != nil {
			continue // another profile's, of before a Forget that was cut short
		}
		if l.kind == logDevice {
			if e.me.state, err = decodeState(body); err != nil {
				return fail("storage/damaged", "device state: %v", err)
			}
			continue
		}
		if l.kind == logStock {
			if e.me.stock, err = decoded[stock](body, len(body)); err != nil {
				return fail("storage/damaged", "admissions: %v", err)
			}
			continue
		}
		if l.kind == logMeet {
			x, err := decoded[meetingEntry](body, len(body))
			if err != nil {
				return fail("storage/damaged", "meeting: %v", err)
			}
			met = append(met, x)
			continue
		}
		x, err := decoded[indexEntry](body, len(body))
		if err != nil {
			return fail("storage/damaged", "index: %v", err)
		}
		entries = append(entries, x)
	}
	if len(e.me.vault.Folder) == 32 {
		if err := e.loadOwn(entries); err != nil {
			return err
		}
	}
	e.loadShared()
	if e.waiting == nil { // else a rewind: what is under way in memory goes on
		e.resumeMeetings(met)
	}
	e.outbox.own(e)
	for _, w := range e.me.state.Writers {
		if c := e.hold.chains[w.Chain]; !w.Frozen && c != nil && c.state.Forked() {
			e.sync.replace = append(e.sync.replace, w.Chain)
		}
	}
	return nil
}
