package folder

import (
	"bytes"
	"crypto/sha256"
	"encoding/base32"
	"strconv"
	"strings"

	"github.com/tinylib/msgp/msgp"

	"github.com/anamnesis-health/anamnesis/shared/block"
)

// Kit is what the printed recovery sheet holds; it alone is everything. The words carry Root only.
type Kit struct {
	Root     [32]byte
	Net      block.Net
	Identity block.ChainID
	Relays   []string // 1–3 URLs of at most 64 bytes: https, wss, or plain on the loopback address
}

// Codes of a kit that cannot be read. Detail of kit/word is the place of the first wrong, missing or
// surplus word, from 1.
const (
	CodeKitWord     = "kit/word"
	CodeKitChecksum = "kit/checksum"
	CodeKitFormat   = "kit/format"
	CodeKitVersion  = "kit/version"
)

const (
	kitPrefix  = "ANAMNESIS-KIT:"
	kitVersion = 1
	// kitSum separates the checksum's hash: P(label) without a network, which the words do not know.
	kitSum = "anamnesis/v1/kit\x00"
)

// Words gives 24 words of the BIP39 English list: 32 bytes and the first byte of their SHA-256. It is an
// encoding only; nothing is derived as BIP39 does. Source: spec/kit.md §1.
func (k *Kit) Words() []string {
	sum := sha256.Sum256(k.Root[:])
	return packWords(append(k.Root[:len(k.Root):len(k.Root)], sum[0]), kitWords)
}

// ParseWords reads 24 words as typed. It returns an *Error: kit/word or kit/checksum.
func ParseWords(text string) (root [32]byte, err error) {
	b, place := unpackWords(text, kitWords)
	if place > 0 {
		return root, fail(CodeKitWord, "%d", place)
	}
	root = [32]byte(b)
	if sum := sha256.Sum256(root[:]); sum[0] != b[32] {
		return [32]byte{}, fail(CodeKitChecksum, "")
	}
	return root, nil
}

// QR gives the text of the printed code, upper-case letters, digits, colons and a hyphen, at most 512
// characters. It returns an *Error, kit/format, for relays out of bounds. Source: spec/kit.md §2.
func (k *Kit) QR() (string, error) {
	b, err := k.appendArray(nil)
	if err != nil {
		return "", err
	}
	s := kitPrefix + strconv.Itoa(kitVersion) + ":" + kitBase32().EncodeToString(append(b, kitChecksum(b)...))
	if len(s) > maxKitQR {
		return "", fail(CodeKitFormat, "%d characters", len(s))
	}
	return s, nil
}

// ParseQR reads the text of the printed code; white space around it does not matter. It returns an
// *Error: kit/version, kit/checksum or kit/format.
func ParseQR(text string) (*Kit, error) {
	rest, ok := strings.CutPrefix(strings.TrimSpace(text), kitPrefix)
	version, body, colon := strings.Cut(rest, ":")
	if !ok || !colon || len(text) > 2*maxKitQR {
		return nil, fail(CodeKitFormat, "no recovery kit")
	}
	if version != strconv.Itoa(kitVersion) {
		return nil, fail(CodeKitVersion, "")
	}
	b, err := kitBase32().DecodeString(body)
	if err != nil || len(b) < 4 || kitBase32().EncodeToString(b) != body {
		return nil, fail(CodeKitFormat, "not base32")
	}
	b, sum := b[:len(b)-4], b[len(b)-4:]
	if !bytes.Equal(sum, kitChecksum(b)) {
		return nil, fail(CodeKitChecksum, "")
	}
	return decodeKit(b)
}

func kitBase32() *base32.Encoding { return base32.StdEncoding.WithPadding(base32.NoPadding) }

func kitChecksum(b []byte) []byte {
	sum := sha256.Sum256(append([]byte(kitSum), b...))
	return sum[:4]
}

func (k *Kit) appendArray(b []byte) ([]byte, error) {
	if len(k.Relays) == 0 || len(k.Relays) > maxKitRelays {
		return nil, fail(CodeKitFormat, "%d relays", len(k.Relays))
	}
	b = msgp.AppendArrayHeader(b, 5)
	b = msgp.AppendUint64(b, kitVersion)
	b = msgp.AppendBytes(b, k.Root[:])
	b = msgp.AppendBytes(b, k.Net[:])
	b = msgp.AppendBytes(b, k.Identity[:])
	b = msgp.AppendArrayHeader(b, uint32(len(k.Relays)))
	for _, url := range k.Relays {
		if !relayURL(url) {
			return nil, fail(CodeKitFormat, "relay of %d bytes", len(url))
		}
		b = msgp.AppendString(b, url)
	}
	return b, nil
}

func decodeKit(b []byte) (*Kit, error) {
	var k Kit
	rest, ok := b, true
	take := func(into []byte) {
		v, after, err := msgp.ReadBytesZC(rest)
		if ok = ok && err == nil && len(v) == len(into); ok {
			copy(into, v)
			rest = after
		}
	}
	fields, rest, err := msgp.ReadArrayHeaderBytes(rest)
	version, after, err2 := msgp.ReadUint64Bytes(rest)
	if err != nil || err2 != nil || fields == 0 {
		return nil, fail(CodeKitFormat, "not an array")
	}
	if version != kitVersion {
		return nil, fail(CodeKitVersion, "")
	}
	rest = after
	take(k.Root[:])
	take(k.Net[:])
	take(k.Identity[:])
	n, rest, err := msgp.ReadArrayHeaderBytes(rest)
	if !ok || err != nil || n > maxKitRelays {
		return nil, fail(CodeKitFormat, "fields")
	}
	for range n {
		var url []byte
		if url, rest, err = msgp.ReadStringZC(rest); err != nil {
			return nil, fail(CodeKitFormat, "relays")
		}
		k.Relays = append(k.Relays, string(url))
	}
	if again, err := k.appendArray(nil); err != nil || !bytes.Equal(again, b) {
		return nil, fail(CodeKitFormat, "not canonical")
	}
	return &k, nil
}

// relayURL refuses what a page served over https could not connect to anyway: plain text beyond this
// machine. Credentials, paths with spaces and non-ASCII hosts are refused too.
func relayURL(url string) bool {
	if len(url) > maxRelayURL || strings.ContainsFunc(url, func(r rune) bool { return r <= ' ' || r > '~' || r == '@' || r == '\\' }) {
		return false
	}
	scheme, rest, ok := strings.Cut(url, "://")
	host, _, _ := strings.Cut(rest, "/")
	if !ok || host == "" {
		return false
	}
	switch scheme {
	case "https", "wss":
		return true
	case "http", "ws":
		for _, loopback := range [...]string{"localhost", "127.0.0.1", "[::1]"} {
			if port, ok := strings.CutPrefix(host, loopback); ok && (port == "" || port[0] == ':' && isDigits(port[1:])) {
				return true
			}
		}
	}
	return false
}
