package seal_test

import (
	"bytes"
	"errors"
	"fmt"
	"testing"

	"github.com/anamnesis-health/anamnesis/shared/block"
	"github.com/anamnesis-health/anamnesis/shared/seal"
	"github.com/anamnesis-health/anamnesis/shared/share"
	"github.com/anamnesis-health/anamnesis/shared/spec"
)

type octets = spec.Hex

func load(t testing.TB, name string, into any) {
	t.Helper()
	if err := spec.ReadWhole(name, into); err != nil {
		t.Fatal(err)
	}
}

type refusedFile struct {
	Name string
	File octets
}

type sealingVectors struct {
	Source  string
	Context struct{ Net, Session, Record octets }
	Keys    struct {
		S0, K, Scope, R octets
		FileKey         octets `json:"file_key"`
	}
	Record []struct {
		Name            string
		File, Plaintext octets
		OwnerStanza     octets `json:"owner_stanza"`
		SectionStanza   octets `json:"section_stanza"`
	}
	OwnerOnly []struct {
		Name            string
		File, Plaintext octets
	} `json:"owner_only"`
	OwnerOnlyRefused []refusedFile `json:"owner_only_refused"`
	HeaderRefused    []refusedFile `json:"header_refused"`
	OpenRefused      []refusedFile `json:"open_refused"`
}

func (v *sealingVectors) ctx() share.Context {
	return share.Context{Net: block.Net(v.Context.Net), Session: block.ID(v.Context.Session), Salt: block.Nonce(v.Context.Record)}
}

func loadSealing(t testing.TB) (v sealingVectors) {
	load(t, "sealing", &v)
	return v
}

func TestVectorsRecord(t *testing.T) {
	v := loadSealing(t)
	ctx, s0, k, scope := v.ctx(), share.Secret(v.Keys.S0), share.Secret(v.Keys.K), share.Scope(v.Keys.Scope)
	for _, c := range v.Record {
		h, err := seal.ParseHeader(c.File)
		if err != nil || h.Session != ctx.Session || h.Record != ctx.Salt || !bytes.Equal(h.Owner[:], c.OwnerStanza) || !bytes.Equal(h.Section[:], c.SectionStanza) {
			t.Fatalf("%s: %+v, %v", c.Name, h, err)
		}
		r, err := seal.OwnerSecret(ctx, s0, scope, h)
		if err != nil || r != share.Secret(v.Keys.R) {
			t.Fatalf("%s: %x, %v", c.Name, r, err)
		}
		key, err := seal.SectionFileKey(ctx, k, r, h)
		if err != nil || key != seal.FileKey(v.Keys.FileKey) {
			t.Fatalf("%s: %x, %v", c.Name, key, err)
		}
		if text, err := seal.Open(c.File, key); err != nil || !bytes.Equal(text, c.Plaintext) {
			t.Errorf("%s: %x, %v", c.Name, text, err)
		}
	}
	for _, c := range v.HeaderRefused {
		if h, err := seal.ParseHeader(c.File); !errors.Is(err, seal.ErrHeader) || h != (seal.Header{}) {
			t.Errorf("%s: %+v, %v", c.Name, h, err)
		}
		if text, err := seal.Open(c.File, seal.FileKey(v.Keys.FileKey)); !errors.Is(err, seal.ErrHeader) || text != nil {
			t.Errorf("%s: opened %d bytes, %v", c.Name, len(text), err)
		}
	}
	for _, c := range v.OpenRefused {
		if text, err := seal.Open(c.File, seal.FileKey(v.Keys.FileKey)); !errors.Is(err, seal.ErrOpen) || text != nil {
			t.Errorf("%s: %d bytes, %v", c.Name, len(text), err)
		}
	}
}

func TestVectorsOwnerOnly(t *testing.T) {
	v := loadSealing(t)
	ctx, s0 := v.ctx(), share.Secret(v.Keys.S0)
	for _, c := range v.OwnerOnly {
		h, err := seal.ParseHeader(c.File)
		if err != nil {
			t.Fatal(err)
		}
		key, err := seal.OwnerFileKey(ctx, s0, h)
		if err != nil {
			t.Fatal(err)
		}
		if text, err := seal.Open(c.File, key); err != nil || !bytes.Equal(text, c.Plaintext) {
			t.Errorf("%s: %x, %v", c.Name, text, err)
		}
		if _, err := seal.OwnerSecret(ctx, s0, share.Scope(v.Keys.Scope), h); !errors.Is(err, seal.ErrOpen) {
			t.Errorf("%s opens as an ordinary record: %v", c.Name, err)
		}
		if _, err := seal.SectionFileKey(ctx, share.Secret(v.Keys.K), share.Secret(v.Keys.R), h); !errors.Is(err, seal.ErrOpen) {
			t.Errorf("%s opens for a reader: %v", c.Name, err)
		}
	}
	for _, c := range v.OwnerOnlyRefused {
		h, err := seal.ParseHeader(c.File)
		if err != nil {
			t.Fatalf("%s: %v", c.Name, err)
		}
		if key, err := seal.OwnerFileKey(ctx, s0, h); err == nil || key != (seal.FileKey{}) {
			t.Errorf("%s: opened", c.Name)
		}
	}
}

type blobVectors struct {
	Source, Note  string
	Record, Erase octets
	FileKey       octets `json:"file_key"`
	StreamNonce   octets `json:"stream_nonce"`
	Blob          []struct {
		Size, Padded int64
		SHA256       octets
		Leaves       []octets
		Root         octets
		LastLeaf     int `json:"last_leaf"`
	}
	BlobRefused []struct {
		Name           string
		Size, Padded   int64
		FileKey        octets `json:"file_key"`
		SHA256, Root   octets
		Leaves, Served []octets
		Error          string
	} `json:"blob_refused"`
}

func hashes(all []octets) []block.Hash {
	var out []block.Hash
	for _, h := range all {
		out = append(out, block.Hash(h))
	}
	return out
}

// The positive blobs of the vectors are named by their hashes alone: a second implementation of the stream writes
// them again, ours opens them.
func TestVectorsBlob(t *testing.T) {
	var v blobVectors
	load(t, "blob", &v)
	record, key := block.Nonce(v.Record), seal.FileKey(v.FileKey)
	for _, c := range v.Blob {
		t.Run(fmt.Sprint(c.Size, " of ", c.Padded), func(t *testing.T) {
			data := pattern(int(c.Size))
			leaves := leavesOf(v.Erase, rewrite(append(bytes.Clone(data), make([]byte, c.Padded-c.Size)...), key, [16]byte(v.StreamNonce), record))
			if len(leaves) != len(c.Leaves) || len(leaves) != seal.LeafCount(c.Padded) || len(leaves[len(leaves)-1]) != c.LastLeaf {
				t.Fatalf("%d leaves, the last of %d bytes", len(leaves), len(leaves[len(leaves)-1]))
			}
			b := seal.Blob{Root: block.Hash(c.Root), Size: c.Size, Leaves: hashes(c.Leaves), Key: key, Sum: block.Hash(c.SHA256)}
			r, err := seal.OpenBlob(b, record, c.Padded, serve(leaves))
			if err != nil {
				t.Fatal(err)
			}
			if err := r.Check(b.Sum); err != nil {
				t.Fatal(err)
			}
			got := make([]byte, c.Size)
			if n, err := r.ReadAt(got, 0); int64(n) != c.Size || c.Size > 0 && err != nil || !bytes.Equal(got, data) {
				t.Errorf("%d bytes, %v", n, err)
			}
		})
	}
	want := map[string]error{"header": seal.ErrHeader, "open": seal.ErrOpen, "leaf": seal.ErrLeaf}
	for _, c := range v.BlobRefused {
		b := seal.Blob{Root: block.Hash(c.Root), Size: c.Size, Leaves: hashes(c.Leaves), Key: seal.FileKey(c.FileKey)}
		var served [][]byte
		for _, s := range c.Served {
			served = append(served, s)
		}
		r, err := seal.OpenBlob(b, record, c.Padded, serve(served))
		if err == nil {
			err = r.Check(block.Hash(c.SHA256))
		}
		if !errors.Is(err, want[c.Error]) {
			t.Errorf("%s: %v", c.Name, err)
		}
	}
}
