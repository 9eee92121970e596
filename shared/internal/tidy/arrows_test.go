package tidy

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

const module = "github.com/anamnesis-health/anamnesis/"

// pkg is what `go list` says of one package.
type pkg struct {
	ImportPath   string
	Dir          string
	Standard     bool
	Imports      []string
	TestImports  []string
	XTestImports []string
	Deps         []string
	GoFiles      []string
}

// room is the package's path inside the module, or "" for another's.
func (p pkg) room() string { return room(p.ImportPath) }

func room(path string) string {
	if rest, ours := strings.CutPrefix(path+"/", module); ours {
		return strings.TrimSuffix(rest, "/")
	}
	return ""
}

const (
	msgp    = "github.com/tinylib/msgp/msgp"
	zip215  = "github.com/hdevalence/ed25519consensus"
	curve   = "filippo.io/edwards25519"
	age     = "filippo.io/age"
	hpke    = "filippo.io/hpke" // age has it too: the core carries one HPKE, not the standard library's beside it
	chacha  = "golang.org/x/crypto/chacha20poly1305"
	scrypt  = "golang.org/x/crypto/scrypt"
	socket  = "github.com/coder/websocket"
	sqlite  = "modernc.org/sqlite"
	metrics = "github.com/prometheus/client_golang"
	workers = "github.com/syumai/workers"
)

// arrows says what each room imports, beside the standard library: our rooms by path, others' packages by prefix.
// A room ending in /* covers the packages below it. Any room may use msgp for its own bytes.
var arrows = map[string][]string{
	"shared/block":          {msgp, zip215, curve},
	"shared/chain":          {msgp, "shared/block"},
	"shared/govern":         {msgp, hpke, "shared/block", "shared/chain"},
	"shared/grant":          {msgp, "shared/block", "shared/chain"},
	"shared/lane":           {msgp, "shared/block", "shared/govern"},
	"shared/gossip":         {msgp, "shared/block", "shared/lane"},
	"shared/share":          {msgp, chacha, hpke, "shared/block"},
	"shared/witness":        {msgp, "shared/block", "shared/chain", "shared/govern", "shared/lane", "shared/share", "shared/grant"},
	"shared/seal":           {msgp, chacha, age, "shared/block", "shared/share"},
	"shared/record":         {msgp},
	"shared/spec":           {},
	"shared/folder":         {msgp, chacha, scrypt, "shared/block", "shared/chain", "shared/govern", "shared/lane", "shared/gossip", "shared/share", "shared/seal", "shared/grant", "shared/record"},
	"shared/sim":            {"shared/*"},
	"shared/internal/tidy":  {},
	"relay/hub":             {msgp, "shared/block", "shared/chain", "shared/govern", "shared/lane", "shared/gossip"},
	"relay/hub/hubtest":     {"shared/block", "shared/chain", "shared/gossip", "shared/govern"}, // tests only
	"relay/store":           {},
	"relay/store/storetest": {"relay/hub", "relay/hub/hubtest", "shared/block", "shared/chain"},         // tests only
	"relay/store/*":         {msgp, "relay/hub", "shared/block", "shared/chain", "shared/lane", sqlite}, // the hub's words are block's and chain's
	"relay/server":          {msgp, "relay/hub", "shared/block", "shared/gossip", socket, metrics},
	"relay/witness":         {msgp, "shared/witness", "shared/block", "shared/chain", "shared/govern", "shared/lane", "shared/share", "shared/grant", "shared/gossip", "relay/store/*"},
	"relay/worker":          {msgp, "relay/hub", "shared/gossip", "relay/store/durable", workers},
	"relay/cmd/anamnesis":   {"relay/hub", "relay/server", "relay/witness", "relay/store/*", "shared/block", "shared/chain", "shared/govern", "shared/lane", "web"},
	"relay/conformance":     {msgp, "shared/block", "shared/chain", "shared/govern", "shared/gossip", socket}, // the wire only
	"wasm":                  {"wasm/api", "wasm/bridge", "shared/folder"},                                     // joins the bridge to the engine's interfaces
	"wasm/api":              {"shared/folder", "shared/block", "shared/chain", "shared/govern", "shared/gossip", "shared/grant", "shared/record", "shared/seal", "shared/share"},
	"wasm/bridge":           {},
	// The sample data is a whole network in one page: the cores of any page, and the real relay between them, on a store
	// that forgets. It is a program of its own so that the core never carries a relay.
	"wasm/sample": {"wasm/api", "wasm/bridge", "relay/hub", "relay/store/memory", "shared/block", "shared/folder", "shared/govern", "shared/share"},
	"wasm/gen":    {"wasm/api"},
	"web":         {},
}

// inTests may be imported by any room's tests, besides what the room may import.
var inTests = []string{
	"shared/sim", "shared/spec", "go.uber.org/goleak", "pgregory.net/rapid", "c2sp.org/CCTV/age", "github.com/rogpeppe/go-internal",
	"github.com/oasisprotocol/curve25519-voi", "golang.org/x/crypto", age,
}

// hubWorld are the tests that drive a real hub with real participants.
var hubWorld = []string{"shared/*", "relay/hub", "relay/hub/hubtest", "relay/store/*", "relay/server", socket}

// allowedFor finds a room's arrows, its own entry or that of the /* above it.
func allowedFor(room string) ([]string, bool) {
	if list, ok := arrows[room]; ok {
		return list, true
	}
	for name, list := range arrows {
		if below, ok := strings.CutSuffix(name, "*"); ok && strings.HasPrefix(room, below) {
			return list, true
		}
	}
	return nil, false
}

// matches compares an import path with an allowance.
func matches(path, allowance string) bool {
	if r := room(path); r != "" {
		if below, ok := strings.CutSuffix(allowance, "*"); ok {
			return strings.HasPrefix(r, below)
		}
		return r == allowance
	}
	return path == allowance || strings.HasPrefix(path, allowance+"/")
}

func standard(path string) bool {
	first, _, _ := strings.Cut(path, "/")
	return !strings.Contains(first, ".")
}

// direct reports imports that a room's arrows do not allow.
func direct(p pkg) (bad []string) {
	allowed, known := allowedFor(p.room())
	if !known {
		return []string{p.room() + " is a room that tidy does not know: give it arrows"}
	}
	check := func(kind string, imports, more []string) {
		for _, i := range imports {
			may := func(a string) bool { return matches(i, a) }
			if standard(i) || i == p.ImportPath || slices.ContainsFunc(allowed, may) || slices.ContainsFunc(more, may) {
				continue
			}
			bad = append(bad, fmt.Sprintf("%s imports %s%s", p.room(), strings.TrimPrefix(i, module), kind))
		}
	}
	check("", p.Imports, nil)
	tests := inTests
	if strings.HasPrefix(p.room(), "relay/") {
		tests = slices.Concat(inTests, hubWorld)
	}
	check(" in its tests", slices.Concat(p.TestImports, p.XTestImports), tests)
	return bad
}

// never lists what a room, or with a closing slash each room below it, must not reach, however indirectly. On
// js/wasm the standard library itself reaches syscall/js, so that rule is about files: see banned.
var never = []struct {
	room string
	what []string
}{
	{"relay/conformance", []string{"relay/hub", "relay/store/*", "relay/server"}},
	{"relay/", []string{"shared/seal", "shared/record", "shared/folder", age}},
	{"shared/grant", []string{"shared/seal", age}},
	{"shared/share", []string{"shared/seal", age}},
	{"shared/seal", []string{"shared/record"}},
	{"shared/record", []string{"shared/seal"}},
	{"wasm", []string{"net/http"}},
	{"wasm/", []string{"net/http"}},
	{"shared/", []string{"relay/*", "wasm/*", "web", "net/http"}},
}

// reached reports forbidden packages among a room's dependencies.
func reached(p pkg) (bad []string) {
	for _, n := range never {
		if p.room() != n.room && (!strings.HasSuffix(n.room, "/") || !strings.HasPrefix(p.room(), n.room)) {
			continue
		}
		for _, d := range p.Deps {
			if slices.ContainsFunc(n.what, func(w string) bool { return matches(d, w) || d == w }) && d != p.ImportPath {
				bad = append(bad, fmt.Sprintf("%s reaches %s", p.room(), strings.TrimPrefix(d, module)))
			}
		}
	}
	return bad
}

// targets are the two platforms everything is listed for.
var targets = map[string][]string{
	"native": nil,
	"wasm":   {"GOOS=js", "GOARCH=wasm"},
}

func list(t *testing.T, env []string) []pkg {
	t.Helper()
	cmd := exec.Command("go", "list", "-e", "-json=ImportPath,Dir,Standard,Imports,TestImports,XTestImports,Deps,GoFiles", "./...")
	cmd.Dir = root(t)
	cmd.Env = append(os.Environ(), env...)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go list: %v\n%s", err, stderr.String())
	}
	var all []pkg
	for dec := json.NewDecoder(bytes.NewReader(out)); ; {
		var p pkg
		if err := dec.Decode(&p); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(p.ImportPath, "/node_modules/") {
			all = append(all, p)
		}
	}
	return all
}

func TestArrows(t *testing.T) {
	for name, env := range targets {
		t.Run(name, func(t *testing.T) {
			var seen []string
			for _, p := range list(t, env) {
				seen = append(seen, p.room())
				for _, bad := range slices.Concat(direct(p), reached(p)) {
					t.Error(bad)
				}
			}
			for r := range arrows {
				built := func(s string) bool { return matches(module+s, r) }
				if !slices.ContainsFunc(seen, built) {
					t.Logf("%s: not built yet", r)
				}
			}
		})
	}
}

// TestArrowsBite gives each rule something it must refuse.
func TestArrowsBite(t *testing.T) {
	at := func(room string, imports ...string) pkg {
		return pkg{ImportPath: module + room, Imports: imports, Deps: imports}
	}
	for name, p := range map[string]pkg{
		"block imports chain":       at("shared/block", module+"shared/chain"),
		"chain imports age":         at("shared/chain", age),
		"grant imports share":       at("shared/grant", module+"shared/share"),
		"govern imports a stranger": at("shared/govern", "example.org/x"),
		"hub imports folder":        at("relay/hub", module+"shared/folder"),
		"server imports a store":    at("relay/server", module+"relay/store/sqlite"),
		"record imports block":      at("shared/record", module+"shared/block"),
		"bridge imports api":        at("wasm/bridge", module+"wasm/api"),
		"web imports anything":      at("web", module+"shared/block"),
		"an unknown room":           at("shared/misc"),
		"spec imports block":        at("shared/spec", module+"shared/block"),
	} {
		if len(direct(p)) == 0 {
			t.Errorf("%s: not refused", name)
		}
	}
	test := at("shared/block")
	test.XTestImports = []string{module + "shared/folder"}
	if len(direct(test)) == 0 {
		t.Error("block's tests import folder: not refused")
	}
	for name, p := range map[string]pkg{
		"server reaches age":      at("relay/server", age+"/internal/format"),
		"binary reaches seal":     at("relay/cmd/anamnesis", module+"shared/seal"),
		"share reaches seal":      at("shared/share", module+"shared/seal"),
		"seal reaches record":     at("shared/seal", module+"shared/record"),
		"record reaches seal":     at("shared/record", module+"shared/seal"),
		"core reaches net/http":   at("wasm/api", "net/http"),
		"shared reaches the web":  at("shared/folder", "net/http"),
		"conformance reaches hub": at("relay/conformance", module+"relay/hub"),
	} {
		if len(reached(p)) == 0 {
			t.Errorf("%s: not refused", name)
		}
	}
	if bad := slices.Concat(direct(at("shared/chain", msgp, "fmt", module+"shared/block")), reached(at("shared/seal", age, module+"shared/share"))); len(bad) > 0 {
		t.Errorf("allowed arrows refused: %q", bad)
	}
}
