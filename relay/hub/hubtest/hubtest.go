// Package hubtest makes what a relay's tests feed it: a network, its keys, and chains whose blocks are as good or as
// bad as a test asks. It promises the same bytes on every run, and it panics rather than return an error. It is for
// tests alone.
//
//	n := hubtest.NewNetwork("http://127.0.0.1:8788")
//	w := n.Writer(1)
//	frame := gossip.Frame(&gossip.Push{Request: 1, Blocks: gossip.Bins{w.Genesis.Encode(), w.Record(64).Encode()}})
package hubtest

import (
	"crypto/ed25519"
	"crypto/hpke"
	"crypto/sha256"
	"encoding/binary"
	"time"

	"github.com/anamnesis-health/anamnesis/shared/block"
	"github.com/anamnesis-health/anamnesis/shared/chain"
	"github.com/anamnesis-health/anamnesis/shared/gossip"
	"github.com/anamnesis-health/anamnesis/shared/govern"
)

// Now is the tests' time, a whole hour.
var Now = time.Date(2026, 11, 20, 13, 0, 0, 0, time.UTC)

// Hour is Now as a header's time.
func Hour() uint64 { return uint64(Now.Unix()) }

// Network is a network of one member, four witnesses and one lane, with the private keys.
type Network struct {
	*govern.Network
	Member ed25519.PrivateKey
	Issuer block.ChainID
	Relay  ed25519.PrivateKey
}

// Key is a private key made from a label and a number.
func Key(label string, n int) ed25519.PrivateKey {
	sum := sha256.Sum256(binary.BigEndian.AppendUint32([]byte("hubtest/"+label+"/"), uint32(n)))
	return ed25519.NewKeyFromSeed(sum[:])
}

func recipient(n int) []byte {
	k, err := hpke.MLKEM768X25519().DeriveKeyPair(Key("recipient", n).Seed())
	must(err)
	return k.PublicKey().Bytes()
}

func must(err error) {
	if err != nil {
		panic(err)
	}
}

// NewNetwork founds the network of the tests, with its lane at origin.
func NewNetwork(origin string) *Network {
	n := &Network{Member: Key("member", 0), Issuer: block.ChainID{7}, Relay: Key("relay", 0)}
	g := govern.Genesis{
		Version: 1, Approval: 1, F: 1, Lowest: 1, Highest: 1, HashAlg: 1,
		Members: []govern.Member{{Chain: n.Issuer, Key: block.KeyOf(n.Member), Recipient: recipient(0)}},
		Lanes:   []govern.Lane{{Number: 1, Relay: block.KeyOf(n.Relay), URLs: []string{origin}}},
	}
	for seat := 1; seat <= 4; seat++ {
		g.Witnesses = append(g.Witnesses, govern.Witness{
			Seat: uint8(seat), Member: n.Issuer, Ack: block.KeyOf(Key("ack", seat)), Release: block.KeyOf(Key("release", seat)),
			Recipient: recipient(seat),
		})
	}
	var err error
	n.Network, err = govern.Found(g, Hour(), []ed25519.PrivateKey{n.Member})
	must(err)
	return n
}

// Admission is the member's admission of a key, until a year from Now.
func (n *Network) Admission(purpose uint8, key block.Key) []block.Admission {
	until := uint64(Now.AddDate(1, 0, 0).Unix())
	return []block.Admission{block.Admit(n.Net(), n.Member, n.Issuer, purpose, key, until)}
}

// Writer is one chain and its key.
type Writer struct {
	Net     block.Net
	Key     ed25519.PrivateKey
	State   chain.State
	Genesis *block.Block
	Tag     block.Tag
	Session *block.Block
}

// Writer begins a writing chain that the member admitted.
func (n *Network) Writer(i int) *Writer {
	return n.Begin(block.ChainWriting, i, n.Admission(block.AdmitChain, block.KeyOf(Key("writer", i))))
}

// Guest begins a writing chain without admission.
func (n *Network) Guest(i int) *Writer { return n.Begin(block.ChainWriting, i, []block.Admission{}) }

// Begin begins a chain of a type under key "writer" i.
func (n *Network) Begin(t block.ChainType, i int, admission []block.Admission) *Writer {
	g := block.Genesis{Type: t, Nonce: block.Nonce{byte(i), byte(i >> 8)}, Admission: admission, RevokeKey: []byte{}, Recipient: []byte{}}
	w := &Writer{Net: n.Net(), Key: Key("writer", i), Tag: block.Tag{byte(i), byte(i >> 8), 1}}
	g.Writer = block.KeyOf(w.Key)
	if t == block.ChainGrant {
		k := block.KeyOf(Key("revoke", i))
		g.RevokeKey = k[:]
	}
	if t == block.ChainWriting || t == block.ChainIdentity {
		g.Recipient = make([]byte, 32)
	}
	if t != block.ChainGrant {
		next := block.KeyOf(Key("next", i))
		g.Commitment = block.LeafHash(next[:])
	}
	var err error
	w.Genesis, err = block.New(w.Net, w.Key, block.Header{Kind: block.KindGenesis, Time: Hour(), Tag: w.Tag}, block.Encode(&g))
	must(err)
	w.State, err = chain.Begin(w.Genesis)
	must(err)
	return w
}

// Add makes the next block of a kind and moves the chain on.
func (w *Writer) Add(kind block.Kind, links []block.ID, parts ...[]byte) *block.Block {
	b := w.Draft(kind, links, parts...)
	var err error
	w.State, _, err = w.State.Next(b)
	must(err)
	return b
}

// Draft makes the next block and leaves the chain where it is: a second one is a fork.
func (w *Writer) Draft(kind block.Kind, links []block.ID, parts ...[]byte) *block.Block {
	h := w.State.Draft(kind)
	h.Time, h.Tag, h.Links = Hour(), w.Tag, links
	b, err := block.New(w.Net, w.Key, h, parts...)
	must(err)
	return b
}

// Record adds a RECORD with an empty key part and n bytes of payload.
func (w *Writer) Record(n int) *block.Block {
	return w.Add(block.KindRecord, nil, make([]byte, n), []byte{})
}

// AddSession adds a SESSION for four seats.
func (w *Writer) AddSession() *block.Block {
	w.Session = w.Add(block.KindSession, nil, block.Encode(&block.Session{Epoch: 1, Seals: make([]byte, 6*block.SealSize)}))
	return w.Session
}

// Access adds an ACCESS that links a grant.
func (w *Writer) Access(grant block.ID) *block.Block {
	a := block.Access{Session: w.Session.ID}
	for i := range 8 {
		a.Entries = append(a.Entries, make([]byte, 15)...)
		a.Entries = append(a.Entries, byte(i))
	}
	return w.Add(block.KindAccess, []block.ID{grant}, block.Encode(&a), []byte("sealed"))
}

// Grant adds a GRANT to a reader on a grant chain.
func (w *Writer) Grant(reader block.ChainID) *block.Block {
	g := block.Grant{Reader: reader, Rights: block.RightRead, Expiry: Hour() + 1e6, Records: []byte{}}
	return w.Add(block.KindGrant, nil, block.Encode(&g), []byte("sealed"))
}

// Push is a PUSH frame.
func Push(request uint32, blocks ...*block.Block) []byte {
	p := gossip.Push{Request: request}
	for _, b := range blocks {
		p.Blocks = append(p.Blocks, b.Encode())
	}
	return gossip.Frame(&p)
}

// Hello is a client's HELLO.
func (n *Network) Hello() []byte {
	return gossip.Frame(&gossip.Hello{Lowest: 1, Highest: 1, Net: n.Net(), Epoch: 1, Nonce: block.Hash{1}, Relay: []byte{}})
}

// Auth answers the relay's HELLO under key "connection" i, with or without an admission.
func (n *Network) Auth(hello *gossip.Hello, i int, admission []block.Admission) []byte {
	k := Key("connection", i)
	body := gossip.HelloBody(block.Key(hello.Relay), hello.Nonce)
	return gossip.Frame(&gossip.Auth{
		Connection: block.KeyOf(k), Admission: admission, Signature: block.Sign(n.Net(), k, block.SigHello, body),
	})
}

// Admit is the admission of connection key i.
func (n *Network) Admit(i int) []block.Admission {
	return n.Admission(block.AdmitConnection, block.KeyOf(Key("connection", i)))
}
