package share

import (
	"strconv"
	"testing"

	"github.com/anamnesis-health/anamnesis/shared/spec"
)

// product is the schoolbook rule: multiply polynomials over GF(2), then divide by x⁸+x⁴+x³+x+1.
func product(a, b byte) byte {
	var p uint16
	for i := range 8 {
		if b>>i&1 == 1 {
			p ^= uint16(a) << i
		}
	}
	for i := 15; i >= 8; i-- {
		if p>>i&1 == 1 {
			p ^= 0x11b << (i - 8)
		}
	}
	return byte(p)
}

func TestField(t *testing.T) {
	for a := range 256 {
		for b := range 256 {
			if got, want := mul(byte(a), byte(b)), product(byte(a), byte(b)); got != want {
				t.Fatalf("%02x times %02x is %02x, not %02x", a, b, got, want)
			}
		}
		if got := product(byte(a), inverse(byte(a))); a != 0 && got != 1 || a == 0 && got != 0 {
			t.Fatalf("%02x times its inverse is %02x", a, got)
		}
	}
	var v struct {
		Field []struct{ A, B, Product string }
	}
	if err := spec.Read("shares", &v); err != nil || len(v.Field) == 0 {
		t.Fatal(len(v.Field), err)
	}
	for _, c := range v.Field {
		if got := mul(number(t, c.A), number(t, c.B)); got != number(t, c.Product) {
			t.Errorf("%s times %s is %02x", c.A, c.B, got)
		}
	}
}

func number(t *testing.T, s string) byte {
	n, err := strconv.ParseUint(s, 16, 8)
	if err != nil {
		t.Fatal(err)
	}
	return byte(n)
}
