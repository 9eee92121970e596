package grant

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"errors"
	"slices"
	"testing"

	"github.com/anamnesis-health/anamnesis/shared/block"
	"github.com/anamnesis-health/anamnesis/shared/chain"
	"github.com/anamnesis-health/anamnesis/shared/spec"
)

var testNet = block.Net{7}

func testKey(name string) ed25519.PrivateKey {
	seed := sha256.Sum256([]byte(name))
	return ed25519.NewKeyFromSeed(seed[:])
}

// counter is a source of bytes that never repeat, for padding.
type counter struct{ n byte }

func (c *counter) Read(p []byte) (int, error) {
	for i := range p {
		c.n++
		p[i] = c.n
	}
	return len(p), nil
}

type broken struct{}

func (broken) Read([]byte) (int, error) { return 0, errors.New("no entropy") }

func testSealed(chain block.ChainID, records ...block.ID) (*Sealed, []Scope) {
	s := &Sealed{
		G: Secret{1}, Owner: make([]byte, 1216), EraseKey: block.KeyOf(testKey("erase")), Records: records,
		Names: Names{"Amina", "Dr. Haddad"},
	}
	var scopes []Scope
	for i, n := range []uint8{1, 6} {
		a := testKey(string(rune('a' + i)))
		s.Sections = append(s.Sections, Section{n, Secret{n}, block.KeyOf(a), Authorize(testNet, a, chain)})
		scopes = append(scopes, Scope{n})
	}
	return s, scopes
}

func TestCheck(t *testing.T) {
	id, reader := block.ChainID{5}, block.ChainID{6}
	for _, records := range [][]block.ID{nil, {{1}, {2}}} {
		s, scopes := testSealed(id, records...)
		public, err := Public(testNet, s, scopes, reader, block.RightRead, 100)
		if err != nil {
			t.Fatal(err)
		}
		if err := Check(testNet, id, public, s, scopes); err != nil {
			t.Fatal(err)
		}
		back, err := ParseSealed(s.Encode())
		if err != nil {
			t.Fatal(err)
		}
		if err := Check(testNet, id, public, back, scopes); err != nil {
			t.Fatal(err)
		}
	}
}

// TestCheckRefuses changes each thing that a grant's two halves must agree on.
func TestCheckRefuses(t *testing.T) {
	id, reader := block.ChainID{5}, block.ChainID{6}
	for name, spoil := range map[string]func(net *block.Net, chain *block.ChainID, p *block.Grant, s *Sealed, scopes *[]Scope){
		"net":               func(n *block.Net, _ *block.ChainID, _ *block.Grant, _ *Sealed, _ *[]Scope) { n[0]++ },
		"another chain":     func(_ *block.Net, c *block.ChainID, _ *block.Grant, _ *Sealed, _ *[]Scope) { c[0]++ },
		"scopes root":       func(_ *block.Net, _ *block.ChainID, p *block.Grant, _ *Sealed, _ *[]Scope) { p.Scopes[0]++ },
		"records root":      func(_ *block.Net, _ *block.ChainID, p *block.Grant, _ *Sealed, _ *[]Scope) { p.Records[0]++ },
		"records root gone": func(_ *block.Net, _ *block.ChainID, p *block.Grant, _ *Sealed, _ *[]Scope) { p.Records = nil },
		"g":                 func(_ *block.Net, _ *block.ChainID, _ *block.Grant, s *Sealed, _ *[]Scope) { s.G[0]++ },
		"a record more": func(_ *block.Net, _ *block.ChainID, _ *block.Grant, s *Sealed, _ *[]Scope) {
			s.Records = append(s.Records, block.ID{9})
		},
		"no record list": func(_ *block.Net, _ *block.ChainID, _ *block.Grant, s *Sealed, _ *[]Scope) { s.Records = nil },
		"another scope":  func(_ *block.Net, _ *block.ChainID, _ *block.Grant, _ *Sealed, c *[]Scope) { (*c)[0][0]++ },
		"a scope short":  func(_ *block.Net, _ *block.ChainID, _ *block.Grant, _ *Sealed, c *[]Scope) { *c = (*c)[:1] },
		"another authority": func(_ *block.Net, _ *block.ChainID, _ *block.Grant, s *Sealed, _ *[]Scope) {
			s.Sections[0].A = s.Sections[1].A
		},
		"no authorize": func(_ *block.Net, _ *block.ChainID, _ *block.Grant, s *Sealed, _ *[]Scope) {
			s.Sections[1].Authorize = nil
		},
		"self-authorized": func(_ *block.Net, c *block.ChainID, _ *block.Grant, s *Sealed, _ *[]Scope) {
			s.Sections[1].Authorize = Authorize(testNet, testKey("holder of K"), *c)
		},
	} {
		net, chain := testNet, id
		s, scopes := testSealed(id, block.ID{1}, block.ID{2})
		public, err := Public(net, s, scopes, reader, block.RightRead, 100)
		if err != nil {
			t.Fatal(err)
		}
		spoil(&net, &chain, public, s, &scopes)
		if err := Check(net, chain, public, s, scopes); !errors.Is(err, ErrInvalid) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestTreesHideTheirSize(t *testing.T) {
	g := Secret{3}
	for n, want := range map[int]int{1: 8, 6: 8, 8: 8, 9: 16, 33: 64, 64: 64} {
		var scopes []Scope
		for i := range n {
			scopes = append(scopes, Scope{byte(i)})
		}
		tr, err := Scopes(testNet, g, scopes)
		if err != nil || len(tr.leaves) != want {
			t.Errorf("%d scopes: %d leaves, %v", n, len(tr.leaves), err)
		}
		for _, s := range scopes {
			i, path, ok := tr.Path(ScopeLeaf(testNet, g, s))
			if !ok || !Holds(tr.Root(), ScopeLeaf(testNet, g, s), i, path) {
				t.Errorf("scope %x of %d has no path", s, n)
			}
		}
		if _, _, ok := tr.Path(ScopeLeaf(testNet, g, Scope{200})); ok {
			t.Error("a scope outside has a path")
		}
	}
}

// TestSmallTreesAreRefused: a tree of four leaves, or of 512, is no tree of a grant, however right its path.
func TestSmallTreesAreRefused(t *testing.T) {
	for _, n := range []int{1, 2, 4, 512} {
		hashes := make([]block.Hash, n)
		for i := range hashes {
			hashes[i] = block.LeafHash([]byte{byte(i), byte(i >> 8)})
		}
		leaf := block.Hash{9}
		hashes[0] = block.LeafHash(leaf[:])
		if Holds(block.Root(hashes), leaf, 0, block.Path(hashes, 0)) {
			t.Errorf("a tree of %d leaves was accepted", n)
		}
	}
}

func TestEntriesAndMatch(t *testing.T) {
	g, nonce := Secret{1}, block.Nonce{2}
	var ids []block.ID
	for i := range 11 {
		ids = append(ids, block.ID{byte(i + 1)})
	}
	raw, err := Entries(testNet, g, nonce, ids[:9], &counter{})
	if err != nil || len(raw) != 16*block.EntrySize {
		t.Fatal(len(raw), err)
	}
	part := block.Encode(&block.Access{Nonce: nonce, Entries: raw})
	b, err := block.New(testNet, testKey("r"), block.Header{Kind: block.KindAccess, Chain: block.ChainID{1}, Seq: 1, Prev: block.ID{1}, Links: []block.ID{{1}}}, part, []byte("reason"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := b.Clear(); err != nil {
		t.Fatal(err)
	}
	named, unmatched := Match(testNet, g, nonce, raw, ids)
	if !slices.Equal(named, ids[:9]) || unmatched != 7 {
		t.Fatalf("%d named, %d unmatched", len(named), unmatched)
	}
	for name, f := range map[string]func() ([]block.ID, int){
		"another g":          func() ([]block.ID, int) { return Match(testNet, Secret{9}, nonce, raw, ids) },
		"a foreign nonce":    func() ([]block.ID, int) { return Match(testNet, g, block.Nonce{9}, raw, ids) },
		"another net":        func() ([]block.ID, int) { return Match(block.Net{9}, g, nonce, raw, ids) },
		"nothing to compare": func() ([]block.ID, int) { return Match(testNet, g, nonce, raw, nil) },
	} {
		if named, unmatched := f(); len(named) != 0 || unmatched != 16 {
			t.Errorf("%s: %d named, %d unmatched", name, len(named), unmatched)
		}
	}
	if named, _ := Match(testNet, g, nonce, raw, []block.ID{ids[0], ids[0]}); len(named) != 1 {
		t.Error("one entry named a record twice")
	}
}

func TestEntriesRefuse(t *testing.T) {
	id := block.ID{1}
	if _, err := Entries(testNet, Secret{}, block.Nonce{}, nil, &counter{}); !errors.Is(err, block.ErrLimit) {
		t.Error("no record:", err)
	}
	if _, err := Entries(testNet, Secret{}, block.Nonce{}, make([]block.ID, 513), &counter{}); !errors.Is(err, block.ErrLimit) {
		t.Error("513 records:", err)
	}
	if _, err := Entries(testNet, Secret{}, block.Nonce{}, []block.ID{id, id}, &counter{}); !errors.Is(err, block.ErrCanonical) {
		t.Error("a record twice:", err)
	}
	if _, err := Entries(testNet, Secret{}, block.Nonce{}, []block.ID{id}, broken{}); err == nil {
		t.Error("padding without entropy")
	}
}

// owner drives one grant chain.
type owner struct {
	t *testing.T
	f Fold
}

func newOwner(t *testing.T) *owner {
	t.Helper()
	revoke := block.KeyOf(testKey("revoke"))
	g := &block.Genesis{Type: block.ChainGrant, Writer: block.KeyOf(testKey("writer")), RevokeKey: revoke[:]}
	b, err := block.New(testNet, testKey("writer"), block.Header{Kind: block.KindGenesis}, block.Encode(g))
	if err != nil {
		t.Fatal(err)
	}
	f, err := Begin(b)
	if err != nil {
		t.Fatal(err)
	}
	return &owner{t, f}
}

func (o *owner) make(key string, kind block.Kind, parts ...[]byte) *block.Block {
	o.t.Helper()
	b, err := block.New(testNet, testKey(key), o.f.Chain.Draft(kind), parts...)
	if err != nil {
		o.t.Fatal(err)
	}
	return b
}

func (o *owner) accept(b *block.Block) *block.Block {
	o.t.Helper()
	f, err := o.f.Verify(testNet, b)
	if err != nil {
		o.t.Fatal(err)
	}
	o.f = f
	return b
}

func (o *owner) grant(g block.Grant) *block.Block {
	o.t.Helper()
	return o.accept(o.make("writer", block.KindGrant, block.Encode(&g), []byte("sealed")))
}

func (o *owner) status(at uint64, want Status) {
	o.t.Helper()
	if got := o.f.Status(at); got != want {
		o.t.Errorf("at %d: %s, want %s", at, got, want)
	}
}

func access(t *testing.T, reader block.ChainID, link block.ID) *block.Block {
	t.Helper()
	part := block.Encode(&block.Access{Entries: func() []byte {
		e, err := Entries(testNet, Secret{}, block.Nonce{}, []block.ID{{1}}, &counter{})
		if err != nil {
			t.Fatal(err)
		}
		return e
	}()})
	h := block.Header{Kind: block.KindAccess, Chain: reader, Seq: 2, Prev: block.ID{1}, Links: []block.ID{link}}
	b, err := block.New(testNet, testKey("reader"), h, part, []byte("reason"))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestFold(t *testing.T) {
	o, reader := newOwner(t), block.ChainID{6}
	o.status(0, Waiting)
	first := o.grant(block.Grant{Reader: reader, Rights: block.RightRead, Expiry: 100})
	o.status(99, Active)
	o.status(100, Expired)
	if err := o.f.Access(access(t, reader, first.ID), 99); err != nil {
		t.Fatal(err)
	}
	second := o.grant(block.Grant{Reader: reader, Rights: block.RightRead | block.RightWrite, Expiry: 200})
	o.status(150, Active)
	for name, c := range map[string]struct {
		b    *block.Block
		at   uint64
		want error
	}{
		"under the replaced grant": {access(t, reader, first.ID), 99, ErrReplaced},
		"under no grant":           {access(t, reader, block.ID{3}), 99, ErrReplaced},
		"by another reader":        {access(t, block.ChainID{8}, second.ID), 99, ErrReader},
		"at its expiry":            {access(t, reader, second.ID), 200, ErrExpired},
		"not an access":            {first, 99, chain.ErrKind},
	} {
		if err := o.f.Access(c.b, c.at); !errors.Is(err, c.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
	terms := Terms{Sections: []uint8{1, 6}, Records: []block.ID{{1}}}
	for name, c := range map[string]struct {
		section uint8
		record  block.ID
		at      uint64
		want    error
	}{
		"inside": {1, block.ID{1}, 99, nil}, "another section": {2, block.ID{1}, 99, ErrOutside},
		"another record": {1, block.ID{2}, 99, ErrOutside}, "too late": {1, block.ID{1}, 200, ErrExpired},
	} {
		if err := o.f.Allows(terms, c.section, c.record, c.at); !errors.Is(err, c.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := o.f.Allows(Terms{Sections: []uint8{1}}, 1, block.ID{77}, 99); err != nil {
		t.Errorf("a whole section: %v", err)
	}
}

func TestRightsAreApart(t *testing.T) {
	o, reader := newOwner(t), block.ChainID{6}
	g := o.grant(block.Grant{Reader: reader, Rights: block.RightWrite, Expiry: 100})
	if err := o.f.Access(access(t, reader, g.ID), 1); !errors.Is(err, ErrRight) {
		t.Errorf("reading with the right to write: %v", err)
	}
	if err := o.f.Live(block.RightWrite, 1); err != nil {
		t.Errorf("writing: %v", err)
	}
}

// TestAttackA06 replays a grant after its revocation, by either key, and after a fork: G -> GRANT -> REVOKE -x GRANT.
func TestAttackA06(t *testing.T) {
	for _, by := range []string{"writer", "revoke"} {
		o, reader := newOwner(t), block.ChainID{6}
		g := o.grant(block.Grant{Reader: reader, Rights: block.RightRead, Expiry: 100})
		o.accept(o.make(by, block.KindRevoke))
		o.status(1, Stopped)
		if err := o.f.Access(access(t, reader, g.ID), 1); !errors.Is(err, ErrStopped) {
			t.Errorf("access after revoke: %v", err)
		}
		again := o.make("writer", block.KindGrant, block.Encode(&block.Grant{Reader: reader, Rights: 1, Expiry: 100}), []byte("s"))
		if _, err := o.f.Verify(testNet, again); !errors.Is(err, chain.ErrEnded) {
			t.Errorf("granting again: %v", err)
		}
		if _, err := o.f.Verify(testNet, g); !errors.Is(err, chain.ErrStale) {
			t.Errorf("replaying the grant: %v", err)
		}
	}
	o, reader := newOwner(t), block.ChainID{6}
	revoke := o.make("revoke", block.KindRevoke)
	g := o.grant(block.Grant{Reader: reader, Rights: block.RightRead, Expiry: 100})
	var fork *chain.ForkError
	if !errors.As(chain.Compare(g, revoke), &fork) {
		t.Fatal("no fork")
	}
	if err := fork.Proof.Verify(testNet, o.f.Chain.KeysAt(1, block.KindRevoke)); err != nil {
		t.Fatal(err)
	}
	frozen, err := o.f.Freeze(fork.Proof)
	if err != nil {
		t.Fatal(err)
	}
	o.f = frozen
	o.status(1, Forked)
	if err := o.f.Access(access(t, reader, g.ID), 1); !errors.Is(err, ErrForked) {
		t.Errorf("access under a forked grant: %v", err)
	}
}

func TestFoldRefuses(t *testing.T) {
	g := &block.Genesis{Type: block.ChainWriting, Writer: block.KeyOf(testKey("writer")), Recipient: make([]byte, 32)}
	b, err := block.New(testNet, testKey("writer"), block.Header{Kind: block.KindGenesis}, block.Encode(g))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Begin(b); !errors.Is(err, chain.ErrKind) {
		t.Errorf("a writing chain as a grant: %v", err)
	}
	o := newOwner(t)
	forged := o.make("reader", block.KindGrant, block.Encode(&block.Grant{Rights: 1}), []byte("s"))
	if f, err := o.f.Verify(testNet, forged); !errors.Is(err, chain.ErrWriter) || f.Newest != (block.ID{}) {
		t.Errorf("a forged grant: %v", err)
	}
	if err := o.f.Live(block.RightRead, 0); !errors.Is(err, ErrInvalid) {
		t.Errorf("before any GRANT: %v", err)
	}
}

func TestTagsToSubscribe(t *testing.T) {
	key, id, now := TagKey(testNet, Secret{1}), block.ChainID{4}, uint64(490_000*3600)
	days := DayTags(testNet, key, id, now)
	for d, want := range map[int64]bool{-4: false, -3: true, -2: true, -1: true, 0: true, 1: true, 2: false} {
		at := uint64(int64(now) + d*day)
		if slices.Contains(days, DayTag(testNet, key, id, at)) != want {
			t.Errorf("day %+d: want %v", d, want)
		}
	}
	found := DiscoveryTags(testNet, key, now)
	for p, want := range map[int64]bool{-2: false, -1: true, 0: true, 1: false} {
		if slices.Contains(found, NewTag(testNet, key, uint64(int64(now)+p*period), 63)) != want {
			t.Errorf("period %+d: want %v", p, want)
		}
	}
	if len(found) != 128 || len(days) != 5 {
		t.Errorf("%d and %d tags", len(found), len(days))
	}
	other := DayTag(testNet, key, block.ChainID{5}, now)
	if slices.Contains(days, other) {
		t.Error("two chains of one folder share a tag")
	}
	if slices.Contains(days, DayTag(testNet, TagKey(testNet, Secret{2}), id, now)) {
		t.Error("two secrets share a tag")
	}
}

func FuzzParseSealed(f *testing.F) {
	all, err := spec.Cases[vector]("grant")
	if err != nil {
		f.Fatal(err)
	}
	for _, c := range all {
		if c.Op == "sealed" {
			f.Add([]byte(c.Bytes))
		}
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		if s, err := ParseSealed(raw); err == nil && !bytes.Equal(s.Encode(), raw) {
			t.Fatalf("accepted %x, encodes to %x", raw, s.Encode())
		}
	})
}
