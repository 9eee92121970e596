package folder

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/anamnesis-health/anamnesis/shared/block"
)

// table is a room with two sides; posts carries what one side posted to the other by hand, so that a test
// can stand between them.
type table struct {
	t            *testing.T
	host, joiner *Meeting
}

func anyHello([]byte) error { return nil }

// seat is a side of one fixed room: what the code stretches to, without paying scrypt.
func seat(host bool, hello string) *Meeting {
	m := meetIn(block.Net{1}, block.Nonce{2}, [32]byte{3}, []byte(hello), anyHello)
	m.host = host
	return m
}

func sit(t *testing.T) *table {
	t.Helper()
	return &table{t, seat(true, "hello of the host, nonce"), seat(false, "hello of the joiner, nonce")}
}

// give delivers posts to m, which must accept them, and gives its answer.
func (tb *table) give(m *Meeting, posts []Post) []Post {
	tb.t.Helper()
	var out []Post
	for _, p := range posts {
		answer, err := m.Receive(p.Slot, p.Body, 1000)
		if err != nil {
			tb.t.Fatalf("slot %d: %v", p.Slot, err)
		}
		out = append(out, answer...)
	}
	return out
}

// compare runs the meeting up to the short string and gives every post made.
func (tb *table) compare() []Post {
	tb.t.Helper()
	hostCommit, joinerCommit := tb.host.Start(0), tb.joiner.Start(0)
	joinerHello := tb.give(tb.joiner, hostCommit)
	hostHello := tb.give(tb.host, joinerCommit)
	tb.give(tb.host, joinerHello)
	tb.give(tb.joiner, hostHello)
	if tb.host.Step() != MeetCompare || tb.joiner.Step() != MeetCompare {
		tb.t.Fatalf("steps %d, %d", tb.host.Step(), tb.joiner.Step())
	}
	return slices.Concat(hostCommit, joinerCommit, hostHello, joinerHello)
}

func confirm(t *testing.T, m *Meeting) []Post {
	t.Helper()
	posts, err := m.Confirm(2000)
	if err != nil {
		t.Fatal(err)
	}
	return posts
}

func TestMeeting(t *testing.T) {
	for _, hostFirst := range []bool{true, false} {
		tb := sit(t)
		posts := tb.compare()
		if string(tb.host.Peer()) != "hello of the joiner, nonce" || string(tb.joiner.Peer()) != "hello of the host, nonce" {
			t.Fatalf("%q, %q", tb.host.Peer(), tb.joiner.Peer())
		}
		digits, emoji := tb.host.ShortString()
		digits2, emoji2 := tb.joiner.ShortString()
		if digits != digits2 || !slices.Equal(emoji, emoji2) || len(digits) != 12 || len(emoji) != 4 {
			t.Fatalf("%s %v, %s %v", digits, emoji, digits2, emoji2)
		}
		if !bytes.Equal(tb.host.Info(), tb.joiner.Info()) || tb.host.Room() != tb.joiner.Room() {
			t.Fatal("the two sides are not in one meeting")
		}
		if _, err := tb.host.Finish([]byte("grant")); err == nil {
			t.Fatal("finished before either side confirmed")
		}
		var match []Post
		if hostFirst {
			confirm(t, tb.host)
			match = confirm(t, tb.joiner)
			if _, err := tb.host.Finish([]byte("grant")); err == nil {
				t.Fatal("finished before the joiner confirmed")
			}
			tb.give(tb.host, match)
		} else {
			match = confirm(t, tb.joiner)
			tb.give(tb.host, match)
			if _, err := tb.host.Finish([]byte("grant")); err == nil {
				t.Fatal("finished before the host confirmed")
			}
			confirm(t, tb.host)
		}
		if tb.host.Step() != MeetAgreed {
			t.Fatalf("step %d", tb.host.Step())
		}
		result, err := tb.host.Finish([]byte("grant"))
		if err != nil {
			t.Fatal(err)
		}
		tb.give(tb.joiner, result)
		if tb.joiner.Step() != MeetDone || tb.host.Step() != MeetDone || string(tb.joiner.Result()) != "grant" {
			t.Fatalf("steps %d, %d, result %q", tb.host.Step(), tb.joiner.Step(), tb.joiner.Result())
		}
		posts = slices.Concat(posts, match, result)
		for _, p := range posts {
			if len(p.Body) != 4096 {
				t.Errorf("slot %d has %d bytes", p.Slot, len(p.Body))
			}
		}
		// a relay that hands everything out again, to everybody, changes nothing
		for _, p := range posts {
			for _, m := range []*Meeting{tb.host, tb.joiner} {
				if answer, err := m.Receive(p.Slot, p.Body, 3000); err != nil || answer != nil {
					t.Errorf("slot %d again: %v, %v", p.Slot, answer, err)
				}
			}
		}
	}
}

type vectorPost struct {
	Slot             uint8
	Text, BodySHA256 hexBytes
}

func TestMeetingVector(t *testing.T) {
	var v struct {
		Meeting struct {
			Net, Code, HostHello, JoinerHello, Result, Info hexBytes
			Digits                                          string
			Emoji                                           []string
			Posts, Ends, Waiting                            []vectorPost
		}
	}
	vectors(t, "meeting", &v)
	w := v.Meeting
	for _, base := range []uint8{roomNow, roomWait} {
		host, err := NewHost(block.Net(w.Net), PurposeShare, Code(w.Code), w.HostHello, anyHello)
		if err != nil {
			t.Fatal(err)
		}
		joiner, err := NewJoiner(block.Net(w.Net), PurposeShare, Code(w.Code), w.JoinerHello, anyHello)
		if err != nil {
			t.Fatal(err)
		}
		host.base, joiner.base = base, base
		left, joinerLeft := *host, *joiner // each ends its own copy
		left.seen, joinerLeft.seen = map[uint8][]byte{}, map[uint8][]byte{}
		tb := &table{t, host, joiner}
		posts := tb.compare()
		confirm(t, host)
		match := confirm(t, joiner)
		tb.give(host, match)
		result, err := host.Finish(w.Result)
		if err != nil {
			t.Fatal(err)
		}
		posts = slices.Concat(posts, match, result, left.End(EndNoMatch), joinerLeft.End(EndLeft))
		want := slices.Concat(w.Posts, w.Ends)
		if base == roomWait {
			want = w.Waiting
		}
		if len(posts) != len(want) {
			t.Fatalf("%d posts", len(posts))
		}
		for i, p := range posts {
			text, ok := host.open(p.Slot, p.Body)
			sum := sha256.Sum256(p.Body)
			if want := want[i]; p.Slot != want.Slot || !ok || !bytes.Equal(text, want.Text) || !bytes.Equal(sum[:], want.BodySHA256) {
				t.Errorf("post %d: slot %d, %x, %x", i, p.Slot, text, sum)
			}
		}
		if digits, emoji := joiner.ShortString(); digits != w.Digits || !slices.Equal(emoji, w.Emoji) || !bytes.Equal(joiner.Info(), w.Info) {
			t.Errorf("%s %v %x", digits, emoji, joiner.Info())
		}
	}
}

// again is a side after a reload: what its device kept, encoded and read.
func (tb *table) again(m *Meeting) *Meeting {
	tb.t.Helper()
	x := meetingEntry{Version: 1, Meeting: m.kept()}
	read, err := decoded[meetingEntry](encode(&x), 1<<20)
	if err != nil {
		tb.t.Fatal(err)
	}
	r := resumed(m.net, &read.Meeting, anyHello)
	if m.step == MeetEnded {
		return r // only its end is posted again
	}
	if len(r.seen) != len(m.seen) || r.step != m.step || r.Room() != m.Room() {
		tb.t.Fatalf("resumed at step %d with %d posts, was %d with %d", r.step, len(r.seen), m.step, len(m.seen))
	}
	for slot, body := range m.seen {
		if !bytes.Equal(r.seen[slot], body) {
			tb.t.Fatalf("slot %d differs after a reload", slot)
		}
	}
	return r
}

// TestMeetingSurvivesReloads: both sides are reloaded between any two posts, and post the same bytes.
func TestMeetingSurvivesReloads(t *testing.T) {
	for _, base := range []uint8{roomNow, roomWait} {
		tb := sit(t)
		tb.host.base, tb.joiner.base = base, base
		reload := func() { tb.host, tb.joiner = tb.again(tb.host), tb.again(tb.joiner) }
		hostCommit, joinerCommit := tb.host.Start(0), tb.joiner.Start(0)
		reload()
		joinerHello := tb.give(tb.joiner, hostCommit)
		reload()
		hostHello := tb.give(tb.host, joinerCommit)
		reload()
		tb.give(tb.host, joinerHello)
		reload()
		tb.give(tb.joiner, hostHello)
		reload()
		match := confirm(t, tb.joiner)
		reload()
		tb.give(tb.host, match)
		reload()
		confirm(t, tb.host)
		reload()
		result, err := tb.host.Finish([]byte("grant"))
		if err != nil {
			t.Fatal(err)
		}
		reload()
		for _, m := range []*Meeting{tb.host, tb.joiner} {
			for _, p := range m.Again() { // the relay hands everything out again
				tb.give(tb.host, []Post{p})
				tb.give(tb.joiner, []Post{p})
			}
		}
		tb.give(tb.joiner, result)
		reload()
		if tb.host.Step() != MeetDone || tb.joiner.Step() != MeetDone || string(tb.joiner.Result()) != "grant" {
			t.Fatalf("base %d: steps %d, %d, result %q", base, tb.host.Step(), tb.joiner.Step(), tb.joiner.Result())
		}
	}
}

// TestMeetingEnds: an end is heard at each step, ends both sides, and nothing follows it.
func TestMeetingEnds(t *testing.T) {
	steps := map[string]func(tb *table){
		"before anything":        func(tb *table) { tb.host.Start(0); tb.joiner.Start(0) },
		"at the comparison":      func(tb *table) { tb.compare() },
		"the joiner has said so": func(tb *table) { tb.compare(); tb.give(tb.host, confirm(t, tb.joiner)) },
		"the host has said so":   func(tb *table) { tb.compare(); confirm(t, tb.host) },
	}
	for name, run := range steps {
		for _, byHost := range []bool{true, false} {
			tb := sit(t)
			run(tb)
			by, other := tb.joiner, tb.host
			if byHost {
				by, other = tb.host, tb.joiner
			}
			end := by.End(EndNoMatch)
			if len(end) != 1 || by.Step() != MeetEnded || by.End(EndLeft) != nil {
				t.Fatalf("%s: %v at step %d", name, end, by.Step())
			}
			tb.give(other, end)
			by = tb.again(by)
			if other.Step() != MeetEnded || other.peerLeft != EndNoMatch || !slices.ContainsFunc(by.Again(), func(p Post) bool { return p.Slot == end[0].Slot }) {
				t.Fatalf("%s: the other side is at step %d", name, other.Step())
			}
			for _, m := range []*Meeting{by, other} {
				if _, err := m.Confirm(0); err == nil {
					t.Errorf("%s: confirmed after the end", name)
				}
				if _, err := m.Finish([]byte("grant")); err == nil {
					t.Errorf("%s: finished after the end", name)
				}
			}
		}
	}
	tb := sit(t)
	tb.compare()
	tb.burns("an end without a reason", tb.host, tb.seal(slotJoinerEnd, ""))
	tb = sit(t)
	tb.compare()
	tb.burns("an end of another kind", tb.host, tb.seal(slotJoinerEnd, "\x03"))
	tb = sit(t)
	tb.compare()
	tb.burns("one's own end, by another", tb.joiner, tb.seal(slotJoinerEnd, "\x01"))
}

// TestWaitingSlotsAreTheirOwn: a post of one kind of meeting means nothing in the other, nor in another slot.
func TestWaitingSlotsAreTheirOwn(t *testing.T) {
	tb := sit(t)
	tb.host.base = roomWait
	tb.host.Start(0)
	joinerNow := seat(false, "hello of the joiner, nonce")
	p := joinerNow.Start(0)[0]
	tb.burns("a face to face post", tb.host, p)
	tb = sit(t)
	tb.host.base = roomWait
	tb.host.Start(0)
	tb.burns("its body in the waiting slot", tb.host, Post{roomWait + slotJoinerCommit, p.Body})
	tb = sit(t)
	tb.host.base, tb.joiner.base = roomWait, roomWait
	posts := tb.compare()
	tb.burns("a commitment where the match belongs", tb.host, Post{roomWait + slotMatch, posts[1].Body})
}

// seal posts text as somebody who knows the code would.
func (tb *table) seal(slot uint8, text string) Post {
	m := *tb.host
	m.seen = map[uint8][]byte{}
	return m.post(slot, []byte(text))[0]
}

func (tb *table) burns(name string, m *Meeting, p Post) {
	tb.t.Helper()
	answer, err := m.Receive(p.Slot, p.Body, 1000)
	if !codeIs(err, CodeMeetBurnt) || answer != nil || m.Step() != MeetBurnt || m.Peer() != nil || m.Result() != nil {
		tb.t.Errorf("%s: %v, %v at step %d", name, answer, err, m.Step())
	}
	if _, err := m.Confirm(0); err == nil {
		tb.t.Errorf("%s: confirmed after it burnt", name)
	}
	if _, err := m.Finish(nil); err == nil {
		tb.t.Errorf("%s: finished after it burnt", name)
	}
	if _, err := m.Receive(slotMatch, nil, 1000); !codeIs(err, CodeMeetBurnt) {
		tb.t.Errorf("%s: goes on: %v", name, err)
	}
}

func TestAttackA18JoinerHelloSubstituted(t *testing.T) {
	tb := sit(t)
	tb.host.Start(0)
	tb.give(tb.joiner, tb.host.Start(0))
	tb.give(tb.host, tb.joiner.Start(0))
	// Eve knows the code, and puts a hello with her own key in the joiner's place: the commitment stands
	tb.burns("another hello", tb.host, tb.seal(slotJoinerHello, "hello of eve, her recipient"))

	tb = sit(t)
	tb.compare()
	tb.burns("a second hello", tb.host, tb.seal(slotJoinerHello, "hello of eve"))

	// Eve sits in the middle of two rooms, as host to one and joiner to the other: the strings differ
	eveHost, eveJoiner := seat(true, "hello of eve, as the host"), seat(false, "hello of eve, as the joiner")
	tb = sit(t)
	(&table{t, tb.host, eveJoiner}).compare()
	(&table{t, eveHost, tb.joiner}).compare()
	hostDigits, hostEmoji := tb.host.ShortString()
	joinerDigits, joinerEmoji := tb.joiner.ShortString()
	if hostDigits == joinerDigits || slices.Equal(hostEmoji, joinerEmoji) {
		t.Errorf("both see %s %v", hostDigits, hostEmoji)
	}
	// and the joiner's "They match" of one room is no "They match" of the other
	tb.burns("a match of other hellos", tb.host, confirm(t, tb.joiner)[0])
	if bytes.Equal(tb.host.Info(), tb.joiner.Info()) {
		t.Error("one HPKE info in two meetings")
	}
}

// TestAttackA18NoHelloBeforeTheCommitment: a side shows its hello only to who has committed to his own.
func TestAttackA18NoHelloBeforeTheCommitment(t *testing.T) {
	tb := sit(t)
	for _, m := range []*Meeting{tb.host, tb.joiner} {
		posts := m.Start(0)
		if len(posts) != 1 || posts[0].Slot > slotJoinerCommit {
			t.Fatalf("%+v", posts)
		}
		if text, ok := m.open(posts[0].Slot, posts[0].Body); !ok || bytes.Contains(text, []byte("hello")) || len(text) != 32 {
			t.Fatalf("%q", text)
		}
	}
	tb.burns("a hello first", tb.host, tb.seal(slotJoinerHello, "hello of eve"))
	tb.burns("a hello first", tb.joiner, tb.seal(slotHostHello, "hello of eve"))
}

func TestThirdJoinerBurnsTheRoom(t *testing.T) {
	p := seat(false, "hello of a third").Start(0)[0]
	tb := sit(t)
	tb.compare()
	tb.burns("host", tb.host, p)
	tb.burns("joiner, whose own slot it is", tb.joiner, p)

	tb = sit(t)
	tb.compare()
	tb.burns("the relay saw it", tb.joiner, Post{Slot: slotBurnt})
}

func TestMeetingRefuses(t *testing.T) {
	tb := sit(t)
	tb.host.Start(0)
	good := tb.joiner.Start(0)[0]
	for name, p := range map[string]Post{
		"nothing":             {slotJoinerCommit, nil},
		"4,095 bytes":         {slotJoinerCommit, good.Body[:4095]},
		"4,097 bytes":         {slotJoinerCommit, append(bytes.Clone(good.Body), 0)},
		"first bit changed":   {slotJoinerCommit, append([]byte{good.Body[0] ^ 1}, good.Body[1:]...)},
		"body of slot 1 at 3": {slotJoinerHello, good.Body},
		"own slot, not ours":  {slotHostHello, good.Body},
		"early match":         {slotMatch, good.Body},
		"slot 6":              {6, good.Body},
		"slot 9":              {9, good.Body},
		"commit of 31":        tb.seal(slotJoinerCommit, strings.Repeat("x", 31)),
		"commit of 33":        tb.seal(slotJoinerCommit, strings.Repeat("x", 33)),
		"longer than it may":  tb.seal(slotJoinerCommit, strings.Repeat("x", maxHello+1)),
	} {
		m := *tb.host
		m.seen = map[uint8][]byte{}
		tb.burns(name, &m, p)
	}
}

func TestMeetingRefusesAReflection(t *testing.T) {
	tb := sit(t)
	tb.host.Start(0)
	own := sha256.Sum256(tb.host.hello)
	tb.give(tb.host, []Post{tb.seal(slotJoinerCommit, string(own[:]))})
	tb.burns("its own hello", tb.host, tb.seal(slotJoinerHello, string(tb.host.hello)))
}

func TestMeetingRefusesPadding(t *testing.T) {
	tb := sit(t)
	tb.host.Start(0)
	padded := make([]byte, meetPadded)
	padded[3], padded[meetPadded-1] = 32, 1
	body := tb.host.aead(slotJoinerCommit).Seal(nil, make([]byte, 12), padded, tb.host.data(slotJoinerCommit))
	tb.burns("padding not zero", tb.host, Post{slotJoinerCommit, body})
}

func TestMeetingChecksTheHello(t *testing.T) {
	bad := errors.New("the recipient does not hash to the chain's")
	tb := sit(t)
	tb.host.check = func(hello []byte) error {
		if string(hello) == "hello of the joiner, nonce" {
			return bad
		}
		return nil
	}
	tb.host.Start(0)
	hello := tb.give(tb.joiner, []Post{{slotHostCommit, tb.host.seen[slotHostCommit]}})
	tb.give(tb.host, tb.joiner.Start(0))
	if _, err := tb.host.Receive(hello[0].Slot, hello[0].Body, 0); !errors.Is(err, bad) || tb.host.Step() != MeetBurnt || tb.host.Peer() != nil {
		t.Errorf("%v at step %d", err, tb.host.Step())
	}
}

func TestResultBeforeConfirming(t *testing.T) {
	tb := sit(t)
	tb.compare()
	tb.burns("result before 'They match'", tb.joiner, tb.seal(slotResult, "grant"))
}

func TestNewMeetingRefuses(t *testing.T) {
	for _, hello := range [][]byte{nil, {}, make([]byte, maxHello+1)} {
		if _, err := NewHost(block.Net{}, PurposeShare, Code{}, hello, anyHello); err == nil {
			t.Errorf("hello of %d bytes", len(hello))
		}
	}
}

func TestMeetingTicks(t *testing.T) {
	tb := sit(t)
	tb.host.Start(5000)
	commit := tb.joiner.Start(5000)
	for _, c := range []struct {
		m    *Meeting
		at   int64
		want string
	}{
		{tb.joiner, 34_999, ""}, {tb.joiner, 35_000, "meet/no-one"}, {tb.host, 300_000, ""}, {tb.host, 604_999, ""},
	} {
		if got := c.m.Tick(c.at); got != c.want {
			t.Errorf("at %d: %q, want %q", c.at, got, c.want)
		}
	}
	if _, err := tb.host.Receive(commit[0].Slot, commit[0].Body, 100_000); err != nil {
		t.Fatal(err)
	}
	if got := tb.host.Tick(219_999) + tb.host.Tick(220_000); got != "meet/still-there" {
		t.Errorf("silence: %q", got)
	}
	if got := tb.host.Tick(605_000); got != "meet/expired" || tb.host.Step() != MeetExpired {
		t.Errorf("after ten minutes: %q at step %d", got, tb.host.Step())
	}
	if got := tb.host.Tick(0); got != "meet/expired" {
		t.Errorf("clock set back: %q", got)
	}
	if _, err := tb.host.Receive(slotJoinerHello, nil, 0); err == nil {
		t.Error("an expired room goes on")
	}
}

// TestPostsTellTheRelayNothing: no two bodies share a stretch, and none holds a known text.
func TestPostsTellTheRelayNothing(t *testing.T) {
	tb := sit(t)
	seen := map[string]uint8{}
	for _, p := range tb.compare() {
		if bytes.Contains(p.Body, []byte("hello")) {
			t.Errorf("slot %d in the clear", p.Slot)
		}
		for i := 0; i+16 <= len(p.Body); i += 16 {
			key := hex.EncodeToString(p.Body[i : i+16])
			if other, dup := seen[key]; dup {
				t.Fatalf("slots %d and %d share bytes", other, p.Slot)
			}
			seen[key] = p.Slot
		}
	}
}
