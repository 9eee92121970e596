package share_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"testing"

	"github.com/anamnesis-health/anamnesis/shared/block"
	"github.com/anamnesis-health/anamnesis/shared/share"
	"github.com/anamnesis-health/anamnesis/shared/spec"
)

// octets are bytes that a vector writes in hex.
type octets []byte

func (o *octets) UnmarshalText(text []byte) error { return (*spec.Hex)(o).UnmarshalText(text) }

func (o octets) secret() share.Secret { return share.Secret(o) }

func load(t testing.TB, name string, into any) {
	t.Helper()
	if err := spec.ReadWhole(name, into); err != nil {
		t.Fatal(err)
	}
}

type answer struct {
	Index uint8  `json:"index"`
	Value octets `json:"value"`
}

func shares(answers []answer) []share.Share {
	var out []share.Share
	for _, a := range answers {
		out = append(out, share.Share{Index: a.Index, Value: a.Value})
	}
	return out
}

func secrets(all []octets) []share.Secret {
	var out []share.Secret
	for _, s := range all {
		out = append(out, s.secret())
	}
	return out
}

type shareVectors struct {
	Source  string                                `json:"source"`
	Field   json.RawMessage                       `json:"field"` // run beside the field itself
	Context struct{ Net, Session, Record octets } `json:"context"`
	KDF     []struct {
		Key, Data, Out octets
		Label          string
	} `json:"kdf"`
	Scope []struct {
		Authority, Key, Scope, Commitment octets
		ScopeKey                          octets `json:"scope_key"`
	} `json:"scope"`
	Erase []struct {
		EraseKey                octets `json:"erase_key"`
		S0, Opening, Commitment octets
		C                       uint32
	} `json:"erase"`
	Deal []struct {
		Name   string
		Secret octets
		T, N   int
		Shares []octets
	} `json:"deal"`
	DealRefused []struct {
		Name string
		T, N int
	} `json:"deal_refused"`
	Combine []struct {
		Name   string
		T      int
		Shares []answer
		Secret octets
	} `json:"combine"`
	CombineRefused []struct {
		Name   string
		T      int
		Shares []answer
		Seat   uint8
	} `json:"combine_refused"`
	Seats []struct {
		Name                 string
		Secret, Scope, Seats octets
		T                    int
		Secrets, Shares      []octets
	} `json:"seats"`
	OpenSeatRefused []struct {
		Name                 string
		Seats, Secret, Scope octets
		Seat                 uint8
	} `json:"open_seat_refused"`
	CheckSeatsRefused []struct {
		Name          string
		Secret, Seats octets
		T             int
		Seat          uint8
	} `json:"check_seats_refused"`
	Message []struct {
		Access, Salt, Secret, Text, Up, Down octets
		Seat                                 uint8
	} `json:"message"`
}

func (v *shareVectors) ctx() share.Context {
	return share.Context{Net: block.Net(v.Context.Net), Session: block.ID(v.Context.Session), Salt: block.Nonce(v.Context.Record)}
}

func loadShares(t testing.TB) (v shareVectors) {
	load(t, "shares", &v)
	return v
}

func TestVectorsKeys(t *testing.T) {
	v := loadShares(t)
	ctx := v.ctx()
	for _, c := range v.KDF {
		if got := ctx.KDF(c.Key, c.Label, c.Data); got != c.Out.secret() {
			t.Errorf("KDF %q: %x", c.Label, got)
		}
	}
	for _, c := range v.Scope {
		scope := share.ScopeOf(ctx.Net, block.Key(c.Authority), c.Key.secret())
		if scope != share.Scope(c.Scope) || share.ScopeKey(ctx.Net, c.Key.secret()) != c.ScopeKey.secret() {
			t.Errorf("scope %x", scope)
		}
		if got := share.ScopeCommitment(ctx.Net, ctx.Salt, scope); got != block.Hash(c.Commitment) {
			t.Errorf("scope commitment %x", got)
		}
	}
	for _, c := range v.Erase {
		opening := share.EraseOpening(ctx, c.S0.secret(), c.C)
		if opening != c.Opening.secret() {
			t.Errorf("erase opening %d: %x", c.C, opening)
		}
		if got := share.EraseCommitment(ctx.Net, block.Key(c.EraseKey), opening); got != block.Hash(c.Commitment) {
			t.Errorf("erase commitment %d: %x", c.C, got)
		}
	}
}

func TestVectorsDeal(t *testing.T) {
	v := loadShares(t)
	for _, c := range v.Deal {
		got, err := share.Deal(v.ctx(), c.Secret.secret(), c.T, c.N)
		if err != nil || len(got) != len(c.Shares) {
			t.Fatalf("%s: %d shares, %v", c.Name, len(got), err)
		}
		for i := range got {
			if got[i] != c.Shares[i].secret() {
				t.Errorf("%s: share %d is %x", c.Name, i+1, got[i])
			}
		}
	}
	for _, c := range v.DealRefused {
		if _, err := share.Deal(v.ctx(), share.Secret{}, c.T, c.N); !errors.Is(err, share.ErrShares) {
			t.Errorf("%s: %v", c.Name, err)
		}
	}
}

func TestVectorsCombine(t *testing.T) {
	v := loadShares(t)
	for _, c := range v.Combine {
		if r, err := share.Combine(c.T, shares(c.Shares)); err != nil || r != c.Secret.secret() {
			t.Errorf("%s: %x, %v", c.Name, r, err)
		}
	}
	for _, c := range v.CombineRefused {
		_, err := share.Combine(c.T, shares(c.Shares))
		refused(t, c.Name, err, c.Seat)
	}
}

// refused wants an ErrShares or ErrLength, and the seat by name if there is one.
func refused(t *testing.T, name string, err error, seat uint8) {
	t.Helper()
	var bad *share.SeatError
	switch {
	case !errors.Is(err, share.ErrShares) && !errors.Is(err, share.ErrLength):
		t.Errorf("%s: %v", name, err)
	case errors.As(err, &bad) && bad.Seat != seat, seat != 0 && bad == nil:
		t.Errorf("%s: seat %d expected: %v", name, seat, err)
	}
}

func TestVectorsSeats(t *testing.T) {
	v := loadShares(t)
	ctx := v.ctx()
	for _, c := range v.Seats {
		scope := share.Scope(c.Scope)
		got, err := share.Seats(ctx, c.Secret.secret(), secrets(c.Secrets), scope, c.T)
		if err != nil || !bytes.Equal(got, c.Seats) {
			t.Fatalf("%s: %x, %v", c.Name, got, err)
		}
		if err := share.CheckSeats(ctx, c.Secret.secret(), c.T, got); err != nil {
			t.Errorf("%s: %v", c.Name, err)
		}
		if err := share.CheckWraps(ctx, c.Secret.secret(), secrets(c.Secrets), scope, c.T, got); err != nil {
			t.Errorf("%s: %v", c.Name, err)
		}
		for i, want := range c.Shares {
			s, err := share.OpenSeat(ctx, got, uint8(i+1), c.Secrets[i].secret(), scope)
			if err != nil || s != want.secret() {
				t.Errorf("%s: seat %d: %x, %v", c.Name, i+1, s, err)
			}
		}
	}
	for _, c := range v.OpenSeatRefused {
		s, err := share.OpenSeat(ctx, c.Seats, c.Seat, c.Secret.secret(), share.Scope(c.Scope))
		if s != (share.Secret{}) {
			t.Errorf("%s: gave a share", c.Name)
		}
		refused(t, c.Name, err, map[bool]uint8{true: c.Seat}[!errors.Is(err, share.ErrLength)])
	}
	for _, c := range v.CheckSeatsRefused {
		refused(t, c.Name, share.CheckSeats(ctx, c.Secret.secret(), c.T, c.Seats), c.Seat)
	}
}

func TestVectorsMessage(t *testing.T) {
	v := loadShares(t)
	for _, c := range v.Message {
		m := share.Message{Net: v.ctx().Net, Session: v.ctx().Session, Access: block.ID(c.Access), Seat: c.Seat, Salt: [32]byte(c.Salt)}
		s := c.Secret.secret()
		if got := m.SealUp(s, c.Text); !bytes.Equal(got, c.Up) {
			t.Errorf("up: %x", got)
		}
		if got := m.SealDown(s, c.Text); !bytes.Equal(got, c.Down) {
			t.Errorf("down: %x", got)
		}
		if text, err := m.OpenDown(s, c.Down); err != nil || !bytes.Equal(text, c.Text) {
			t.Errorf("%q, %v", text, err)
		}
		if text, err := m.OpenUp(s, c.Up); err != nil || !bytes.Equal(text, c.Text) {
			t.Errorf("%q, %v", text, err)
		}
		if _, err := m.OpenUp(s, c.Down); !errors.Is(err, share.ErrOpen) {
			t.Errorf("an answer opens as a question: %v", err)
		}
		for name, change := range map[string]func(*share.Message){
			"net":     func(m *share.Message) { m.Net[0] ^= 1 },
			"session": func(m *share.Message) { m.Session[0] ^= 1 },
			"access":  func(m *share.Message) { m.Access[31] ^= 1 },
			"seat":    func(m *share.Message) { m.Seat++ },
			"salt":    func(m *share.Message) { m.Salt[31] ^= 1 },
		} {
			other := m
			change(&other)
			if _, err := other.OpenDown(s, c.Down); !errors.Is(err, share.ErrOpen) {
				t.Errorf("another %s: %v", name, err)
			}
		}
	}
}

func TestVectorsHPKE(t *testing.T) {
	var v struct {
		Source    string
		Recipient []struct{ Seed, Recipient octets }
		Open      []struct {
			Name                                string
			Seed, Recipient, Info, Text, Sealed octets
		}
		OpenRefused []struct {
			Name               string
			Seed, Info, Sealed octets
		} `json:"open_refused"`
		RecipientRefused []struct {
			Name      string
			Recipient octets
		} `json:"recipient_refused"`
	}
	load(t, "hpke", &v)
	for _, c := range v.Recipient {
		if got := share.KeyFromSeed([32]byte(c.Seed)).Recipient(); !bytes.Equal(got, c.Recipient) {
			t.Errorf("recipient of %x is %x", c.Seed, got)
		}
	}
	for _, c := range v.Open {
		text, err := share.OpenWith(share.KeyFromSeed([32]byte(c.Seed)), c.Info, c.Sealed)
		if err != nil || !bytes.Equal(text, c.Text) || len(c.Sealed) != len(c.Text)+share.Overhead {
			t.Errorf("%s: %x, %v", c.Name, text, err)
		}
	}
	for _, c := range v.OpenRefused {
		if text, err := share.OpenWith(share.KeyFromSeed([32]byte(c.Seed)), c.Info, c.Sealed); !errors.Is(err, share.ErrOpen) || text != nil {
			t.Errorf("%s: %x, %v", c.Name, text, err)
		}
	}
	for _, c := range v.RecipientRefused {
		if _, err := share.SealTo(c.Recipient, nil, nil); !errors.Is(err, share.ErrOpen) && !errors.Is(err, share.ErrLength) {
			t.Errorf("%s: %v", c.Name, err)
		}
	}
}

func TestVectorsSession(t *testing.T) {
	type holder struct{ Seed, Secret octets }
	var v struct {
		Source            string
		Net, Chain, Seals octets
		Epoch             uint16
		Owner, Archive    holder
		Seats             []holder
		Refused           []struct {
			Name                    string
			Net, Chain, Seed, Seals octets
			Epoch                   uint16
			Seat                    uint8
		}
	}
	load(t, "session", &v)
	open := func(net, chain octets, epoch uint16, seat uint8, seed, seals octets) (share.Secret, error) {
		n, c, k := block.Net(net), block.ChainID(chain), share.KeyFromSeed([32]byte(seed))
		switch seat {
		case 0:
			return share.OpenOwner(n, c, epoch, seals, k)
		case 255:
			return share.OpenArchive(n, c, epoch, seals, k)
		default:
			return share.OpenAt(n, c, epoch, seals, seat, k)
		}
	}
	holders := map[uint8]holder{0: v.Owner, 255: v.Archive}
	for i, h := range v.Seats {
		holders[uint8(i+1)] = h
	}
	for seat, h := range holders {
		if s, err := open(v.Net, v.Chain, v.Epoch, seat, h.Seed, v.Seals); err != nil || s != h.Secret.secret() {
			t.Errorf("seat %d: %x, %v", seat, s, err)
		}
	}
	for _, c := range v.Refused {
		s, err := open(c.Net, c.Chain, c.Epoch, c.Seat, c.Seed, c.Seals)
		if err == nil || s != (share.Secret{}) {
			t.Errorf("%s: opened", c.Name)
		}
	}
}
