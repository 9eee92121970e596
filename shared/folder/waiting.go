package folder

import (
	"slices"

	"github.com/anamnesis-health/anamnesis/shared/block"
)

// StartWaiting makes a code that waits up to 7 days, for the owner to send: whoever opens it first posts its side, the
// owner's device answers, and both compare by phone before t is given. Source: spec/meeting.md §6.
func (e *Engine) StartWaiting(t Terms) (Invite, error) {
	open := 0
	for _, s := range e.waiting {
		if !s.hidden && s.code == "" && s.m.Step() < MeetDone {
			open++
		}
	}
	if open >= maxLinks {
		return Invite{}, fail("meet/links", "%d", maxLinks)
	}
	s, err := e.host(t, roomWait)
	if err != nil {
		return Invite{}, err
	}
	e.waiting = append(e.waiting, s)
	e.post(s, s.m.Again())
	e.world.Changed()
	return e.inviteOf(s), nil
}

// WaitingLinks lists the waiting links of this profile, on either side, newest first.
func (e *Engine) WaitingLinks() ([]MeetView, error) {
	if e.me == nil {
		return nil, ErrLocked
	}
	var out []MeetView
	for _, s := range slices.Backward(e.waiting) {
		if !s.hidden {
			out = append(out, e.viewOf(s))
		}
	}
	return out, nil
}

// ConfirmWaiting is this side's "They match" for a waiting link.
func (e *Engine) ConfirmWaiting(room block.Nonce) error {
	s, err := e.waitingIn(room)
	if err != nil {
		return err
	}
	return e.confirm(s)
}

// EndWaiting takes a link back, says "No match", or puts one away that is over. The other side is told, now or when this
// device connects.
func (e *Engine) EndWaiting(room block.Nonce, why MeetEnd) error {
	s, err := e.waitingIn(room)
	if err != nil {
		return err
	}
	posts := s.m.End(why)
	s.hidden = true
	if e.meet == s {
		e.meet = nil
	}
	if err := e.keepMeeting(s); err != nil {
		return err
	}
	e.post(s, posts)
	e.world.Changed()
	return nil
}

func (e *Engine) waitingIn(room block.Nonce) (*meetingState, error) {
	if e.me == nil {
		return nil, ErrLocked
	}
	for _, s := range e.waiting {
		if s.m.Room() == room {
			return s, nil
		}
	}
	return nil, fail("meet/none", "no such link here")
}

// waitingNeedYou counts the links at which this person has to compare.
func (e *Engine) waitingNeedYou() int {
	n := 0
	for _, s := range e.waiting {
		if !s.hidden && stepOf(s) == "compare" {
			n++
		}
	}
	return n
}

// keepMeeting writes a meeting into the log, flushed: a reload or restart goes on with the same words.
func (e *Engine) keepMeeting(s *meetingState) error {
	if s.link != nil {
		return nil // a device code: its joiner has nothing to keep it in
	}
	x := meetingEntry{Version: 1, Meeting: s.m.kept(), Terms: s.terms, Grant: s.grant, Failed: s.code, Hidden: s.hidden}
	if s.m.host {
		x.Code = s.invite[:]
	} else {
		x.Genesis, x.Counter = s.genesis.Encode(), s.writer.Counter
	}
	return e.together(func() error {
		if err := e.appendLocal(logMeet, encode(&x)); err != nil {
			return err
		}
		return e.flush()
	})
}

// resumeMeetings takes up, after an unlock, what the log holds of meetings: each room's newest entry, in order.
func (e *Engine) resumeMeetings(entries []meetingEntry) {
	e.waiting = []*meetingState{}
	for i, x := range entries {
		newer := func(y meetingEntry) bool { return y.Meeting.Room == x.Meeting.Room }
		if x.Version != 1 || slices.ContainsFunc(entries[i+1:], newer) {
			continue
		}
		s, err := e.resume(&x)
		switch now := e.world.Now(); {
		case err != nil || now >= s.m.until()+linkShownMS:
		case s.m.base == roomWait:
			e.waiting = append(e.waiting, s)
		case now < s.m.until() && !s.hidden && s.code == "" && s.m.Step() <= MeetDone && s.folder == (secret{}):
			e.meet = s // what is over face to face is not shown again
		}
	}
}

func (e *Engine) resume(x *meetingEntry) (*meetingState, error) {
	s := &meetingState{m: resumed(e.net, &x.Meeting, e.checkHello), terms: x.Terms, grant: x.Grant, code: x.Failed, hidden: x.Hidden}
	var err error
	if !s.m.host {
		if s.genesis, err = block.Parse(x.Genesis); err != nil {
			return nil, err
		}
		s.writer = writerState{Counter: x.Counter, Chain: s.genesis.Chain(), JoinedMS: s.m.startMS}
	}
	if len(x.Code) == len(s.invite) {
		s.invite = Code(x.Code)
	}
	if s.m.Peer() == nil || len(s.m.Peer()) == 0 {
		return s, nil
	}
	if s.party, err = e.parseHello(s.m.Peer()); err != nil {
		return nil, err
	}
	if !s.m.host && s.m.Step() == MeetDone && s.code == "" {
		e.readResult(s)
		if s.waiting != nil {
			s.folder = e.folderOf(s.waiting.Grant)
		}
	}
	return s, nil
}

// tickMeetings does what time asks of meetings.
func (e *Engine) tickMeetings() {
	now := e.world.Now()
	for _, s := range e.meetings() {
		if s.code != "" {
			continue
		}
		before := stepOf(s)
		if l := s.listen; l != nil {
			switch {
			case l.beginMS != 0 && !waits(now, l.beginMS, linkPauseMS):
				e.beginJoin(s, roomWait)
			case l.beginMS == 0 && now-l.sinceMS >= roomMS:
				s.m.step = MeetExpired
			case l.beginMS == 0 && now-l.sinceMS >= noOneMS:
				s.hint = "meet/no-one"
			}
		} else {
			s.hint = s.m.Tick(now)
		}
		if stepOf(s) != before {
			e.world.Changed()
		}
	}
	if len(e.waiting) > 0 && !waits(now, e.joinMS, joinAgainMS) {
		e.joinMS = now + joinAgainMS
		for _, s := range e.waiting {
			if s.code == "" && s.m.Step() < MeetDone {
				e.post(s, []Post{{Slot: roomWait, Body: []byte{}}})
			}
		}
	}
	if e.me != nil {
		if err := e.joinGrants(); err != nil {
			e.notify("storage", codeName(err, CodeStorageFailed), "")
		}
	}
}
