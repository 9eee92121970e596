package main

import (
	"bytes"
	"context"
	"os"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"anamnesis": main})
}

// TestScripts runs the binary as a person would: testdata/script.
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:  "testdata/script",
		Cmds: map[string]func(*testscript.TestScript, bool, []string){"ends": ends, "mode": mode},
	})
}

// ends starts `anamnesis <args>`, waits for its address and stops it as SIGTERM would: ends <args>.
func ends(ts *testscript.TestScript, neg bool, args []string) {
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	out := &notify{stop: stop}
	code := run(ctx, args, out, &out.log)
	ts.Logf("%s%s", out.log.String(), out.out.String())
	if (code != 0) != neg {
		ts.Fatalf("exit code %d", code)
	}
}

// notify stops the command once it has printed its address.
type notify struct {
	out, log bytes.Buffer
	stop     context.CancelFunc
}

func (n *notify) Write(p []byte) (int, error) {
	defer n.stop()
	return n.out.Write(p)
}

// mode checks a file's permissions: mode <file> <octal>.
func mode(ts *testscript.TestScript, neg bool, args []string) {
	info, err := os.Stat(ts.MkAbs(args[0]))
	ts.Check(err)
	if got := info.Mode().Perm().String(); got != args[1] {
		ts.Fatalf("%s is %s, want %s", args[0], got, args[1])
	}
}
