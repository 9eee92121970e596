package grant

import "github.com/anamnesis-health/anamnesis/shared/block"

const (
	day    = 86_400
	period = 2_592_000 // 30 days
)

// TagKey is HKDF(secret, tag), of a section key K (RECORD, discovery), a grant's g (REVOKE, ACCESS, SESSION) or a
// folder secret F (the owner's other blocks). Source: spec/grant.md §6.
func TagKey(net block.Net, secret Secret) [32]byte { return block.Derive(net, secret[:], "tag") }

func cut(h block.Hash) block.Tag { return block.Tag(h[:16]) }

// DayTag is the tag of a block of chain written at a time (Unix seconds): HMAC(key, day, chain, day number).
func DayTag(net block.Net, key [32]byte, chain block.ChainID, at uint64) block.Tag {
	return cut(block.MAC(net, key[:], "day", chain[:], block.U32(uint32(at/day))))
}

// DayTags are the five tags to subscribe to at a time: of three days ago up to tomorrow.
func DayTags(net block.Net, key [32]byte, chain block.ChainID, now uint64) []block.Tag {
	out := make([]block.Tag, 0, 5)
	for d := range uint64(5) {
		out = append(out, DayTag(net, key, chain, now+d*day-3*day))
	}
	return out
}

// GrantTag is the tag of every GRANT to a reader: H(grant-to, reader chain).
func GrantTag(net block.Net, reader block.ChainID) block.Tag {
	return cut(block.Sum(net, "grant-to", reader[:]))
}

// NewTag is the discovery tag of a chain's first SESSION, and of the first before it writes in another section.
// k is random below NewTags, at is the header time. Source: spec/grant.md §6.
func NewTag(net block.Net, key [32]byte, at uint64, k uint32) block.Tag {
	return cut(block.MAC(net, key[:], "new", block.U32(uint32(at/period)), block.U32(k)))
}

// DiscoveryTags are the 128 tags to subscribe to at a time: of this period and of the last.
func DiscoveryTags(net block.Net, key [32]byte, now uint64) []block.Tag {
	out := make([]block.Tag, 0, 2*NewTags)
	for k := range uint32(NewTags) {
		out = append(out, NewTag(net, key, now, k), NewTag(net, key, now-period, k))
	}
	return out
}
