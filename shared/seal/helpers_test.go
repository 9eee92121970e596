package seal_test

import (
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"io"
	"testing"

	"golang.org/x/crypto/chacha20poly1305"

	"github.com/anamnesis-health/anamnesis/shared/block"
	"github.com/anamnesis-health/anamnesis/shared/seal"
	"github.com/anamnesis-health/anamnesis/shared/share"
)

func drawn(t testing.TB) (s share.Secret) {
	t.Helper()
	if _, err := io.ReadFull(rand.Reader, s[:]); err != nil {
		t.Fatal(err)
	}
	return s
}

// sealed is one record with everything that opens it.
type sealed struct {
	ctx  share.Context
	keys seal.RecordKeys
	file []byte
	r    share.Secret
	key  seal.FileKey
}

func sealRecord(t testing.TB, plaintext []byte) sealed {
	t.Helper()
	salt, scope := drawn(t), drawn(t)
	s := sealed{
		ctx:  share.Context{Net: block.Net(drawn(t)), Session: block.ID(drawn(t)), Salt: block.Nonce(salt[:16])},
		keys: seal.RecordKeys{Owner: drawn(t), Section: drawn(t), Scope: share.Scope(scope[:16])},
	}
	var err error
	if s.file, s.r, err = seal.Record(s.ctx, s.keys, plaintext, rand.Reader); err != nil {
		t.Fatal(err)
	}
	h, err := seal.ParseHeader(s.file)
	if err != nil {
		t.Fatal(err)
	}
	if s.key, err = seal.SectionFileKey(s.ctx, s.keys.Section, s.r, h); err != nil {
		t.Fatal(err)
	}
	return s
}

// pattern is n bytes: the i-th 32 are SHA-256 of i in 4 bytes.
func pattern(n int) []byte {
	out := make([]byte, 0, n+32)
	for i := uint32(0); len(out) < n; i++ {
		h := sha256.Sum256(binary.BigEndian.AppendUint32(nil, i))
		out = append(out, h[:]...)
	}
	return out[:n]
}

func b64(b []byte) string { return base64.RawStdEncoding.EncodeToString(b) }

// header is an age header that a holder of the file key forges: any lines between version and MAC.
func header(lines string, key seal.FileKey) string {
	h := "age-encryption.org/v1\n" + lines + "---"
	k, err := hkdf.Key(sha256.New, key[:], nil, "header", 32)
	if err != nil {
		panic(err)
	}
	m := hmac.New(sha256.New, k)
	m.Write([]byte(h))
	return h + " " + b64(m.Sum(nil)) + "\n"
}

// body is age's stream over plaintext: nonce and chunks.
func body(plaintext []byte, key seal.FileKey, nonce [16]byte) []byte {
	k, err := hkdf.Key(sha256.New, key[:], nonce[:], "payload", 32)
	if err != nil {
		panic(err)
	}
	a, err := chacha20poly1305.New(k)
	if err != nil {
		panic(err)
	}
	out := nonce[:]
	for i := uint64(0); ; i++ {
		chunk := plaintext[:min(len(plaintext), 64<<10)]
		plaintext = plaintext[len(chunk):]
		n := make([]byte, 12)
		binary.BigEndian.PutUint64(n[3:], i)
		if len(plaintext) == 0 {
			n[11] = 1
			return a.Seal(out, n, chunk, nil)
		}
		out = a.Seal(out, n, chunk, nil)
	}
}

// rewrite is a blob's age file, written without age.
func rewrite(padded []byte, key seal.FileKey, nonce [16]byte, record block.Nonce) []byte {
	return append([]byte(header("-> anamnesis.blob.v1 "+b64(record[:])+"\n\n", key)), body(padded, key, nonce)...)
}

func leavesOf(erase, file []byte) [][]byte {
	out := [][]byte{erase}
	for len(file) > 0 {
		n := min(len(file), seal.LeafSize)
		out = append(out, file[:n])
		file = file[n:]
	}
	return out
}

var errGone = errors.New("leaf not held")

func serve(leaves [][]byte) func(int) ([]byte, error) {
	return func(i int) ([]byte, error) {
		if i >= len(leaves) {
			return nil, errGone
		}
		return leaves[i], nil
	}
}
