package main

import (
	"context"
	"crypto/ed25519"
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/anamnesis-health/anamnesis/relay/hub"
	"github.com/anamnesis-health/anamnesis/shared/block"
	"github.com/anamnesis-health/anamnesis/shared/govern"
)

// dev serves a network for a try-out: one member, four witnesses that do not run yet, one lane, everybody admitted.
func dev(ctx context.Context, f *flags, args []string) error {
	f.synopsis = "[flags]\n\nMakes a network for a try-out, once, and serves it. Everybody is admitted."
	o := serveFlags(f, "")
	if err := f.parse(args); err != nil {
		return err
	}
	if err := f.noArgs(); err != nil {
		return err
	}
	if o.data == "" {
		o.data = defaultData()
	}
	l, err := o.listenTCP()
	if err != nil {
		return err
	}
	defer l.Close()
	n, err := devNetwork(o.data, o.origin(l))
	if err != nil {
		return err
	}
	key, err := readKey(filepath.Join(o.data, "relay.key"))
	if err != nil {
		return err
	}
	return serve(ctx, f, o, l, hub.Config{Network: n, Relay: key, Policy: hub.Open})
}

func defaultData() string {
	if dir := os.Getenv("XDG_DATA_HOME"); dir != "" {
		return filepath.Join(dir, "anamnesis", "dev")
	}
	if home, err := os.UserHomeDir(); err == nil && home != "" {
		return filepath.Join(home, ".local", "share", "anamnesis", "dev")
	}
	return "anamnesis-dev"
}

// devNetwork reads the try-out's network, or makes it. The network file is written last: without it, a half-made one
// is made anew.
func devNetwork(dir, origin string) (*govern.Network, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	path := filepath.Join(dir, "network")
	if n, err := readNetwork(path); !errors.Is(err, fs.ErrNotExist) {
		return n, err
	}
	if err := onlyKeys(dir); err != nil {
		return nil, err
	}
	seeds := map[string][32]byte{"member": newSeed(), "relay": newSeed()}
	for i := 1; i <= 4; i++ {
		seeds[fmt.Sprintf("witness-%d", i)] = newSeed()
	}
	n, err := found(seeds, origin, uint64(time.Now().Unix()))
	if err != nil {
		return nil, err
	}
	for name, seed := range seeds {
		key := filepath.Join(dir, name+".key")
		if err := os.Remove(key); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return nil, err
		}
		if err := writeSeed(key, seed); err != nil {
			return nil, err
		}
	}
	if err := os.WriteFile(path+".new", n.Bytes(), 0o600); err != nil {
		return nil, err
	}
	return n, os.Rename(path+".new", path)
}

// onlyKeys refuses a folder with anything but a half-made network: a mistyped --data must not mix keys and blocks into
// somebody's files.
func onlyKeys(dir string) error {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	for _, e := range entries {
		if filepath.Ext(e.Name()) != ".key" && e.Name() != "network.new" {
			return fmt.Errorf("%s holds other files (%s) and no network; nothing was written: give --data an empty or a new folder",
				dir, e.Name())
		}
	}
	return nil
}

func found(seeds map[string][32]byte, origin string, at uint64) (*govern.Network, error) {
	memberSeed, relaySeed := seeds["member"], seeds["relay"]
	member := ed25519.NewKeyFromSeed(memberSeed[:])
	recipient, err := recipientOf(memberSeed, "dev recipient")
	if err != nil {
		return nil, err
	}
	chain, err := memberChain(member, recipient, at)
	if err != nil {
		return nil, err
	}
	g := govern.Genesis{
		Version: 1, Approval: 1, F: 1, Lowest: 1, Highest: 1, HashAlg: 1,
		Members: []govern.Member{{Chain: chain, Key: block.KeyOf(member), Recipient: recipient}},
		Lanes: []govern.Lane{{
			Number: 1, Relay: block.KeyOf(ed25519.NewKeyFromSeed(relaySeed[:])), URLs: []string{origin},
		}},
	}
	for seat := uint8(1); seat <= 4; seat++ {
		seed := seeds[fmt.Sprintf("witness-%d", seat)]
		w := govern.Witness{
			Seat: seat, Member: chain, Ack: block.KeyOf(derived(seed, "dev ack")), Release: block.KeyOf(derived(seed, "dev release")),
		}
		if w.Recipient, err = recipientOf(seed, "dev recipient"); err != nil {
			return nil, err
		}
		g.Witnesses = append(g.Witnesses, w)
	}
	return govern.Found(g, at, []ed25519.PrivateKey{member})
}

// memberChain is the id of the member's identity chain. It holds no signature, so it exists before the network does.
func memberChain(key ed25519.PrivateKey, recipient []byte, at uint64) (block.ChainID, error) {
	sum := sha256.Sum256(recipient)
	part := block.Encode(&block.Genesis{
		Type: block.ChainIdentity, Writer: block.KeyOf(key), Recipient: sum[:], Admission: []block.Admission{}, RevokeKey: []byte{},
	})
	b, err := block.New(block.Net{}, key, block.Header{Kind: block.KindGenesis, Time: at - at%3600}, part)
	if err != nil {
		return block.ChainID{}, err
	}
	return b.Chain(), nil
}
