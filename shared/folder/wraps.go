package folder

// Passkey says how this browser's passkey unlocks: its credential id, and the input of its PRF. Both are public, so
// they are known while locked. ok is false when there is none, and salt is then a fresh one to make one with.
func (e *Engine) Passkey() (credential, salt []byte, ok bool, err error) {
	if w := e.passkeyWrap(); w != nil {
		return w.credential, w.salt[:], true, nil
	}
	n := e.nonce()
	return nil, n[:], false, nil
}

// passkeyWrap finds the passkey's wrap: of the open vault, else of the first slot that has one.
func (e *Engine) passkeyWrap() *vaultWrap {
	if e.me != nil {
		return wrapOf(e.me.resealKey.header, wrapPasskey)
	}
	for _, name := range vaultSlots {
		file, err := e.world.ReadSlot(name)
		if err != nil {
			continue // unlocking says what is wrong with the disk
		}
		if header, _, _, err := decodeVault(file); err == nil {
			if w := wrapOf(header, wrapPasskey); w != nil {
				return w
			}
		}
	}
	return nil
}

func wrapOf(header []byte, kind uint64) *vaultWrap {
	wraps, err := decodeVaultHeader(header)
	if err != nil {
		return nil
	}
	for i := range wraps {
		if wraps[i].kind == kind {
			return &wraps[i]
		}
	}
	return nil
}

// UnlockPasskey is Unlock with the output of the passkey's PRF, which it wipes. It returns vault/passkey when that
// opens nothing.
func (e *Engine) UnlockPasskey(prf []byte) error {
	defer clear(prf)
	return e.unlock(byPasskey(e.net, prf))
}

// ProvePassphrase returns vault/passphrase unless the open profile's passphrase (already NFKC) is this one.
func (e *Engine) ProvePassphrase(passphrase []byte) error { return e.prove(byPassphrase(passphrase)) }

// prove checks that whoever sits at the open profile can also unlock it. It takes as long as unlocking.
func (e *Engine) prove(by unlocker) error {
	if e.me == nil {
		return ErrLocked
	}
	wraps, err := decodeVaultHeader(e.me.resealKey.header)
	if err != nil {
		return err
	}
	_, err = unwrap(wraps, by)
	return err
}

// ChangePassphrase lets another passphrase open the vault, and the old one no more. It returns vault/passphrase when
// old is wrong, and vault/half when only one of the two slots could be written: the new one works then, and the old
// one may until the next unlock.
func (e *Engine) ChangePassphrase(old, next []byte) error {
	if len(next) < minPassphrase {
		return fail("vault/short", "%d", minPassphrase)
	}
	if err := e.prove(byPassphrase(old)); err != nil {
		return err
	}
	w, err := passphraseWrap(e.me.resealKey.key, next, e)
	if err != nil {
		return err
	}
	return e.rewrap(&w, wrapOf(e.me.resealKey.header, wrapPasskey))
}

// AddPasskey lets a passkey open the vault beside the passphrase, which is asked; it takes the place of an earlier one.
// prf, the passkey's output for salt, is wiped. It returns vault/passphrase, or vault/passkey for what no passkey gives.
func (e *Engine) AddPasskey(passphrase, credential, salt, prf []byte) error {
	defer clear(prf)
	if err := e.prove(byPassphrase(passphrase)); err != nil {
		return err
	}
	w := &vaultWrap{kind: wrapPasskey, credential: credential}
	if len(prf) != prfSize || len(salt) != len(w.salt) || len(credential) == 0 || len(credential) > maxCredentialID {
		return fail(CodeVaultPasskey, "id of %d, salt of %d, output of %d bytes", len(credential), len(salt), len(prf))
	}
	copy(w.salt[:], salt)
	if err := w.seal(e.me.resealKey.key, passkeyKey(e.net, prf, w), e); err != nil {
		return err
	}
	return e.rewrap(wrapOf(e.me.resealKey.header, wrapScrypt), w)
}

// RemovePasskey leaves the passphrase alone to open the vault.
func (e *Engine) RemovePasskey() error {
	if e.me == nil {
		return ErrLocked
	}
	if wrapOf(e.me.resealKey.header, wrapPasskey) == nil {
		return nil
	}
	return e.rewrap(wrapOf(e.me.resealKey.header, wrapScrypt), nil)
}

// rewrap writes the vault under other wraps into the older slot and then into the other, so that a cut in between
// leaves one that opens. The passphrase's wrap is always there.
func (e *Engine) rewrap(passphrase, passkey *vaultWrap) error {
	wraps := []vaultWrap{*passphrase}
	if passkey != nil {
		wraps = append(wraps, *passkey)
	}
	before := e.me.resealKey
	e.me.resealKey = &vaultKey{key: before.key, header: appendVaultHeader(nil, wraps), turn: before.turn}
	if err := e.saveVault(); err != nil {
		e.me.resealKey = before
		return err
	}
	e.world.Changed()
	if err := e.saveVault(); err != nil {
		return fail("vault/half", "%v", err)
	}
	return nil
}
