package seal_test

import (
	"bytes"
	"crypto/rand"
	"errors"
	"strings"
	"testing"

	"github.com/anamnesis-health/anamnesis/shared/seal"
	"github.com/anamnesis-health/anamnesis/shared/share"
)

// What Record writes is, byte for byte, what the specification says it writes.
func TestRecordBytes(t *testing.T) {
	for _, n := range []int{0, 1, 512, 64 << 10, 64<<10 + 1, 200_000} {
		text := pattern(n)
		s := sealRecord(t, text)
		stanzas := append(share.Seal(s.ctx.KDF(s.keys.Owner[:], "owner", s.keys.Scope[:]), nil, s.r[:]),
			share.Seal(s.ctx.KDF(append(bytes.Clone(s.keys.Section[:]), s.r[:]...), "section"), nil, s.key[:])...)
		e := b64(stanzas)
		h := header("-> anamnesis.v1 "+b64(s.ctx.Session[:])+" "+b64(s.ctx.Salt[:])+"\n"+e[:64]+"\n"+e[64:]+"\n", s.key)
		nonce := [16]byte(s.file[seal.HeaderSize:])
		if want := append([]byte(h), body(text, s.key, nonce)...); !bytes.Equal(s.file, want) {
			t.Errorf("%d bytes: the file differs from the specification", n)
		}
		if n <= 64<<10 && len(s.file) != n+seal.Overhead {
			t.Errorf("%d bytes more than the plaintext", len(s.file)-n)
		}
		if got, err := seal.Open(s.file, s.key); err != nil || !bytes.Equal(got, text) {
			t.Errorf("%d bytes: %v", n, err)
		}
	}
}

// Sealing the same text twice shares nothing but the ids given.
func TestRecordDrawsAnew(t *testing.T) {
	s := sealRecord(t, pattern(512))
	file, r, err := seal.Record(s.ctx, s.keys, pattern(512), rand.Reader)
	if err != nil || r == s.r || bytes.Equal(file, s.file) {
		t.Fatal("the same release secret twice", err)
	}
	h, err := seal.ParseHeader(file)
	if err != nil {
		t.Fatal(err)
	}
	if key, err := seal.SectionFileKey(s.ctx, s.keys.Section, r, h); err != nil || key == s.key {
		t.Error("the same file key twice", err)
	}
	if _, _, err := seal.Record(s.ctx, s.keys, nil, strings.NewReader("31 bytes, and no more than this")); err == nil {
		t.Error("sealed without randomness")
	}
	if _, err := seal.OwnerOnly(s.ctx, s.keys.Owner, nil, strings.NewReader("")); err == nil {
		t.Error("sealed without randomness")
	}
}

// Two locks: K without r, r without K, another K, and each value of the context changed open nothing.
func TestTwoLocks(t *testing.T) {
	s := sealRecord(t, pattern(512))
	h, err := seal.ParseHeader(s.file)
	if err != nil {
		t.Fatal(err)
	}
	zero := share.Secret{}
	for name, c := range map[string]struct{ k, r share.Secret }{
		"K alone": {s.keys.Section, zero}, "r alone": {zero, s.r}, "swapped": {s.r, s.keys.Section},
		"another K": {drawn(t), s.r}, "another r": {s.keys.Section, drawn(t)}, "nothing": {zero, zero},
	} {
		if key, err := seal.SectionFileKey(s.ctx, c.k, c.r, h); !errors.Is(err, seal.ErrOpen) || key != (seal.FileKey{}) {
			t.Errorf("%s: %v", name, err)
		}
	}
	for name, c := range map[string]struct {
		s0    share.Secret
		scope share.Scope
	}{"another scope": {s.keys.Owner, share.Scope{}}, "another session secret": {drawn(t), s.keys.Scope}, "the section key": {s.keys.Section, s.keys.Scope}} {
		if r, err := seal.OwnerSecret(s.ctx, c.s0, c.scope, h); !errors.Is(err, seal.ErrOpen) || r != zero {
			t.Errorf("%s: %v", name, err)
		}
	}
	other := s.ctx
	other.Net[0] ^= 1
	if _, err := seal.OwnerSecret(other, s.keys.Owner, s.keys.Scope, h); !errors.Is(err, seal.ErrOpen) {
		t.Errorf("another net: %v", err)
	}
	if _, err := seal.SectionFileKey(other, s.keys.Section, s.r, h); !errors.Is(err, seal.ErrOpen) {
		t.Errorf("another net: %v", err)
	}
	for name, change := range map[string]func(*share.Context){
		"session": func(c *share.Context) { c.Session[0] ^= 1 }, "record": func(c *share.Context) { c.Salt[0] ^= 1 },
	} {
		ctx := s.ctx
		change(&ctx)
		_, e1 := seal.OwnerSecret(ctx, s.keys.Owner, s.keys.Scope, h)
		_, e2 := seal.SectionFileKey(ctx, s.keys.Section, s.r, h)
		_, e3 := seal.OwnerFileKey(ctx, s.keys.Owner, h)
		for _, err := range []error{e1, e2, e3} {
			if !errors.Is(err, seal.ErrHeader) {
				t.Errorf("another %s: %v", name, err)
			}
		}
	}
}

func TestOwnerOnly(t *testing.T) {
	s := sealRecord(t, nil)
	text := pattern(3000)
	file, err := seal.OwnerOnly(s.ctx, s.keys.Owner, text, rand.Reader)
	if err != nil || len(file) != len(text)+seal.Overhead {
		t.Fatal(len(file), err)
	}
	h, err := seal.ParseHeader(file)
	if err != nil {
		t.Fatal(err)
	}
	key, err := seal.OwnerFileKey(s.ctx, s.keys.Owner, h)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := seal.Open(file, key); err != nil || !bytes.Equal(got, text) {
		t.Fatal(err)
	}
	again, err := seal.OwnerOnly(s.ctx, s.keys.Owner, text, rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	if o, err := seal.ParseHeader(again); err != nil || o.Section == h.Section || o.Section == ([32]byte{}) {
		t.Error("the unused stanza is not random", err)
	}
	if _, err := seal.OwnerFileKey(s.ctx, drawn(t), h); !errors.Is(err, seal.ErrOpen) {
		t.Errorf("another session secret: %v", err)
	}
}

func FuzzParseHeader(f *testing.F) {
	v := loadSealing(f)
	for _, c := range v.Record {
		f.Add([]byte(c.File))
	}
	for _, c := range v.HeaderRefused {
		f.Add([]byte(c.File))
	}
	f.Fuzz(func(t *testing.T, file []byte) {
		h, err := seal.ParseHeader(file)
		if err != nil {
			if h != (seal.Header{}) {
				t.Fatal("a header beside an error")
			}
			return
		}
		e := b64(append(h.Owner[:], h.Section[:]...))
		again := "age-encryption.org/v1\n-> anamnesis.v1 " + b64(h.Session[:]) + " " + b64(h.Record[:]) + "\n" + e[:64] + "\n" + e[64:] + "\n--- "
		if !strings.HasPrefix(string(file), again) {
			t.Fatalf("decodes from %q, encodes to %q", file[:seal.HeaderSize], again)
		}
	})
}

func FuzzOpen(f *testing.F) {
	v := loadSealing(f)
	key := seal.FileKey(v.Keys.FileKey)
	for _, c := range v.OpenRefused {
		f.Add([]byte(c.File))
	}
	good := []byte(v.Record[0].File)
	f.Add(good)
	f.Fuzz(func(t *testing.T, file []byte) {
		text, err := seal.Open(file, key)
		if err != nil {
			if text != nil {
				t.Fatal("bytes beside an error")
			}
			return
		}
		if want := append(bytes.Clone(file[:seal.HeaderSize]), body(text, key, [16]byte(file[seal.HeaderSize:]))...); !bytes.Equal(file, want) {
			t.Fatal("two files for one plaintext")
		}
	})
}
