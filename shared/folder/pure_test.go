package folder

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"unicode"

	"github.com/anamnesis-health/anamnesis/shared/block"
	"github.com/anamnesis-health/anamnesis/shared/spec"
)

type hexBytes = spec.Hex

func vectors(t testing.TB, name string, into any) {
	t.Helper()
	if err := spec.Read(name, into); err != nil {
		t.Fatal(err)
	}
}

// seeded is a source of bytes that a test can repeat.
func seeded(seed uint64) io.Reader { return rand.NewChaCha8([32]byte{byte(seed)}) }

func codeIs(err error, code string) bool { return errors.Is(err, &Error{Code: code}) }

func TestWordListIsBIP39(t *testing.T) {
	list := strings.Fields(english)
	sum := sha256.Sum256([]byte(strings.Join(list, "\n") + "\n"))
	if got := hex.EncodeToString(sum[:]); got != "2f5eed53a4727b4bf8880d8f3f199efc90e58503646d9ff8eff3a2ed3b24dbda" {
		t.Errorf("SHA-256 %s", got)
	}
	if len(list) != wordCount || !slices.IsSorted(list) {
		t.Errorf("%d words, sorted: %v", len(list), slices.IsSorted(list))
	}
	first := map[string]bool{}
	for _, w := range list {
		first[w[:min(wordEnough, len(w))]] = true
	}
	if len(first) != wordCount {
		t.Errorf("%d words differ in four letters", len(first))
	}
}

func TestKitVectors(t *testing.T) {
	var v struct {
		Words, Typed []struct {
			Name, Words, In string
			Root            hexBytes
		}
		TypedRefused []struct{ Name, In, Error, Detail string }
		QR           []struct {
			Name, QR            string
			Root, Net, Identity hexBytes
			Relays              []string
		}
		QRRefused []struct{ Name, In, Error string }
	}
	vectors(t, "kit", &v)
	if len(v.Words) == 0 || len(v.Typed) == 0 || len(v.TypedRefused) <= len(v.Typed) || len(v.QR) == 0 || len(v.QRRefused) <= len(v.QR) {
		t.Fatal("vectors are missing")
	}
	for _, c := range v.Words {
		k := Kit{Root: [32]byte(c.Root)}
		if got := strings.Join(k.Words(), " "); got != c.Words {
			t.Errorf("%s: %s", c.Name, got)
		}
		if root, err := ParseWords(c.Words); err != nil || root != k.Root {
			t.Errorf("%s: %x, %v", c.Name, root, err)
		}
	}
	for _, c := range v.Typed {
		if root, err := ParseWords(c.In); err != nil || !bytes.Equal(root[:], c.Root) {
			t.Errorf("%s: %x, %v", c.Name, root, err)
		}
	}
	for _, c := range v.TypedRefused {
		var e *Error
		if root, err := ParseWords(c.In); !errors.As(err, &e) || e.Code != c.Error || e.Detail != c.Detail || root != [32]byte{} {
			t.Errorf("%s: %v, want %s %s", c.Name, err, c.Error, c.Detail)
		}
	}
	for _, c := range v.QR {
		k := Kit{Root: [32]byte(c.Root), Net: block.Net(c.Net), Identity: block.ChainID(c.Identity), Relays: c.Relays}
		if got, err := k.QR(); err != nil || got != c.QR || strings.ContainsFunc(got, notAlphanumericQR) {
			t.Errorf("%s: %s, %v", c.Name, got, err)
		}
		got, err := ParseQR("\n " + c.QR + " ")
		if err != nil || got.Root != k.Root || got.Net != k.Net || got.Identity != k.Identity || !slices.Equal(got.Relays, k.Relays) {
			t.Errorf("%s: %+v, %v", c.Name, got, err)
		}
	}
	for _, c := range v.QRRefused {
		if k, err := ParseQR(c.In); !codeIs(err, c.Error) || k != nil {
			t.Errorf("%s: %v, want %s", c.Name, err, c.Error)
		}
	}
}

func notAlphanumericQR(r rune) bool {
	return !strings.ContainsRune("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 $%*+-./:", r)
}

func TestKitQRRefusesRelaysOutOfBounds(t *testing.T) {
	for _, relays := range [][]string{
		nil,
		{""},
		{"relay.example"},
		{"http://relay.example"},
		{"http://127.0.0.1.example"},
		{"http://[::1].example"},
		{"ws://[::2]"},
		{"ws://localhost:"},
		{"ws://localhost:a"},
		{"ftp://localhost"},
		{"https://a", "https://b", "https://c", "https://d"},
		{"https://" + strings.Repeat("a", 57)},
		{"https://a", "https://b c"},
	} {
		if s, err := (&Kit{Relays: relays}).QR(); !codeIs(err, CodeKitFormat) {
			t.Errorf("%q: %s, %v", relays, s, err)
		}
	}
}

// TestOneWrongWordIsAlmostAlwaysSeen: a wrong word is refused by the checksum but once in 256.
func TestOneWrongWordIsAlmostAlwaysSeen(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	list := strings.Fields(english)
	passed := 0
	for range 2000 {
		k := Kit{}
		if _, err := io.ReadFull(seeded(rng.Uint64()), k.Root[:]); err != nil {
			t.Fatal(err)
		}
		words := k.Words()
		i := rng.IntN(kitWords)
		wrong := list[rng.IntN(wordCount)]
		if wrong == words[i] {
			continue
		}
		words[i] = wrong
		if root, err := ParseWords(strings.Join(words, " ")); err == nil {
			passed++
			if root == k.Root {
				t.Fatal("another word gives the same root")
			}
		}
	}
	if passed > 30 { // 8 expected
		t.Errorf("%d of 2,000 wrong words passed", passed)
	}
}

func TestMeetingCodeVectors(t *testing.T) {
	type purposed struct {
		Name, Purpose, In, Error string
		Net, Code, Room, Secret  hexBytes
	}
	purpose := map[string]Purpose{"share": PurposeShare, "device": PurposeDevice}
	var v struct {
		Codes []struct {
			Name, Words, Digits, Share, Device string
			Code                               hexBytes
		}
		Parse, Rendezvous []purposed
		ShortStrings      []struct {
			Name, Digits            string
			Emoji                   []string
			Net, Room, Host, Joiner hexBytes
		}
	}
	vectors(t, "meeting", &v)
	if len(v.Codes) == 0 || len(v.Parse) == 0 || len(v.Rendezvous) == 0 || len(v.ShortStrings) == 0 {
		t.Fatal("vectors are missing")
	}
	net := block.Net(v.Parse[0].Net)
	for _, c := range v.Codes {
		code := Code(c.Code)
		if got := strings.Join(code.Words(), " "); got != c.Words || code.Digits() != c.Digits {
			t.Errorf("%s: %s, %s", c.Name, got, code.Digits())
		}
		if share, device := code.Path(PurposeShare, net), code.Path(PurposeDevice, net); share != c.Share || device != c.Device || len(share) != 30 {
			t.Errorf("%s: %s, %s", c.Name, share, device)
		}
		for _, text := range []string{c.Words, c.Digits, c.Share} {
			if got, err := ParseCode(text, PurposeShare, net); err != nil || got != code {
				t.Errorf("%s: %x from %s, %v", c.Name, got, text, err)
			}
		}
	}
	for _, c := range v.Parse {
		got, err := ParseCode(c.In, purpose[c.Purpose], block.Net(c.Net))
		if c.Error != "" && (!codeIs(err, c.Error) || got != Code{}) || c.Error == "" && (err != nil || !bytes.Equal(got[:], c.Code)) {
			t.Errorf("%s: %x, %v, want %x %s", c.Name, got, err, c.Code, c.Error)
		}
	}
	for _, c := range v.Rendezvous {
		room, secret, err := rendezvous(block.Net(c.Net), purpose[c.Purpose], Code(c.Code))
		if err != nil || !bytes.Equal(room[:], c.Room) || !bytes.Equal(secret[:], c.Secret) {
			t.Errorf("%s: %x, %x, %v", c.Name, room, secret, err)
		}
	}
	for _, c := range v.ShortStrings {
		digits, emoji := shortString(block.Net(c.Net), block.Nonce(c.Room), block.Hash(c.Host), block.Hash(c.Joiner))
		if digits != c.Digits || !slices.Equal(emoji, c.Emoji) {
			t.Errorf("%s: %s %v", c.Name, digits, emoji)
		}
	}
}

func TestAttackA19LinkCodeInTheShareScanner(t *testing.T) {
	net := block.Net{1, 2, 3}
	c, err := NewCode(seeded(1))
	if err != nil {
		t.Fatal(err)
	}
	for given, wanted := range map[Purpose]Purpose{PurposeDevice: PurposeShare, PurposeShare: PurposeDevice} {
		for _, origin := range []string{"", "https://relay.example/", "https://evil.example/app/"} {
			if got, err := ParseCode(origin+c.Path(given, net), wanted, net); !codeIs(err, CodeMeetWrongKind) {
				t.Errorf("%x, %v", got, err)
			}
		}
	}
	// typed words say nothing of their purpose: the two sides then wait in different rooms
	share, shareSecret, _ := rendezvous(net, PurposeShare, c)
	device, deviceSecret, _ := rendezvous(net, PurposeDevice, c)
	if share == device || shareSecret == deviceSecret {
		t.Error("one code meets under two purposes")
	}
	if other, _, _ := rendezvous(block.Net{9}, PurposeShare, c); other == share {
		t.Error("one code meets in two networks")
	}
}

func TestNewCode(t *testing.T) {
	seen := map[Code]bool{}
	r := seeded(3)
	for range 100 {
		c, err := NewCode(r)
		if err != nil || c[0] > 3 || seen[c] {
			t.Fatalf("%x, %v", c, err)
		}
		seen[c] = true
	}
	if c, err := NewCode(strings.NewReader("too few")); err == nil {
		t.Errorf("%x of eight bytes", c)
	}
}

func TestEmojiNames(t *testing.T) {
	names := strings.Fields(emojiNames)
	if len(names) != 64 || len(slices.Compact(slices.Clone(names))) != 64 || !slices.IsSorted(names) {
		t.Errorf("%d names", len(names))
	}
}

func TestVaultVectors(t *testing.T) {
	var v struct {
		Passphrase, Payload hexBytes
		Vaults              []struct {
			Name string
			File hexBytes
		}
		VaultsRefused []struct {
			Name, Error      string
			Passphrase, File hexBytes
		}
	}
	vectors(t, "device", &v)
	if len(v.Vaults) == 0 || len(v.VaultsRefused) <= len(v.Vaults) {
		t.Fatal("vectors are missing")
	}
	for _, c := range v.Vaults {
		if got, err := OpenVault(c.File, v.Passphrase); err != nil || !bytes.Equal(got, v.Payload) {
			t.Errorf("%s: %x, %v", c.Name, got, err)
		}
	}
	for _, c := range v.VaultsRefused {
		if got, err := OpenVault(c.File, c.Passphrase); !codeIs(err, c.Error) || got != nil {
			t.Errorf("%s: %x, %v, want %s", c.Name, got, err, c.Error)
		}
	}
}

func TestPasskeyVectors(t *testing.T) {
	var v struct {
		Net, PRF, Payload hexBytes
		Passkeys          []struct {
			Name                   string
			File, Credential, Salt hexBytes
		}
		PasskeysRefused []struct {
			Name, Error string
			File, PRF   hexBytes
		}
	}
	vectors(t, "device", &v)
	if len(v.Passkeys) == 0 || len(v.PasskeysRefused) <= len(v.Passkeys) {
		t.Fatal("vectors are missing")
	}
	for _, c := range v.Passkeys {
		got, key, err := openVault(c.File, byPasskey(block.Net(v.Net), v.PRF))
		if err != nil || !bytes.Equal(got, v.Payload) {
			t.Fatalf("%s: %x, %v", c.Name, got, err)
		}
		if w := wrapOf(key.header, wrapPasskey); !bytes.Equal(w.credential, c.Credential) || !bytes.Equal(w.salt[:], c.Salt) {
			t.Errorf("%s: %x, %x", c.Name, w.credential, w.salt)
		}
	}
	for _, c := range v.PasskeysRefused {
		if got, _, err := openVault(c.File, byPasskey(block.Net(v.Net), c.PRF)); !codeIs(err, c.Error) || got != nil {
			t.Errorf("%s: %x, %v, want %s", c.Name, got, err, c.Error)
		}
	}
}

func TestVaultIsSealedAfreshEachTime(t *testing.T) {
	r := seeded(5)
	a, err := SealVault([]byte("payload"), []byte("pass"), r)
	if err != nil {
		t.Fatal(err)
	}
	b, err := SealVault([]byte("payload"), []byte("pass"), r)
	if err != nil {
		t.Fatal(err)
	}
	same := 0
	for i := range a {
		if a[i] == b[i] {
			same++
		}
	}
	if len(a) != len(b) || same > len(a)/3 {
		t.Errorf("%d of %d bytes alike", same, len(a))
	}
	if got, err := OpenVault(b, []byte("pass")); err != nil || string(got) != "payload" {
		t.Errorf("%q, %v", got, err)
	}
	if _, err := SealVault(nil, []byte("pass"), strings.NewReader("short")); err == nil {
		t.Error("sealed without randomness")
	}
}

func FuzzParse(f *testing.F) {
	net := block.Net{1, 2, 3}
	k := Kit{Root: [32]byte{1}, Relays: []string{"https://relay.example"}}
	qr, err := k.QR()
	if err != nil {
		f.Fatal(err)
	}
	c := Code{1, 2, 3, 4, 5, 6, 7, 8, 9}
	for _, s := range []string{qr, strings.Join(k.Words(), " "), strings.Join(c.Words(), " "), c.Digits(), c.Path(PurposeShare, net)} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if k, err := ParseQR(s); err == nil {
			if again, err := k.QR(); err != nil || again != strings.TrimSpace(s) {
				t.Fatalf("%q gives %q, %v", s, again, err)
			}
		}
		if root, err := ParseWords(s); err == nil {
			if k := (Kit{Root: root}); !sameWords(s, k.Words()) {
				t.Fatalf("%q gives %v", s, k.Words())
			}
		}
		c, err := ParseCode(s, PurposeShare, net)
		if err != nil {
			return
		}
		compact := strings.Map(func(r rune) rune {
			if unicode.IsDigit(r) {
				return r
			}
			return -1
		}, s)
		if !strings.HasSuffix(s, c.Path(PurposeShare, net)) && compact != c.Digits() && !sameWords(s, c.Words()) &&
			!strings.HasSuffix(strings.TrimSpace(s), c.Path(PurposeShare, net)) {
			t.Fatalf("%q gives %x", s, c)
		}
	})
}

func sameWords(typed string, words []string) bool {
	fields := strings.Fields(strings.ToLower(typed))
	if len(fields) != len(words) {
		return false
	}
	for i := range fields {
		if !strings.HasPrefix(words[i], fields[i]) {
			return false
		}
	}
	return true
}

func FuzzOpenVaultHeader(f *testing.F) {
	header := appendVaultHeader(nil, []vaultWrap{{kind: wrapScrypt, logN: scryptLogN, r: scryptR, p: scryptP}, {kind: wrapPasskey, credential: []byte("id")}})
	f.Add(appendVault(nil, header, make([]byte, vaultNonce), []byte("sealed")))
	f.Fuzz(func(t *testing.T, b []byte) {
		header, nonce, sealed, err := decodeVault(b)
		if err != nil {
			return
		}
		if again := appendVault(nil, header, nonce, sealed); !bytes.Equal(again, b) {
			t.Fatalf("%x encodes to %x", b, again)
		}
		if wraps, err := decodeVaultHeader(header); err == nil {
			if again := appendVaultHeader(nil, wraps); !bytes.Equal(again, header) {
				t.Fatalf("%x encodes to %x", header, again)
			}
		}
	})
}

func ExampleCode_Digits() {
	fmt.Println(Code{0, 0, 0, 0, 0, 0, 0, 0, 42}.Digits())
	// Output: 00000000000000000042
}
