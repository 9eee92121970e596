package share_test

import (
	"encoding/binary"
	"fmt"
	"testing"

	"github.com/anamnesis-health/anamnesis/shared/share"
)

func BenchmarkSeats(b *testing.B) {
	for _, n := range []int{4, 7} {
		d := deal(b, n-n/4, n)
		b.Run(fmt.Sprintf("deal n=%d", n), func(b *testing.B) {
			for i := 0; b.Loop(); i++ {
				binary.BigEndian.PutUint32(d.r[:], uint32(i))
				if _, err := share.Seats(d.ctx, d.r, d.secrets, d.scope, d.t); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
	d := deal(b, 3, 4)
	answers := d.answers(1, 2, 3)
	b.Run("recover n=4", func(b *testing.B) {
		for b.Loop() {
			if _, _, err := share.Recover(d.ctx, 3, d.seats, answers); err != nil {
				b.Fatal(err)
			}
		}
	})
}
