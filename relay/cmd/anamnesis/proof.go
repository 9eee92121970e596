package main

import (
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/anamnesis-health/anamnesis/shared/block"
	"github.com/anamnesis-health/anamnesis/shared/chain"
)

// stepWords says what each step of a proof file's check means, in order.
var stepWords = map[string]string{
	chain.StepNetwork:   "it is of the network expected",
	chain.StepChain:     "the chain leads from its first block to this one",
	chain.StepSignature: "the key that writes there signed it",
	chain.StepPayload:   "the block brought along is the one that was signed",
	chain.StepFinal:     "a quorum of witnesses made it final",
}

// checkProof checks a proof file offline. network and wire are paths, or empty.
func checkProof(out io.Writer, path, network, wire string) error {
	file, err := readBounded(path, chain.MaxProof)
	if err != nil {
		return err
	}
	p, err := chain.ParseProof(file)
	if err != nil {
		return fmt.Errorf("%s is no proof file of this version: %w", path, err)
	}
	var net block.Net
	if network != "" {
		n, err := readNetwork(network)
		if err != nil {
			return err
		}
		net = n.Net()
	}
	var whole []byte
	if wire != "" {
		if whole, err = readBounded(wire, block.MaxBlock); err != nil {
			return err
		}
	}
	v := p.Check(net, whole)
	fmt.Fprintf(out, "block    %s\nchain    %s, place %d\nnetwork  %s\nkey      %s\n", v.ID, v.Chain, v.Header.Seq, v.Net, v.Writer)
	for _, s := range v.Steps {
		fmt.Fprintf(out, "%-8s %s: %s", s.State, s.Name, stepWords[s.Name])
		if s.Code != "" {
			fmt.Fprintf(out, " (%s)", s.Code)
		}
		fmt.Fprintln(out)
	}
	if s, failed := v.Steps.Failed(); failed {
		return fmt.Errorf("the proof does not hold: %s", s.Name)
	}
	fmt.Fprintln(out, "It does not show who holds the key, what the record says, or that it is final.")
	return nil
}

// readBounded reads a small file whole.
func readBounded(path string, most int64) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }() // only read from
	b, err := io.ReadAll(io.LimitReader(f, most+1))
	if err == nil && int64(len(b)) > most {
		err = errors.New(path + " is too large to be one")
	}
	return b, err
}
