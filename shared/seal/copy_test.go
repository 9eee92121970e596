package seal_test

import (
	"bytes"
	"compress/zlib"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	agetest "c2sp.org/CCTV/age"

	"github.com/anamnesis-health/anamnesis/shared/seal"
)

func copyOf(t testing.TB, key seal.CopyKey, text []byte) []byte {
	t.Helper()
	var out bytes.Buffer
	w, err := key.Copy(&out)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write(text); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func newCopyKey(t testing.TB) seal.CopyKey {
	t.Helper()
	key, err := seal.NewCopyKey()
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func TestCopy(t *testing.T) {
	key, text := newCopyKey(t), pattern(200_000)
	if !strings.HasPrefix(key.Text(), "AGE-SECRET-KEY-PQ-1") {
		t.Fatal("no hybrid key")
	}
	again, err := seal.ParseCopyKey(key.Text())
	if err != nil {
		t.Fatal(err)
	}
	file := copyOf(t, key, text)
	if got, err := again.Open(file); err != nil || !bytes.Equal(got, text) {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		key  seal.CopyKey
		file []byte
		want error
	}{
		"another key":      {newCopyKey(t), file, seal.ErrOpen},
		"cut at the chunk": {key, file[:len(file)-(200_000-3*64<<10)-16], seal.ErrOpen},
		"last byte cut":    {key, file[:len(file)-1], seal.ErrOpen},
		"one byte more":    {key, append(bytes.Clone(file), 0), seal.ErrOpen},
		"body altered":     {key, append(bytes.Clone(file[:len(file)-1]), file[len(file)-1]^1), seal.ErrOpen},
		"header cut":       {key, file[:100], seal.ErrHybrid},
		"over the limit":   {key, make([]byte, seal.MaxCopy+1), seal.ErrOpen},
		"a record":         {key, sealRecord(t, text).file, seal.ErrHybrid},
	} {
		if got, err := c.key.Open(c.file); !errors.Is(err, c.want) || got != nil {
			t.Errorf("%s: %d bytes, %v", name, len(got), err)
		}
	}
	for _, s := range []string{"", "AGE-SECRET-KEY-1EGTZVFFV20835NWYV6270LXYVK2VKNX2MMDKWYKLMGR48UAWX40Q2P2LM0", key.Text()[1:], key.Text() + "Q", strings.ToLower(key.Text())[:40]} {
		if _, err := seal.ParseCopyKey(s); !errors.Is(err, seal.ErrHybrid) || s != "" && strings.Contains(err.Error(), s) {
			t.Errorf("key %q: %v", s, err)
		}
	}
}

// A record exported as a sealed copy opens with the age command of the version in go.mod.
func TestCopyAgeCommand(t *testing.T) {
	if runtime.GOOS == "js" {
		t.Skip("no processes under js/wasm")
	}
	if testing.Short() {
		t.Skip("builds the age command")
	}
	dir := t.TempDir()
	at := func(name string) string { return filepath.Join(dir, name) }
	if out, err := exec.Command("go", "build", "-o", at("age"), "filippo.io/age/cmd/age").CombinedOutput(); err != nil {
		t.Fatalf("the age command does not build: %v\n%s", err, out)
	}
	text := pattern(70_000)
	s := sealRecord(t, text)
	opened, err := seal.Open(s.file, s.key)
	if err != nil {
		t.Fatal(err)
	}
	key := newCopyKey(t)
	for name, b := range map[string][]byte{"key": []byte(key.Text() + "\n"), "record.age": copyOf(t, key, opened)} {
		if err := os.WriteFile(at(name), b, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	cmd := exec.Command(at("age"), "-d", "-i", at("key"), at("record.age"))
	var complaint bytes.Buffer
	cmd.Stderr = &complaint
	if out, err := cmd.Output(); err != nil || !bytes.Equal(out, text) {
		t.Errorf("%d bytes, %v\n%s", len(out), err, complaint.String())
	}
}

type ageVector struct {
	expect, payload string
	key             *seal.CopyKey
	fileKey         []byte
	file            []byte
}

func parseAgeVector(t *testing.T, raw []byte) (v ageVector) {
	compressed := false
	for {
		line, rest, ok := bytes.Cut(raw, []byte("\n"))
		if !ok {
			t.Fatal("no payload")
		}
		if raw = rest; len(line) == 0 {
			break
		}
		name, value, _ := strings.Cut(string(line), ": ")
		switch name {
		case "expect":
			v.expect = value
		case "payload":
			v.payload = value
		case "identity":
			if k, err := seal.ParseCopyKey(value); err == nil {
				v.key = &k
			}
		case "file key":
			var err error
			if v.fileKey, err = hex.DecodeString(value); err != nil {
				t.Fatal(err)
			}
		case "compressed":
			compressed = true
		}
	}
	v.file = raw
	if compressed {
		r, err := zlib.NewReader(bytes.NewReader(raw))
		if err != nil {
			t.Fatal(err)
		}
		if v.file, err = io.ReadAll(r); err != nil {
			t.Fatal(err)
		}
	}
	return v
}

func eachAgeVector(t *testing.T, run func(t *testing.T, name string, v ageVector)) {
	entries, err := fs.ReadDir(agetest.Vectors, ".")
	if err != nil || len(entries) < 100 {
		t.Fatal(len(entries), err)
	}
	for _, e := range entries {
		raw, err := fs.ReadFile(agetest.Vectors, e.Name())
		if err != nil {
			t.Fatal(err)
		}
		t.Run(e.Name(), func(t *testing.T) { run(t, e.Name(), parseAgeVector(t, raw)) })
	}
}

// Every age vector through CopyKey.Open: of those that age opens, the purely hybrid ones open, and the classic,
// mixed, greased and armored ones are refused by name; what age refuses is refused.
func TestAgeVectorsCopy(t *testing.T) {
	opens := map[string]bool{"hybrid": true, "hybrid_multiple_recipients": true}
	other, opened := newCopyKey(t), 0
	eachAgeVector(t, func(t *testing.T, name string, v ageVector) {
		key := other
		if v.key != nil {
			key = *v.key
		}
		text, err := key.Open(v.file)
		sum := sha256.Sum256(text)
		switch {
		case opens[name]:
			opened++
			if err != nil || hex.EncodeToString(sum[:]) != v.payload {
				t.Errorf("does not open: %v", err)
			}
		case text != nil:
			t.Errorf("opened %d bytes", len(text))
		case v.expect == "success" && !errors.Is(err, seal.ErrHybrid):
			t.Errorf("refused otherwise than for its recipients: %v", err)
		case err == nil:
			t.Error("no error")
		}
	})
	if opened != len(opens) {
		t.Errorf("%d of %d opened", opened, len(opens))
	}
}

// The bodies of the same vectors, each behind a record's own header with that file key.
func TestAgeVectorsStream(t *testing.T) {
	s, ran := sealRecord(t, nil), 0
	h, err := seal.ParseHeader(s.file)
	if err != nil {
		t.Fatal(err)
	}
	e := b64(append(h.Owner[:], h.Section[:]...))
	ours := "-> anamnesis.v1 " + b64(h.Session[:]) + " " + b64(h.Record[:]) + "\n" + e[:64] + "\n" + e[64:] + "\n"
	eachAgeVector(t, func(t *testing.T, name string, v ageVector) {
		if !strings.HasPrefix(name, "stream_") {
			t.SkipNow()
		}
		ran++
		mac := bytes.Index(v.file, []byte("\n--- ")) + 5
		stream := v.file[mac+bytes.IndexByte(v.file[mac:], '\n')+1:]
		key := seal.FileKey(v.fileKey)
		text, err := seal.Open(append([]byte(header(ours, key)), stream...), key)
		sum := sha256.Sum256(text)
		switch {
		case v.expect == "success" && (err != nil || hex.EncodeToString(sum[:]) != v.payload):
			t.Errorf("does not open: %v", err)
		case v.expect != "success" && (!errors.Is(err, seal.ErrOpen) || text != nil):
			t.Errorf("%d bytes, %v", len(text), err)
		}
	})
	if ran < 25 {
		t.Errorf("only %d streams ran", ran)
	}
}

func FuzzCopyOpen(f *testing.F) {
	key := newCopyKey(f)
	good := copyOf(f, key, []byte("text"))
	f.Add(good)
	f.Add(good[:len(good)-1])
	f.Add([]byte("age-encryption.org/v1\n-> mlkem768x25519 x\n\n--- \n"))
	f.Fuzz(func(t *testing.T, file []byte) {
		text, err := key.Open(file)
		if err == nil && !bytes.Equal(file, good) || err != nil && text != nil {
			t.Fatalf("%d bytes, %v", len(text), err)
		}
	})
}

// Promise 6: of everything this package writes, each header is read, and no stanza but ours and the hybrid one
// stands in it.
func TestHybridOnly(t *testing.T) {
	s := sealRecord(t, pattern(600))
	own, err := seal.OwnerOnly(s.ctx, s.keys.Owner, pattern(600), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	_, leaves := writeBlob(t, pattern(600), 608)
	for want, files := range map[string][][]byte{
		"anamnesis.v1":      {s.file, own},
		"anamnesis.blob.v1": {leaves[1]},
		"mlkem768x25519":    {copyOf(t, newCopyKey(t), pattern(600))},
	} {
		for _, file := range files {
			head, _, ok := bytes.Cut(file, []byte("\n---"))
			lines := strings.Split(string(head), "\n")
			if !ok || lines[0] != "age-encryption.org/v1" {
				t.Fatalf("%s: header %q", want, head)
			}
			var stanzas []string
			for _, l := range lines {
				if rest, ok := strings.CutPrefix(l, "-> "); ok {
					kind, _, _ := strings.Cut(rest, " ")
					stanzas = append(stanzas, kind)
				}
			}
			if len(stanzas) != 1 || stanzas[0] != want {
				t.Errorf("stanzas %q, not %q alone", stanzas, want)
			}
		}
	}
}
