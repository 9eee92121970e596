package folder

import (
	"bytes"
	"crypto/cipher"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/binary"

	"golang.org/x/crypto/chacha20poly1305"

	"github.com/anamnesis-health/anamnesis/shared/block"
)

// Post is one message of a meeting, for the relay to hand to the other side. A retry posts the same bytes.
type Post struct {
	Slot uint8
	Body []byte // 4,096 bytes
}

// The slots of a meeting, counted from where its room begins. The relay says slotBurnt when a third party posted
// under the same code.
const (
	slotHostCommit uint8 = iota
	slotJoinerCommit
	slotHostHello
	slotJoinerHello
	slotMatch
	slotResult
	slotHostEnd // whoever leaves says so, so that the other does not wait
	slotJoinerEnd
	slotCount
	slotBurnt uint8 = 255
)

// Where a room's slots begin: face to face, in the relay's memory, or by a link that waits, on its disk.
const (
	roomNow  uint8 = 0
	roomWait uint8 = 8
)

// MeetEnd is why a side left.
type MeetEnd uint8

// The reasons.
const (
	EndNoMatch MeetEnd = 1 // the two screens differed
	EndLeft    MeetEnd = 2 // cancelled, or the link was taken back
)

// CodeMeetBurnt: somebody else posted in this room, or what was posted is not what was promised. Nothing
// was granted; a new code is needed.
const CodeMeetBurnt = "meet/burnt"

// MeetStep is how far a meeting has come.
type MeetStep uint8

// The steps, in order; the last four end a meeting.
const (
	MeetWaiting   MeetStep = iota // for the other side's commitment
	MeetHello                     // for its hello
	MeetCompare                   // both people compare digits and emoji
	MeetConfirmed                 // this side said "They match", the other has not yet
	MeetAgreed                    // host: both said so, Finish may follow
	MeetDone
	MeetBurnt
	MeetExpired
	MeetEnded // one side left
)

// Meeting is one side of two people's first contact, as a step function: posts in, posts out, no clock and
// no network. Each side commits to its hello before it sees the other's, so that whoever sits between them
// has one guess at the short string that both compare. It trusts the relay with nothing.
//
//	host  0 commit ─► 1 commit ◄─ 2 hello ─► 3 hello ◄─ (compare) 4 match ◄─ (compare) 5 result ─►   6, 7 an end
type Meeting struct {
	net      block.Net
	room     block.Nonce
	secret   [32]byte
	base     uint8 // roomNow or roomWait
	host     bool
	hello    []byte
	check    func(hello []byte) error
	step     MeetStep
	seen     map[uint8][]byte // sealed bodies by slot, ours and the other side's
	commit   block.Hash       // the other side's
	peer     []byte
	peerSaid bool // host: slot 4 came
	result   []byte
	left     MeetEnd // this side's
	peerLeft MeetEnd // the other's
	startMS  int64
	lastMS   int64
}

// NewHost begins the side that shows the code; NewJoiner the side that read it. hello, at most 3 KiB, holds
// 32 random bytes at least, so that its hash tells nothing; check judges the other side's hello and its
// error ends the meeting. Either takes about 0.1 s for scrypt.
func NewHost(net block.Net, p Purpose, c Code, hello []byte, check func(hello []byte) error) (*Meeting, error) {
	m, err := newMeeting(net, p, c, hello, check)
	if err == nil {
		m.host = true
	}
	return m, err
}

// NewJoiner begins the side that read the code; see NewHost.
func NewJoiner(net block.Net, p Purpose, c Code, hello []byte, check func(hello []byte) error) (*Meeting, error) {
	return newMeeting(net, p, c, hello, check)
}

func newMeeting(net block.Net, p Purpose, c Code, hello []byte, check func(hello []byte) error) (*Meeting, error) {
	if len(hello) == 0 || len(hello) > maxHello {
		return nil, fail(CodeMeetFormat, "hello of %d bytes", len(hello))
	}
	room, secret, err := rendezvous(net, p, c)
	if err != nil {
		return nil, err
	}
	return meetIn(net, room, secret, hello, check), nil
}

func meetIn(net block.Net, room block.Nonce, secret [32]byte, hello []byte, check func(hello []byte) error) *Meeting {
	return &Meeting{
		net: net, room: room, secret: secret, hello: bytes.Clone(hello), check: check, seen: map[uint8][]byte{},
	}
}

// Start gives the commitment to post. Times are Unix milliseconds.
func (m *Meeting) Start(nowMS int64) []Post {
	m.startMS, m.lastMS = nowMS, nowMS
	commit := sha256.Sum256(m.hello)
	return m.post(m.own(slotHostCommit, slotJoinerCommit), commit[:])
}

// Room names the meeting to the relay.
func (m *Meeting) Room() block.Nonce { return m.room }

// Step says how far the meeting has come.
func (m *Meeting) Step() MeetStep { return m.step }

// Peer gives the other side's hello once it is checked, from MeetCompare on; else nil.
func (m *Meeting) Peer() []byte { return m.peer }

// Result gives, in MeetDone, what the host sealed for the joiner.
func (m *Meeting) Result() []byte { return m.result }

// ShortString gives the 12 digits and 4 emoji names to compare, from MeetCompare on.
func (m *Meeting) ShortString() (digits string, emoji []string) {
	host, joiner := m.hashes()
	return shortString(m.net, m.room, host, joiner)
}

// Info gives the HPKE info under which the host seals the result to the joiner's recipient:
// P(`meet`) ‖ room ‖ SHA-256(host's hello) ‖ SHA-256(joiner's hello). From MeetCompare on.
func (m *Meeting) Info() []byte {
	host, joiner := m.hashes()
	return bytes.Join([][]byte{block.Prefix(m.net, "meet"), m.room[:], host[:], joiner[:]}, nil)
}

// Receive takes what the relay delivered in slot and gives what to post in answer. Repeats of known bytes,
// ours or the other side's, are ignored. It returns an *Error, meet/burnt, or the error of check; either
// ends the meeting.
func (m *Meeting) Receive(slot uint8, body []byte, nowMS int64) ([]Post, error) {
	if m.step == MeetDone {
		return nil, nil // nobody can undo it now
	}
	if m.step > MeetDone {
		return nil, fail(CodeMeetBurnt, "the meeting is over")
	}
	if old, ok := m.seen[slot]; ok {
		if !bytes.Equal(old, body) {
			return nil, m.burn("slot %d changed", slot)
		}
		return nil, nil
	}
	if !m.expects(slot - m.base) { // below the base it wraps around, and is expected even less
		return nil, m.burn("slot %d now", slot)
	}
	text, ok := m.open(slot, body)
	if !ok {
		return nil, m.burn("slot %d does not open", slot)
	}
	m.seen[slot] = bytes.Clone(body)
	m.lastMS = nowMS
	return m.take(slot-m.base, text)
}

// expects reports whether slot is one the other side may fill now. The host's "They match" comes last, so
// a result before ours is refused; the joiner may say it first.
func (m *Meeting) expects(slot uint8) bool {
	switch slot {
	case m.own(slotJoinerCommit, slotHostCommit):
		return m.step == MeetWaiting
	case m.own(slotJoinerHello, slotHostHello):
		return m.step == MeetHello
	case slotMatch:
		return m.host && (m.step == MeetCompare || m.step == MeetConfirmed)
	case slotResult:
		return !m.host && m.step == MeetConfirmed
	case m.own(slotJoinerEnd, slotHostEnd):
		return true
	}
	return false
}

func (m *Meeting) take(slot uint8, text []byte) ([]Post, error) {
	switch slot {
	case slotHostCommit, slotJoinerCommit:
		if len(text) != len(m.commit) {
			return nil, m.burn("commitment of %d bytes", len(text))
		}
		m.commit, m.step = block.Hash(text), MeetHello
		return m.post(m.own(slotHostHello, slotJoinerHello), m.hello), nil
	case slotHostHello, slotJoinerHello:
		return nil, m.meet(text)
	case slotMatch:
		if want := m.match(); subtle.ConstantTimeCompare(text, want[:]) != 1 {
			return nil, m.burn("the other side saw other hellos")
		}
		m.peerSaid = true
		if m.step == MeetConfirmed {
			m.step = MeetAgreed
		}
	case slotResult:
		m.result, m.step = text, MeetDone
	case slotHostEnd, slotJoinerEnd:
		if len(text) != 1 || MeetEnd(text[0]) != EndNoMatch && MeetEnd(text[0]) != EndLeft {
			return nil, m.burn("an end of %d bytes", len(text))
		}
		m.peerLeft, m.step = MeetEnd(text[0]), MeetEnded
	}
	return nil, nil
}

func (m *Meeting) meet(hello []byte) error {
	if sum := block.Hash(sha256.Sum256(hello)); sum != m.commit || bytes.Equal(hello, m.hello) {
		return m.burn("the hello is not the one promised")
	}
	if err := m.check(hello); err != nil {
		m.step = MeetBurnt
		return err
	}
	m.peer, m.step = hello, MeetCompare
	return nil
}

// Confirm records that this side's person said "They match", and gives what to post. It returns an *Error
// outside MeetCompare.
func (m *Meeting) Confirm(nowMS int64) ([]Post, error) {
	if m.step != MeetCompare {
		return nil, fail(CodeMeetFormat, "nothing to confirm at step %d", m.step)
	}
	m.lastMS = nowMS
	m.step = MeetConfirmed
	if m.host {
		if m.peerSaid {
			m.step = MeetAgreed
		}
		return nil, nil
	}
	said := m.match()
	return m.post(slotMatch, said[:]), nil
}

// Finish gives the host's last post, sealed being at most 3 KiB for the joiner. It returns an *Error before
// both sides said "They match".
func (m *Meeting) Finish(sealed []byte) ([]Post, error) {
	if !m.host || m.step != MeetAgreed || len(sealed) > maxHello {
		return nil, fail(CodeMeetFormat, "nothing to finish at step %d", m.step)
	}
	m.step, m.result = MeetDone, sealed
	return m.post(slotResult, sealed), nil
}

// End leaves the meeting and gives what tells the other side, at any step before MeetDone; nil when it is over.
func (m *Meeting) End(why MeetEnd) []Post {
	if m.step >= MeetDone {
		return nil
	}
	m.left, m.step = why, MeetEnded
	return m.post(m.own(slotHostEnd, slotJoinerEnd), []byte{byte(why)})
}

// Tick gives the hint to show at nowMS: "" for none, "meet/no-one" when nobody came for 30 s,
// "meet/still-there" after 2 min of silence, "meet/expired" once the room's 10 min, or the link's 7 days, are over.
func (m *Meeting) Tick(nowMS int64) string {
	switch {
	case m.step >= MeetDone && m.step != MeetExpired:
		return ""
	case m.step == MeetExpired || nowMS >= m.until():
		m.step = MeetExpired
		return "meet/expired"
	case m.base == roomWait:
		return "" // it waits for days
	case !m.host && m.step == MeetWaiting && nowMS-m.startMS >= noOneMS:
		return "meet/no-one"
	case m.step > MeetWaiting && nowMS-m.lastMS >= silentMS:
		return "meet/still-there"
	}
	return ""
}

// until is when the room ends, Unix ms.
func (m *Meeting) until() int64 {
	if m.base == roomWait {
		return m.startMS + linkMS
	}
	return m.startMS + roomMS
}

func (m *Meeting) burn(format string, args ...any) error {
	m.step, m.peer, m.result = MeetBurnt, nil, nil
	return fail(CodeMeetBurnt, format, args...)
}

// own gives host's for the host, joiner's for the joiner.
func (m *Meeting) own(host, joiner uint8) uint8 {
	if m.host {
		return host
	}
	return joiner
}

func (m *Meeting) hashes() (host, joiner block.Hash) {
	if m.host {
		return sha256.Sum256(m.hello), m.commit
	}
	return m.commit, sha256.Sum256(m.hello)
}

// match is what slot 4 holds: it names the two hellos that the joiner's person confirmed.
func (m *Meeting) match() [32]byte {
	host, joiner := m.hashes()
	return block.Derive(m.net, append(host[:], joiner[:]...), "match", m.room[:])
}

// post makes the body of a slot, counted from the room's base, and remembers it as seen.
func (m *Meeting) post(slot uint8, text []byte) []Post {
	slot += m.base
	body := m.body(slot, text)
	m.seen[slot] = body
	return []Post{{Slot: slot, Body: body}}
}

func (m *Meeting) body(slot uint8, text []byte) []byte {
	padded := make([]byte, meetPadded)
	binary.BigEndian.PutUint32(padded, uint32(len(text)))
	copy(padded[4:], text)
	return m.aead(slot).Seal(nil, make([]byte, chacha20poly1305.NonceSize), padded, m.data(slot))
}

func (m *Meeting) open(slot uint8, body []byte) ([]byte, bool) {
	padded, err := m.aead(slot).Open(nil, make([]byte, chacha20poly1305.NonceSize), body, m.data(slot))
	if err != nil || len(padded) != meetPadded {
		return nil, false
	}
	n := binary.BigEndian.Uint32(padded)
	if n > maxHello || len(bytes.Trim(padded[4+n:], "\x00")) != 0 {
		return nil, false
	}
	return padded[4 : 4+n], true
}

func (m *Meeting) data(slot uint8) []byte {
	return append(m.room[:len(m.room):len(m.room)], block.U32(uint32(slot))...)
}

// aead has one key per slot, which seals one text only: hence the zero nonce.
func (m *Meeting) aead(slot uint8) cipher.AEAD {
	key := block.Derive(m.net, m.secret[:], "slot", block.U32(uint32(slot)))
	a, err := chacha20poly1305.New(key[:])
	if err != nil {
		panic(err) // the key has 32 bytes
	}
	return a
}

// Again gives this side's posts so far, for a new connection: the same bytes.
func (m *Meeting) Again() []Post {
	mine := []uint8{slotJoinerCommit, slotJoinerHello, slotMatch, slotJoinerEnd}
	if m.host {
		mine = []uint8{slotHostCommit, slotHostHello, slotResult, slotHostEnd}
	}
	var posts []Post
	for _, slot := range mine {
		if body, ok := m.seen[slot+m.base]; ok {
			posts = append(posts, Post{slot + m.base, body})
		}
	}
	return posts
}

// kept gives what must outlive a reload for the meeting to go on.
func (m *Meeting) kept() keptMeeting {
	k := keptMeeting{Room: m.room, Secret: m.secret, Base: m.base, Host: m.host, Hello: m.hello, Peer: m.peer, Step: uint8(m.step), PeerSaid: m.peerSaid,
		Result: m.result, Left: uint8(m.left), PeerLeft: uint8(m.peerLeft), StartMS: m.startMS}
	if m.commit != (block.Hash{}) {
		k.Commit = bytes.Clone(m.commit[:])
	}
	return k
}

// resumed is the meeting that kept gave. Its posts are the same bytes as before: each slot has one key and one text.
func resumed(net block.Net, k *keptMeeting, check func(hello []byte) error) *Meeting {
	m := meetIn(net, k.Room, k.Secret, k.Hello, check)
	m.base, m.host, m.peer, m.step, m.peerSaid, m.result = k.Base, k.Host, k.Peer, MeetStep(k.Step), k.PeerSaid, k.Result
	m.left, m.peerLeft, m.startMS, m.lastMS = MeetEnd(k.Left), MeetEnd(k.PeerLeft), k.StartMS, k.StartMS
	commit := sha256.Sum256(m.hello)
	m.post(m.own(slotHostCommit, slotJoinerCommit), commit[:])
	if len(k.Commit) == len(m.commit) {
		copy(m.commit[:], k.Commit)
		m.post(m.own(slotJoinerCommit, slotHostCommit), m.commit[:])
		m.post(m.own(slotHostHello, slotJoinerHello), m.hello)
	}
	if len(m.peer) > 0 {
		m.post(m.own(slotJoinerHello, slotHostHello), m.peer)
	}
	if m.peerSaid || !m.host && (m.step == MeetConfirmed || m.step == MeetDone) {
		said := m.match()
		m.post(slotMatch, said[:])
	}
	if len(m.result) > 0 {
		m.post(slotResult, m.result)
	}
	if m.left != 0 {
		m.post(m.own(slotHostEnd, slotJoinerEnd), []byte{byte(m.left)})
	}
	return m
}
