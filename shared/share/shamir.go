package share

import (
	"fmt"

	"github.com/anamnesis-health/anamnesis/shared/block"
)

// Share is one seat's value of the polynomial: Index is the seat, 1…n, Value 32 bytes.
type Share struct {
	Index uint8
	Value []byte
}

// Deal splits r t-of-n: the answer holds n shares, seat 1 first. The polynomial follows from r and ctx alone, so
// whoever learns r can check the whole dealing. 1 ≤ t ≤ n ≤ MaxSeats, else ErrShares. Source: spec/shares.md §3.
func Deal(ctx Context, r Secret, t, n int) ([]Secret, error) {
	if t < 1 || t > n || n > MaxSeats {
		return nil, fmt.Errorf("%d of %d: %w", t, n, ErrShares)
	}
	coefficients := make([]Secret, t)
	coefficients[0] = r
	for j := 1; j < t; j++ {
		coefficients[j] = ctx.KDF(r[:], "poly", block.U32(uint32(j)))
	}
	shares := make([]Secret, n)
	for i := range shares {
		shares[i] = evaluate(coefficients, byte(i+1))
	}
	return shares, nil
}

func evaluate(coefficients []Secret, x byte) Secret {
	var y Secret
	for j := len(coefficients) - 1; j >= 0; j-- {
		for b := range y {
			y[b] = mul(y[b], x) ^ coefficients[j][b]
		}
	}
	return y
}

// Combine gives the secret at 0 of exactly t shares. It cannot tell a wrong share from a right one: Recover can.
// A number of shares other than t, an index outside 1…MaxSeats or twice, and a value not of 32 bytes are refused:
// ErrShares, in a *SeatError where one seat is at fault. Source: spec/shares.md §3.
func Combine(t int, shares []Share) (Secret, error) {
	if t < 1 || len(shares) != t {
		return Secret{}, fmt.Errorf("%d shares where %d are needed: %w", len(shares), t, ErrShares)
	}
	seen := [256]bool{}
	for _, s := range shares {
		if err := s.check(MaxSeats); err != nil {
			return Secret{}, err
		}
		if seen[s.Index] {
			return Secret{}, &SeatError{s.Index, "answers twice"}
		}
		seen[s.Index] = true
	}
	var r Secret
	for i, s := range shares {
		l := lagrange(shares, i)
		for b := range r {
			r[b] ^= mul(l, s.Value[b])
		}
	}
	return r, nil
}

// lagrange is the weight at 0 of share i. Indexes are public and differ.
func lagrange(shares []Share, i int) byte {
	num, den := byte(1), byte(1)
	for j, s := range shares {
		if j != i {
			num = mul(num, s.Index)
			den = mul(den, s.Index^shares[i].Index)
		}
	}
	return mul(num, inverse(den))
}

func (s Share) check(n int) error {
	switch {
	case s.Index < 1 || int(s.Index) > n:
		return &SeatError{s.Index, fmt.Sprintf("is not one of 1 to %d", n)}
	case len(s.Value) != SecretSize:
		return &SeatError{s.Index, fmt.Sprintf("gives a share of %d bytes", len(s.Value))}
	}
	return nil
}
