package folder

import (
	"bytes"
	"io"

	"github.com/anamnesis-health/anamnesis/shared/block"
	"github.com/tinylib/msgp/msgp"
	"golang.org/x/crypto/chacha20poly1305"
	"golang.org/x/crypto/scrypt"
)

// Codes of a vault that does not open. A wrong passphrase is never a reason to wipe.
const (
	CodeVaultPassphrase = "vault/passphrase"
	CodeVaultPasskey    = "vault/passkey"
	CodeVaultFormat     = "vault/format"
)

const (
	vaultVersion = 1
	wrapScrypt   = 1
	wrapPasskey  = 2
	vaultKeySize = chacha20poly1305.KeySize
	vaultNonce   = chacha20poly1305.NonceSizeX
	wrappedSize  = vaultKeySize + chacha20poly1305.Overhead
	wrapFields   = 7
	prfSize      = 32
	// wrapData separates the sealed key from any other use of the stretched passphrase.
	wrapData = "anamnesis/v1/vault wrap\x00"
)

// vaultWrap is one way to the vault's key: [kind, log2 N, r, p, salt 16, nonce 24, wrapped key 48], and a passkey's
// credential id as an eighth field.
type vaultWrap struct {
	kind, logN, r, p uint64
	salt             [16]byte
	nonce            [vaultNonce]byte
	key              [wrappedSize]byte
	credential       []byte
}

// unlocker gives the key under which a wrap is sealed, nil for a wrap that is not its kind. code says what to answer
// when no wrap opens.
type unlocker struct {
	code string
	key  func(w *vaultWrap) ([]byte, error)
}

// byPassphrase unlocks with a passphrase, already NFKC.
func byPassphrase(passphrase []byte) unlocker {
	return unlocker{CodeVaultPassphrase, func(w *vaultWrap) ([]byte, error) {
		if w.kind != wrapScrypt {
			return nil, nil
		}
		return w.stretch(passphrase)
	}}
}

// byPasskey unlocks with the output of a passkey's PRF for the wrap's salt.
func byPasskey(net block.Net, prf []byte) unlocker {
	return unlocker{CodeVaultPasskey, func(w *vaultWrap) ([]byte, error) {
		if w.kind != wrapPasskey || len(prf) != prfSize {
			return nil, nil
		}
		return passkeyKey(net, prf, w), nil
	}}
}

func passkeyKey(net block.Net, prf []byte, w *vaultWrap) []byte {
	key := block.Derive(net, prf, "vault passkey", w.salt[:])
	return key[:]
}

// SealVault seals payload under a fresh random key, wrapped under the passphrase, which the caller has
// normalized to NFKC. rand gives 96 random bytes and its error is returned. The file:
//
//	[header, nonce 24, sealed payload], header = [1, [wrap]] as bin and as the AEAD's data
//
// Source: spec/device.md §1.
func SealVault(payload, passphrase []byte, rand io.Reader) ([]byte, error) {
	file, _, err := newVault(payload, passphrase, rand)
	return file, err
}

// vaultKey seals a vault again, under the wraps it was opened with, without the passphrase.
type vaultKey struct {
	key    [vaultKeySize]byte
	header []byte
	turn   int // the slot written last
}

// reopen opens another file under the same wraps, without the cost of the passphrase.
func (k *vaultKey) reopen(file []byte) ([]byte, *vaultKey, error) {
	header, nonce, sealed, err := decodeVault(file)
	if err != nil {
		return nil, nil, err
	}
	if k == nil || !bytes.Equal(header, k.header) {
		return nil, nil, fail(CodeVaultFormat, "other wraps")
	}
	payload, err := openX(k.key[:], nonce, sealed, header)
	if err != nil {
		return nil, nil, fail(CodeVaultFormat, "it was changed")
	}
	return payload, &vaultKey{key: k.key, header: k.header}, nil
}

// seal makes a new file with payload, under a fresh nonce.
func (k *vaultKey) seal(payload []byte, rand io.Reader) ([]byte, error) {
	var nonce [vaultNonce]byte
	if _, err := io.ReadFull(rand, nonce[:]); err != nil {
		return nil, err
	}
	return appendVault(nil, k.header, nonce[:], sealX(k.key[:], nonce[:], payload, k.header)), nil
}

func newVault(payload, passphrase []byte, rand io.Reader) ([]byte, *vaultKey, error) {
	var key [vaultKeySize]byte
	if _, err := io.ReadFull(rand, key[:]); err != nil {
		return nil, nil, err
	}
	w, err := passphraseWrap(key, passphrase, rand)
	if err != nil {
		return nil, nil, err
	}
	k := &vaultKey{key: key, header: appendVaultHeader(nil, []vaultWrap{w})}
	file, err := k.seal(payload, rand)
	return file, k, err
}

// passphraseWrap seals a vault's key under a passphrase.
func passphraseWrap(key [vaultKeySize]byte, passphrase []byte, rand io.Reader) (vaultWrap, error) {
	w := vaultWrap{kind: wrapScrypt, logN: scryptLogN, r: scryptR, p: scryptP}
	if _, err := io.ReadFull(rand, w.salt[:]); err != nil {
		return w, err
	}
	wrapping, err := w.stretch(passphrase)
	if err != nil {
		return w, err
	}
	return w, w.seal(key, wrapping, rand)
}

func (w *vaultWrap) seal(key [vaultKeySize]byte, wrapping []byte, rand io.Reader) error {
	_, err := io.ReadFull(rand, w.nonce[:])
	copy(w.key[:], sealX(wrapping, w.nonce[:], key[:], []byte(wrapData)))
	return err
}

// OpenVault gives the payload of a vault. It returns an *Error: vault/passphrase if no wrap opens under the
// passphrase, vault/format if the file is not a vault, was changed, or asks for other costs than this code
// pays. A wrap of an unknown kind is passed over.
func OpenVault(file, passphrase []byte) ([]byte, error) {
	payload, _, err := openVault(file, byPassphrase(passphrase))
	return payload, err
}

func openVault(file []byte, by unlocker) ([]byte, *vaultKey, error) {
	header, nonce, sealed, err := decodeVault(file)
	if err != nil {
		return nil, nil, err
	}
	wraps, err := decodeVaultHeader(header)
	if err != nil {
		return nil, nil, err
	}
	key, err := unwrap(wraps, by)
	if err != nil {
		return nil, nil, err
	}
	payload, err := openX(key[:], nonce, sealed, header)
	if err != nil {
		return nil, nil, fail(CodeVaultFormat, "a wrap opens, but it was changed")
	}
	return payload, &vaultKey{key: key, header: bytes.Clone(header)}, nil
}

// unwrap gives the vault's key by the first wrap that opens.
func unwrap(wraps []vaultWrap, by unlocker) (key [vaultKeySize]byte, err error) {
	for i := range wraps {
		w := &wraps[i]
		wrapping, err := by.key(w)
		if err != nil {
			return key, err
		}
		if wrapping == nil {
			continue
		}
		if raw, err := openX(wrapping, w.nonce[:], w.key[:], []byte(wrapData)); err == nil {
			return [vaultKeySize]byte(raw), nil
		}
	}
	return key, fail(by.code, "")
}

// stretch refuses costs that would be too weak, or would exhaust this device.
func (w *vaultWrap) stretch(passphrase []byte) ([]byte, error) {
	if w.logN < scryptLogN || w.logN > scryptLogNMax || w.r != scryptR || w.p != scryptP {
		return nil, fail(CodeVaultFormat, "scrypt 2^%d, %d, %d", w.logN, w.r, w.p)
	}
	return scrypt.Key(passphrase, w.salt[:], 1<<w.logN, scryptR, scryptP, vaultKeySize)
}

func sealX(key, nonce, text, data []byte) []byte {
	aead, err := chacha20poly1305.NewX(key)
	if err != nil {
		panic(err) // every key here has 32 bytes
	}
	return aead.Seal(nil, nonce, text, data)
}

func openX(key, nonce, sealed, data []byte) ([]byte, error) {
	aead, err := chacha20poly1305.NewX(key)
	if err != nil {
		return nil, err
	}
	return aead.Open(nil, nonce, sealed, data)
}

func appendVault(b, header, nonce, sealed []byte) []byte {
	b = msgp.AppendArrayHeader(b, 3)
	b = msgp.AppendBytes(b, header)
	b = msgp.AppendBytes(b, nonce)
	return msgp.AppendBytes(b, sealed)
}

func decodeVault(file []byte) (header, nonce, sealed []byte, err error) {
	n, rest, err := msgp.ReadArrayHeaderBytes(file)
	if err != nil || n != 3 || len(file) > maxVault {
		return nil, nil, nil, fail(CodeVaultFormat, "%d bytes", len(file))
	}
	for _, field := range []*[]byte{&header, &nonce, &sealed} {
		if *field, rest, err = msgp.ReadBytesZC(rest); err != nil {
			return nil, nil, nil, fail(CodeVaultFormat, "%d bytes", len(file))
		}
	}
	if len(nonce) != vaultNonce || !bytes.Equal(appendVault(nil, header, nonce, sealed), file) {
		return nil, nil, nil, fail(CodeVaultFormat, "not canonical")
	}
	return header, nonce, sealed, nil
}

func appendVaultHeader(b []byte, wraps []vaultWrap) []byte {
	b = msgp.AppendArrayHeader(b, 2)
	b = msgp.AppendUint64(b, vaultVersion)
	b = msgp.AppendArrayHeader(b, uint32(len(wraps)))
	for i := range wraps {
		w := &wraps[i]
		n := uint32(wrapFields)
		if w.kind == wrapPasskey {
			n++
		}
		b = msgp.AppendArrayHeader(b, n)
		for _, v := range []uint64{w.kind, w.logN, w.r, w.p} {
			b = msgp.AppendUint64(b, v)
		}
		b = msgp.AppendBytes(b, w.salt[:])
		b = msgp.AppendBytes(b, w.nonce[:])
		b = msgp.AppendBytes(b, w.key[:])
		if w.kind == wrapPasskey {
			b = msgp.AppendBytes(b, w.credential)
		}
	}
	return b
}

func decodeVaultHeader(header []byte) ([]vaultWrap, error) {
	fields, rest, err := msgp.ReadArrayHeaderBytes(header)
	version, rest, err2 := msgp.ReadUint64Bytes(rest)
	n, rest, err3 := msgp.ReadArrayHeaderBytes(rest)
	if err != nil || err2 != nil || err3 != nil || fields != 2 || version != vaultVersion || n == 0 || n > maxWraps {
		return nil, fail(CodeVaultFormat, "header")
	}
	wraps := make([]vaultWrap, n)
	for i := range wraps {
		w := &wraps[i]
		fields, rest, err = msgp.ReadArrayHeaderBytes(rest)
		for _, v := range []*uint64{&w.kind, &w.logN, &w.r, &w.p} {
			if err == nil {
				*v, rest, err = msgp.ReadUint64Bytes(rest)
			}
		}
		for _, into := range [][]byte{w.salt[:], w.nonce[:], w.key[:]} {
			if err == nil {
				rest, err = msgp.ReadExactBytes(rest, into)
			}
		}
		if err == nil && w.kind == wrapPasskey {
			w.credential, rest, err = msgp.ReadBytesBytes(rest, nil)
			fields--
			if w.logN+w.r+w.p != 0 || len(w.credential) == 0 || len(w.credential) > maxCredentialID {
				return nil, fail(CodeVaultFormat, "passkey of %d bytes", len(w.credential))
			}
		}
		if err != nil || fields != wrapFields || i > 0 && w.kind == wraps[0].kind {
			return nil, fail(CodeVaultFormat, "wrap %d", i+1)
		}
	}
	if !bytes.Equal(appendVaultHeader(nil, wraps), header) {
		return nil, fail(CodeVaultFormat, "header not canonical")
	}
	return wraps, nil
}
