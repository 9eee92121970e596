package block

import (
	"bytes"
	"crypto/ed25519"
	"errors"
	"testing"
)

func testKey(seed byte) ed25519.PrivateKey {
	return ed25519.NewKeyFromSeed(bytes.Repeat([]byte{seed}, 32))
}

func testGenesis(t testing.TB) (*Block, Net) {
	t.Helper()
	net, key := Net{1}, testKey(1)
	g := &Genesis{Type: ChainWriting, Nonce: Nonce{9}, Writer: KeyOf(key), Recipient: make([]byte, 32)}
	b, err := New(net, key, Header{Kind: KindGenesis, Epoch: 1, Time: 3600 * 490000}, Encode(g))
	if err != nil {
		t.Fatal(err)
	}
	return b, net
}

func TestRoundTrip(t *testing.T) {
	b, net := testGenesis(t)
	got, err := Parse(b.Encode())
	if err != nil {
		t.Fatal(err)
	}
	if got.ID != b.ID || !bytes.Equal(got.Encode(), b.Encode()) {
		t.Fatal("round trip changed the block")
	}
	if err := got.Verify(net, KeyOf(testKey(1))); err != nil {
		t.Fatal(err)
	}
	if err := got.Verify(Net{2}, KeyOf(testKey(1))); !errors.Is(err, ErrSignature) {
		t.Fatalf("another network's signature: %v", err)
	}
	if c, err := got.Clear(); err != nil || c.(*Genesis).Type != ChainWriting {
		t.Fatal(c, err)
	}
	if _, err := Parse(append(b.Encode(), 0)); !errors.Is(err, ErrCanonical) {
		t.Fatalf("trailing byte: %v", err)
	}
}

func TestWithheldPartKeepsTheRoot(t *testing.T) {
	parts := [][]byte{[]byte("age file"), []byte("key part")}
	b, err := New(Net{}, testKey(1), Header{Kind: KindRecord, Seq: 1, Chain: ChainID{1}, Prev: ID{1}}, parts...)
	if err != nil {
		t.Fatal(err)
	}
	leaf := LeafHash(parts[0])
	b.Parts, b.Leaves = [][]byte{nil, parts[1]}, leaf[:]
	if got, err := Parse(b.Encode()); err != nil || got.Whole() {
		t.Fatal(err)
	}
	b.Leaves[0] ^= 1
	if _, err := Parse(b.Encode()); !errors.Is(err, ErrPayload) {
		t.Fatalf("wrong leaf: %v", err)
	}
	if _, err := Parse(b.Bare().Encode()); err != nil {
		t.Fatal(err)
	}
}
