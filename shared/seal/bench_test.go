package seal_test

import (
	"crypto/rand"
	"fmt"
	"testing"

	"github.com/anamnesis-health/anamnesis/shared/seal"
)

// A record is opened as a reader opens it, its release secret at hand: stanza, file key, header MAC, stream.
func BenchmarkRecord(b *testing.B) {
	for _, n := range []int{1 << 10, 64 << 10} {
		text := pattern(n)
		s := sealRecord(b, text)
		b.Run(fmt.Sprintf("seal %d KB", n>>10), func(b *testing.B) {
			for b.Loop() {
				if _, _, err := seal.Record(s.ctx, s.keys, text, rand.Reader); err != nil {
					b.Fatal(err)
				}
			}
		})
		b.Run(fmt.Sprintf("open %d KB", n>>10), func(b *testing.B) {
			for b.Loop() {
				h, err := seal.ParseHeader(s.file)
				if err != nil {
					b.Fatal(err)
				}
				key, err := seal.SectionFileKey(s.ctx, s.keys.Section, s.r, h)
				if err != nil {
					b.Fatal(err)
				}
				if _, err := seal.Open(s.file, key); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkBlob(b *testing.B) {
	w, leaves := writeBlob(b, pattern(16<<20), 16<<20)
	b.Run("first bytes of 16 MB", func(b *testing.B) {
		p := make([]byte, 4096)
		for b.Loop() {
			r, err := seal.OpenBlob(w.blob, w.record, w.padded, serve(leaves))
			if err != nil {
				b.Fatal(err)
			}
			if _, err := r.ReadAt(p, 0); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("all of 16 MB", func(b *testing.B) {
		p := make([]byte, 1<<20)
		for b.Loop() {
			r, err := seal.OpenBlob(w.blob, w.record, w.padded, serve(leaves))
			if err != nil {
				b.Fatal(err)
			}
			for off := int64(0); off < r.Size(); off += int64(len(p)) {
				if _, err := r.ReadAt(p, off); err != nil {
					b.Fatal(err)
				}
			}
		}
	})
	b.Run("check of 16 MB", func(b *testing.B) {
		for b.Loop() {
			r, err := seal.OpenBlob(w.blob, w.record, w.padded, serve(leaves))
			if err != nil {
				b.Fatal(err)
			}
			if err := r.Check(w.blob.Sum); err != nil {
				b.Fatal(err)
			}
		}
	})
}

func BenchmarkCopy(b *testing.B) {
	key, text := newCopyKey(b), pattern(64<<10)
	file := copyOf(b, key, text)
	b.Run("seal 64 KB", func(b *testing.B) {
		for b.Loop() {
			copyOf(b, key, text)
		}
	})
	b.Run("open 64 KB", func(b *testing.B) {
		for b.Loop() {
			if _, err := key.Open(file); err != nil {
				b.Fatal(err)
			}
		}
	})
}
