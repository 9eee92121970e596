package share_test

import (
	"bytes"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"

	"github.com/anamnesis-health/anamnesis/shared/block"
	"github.com/anamnesis-health/anamnesis/shared/share"
)

func drawn(t testing.TB) (s share.Secret) {
	t.Helper()
	if _, err := io.ReadFull(rand.Reader, s[:]); err != nil {
		t.Fatal(err)
	}
	return s
}

func drawnContext(t testing.TB) share.Context {
	a, b := drawn(t), drawn(t)
	return share.Context{Net: block.Net(a), Session: block.ID(b), Salt: block.Nonce(a[8:24])}
}

// dealing is one record's key part with everything that made it.
type dealing struct {
	ctx     share.Context
	r       share.Secret
	secrets []share.Secret
	scope   share.Scope
	t       int
	seats   []byte
	shares  []share.Secret
}

func deal(t testing.TB, q, n int) dealing {
	t.Helper()
	d := dealing{ctx: drawnContext(t), r: drawn(t), t: q}
	for range n {
		d.secrets = append(d.secrets, drawn(t))
	}
	s := drawn(t)
	d.scope = share.Scope(s[:16])
	var err error
	if d.seats, err = share.Seats(d.ctx, d.r, d.secrets, d.scope, q); err != nil {
		t.Fatal(err)
	}
	if d.shares, err = share.Deal(d.ctx, d.r, q, n); err != nil {
		t.Fatal(err)
	}
	return d
}

func (d dealing) answers(seats ...int) []share.Share {
	var out []share.Share
	for _, i := range seats {
		out = append(out, share.Share{Index: uint8(i), Value: d.shares[i-1][:]})
	}
	return out
}

// Every choice of t seats gives the secret; t−1 seats with any value for the missing one give any secret at all,
// which is what it means that they tell nothing.
func TestThreshold(t *testing.T) {
	d := deal(t, 3, 4)
	for leave := 1; leave <= 4; leave++ {
		var seats []int
		for i := 1; i <= 4; i++ {
			if i != leave {
				seats = append(seats, i)
			}
		}
		if r, err := share.Combine(3, d.answers(seats...)); err != nil || r != d.r {
			t.Errorf("without seat %d: %v", leave, err)
		}
	}
	seen := map[byte]bool{}
	for guess := range 256 {
		missing := bytes.Repeat([]byte{byte(guess)}, 32)
		r, err := share.Combine(3, append(d.answers(1, 2), share.Share{Index: 3, Value: missing}))
		if err != nil {
			t.Fatal(err)
		}
		seen[r[0]] = true
	}
	if len(seen) != 256 {
		t.Errorf("two shares of three leave %d values of a byte, not 256", len(seen))
	}
}

// The dealing follows from R, the session and the record id: nothing else moves it, and each of them does.
func TestDealDependsOn(t *testing.T) {
	d := deal(t, 3, 4)
	again, err := share.Deal(d.ctx, d.r, 3, 4)
	if err != nil || !slices.Equal(again, d.shares) {
		t.Fatal("the same dealing differs", err)
	}
	for name, change := range map[string]func(*share.Context, *share.Secret){
		"net":       func(c *share.Context, _ *share.Secret) { c.Net[0] ^= 1 },
		"session":   func(c *share.Context, _ *share.Secret) { c.Session[0] ^= 1 },
		"record id": func(c *share.Context, _ *share.Secret) { c.Salt[15] ^= 1 },
		"secret":    func(_ *share.Context, r *share.Secret) { r[31] ^= 1 },
	} {
		ctx, r := d.ctx, d.r
		change(&ctx, &r)
		got, err := share.Deal(ctx, r, 3, 4)
		if err != nil || slices.Equal(got, d.shares) {
			t.Errorf("another %s deals the same (%v)", name, err)
		}
		if err := share.CheckSeats(ctx, r, 3, d.seats); !errors.Is(err, share.ErrShares) {
			t.Errorf("another %s checks: %v", name, err)
		}
	}
}

// A22: thirty malformed shares among the answers. Each names its seat; three good ones still recover the secret.
func TestAttackA22(t *testing.T) {
	d := deal(t, 3, 7)
	other := deal(t, 3, 7)
	good := d.answers(2, 5, 7)
	var bad []share.Share
	add := func(index uint8, value []byte) { bad = append(bad, share.Share{Index: index, Value: value}) }
	for _, index := range []uint8{0, 8, 16, 17, 128, 255} { // no such seat
		add(index, d.shares[0][:])
	}
	for _, n := range []int{0, 1, 31, 33, 48, 64} { // wrong length
		add(1, make([]byte, n))
	}
	for bit := range 6 { // one bit off
		v := d.shares[2]
		v[bit*5] ^= 1 << bit
		add(3, v[:])
	}
	for i := range 6 { // a true share of another seat, or of another record
		add(uint8(i+1), d.shares[i+1][:])
		add(uint8(i+1), other.shares[i][:])
	}
	if len(bad) != 30 {
		t.Fatalf("%d malformed shares", len(bad))
	}
	answers := append(slices.Clone(bad), good...)
	answers = append(answers, good[0]) // a repeat of a good one harms nobody
	r, named, err := share.Recover(d.ctx, 3, d.seats, answers)
	if err != nil || r != d.r {
		t.Fatalf("the rest do not recover: %v", err)
	}
	if len(named) != len(bad) {
		t.Fatalf("%d of %d bad shares named", len(named), len(bad))
	}
	for i, e := range named {
		if e.Seat != bad[i].Index || !strings.HasPrefix(e.Error(), fmt.Sprintf("seat %d ", e.Seat)) {
			t.Errorf("share %d of seat %d named as %v", i, bad[i].Index, e)
		}
	}
	for i, b := range bad { // each alone, in the place of a good one
		r, named, err := share.Recover(d.ctx, 3, d.seats, []share.Share{good[0], b, good[1]})
		if !errors.Is(err, share.ErrShares) || r != (share.Secret{}) || len(named) != 1 {
			t.Errorf("bad share %d: %v, named %v", i, err, named)
		}
	}
	if r, named, err := share.Recover(d.ctx, 3, d.seats, []share.Share{good[0], good[0], good[1], good[1], good[2]}); err != nil || r != d.r || named != nil {
		t.Errorf("good shares sent twice: %v, named %v", err, named)
	}
	if _, _, err := share.Recover(d.ctx, 3, d.seats, []share.Share{good[0], good[0], good[0]}); !errors.Is(err, share.ErrShares) {
		t.Errorf("one seat counted three times: %v", err)
	}
}

// A writer who deals badly is found out by whoever learns R, whichever seats answered.
func TestBadDealing(t *testing.T) {
	d := deal(t, 3, 4)
	wrong := drawn(t)
	seats := slices.Clone(d.seats)
	lie := share.Context{Net: d.ctx.Net, Session: d.ctx.Session, Salt: d.ctx.Salt}
	sealed := share.Seal(lie.KDF(d.secrets[3][:], "share", block.U32(4), d.scope[:]), nil, wrong[:])
	c := block.Sum(d.ctx.Net, "commit", d.ctx.Salt[:], block.U32(4), wrong[:])
	copy(seats[3*80:], append(sealed, c[:]...))
	if s, err := share.OpenSeat(d.ctx, seats, 4, d.secrets[3], d.scope); err != nil || s != wrong {
		t.Fatal("the seat itself cannot see the lie", err)
	}
	var bad *share.SeatError
	if _, _, err := share.Recover(d.ctx, 3, seats, d.answers(1, 2, 3)); !errors.As(err, &bad) || bad.Seat != 4 {
		t.Errorf("recovered by seats 1 to 3: %v", err)
	}
	if err := share.CheckWraps(d.ctx, d.r, d.secrets, d.scope, 3, seats); !errors.As(err, &bad) || bad.Seat != 4 {
		t.Errorf("wraps: %v", err)
	}
	seats = slices.Clone(d.seats)
	seats[1*80+10] ^= 1 // a wrap that does not open, with a true commitment
	if err := share.CheckSeats(d.ctx, d.r, 3, seats); err != nil {
		t.Errorf("commitments are true: %v", err)
	}
	if err := share.CheckWraps(d.ctx, d.r, d.secrets, d.scope, 3, seats); !errors.As(err, &bad) || bad.Seat != 2 {
		t.Errorf("wraps: %v", err)
	}
	if err := share.CheckWraps(d.ctx, d.r, d.secrets[:3], d.scope, 3, seats); !errors.Is(err, share.ErrLength) {
		t.Errorf("a seat without secret: %v", err)
	}
}

func TestOpenSecret(t *testing.T) {
	key, s := drawn(t), drawn(t)
	if got, err := share.OpenSecret(key, []byte("data"), share.Seal(key, []byte("data"), s[:])); err != nil || got != s {
		t.Fatal(err)
	}
	for _, n := range []int{0, 16, 31, 33, 64} {
		if got, err := share.OpenSecret(key, nil, share.Seal(key, nil, make([]byte, n))); !errors.Is(err, share.ErrLength) || got != (share.Secret{}) {
			t.Errorf("%d bytes sealed: %v", n, err)
		}
	}
	for name, call := range map[string]func() (share.Secret, error){
		"another key":  func() (share.Secret, error) { return share.OpenSecret(s, nil, share.Seal(key, nil, s[:])) },
		"another data": func() (share.Secret, error) { return share.OpenSecret(key, []byte("data"), share.Seal(key, nil, s[:])) },
		"empty":        func() (share.Secret, error) { return share.OpenSecret(key, nil, nil) },
	} {
		if got, err := call(); err == nil || got != (share.Secret{}) {
			t.Errorf("%s: opened", name)
		}
	}
}

func TestSession(t *testing.T) {
	net, chain := block.Net(drawn(t)), block.ChainID(drawn(t))
	owner, archive := share.KeyFromSeed(drawn(t)), share.KeyFromSeed(drawn(t))
	keys := []share.Key{share.KeyFromSeed(drawn(t)), share.KeyFromSeed(drawn(t))}
	seats := [][]byte{keys[0].Recipient(), keys[1].Recipient()}
	s, seals, err := share.NewSession(net, chain, 3, owner.Recipient(), seats, nil, rand.Reader)
	if err != nil || len(seals) != 4*block.SealSize || len(s.Seats) != 2 {
		t.Fatal(len(seals), err)
	}
	if got, err := share.OpenOwner(net, chain, 3, seals, owner); err != nil || got != s.Owner {
		t.Errorf("owner: %v", err)
	}
	for i, k := range keys {
		if got, err := share.OpenAt(net, chain, 3, seals, uint8(i+1), k); err != nil || got != s.Seats[i] {
			t.Errorf("seat %d: %v", i+1, err)
		}
	}
	for name, k := range map[string]share.Key{"owner": owner, "seat 1": keys[0], "archive": archive} {
		if _, err := share.OpenArchive(net, chain, 3, seals, k); !errors.Is(err, share.ErrOpen) {
			t.Errorf("the key thrown away is held by %s: %v", name, err)
		}
	}
	_, seals, err = share.NewSession(net, chain, 3, owner.Recipient(), seats, archive.Recipient(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := share.OpenArchive(net, chain, 3, seals, archive); err != nil {
		t.Errorf("archive: %v", err)
	}
	for name, call := range map[string]func() error{
		"no seats": func() error {
			_, _, err := share.NewSession(net, chain, 3, owner.Recipient(), nil, nil, rand.Reader)
			return err
		},
		"17 seats": func() error {
			_, _, err := share.NewSession(net, chain, 3, owner.Recipient(), make([][]byte, 17), nil, rand.Reader)
			return err
		},
		"owner cut": func() error {
			_, _, err := share.NewSession(net, chain, 3, owner.Recipient()[:32], seats, nil, rand.Reader)
			return err
		},
		"seat nil": func() error {
			_, _, err := share.NewSession(net, chain, 3, owner.Recipient(), [][]byte{nil}, nil, rand.Reader)
			return err
		},
		"no randomness": func() error {
			_, _, err := share.NewSession(net, chain, 3, owner.Recipient(), seats, nil, strings.NewReader("too short"))
			return err
		},
		"empty archive": func() error {
			_, _, err := share.NewSession(net, chain, 3, owner.Recipient(), seats, []byte{}, rand.Reader)
			return err
		},
	} {
		if call() == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}

func FuzzRecover(f *testing.F) {
	d := deal(f, 2, 3)
	f.Add(d.seats, uint8(2), append([]byte{1}, d.shares[0][:]...), append([]byte{3}, d.shares[2][:]...))
	f.Add([]byte{}, uint8(0), []byte{0}, []byte{255})
	f.Fuzz(func(t *testing.T, seats []byte, q uint8, a, b []byte) {
		var answers []share.Share
		for _, x := range [][]byte{a, b} {
			if len(x) > 0 {
				answers = append(answers, share.Share{Index: x[0], Value: x[1:]})
			}
		}
		r, _, err := share.Recover(d.ctx, int(q), seats, answers)
		if err != nil {
			if r != (share.Secret{}) {
				t.Fatal("a secret beside an error")
			}
			return
		}
		if err := share.CheckSeats(d.ctx, r, int(q), seats); err != nil {
			t.Fatal(err)
		}
	})
}

func FuzzOpenSeat(f *testing.F) {
	d := deal(f, 2, 3)
	f.Add(d.seats, uint8(2))
	f.Add(d.seats[:80], uint8(2))
	f.Fuzz(func(t *testing.T, seats []byte, seat uint8) {
		s, err := share.OpenSeat(d.ctx, seats, seat, d.secrets[1], d.scope)
		if err == nil && (seat != 2 || s != d.shares[1]) {
			t.Fatal("a share that nobody dealt")
		}
	})
}

func FuzzOpenSession(f *testing.F) {
	owner := share.KeyFromSeed(drawn(f))
	s, seals, err := share.NewSession(block.Net{}, block.ChainID{}, 1, owner.Recipient(), [][]byte{owner.Recipient()}, nil, rand.Reader)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(seals, uint16(0), byte(0))
	f.Add(seals[1:], uint16(7), byte(1))
	f.Fuzz(func(t *testing.T, b []byte, at uint16, flip byte) {
		b = slices.Clone(b)
		if int(at) < len(b) {
			b[at] ^= flip
		}
		got, err := share.OpenOwner(block.Net{}, block.ChainID{}, 1, b, owner)
		if err == nil && (got != s.Owner || !bytes.Equal(b[:block.SealSize], seals[:block.SealSize])) {
			t.Fatal("opened what nobody sealed")
		}
		if err != nil && got != (share.Secret{}) {
			t.Fatal("a secret beside an error")
		}
	})
}
