package folder

import (
	"slices"

	"github.com/anamnesis-health/anamnesis/shared/block"
	"github.com/anamnesis-health/anamnesis/shared/gossip"
	"github.com/anamnesis-health/anamnesis/shared/record"
	"github.com/anamnesis-health/anamnesis/shared/share"
)

// meetingState is one meeting. Face to face there is one at a time; by link, several wait.
type meetingState struct {
	m       *Meeting
	link    *linking     // a device code: nobody is given a grant
	genesis *block.Block // joiner: its writing chain's
	writer  writerState
	party   *party
	terms   Terms // host: what is given once both say "They match"
	invite  Code  // host: so that it can be shown again
	grant   block.ChainID
	folder  ID
	waiting *meetResult // joiner: the GRANT is on its way
	code    string
	hint    string
	hidden  bool // the person has put it away; the other side may still have to hear of it
	listen  *listening
}

// listening is a joiner's side before it posts: the host's first post shows which kind of code it is.
type listening struct {
	sinceMS int64
	beginMS int64 // by a waiting link: when to post; 0 while nothing was heard
	heard   []*gossip.Meet
}

// CodeMeetUsed: a waiting link that somebody else opened before.
const CodeMeetUsed = "meet/used"

// Invite is what an owner shows or sends: six words, 20 digits, and the path of the link.
type Invite struct {
	Words        []string
	Digits, Path string
	UntilMS      int64
}

// StartMeeting draws a code for the owner to show to the person in front: t is given once both say "They match".
func (e *Engine) StartMeeting(t Terms) (Invite, error) {
	if e.meet != nil {
		e.MeetRefuse()
	}
	s, err := e.host(t, roomNow)
	if err != nil {
		return Invite{}, err
	}
	e.meet = s
	e.post(s, s.m.Again())
	return e.inviteOf(s), nil
}

// host makes the owner's side, kept on the disk before anything is posted: a changed hello would need a new code.
func (e *Engine) host(t Terms, base uint8) (*meetingState, error) {
	own, w, err := e.ownFolder()
	if err != nil {
		return nil, err
	}
	if err := e.checkTerms(&t); err != nil {
		return nil, err
	}
	code, err := NewCode(e)
	if err != nil {
		return nil, err
	}
	h := hello{Version: 1, Role: 0, Recipient: e.writerRecipient(own.id, w.state.Counter).Recipient(), Name: own.m.Person.Name, Nonce: e.secret(), Credential: e.credential(w)}
	genesis, err := e.block(e.hold.chains[w.state.Chain].blocks[0])
	if err != nil {
		return nil, err
	}
	h.Genesis = genesis.Encode()
	s := &meetingState{terms: t, invite: code}
	if s.m, err = NewHost(e.net, PurposeShare, code, encode(&h), e.checkHello); err != nil {
		return nil, err
	}
	s.m.base = base
	s.m.Start(e.world.Now())
	return s, e.keepMeeting(s)
}

func (e *Engine) inviteOf(s *meetingState) Invite {
	if !s.m.host || s.invite == (Code{}) {
		return Invite{}
	}
	return Invite{s.invite.Words(), s.invite.Digits(), s.invite.Path(PurposeShare, e.net), s.m.until()}
}

// JoinMeeting reads a code (words, digits, link) and listens in its room. What the owner posted there says whether the
// two are face to face or the link waits; this profile then shows itself under a fresh writing chain.
func (e *Engine) JoinMeeting(text string) error {
	if e.me == nil {
		return ErrLocked
	}
	code, err := ParseCode(text, PurposeShare, e.net)
	if err != nil {
		return err
	}
	s := &meetingState{listen: &listening{sinceMS: e.world.Now()}}
	// A reader's chain cannot rotate: a guest has no kit to commit to.
	if s.genesis, s.writer, err = e.newWriterGenesis(secret{}, block.Hash{}, e.randomTag()); err != nil {
		return err
	}
	recipient := e.writerRecipient(secret{}, s.writer.Counter).Recipient()
	c := &Credential{Version: 1, Device: block.KeyOf(e.me.device), Name: e.me.vault.Name}
	h := hello{Version: 1, Role: 1, Genesis: s.genesis.Encode(), Recipient: recipient, Name: e.me.vault.Name, Nonce: e.secret(), Credential: encode(c)}
	if s.m, err = NewJoiner(e.net, PurposeShare, code, encode(&h), e.checkHello); err != nil {
		return err
	}
	// The counter only rises, also when this meeting fails.
	if err := e.together(func() error {
		if err := e.saveState(); err != nil {
			return err
		}
		return e.flush()
	}); err != nil {
		return err
	}
	if e.meet != nil {
		e.MeetRefuse()
	}
	if known := e.meetingIn(s.m.Room()); known != nil && !known.hidden {
		e.meet = known // this link was opened here before
		e.world.Changed()
		return nil
	}
	e.meet = s
	e.enter(s)
	return nil
}

// enter joins a room without a post, or posts again what was posted: the same bytes.
func (e *Engine) enter(s *meetingState) {
	if s.listen != nil {
		e.post(s, []Post{{Slot: roomNow, Body: []byte{}}})
		return
	}
	if e.world.Now() < s.m.until() { // else it would begin anew at the relay
		e.post(s, s.m.Again())
	}
}

// hear takes what the relay says of a room before this side has posted.
func (e *Engine) hear(s *meetingState, m *gossip.Meet) {
	l := s.listen
	if len(l.heard) < 2*int(slotCount) {
		l.heard = append(l.heard, m)
	}
	switch m.Slot {
	case slotBurnt:
		s.code = CodeMeetBurnt
	case roomWait + slotJoinerCommit:
		s.code = CodeMeetUsed
	case roomNow + slotHostCommit:
		e.beginJoin(s, roomNow)
	case roomWait + slotHostCommit:
		l.beginMS = e.world.Now() + linkPauseMS
	}
	e.world.Changed()
}

// beginJoin posts this joiner's first words and goes through what was heard so far. By a link that waits the meeting is
// kept from here on: it outlives the page.
func (e *Engine) beginJoin(s *meetingState, base uint8) {
	heard := s.listen.heard
	s.listen, s.m.base = nil, base
	ended := slices.ContainsFunc(heard, func(m *gossip.Meet) bool { return m.Slot == base+slotHostEnd })
	posts := s.m.Start(e.world.Now())
	if base == roomWait {
		e.waiting = append(e.waiting, s)
	}
	if !ended { // whoever comes too late uses nothing up
		if err := e.keepMeeting(s); err != nil {
			s.code = codeName(err, CodeStorageFailed)
			return
		}
		e.post(s, posts)
	}
	for _, m := range heard {
		if !ended || m.Slot == base+slotHostEnd {
			e.receiveMeet(s, m)
		}
	}
}

func (e *Engine) randomTag() (t block.Tag) { e.random(t[:]); return t }

// checkHello refuses a hello whose parts do not belong together: the recipient must hash to what the signed
// GENESIS names. Source: spec/meeting.md §4.
func (e *Engine) checkHello(b []byte) error {
	_, err := e.parseHello(b)
	return err
}

func (e *Engine) parseHello(b []byte) (*party, error) {
	h, err := decoded[hello](b, maxHello)
	if err != nil || h.Version != 1 || h.Role > 1 || len(h.Name) == 0 || len(h.Name) > maxName {
		return nil, fail("meet/hello", "%v", err)
	}
	g, err := block.Parse(h.Genesis)
	if err != nil {
		return nil, fail("meet/hello", "%v", err)
	}
	clear, err := g.Clear()
	genesis, ok := clear.(*block.Genesis)
	hash := share.RecipientHash(h.Recipient)
	switch {
	case err != nil || !ok || genesis.Type != block.ChainWriting:
		return nil, fail("meet/hello", "no writing chain: %v", err)
	case string(genesis.Recipient) != string(hash[:]):
		return nil, fail("meet/hello", "the recipient is not the one that the chain names")
	case g.Verify(e.net, genesis.Writer) != nil:
		return nil, fail("meet/hello", "the chain is not signed by its writer")
	}
	c, err := decoded[Credential](h.Credential, record.MaxCredential)
	if err != nil || block.CheckKey(c.Device) != nil {
		return nil, fail("meet/hello", "credential: %v", err)
	}
	return &party{genesis: g, recipient: h.Recipient, name: h.Name, credential: h.Credential, device: c.Device, guest: len(c.Identity) == 0}, nil
}

func (e *Engine) post(s *meetingState, posts []Post) {
	for _, p := range posts {
		e.world.Send(gossip.Frame(&gossip.Meet{Room: s.m.Room(), Slot: p.Slot, Body: p.Body}))
	}
}

// meetings are all under way: the one face to face first.
func (e *Engine) meetings() []*meetingState {
	if e.meet == nil || slices.Contains(e.waiting, e.meet) {
		return e.waiting
	}
	return append([]*meetingState{e.meet}, e.waiting...)
}

func (e *Engine) meetingIn(room block.Nonce) *meetingState {
	for _, s := range e.meetings() {
		if s.m.Room() == room {
			return s
		}
	}
	return nil
}

// takeMeet handles a post that the relay delivered.
func (e *Engine) takeMeet(m *gossip.Meet) {
	s := e.meetingIn(m.Room)
	switch {
	case s == nil || s.code != "":
	case s.listen != nil:
		e.hear(s, m)
	default:
		e.receiveMeet(s, m)
	}
}

func (e *Engine) receiveMeet(s *meetingState, m *gossip.Meet) {
	if s.m.Step() >= MeetDone {
		return // nobody can undo it, or go on
	}
	_, known := s.m.seen[m.Slot]
	posts, err := s.m.Receive(m.Slot, m.Body, e.world.Now())
	if known && err == nil {
		return // a repeat
	}
	if err == nil && s.link == nil && s.party == nil && s.m.Peer() != nil {
		s.party, err = e.parseHello(s.m.Peer())
	}
	if err != nil {
		s.code = codeName(err, CodeMeetBurnt)
	}
	if err := e.keepMeeting(s); err != nil {
		s.code = codeName(err, CodeStorageFailed)
	}
	if s.code == "" {
		e.post(s, posts)
		e.advance(s)
	}
	e.world.Changed()
}

// advance does what follows once both sides have said "They match".
func (e *Engine) advance(s *meetingState) {
	switch {
	case s.link != nil:
		e.linkStep(s)
	case s.m.host && s.m.Step() == MeetAgreed:
		e.finishMeeting(s)
	case !s.m.host && s.m.Step() == MeetDone && s.waiting == nil:
		e.readResult(s)
	}
}

// MeetConfirm is this side's "They match". The owner's grant is made once the other side says so too.
func (e *Engine) MeetConfirm() error { return e.confirm(e.meet) }

func (e *Engine) confirm(s *meetingState) error {
	if e.me == nil || s == nil || s.party == nil || s.code != "" {
		return fail("meet/none", "nobody to compare with")
	}
	if s.m.host {
		if err := e.checkTerms(&s.terms); err != nil {
			return err // before anything is said to the other side
		}
		if err := e.mayGive(); err != nil {
			return err
		}
	}
	posts, err := s.m.Confirm(e.world.Now())
	if err != nil {
		return err
	}
	if err := e.keepMeeting(s); err != nil {
		s.m.step = MeetCompare
		return err
	}
	e.post(s, posts)
	e.advance(s)
	e.world.Changed()
	return nil
}

// MeetNoMatch ends the meeting because the two screens differ; MeetRefuse because this side leaves. Nothing is granted,
// and the other side is told. A waiting link that is only looked at goes on waiting: EndWaiting ends it.
func (e *Engine) MeetNoMatch() { e.leave(EndNoMatch) }

// MeetRefuse leaves the meeting; see MeetNoMatch.
func (e *Engine) MeetRefuse() { e.leave(EndLeft) }

func (e *Engine) leave(why MeetEnd) {
	s := e.meet
	e.meet = nil
	e.world.Changed()
	if s == nil || s.listen != nil || s.code != "" || s.m.base == roomWait {
		return
	}
	e.post(s, s.m.End(why))
	s.hidden = true
	if err := e.keepMeeting(s); err != nil {
		e.notify("storage", codeName(err, CodeStorageFailed), "")
	}
}

// finishMeeting makes the grant and tells the joiner where it is. A sharing with the same device ends with it, so that
// what one person may read is always one grant.
func (e *Engine) finishMeeting(s *meetingState) {
	before := *s.m
	var posts []Post
	err := e.together(func() error {
		if old := e.replacedBy(s.party); old != nil {
			if err := e.stopSharing(old); err != nil {
				return err
			}
		}
		g, id, err := e.give(s.party, s.terms)
		if err != nil {
			return err
		}
		sealed, err := share.SealTo(s.party.recipient, s.m.Info(), encode(&meetResult{g.Chain, id}))
		if err != nil {
			return err
		}
		if posts, err = s.m.Finish(sealed); err != nil {
			return err
		}
		s.grant = g.Chain
		return e.keepMeeting(s)
	})
	if err != nil {
		*s.m, s.grant = before, block.ChainID{}
		s.code = codeName(err, "grant/failed")
		return
	}
	e.post(s, posts)
	e.sync.follow(e)
}

// replacedBy is the active grant of a reader's device, which a new one replaces.
func (e *Engine) replacedBy(p *party) *manifestGrant {
	if e.me == nil || e.me.own == nil || p == nil {
		return nil
	}
	for i := range e.me.own.m.Grants {
		if g := &e.me.own.m.Grants[i]; g.Device == p.device && e.grantState(g) == "active" {
			return g
		}
	}
	return nil
}

// readResult opens the host's last post and asks the relay for the grant.
func (e *Engine) readResult(s *meetingState) {
	b, err := share.OpenWith(e.writerRecipient(secret{}, s.writer.Counter), s.m.Info(), s.m.Result())
	if err == nil {
		var r meetResult
		if r, err = decoded[meetResult](b, maxResult); err == nil {
			s.waiting = &r
			e.sync.want(e, r.Grant)
			return
		}
	}
	s.code = "meet/result"
}

// joinGrants takes the grants that meetings ended with: each is opened and checked, then this profile's GENESIS and
// SESSION are kept. Flushed before the screen says so.
func (e *Engine) joinGrants() error {
	for _, s := range e.meetings() {
		if s.waiting == nil || s.code != "" || s.folder != (secret{}) || e.hold.blocks[s.waiting.Block] == nil {
			continue
		}
		if err := e.joinGrant(s); err != nil {
			return err
		}
	}
	return nil
}

func (e *Engine) joinGrant(s *meetingState) error {
	w := s.writer
	w.Grant = s.waiting.Grant
	c, err := decoded[Credential](s.party.credential, record.MaxCredential)
	if err != nil {
		return fail("meet/hello", "%v", err)
	}
	w.Identity = c.Identity
	b, err := e.block(s.waiting.Block)
	if err != nil {
		return err
	}
	if _, _, err := e.readGrant(b, &w); err != nil {
		s.code = codeName(err, "grant/invalid")
		return nil // nothing was kept of it
	}
	return e.together(func() error { return e.takeGrant(s, w) })
}

func (e *Engine) takeGrant(s *meetingState, w writerState) error {
	e.me.state.Writers = append(e.me.state.Writers, w)
	if err := e.keep(s.genesis); err != nil {
		return err
	}
	e.rebind()
	if err := e.openGrant(&e.me.state.Writers[len(e.me.state.Writers)-1]); err != nil {
		return err
	}
	joined := e.folderOf(w.Grant)
	if f := e.me.shared[joined]; f != nil && f.public.Rights != 0 {
		if _, err := e.sharedWriter(f); err != nil {
			return err
		}
	}
	if err := e.saveState(); err != nil {
		return err
	}
	if err := e.flush(); err != nil {
		return err
	}
	s.folder = joined
	if len(w.Identity) == 32 {
		e.sync.want(e, block.ChainID(w.Identity))
	}
	e.sync.follow(e)
	return nil
}

// folderOf is the folder that a grant opened, zero when none did.
func (e *Engine) folderOf(g block.ChainID) (joined ID) {
	for id, f := range e.me.shared {
		if f.grant == g {
			joined = id
		}
	}
	return joined
}

// rebind points shared folders at their writers again, after the list has grown.
func (e *Engine) rebind() {
	for i := range e.me.state.Writers {
		w := &e.me.state.Writers[i]
		for _, f := range e.me.shared {
			if f.grant == w.Grant && !w.Frozen {
				f.state = w
			}
		}
	}
}

// MeetView is how a meeting stands, as both screens show it.
type MeetView struct {
	Room       block.Nonce
	Host, Link bool
	Device     bool // a device is linked
	Step       string
	Name       string
	Guest      bool // the other side is not accredited
	Digits     string
	Emoji      []string
	StartMS    int64
	Until      int64 // 0 for a joiner: only the host knows when it began
	Grant      block.ChainID
	Folder     ID
	Code       string
	Invite     Invite
	Terms      Terms
	Replaces   *GrantView // the sharing with the same reader that this one ends
}

// Meeting says how the meeting on the screen stands.
func (e *Engine) Meeting() MeetView {
	if e.meet == nil {
		return MeetView{Step: "none"}
	}
	return e.viewOf(e.meet)
}

func (e *Engine) viewOf(s *meetingState) MeetView {
	v := MeetView{Room: s.m.Room(), Host: s.m.host, Link: s.m.base == roomWait, Device: s.link != nil, Grant: s.grant, Folder: s.folder, Code: s.code, StartMS: s.m.startMS,
		Invite: e.inviteOf(s), Terms: s.terms, Until: e.inviteOf(s).UntilMS, Step: stepOf(s)}
	if v.Step == "burnt" {
		v.Code = CodeMeetBurnt
	}
	if v.Step == "refused" {
		v.Code = map[MeetEnd]string{EndNoMatch: "meet/no-match", EndLeft: "meet/left"}[max(s.m.left, s.m.peerLeft)]
	}
	if s.link != nil && s.link.peer != nil {
		v.Name = s.link.peer.Name
		v.Digits, v.Emoji = s.m.ShortString()
	}
	if s.party == nil {
		return v
	}
	v.Name, v.Guest = s.party.name, s.party.guest
	v.Digits, v.Emoji = s.m.ShortString()
	if old := e.replacedBy(s.party); old != nil && s.m.host && s.m.step < MeetDone {
		g := e.grantView(old)
		v.Replaces = &g
	}
	return v
}

func stepOf(s *meetingState) string {
	switch step := s.m.Step(); {
	case s.code == CodeMeetBurnt || step == MeetBurnt:
		return "burnt"
	case s.code != "":
		return "failed"
	case step == MeetEnded:
		return "refused"
	case step == MeetExpired:
		return "expired"
	case s.hint == "meet/no-one" && step == MeetWaiting && !s.m.host:
		return "noone"
	case step == MeetCompare:
		return "compare"
	case s.link != nil && (s.link.linked || step == MeetDone):
		return "done"
	case s.m.host && step == MeetDone, !s.m.host && s.folder != (secret{}):
		return "done"
	case step >= MeetConfirmed:
		return "confirmed"
	}
	return "waiting"
}
