package seal_test

import (
	"bytes"
	"crypto/ed25519"
	"crypto/rand"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/anamnesis-health/anamnesis/shared/block"
	"github.com/anamnesis-health/anamnesis/shared/seal"
)

// carried is the record as the ledger carries it: in a block that its author signed.
func carried(t *testing.T, s sealed) *block.Block {
	t.Helper()
	author := drawn(t)
	h := block.Header{Kind: block.KindRecord, Chain: block.ChainID(drawn(t)), Seq: 2, Prev: block.ID(drawn(t)), Time: 3600}
	b, err := block.New(s.ctx.Net, ed25519.NewKeyFromSeed(author[:]), h, s.file, []byte("key part"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := block.Parse(b.Encode()); err != nil {
		t.Fatal(err)
	}
	return b
}

// swap puts another age file into the block, under the same signed header.
func swap(b *block.Block, file []byte) error {
	c := *b
	c.Parts = [][]byte{file, b.Parts[1]}
	_, err := block.Parse(c.Encode())
	return err
}

// opens says whether a reader who holds K and r gets any byte of file, by every check this package makes.
func (s sealed) opens(file []byte) bool {
	h, err := seal.ParseHeader(file)
	if err != nil {
		return false
	}
	key, err := seal.SectionFileKey(s.ctx, s.keys.Section, s.r, h)
	if err != nil {
		return false
	}
	text, err := seal.Open(file, key)
	return err == nil || text != nil
}

// A1: the file of record B under the header of record A.
func TestAttackA01(t *testing.T) {
	a := sealRecord(t, pattern(600))
	b := a // same writer, session, section: only record id and r differ
	salt := drawn(t)
	b.ctx.Salt = block.Nonce(salt[:16])
	var err error
	if b.file, b.r, err = seal.Record(b.ctx, b.keys, pattern(900), rand.Reader); err != nil {
		t.Fatal(err)
	}
	if err := swap(carried(t, a), b.file); !errors.Is(err, block.ErrPayload) {
		t.Errorf("B in the block of A: %v", err)
	}
	h, err := seal.ParseHeader(b.file)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := seal.OwnerSecret(a.ctx, a.keys.Owner, a.keys.Scope, h); !errors.Is(err, seal.ErrHeader) {
		t.Errorf("owner opens B as A: %v", err)
	}
	relabeled := bytes.Replace(b.file, []byte(b64(b.ctx.Salt[:])), []byte(b64(a.ctx.Salt[:])), 1)
	if h, err = seal.ParseHeader(relabeled); err != nil {
		t.Fatal(err)
	}
	if _, err := seal.OwnerSecret(a.ctx, a.keys.Owner, a.keys.Scope, h); !errors.Is(err, seal.ErrOpen) {
		t.Errorf("owner opens B relabeled as A: %v", err)
	}
	for name, file := range map[string][]byte{
		"B": b.file, "B relabeled": relabeled,
		"header of A, body of B": append(bytes.Clone(a.file[:seal.HeaderSize]), b.file[seal.HeaderSize:]...),
		"header of B, body of A": append(bytes.Clone(b.file[:seal.HeaderSize]), a.file[seal.HeaderSize:]...),
	} {
		if a.opens(file) {
			t.Errorf("%s opens as A", name)
		}
	}
}

// A2: each wrapped key replaced, by noise or by the wrap of another record under the same keys.
func TestAttackA02(t *testing.T) {
	a, other := sealRecord(t, pattern(600)), sealRecord(t, pattern(600))
	b := a
	salt := drawn(t)
	b.ctx.Salt = block.Nonce(salt[:16])
	var err error
	if b.file, b.r, err = seal.Record(b.ctx, b.keys, pattern(600), rand.Reader); err != nil {
		t.Fatal(err)
	}
	stanzas := func(file []byte) []byte {
		h, err := seal.ParseHeader(file)
		if err != nil {
			t.Fatal(err)
		}
		return append(h.Owner[:], h.Section[:]...)
	}
	mine := stanzas(a.file)
	with := func(body []byte) []byte { // the MAC too is forged, as a holder of the file key can
		e := b64(body)
		h := header("-> anamnesis.v1 "+b64(a.ctx.Session[:])+" "+b64(a.ctx.Salt[:])+"\n"+e[:64]+"\n"+e[64:]+"\n", a.key)
		return append([]byte(h), a.file[seal.HeaderSize:]...)
	}
	if !a.opens(with(mine)) {
		t.Fatal("the untouched record does not open")
	}
	for name, from := range map[string][]byte{"another record": stanzas(b.file), "another writer": stanzas(other.file)} {
		section := with(append(bytes.Clone(mine[:48]), from[48:]...))
		if a.opens(section) {
			t.Errorf("section stanza of %s opens", name)
		}
		h, err := seal.ParseHeader(with(append(bytes.Clone(from[:48]), mine[48:]...)))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := seal.OwnerSecret(a.ctx, a.keys.Owner, a.keys.Scope, h); !errors.Is(err, seal.ErrOpen) {
			t.Errorf("owner stanza of %s: %v", name, err)
		}
	}
	for i := range mine {
		altered := bytes.Clone(mine)
		altered[i] ^= 1
		h, err := seal.ParseHeader(with(altered))
		if err != nil {
			t.Fatal(err)
		}
		_, ownerErr := seal.OwnerSecret(a.ctx, a.keys.Owner, a.keys.Scope, h)
		_, readerErr := seal.SectionFileKey(a.ctx, a.keys.Section, a.r, h)
		if (ownerErr != nil) != (i < 48) || (readerErr != nil) != (i >= 48) {
			t.Fatalf("byte %d: owner %v, reader %v", i, ownerErr, readerErr)
		}
		if err := swap(carried(t, a), with(altered)); !errors.Is(err, block.ErrPayload) {
			t.Fatalf("byte %d: the block still checks: %v", i, err)
		}
	}
}

// A5: cut at, before and after each 64 KiB boundary, or with chunks out of order: not one byte comes out.
func TestAttackA05(t *testing.T) {
	const chunk = 64<<10 + 16
	for _, n := range []int{200_000, 2 * 64 << 10} {
		s := sealRecord(t, pattern(n))
		start := seal.HeaderSize + 16
		cut := func(name string, file []byte) {
			if text, err := seal.Open(file, s.key); !errors.Is(err, seal.ErrOpen) || text != nil {
				t.Errorf("%d bytes, %s: %d bytes out, %v", n, name, len(text), err)
			}
		}
		for at := start; at <= len(s.file)+chunk; at += chunk {
			for _, d := range []int{-1, 0, 1} {
				if at+d < len(s.file) {
					cut("cut", s.file[:at+d])
				}
			}
		}
		cut("last byte cut", s.file[:len(s.file)-1])
		cut("one byte more", append(bytes.Clone(s.file), 0))
		cut("last chunk again", append(bytes.Clone(s.file), s.file[start+chunk:]...))
		first, second := s.file[start:start+chunk], s.file[start+chunk:min(start+2*chunk, len(s.file))]
		cut("chunks swapped", slices.Concat(s.file[:start], second, first, s.file[start+len(first)+len(second):]))
		cut("first chunk dropped", slices.Concat(s.file[:start], s.file[start+chunk:]))
		cut("first chunk twice", slices.Concat(s.file[:start], first, s.file[start:]))
	}
}

// A10: version 0, an unknown version or stanza, and classic recipients alone: one fixed error, for records as for
// copies.
func TestAttackA10(t *testing.T) {
	s := sealRecord(t, pattern(600))
	rest := s.file[seal.HeaderSize:]
	copyKey, err := seal.NewCopyKey()
	if err != nil {
		t.Fatal(err)
	}
	eph := drawn(t)
	files := map[string][]byte{
		"version 0":       bytes.Replace(s.file, []byte("org/v1"), []byte("org/v0"), 1),
		"version 2":       bytes.Replace(s.file, []byte("org/v1"), []byte("org/v2"), 1),
		"no version":      s.file[len("age-encryption.org/v1\n"):],
		"empty":           nil,
		"unknown stanza":  append([]byte(header("-> anamnesis.v0 "+b64(eph[:])+"\n\n", s.key)), rest...),
		"X25519 alone":    append([]byte(header("-> X25519 "+b64(eph[:])+"\n"+b64(eph[:])+"\n", s.key)), rest...),
		"scrypt alone":    append([]byte(header("-> scrypt "+b64(eph[:16])+" 10\n"+b64(eph[:])+"\n", s.key)), rest...),
		"ssh alone":       append([]byte(header("-> ssh-ed25519 "+b64(eph[:4])+" "+b64(eph[:])+"\n"+b64(eph[:])+"\n", s.key)), rest...),
		"X25519 and ours": bytes.Replace(s.file, []byte("-> "), []byte("-> X25519 "+b64(eph[:])+"\n"+b64(eph[:])+"\n-> "), 1),
	}
	for name, file := range files {
		if text, err := seal.Open(file, s.key); !errors.Is(err, seal.ErrHeader) || text != nil {
			t.Errorf("record, %s: %v", name, err)
		}
		if text, err := copyKey.Open(file); !errors.Is(err, seal.ErrHybrid) || text != nil {
			t.Errorf("copy, %s: %v", name, err)
		}
	}
}

// A11: a reader, who knows the file key, forges a header with a valid MAC: stanzas stripped, added or replaced.
func TestAttackA11(t *testing.T) {
	s := sealRecord(t, pattern(600))
	h, err := seal.ParseHeader(s.file)
	if err != nil {
		t.Fatal(err)
	}
	ours := "-> anamnesis.v1 " + b64(s.ctx.Session[:]) + " " + b64(s.ctx.Salt[:]) + "\n"
	e := b64(append(h.Owner[:], h.Section[:]...))
	full := ours + e[:64] + "\n" + e[64:] + "\n"
	pub := drawn(t)
	classic := "-> X25519 " + b64(pub[:]) + "\n" + b64(pub[:]) + "\n"
	b := carried(t, s)
	for name, lines := range map[string]string{
		"classic stanza added after":  full + classic,
		"classic stanza added before": classic + full,
		"our stanza stripped":         classic,
		"our stanza twice":            full + full,
		"grease added":                full + "-> x-grease\n\n",
		"owner stanza stripped":       ours + b64(h.Section[:]) + "\n",
		"body emptied":                ours + "\n",
		"argument added":              strings.Replace(full, "\n", " x\n", 1),
	} {
		forged := append([]byte(header(lines, s.key)), s.file[seal.HeaderSize:]...)
		if text, err := seal.Open(forged, s.key); !errors.Is(err, seal.ErrHeader) || text != nil {
			t.Errorf("%s: %v", name, err)
		}
		if err := swap(b, forged); !errors.Is(err, block.ErrPayload) {
			t.Errorf("%s: the block still checks: %v", name, err)
		}
	}
	// Replacing the owner's stanza keeps the form, and the MAC is right: only the author's signature stops it.
	noise := drawn(t)
	e = b64(append(append(noise[:], noise[:16]...), h.Section[:]...))
	forged := append([]byte(header(ours+e[:64]+"\n"+e[64:]+"\n", s.key)), s.file[seal.HeaderSize:]...)
	if _, err := seal.Open(forged, s.key); err != nil {
		t.Fatalf("age alone refuses it, so this attack shows nothing: %v", err)
	}
	if err := swap(b, forged); !errors.Is(err, block.ErrPayload) {
		t.Errorf("owner locked out: %v", err)
	}
	// Without the file key the MAC stops it too.
	unmac := bytes.Replace(s.file, []byte(b64(h.Owner[:])[:64]), []byte(e[:64]), 1)
	if text, err := seal.Open(unmac, s.key); !errors.Is(err, seal.ErrOpen) || text != nil {
		t.Errorf("stanza replaced under the old MAC: %v", err)
	}
}

// A12: a reader seals altered text under the same file key. age opens it; the author's signature does not cover it.
func TestAttackA12(t *testing.T) {
	text := pattern(600)
	s := sealRecord(t, text)
	altered := bytes.Clone(text)
	altered[0] ^= 1
	forged := append(bytes.Clone(s.file[:seal.HeaderSize]), body(altered, s.key, [16]byte(s.file[seal.HeaderSize:]))...)
	if got, err := seal.Open(forged, s.key); err != nil || !bytes.Equal(got, altered) {
		t.Fatalf("age alone refuses it, so this attack shows nothing: %v", err)
	}
	b := carried(t, s)
	if err := swap(b, forged); !errors.Is(err, block.ErrPayload) {
		t.Errorf("under the author's header: %v", err)
	}
	thief := drawn(t)
	key := ed25519.NewKeyFromSeed(thief[:])
	again, err := block.New(s.ctx.Net, key, b.Header, forged, b.Parts[1])
	if err != nil {
		t.Fatal(err)
	}
	author := block.Key{block.AlgEd25519}
	copy(author[1:], pattern(32))
	if err := again.Verify(s.ctx.Net, author); !errors.Is(err, block.ErrSignature) {
		t.Errorf("under a header of the reader's own: %v", err)
	}
}

// A17: the two children of an inner node offered as a leaf, and an inner node's hash as a leaf's.
func TestAttackA17(t *testing.T) {
	w, leaves := writeBlob(t, pattern(900_000), 917_504)
	hashes := w.blob.Leaves
	children := append(hashes[0][:], hashes[1][:]...)
	inner := block.Root(hashes[:2])
	path := block.Path(hashes, 0)
	if !block.Included(w.blob.Root, hashes[0], 0, len(hashes), path) {
		t.Fatal("a true leaf is not included")
	}
	for name, leaf := range map[string]block.Hash{
		"node bytes":             block.LeafHash(children),
		"node bytes with prefix": block.LeafHash(append([]byte{1}, children...)),
		"inner hash":             inner,
	} {
		for n := 1; n <= len(hashes); n++ {
			if leaf != inner && block.Included(w.blob.Root, leaf, 0, n, path[1:]) {
				t.Errorf("%s proves as leaf 0 of %d", name, n)
			}
			if block.Included(w.blob.Root, leaf, 0, len(hashes), path) {
				t.Errorf("%s proves as leaf 0", name)
			}
		}
		served := slices.Clone(leaves)
		served[1] = children
		b := w.blob
		b.Leaves = append([]block.Hash{leaf}, hashes[2:]...)
		if _, err := seal.OpenBlob(b, w.record, w.padded, serve(served)); !errors.Is(err, seal.ErrLeaf) {
			t.Errorf("%s in the list of leaves: %v", name, err)
		}
	}
	served := slices.Clone(leaves)
	served[1] = children
	if _, err := seal.OpenBlob(w.blob, w.record, w.padded, serve(served)); !errors.Is(err, seal.ErrLeaf) {
		t.Errorf("children served as a leaf: %v", err)
	}
}
