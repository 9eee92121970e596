package main

import (
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/anamnesis-health/anamnesis/shared/block"
	"github.com/anamnesis-health/anamnesis/shared/govern"
)

// maxTokens is a stock: an identity, its devices and folders need a few, and a refill costs one more visit.
const maxTokens = 32

// maxKeyList is many times 32 lines of a key of 70 characters.
const maxKeyList = 64 << 10

// admit signs `admit` tokens for keys, one line each: the key, then the admission in base64url.
func admit(f *flags, args []string) error {
	f.synopsis = "--network FILE --key FILE [flags] key_… | --keys FILE\n\nSigns admission tokens for up to 32 keys, one line each: the list that a person's app shows, and what it reads."
	network := f.String("network", "", "the network `file`")
	keyFile := f.String("key", "", "a member's key `file`")
	list := f.String("keys", "", "a `file` with the keys, one on a line; - is the standard input")
	days := f.Int("days", 400, "`days` until the tokens expire")
	connection := f.Bool("connection", false, "for connections, not for chains")
	if err := f.parse(args); err != nil {
		return err
	}
	if f.need("network", *network) != nil || f.need("key", *keyFile) != nil {
		return errUsage
	}
	wanted := f.Args()
	if *list != "" {
		more, err := readList(*list)
		if err != nil {
			return err
		}
		wanted = append(wanted, more...)
	}
	if len(wanted) == 0 || len(wanted) > maxTokens || *days < 1 {
		return f.wrong("1 to %d keys and at least 1 day are needed", maxTokens)
	}
	n, err := readNetwork(*network)
	if err != nil {
		return err
	}
	key, err := readKey(*keyFile)
	if err != nil {
		return err
	}
	issuer, ok := memberOf(n, block.KeyOf(key))
	if !ok {
		return fmt.Errorf("%s: not the key of a member of this network", *keyFile)
	}
	purpose := uint8(block.AdmitChain)
	if *connection {
		purpose = block.AdmitConnection
	}
	expiry := uint64(time.Now().AddDate(0, 0, *days).Unix())
	keys := make([]block.Key, len(wanted))
	for i, arg := range wanted { // all are read before the first is signed
		if keys[i], err = parseKey(arg); err != nil {
			return err
		}
	}
	for _, k := range keys {
		a := block.Admit(n.Net(), key, issuer, purpose, k, expiry)
		fmt.Fprintf(f.out, "%s %s\n", k, base64.RawURLEncoding.EncodeToString(block.Encode(&a)))
	}
	return nil
}

// readList reads the words of a file of keys.
func readList(name string) ([]string, error) {
	in := os.Stdin
	if name != "-" {
		var err error
		if in, err = os.Open(name); err != nil {
			return nil, err
		}
		defer in.Close()
	}
	text, err := io.ReadAll(io.LimitReader(in, maxKeyList))
	return strings.Fields(string(text)), err
}

func memberOf(n *govern.Network, key block.Key) (block.ChainID, bool) {
	for _, m := range append(n.Genesis().Members, n.Genesis().Desks...) {
		if m.Key == key {
			return m.Chain, true
		}
	}
	return block.ChainID{}, false
}

func parseKey(s string) (block.Key, error) {
	raw, err := hex.DecodeString(strings.TrimPrefix(s, "key_"))
	if err != nil || len(raw) != len(block.Key{}) || !strings.HasPrefix(s, "key_") {
		return block.Key{}, fmt.Errorf("%q is no key: key_ and 66 hex digits are expected", s)
	}
	return block.Key(raw), block.CheckKey(block.Key(raw))
}
