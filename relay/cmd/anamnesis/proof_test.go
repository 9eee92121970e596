package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/anamnesis-health/anamnesis/shared/spec"
)

// TestCheckProof runs the command over every vector: it answers 0 exactly where no step fails, and names the one that does.
func TestCheckProof(t *testing.T) {
	all, err := spec.Cases[struct {
		Name, Error, States string
		File, Block, Net    spec.Hex
	}]("proof")
	if err != nil {
		t.Fatal(err)
	}
	steps := []string{"network", "chain", "signature", "payload", "final"}
	dir := t.TempDir()
	keep := func(name string, b []byte) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, b, 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	for _, c := range all {
		if c.Net != nil {
			continue // --network takes a whole network file: the script does it
		}
		args := []string{"check"}
		if c.Block != nil {
			args = append(args, "--block", keep("block", c.Block))
		}
		var out, log bytes.Buffer
		code := run(t.Context(), append(args, keep("proof", c.File)), &out, &log)
		failed := strings.Index(c.States, "f")
		switch {
		case (code == 0) != (c.Error == "" && failed < 0):
			t.Errorf("%s: exit code %d: %s%s", c.Name, code, &out, &log)
		case failed >= 0 && !strings.Contains(log.String(), steps[failed]):
			t.Errorf("%s: %s, want %s", c.Name, &log, steps[failed])
		case code == 0 && !strings.Contains(out.String(), "unknown  final"):
			t.Errorf("%s says more than it knows: %s", c.Name, &out)
		}
	}
}

func TestCheckProofRefuses(t *testing.T) {
	dir := t.TempDir()
	big := filepath.Join(dir, "big")
	if err := os.WriteFile(big, make([]byte, 1<<20), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{{filepath.Join(dir, "none")}, {big}, {dir}, {"a", "b"}, {"--network", big, big}} {
		var out, log bytes.Buffer
		if code := run(t.Context(), append([]string{"check"}, args...), &out, &log); code == 0 || out.Len() > 0 {
			t.Errorf("%q: %d %s", args, code, &out)
		}
	}
}
