package hub

import (
	"bytes"
	"errors"
	"testing"

	"github.com/anamnesis-health/anamnesis/shared/block"
	"github.com/anamnesis-health/anamnesis/shared/spec"
)

// TestBlobVectors reads announcements and receipts of vectors/blob-http.json. Source: spec/blob-http.md.
func TestBlobVectors(t *testing.T) {
	all, err := spec.Cases[struct {
		Name, Error                         string
		Net, Root, Announce, Relay, Receipt spec.Hex
		Size                                uint64
	}]("blob-http")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range all {
		t.Run(c.Name, func(t *testing.T) {
			size, leaves, err := ParseAnnounce(c.Announce)
			if c.Error != "" {
				if !errors.Is(err, block.ErrCanonical) {
					t.Fatalf("%v, want %s", err, c.Error)
				}
				return
			}
			if err != nil || size != c.Size || !bytes.Equal(EncodeAnnounce(size, leaves), c.Announce) {
				t.Fatalf("%d, %v", size, err)
			}
			root := block.Hash(c.Root)
			if err := CheckBlob(root, size, leaves); err != nil {
				t.Error(err)
			}
			if err := block.Verify(block.Net(c.Net), block.Key(c.Relay), block.SigStored, receiptBody(root, size), c.Receipt); err != nil {
				t.Error(err)
			}
			for _, wrong := range []uint64{size + LeafSize, 0, FirstLeaf - 1, MaxBlob + 1} {
				if CheckBlob(root, wrong, leaves) == nil {
					t.Errorf("size %d is taken", wrong)
				}
			}
		})
	}
}

func FuzzParseAnnounce(f *testing.F) {
	f.Add(EncodeAnnounce(33, make([]block.Hash, 2)))
	f.Add([]byte{0x92, 1, 0xc6, 255, 255, 255, 255})
	f.Fuzz(func(t *testing.T, b []byte) {
		size, leaves, err := ParseAnnounce(b)
		if err == nil && !bytes.Equal(EncodeAnnounce(size, leaves), b) {
			t.Fatalf("accepted %x", b)
		}
	})
}
