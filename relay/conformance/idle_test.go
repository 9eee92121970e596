package conformance

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strconv"
	"testing"

	"github.com/anamnesis-health/anamnesis/relay/hub/hubtest"
)

// TestMain lets the test binary be its own crowd of idle clients.
func TestMain(m *testing.M) {
	if n, err := strconv.Atoi(os.Getenv("CONFORMANCE_IDLE")); err == nil {
		idle(os.Getenv("CONFORMANCE_BASE"), n)
		return
	}
	os.Exit(m.Run())
}

func idle(base string, n int) {
	net := hubtest.NewNetwork("http://relay.test")
	held := make([]*Client, n)
	for i := range held {
		c, err := Dial(context.Background(), base, net.Net(), hubtest.Key("connection", i), nil)
		if err != nil {
			fmt.Println(i, err)
			return
		}
		held[i] = c
	}
	fmt.Println("open")
	io.Copy(io.Discard, os.Stdin) // until the parent closes it
	for _, c := range held {
		c.Close()
	}
}

// idleClients opens n connections from another process, so that only the relay's side is measured here.
func idleClients(b testing.TB, s started, n int) (closeAll func()) {
	exe, err := os.Executable()
	if err != nil {
		b.Fatal(err)
	}
	cmd := exec.Command(exe)
	cmd.Env = append(os.Environ(), "CONFORMANCE_IDLE="+strconv.Itoa(n), "CONFORMANCE_BASE="+s.base)
	in, err := cmd.StdinPipe()
	if err != nil {
		b.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		b.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		b.Fatal(err)
	}
	word := make([]byte, 200)
	k, _ := out.Read(word)
	if string(word[:min(k, 4)]) != "open" {
		b.Fatalf("the clients say %q", word[:k])
	}
	return func() {
		in.Close()
		if err := cmd.Wait(); err != nil {
			b.Error(err)
		}
	}
}
