package grant

import (
	"bytes"
	"fmt"
	"io"
	"slices"
	"sort"

	"github.com/anamnesis-health/anamnesis/shared/block"
)

// Entry names one record in an ACCESS, for those who know g: HMAC(g, access, nonce, RECORD id) cut to 16 bytes.
func Entry(net block.Net, g Secret, nonce block.Nonce, id block.ID) [block.EntrySize]byte {
	mac := block.MAC(net, g[:], "access", nonce[:], id[:])
	return [block.EntrySize]byte(mac[:block.EntrySize])
}

// Entries are the entries of an ACCESS for 1…512 records in one slice, ascending, padded with bytes from random to a
// multiple of eight. Source: spec/grant.md §5.
func Entries(net block.Net, g Secret, nonce block.Nonce, ids []block.ID, random io.Reader) ([]byte, error) {
	if len(ids) == 0 || len(ids) > block.MaxEntries {
		return nil, fmt.Errorf("access to %d records: %w", len(ids), block.ErrLimit)
	}
	all := make([][block.EntrySize]byte, 0, len(ids)+7)
	for _, id := range ids {
		all = append(all, Entry(net, g, nonce, id))
	}
	for len(all)%8 != 0 {
		var pad [block.EntrySize]byte
		if _, err := io.ReadFull(random, pad[:]); err != nil {
			return nil, fmt.Errorf("access padding: %w", err)
		}
		all = append(all, pad)
	}
	sort.Slice(all, func(i, j int) bool { return bytes.Compare(all[i][:], all[j][:]) < 0 })
	if len(slices.Compact(slices.Clone(all))) != len(all) {
		return nil, fmt.Errorf("a record twice in one access: %w", block.ErrCanonical)
	}
	return bytes.Join(slicesOf(all), nil), nil
}

func slicesOf(all [][block.EntrySize]byte) [][]byte {
	out := make([][]byte, len(all))
	for i := range all {
		out[i] = all[i][:]
	}
	return out
}

// Match finds which candidates an ACCESS names, in the order given, and how many entries match none: up to seven
// are padding, more must be shown to the owner. entries are 16 bytes each.
func Match(net block.Net, g Secret, nonce block.Nonce, entries []byte, candidates []block.ID) (named []block.ID, unmatched int) {
	open := make(map[[block.EntrySize]byte]bool, len(entries)/block.EntrySize)
	for e := entries; len(e) >= block.EntrySize; e = e[block.EntrySize:] {
		open[[block.EntrySize]byte(e[:block.EntrySize])] = true
	}
	for _, id := range candidates {
		if e := Entry(net, g, nonce, id); open[e] {
			delete(open, e)
			named = append(named, id)
		}
	}
	return named, len(open)
}
