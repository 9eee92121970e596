package share

// Arithmetic in GF(2⁸) modulo x⁸+x⁴+x³+x+1. No table and no branch depends on a value, as values are secret.

func mul(a, b byte) byte {
	var p byte
	for range 8 {
		p ^= -(b & 1) & a
		a = a<<1 ^ -(a>>7)&0x1b
		b >>= 1
	}
	return p
}

// inverse is a²⁵⁴; of 0 it is 0.
func inverse(a byte) byte {
	p := byte(1)
	for range 7 { // 254 = 2+4+…+128
		a = mul(a, a)
		p = mul(p, a)
	}
	return p
}
