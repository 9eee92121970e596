package share

import (
	"crypto/subtle"
	"fmt"

	"github.com/anamnesis-health/anamnesis/shared/block"
)

// SeatError names the seat whose share, wrap or commitment is bad. It is an ErrShares.
type SeatError struct {
	Seat uint8
	Why  string
}

func (e *SeatError) Error() string { return fmt.Sprintf("seat %d %s", e.Seat, e.Why) }

// Is makes every SeatError an ErrShares.
func (e *SeatError) Is(target error) bool { return target == ErrShares }

// Seats deals r t-of-n over the n seats whose session secrets are given, seat 1 first, and gives the key part's
// 80n bytes. For an owner-only record, r and scope are random and unused. ErrShares for t or n out of range.
// Source: spec/shares.md §4.
func Seats(ctx Context, r Secret, secrets []Secret, scope Scope, t int) ([]byte, error) {
	shares, err := Deal(ctx, r, t, len(secrets))
	if err != nil {
		return nil, err
	}
	out := make([]byte, 0, len(shares)*seatSize)
	for i, s := range shares {
		seat := uint8(i + 1)
		out = append(out, Seal(wrapKey(ctx, secrets[i], seat, scope), nil, s[:])...)
		c := commitment(ctx, seat, s[:])
		out = append(out, c[:]...)
	}
	return out, nil
}

func wrapKey(ctx Context, s Secret, seat uint8, scope Scope) Secret {
	return ctx.KDF(s[:], "share", block.U32(uint32(seat)), scope[:])
}

func commitment(ctx Context, seat uint8, value []byte) block.Hash {
	return block.Sum(ctx.Net, "commit", ctx.Salt[:], block.U32(uint32(seat)), value)
}

// count is the number of seats in the bytes of a key part.
func count(seats []byte) (int, error) {
	n := len(seats) / seatSize
	if n < 1 || n > MaxSeats || n*seatSize != len(seats) {
		return 0, fmt.Errorf("seats of %d bytes: %w", len(seats), ErrLength)
	}
	return n, nil
}

func wrapAt(seats []byte, seat uint8) []byte {
	at := int(seat-1) * seatSize
	return seats[at : at+wrapSize]
}

func committed(ctx Context, seats []byte, seat uint8, value []byte) bool {
	at := int(seat) * seatSize
	want := commitment(ctx, seat, value)
	return subtle.ConstantTimeCompare(seats[at-commitSize:at], want[:]) == 1
}

// OpenSeat is what seat (1…n) does with its session secret s and a scope shown to it: it unwraps its share and
// checks it against its commitment. A *SeatError says which of the two failed.
func OpenSeat(ctx Context, seats []byte, seat uint8, s Secret, scope Scope) (Secret, error) {
	n, err := count(seats)
	if err != nil {
		return Secret{}, err
	}
	if seat < 1 || int(seat) > n {
		return Secret{}, &SeatError{seat, fmt.Sprintf("is not one of 1 to %d", n)}
	}
	value, err := OpenSecret(wrapKey(ctx, s, seat, scope), nil, wrapAt(seats, seat))
	if err != nil {
		return Secret{}, &SeatError{seat, "has a wrapped share that does not open"}
	}
	if !committed(ctx, seats, seat, value[:]) {
		return Secret{}, &SeatError{seat, "has a share that is not the committed one"}
	}
	return value, nil
}

// CheckSeats is what owner and reader do once they know r: it recomputes every share and commitment. A *SeatError
// names the first bad seat; a dealing of t of n that cannot be is ErrShares or ErrLength. It cannot see a bad
// wrap; CheckWraps can.
func CheckSeats(ctx Context, r Secret, t int, seats []byte) error {
	n, err := count(seats)
	if err != nil {
		return err
	}
	shares, err := Deal(ctx, r, t, n)
	if err != nil {
		return err
	}
	for i, s := range shares {
		if seat := uint8(i + 1); !committed(ctx, seats, seat, s[:]) {
			return &SeatError{seat, "is committed to a wrong share"}
		}
	}
	return nil
}

// CheckWraps is CheckSeats for whoever also holds the session secrets, seat 1 first: every wrap must be exact.
func CheckWraps(ctx Context, r Secret, secrets []Secret, scope Scope, t int, seats []byte) error {
	want, err := Seats(ctx, r, secrets, scope, t)
	if err != nil {
		return err
	}
	if len(want) != len(seats) {
		return fmt.Errorf("seats of %d bytes for %d secrets: %w", len(seats), len(secrets), ErrLength)
	}
	for i := range secrets {
		at := i * seatSize
		if subtle.ConstantTimeCompare(want[at:at+seatSize], seats[at:at+seatSize]) != 1 {
			return &SeatError{uint8(i + 1), "has a wrong wrap or commitment"}
		}
	}
	return nil
}

// Recover combines the answers of the seats. Those malformed, repeated or unlike their commitment are named in
// bad and left out; the first t good ones give r, under which every commitment is then recomputed (CheckSeats).
// Fewer than t good ones: ErrShares. At most MaxSeats×2 answers are looked at.
func Recover(ctx Context, t int, seats []byte, answers []Share) (r Secret, bad []*SeatError, err error) {
	n, err := count(seats)
	if err != nil {
		return Secret{}, nil, err
	}
	good, taken := make([]Share, 0, n), [256]bool{}
	for _, a := range answers {
		why := a.fault(ctx, n, seats)
		switch {
		case why != nil:
			bad = append(bad, why)
		case taken[a.Index]: // the same right share again: harmless
		default:
			taken[a.Index] = true
			good = append(good, a)
		}
	}
	if t < 1 || len(good) < t {
		return Secret{}, bad, fmt.Errorf("%d good shares where %d are needed: %w", len(good), t, ErrShares)
	}
	r, err = Combine(t, good[:t])
	if err != nil {
		return Secret{}, bad, err
	}
	if err := CheckSeats(ctx, r, t, seats); err != nil {
		return Secret{}, bad, err
	}
	return r, bad, nil
}

func (s Share) fault(ctx Context, n int, seats []byte) *SeatError {
	if err := s.check(n); err != nil {
		return err.(*SeatError)
	}
	if !committed(ctx, seats, s.Index, s.Value) {
		return &SeatError{s.Index, "gives a share that is not the committed one"}
	}
	return nil
}
