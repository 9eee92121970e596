package folder

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"hash"

	"github.com/anamnesis-health/anamnesis/shared/block"
)

// archiveInfo is the first entry of an archive. Source: spec/archive.md §1.
type archiveInfo struct {
	Version  uint8
	Net      block.Hash
	Identity block.ChainID
	MadeMS   uint64
	Blocks   uint64
	Blobs    uint64
}

// Names of an archive's entries.
const (
	archiveFirst   = "anamnesis-archive"
	archiveNetwork = "network"
	archiveBlocks  = "blocks/"
	archiveBlobs   = "blobs/"
	archiveLeaves  = "/leaves"
	archiveEnd     = "end"
)

// archiving is an archive being written: what is in it was decided when it began.
type archiving struct {
	info   archiveInfo
	ids    []block.ID
	roots  []block.Hash
	sum    hash.Hash
	id     int // the next block
	part   int // the next blocks entry
	root   int // the next blob
	leaf   int // its next leaf; -1: its leaf hashes
	begun  bool
	ended  bool
	leaves int // leaves written
	all    int // leaves in all
}

// ArchiveView is how far an archive has come.
type ArchiveView struct {
	Done, Total int // blocks and leaves
	Finished    bool
	MadeMS      int64
}

// StartArchive begins an archive of the own folder as it stands now.
func (e *Engine) StartArchive() (ArchiveView, error) {
	own, _, err := e.ownFolder()
	if err != nil {
		return ArchiveView{}, err
	}
	a := &archiving{sum: sha256.New(), leaf: -1}
	chains := []block.ChainID{block.ChainID(e.me.vault.Identity)}
	for _, w := range own.m.Writers {
		chains = append(chains, w.Chain)
	}
	for _, g := range own.m.Grants {
		chains = append(chains, g.Chain, g.Reader)
	}
	seen := map[block.ChainID]bool{}
	for _, id := range chains {
		if c := e.hold.chains[id]; c != nil && !seen[id] {
			seen[id] = true
			a.ids = append(a.ids, c.blocks...)
		}
	}
	for _, id := range a.ids {
		r := own.recs[id]
		if r == nil || len(r.x.Blob) != 32 {
			continue
		}
		root := block.Hash(r.x.Blob)
		if n := len(e.blobs.hashes[root]); n == 0 || !e.blobs.whole(root, n) {
			return ArchiveView{}, errWaiting // an archive without it would not bring the record back
		}
		a.roots = append(a.roots, root)
		a.all += len(e.blobs.hashes[root])
	}
	a.info = archiveInfo{1, block.Hash(e.net), chains[0], uint64(e.world.Now()), uint64(len(a.ids)), uint64(len(a.roots))}
	e.archive = a
	return a.view(), nil
}

// CancelArchive forgets an archive that is being written or read. Nothing of it is kept.
func (e *Engine) CancelArchive() {
	e.archive = nil
	e.dropReading()
}

func (a *archiving) view() ArchiveView {
	return ArchiveView{a.id + a.leaves, len(a.ids) + a.all, a.ended, int64(a.info.MadeMS)}
}

// NextArchive gives the next bytes of the archive, about half a MiB; the last ones with Finished.
func (e *Engine) NextArchive() (ArchiveView, []byte, error) {
	a := e.archive
	if e.me == nil {
		return ArchiveView{}, nil, ErrLocked
	}
	if a == nil || a.ended {
		return ArchiveView{}, nil, fail("archive/none", "start one first")
	}
	var out bytes.Buffer
	add := func(name string, body []byte) { addTar(&out, name, body) }
	if !a.begun {
		a.begun = true
		add(archiveFirst, encode(&a.info))
		add(archiveNetwork, e.network.Bytes())
	}
	for out.Len() < archiveChunk && a.id < len(a.ids) {
		body, err := a.blocks(e)
		if err != nil {
			return ArchiveView{}, nil, err
		}
		a.part++
		add(archiveBlocks+eight(a.part), body)
	}
	for out.Len() < archiveChunk && a.id == len(a.ids) && a.root < len(a.roots) {
		if err := a.blob(e, add); err != nil {
			return ArchiveView{}, nil, err
		}
	}
	a.sum.Write(out.Bytes())
	if a.id == len(a.ids) && a.root == len(a.roots) && out.Len() < archiveChunk {
		add(archiveEnd, a.sum.Sum(nil))
		endTar(&out)
		a.ended, e.archive = true, nil
	}
	return a.view(), out.Bytes(), nil
}

// blocks is the next entry's worth of blocks.
func (a *archiving) blocks(e *Engine) (body []byte, err error) {
	for len(body) < archiveChunk && a.id < len(a.ids) {
		b, err := e.block(a.ids[a.id])
		if err != nil {
			return nil, err
		}
		raw := b.Encode()
		body = append(binary.BigEndian.AppendUint32(body, uint32(len(raw))), raw...)
		a.id++
	}
	return body, nil
}

// blob adds the next entry of the next blob.
func (a *archiving) blob(e *Engine, add func(string, []byte)) error {
	root := a.roots[a.root]
	hashes := e.blobs.hashes[root]
	name := archiveBlobs + base64.RawURLEncoding.EncodeToString(root[:])
	if a.leaf < 0 {
		size, err := e.blobSize(root)
		if err != nil {
			return err
		}
		add(name+archiveLeaves, announce(size, hashes))
		a.leaf = 0
		return nil
	}
	leaf, err := e.leaf(root, a.leaf)
	if err != nil {
		return err
	}
	add(name+"/"+eight(a.leaf), leaf)
	a.leaves++
	if a.leaf++; a.leaf == len(hashes) {
		a.root, a.leaf = a.root+1, -1
	}
	return nil
}

// eight writes n in eight digits.
func eight(n int) string {
	d := []byte("00000000")
	for i := len(d) - 1; i >= 0; i-- {
		d[i], n = '0'+byte(n%10), n/10
	}
	return string(d)
}
