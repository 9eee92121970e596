package govern

import (
	"bytes"
	"crypto/ed25519"
	"crypto/hpke"
	"crypto/sha256"
	"errors"
	"testing"

	"github.com/anamnesis-health/anamnesis/shared/block"
	"github.com/anamnesis-health/anamnesis/shared/chain"
)

func testKey(name string) ed25519.PrivateKey {
	seed := sha256.Sum256([]byte(name))
	return ed25519.NewKeyFromSeed(seed[:])
}

func testRecipient(t testing.TB, name string) []byte {
	t.Helper()
	k, err := hpke.MLKEM768X25519().DeriveKeyPair([]byte(name))
	if err != nil {
		t.Fatal(err)
	}
	return k.PublicKey().Bytes()
}

func testGenesis(t testing.TB) (Genesis, []ed25519.PrivateKey) {
	t.Helper()
	m := Member{block.ChainID{1}, block.KeyOf(testKey("member")), testRecipient(t, "member")}
	g := Genesis{
		Version: 1, Members: []Member{m}, Approval: 1, F: 1, Lowest: 1, Highest: 1, HashAlg: 1,
		Desks: []Member{{block.ChainID{2}, block.KeyOf(testKey("desk")), testRecipient(t, "desk")}},
		Lanes: []Lane{{1, block.KeyOf(testKey("relay")), []string{"http://127.0.0.1:8080"}}},
	}
	for i := range 4 {
		name := string(rune('a' + i))
		g.Witnesses = append(g.Witnesses, Witness{
			uint8(i + 1), m.Chain, block.KeyOf(testKey("ack" + name)),
			block.KeyOf(testKey("release" + name)), testRecipient(t, "seat"+name),
		})
	}
	return g, []ed25519.PrivateKey{testKey("member")}
}

func testNetwork(t testing.TB) *Network {
	t.Helper()
	g, keys := testGenesis(t)
	n, err := Found(g, 490_000*3600+17, keys)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func TestFoundThenParse(t *testing.T) {
	n := testNetwork(t)
	again, err := Parse(n.Bytes())
	if err != nil || again.Net() != n.Net() || n.Net() == (block.Net{}) {
		t.Fatal(again, err)
	}
	if n.Policy() != (Policy{4, 1, 3, 3}) || n.Epoch() != 1 || n.Block().Header.Time%3600 != 0 {
		t.Fatalf("%+v", n.Policy())
	}
	if _, ok := n.LaneOf(block.KeyOf(testKey("stranger"))); ok {
		t.Error("a stranger has a lane")
	}
	if _, ok := n.MemberKey(block.ChainID{9}); ok {
		t.Error("a stranger is a member")
	}
}

func TestFoundRefuses(t *testing.T) {
	g, keys := testGenesis(t)
	for name, c := range map[string]struct {
		keys []ed25519.PrivateKey
		err  error
	}{
		"no founder":    {nil, ErrFounders},
		"too many":      {append(keys, testKey("desk")), ErrFounders},
		"another's key": {[]ed25519.PrivateKey{testKey("desk")}, ErrFounders},
	} {
		if _, err := Found(g, 3600, c.keys); !errors.Is(err, c.err) {
			t.Errorf("%s: %v", name, err)
		}
	}
	big := g
	for i := range 25 {
		name := string(rune('A' + i))
		big.Desks = append(big.Desks, Member{block.ChainID{9, byte(i)}, block.KeyOf(testKey(name)), testRecipient(t, name)})
	}
	if _, err := Found(big, 3600, keys); !errors.Is(err, block.ErrLimit) {
		t.Errorf("31 recipients: %v", err)
	}
}

// TestEveryBitOfTheFile: no flipped bit leaves a network that is accepted under the same net.
func TestEveryBitOfTheFile(t *testing.T) {
	n := testNetwork(t)
	file := n.Bytes()
	for i := 0; i < len(file)*8; i += 61 {
		bad := bytes.Clone(file)
		bad[i/8] ^= 1 << (i % 8)
		if got, err := Parse(bad); err == nil {
			t.Fatalf("bit %d flipped: accepted as %s", i, got.Net().Hex())
		}
	}
}

func TestPolicy(t *testing.T) {
	for _, c := range []Policy{{1, 0, 1, 1}, {4, 1, 3, 3}, {7, 2, 5, 5}, {10, 3, 7, 7}, {13, 4, 9, 9}, {16, 5, 11, 11}} {
		got, err := NewPolicy(c.N, c.F)
		if err != nil || got != c {
			t.Errorf("n=%d: %+v, %v", c.N, got, err)
		}
		if int(chain.Threshold(uint8(c.N))) != c.T {
			t.Errorf("n=%d: chain deals with another t", c.N)
		}
		if 2*c.Q-c.N < c.F+1 || c.T < c.N-c.Q+c.F+1 || c.Q > c.N-c.F {
			t.Errorf("n=%d: q=%d is unsafe or not live", c.N, c.Q)
		}
		for q := range c.N + 2 {
			if err := got.CheckQuorum(q); (err == nil) != (q == c.Q) {
				t.Errorf("n=%d, quorum %d: %v", c.N, q, err)
			}
		}
	}
	for _, c := range [][2]int{{0, 0}, {2, 0}, {3, 0}, {3, 1}, {4, 0}, {4, 2}, {5, 1}, {6, 1}, {19, 6}, {-2, -1}} {
		if _, err := NewPolicy(c[0], c[1]); !errors.Is(err, ErrPolicy) {
			t.Errorf("n=%d, f=%d: %v", c[0], c[1], err)
		}
	}
}

func TestAdmission(t *testing.T) {
	n := testNetwork(t)
	writer := block.KeyOf(testKey("writer"))
	id, at := block.ChainID{1}, uint64(7200)
	admit := func(net block.Net, by string, issuer block.ChainID, purpose uint8, key block.Key, expiry uint64) *block.Genesis {
		a := block.Admit(net, testKey(by), issuer, purpose, key, expiry)
		return &block.Genesis{Writer: writer, Admission: []block.Admission{a}}
	}
	someone := block.ChainID{8}
	for name, g := range map[string]*block.Genesis{
		"by the member": admit(n.Net(), "member", id, 1, writer, at), "by the desk group": admit(n.Net(), "desk", block.ChainID{2}, 1, writer, at),
	} {
		if err := n.Admits(someone, g, at); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	for name, g := range map[string]*block.Genesis{
		"guest":             {Writer: writer},
		"expired":           admit(n.Net(), "member", id, 1, writer, at-1),
		"another key":       admit(n.Net(), "member", id, 1, block.KeyOf(testKey("x")), at),
		"connection":        admit(n.Net(), "member", id, 2, writer, at),
		"another net":       admit(block.Net{1}, "member", id, 1, writer, at),
		"unknown issuer":    admit(n.Net(), "member", block.ChainID{7}, 1, writer, at),
		"desk as member":    admit(n.Net(), "desk", id, 1, writer, at),
		"witness as member": admit(n.Net(), "acka", id, 1, writer, at),
		"self-made":         admit(n.Net(), "writer", id, 1, writer, at),
		"later expiry stated": func() *block.Genesis {
			g := admit(n.Net(), "member", id, 1, writer, at)
			g.Admission[0].Expiry++
			return g
		}(),
	} {
		if err := n.Admits(someone, g, at); !errors.Is(err, ErrNotAdmitted) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := n.Admits(id, &block.Genesis{Writer: block.KeyOf(testKey("member"))}, at); err != nil {
		t.Errorf("the member's own chain: %v", err)
	}
	if err := n.Admits(id, &block.Genesis{Writer: writer}, at); !errors.Is(err, ErrNotAdmitted) {
		t.Errorf("the member's chain id with another key: %v", err)
	}
}

func FuzzParse(f *testing.F) {
	for _, c := range vectors(f) {
		f.Add([]byte(c.File))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		n, err := Parse(raw)
		if err == nil && !bytes.Equal(n.Bytes(), raw) {
			t.Fatal("kept other bytes than came")
		}
	})
}
