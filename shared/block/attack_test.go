package block

import (
	"bytes"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
)

// TestAttackA04 flips every bit of a signed block on the wire: each flip is refused, or changes nothing that was
// signed (a flip in the signature can only be refused).
func TestAttackA04(t *testing.T) {
	key := testKey(1)
	parts := [][]byte{[]byte("age file"), Encode(&KeyPart{T: 1, N: 1, Seats: make([]byte, SeatSize)})}
	h := Header{Kind: KindRecord, Chain: ChainID{1}, Seq: 7, Prev: ID{2}, Epoch: 1, Time: 3600, Tag: Tag{3}}
	b, err := New(Net{9}, key, h, parts...)
	if err != nil {
		t.Fatal(err)
	}
	wire := b.Encode()
	for i := range len(wire) * 8 {
		bad := bytes.Clone(wire)
		bad[i/8] ^= 1 << (i % 8)
		got, err := Parse(bad)
		if err == nil {
			err = got.Verify(Net{9}, KeyOf(key))
		}
		if err == nil {
			t.Fatalf("bit %d of byte %d flipped: accepted", i%8, i/8)
		}
	}
}

// TestAttackA04EveryField changes each header field by itself: the signature no longer holds.
func TestAttackA04EveryField(t *testing.T) {
	key := testKey(1)
	h := Header{Kind: KindAccess, Chain: ChainID{1}, Seq: 7, Prev: ID{2}, Links: []ID{{4}}, Epoch: 1, Time: 3600, Tag: Tag{3}}
	b, err := New(Net{9}, key, h, []byte("a"), []byte("b"))
	if err != nil {
		t.Fatal(err)
	}
	changes := map[string]func(*Header){
		"Version": func(h *Header) { h.Version = 2 }, "Kind": func(h *Header) { h.Kind = KindRecord }, "Chain": func(h *Header) { h.Chain[5] ^= 1 },
		"Seq": func(h *Header) { h.Seq++ }, "Prev": func(h *Header) { h.Prev[0] ^= 1 }, "Links": func(h *Header) { h.Links = nil },
		"Epoch": func(h *Header) { h.Epoch++ }, "Time": func(h *Header) { h.Time += 3600 }, "Tag": func(h *Header) { h.Tag[15] ^= 1 },
		"PayloadHash": func(h *Header) { h.PayloadHash[31] ^= 1 }, "PayloadLength": func(h *Header) { h.PayloadLength++ },
	}
	for f := range reflect.TypeFor[Header]().Fields() {
		change := changes[f.Name]
		if change == nil {
			t.Fatalf("no change for field %s", f.Name)
		}
		bad := b.Header
		change(&bad)
		if Verify(Net{9}, KeyOf(key), SigBlock, bad.Encode(), b.Signature) == nil {
			t.Errorf("%s changed: the signature still holds", f.Name)
		}
		if HeaderID(bad.Encode()) == b.ID {
			t.Errorf("%s changed: the id stays", f.Name)
		}
	}
}

var sigTypes = []SigType{
	SigBlock, SigHello, SigAuthorize, SigReshare, SigAuthor, SigDevice, SigErase, SigLane, SigStored, SigErased, SigAck,
	SigFreeze, SigHandoff, SigRelease, SigClear, SigFound, SigApprove, SigAccredit, SigAdmit,
}

// TestAttackA14 checks a signature of each type as each other type and under another net: only the diagonal passes.
func TestAttackA14(t *testing.T) {
	key, body := testKey(1), []byte("the same body")
	for _, made := range sigTypes {
		sig := Sign(Net{1}, key, made, body)
		for _, asked := range sigTypes {
			err := Verify(Net{1}, KeyOf(key), asked, body, sig)
			if (err == nil) != (made == asked) {
				t.Errorf("%s checked as %s: %v", made, asked, err)
			}
			if Verify(Net{2}, KeyOf(key), asked, body, sig) == nil {
				t.Errorf("%s checked as %s in another net: accepted", made, asked)
			}
		}
	}
	if all := slices.Compact(slices.Sorted(slices.Values(sigTypes))); len(all) != 19 {
		t.Fatalf("%d types", len(all))
	}
}

// TestAttackA14NoTypeIsAPrefix: P(type) of one type never begins that of another, whatever the net.
func TestAttackA14NoTypeIsAPrefix(t *testing.T) {
	for _, a := range sigTypes {
		if strings.ContainsRune(string(a), 0) {
			t.Errorf("%q holds the separator", a)
		}
		for _, b := range sigTypes {
			if p, q := Prefix(Net{}, string(a)), Prefix(Net{}, string(b)); a != b && bytes.HasPrefix(q, p[:len(p)-32]) {
				t.Errorf("%s begins %s", a, b)
			}
		}
	}
}

// TestAttackA15: ids, chains, keys and hashes are types of their own, and their texts have prefixes that no other has.
func TestAttackA15(t *testing.T) {
	kinds := []reflect.Type{
		reflect.TypeFor[Net](), reflect.TypeFor[ID](), reflect.TypeFor[ChainID](), reflect.TypeFor[Hash](), reflect.TypeFor[Key](),
		reflect.TypeFor[Tag](), reflect.TypeFor[Nonce](),
	}
	for i, a := range kinds {
		for j, b := range kinds {
			if i != j && a.AssignableTo(b) {
				t.Errorf("a %s can be assigned to a %s", a, b)
			}
		}
	}
	texts := []string{ID{1}.String(), ChainID{1}.String(), KeyOf(testKey(1)).String()}
	for i, want := range []string{"blk_", "chn_", "key_"} {
		for j, text := range texts {
			if strings.HasPrefix(text, want) != (i == j) {
				t.Errorf("%s and prefix %s", text, want)
			}
		}
	}
}

// TestAttackA16 re-encodes one block's wire bytes in every other way msgpack allows: all are refused.
func TestAttackA16(t *testing.T) {
	b, _ := testGenesis(t)
	wire := b.Encode()
	for name, bad := range map[string][]byte{
		"array of 16 bits":  slices.Concat([]byte{0xdc, 0, 4}, wire[1:]),
		"array of 32 bits":  slices.Concat([]byte{0xdd, 0, 0, 0, 4}, wire[1:]),
		"bin of 16 bits":    slices.Concat(wire[:1], []byte{0xc5, 0}, wire[2:]),
		"bin of 32 bits":    slices.Concat(wire[:1], []byte{0xc6, 0, 0, 0}, wire[2:]),
		"str for bin":       slices.Concat(wire[:1], []byte{0xd9}, wire[2:]),
		"version as uint8":  slices.Concat(wire[:1], []byte{0xc4, wire[2] + 1, 0x9b, 0xcc}, wire[4:]),
		"version as uint16": slices.Concat(wire[:1], []byte{0xc4, wire[2] + 2, 0x9b, 0xcd, 0}, wire[4:]),
		"version as int8":   slices.Concat(wire[:1], []byte{0xc4, wire[2] + 1, 0x9b, 0xd0}, wire[4:]),
		"trailing nil":      append(bytes.Clone(wire), 0xc0),
		"twice":             append(bytes.Clone(wire), wire...),
	} {
		if _, err := Parse(bad); !errors.Is(err, ErrCanonical) {
			t.Errorf("%s: %v", name, err)
		}
	}
	for i := range wire {
		if _, err := Parse(wire[:i]); err == nil {
			t.Errorf("cut at %d: accepted", i)
		}
	}
}

// TestAttackA17 offers inner nodes as leaves, and leaves as inner nodes, in every tree of up to 16 leaves.
func TestAttackA17(t *testing.T) {
	for n := 2; n <= 16; n++ {
		parts := make([][]byte, n)
		leaves := make([]Hash, n)
		for i := range parts {
			parts[i] = []byte(fmt.Sprint("leaf ", i))
			leaves[i] = LeafHash(parts[i])
		}
		root := Root(leaves)
		for i := range n - 1 {
			inner := node(leaves[i], leaves[i+1])
			asLeaf := LeafHash(slices.Concat(leaves[i][:], leaves[i+1][:]))
			if asLeaf == inner {
				t.Fatal("a leaf hashes as a node")
			}
			for at := range n {
				if Included(root, asLeaf, at, n, Path(leaves, at)) || Included(root, inner, at, n, Path(leaves, at)) {
					t.Errorf("inner node of %d accepted at %d of %d", i, at, n)
				}
				if p := Path(leaves, at); Included(root, asLeaf, at/2, (n+1)/2, p[1:]) {
					t.Errorf("inner node of %d accepted one level up", i)
				}
			}
		}
		for at := range n {
			path := Path(leaves, at)
			if !Included(root, leaves[at], at, n, path) {
				t.Errorf("leaf %d of %d refused", at, n)
			}
			for other := range n {
				if other != at && Included(root, leaves[at], other, n, path) {
					t.Errorf("leaf %d of %d accepted at %d", at, n, other)
				}
			}
		}
	}
}
