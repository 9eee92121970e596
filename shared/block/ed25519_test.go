package block

import (
	"bytes"
	"crypto/ed25519"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/hdevalence/ed25519consensus"
	voi "github.com/oasisprotocol/curve25519-voi/primitives/ed25519"

	"github.com/anamnesis-health/anamnesis/shared/spec"
)

// edge is one row of ed25519.json: 14 × 14 encodings of small order, torsion in key or R, non-canonical points, S out
// of range.
type edge struct {
	Name                    string
	Key, Message, Signature spec.Hex
	Valid, Enroll           bool
}

// zip215 is curve25519-voi in ZIP-215 mode, the second opinion.
var zip215 = &voi.Options{Verify: voi.VerifyOptionsZIP_215}

func single(key, msg, sig []byte) bool { return ed25519consensus.Verify(key, msg, sig) }

// batched judges one signature inside a batch of honest ones, so that the batch equation decides.
func batched(t testing.TB, key, msg, sig []byte) bool {
	t.Helper()
	v := ed25519consensus.NewBatchVerifier()
	for i := range byte(3) {
		k := testKey(40 + i)
		v.Add(k.Public().(ed25519.PublicKey), []byte{i}, ed25519.Sign(k, []byte{i}))
	}
	v.Add(key, msg, sig)
	return v.Verify()
}

func voiBatched(key, msg, sig []byte) bool {
	v := voi.NewBatchVerifier()
	for i := range byte(3) {
		k := testKey(40 + i)
		v.AddWithOptions(voi.PublicKey(k.Public().(ed25519.PublicKey)), []byte{i}, ed25519.Sign(k, []byte{i}), zip215)
	}
	v.AddWithOptions(key, msg, sig, zip215)
	ok, _ := v.Verify(rand.Reader)
	return ok
}

func voiSingle(key, msg, sig []byte) bool { return voi.VerifyWithOptions(key, msg, sig, zip215) }

// TestAttackA13 judges every edge of ed25519.json four times: singly and in a batch, by the verifier in use and by
// the second opinion. None may differ from the page's reading of ZIP-215, and no small-order key may be enrolled.
func TestAttackA13(t *testing.T) {
	valid := 0
	for _, c := range cases[edge](t, "ed25519") {
		for how, got := range map[string]bool{
			"single": single(c.Key, c.Message, c.Signature), "batch": batched(t, c.Key, c.Message, c.Signature),
			"voi": voiSingle(c.Key, c.Message, c.Signature), "voi batch": voiBatched(c.Key, c.Message, c.Signature),
		} {
			if got != c.Valid {
				t.Errorf("%s: %s says %v", c.Name, how, got)
			}
		}
		var key Key
		key[0] = AlgEd25519
		copy(key[1:], c.Key)
		if err := CheckKey(key); (err == nil) != c.Enroll {
			t.Errorf("%s: enrolling says %v", c.Name, err)
		}
		if c.Valid {
			valid++
		}
	}
	if valid < 200 {
		t.Fatalf("only %d edges are valid: the vectors are not those of the page", valid)
	}
}

// TestAttackA13StandardDiffers shows why the standard library must not decide: on these edges it says otherwise.
func TestAttackA13StandardDiffers(t *testing.T) {
	differ := 0
	for _, c := range cases[edge](t, "ed25519") {
		if ed25519.Verify(ed25519.PublicKey(c.Key), c.Message, c.Signature) != c.Valid {
			differ++
		}
	}
	if differ == 0 {
		t.Fatal("the standard library agrees on every edge: the edges have lost their point")
	}
}

// TestAttackA13OneSignatureOfNobody: under a small-order key one signature holds for two opposite messages, so the
// check at enrollment is the only barrier.
func TestAttackA13OneSignatureOfNobody(t *testing.T) {
	var key Key
	key[0], key[1] = AlgEd25519, 1 // the identity point
	sig := append(append([]byte{1}, make([]byte, 31)...), make([]byte, 32)...)
	for _, body := range []string{"grant", "revoke"} {
		if err := Verify(Net{}, key, SigBlock, []byte(body), sig); err != nil {
			t.Fatalf("the identity key is not what this test thinks: %v", err)
		}
	}
	if CheckKey(key) == nil {
		t.Fatal("the identity key was enrolled")
	}
}

func FuzzVerifiersAgree(f *testing.F) {
	all, err := spec.Cases[edge]("ed25519")
	if err != nil {
		f.Fatal(err)
	}
	for _, c := range all {
		if len(c.Signature) == ed25519.SignatureSize {
			f.Add([]byte(c.Key), []byte(c.Message), []byte(c.Signature))
		}
	}
	f.Fuzz(func(t *testing.T, key, msg, sig []byte) {
		if len(key) != ed25519.PublicKeySize || len(sig) != ed25519.SignatureSize {
			return
		}
		want := single(key, msg, sig)
		if batched(t, key, msg, sig) != want || voiSingle(key, msg, sig) != want || voiBatched(key, msg, sig) != want {
			t.Fatalf("verifiers disagree on key %x, message %x, signature %x: single says %v", key, msg, sig, want)
		}
	})
}

// TestWycheproofEd25519 runs the public vectors where they exist. ZIP-215 and RFC 8032 differ in none of them but
// tcId 151, a signature whose R is not canonical and which ZIP-215 may accept.
func TestWycheproofEd25519(t *testing.T) {
	dir := os.Getenv("ANAMNESIS_DATA")
	if dir == "" {
		dir = filepath.Join("..", "..", "..", "shared", "data")
	}
	raw, err := os.ReadFile(filepath.Join(dir, "wycheproof", "testvectors_v1", "ed25519_test.json"))
	if err != nil {
		t.Skipf("Wycheproof vectors are not here (ANAMNESIS_DATA): %v", err)
	}
	var file struct {
		TestGroups []struct {
			PublicKey struct{ Pk spec.Hex }
			Tests     []struct {
				TcID     int
				Msg, Sig spec.Hex
				Result   string
				Comment  string
			}
		}
	}
	if err := json.Unmarshal(raw, &file); err != nil {
		t.Fatal(err)
	}
	ran := 0
	for _, g := range file.TestGroups {
		for _, c := range g.Tests {
			ran++
			got := single(g.PublicKey.Pk, c.Msg, c.Sig)
			if batched(t, g.PublicKey.Pk, c.Msg, c.Sig) != got {
				t.Errorf("tcId %d: single and batch disagree", c.TcID)
			}
			if got != (c.Result == "valid") && c.TcID != 151 {
				t.Errorf("tcId %d (%s): %v, want %s", c.TcID, c.Comment, got, c.Result)
			}
		}
	}
	if ran < 100 {
		t.Fatalf("only %d vectors ran", ran)
	}
}

func TestVerifyAllNamesTheBadOnes(t *testing.T) {
	for _, n := range []int{1, 2, 3, 4, 5, 8, 9, 64} {
		for _, bad := range [][]int{nil, {0}, {n - 1}, {0, n - 1}} {
			all := signedMany(n)
			for _, i := range slices.Compact(slices.Clone(bad)) {
				all[i].Sig = bytes.Clone(all[i].Sig)
				all[i].Sig[7] ^= 1
			}
			errs := VerifyAll(Net{1}, all)
			if (errs == nil) != (bad == nil) {
				t.Fatalf("%d with %v bad: %v", n, bad, errs)
			}
			for i, err := range errs {
				if want := slices.Contains(bad, i); (err != nil) != want {
					t.Fatalf("%d with %v bad: entry %d says %v", n, bad, i, err)
				}
			}
		}
	}
}

func TestVerifyAllRefusesOddSignatures(t *testing.T) {
	for name, spoil := range map[string]func(*Signed){
		"short signature": func(s *Signed) { s.Sig = s.Sig[:63] }, "long signature": func(s *Signed) { s.Sig = append(s.Sig, 0) },
		"no signature": func(s *Signed) { s.Sig = nil }, "algorithm 2": func(s *Signed) { s.Key[0] = 2 },
		"algorithm 0": func(s *Signed) { s.Key[0] = 0 }, "another type": func(s *Signed) { s.Type = SigLane },
		"another body": func(s *Signed) { s.Body = []byte("x") }, "key off the curve": func(s *Signed) { s.Key = Key{1, 2} },
	} {
		all := signedMany(8)
		spoil(&all[3])
		errs := VerifyAll(Net{1}, all)
		if errs == nil || errs[3] == nil || errs[2] != nil {
			t.Errorf("%s: %v", name, errs)
		}
	}
	if VerifyAll(Net{2}, signedMany(8)) == nil {
		t.Error("another net: accepted")
	}
	if VerifyAll(Net{1}, nil) != nil {
		t.Error("nothing to check: refused")
	}
}

func signedMany(n int) []Signed {
	all := make([]Signed, n)
	for i := range all {
		k := testKey(byte(i))
		body := []byte{byte(i), byte(i >> 8)}
		all[i] = Signed{KeyOf(k), SigBlock, body, Sign(Net{1}, k, SigBlock, body)}
	}
	return all
}

func TestCheckKeyRefuses(t *testing.T) {
	good := KeyOf(testKey(1))
	if err := CheckKey(good); err != nil {
		t.Fatal(err)
	}
	unhex := func(s string) (k Key) {
		b, err := hex.DecodeString(s)
		if err != nil {
			t.Fatal(err)
		}
		copy(k[:], b)
		return k
	}
	for name, k := range map[string]Key{
		"zero":              {},
		"algorithm 0":       func() Key { k := good; k[0] = 0; return k }(),
		"algorithm 2":       func() Key { k := good; k[0] = 2; return k }(),
		"identity":          unhex("010100000000000000000000000000000000000000000000000000000000000000" + "00"),
		"order 4, y = 0":    {1},
		"y = p, order 4":    unhex("01edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f"),
		"y = p+1, identity": unhex("01eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f"),
		"y = 1, sign set":   unhex("010100000000000000000000000000000000000000000000000000000000000080"),
		"off the curve":     {1, 2},
	} {
		if CheckKey(k) == nil {
			t.Errorf("%s was enrolled", name)
		}
	}
}

// BenchmarkVerify compares the two candidates for ZIP-215 verification: one by one and in batches of 64 and 512.
func BenchmarkVerify(b *testing.B) {
	for _, n := range []int{1, 64, 512} {
		all := signedMany(n)
		messages := make([][]byte, n)
		for i, s := range all {
			messages[i] = message(Net{1}, s.Type, s.Body)
		}
		report := func(b *testing.B) {
			b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(b.N*n), "µs/signature")
		}
		b.Run(fmt.Sprintf("ed25519consensus/%d", n), func(b *testing.B) {
			for b.Loop() {
				if n == 1 && !single(all[0].Key[1:], messages[0], all[0].Sig) || n > 1 && !verifyBatch(Net{1}, all) {
					b.Fatal("refused")
				}
			}
			report(b)
		})
		b.Run(fmt.Sprintf("voi/%d", n), func(b *testing.B) {
			for b.Loop() {
				if n == 1 && !voiSingle(all[0].Key[1:], messages[0], all[0].Sig) || n > 1 && !voiMany(all, messages) {
					b.Fatal("refused")
				}
			}
			report(b)
		})
	}
}

func voiMany(all []Signed, messages [][]byte) bool {
	v := voi.NewBatchVerifierWithCapacity(len(all))
	for i, s := range all {
		v.AddWithOptions(s.Key[1:], messages[i], s.Sig, zip215)
	}
	ok, _ := v.Verify(rand.Reader)
	return ok
}
