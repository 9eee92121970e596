package folder

import (
	"bytes"
	"crypto/ed25519"
	"errors"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/anamnesis-health/anamnesis/shared/block"
	"github.com/anamnesis-health/anamnesis/shared/govern"
	"github.com/anamnesis-health/anamnesis/shared/record"
	"github.com/anamnesis-health/anamnesis/shared/seal"
	"github.com/anamnesis-health/anamnesis/shared/share"
)

// desk is a browser whose engine a test reaches into: to do what a dishonest writer's own program would.
type desk struct {
	segments map[uint32][]byte
	slots    map[string][]byte
	random   *rand.ChaCha8
	now      int64
}

func (d *desk) Segments() (out []uint32, _ error) {
	for n := range d.segments {
		out = append(out, n)
	}
	return out, nil
}

func (d *desk) Size(n uint32) (int64, error) {
	b, ok := d.segments[n]
	if !ok {
		return 0, errors.New("no such segment")
	}
	return int64(len(b)), nil
}

func (d *desk) Read(n uint32, off int64, p []byte) error {
	if copy(p, d.segments[n][off:]) < len(p) {
		return errors.New("short")
	}
	return nil
}

func (d *desk) Append(n uint32, p []byte) error {
	d.segments[n] = append(d.segments[n], p...)
	return nil
}

func (d *desk) Truncate(n uint32, size int64) error {
	d.segments[n] = d.segments[n][:size:size]
	return nil
}

func (d *desk) Flush(uint32) error                    { return nil }
func (d *desk) Remove(n uint32) error                 { delete(d.segments, n); return nil }
func (d *desk) ReadSlot(name string) ([]byte, error)  { return bytes.Clone(d.slots[name]), nil }
func (d *desk) WriteSlot(name string, p []byte) error { d.slots[name] = bytes.Clone(p); return nil }
func (d *desk) RemoveSlot(name string) error          { delete(d.slots, name); return nil }
func (d *desk) Now() int64                            { return d.now }
func (d *desk) Random(p []byte)                       { _, _ = d.random.Read(p) }
func (d *desk) Send([]byte)                           {}
func (d *desk) Changed()                              {}
func (d *desk) Fetch(FetchRequest)                    {}
func (d *desk) key(seed byte) ed25519.PrivateKey {
	return ed25519.NewKeyFromSeed(bytes.Repeat([]byte{seed}, 32))
}
func (d *desk) recipient(seed byte) (recipient []byte) {
	return share.KeyFromSeed([32]byte{seed}).Recipient()
}

func atDesk(t testing.TB) *Engine {
	t.Helper()
	d := &desk{segments: map[uint32][]byte{}, slots: map[string][]byte{}, random: rand.NewChaCha8([32]byte{1}), now: 1_795_179_600_000}
	g := govern.Genesis{Version: 1, Approval: 1, F: 1, Lowest: 1, Highest: 1, HashAlg: 1,
		Members: []govern.Member{{Chain: block.ChainID{7}, Key: block.KeyOf(d.key(1)), Recipient: d.recipient(1)}},
		Lanes:   []govern.Lane{{Number: 1, Relay: block.KeyOf(d.key(2)), URLs: []string{"https://relay.example"}}}}
	for seat := byte(1); seat <= 4; seat++ {
		g.Witnesses = append(g.Witnesses, govern.Witness{Seat: seat, Member: block.ChainID{7}, Ack: block.KeyOf(d.key(10 + seat)),
			Release: block.KeyOf(d.key(20 + seat)), Recipient: d.recipient(30 + seat)})
	}
	n, err := govern.Found(g, uint64(d.now/1000), []ed25519.PrivateKey{d.key(1)})
	if err != nil {
		t.Fatal(err)
	}
	e, err := New(d, n)
	if err != nil {
		t.Fatal(err)
	}
	words, _, err := e.MakeKit("Amina Haddad", "")
	if err == nil {
		err = e.ProveKit(strings.Join(words, " "), "")
	}
	if err == nil {
		err = e.CreateFolder([]byte("correct horse battery"))
	}
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// forger writes into the folder of e with a writer's real keys and a program of its own.
type forger struct {
	t      testing.TB
	e      *Engine
	w      *writer
	device ed25519.PrivateKey
	cred   Credential
}

// asOwner forges with the owner's own chain; asGuest with that of a doctor who was met as "Dr. Lin".
func asOwner(t testing.TB, e *Engine) *forger {
	_, w, err := e.ownFolder()
	if err != nil {
		t.Fatal(err)
	}
	c, err := decoded[Credential](e.credential(w), record.MaxCredential)
	if err != nil {
		t.Fatal(err)
	}
	return &forger{t, e, w, e.me.device, c}
}

func asGuest(t testing.TB, e *Engine) *forger {
	t.Helper()
	device := ed25519.NewKeyFromSeed(bytes.Repeat([]byte{99}, 32))
	genesis, state, err := e.newWriterGenesis(secret{}, block.Hash{}, block.Tag{})
	if err == nil {
		err = e.keep(genesis)
	}
	if err != nil {
		t.Fatal(err)
	}
	f := &forger{t, e, &writer{&state, e.writerKey(&state), &e.me.own.view}, device, Credential{Version: 1, Device: block.KeyOf(device), Name: "Dr. Lin"}}
	e.me.own.m.Writers = append(e.me.own.m.Writers, manifestWriter{Chain: state.Chain, Credential: encode(&f.cred), Erase: e.secret()})
	e.me.own.refresh(e)
	if err := e.ensureSession(f.w, block.Tag{}); err != nil {
		t.Fatal(err)
	}
	return f
}

// bent is where a forger departs from what an honest program writes.
type bent struct {
	record func(r *record.Record)
	plain  func(p []byte) []byte
	age    func(ctx share.Context, age []byte) []byte
	key    func(kp *block.KeyPart)
}

func (f *forger) note(text string) *record.Record {
	w := f.w.state.Chain
	folder := f.w.view.id
	return &record.Record{Kind: record.Note, Folder: record.FolderID(folder), Section: 1, MediaType: "text/plain", TimeMS: uint64(f.e.world.Now()),
		Credential: encode(&f.cred), Signature: block.Sign(f.e.net, f.device, block.SigAuthor, append(w[:], folder[:]...)), Content: []byte(text)}
}

// put writes r, bent, and gives the code with which the owner's device refuses it, "" when it opens.
func (f *forger) put(r *record.Record, b bent) (string, block.ID) {
	f.t.Helper()
	e := f.e
	if b.record != nil {
		b.record(r)
	}
	plain, err := record.Encode(r)
	if err != nil {
		f.t.Fatal(err)
	}
	if b.plain != nil {
		plain = b.plain(plain)
	}
	section := max(uint8(r.Section), 1)
	ctx := share.Context{Net: e.net, Session: f.w.state.Session, Salt: e.nonce()}
	k := f.w.view.newest(section)
	s0 := share.Secret(f.w.state.Secrets[0])
	var age []byte
	var release share.Secret
	policy := e.network.Policy()
	kp := &block.KeyPart{Session: ctx.Session, Record: ctx.Salt, T: uint8(policy.T), N: uint8(policy.N), Scope: share.ScopeCommitment(e.net, ctx.Salt, share.Scope(k.Scope))}
	if r.Section == record.OwnerOnly {
		e.random(kp.Scope[:])
		age, err = seal.OwnerOnly(ctx, s0, plain, e)
	} else {
		age, release, err = seal.Record(ctx, seal.RecordKeys{Owner: s0, Section: share.Secret(k.K), Scope: share.Scope(k.Scope)}, plain, e)
	}
	if err != nil {
		f.t.Fatal(err)
	}
	var seats []share.Secret
	for _, s := range f.w.state.Secrets[1:] {
		seats = append(seats, share.Secret(s))
	}
	if kp.Seats, err = share.Seats(ctx, release, seats, share.Scope(k.Scope), policy.T); err != nil {
		f.t.Fatal(err)
	}
	kp.Erase = share.EraseCommitment(e.net, f.w.view.eraseKey(f.w.state.Chain), share.EraseOpening(ctx, s0, 0))
	if b.age != nil {
		age = b.age(ctx, age)
	}
	if b.key != nil {
		b.key(kp)
	}
	block, err := e.appendBlock(f.w.state.Chain, f.w.key, block.Header{Kind: block.KindRecord}, age, block.Encode(kp))
	if err != nil {
		f.t.Fatal(err)
	}
	if err := e.ownerIndexes(block.ID); err != nil {
		f.t.Fatal(err)
	}
	return e.me.own.recs[block.ID].failed, block.ID
}

// TestOpeningRefuses takes each step of spec/record.md §4 by itself: what fails it stops there, under its code, with
// the writer named, and none of its words are shown.
func TestOpeningRefuses(t *testing.T) { refuses(t, "") }

// TestAttackA05Folder cuts and lengthens a record's stream.
func TestAttackA05Folder(t *testing.T) { refuses(t, "A05") }

// TestAttackA10Folder offers legacy and unknown forms.
func TestAttackA10Folder(t *testing.T) { refuses(t, "A10") }

// TestAttackA11Folder adds a stanza to the header.
func TestAttackA11Folder(t *testing.T) { refuses(t, "A11") }

// TestAttackA12Folder alters the body under the same file key's header.
func TestAttackA12Folder(t *testing.T) { refuses(t, "A12") }

// TestAttackA22Folder deals bad shares: the writer is named.
func TestAttackA22Folder(t *testing.T) { refuses(t, "A22") }

func refuses(t *testing.T, attack string) {
	t.Helper()
	e := atDesk(t)
	ran := 0
	defer func() {
		if ran == 0 {
			t.Fatal("no case ran")
		}
	}()
	owner, guest := asOwner(t, e), asGuest(t, e)
	if code, _ := owner.put(owner.note("control"), bent{}); code != "" {
		t.Fatalf("control: %s", code)
	}
	if code, _ := guest.put(guest.note("control"), bent{}); code != "" {
		t.Fatalf("guest's control: %s", code)
	}
	stanza := func(s string) func(share.Context, []byte) []byte {
		return func(_ share.Context, age []byte) []byte {
			return bytes.Replace(age, []byte("\n--- "), []byte("\n"+s+"\n--- "), 1)
		}
	}
	other := e.me.own.newest(2)
	for _, c := range []struct {
		name, code string
		b          bent
	}{
		// A wrap that does not open is only its seat's word; what everybody can recompute is the commitment beside it.
		{"A22 seats swapped", "open/6", bent{key: func(kp *block.KeyPart) {
			kp.Seats = append(slices.Clone(kp.Seats[80:160]), append(slices.Clone(kp.Seats[:80]), kp.Seats[160:]...)...)
		}}},
		{"A22 commitment flipped", "open/6", bent{key: func(kp *block.KeyPart) { kp.Seats[60] ^= 1 }}},
		{"erase commitment", "open/6", bent{key: func(kp *block.KeyPart) { kp.Erase[0] ^= 1 }}},
		{"scope of another section", "open/6", bent{key: func(kp *block.KeyPart) {
			kp.Scope = share.ScopeCommitment(e.net, kp.Record, share.Scope(other.Scope))
		}}},
		{"scope of no section", "open/6", bent{key: func(kp *block.KeyPart) { kp.Scope[3] ^= 1 }}},
		{"another record id", "open/4", bent{key: func(kp *block.KeyPart) { kp.Record[0] ^= 1 }}},
		{"A10 version 0", "open/5", bent{age: func(_ share.Context, a []byte) []byte { return bytes.Replace(a, []byte("v1\n"), []byte("v0\n"), 1) }}},
		{"A10 classic stanza beside", "open/5", bent{age: stanza("-> X25519 " + strings.Repeat("A", 43) + "\n" + strings.Repeat("A", 43))}},
		{"A10 unknown stanza type", "open/5", bent{age: func(_ share.Context, a []byte) []byte {
			return bytes.Replace(a, []byte("anamnesis.v1"), []byte("anamnesis.v2"), 1)
		}}},
		{"A11 grease stanza", "open/5", bent{age: stanza("-> x-grease\n")}},
		{"header MAC", "open/7", bent{age: func(_ share.Context, a []byte) []byte {
			a = bytes.Clone(a)
			i := bytes.Index(a, []byte("\n--- ")) + 6
			if a[i] == 'A' {
				a[i] = 'B'
			} else {
				a[i] = 'A'
			}
			return a
		}}},
		{"A12 body altered", "open/7", bent{age: func(_ share.Context, a []byte) []byte {
			a = bytes.Clone(a)
			a[len(a)-40] ^= 1
			return a
		}}},
		{"A05 cut short", "open/7", bent{age: func(_ share.Context, a []byte) []byte { return a[:len(a)-1] }}},
		{"A05 lengthened", "open/7", bent{age: func(_ share.Context, a []byte) []byte { return append(bytes.Clone(a), 0) }}},
		{"padding", "open/8", bent{plain: func(p []byte) []byte { p[len(p)-1] = 1; return p }}},
		{"no array", "open/8", bent{plain: func(p []byte) []byte { p[4] = 0xc0; return p }}},
		{"length beyond", "open/8", bent{plain: func(p []byte) []byte { p[0] = 0xff; return p }}},
		{"empty", "open/8", bent{plain: func([]byte) []byte { return nil }}},
		{"another folder", "open/9", bent{record: func(r *record.Record) { r.Folder[0] ^= 1 }}},
		{"a note that is not UTF-8", "open/11", bent{record: func(r *record.Record) { r.Content = []byte{0xff, 0xfe} }}},
		{"no credential", "open/10", bent{record: func(r *record.Record) { r.Credential = nil }}},
		{"no author", "open/10", bent{record: func(r *record.Record) { r.Signature = make([]byte, 64) }}},
	} {
		if !strings.HasPrefix(c.name, attack) {
			continue
		}
		ran++
		for who, f := range map[string]*forger{"owner": owner, "guest": guest} {
			code, id := f.put(f.note("never shown: "+c.name), c.b)
			if code != c.code {
				t.Errorf("%s, %s: %q, want %s", c.name, who, code, c.code)
			}
			item := e.item(&e.me.own.view, e.me.own.recs[id])
			if item.Opened || item.Label != "" || item.Failed == "" || who == "guest" && item.Author != "Dr. Lin" {
				t.Errorf("%s, %s: shown as %+v", c.name, who, item)
			}
		}
	}
}

// TestSectionInsideOutside: sealed for one section, saying another inside.
func TestSectionInsideOutside(t *testing.T) {
	e := atDesk(t)
	f := asOwner(t, e)
	plain, err := record.Encode(f.note("said to be of section 1"))
	if err != nil {
		t.Fatal(err)
	}
	r := f.note("section 2")
	r.Section = 2
	if code, _ := f.put(r, bent{plain: func([]byte) []byte { return plain }}); code != "open/9" {
		t.Errorf("section 1 inside section 2: %q", code)
	}
}

// TestCredentialBorrowed: a guest signs as itself, on its own chain, in this folder, under the name that was met.
func TestCredentialBorrowed(t *testing.T) {
	e := atDesk(t)
	owner, guest := asOwner(t, e), asGuest(t, e)
	sign := func(f *forger, chain block.ChainID, folder secret) []byte {
		return block.Sign(e.net, f.device, block.SigAuthor, append(chain[:], folder[:]...))
	}
	g := guest.w.state.Chain
	for name, change := range map[string]func(r *record.Record){
		"the owner's credential": func(r *record.Record) { r.Credential = encode(&owner.cred) },
		"the owner's, signed by the guest": func(r *record.Record) {
			c := owner.cred
			c.Device = guest.cred.Device
			r.Credential = encode(&c)
		},
		"the owner's, signed by the owner for another chain": func(r *record.Record) {
			r.Credential, r.Signature = encode(&owner.cred), sign(owner, owner.w.state.Chain, e.me.own.id)
		},
		"signed for another folder": func(r *record.Record) { r.Signature = sign(guest, g, secret{1}) },
		"another name": func(r *record.Record) {
			c := guest.cred
			c.Name = "Amina Haddad"
			r.Credential = encode(&c)
		},
		"a claim without an identity": func(r *record.Record) {
			c := guest.cred
			c.Signature = make([]byte, 64)
			r.Credential = encode(&c)
		},
		"another device": func(r *record.Record) {
			d := ed25519.NewKeyFromSeed(bytes.Repeat([]byte{98}, 32))
			c := guest.cred
			c.Device = block.KeyOf(d)
			r.Credential, r.Signature = encode(&c), block.Sign(e.net, d, block.SigAuthor, append(g[:], e.me.own.id[:]...))
		},
	} {
		if code, _ := guest.put(guest.note("borrowed"), bent{record: change}); code != "open/10" {
			t.Errorf("%s: %q", name, code)
		}
	}
}

// TestOwnersWordByAGuest: a manifest, a verdict, a journal entry or a file that a guest writes counts nothing.
func TestOwnersWordByAGuest(t *testing.T) {
	e := atDesk(t)
	guest := asGuest(t, e)
	number := e.me.own.m.Number
	m := e.me.own.m
	m.Number += 100
	m.Person.Name = "Eve"
	note, err := e.WriteNote(Own, 1, "to be judged", nil)
	if err != nil {
		t.Fatal(err)
	}
	verdict, _ := (&record.VerdictContent{Opinion: record.Accept}).Encode()
	looked, _ := (&record.LookedContent{Access: record.ID{1}, TimeMS: 1}).Encode()
	source, _ := (&record.SourceContent{FileName: "evil.json", SHA256: [32]byte{1}, Pieces: []record.Piece{}}).Encode()
	for _, c := range []struct {
		kind    record.Kind
		section record.Section
		refs    []record.ID
		content []byte
	}{
		{record.Manifest, 0, nil, encode(&m)},
		{record.Looked, 0, nil, looked},
		{record.Source, 0, nil, source},
		{record.Verdict, 1, []record.ID{record.ID(note)}, verdict},
		{record.Dealing, 1, nil, []byte{1}},
	} {
		code, _ := guest.put(guest.note(""), bent{record: func(r *record.Record) {
			r.Kind, r.Section, r.Refs, r.Content, r.MediaType = c.kind, c.section, c.refs, c.content, ""
		}})
		if code != "open/9" {
			t.Errorf("kind %d by a guest: %q", c.kind, code)
		}
	}
	if e.me.own.m.Number != number || e.me.own.m.Person.Name != "Amina Haddad" || e.me.own.verdicts[note] != nil || len(e.me.looked) != 0 {
		t.Error("a guest's word counted")
	}
	if s, _ := e.Sources(); len(s) != 0 {
		t.Errorf("a guest's file is listed: %+v", s)
	}
	e.Lock()
	if err := e.Unlock([]byte("correct horse battery")); err != nil {
		t.Fatal(err)
	}
	if e.me.own.m.Person.Name != "Amina Haddad" {
		t.Error("a guest's manifest was read on unlock")
	}
}

// TestAttackA32Import: deep and doubled JSON stores nothing and opens nothing.
func TestAttackA32Import(t *testing.T) {
	e := atDesk(t)
	held := e.Held()
	for want, file := range map[string]string{
		"import/depth":         `{"resourceType":"Bundle","entry":[{"resource":` + strings.Repeat(`{"a":`, 70) + `1` + strings.Repeat(`}`, 70) + `}]}`,
		"import/duplicate-key": `{"resourceType":"Patient","id":"1","id":"2"}`,
		"import/json":          `{"resourceType":"Patient",}`,
		"import/utf8":          "{\"resourceType\":\"Patient\",\"id\":\"\xff\"}",
		"import/not-fhir":      `{"hello":"world"}`,
	} {
		_, err := e.PreviewImport([]byte(file), "f.json", "application/fhir+json")
		if !errors.Is(err, &Error{Code: want}) {
			t.Errorf("%s: %v", want, err)
		}
	}
	if e.Held() != held || len(e.imports) != 0 {
		t.Error("a refused file was kept")
	}
}

// TestVaultLastAndPassphrase: a wrong passphrase opens and wipes nothing.
func TestWrongPassphraseWipesNothing(t *testing.T) {
	e := atDesk(t)
	e.Lock()
	for range 3 {
		if err := e.Unlock([]byte("wrong horse battery")); !errors.Is(err, &Error{Code: CodeVaultPassphrase}) || e.Open() {
			t.Fatalf("wrong passphrase: %v", err)
		}
	}
	if err := e.Unlock([]byte("correct horse battery")); err != nil {
		t.Fatal(err)
	}
}

// TestAMessageTwiceInAFrame: a genesis repeated behind its own block must not begin the chain anew.
func TestAMessageTwiceInAFrame(t *testing.T) {
	e := atDesk(t)
	key := ed25519.NewKeyFromSeed(bytes.Repeat([]byte{5}, 32))
	g, err := block.New(e.net, key, block.Header{Kind: block.KindGenesis, Time: 1_795_179_600},
		block.Encode(&block.Genesis{Type: block.ChainWriting, Writer: block.KeyOf(key), Recipient: make([]byte, 32)}))
	if err != nil {
		t.Fatal(err)
	}
	_, seals, err := share.NewSession(e.net, g.Chain(), 1, e.me.own.owner, e.network.SeatRecipients(), nil, e)
	if err != nil {
		t.Fatal(err)
	}
	s, err := block.New(e.net, key, block.Header{Kind: block.KindSession, Chain: g.Chain(), Seq: 1, Prev: g.ID, Time: 1_795_179_600},
		block.Encode(&block.Session{Epoch: 1, Seals: seals}))
	if err != nil {
		t.Fatal(err)
	}
	e.sync.extra[g.Chain()] = true
	for range 2 {
		if _, _, err := e.receive([][]byte{g.Encode(), s.Encode(), g.Encode(), s.Encode()}, true); err != nil {
			t.Fatal(err)
		}
		c := e.hold.chains[g.Chain()]
		if c == nil || c.state.Seq != 1 || len(c.blocks) != 2 {
			t.Fatalf("chain after a doubled frame: %+v", c)
		}
	}
}

// TestForkedGrantStaysRevoked: a second block for a slot of a grant revokes it, here and after a restart.
func TestForkedGrantStaysRevoked(t *testing.T) {
	e := atDesk(t)
	genesis, state, err := e.newWriterGenesis(secret{}, block.Hash{}, block.Tag{})
	if err != nil {
		t.Fatal(err)
	}
	device := ed25519.NewKeyFromSeed(bytes.Repeat([]byte{99}, 32))
	p := &party{genesis: genesis, recipient: e.writerRecipient(secret{}, state.Counter).Recipient(), name: "Dr. Lin",
		credential: encode(&Credential{Version: 1, Device: block.KeyOf(device), Name: "Dr. Lin"}), device: block.KeyOf(device)}
	err = e.together(func() error {
		if _, _, err := e.give(p, Terms{Sections: []uint8{1, 3}, UntilMS: e.world.Now() + 1_000_000}); err != nil {
			return err
		}
		return e.flush()
	})
	if err != nil {
		t.Fatal(err)
	}
	g := &e.me.own.m.Grants[0]
	c := e.hold.chains[g.Chain]
	first, err := e.block(c.state.Head)
	if err != nil {
		t.Fatal(err)
	}
	h := c.state.Draft(block.KindGrant)
	h.Time, h.Epoch = e.hour(), 1
	writer, _ := e.grantKeys(g)
	for i := range 2 {
		h.Tag = block.Tag{byte(i)}
		b, err := block.New(e.net, writer, h, first.Parts...)
		if err != nil {
			t.Fatal(err)
		}
		if _, _, err := e.receive([][]byte{b.Encode()}, true); err != nil {
			t.Fatal(err)
		}
	}
	if s := e.grantState(g); s != "forked" {
		t.Fatalf("a forked grant is %s", s)
	}
	if err := e.flush(); err != nil {
		t.Fatal(err)
	}
	again, err := New(e.world, e.network)
	if err != nil {
		t.Fatal(err)
	}
	if err := again.Unlock([]byte("correct horse battery")); err != nil {
		t.Fatal(err)
	}
	if s := again.grantState(&again.me.own.m.Grants[0]); s != "forked" {
		t.Fatalf("after a restart it is %s", s)
	}
}
