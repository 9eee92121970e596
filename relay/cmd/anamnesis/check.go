package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/anamnesis-health/anamnesis/relay/hub"
	"github.com/anamnesis-health/anamnesis/relay/store/files"
	"github.com/anamnesis-health/anamnesis/relay/store/sqlite"
)

// check verifies every stored block and blob and says what is damaged, or one proof file.
func check(f *flags, args []string) error {
	f.synopsis = "--data DIR [--network FILE]\n       anamnesis check [--network FILE] [--block FILE] FILE.proof\n\n" +
		"Verifies every stored block (hash, signature, chain) and blob; stop the relay first.\nOr checks the proof of one record, offline."
	data := f.String("data", "", "the relay's data `folder`")
	network := f.String("network", "", "the network `file`; by default DIR/network")
	wire := f.String("block", "", "the `file` of the record's block, to hold against its proof")
	if err := f.parse(args); err != nil {
		return err
	}
	if f.NArg() == 1 {
		return checkProof(f.out, f.Arg(0), *network, *wire)
	}
	if err := f.noArgs(); err != nil {
		return err
	}
	if *data == "" {
		*data = defaultData()
	}
	if *network == "" {
		*network = filepath.Join(*data, "network")
	}
	n, err := readNetwork(*network)
	if errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("nothing to check, no such file: %s; give --data a relay's folder, and --network its network file", *network)
	}
	if err != nil {
		return err
	}
	path := filepath.Join(*data, "lane.db")
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("%s: nothing was stored here", *data)
	}
	lane, err := sqlite.Open(path, n.Net())
	if err != nil {
		return err
	}
	defer lane.Close()
	found := 0
	report := func(what string, err error) {
		found++
		fmt.Fprintf(f.out, "%s: %v\n", what, err)
	}
	blocks, err := hub.Audit(n.Net(), lane, func(at uint64, err error) { report(fmt.Sprintf("block at %d", at), err) })
	if err != nil {
		return err
	}
	if err := lane.Integrity(func(s string) { report("lane.db", errors.New(s)) }); err != nil {
		return err
	}
	blobs, err := files.Open(filepath.Join(*data, "blobs"))
	if err != nil {
		return err
	}
	held, err := blobs.Check(func(root string, err error) { report("blob "+root, err) })
	if err != nil {
		return err
	}
	fmt.Fprintf(f.out, "%d blocks, %d blobs checked, %d problems\n", blocks, held, found)
	if found > 0 {
		return errors.New("the store is damaged: copy the missing blocks from another relay or a backup")
	}
	return nil
}
