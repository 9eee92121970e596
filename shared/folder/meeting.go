package folder

import (
	"github.com/anamnesis-health/anamnesis/shared/block"
	"github.com/anamnesis-health/anamnesis/shared/gossip"
	"github.com/anamnesis-health/anamnesis/shared/record"
	"github.com/anamnesis-health/anamnesis/shared/share"
)

// meetingState is the meeting under way; there is one at a time.
type meetingState struct {
	m       *Meeting
	host    bool
	link    *linking     // a device code: nobody is given a grant
	genesis *block.Block // the joiner's own writing GENESIS
	writer  writerState
	party   *party
	terms   *Terms
	grant   block.ChainID
	folder  ID
	waiting *meetResult // joiner: the GRANT is on its way
	code    string
	hint    string
}

// MeetView is what both screens show.
type MeetView struct {
	Step   string
	Host   bool
	Name   string
	Digits string
	Emoji  []string
	Until  int64
	Grant  block.ChainID
	Folder ID
	Code   string
}

// StartMeeting draws a code for the owner to show: six words, 20 digits, and the path of the link.
func (e *Engine) StartMeeting() (words []string, digits, path string, until int64, err error) {
	own, w, err := e.ownFolder()
	if err != nil {
		return nil, "", "", 0, err
	}
	code, err := NewCode(e)
	if err != nil {
		return nil, "", "", 0, err
	}
	h := hello{Version: 1, Role: 0, Recipient: e.writerRecipient(own.id, w.state.Counter).Recipient(), Name: own.m.Person.Name, Nonce: e.secret(), Credential: e.credential(w)}
	genesis, err := e.block(e.hold.chains[w.state.Chain].blocks[0])
	if err != nil {
		return nil, "", "", 0, err
	}
	h.Genesis = genesis.Encode()
	s := &meetingState{host: true}
	if s.m, err = NewHost(e.net, PurposeShare, code, encode(&h), e.checkHello); err != nil {
		return nil, "", "", 0, err
	}
	e.meet = s
	e.post(s.m.Start(e.world.Now()))
	return code.Words(), code.Digits(), code.Path(PurposeShare, e.net), e.world.Now() + roomMS, nil
}

// JoinMeeting reads a code (words, digits, link) and shows this profile under a fresh writing chain.
func (e *Engine) JoinMeeting(text string) error {
	if e.me == nil {
		return ErrLocked
	}
	code, err := ParseCode(text, PurposeShare, e.net)
	if err != nil {
		return err
	}
	s := &meetingState{}
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
	e.meet = s
	e.post(s.m.Start(e.world.Now()))
	return nil
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
	return &party{genesis: g, recipient: h.Recipient, name: h.Name, credential: h.Credential, device: c.Device}, nil
}

func (e *Engine) post(posts []Post) {
	for _, p := range posts {
		e.world.Send(gossip.Frame(&gossip.Meet{Room: e.meet.m.Room(), Slot: p.Slot, Body: p.Body}))
	}
}

// takeMeet handles a post that the relay delivered.
func (e *Engine) takeMeet(m *gossip.Meet) {
	s := e.meet
	if s == nil || m.Room != s.m.Room() || s.code != "" {
		return
	}
	posts, err := s.m.Receive(m.Slot, m.Body, e.world.Now())
	if err != nil {
		s.code = codeName(err, CodeMeetBurnt)
		e.world.Changed()
		return
	}
	e.post(posts)
	if s.link != nil {
		e.linkStep(s)
		e.world.Changed()
		return
	}
	if s.party == nil && s.m.Peer() != nil {
		if s.party, err = e.parseHello(s.m.Peer()); err != nil {
			s.code = codeName(err, CodeMeetBurnt)
		}
	}
	if s.host && s.m.Step() == MeetAgreed && s.terms != nil {
		e.finishMeeting()
	}
	if !s.host && s.m.Step() == MeetDone && s.waiting == nil {
		e.readResult()
	}
	e.world.Changed()
}

// MeetGrant is the owner's "They match", with what is given. The grant is made once the other side says so too.
func (e *Engine) MeetGrant(t Terms) error {
	s := e.meet
	if e.me == nil || s == nil || !s.host || s.party == nil {
		return fail("meet/none", "nobody to compare with")
	}
	if err := e.checkTerms(&t); err != nil {
		return err // before anything is said to the other side
	}
	if err := e.mayGive(); err != nil {
		return err
	}
	s.terms = &t
	posts, err := s.m.Confirm(e.world.Now())
	if err != nil {
		return err
	}
	e.post(posts)
	if s.m.Step() == MeetAgreed {
		e.finishMeeting()
	}
	e.world.Changed()
	return nil
}

// MeetConfirm is the joiner's "They match".
func (e *Engine) MeetConfirm() error {
	s := e.meet
	if e.me == nil || s == nil || s.host || s.party == nil {
		return fail("meet/none", "nobody to compare with")
	}
	posts, err := s.m.Confirm(e.world.Now())
	if err != nil {
		return err
	}
	e.post(posts)
	e.world.Changed()
	return nil
}

// MeetRefuse ends the meeting on this side: nothing is granted.
func (e *Engine) MeetRefuse() {
	e.meet = nil
	e.world.Changed()
}

// finishMeeting makes the grant and tells the joiner where it is.
func (e *Engine) finishMeeting() {
	s := e.meet
	if s.grant != (block.ChainID{}) {
		return
	}
	var result meetResult
	err := e.together(func() error {
		g, id, err := e.give(s.party, *s.terms)
		if err != nil {
			return err
		}
		result = meetResult{g.Chain, id}
		return e.flush()
	})
	if err != nil {
		s.code = codeName(err, "grant/failed")
		return
	}
	s.grant = result.Grant
	sealed, err := share.SealTo(s.party.recipient, s.m.Info(), encode(&result))
	if err != nil {
		s.code = codeName(err, "grant/failed")
		return
	}
	posts, err := s.m.Finish(sealed)
	if err != nil {
		s.code = codeName(err, "grant/failed")
		return
	}
	e.post(posts)
	e.sync.follow(e)
}

// readResult opens slot 5 and asks the relay for the grant.
func (e *Engine) readResult() {
	s := e.meet
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

// joinGrant takes the grant that the meeting ended with: it is opened and checked, then this profile's GENESIS and
// SESSION are kept. Flushed before the screen says so.
func (e *Engine) joinGrant() error {
	s := e.meet
	if s == nil || s.waiting == nil || s.folder != (secret{}) || e.hold.blocks[s.waiting.Block] == nil {
		return nil
	}
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
	var joined ID
	for id, f := range e.me.shared {
		if f.grant != w.Grant {
			continue
		}
		if f.public.Rights != 0 {
			if _, err := e.sharedWriter(f); err != nil {
				return err
			}
		}
		joined = id
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

// Meeting says how the meeting stands.
func (e *Engine) Meeting() MeetView {
	s := e.meet
	if s == nil {
		return MeetView{Step: "none"}
	}
	v := MeetView{Host: s.host, Grant: s.grant, Folder: s.folder, Code: s.code, Step: "waiting"}
	if s.link != nil && s.link.peer != nil {
		v.Name = s.link.peer.Name
		v.Digits, v.Emoji = s.m.ShortString()
	}
	if s.party != nil {
		v.Name = s.party.name
		v.Digits, v.Emoji = s.m.ShortString()
	}
	switch step := s.m.Step(); {
	case s.code == CodeMeetBurnt || step == MeetBurnt:
		v.Step, v.Code = "burnt", CodeMeetBurnt
	case s.code != "":
		v.Step = "failed"
	case step == MeetExpired:
		v.Step = "expired"
	case s.hint == "meet/no-one" && step == MeetWaiting && !s.host:
		v.Step = "noone"
	case step == MeetCompare:
		v.Step = "compare"
	case s.link != nil && s.link.linked, s.link != nil && !s.host && step == MeetDone:
		v.Step = "done"
	case s.host && s.grant != (block.ChainID{}), !s.host && s.folder != (secret{}):
		v.Step = "done"
	case step >= MeetConfirmed:
		v.Step = "confirmed"
	}
	return v
}
