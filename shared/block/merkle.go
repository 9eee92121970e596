package block

import "crypto/sha256"

func node(l, r Hash) Hash {
	var b [65]byte
	b[0] = 1
	copy(b[1:], l[:])
	copy(b[33:], r[:])
	return sha256.Sum256(b[:])
}

// Root is the RFC 6962 root over leaf hashes; of none, SHA-256 of nothing.
func Root(leaves []Hash) Hash {
	switch len(leaves) {
	case 0:
		return sha256.Sum256(nil)
	case 1:
		return leaves[0]
	}
	k := split(len(leaves))
	return node(Root(leaves[:k]), Root(leaves[k:]))
}

// RootOf is the RFC 6962 root over the parts themselves.
func RootOf(parts [][]byte) Hash {
	leaves := make([]Hash, len(parts))
	for i, p := range parts {
		leaves[i] = LeafHash(p)
	}
	return Root(leaves)
}

// split is the largest power of two below n; n > 1.
func split(n int) int {
	k := 1
	for k*2 < n {
		k *= 2
	}
	return k
}

// Path is the inclusion path of leaf i, from the leaf up. It panics unless 0 ≤ i < len(leaves).
func Path(leaves []Hash, i int) []Hash {
	if len(leaves) == 1 {
		return nil
	}
	k := split(len(leaves))
	if i < k {
		return append(Path(leaves[:k], i), Root(leaves[k:]))
	}
	return append(Path(leaves[k:], i-k), Root(leaves[:k]))
}

// Included says whether leaf stands at index i of n under root. A path of the wrong length is refused.
// Source: RFC 9162 §2.1.3.2.
func Included(root, leaf Hash, i, n int, path []Hash) bool {
	if i < 0 || i >= n {
		return false
	}
	fn, sn, r := i, n-1, leaf
	for _, p := range path {
		if sn == 0 {
			return false
		}
		if fn&1 == 1 || fn == sn {
			r = node(p, r)
			for fn&1 == 0 && fn != 0 {
				fn, sn = fn>>1, sn>>1
			}
		} else {
			r = node(r, p)
		}
		fn, sn = fn>>1, sn>>1
	}
	return sn == 0 && r == root
}
