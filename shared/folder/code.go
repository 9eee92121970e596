package folder

import (
	"encoding/base64"
	"encoding/binary"
	"io"
	"math/bits"
	"strconv"
	"strings"

	"golang.org/x/crypto/scrypt"

	"github.com/anamnesis-health/anamnesis/shared/block"
)

// Purpose keeps the codes of different gestures apart: one never serves the other.
type Purpose uint8

// The purposes.
const (
	PurposeShare  Purpose = 1 // give somebody a grant
	PurposeDevice Purpose = 2 // add a device of one's own
)

// Code is a meeting code: 66 random bits, used once, as a number of 9 bytes big-endian.
type Code [9]byte

// Codes of a text that is no meeting code here.
const (
	CodeMeetFormat    = "meet/format"
	CodeMeetWrongKind = "meet/wrong-kind" // a code of another purpose, or a recovery kit
	CodeMeetNetwork   = "meet/network"    // a link into another network
)

const (
	codeBits   = codeWords * wordBits // 66
	codeSpare  = 8*len(Code{}) - codeBits
	codeLetter = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
	codeLength = codeBits / 6 // 11
	cardPrefix = "ANAMNESIS-CARD:"
)

// NewCode draws a code; rand gives 9 bytes and its error is returned.
func NewCode(rand io.Reader) (c Code, err error) {
	if _, err = io.ReadFull(rand, c[:]); err != nil {
		return Code{}, err
	}
	c[0] &= 1<<(8-codeSpare) - 1
	return c, nil
}

// Words gives six words of the BIP39 English list, 11 bits each, highest first. Source: spec/meeting.md §1.
func (c Code) Words() []string {
	n := c.number()
	return packWords(codeBytes(number66{n.hi<<codeSpare | n.lo>>(64-codeSpare), n.lo << codeSpare}), codeWords)
}

// Digits gives the number in 20 decimal digits.
func (c Code) Digits() string {
	n := c.number()
	var s [codeDigits]byte
	for i := len(s) - 1; i >= 0; i-- {
		var digit uint64
		hi := n.hi / 10
		n.lo, digit = bits.Div64(n.hi%10, n.lo, 10)
		n.hi, s[i] = hi, '0'+byte(digit)
	}
	return string(s[:])
}

// Path gives what follows the origin in a link, and is the link's and the QR's text with it:
// "#/join/<network>/<code>" for a share, "#/link/…" for a device; 31 characters after the origin's slash.
func (c Code) Path(p Purpose, net block.Net) string {
	return "#/" + p.route() + "/" + shortNet(net) + "/" + c.letters()
}

// number66 is the number of a code; hi is below 4, or the number is none.
type number66 struct{ hi, lo uint64 }

func (c Code) number() number66 { return number66{uint64(c[0]), binary.BigEndian.Uint64(c[1:])} }

func codeBytes(n number66) []byte { return binary.BigEndian.AppendUint64([]byte{byte(n.hi)}, n.lo) }

// letters gives 11 base64url characters of 6 bits, highest first.
func (c Code) letters() string {
	n := c.number()
	out := make([]byte, codeLength)
	for i := range out {
		shift := uint(6 * (codeLength - 1 - i))
		out[i] = codeLetter[(n.hi<<(64-shift)|n.lo>>shift)&63]
	}
	return string(out)
}

func (p Purpose) route() string {
	if p == PurposeDevice {
		return "link"
	}
	return "join"
}

// shortNet names a network in a link: its first 8 bytes in 11 base64url characters, spare bits zero.
func shortNet(net block.Net) string { return base64.RawURLEncoding.EncodeToString(net[:8]) }

// ParseCode reads what somebody typed, pasted or scanned where a code for p is wanted: six words, 20
// digits (white space and hyphens between them do not matter), or a link or its path. The origin of a link
// is never followed. It returns an *Error: meet/wrong-kind, meet/network or meet/format.
func ParseCode(text string, p Purpose, net block.Net) (Code, error) {
	text = strings.TrimSpace(text)
	if len(text) > maxCodeText {
		return Code{}, fail(CodeMeetFormat, "%d characters", len(text))
	}
	if strings.HasPrefix(text, kitPrefix) || strings.HasPrefix(text, cardPrefix) {
		return Code{}, fail(CodeMeetWrongKind, "")
	}
	if at := strings.Index(text, "#/"); at >= 0 {
		return parsePath(text[:at], text[at+2:], p, net)
	}
	if compact := strings.NewReplacer(" ", "", "-", "", "\u00a0", "").Replace(text); isDigits(compact) {
		return parseDigits(compact)
	}
	b, place := unpackWords(text, codeWords)
	if place > 0 {
		return Code{}, fail(CodeMeetFormat, "word %d", place)
	}
	n := Code(b).number()
	return codeOf(number66{n.hi >> codeSpare, n.hi<<(64-codeSpare) | n.lo>>codeSpare})
}

func parsePath(origin, path string, p Purpose, net block.Net) (Code, error) {
	parts := strings.Split(path, "/")
	if len(parts) != 3 || (origin != "" && !strings.HasSuffix(origin, "/")) {
		return Code{}, fail(CodeMeetFormat, "link of %d parts", len(parts))
	}
	switch parts[0] {
	case p.route():
	case PurposeShare.route(), PurposeDevice.route():
		return Code{}, fail(CodeMeetWrongKind, "")
	default:
		return Code{}, fail(CodeMeetFormat, "no such link")
	}
	if n, err := base64.RawURLEncoding.Strict().DecodeString(parts[1]); err != nil || len(n) != 8 {
		return Code{}, fail(CodeMeetFormat, "network")
	}
	if parts[1] != shortNet(net) {
		return Code{}, fail(CodeMeetNetwork, "%s", parts[1])
	}
	if len(parts[2]) != codeLength {
		return Code{}, fail(CodeMeetFormat, "code of %d characters", len(parts[2]))
	}
	var n number66
	for i := range codeLength {
		v := strings.IndexByte(codeLetter, parts[2][i])
		if v < 0 {
			return Code{}, fail(CodeMeetFormat, "character %d", i+1)
		}
		n = number66{n.hi<<6 | n.lo>>58, n.lo<<6 | uint64(v)}
	}
	return codeOf(n)
}

func isDigits(s string) bool {
	return s != "" && strings.Trim(s, "0123456789") == ""
}

func parseDigits(s string) (Code, error) {
	if len(s) != codeDigits {
		return Code{}, fail(CodeMeetFormat, "%d digits", len(s))
	}
	var n number66 // below 10²⁰, so hi stays below 6
	for _, digit := range []byte(s) {
		carry, lo := bits.Mul64(n.lo, 10)
		lo, over := bits.Add64(lo, uint64(digit-'0'), 0)
		n = number66{n.hi*10 + carry + over, lo}
	}
	return codeOf(n)
}

func codeOf(n number66) (Code, error) {
	if n.hi >= 1<<(codeBits-64) {
		return Code{}, fail(CodeMeetFormat, "no code is so high")
	}
	return Code(codeBytes(n)), nil
}

// rendezvous stretches a code into the room where both sides meet and the secret that seals what they post
// there, so that a relay must pay scrypt for each guess.
func rendezvous(net block.Net, p Purpose, c Code) (room block.Nonce, secret [32]byte, err error) {
	in := append([]byte("anamnesis/v1/meet\x00"), byte(p))
	b, err := scrypt.Key(append(in, c[:]...), net[:], 1<<scryptLogN, scryptR, scryptP, len(room)+len(secret))
	if err != nil {
		return room, secret, err
	}
	return block.Nonce(b[:len(room)]), [32]byte(b[len(room):]), nil
}

// shortDigits and shortEmoji are what both people compare.
const shortDigits = 1_000_000_000_000

// emojiNames are 64; the page draws them.
const emojiNames = "anchor apple balloon banana bell bicycle bird boat book bread bridge bucket butterfly cactus cake camel " +
	"candle car carrot cat chair cheese cherry clock cloud corn crab crown dog dolphin door drum elephant feather fish flag " +
	"flower fox frog glasses grapes guitar hammer hat heart horse house key kite ladder lamp leaf lemon lion moon mushroom " +
	"owl pencil piano rocket scissors star tree umbrella"

// shortString gives 12 digits and 4 emoji names for the two hellos' hashes.
// Source: spec/meeting.md §3.
func shortString(net block.Net, room block.Nonce, host, joiner block.Hash) (digits string, emoji []string) {
	d := block.Derive(net, append(host[:], joiner[:]...), "sas", room[:])
	n := strconv.FormatUint(binary.BigEndian.Uint64(d[:8])%shortDigits, 10)
	names := strings.Fields(emojiNames)
	word := uint32(d[8])<<16 | uint32(d[9])<<8 | uint32(d[10])
	for shift := 18; shift >= 0; shift -= 6 {
		emoji = append(emoji, names[word>>shift&63])
	}
	return strings.Repeat("0", 12-len(n)) + n, emoji
}
