package conformance

import (
	"bufio"
	"context"
	"crypto/ed25519"
	"encoding/hex"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/anamnesis-health/anamnesis/relay/hub/hubtest"
	"github.com/anamnesis-health/anamnesis/shared/govern"
)

var build = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "anamnesis-conformance")
	if err != nil {
		return "", err
	}
	path := filepath.Join(dir, "anamnesis")
	cmd := exec.Command("go", "build", "-o", path, "../cmd/anamnesis")
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("%v: %s", err, out)
	}
	return path, nil
})

// process is the real binary, running.
type process struct {
	base string
	cmd  *exec.Cmd
	log  *strings.Builder
	read chan struct{} // closed when its output ended
}

func launch(t testing.TB, args ...string) *process {
	t.Helper()
	path, err := build()
	if err != nil {
		t.Fatal(err)
	}
	p := &process{cmd: exec.Command(path, args...), log: &strings.Builder{}, read: make(chan struct{})}
	p.cmd.Stderr = p.log
	out, err := p.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	r := bufio.NewReader(out)
	line, err := r.ReadString('\n')
	if err != nil {
		p.cmd.Wait()
		t.Fatalf("%q, %v: %s", line, err, p.log)
	}
	p.base = strings.TrimSpace(line[strings.Index(line, "http"):])
	go func() { io.Copy(io.Discard, r); close(p.read) }() // ends with the process; stop and kill wait for it
	return p
}

func (p *process) kill(t testing.TB) {
	t.Helper()
	if err := p.cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	<-p.read
	p.cmd.Wait() // says that it was killed
}

func (p *process) stop(t testing.TB) {
	t.Helper()
	if err := p.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	<-p.read
	if err := p.cmd.Wait(); err != nil {
		t.Fatalf("%v: %s", err, p.log)
	}
}

// network reads what `dev` made: the file from the relay, the member's key from its folder.
func (p *process) network(t testing.TB, dir string) *hubtest.Network {
	t.Helper()
	resp, err := http.Get(p.base + "/v1/network")
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	n, err := govern.Parse(b)
	if err != nil {
		t.Fatal(err)
	}
	return &hubtest.Network{
		Network: n, Member: keyFile(t, filepath.Join(dir, "member.key")), Relay: keyFile(t, filepath.Join(dir, "relay.key")),
		Issuer: n.Genesis().Members[0].Chain,
	}
}

func keyFile(t testing.TB, path string) ed25519.PrivateKey {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	seed, err := hex.DecodeString(strings.TrimSpace(string(b)))
	if err != nil {
		t.Fatal(err)
	}
	return ed25519.NewKeyFromSeed(seed)
}

// dialGuest connects as a guest under key i.
func dialGuest(t testing.TB, p *process, n *hubtest.Network, i int) *Client {
	t.Helper()
	c, err := Dial(t.Context(), p.base, n.Net(), hubtest.Key("connection", i), nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return c
}

func soon(t testing.TB) context.Context {
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	t.Cleanup(cancel)
	return ctx
}
