package grant

import (
	"bytes"
	"errors"
	"testing"

	"github.com/anamnesis-health/anamnesis/shared/block"
	"github.com/anamnesis-health/anamnesis/shared/spec"
)

type vector struct {
	Name, Op, Error                      string
	Net, G, Root, Leaf, Key, Chain       spec.Hex
	Signature, Nonce, Record, Entry, Tag spec.Hex
	Secret, RecipientHash, Info, Bytes   spec.Hex
	Index                                int
	Time                                 uint64
	K                                    uint32
	Scopes, Records, Path                []spec.Hex
	Sections                             []uint8
	Owner, Reader, Purpose               string
}

func code(err error) string {
	for name, e := range map[string]error{
		"canonical": block.ErrCanonical, "limit": block.ErrLimit, "key": block.ErrKey, "signature": block.ErrSignature,
		"path": errPath,
	} {
		if errors.Is(err, e) {
			return name
		}
	}
	if err != nil {
		return "unnamed: " + err.Error()
	}
	return ""
}

var errPath = errors.New("not in the tree")

func TestGrantVectors(t *testing.T) {
	all, err := spec.Cases[vector]("grant")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range all {
		t.Run(c.Name, func(t *testing.T) {
			if err := c.run(t); code(err) != c.Error {
				t.Fatalf("%v, want %q", err, c.Error)
			}
		})
	}
}

func (c *vector) run(t *testing.T) error {
	var net block.Net
	copy(net[:], c.Net)
	want := func(got, exp []byte) {
		t.Helper()
		if !bytes.Equal(got, exp) {
			t.Fatalf("%x, want %x", got, exp)
		}
	}
	switch c.Op {
	case "scopes", "records":
		return c.tree(t, net)
	case "holds":
		if !Holds(block.Hash(c.Root), block.Hash(c.Leaf), c.Index, hashes(c.Path)) {
			return errPath
		}
	case "authorize":
		return Authorized(net, block.Key(c.Key), block.ChainID(c.Chain), c.Signature)
	case "entry":
		e := Entry(net, Secret(c.G), block.Nonce(c.Nonce), block.ID(c.Record))
		want(e[:], c.Entry)
	case "tagKey":
		k := TagKey(net, Secret(c.Secret))
		want(k[:], c.Key)
	case "dayTag":
		tag := DayTag(net, [32]byte(c.Key), block.ChainID(c.Chain), c.Time)
		want(tag[:], c.Tag)
	case "newTag":
		tag := NewTag(net, [32]byte(c.Key), c.Time, c.K)
		want(tag[:], c.Tag)
	case "grantTag":
		tag := GrantTag(net, block.ChainID(c.Chain))
		want(tag[:], c.Tag)
	case "sealInfo":
		want(SealInfo(net, block.ChainID(c.Chain), block.Hash(c.RecipientHash)), c.Info)
	case "sealed":
		return c.sealed(t)
	default:
		t.Fatalf("op %q", c.Op)
	}
	return nil
}

func hashes(all []spec.Hex) (out []block.Hash) {
	for _, h := range all {
		out = append(out, block.Hash(h))
	}
	return out
}

func (c *vector) tree(t *testing.T, net block.Net) error {
	g := Secret(c.G)
	var tr Tree
	var err error
	var first block.Hash
	if c.Op == "scopes" {
		var scopes []Scope
		for _, s := range c.Scopes {
			scopes = append(scopes, Scope(s))
		}
		if tr, err = Scopes(net, g, scopes); err == nil {
			first = ScopeLeaf(net, g, scopes[0])
		}
	} else {
		var ids []block.ID
		for _, s := range c.Records {
			ids = append(ids, block.ID(s))
		}
		if tr, err = Records(net, g, ids); err == nil {
			first = RecordLeaf(net, g, ids[0])
		}
	}
	if err != nil {
		return err
	}
	i, path, ok := tr.Path(first)
	if !ok || i != c.Index || tr.Root() != block.Hash(c.Root) || len(path) != len(c.Path) {
		t.Fatalf("root %x, index %d, path of %d", tr.Root(), i, len(path))
	}
	if !Holds(tr.Root(), first, i, hashes(c.Path)) || !Holds(tr.Root(), first, i, path) {
		t.Fatal("the path does not lead to the root")
	}
	return nil
}

func (c *vector) sealed(t *testing.T) error {
	s, err := ParseSealed(c.Bytes)
	if err != nil {
		return err
	}
	terms := s.Terms()
	if !bytes.Equal(s.Encode(), c.Bytes) || !bytes.Equal(terms.Sections, c.Sections) || len(terms.Records) != len(c.Records) ||
		s.Names != (Names{c.Owner, c.Reader}) || s.Purpose != c.Purpose {
		t.Fatalf("parsed to %+v", s)
	}
	return nil
}
