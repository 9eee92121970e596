package api_test

import (
	"bytes"
	"os"
	"testing"

	"github.com/anamnesis-health/anamnesis/shared/govern"
	"github.com/anamnesis-health/anamnesis/shared/sim"
	"github.com/anamnesis-health/anamnesis/wasm/api"
)

// imported is a browser with an own folder and one file in it; it gives the first record of the timeline.
func imported(t *testing.T, path string) (*browser, api.TimelineItem) {
	t.Helper()
	b := newBrowser(t)
	b.folder()
	file, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var p api.ImportPreview
	b.call("import.preview", api.ImportPreviewArgs{FileName: "file.json", MediaType: "application/fhir+json"}, &p, file...)
	b.call("import.start", api.ImportStartArgs{ImportID: p.ImportID}, nil)
	var g api.ImportProgress
	for !g.Finished {
		b.call("import.step", api.ImportIDArgs{ImportID: p.ImportID}, &g)
	}
	var line api.Timeline
	b.call("timeline", api.TimelineArgs{Limit: 10}, &line)
	return b, line.Items[0]
}

func states(steps []api.ProofStep) string {
	out := ""
	for _, s := range steps {
		out += s.State[:1]
	}
	return out
}

// TestPromise7ProofNamesTheFailedStep: a record's check says ok only of what held, and an altered copy fails at the
// step that finds it, with nothing green after it and nobody named.
func TestPromise7ProofNamesTheFailedStep(t *testing.T) {
	b, it := imported(t, "../../shared/record/testdata/crlf-bundle.json")
	var p api.Proof
	b.call("proof.show", api.RecordArgs{Record: it.Record}, &p)
	if states(p.Steps) != "ooooooooou" || p.Failed != "" || p.Name != "Amina Haddad" || p.Header.ID != it.Record || p.Walked != p.Blocks || p.Blocks != p.Header.Seq+1 {
		t.Fatalf("whole: %s %+v", states(p.Steps), p)
	}
	if last := p.Steps[len(p.Steps)-1]; last.Name != "final" || last.Code != "proof/no-witnesses" {
		t.Fatalf("final before witnesses: %+v", last)
	}
	raw := b.call("proof.block", api.RecordArgs{Record: it.Record}, nil)
	seen := map[string]bool{}
	for at := 0; at < len(raw); at += 7 {
		bad := append([]byte{}, raw...)
		bad[at] ^= 1
		var p api.Proof
		b.call("proof.show", api.RecordArgs{Record: it.Record}, &p, bad...)
		if p.Failed == "" || p.Name != "" || p.Item.Author != "" || p.Device != "" {
			t.Fatalf("byte %d changed: %s, %+v", at, states(p.Steps), p)
		}
		for i, s := range p.Steps {
			if s.Name == p.Failed {
				seen[s.Name] = true
				for _, later := range p.Steps[i+1:] {
					if later.State != "unknown" {
						t.Fatalf("byte %d: %s after %s failed", at, later.Name, s.Name)
					}
				}
			}
		}
	}
	if !seen["header"] || !seen["signature"] || !seen["payload"] || len(seen) != 3 {
		t.Fatalf("failed steps %v", seen)
	}
	b.call("proof.show", api.RecordArgs{Record: it.Record}, &p)
	if p.Failed != "" {
		t.Fatal("another's copy changed what this device holds")
	}
}

func TestProofOfNothing(t *testing.T) {
	b, it := imported(t, "../../shared/record/testdata/crlf-bundle.json")
	other := "00" + it.Record[2:]
	if _, code := b.try("proof.show", api.RecordArgs{Record: other}, nil); code != "record/unknown" {
		t.Errorf("an unknown record: %q", code)
	}
	if _, code := b.try("proof.show", api.RecordArgs{Record: it.Record, Folder: other}, nil); code != "folder/unknown" {
		t.Errorf("an unknown folder: %q", code)
	}
	b.call("lock", api.Empty{}, nil)
	for _, m := range []string{"proof.show", "proof.block"} {
		if _, code := b.try(m, api.RecordArgs{Record: it.Record}, nil); code != "vault/locked" {
			t.Errorf("%s locked: %q", m, code)
		}
	}
}

// TestProofFileChecksAnywhere: the file that a folder gives is checked by a core without any profile, with the block and
// without, names nobody, and holds nothing of the record.
func TestProofFileChecksAnywhere(t *testing.T) {
	b, it := imported(t, "../../shared/record/testdata/crlf-bundle.json")
	arg := api.RecordArgs{Record: it.Record}
	var f api.File
	proof := b.call("proof.save", arg, &f)
	wire := b.call("proof.block", arg, nil)
	content := b.call("record.open", arg, nil)
	if f.Size != len(proof) || bytes.Contains(proof, content[:16]) || bytes.Contains(proof, []byte("Amina")) {
		t.Fatalf("%+v", f)
	}
	b.call("lock", api.Empty{}, nil)
	stranger := &browser{t: t, net: b.net}
	d, err := sim.NewDevice(network(t, b.net), 9, nowMS)
	if err != nil {
		t.Fatal(err)
	}
	stranger.disk = d
	stranger.start()
	for _, who := range []*browser{b, stranger} {
		var v api.ProofVerdict
		who.call("proof.check", api.ProofCheckArgs{ProofSize: len(proof)}, &v, proof...)
		if states(v.Steps) != "ooouu" || v.Header.ID != it.Record || v.Folder != "" {
			t.Fatalf("without the block: %s %+v", states(v.Steps), v)
		}
		who.call("proof.check", api.ProofCheckArgs{ProofSize: len(proof)}, &v, append(bytes.Clone(proof), wire...)...)
		if states(v.Steps) != "oooou" {
			t.Fatalf("with the block: %s", states(v.Steps))
		}
		bad := append(bytes.Clone(proof), wire...)
		bad[len(proof)+300] ^= 1
		who.call("proof.check", api.ProofCheckArgs{ProofSize: len(proof)}, &v, bad...)
		if v.Failed != "payload" {
			t.Fatalf("with a changed block: %q", v.Failed)
		}
		bad = bytes.Clone(proof)
		bad[len(bad)-10] ^= 1 // in the signature
		who.call("proof.check", api.ProofCheckArgs{ProofSize: len(bad)}, &v, bad...)
		if v.Failed != "signature" {
			t.Fatalf("with a changed signature: %q", v.Failed)
		}
		for _, size := range []int{-1, len(proof) + 1, 1 << 40} {
			if _, code := who.try("proof.check", api.ProofCheckArgs{ProofSize: size}, nil, proof...); code != "core/arguments" {
				t.Errorf("size %d: %q", size, code)
			}
		}
		for _, nonsense := range [][]byte{{}, wire, proof[:len(proof)-1], content} {
			if _, code := who.try("proof.check", api.ProofCheckArgs{ProofSize: len(nonsense)}, nil, nonsense...); code != "proof/format" {
				t.Errorf("%d bytes of nonsense: %q", len(nonsense), code)
			}
		}
	}
	b.call("unlock", api.PassphraseArgs{Passphrase: "a long passphrase"}, nil)
	var v api.ProofVerdict
	var s api.Status
	b.call("status", api.Empty{}, &s)
	if b.call("proof.check", api.ProofCheckArgs{ProofSize: len(proof)}, &v, proof...); v.Folder != s.OwnFolder {
		t.Fatalf("its own record: %q", v.Folder)
	}
}

func network(t *testing.T, file []byte) *govern.Network {
	t.Helper()
	n, err := govern.Parse(file)
	if err != nil {
		t.Fatal(err)
	}
	return n
}
