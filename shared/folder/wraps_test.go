package folder_test

import (
	"bytes"
	"errors"
	"maps"
	"strings"
	"testing"

	"github.com/anamnesis-health/anamnesis/shared/folder"
	"github.com/anamnesis-health/anamnesis/shared/sim"
)

const oldPhrase, newPhrase = "the first passphrase", "quite another one"

// keyed is a device with a folder that holds one note.
func keyed(t *testing.T) *sim.Device {
	t.Helper()
	network, err := sim.NewNetwork("http://127.0.0.1:8788", 1_700_000_000)
	must(t, err)
	d, err := sim.NewDevice(network, 1, 1_700_000_000_000)
	must(t, err)
	words, _, err := d.Engine.MakeKit("Amina", "")
	must(t, err)
	must(t, d.Engine.ProveKit(strings.Join(words, " "), ""))
	must(t, d.Engine.CreateFolder([]byte(oldPhrase)))
	_, err = d.Engine.WriteNote(folder.Own, 1, "kept", nil)
	must(t, err)
	return d
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func coded(err error, code string) bool {
	var e *folder.Error
	return errors.As(err, &e) && e.Code == code
}

// key is a way to unlock; opens tries it on a fresh engine over the same disk.
type key struct {
	phrase string
	prf    byte
}

func (k key) opens(t *testing.T, d *sim.Device) error {
	t.Helper()
	must(t, d.Restart())
	err := error(nil)
	if k.phrase != "" {
		err = d.Engine.Unlock([]byte(k.phrase))
	} else {
		err = d.Engine.UnlockPasskey(bytes.Repeat([]byte{k.prf}, 32))
	}
	if err == nil {
		items, _, err := d.Engine.Timeline(folder.Own, folder.Query{Limit: 9})
		if err != nil || len(items) != 1 || items[0].Label != "kept" {
			t.Fatalf("opened, and the note is gone: %v %v", items, err)
		}
	}
	return err
}

var (
	oldKey = key{phrase: oldPhrase}
	newKey = key{phrase: newPhrase}
	finger = key{prf: 7}
)

func addFinger(d *sim.Device) error {
	_, salt, _, err := d.Engine.Passkey()
	if err != nil {
		return err
	}
	return d.Engine.AddPasskey([]byte(oldPhrase), []byte("credential"), salt, bytes.Repeat([]byte{7}, 32))
}

func TestAChangedPassphraseOpensAndTheOldOneDoesNot(t *testing.T) {
	d := keyed(t)
	for name, c := range map[string]struct{ old, next, code string }{
		"wrong old one": {"not the passphrase", newPhrase, "vault/passphrase"},
		"short new one": {oldPhrase, "short", "vault/short"},
	} {
		if err := d.Engine.ChangePassphrase([]byte(c.old), []byte(c.next)); !coded(err, c.code) {
			t.Errorf("%s: %v", name, err)
		}
	}
	must(t, oldKey.opens(t, d))
	must(t, d.Engine.ChangePassphrase([]byte(oldPhrase), []byte(newPhrase)))
	if err := oldKey.opens(t, d); !coded(err, "vault/passphrase") {
		t.Errorf("the old passphrase: %v", err)
	}
	must(t, newKey.opens(t, d))
	if err := finger.opens(t, d); !coded(err, "vault/passkey") {
		t.Errorf("a passkey that was never added: %v", err)
	}
	d.Engine.Lock()
	if err := d.Engine.ChangePassphrase([]byte(newPhrase), []byte(oldPhrase)); !coded(err, "vault/locked") {
		t.Errorf("changed while locked: %v", err)
	}
}

func TestAPasskeyOpensBesideThePassphraseUntilItIsRemoved(t *testing.T) {
	d := keyed(t)
	prf := bytes.Repeat([]byte{7}, 32)
	_, salt, ok, err := d.Engine.Passkey()
	if must(t, err); ok {
		t.Fatal("a passkey nobody added")
	}
	for name, c := range map[string]struct {
		phrase, id string
		salt, prf  []byte
		code       string
	}{
		"wrong passphrase": {"not the passphrase", "id", salt, bytes.Clone(prf), "vault/passphrase"},
		"no credential id": {oldPhrase, "", salt, bytes.Clone(prf), "vault/passkey"},
		"id too long":      {oldPhrase, strings.Repeat("i", 1024), salt, bytes.Clone(prf), "vault/passkey"},
		"output too short": {oldPhrase, "id", salt, prf[:31:31], "vault/passkey"},
		"salt too short":   {oldPhrase, "id", salt[:15], bytes.Clone(prf), "vault/passkey"},
	} {
		if err := d.Engine.AddPasskey([]byte(c.phrase), []byte(c.id), c.salt, bytes.Clone(c.prf)); !coded(err, c.code) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := d.Engine.ProvePassphrase([]byte("not the passphrase")); !coded(err, "vault/passphrase") {
		t.Error(err)
	}
	must(t, d.Engine.ProvePassphrase([]byte(oldPhrase)))
	must(t, d.Engine.AddPasskey([]byte(oldPhrase), []byte("credential"), salt, prf))
	if !bytes.Equal(prf, make([]byte, 32)) {
		t.Error("the output was not wiped")
	}
	d.Engine.Lock()
	id, kept, ok, err := d.Engine.Passkey()
	if err != nil || !ok || string(id) != "credential" || !bytes.Equal(kept, salt) {
		t.Fatalf("while locked: %q %x %v %v", id, kept, ok, err)
	}
	must(t, finger.opens(t, d))
	must(t, oldKey.opens(t, d))
	if err := (key{prf: 8}).opens(t, d); !coded(err, "vault/passkey") {
		t.Errorf("another passkey: %v", err)
	}
	must(t, oldKey.opens(t, d))
	must(t, d.Engine.ChangePassphrase([]byte(oldPhrase), []byte(newPhrase)))
	must(t, finger.opens(t, d)) // the passkey outlives a change of the passphrase
	must(t, d.Engine.RemovePasskey())
	if err := finger.opens(t, d); !coded(err, "vault/passkey") {
		t.Errorf("after it was removed: %v", err)
	}
	must(t, newKey.opens(t, d))
	must(t, d.Engine.RemovePasskey())
}

// TestA26PowerCutWhileKeysChange cuts the power before every flush of a change, and tears the slot that was being
// written: something the person knows always opens, and once it has, what was half changed opens no more.
func TestA26PowerCutWhileKeysChange(t *testing.T) {
	for name, c := range map[string]struct {
		first, change func(d *sim.Device) error
		before, after key
	}{
		"passphrase": {nil, func(d *sim.Device) error {
			return d.Engine.ChangePassphrase([]byte(oldPhrase), []byte(newPhrase))
		}, oldKey, newKey},
		"passphrase after many saves": {func(d *sim.Device) error {
			return errors.Join(d.Engine.ChangePassphrase([]byte(oldPhrase), []byte(newPhrase)), d.Engine.ChangePassphrase([]byte(newPhrase), []byte(oldPhrase)), addFinger(d))
		}, func(d *sim.Device) error {
			return d.Engine.ChangePassphrase([]byte(oldPhrase), []byte(newPhrase))
		}, oldKey, newKey},
		"passkey added":   {nil, addFinger, oldKey, finger},
		"passkey removed": {addFinger, func(d *sim.Device) error { return d.Engine.RemovePasskey() }, finger, oldKey},
	} {
		t.Run(name, func(t *testing.T) {
			d := keyed(t)
			if c.first != nil {
				must(t, c.first(d))
			}
			var disks []*sim.MemDisk
			d.BeforeFlush = func() { disks = append(disks, d.Clone()) }
			must(t, c.change(d))
			d.BeforeFlush = nil
			disks = append(disks, d.Clone())
			if len(disks) < 3 {
				t.Fatalf("%d states of the disk: nothing was cut", len(disks))
			}
			for i, disk := range disks {
				for _, tear := range []bool{false, true} {
					cut := disk.Clone()
					if tear && (c.first != nil || !torn(t, cut, disks, i)) {
						continue
					}
					each := *d
					each.MemDisk = cut.Clone()
					before := c.before.opens(t, &each)
					each.MemDisk = cut.Clone()
					after := c.after.opens(t, &each)
					if before != nil && after != nil {
						t.Fatalf("cut %d, torn %v: nothing opens: %v, %v", i, tear, before, after)
					}
					if i == len(disks)-1 && after != nil {
						t.Fatalf("when all was written: %v", after)
					}
					// Whatever opened counts, and stays.
					used := c.before
					if before != nil {
						used = c.after
					}
					each.MemDisk = cut.Clone()
					must(t, used.opens(t, &each))
					must(t, used.opens(t, &each))
				}
			}
		})
	}
}

// torn cuts what disk i was about to write to half of its length.
func torn(t *testing.T, cut *sim.MemDisk, disks []*sim.MemDisk, i int) bool {
	t.Helper()
	if i+1 == len(disks) {
		return false
	}
	slots := map[string][]byte{}
	for _, name := range []string{"vault.0", "vault.1"} {
		was, err := disks[i].ReadSlot(name)
		must(t, err)
		is, err := disks[i+1].ReadSlot(name)
		must(t, err)
		if !bytes.Equal(was, is) {
			slots[name] = is
		}
	}
	for name, is := range maps.All(slots) {
		must(t, cut.WriteSlot(name, is[:len(is)/2]))
	}
	return len(slots) == 1
}

// TestTheHalfChangedPassphraseIsGoneAfterOneUnlock: between the two slots both passphrases open; the one that is used
// then becomes the only one.
func TestTheHalfChangedPassphraseIsGoneAfterOneUnlock(t *testing.T) {
	for _, used := range []key{oldKey, newKey} {
		d := keyed(t)
		must(t, d.Engine.ChangePassphrase([]byte(oldPhrase), []byte(oldPhrase))) // both slots exist
		flushes := 0
		d.BeforeFlush = func() {
			if flushes++; flushes == 2 {
				d.FlushError = errors.New("pulled out")
			}
		}
		if err := d.Engine.ChangePassphrase([]byte(oldPhrase), []byte(newPhrase)); !coded(err, "vault/half") {
			t.Fatal(err)
		}
		d.BeforeFlush = nil
		other := oldKey
		if used == oldKey {
			other = newKey
		}
		disk := d.Clone()
		must(t, other.opens(t, d))
		d.MemDisk = disk
		must(t, used.opens(t, d))
		if err := other.opens(t, d); !coded(err, "vault/passphrase") {
			t.Errorf("%v used, and %v: %v", used, other, err)
		}
	}
}
