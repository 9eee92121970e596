package sim

import (
	"crypto/ed25519"
	"crypto/sha256"

	"github.com/anamnesis-health/anamnesis/shared/block"
	"github.com/anamnesis-health/anamnesis/shared/govern"
	"github.com/anamnesis-health/anamnesis/shared/share"
)

// NewNetwork founds a network of one member, four witnesses and one lane at origin; at is its time, Unix seconds.
func NewNetwork(origin string, at uint64) (*govern.Network, error) {
	seed := func(role string, n byte) [32]byte { return sha256.Sum256(append([]byte("sim/"+role+"/"), n)) }
	key := func(role string, n byte) ed25519.PrivateKey {
		s := seed(role, n)
		return ed25519.NewKeyFromSeed(s[:])
	}
	recipient := func(n byte) []byte { return share.KeyFromSeed(seed("recipient", n)).Recipient() }
	member := key("member", 0)
	g := govern.Genesis{Version: 1, Approval: 1, F: 1, Lowest: 1, Highest: 1, HashAlg: 1,
		Members: []govern.Member{{Chain: block.ChainID{7}, Key: block.KeyOf(member), Recipient: recipient(0)}},
		Lanes:   []govern.Lane{{Number: 1, Relay: block.KeyOf(key("relay", 0)), URLs: []string{origin}}}}
	for seat := byte(1); seat <= 4; seat++ {
		g.Witnesses = append(g.Witnesses, govern.Witness{Seat: seat, Member: block.ChainID{7}, Ack: block.KeyOf(key("ack", seat)),
			Release: block.KeyOf(key("release", seat)), Recipient: recipient(seat)})
	}
	return govern.Found(g, at, []ed25519.PrivateKey{member})
}
