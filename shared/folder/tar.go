package folder

import (
	"bytes"
	"fmt"
)

// tarBlock is the unit of a tar file.
const tarBlock = 512

// addTar appends one regular file to a ustar archive, readable by its owner alone, at time 0. name has at most 100
// bytes and body is below 8 GiB, or it panics. The standard writer does the same and weighs 50 KB in the core.
// Source: POSIX.1-2024, pax, "ustar Interchange Format".
func addTar(out *bytes.Buffer, name string, body []byte) {
	if len(name) > 100 || uint64(len(body)) >= 1<<33 {
		panic("tar: name or body too long")
	}
	out.Write(tarHeader(name, len(body)))
	out.Write(body)
	out.Write(make([]byte, -len(body)&(tarBlock-1)))
}

func tarHeader(name string, size int) []byte {
	h := make([]byte, tarBlock)
	copy(h[0:], name)
	copy(h[100:], "0000600\x000000000\x000000000\x00") // mode, uid, gid
	copy(h[124:], fmt.Sprintf("%011o\x00%011o\x00", size, 0))
	copy(h[148:], "        0") // the checksum counts as spaces; type: regular file
	copy(h[257:], "ustar\x0000")
	sum := 0
	for _, b := range h {
		sum += int(b)
	}
	copy(h[148:], fmt.Sprintf("%06o\x00 ", sum))
	return h
}

// endTar closes the archive.
func endTar(out *bytes.Buffer) { out.Write(make([]byte, 2*tarBlock)) }
