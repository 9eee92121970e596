package grant

import (
	"bytes"
	"crypto/ed25519"
	"fmt"
	"slices"
	"sort"

	"github.com/anamnesis-health/anamnesis/shared/block"
)

// Tree is the scopes tree or the record list of one grant: its leaves, padded and sorted.
type Tree struct{ leaves []block.Hash }

// ScopeLeaf is H(grant, g, scope), a leaf of the scopes tree.
func ScopeLeaf(net block.Net, g Secret, scope Scope) block.Hash {
	return block.Sum(net, "grant", g[:], scope[:])
}

// RecordLeaf is H(grant-record, g, RECORD id), a leaf of the record list.
func RecordLeaf(net block.Net, g Secret, id block.ID) block.Hash {
	return block.Sum(net, "grant-record", g[:], id[:])
}

// Scopes is the tree over 1…64 scopes. A scope named twice is refused. Source: spec/grant.md §3.
func Scopes(net block.Net, g Secret, scopes []Scope) (Tree, error) {
	leaves := make([]block.Hash, len(scopes))
	for i, s := range scopes {
		leaves[i] = ScopeLeaf(net, g, s)
	}
	return tree(net, g, leaves, MaxScopes)
}

// Records is the tree over 1…256 RECORD ids. An id named twice is refused. Source: spec/grant.md §3.
func Records(net block.Net, g Secret, ids []block.ID) (Tree, error) {
	leaves := make([]block.Hash, len(ids))
	for i, id := range ids {
		leaves[i] = RecordLeaf(net, g, id)
	}
	return tree(net, g, leaves, MaxRecords)
}

func tree(net block.Net, g Secret, leaves []block.Hash, most int) (Tree, error) {
	if len(leaves) == 0 || len(leaves) > most {
		return Tree{}, fmt.Errorf("%d leaves: %w", len(leaves), block.ErrLimit)
	}
	size := MinLeaves
	for size < len(leaves) {
		size *= 2
	}
	for i := uint32(0); len(leaves) < size; i++ {
		leaves = append(leaves, block.Sum(net, "grant-pad", g[:], block.U32(i)))
	}
	sort.Slice(leaves, func(i, j int) bool { return bytes.Compare(leaves[i][:], leaves[j][:]) < 0 })
	if len(slices.Compact(slices.Clone(leaves))) != size {
		return Tree{}, fmt.Errorf("a leaf twice: %w", block.ErrCanonical)
	}
	return Tree{leaves}, nil
}

func (t Tree) hashes() []block.Hash {
	out := make([]block.Hash, len(t.leaves))
	for i, l := range t.leaves {
		out[i] = block.LeafHash(l[:])
	}
	return out
}

// Root is the tree's RFC 6962 root.
func (t Tree) Root() block.Hash { return block.Root(t.hashes()) }

// Path is where leaf stands and its inclusion path, 3 to 8 hashes; false when it is not in the tree.
func (t Tree) Path(leaf block.Hash) (index int, path []block.Hash, ok bool) {
	i := sort.Search(len(t.leaves), func(i int) bool { return bytes.Compare(t.leaves[i][:], leaf[:]) >= 0 })
	if i == len(t.leaves) || t.leaves[i] != leaf {
		return 0, nil, false
	}
	return i, block.Path(t.hashes(), i), true
}

// Holds says whether leaf stands at index under root. The path gives the size of the tree, 8 to 256 leaves.
func Holds(root, leaf block.Hash, index int, path []block.Hash) bool {
	if len(path) < 3 || len(path) > 8 {
		return false
	}
	return block.Included(root, block.LeafHash(leaf[:]), index, 1<<len(path), path)
}

// Authorize is the section authority's signature over a grant's chain id, 64 bytes: without it holding K grants
// nothing.
func Authorize(net block.Net, authority ed25519.PrivateKey, chain block.ChainID) []byte {
	return block.Sign(net, authority, block.SigAuthorize, chain[:])
}

// Authorized checks that signature under A. It returns block.ErrSignature.
func Authorized(net block.Net, a block.Key, chain block.ChainID, sig []byte) error {
	return block.Verify(net, a, block.SigAuthorize, chain[:], sig)
}

// Public is the clear part that goes with s: both roots filled in. scopes are those of s.Sections, in order.
func Public(net block.Net, s *Sealed, scopes []Scope, reader block.ChainID, rights uint8, expiry uint64) (*block.Grant, error) {
	if len(scopes) != len(s.Sections) {
		return nil, fmt.Errorf("%d scopes for %d sections: %w", len(scopes), len(s.Sections), block.ErrCanonical)
	}
	t, err := Scopes(net, s.G, scopes)
	if err != nil {
		return nil, err
	}
	out := &block.Grant{Reader: reader, Rights: rights, Expiry: expiry, Scopes: t.Root(), Records: []byte{}}
	if len(s.Records) == 0 {
		return out, nil
	}
	if t, err = Records(net, s.G, s.Records); err != nil {
		return nil, err
	}
	root := t.Root()
	out.Records = root[:]
	return out, nil
}

// Check is what a reader does on opening: every authorize signature holds for this chain, and both roots follow from
// the sealed part. scopes are recomputed by the caller from each section's A and K. It returns ErrInvalid.
// Source: spec/grant.md §4.
func Check(net block.Net, chain block.ChainID, public *block.Grant, s *Sealed, scopes []Scope) error {
	want, err := Public(net, s, scopes, public.Reader, public.Rights, public.Expiry)
	if err != nil {
		return fmt.Errorf("%w: %v", ErrInvalid, err)
	}
	if want.Scopes != public.Scopes || !bytes.Equal(want.Records, public.Records) {
		return fmt.Errorf("roots differ: %w", ErrInvalid)
	}
	for _, c := range s.Sections {
		if Authorized(net, c.A, chain, c.Authorize) != nil {
			return fmt.Errorf("section %d not authorized: %w", c.Number, ErrInvalid)
		}
	}
	return nil
}

// SealInfo is the HPKE info under which the sealed part goes to the reader: P(grant) ‖ chain ‖ SHA-256(recipient).
func SealInfo(net block.Net, chain block.ChainID, recipientHash block.Hash) []byte {
	return append(append(block.Prefix(net, "grant"), chain[:]...), recipientHash[:]...)
}
