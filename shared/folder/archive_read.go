package folder

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"hash"
	"strings"

	"github.com/anamnesis-health/anamnesis/shared/block"
)

// archiveSink takes what an archive holds, in its order. Its error ends the reading.
type archiveSink interface {
	info(*archiveInfo) error
	block(raw []byte) error
	blob(root block.Hash, size int64, hashes []block.Hash) error
	leaf(root block.Hash, i int, leaf []byte) error // already compared with its hash
	flush() error                                   // after each piece fed
	end() error                                     // the sum was right and nothing is missing
}

// archiveReader reads an archive as it comes, keeping no more than one entry. What reaches the sink has its place, its
// header and, for a leaf, its hash checked; the blocks are the sink's to judge. Source: spec/archive.md.
type archiveReader struct {
	sink   archiveSink
	net    block.Net
	netRaw []byte
	buf    []byte
	sum    hash.Hash
	about  archiveInfo
	stage  int // entries known by name so far
	part   int
	blocks uint64
	blobs  uint64
	root   block.Hash
	hashes []block.Hash
	leaf   int   // the next leaf of root
	left   int64 // bytes of it still to come
	tail   int   // bytes after the end
}

// Stages of reading, in the order of the entries.
const (
	stageFirst = iota
	stageNetwork
	stageBlocks
	stageBlobs
	stageTail
)

func newArchiveReader(net block.Net, network []byte, sink archiveSink) *archiveReader {
	return &archiveReader{sink: sink, net: net, netRaw: network, sum: sha256.New()}
}

func damaged(entry string) error { return fail("archive/damaged", "%s", entry) }

// feed takes the next bytes of the file, any number.
func (r *archiveReader) feed(p []byte) error {
	r.buf = append(r.buf, p...)
	for {
		took, err := r.step()
		if err != nil {
			return err
		}
		if took == 0 {
			break
		}
		r.buf = r.buf[took:]
	}
	r.buf = bytes.Clone(r.buf) // what was read is let go
	return r.sink.flush()
}

// finish says whether the file was whole.
func (r *archiveReader) finish() error {
	switch {
	case r.stage == stageFirst && len(r.buf) < tarBlock:
		return fail("archive/format", "too short")
	case r.stage != stageTail || r.tail != 2*tarBlock:
		return fail("archive/truncated", "%d blocks of %d", r.blocks, r.about.Blocks)
	case len(r.buf) > 0:
		return damaged("bytes after the end")
	}
	return nil
}

// step takes one entry from the buffer and says how many bytes it was, 0 when it is not whole yet.
func (r *archiveReader) step() (int, error) {
	if r.stage == stageTail {
		n := min(len(r.buf), 2*tarBlock-r.tail)
		if bytes.ContainsFunc(r.buf[:n], func(c rune) bool { return c != 0 }) {
			return 0, damaged("bytes after the end")
		}
		r.tail += n
		return n, nil
	}
	if len(r.buf) < tarBlock {
		return 0, nil
	}
	name, size, ok := tarEntry(r.buf[:tarBlock])
	switch {
	case r.stage == stageFirst && (!ok || name != archiveFirst):
		return 0, fail("archive/format", "no archive")
	case !ok || size > maxArchiveEntry:
		return 0, damaged("a header")
	}
	whole := tarBlock + size + (-size & (tarBlock - 1))
	if len(r.buf) < whole {
		return 0, nil
	}
	body := r.buf[tarBlock : tarBlock+size]
	if len(bytes.Trim(r.buf[tarBlock+size:whole], "\x00")) > 0 {
		return 0, damaged(name)
	}
	if err := r.entry(name, body); err != nil {
		return 0, err
	}
	r.sum.Write(r.buf[:whole])
	return whole, nil
}

func (r *archiveReader) entry(name string, body []byte) error {
	switch {
	case r.stage == stageFirst:
		return r.first(body)
	case r.stage == stageNetwork:
		if name != archiveNetwork {
			return damaged(name)
		}
		r.stage = stageBlocks
		if !bytes.Equal(body, r.netRaw) {
			return fail("archive/network", "")
		}
		return nil
	case r.stage == stageBlocks && name == archiveBlocks+eight(r.part+1):
		r.part++
		return r.takeBlocks(name, body)
	case name == archiveEnd && r.stage >= stageBlocks && r.leaf == len(r.hashes):
		return r.takeEnd(body)
	case strings.HasPrefix(name, archiveBlobs) && r.part > 0:
		r.stage = stageBlobs
		return r.takeBlob(name, body)
	}
	return damaged(name)
}

func (r *archiveReader) first(body []byte) error {
	if len(body) > 1 && body[1] != 1 { // an array of six fields, the first of them small
		return fail("archive/version", "%d", body[1])
	}
	info, err := decoded[archiveInfo](body, len(body))
	if err != nil {
		return fail("archive/format", "%v", err)
	}
	if info.Net != block.Hash(r.net) {
		return fail("archive/network", "")
	}
	r.about, r.stage = info, stageNetwork
	return r.sink.info(&info)
}

func (r *archiveReader) takeBlocks(name string, body []byte) error {
	if len(body) == 0 {
		return damaged(name)
	}
	for len(body) > 0 {
		if len(body) < 4 {
			return damaged(name)
		}
		n := binary.BigEndian.Uint32(body)
		if body = body[4:]; n == 0 || n > uint32(len(body)) || n > block.MaxBlock {
			return damaged(name)
		}
		if err := r.sink.block(body[:n]); err != nil {
			return err
		}
		r.blocks++
		body = body[n:]
	}
	return nil
}

// takeBlob reads the leaf hashes of the next blob, or the next leaf of this one.
func (r *archiveReader) takeBlob(name string, body []byte) error {
	rootText, what, _ := strings.Cut(name[len(archiveBlobs):], "/")
	raw, err := base64.RawURLEncoding.Strict().DecodeString(rootText)
	if err != nil || len(raw) != 32 {
		return damaged(name)
	}
	root := block.Hash(raw)
	if r.leaf == len(r.hashes) {
		size, hashes := announcedLeaves(body)
		if "/"+what != archiveLeaves || len(hashes) == 0 || block.Root(hashes) != root || !bytes.Equal(announce(size, hashes), body) {
			return damaged(name)
		}
		r.hashes, r.root, r.leaf, r.left = hashes, root, 0, size
		r.blobs++
		return r.sink.blob(root, size, hashes)
	}
	if root != r.root || what != eight(r.leaf) || block.LeafHash(body) != r.hashes[r.leaf] ||
		int64(len(body)) != min(r.left, int64(leafStart(r.leaf+1)-leafStart(r.leaf))) {
		return damaged(name)
	}
	r.leaf++
	r.left -= int64(len(body))
	return r.sink.leaf(root, r.leaf-1, body)
}

func (r *archiveReader) takeEnd(body []byte) error {
	if !bytes.Equal(body, r.sum.Sum(nil)) || r.part == 0 || r.blocks != r.about.Blocks || r.blobs != r.about.Blobs {
		return damaged(archiveEnd)
	}
	r.stage = stageTail
	return r.sink.end()
}

// tarEntry reads a header that addTar could have written, and no other.
func tarEntry(h []byte) (name string, size int, ok bool) {
	end := bytes.IndexByte(h[:100], 0)
	if end < 1 {
		return "", 0, false
	}
	name = string(h[:end])
	for _, c := range h[124:135] {
		if c < '0' || c > '7' {
			return "", 0, false
		}
		size = size<<3 | int(c-'0')
	}
	return name, size, bytes.Equal(tarHeader(name, size), h)
}
