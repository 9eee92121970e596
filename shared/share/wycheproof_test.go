package share_test

import (
	"bytes"
	"crypto/hkdf"
	"crypto/sha256"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"golang.org/x/crypto/chacha20poly1305"
)

// wycheproof reads a file of Project Wycheproof, which this repository does not carry.
func wycheproof(t *testing.T, name string, into any) {
	t.Helper()
	dir := os.Getenv("ANAMNESIS_DATA")
	if dir == "" {
		dir = "../../../shared/data" // beside the checkout
	}
	raw, err := os.ReadFile(filepath.Join(dir, "wycheproof", "testvectors_v1", name))
	if err != nil {
		t.Skipf("no Wycheproof vectors: set ANAMNESIS_DATA to a folder that holds wycheproof/testvectors_v1 (%v)", err)
	}
	if err := json.Unmarshal(raw, into); err != nil {
		t.Fatal(err)
	}
}

func TestWycheproofAEAD(t *testing.T) {
	var v struct {
		TestGroups []struct {
			Tests []struct {
				TcID                       int
				Key, IV, AAD, Msg, CT, Tag octets
				Result                     string
			}
		}
	}
	wycheproof(t, "chacha20_poly1305_test.json", &v)
	ran := 0
	for _, g := range v.TestGroups {
		for _, c := range g.Tests {
			a, err := chacha20poly1305.New(c.Key)
			if err != nil || len(c.IV) != a.NonceSize() {
				if c.Result == "valid" {
					t.Errorf("test %d: %v", c.TcID, err)
				}
				continue
			}
			ran++
			sealed := append(bytes.Clone(c.CT), c.Tag...)
			text, err := a.Open(nil, c.IV, sealed, c.AAD)
			if (err == nil) != (c.Result == "valid") || err == nil && !bytes.Equal(text, c.Msg) {
				t.Errorf("test %d (%s): %v", c.TcID, c.Result, err)
			}
		}
	}
	if ran < 300 {
		t.Errorf("only %d cases ran", ran)
	}
}

func TestWycheproofHKDF(t *testing.T) {
	var v struct {
		TestGroups []struct {
			Tests []struct {
				TcID                 int
				IKM, Salt, Info, OKM octets
				Size                 int
				Result               string
			}
		}
	}
	wycheproof(t, "hkdf_sha256_test.json", &v)
	ran := 0
	for _, g := range v.TestGroups {
		for _, c := range g.Tests {
			ran++
			out, err := hkdf.Key(sha256.New, c.IKM, c.Salt, string(c.Info), c.Size)
			if (err == nil) != (c.Result == "valid") || err == nil && !bytes.Equal(out, c.OKM) {
				t.Errorf("test %d (%s): %v", c.TcID, c.Result, err)
			}
		}
	}
	if ran < 80 {
		t.Errorf("only %d cases ran", ran)
	}
}
