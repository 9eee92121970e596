package api_test

import (
	"bytes"
	"encoding/json"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/anamnesis-health/anamnesis/shared/sim"
	"github.com/anamnesis-health/anamnesis/wasm/api"
)

const nowMS = 1_795_179_600_000

// browser is a core over a disk in memory, with no relay.
type browser struct {
	t    *testing.T
	core *api.Core
	disk *sim.Device
	net  []byte
}

func newBrowser(t *testing.T) *browser {
	t.Helper()
	n, err := sim.NewNetwork("http://127.0.0.1:8788", nowMS/1000)
	if err != nil {
		t.Fatal(err)
	}
	d, err := sim.NewDevice(n, 1, nowMS)
	if err != nil {
		t.Fatal(err)
	}
	b := &browser{t: t, disk: d, net: n.Bytes()}
	b.start()
	return b
}

func (b *browser) start() {
	b.t.Helper()
	var err error
	if b.core, err = api.New(b.disk, b.net, "http://127.0.0.1:8788"); err != nil {
		b.t.Fatal(err)
	}
}

// call is what the page does; result may be nil.
func (b *browser) call(method string, args, result any, in ...byte) []byte {
	b.t.Helper()
	out, code := b.try(method, args, result, in...)
	if code != "" {
		b.t.Fatalf("%s: %s", method, code)
	}
	return out
}

func (b *browser) try(method string, args, result any, in ...byte) (out []byte, code string) {
	b.t.Helper()
	a, err := json.Marshal(args)
	if err != nil {
		b.t.Fatal(err)
	}
	r, out, err := b.core.Call(method, a, in)
	if err != nil {
		code, _ := api.CodeOf(err)
		return nil, code
	}
	if result != nil {
		if err := json.Unmarshal(r, result); err != nil {
			b.t.Fatal(err)
		}
	}
	return out, ""
}

func (b *browser) folder() {
	b.t.Helper()
	var kit api.KitSheet
	b.call("kit.make", api.KitMakeArgs{Name: "Amina Haddad", BirthDate: "1992-02-29"}, &kit)
	if _, code := b.try("folder.create", api.PassphraseArgs{Passphrase: "a long passphrase"}, nil); code != "kit/unproven" {
		b.t.Fatalf("a folder without a proven kit: %q", code)
	}
	wrong := slices.Clone(kit.Words)
	wrong[0], wrong[1] = wrong[1], wrong[0]
	if _, code := b.try("kit.prove", api.KitProveArgs{Words: strings.Join(wrong, " ")}, nil); code == "" {
		b.t.Fatal("two words swapped were taken")
	}
	b.call("kit.prove", api.KitProveArgs{QR: kit.QR}, nil)
	if _, code := b.try("folder.create", api.PassphraseArgs{Passphrase: "short"}, nil); code != "vault/short" {
		b.t.Fatalf("a short passphrase: %q", code)
	}
	var s api.Status
	b.call("folder.create", api.PassphraseArgs{Passphrase: "a long passphrase"}, &s)
	if s.Phase != api.PhaseOpen || s.Name != "Amina Haddad" || s.OwnFolder == "" || s.Saved < 5 {
		b.t.Fatalf("after creating: %+v", s)
	}
}

func TestFolderThroughThePagesCalls(t *testing.T) {
	b := newBrowser(t)
	b.folder()
	file, err := os.ReadFile("../../shared/record/testdata/crlf-bundle.json")
	if err != nil {
		t.Fatal(err)
	}
	var p api.ImportPreview
	b.call("import.preview", api.ImportPreviewArgs{FileName: "crlf.json", MediaType: "application/fhir+json"}, &p, file...)
	if len(p.Items) == 0 || p.Size != len(file) {
		t.Fatalf("preview: %+v", p)
	}
	b.call("import.start", api.ImportStartArgs{ImportID: p.ImportID, Sections: []api.ImportSection{{Index: 0, Section: 4}}}, nil)
	var g api.ImportProgress
	for !g.Finished {
		b.call("import.step", api.ImportIDArgs{ImportID: p.ImportID}, &g)
	}
	if back := b.call("export.source", api.SourceArgs{Source: g.SourceID}, nil); !bytes.Equal(back, file) {
		t.Fatal("the file came back changed")
	}
	var line api.Timeline
	b.call("timeline", api.TimelineArgs{Section: 4, Limit: 10}, &line)
	if line.Total != 1 || line.Items[0].Standing != "own" || line.Items[0].Origin != "imported" || line.Items[0].Delivery != "saved" {
		t.Fatalf("the moved record: %+v", line)
	}
	var rec api.Record
	content := b.call("record.open", api.RecordArgs{Record: line.Items[0].Record}, &rec)
	if !bytes.Contains(file, content) || rec.Size != len(content) {
		t.Fatalf("content %q", content)
	}
	b.call("lock", api.Empty{}, nil)
	if _, code := b.try("record.open", api.RecordArgs{Record: line.Items[0].Record}, nil); code != "vault/locked" {
		t.Fatalf("locked: %q", code)
	}
	b.start()
	if _, code := b.try("unlock", api.PassphraseArgs{Passphrase: "another passphrase"}, nil); code != "vault/passphrase" {
		t.Fatalf("wrong passphrase: %q", code)
	}
	b.call("unlock", api.PassphraseArgs{Passphrase: "a long passphrase"}, nil)
	b.call("timeline", api.TimelineArgs{Limit: 10}, &line)
	if line.Total != len(p.Items) {
		t.Fatalf("after unlock: %+v", line)
	}
	var s api.Status
	b.call("forget", api.Empty{}, &s)
	if s.Phase != api.PhaseEmpty {
		t.Fatalf("after forgetting: %+v", s)
	}
}

// TestEveryMethodOfThePage holds methods.md to the truth: each method is there, refuses nonsense with a code, and
// needs an unlocked profile unless it is part of getting one.
func TestEveryMethodOfThePage(t *testing.T) {
	page, err := os.ReadFile("methods.md")
	if err != nil {
		t.Fatal(err)
	}
	free := []string{"status", "notice.dismiss", "lock", "forget", "kit.make", "restore.state", "restore.cancel", "import.cancel", "archive.cancel", "meet.state", "meet.nomatch", "meet.refuse", "admission", "admission.ask", "document.cancel", "passkey"}
	rows := regexp.MustCompile(`(?m)^\| ([a-z.]+) \| [A-Z]`).FindAllStringSubmatch(string(page), -1)
	if len(rows) < 35 {
		t.Fatalf("%d methods in methods.md", len(rows))
	}
	for _, row := range rows {
		b := newBrowser(t)
		if _, code := b.try(row[1], api.Empty{}, nil); code == "core/method" {
			t.Errorf("%s is not there", row[1])
		} else if (code == "") != slices.Contains(free, row[1]) && row[1] != "kit.make" {
			t.Errorf("%s on an empty browser answers %q", row[1], code)
		}
		if _, _, err := b.core.Call(row[1], []byte(`{"passphrase":7,"name":[],"importID":{},"folder":1,"record":2,"words":3,"id":4,"code":5,"grant":6,"source":8,"sections":"x","fileName":9}`), nil); err == nil &&
			!slices.Contains(free, row[1]) {
			t.Errorf("%s took arguments of the wrong types", row[1])
		}
	}
	if _, _, err := newBrowser(t).core.Call("no.such", nil, nil); err == nil {
		t.Error("a method that is not there answered")
	}
}

func TestAForeignNetworkIsRefused(t *testing.T) {
	b := newBrowser(t)
	bad := bytes.Clone(b.net)
	bad[len(bad)-1] ^= 1
	if _, err := api.New(b.disk, bad, ""); err == nil {
		t.Fatal("a network that its founder did not sign was taken")
	} else if code, _ := api.CodeOf(err); code != "core/network" {
		t.Fatal(err)
	}
}
