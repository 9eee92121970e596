package main

import (
	"crypto/ed25519"
	"crypto/hpke"
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/anamnesis-health/anamnesis/shared/block"
	"github.com/anamnesis-health/anamnesis/shared/govern"
)

// A key file is one line: 64 hex digits, the seed. Member and relay keys are Ed25519 seeds; a witness has one seed
// from which its three keys derive.

func newSeed() (seed [32]byte) {
	rand.Read(seed[:]) // never fails: the runtime ends the process instead
	return seed
}

// readNetwork reads a network file: the genesis that everybody who takes part has.
func readNetwork(path string) (*govern.Network, error) {
	b, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	n, err := govern.Parse(b)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return n, nil
}

// writeSeed makes a key file that only its owner can read. It never overwrites one.
func writeSeed(path string, seed [32]byte) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	if _, err := f.WriteString(hex.EncodeToString(seed[:]) + "\n"); err != nil {
		f.Close()
		return err
	}
	if err := f.Sync(); err != nil {
		f.Close()
		return err
	}
	return f.Close()
}

func readSeed(path string) (seed [32]byte, err error) {
	b, err := os.ReadFile(path)
	if err != nil {
		return seed, err
	}
	raw, err := hex.DecodeString(strings.TrimSpace(string(b)))
	if err != nil || len(raw) != len(seed) {
		return seed, fmt.Errorf("%s: no key file: one line of 64 hex digits is expected", filepath.Base(path))
	}
	info, err := os.Stat(path)
	if err == nil && info.Mode().Perm()&0o077 != 0 {
		return seed, fmt.Errorf("%s can be read by others: chmod 600 %s", path, path)
	}
	return [32]byte(raw), err
}

func readKey(path string) (ed25519.PrivateKey, error) {
	seed, err := readSeed(path)
	if err != nil {
		return nil, err
	}
	return ed25519.NewKeyFromSeed(seed[:]), nil
}

// derived is a key of a network that does not exist yet, hence without its net.
func derived(seed [32]byte, label string) ed25519.PrivateKey {
	return block.DeriveKey(block.Net{}, seed[:], label)
}

func recipientOf(seed [32]byte, label string) ([]byte, error) {
	ikm := block.Derive(block.Net{}, seed[:], label)
	k, err := hpke.MLKEM768X25519().DeriveKeyPair(ikm[:])
	if err != nil {
		return nil, err
	}
	return k.PublicKey().Bytes(), nil
}
