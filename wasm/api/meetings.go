package api

import (
	"encoding/hex"

	"github.com/anamnesis-health/anamnesis/shared/block"
	"github.com/anamnesis-health/anamnesis/shared/folder"
)

const hourMS = 3_600_000

// terms reads what the owner chose.
func terms(a GrantTerms) (folder.Terms, error) {
	records, err := blockIDs(a.Records)
	if err != nil {
		return folder.Terms{}, err
	}
	t := folder.Terms{Records: records, UntilMS: a.Until, LastsMS: int64(a.Hours) * hourMS, CanWrite: a.CanWrite, Purpose: a.Purpose}
	for _, s := range a.Sections {
		if !section(s) {
			return t, &folder.Error{Code: "grant/sections", Detail: "1 to 6"}
		}
		t.Sections = append(t.Sections, uint8(s))
	}
	return t, nil
}

func grantTerms(t folder.Terms) GrantTerms {
	out := GrantTerms{Sections: sections(t.Sections), Records: []string{}, Hours: int(t.LastsMS / hourMS), Until: t.UntilMS, CanWrite: t.CanWrite, Purpose: t.Purpose}
	for _, id := range t.Records {
		out.Records = append(out.Records, id.Hex())
	}
	return out
}

func (c *Core) meetStart(a GrantTerms) (MeetState, error) {
	t, err := terms(a)
	if err == nil {
		_, err = c.engine.StartMeeting(t)
	}
	return c.met(err)
}

func (c *Core) met(err error) (MeetState, error) {
	if err != nil {
		return MeetState{}, err
	}
	return meetState(c.engine.Meeting()), nil
}

func meetState(v folder.MeetView) MeetState {
	m := MeetState{Step: v.Step, Room: hex.EncodeToString(v.Room[:]), Host: v.Host, Link: v.Link, Device: v.Device, Name: v.Name, Guest: v.Guest, Digits: v.Digits,
		Emoji: append([]string{}, v.Emoji...), Started: v.StartMS, Until: v.Until, Grant: hexOr(v.Grant), Folder: hexOr(v.Folder), Code: v.Code,
		Invite: meetCode(v.Invite), Terms: grantTerms(v.Terms), Replaces: []Grant{}}
	if v.Replaces != nil {
		m.Replaces = append(m.Replaces, grantOf(*v.Replaces))
	}
	return m
}

func meetCode(i folder.Invite) MeetCode {
	return MeetCode{Words: append([]string{}, i.Words...), Digits: i.Digits, Path: i.Path, Until: i.UntilMS}
}

func (c *Core) waitingCreate(a GrantTerms) (MeetCode, error) {
	t, err := terms(a)
	if err != nil {
		return MeetCode{}, err
	}
	i, err := c.engine.StartWaiting(t)
	return meetCode(i), err
}

func (c *Core) waitingLinks() (WaitingLinks, error) {
	list, err := c.engine.WaitingLinks()
	out := WaitingLinks{Links: []MeetState{}}
	for _, v := range list {
		out.Links = append(out.Links, meetState(v))
	}
	return out, err
}

func room(s string) (block.Nonce, error) {
	b, err := hex.DecodeString(s)
	if err != nil || len(b) != len(block.Nonce{}) {
		return block.Nonce{}, &folder.Error{Code: "core/arguments", Detail: "room"}
	}
	return block.Nonce(b), nil
}

func (c *Core) waitingMatch(a WaitingArgs) (Empty, error) {
	id, err := room(a.Room)
	if err != nil {
		return Empty{}, err
	}
	return Empty{}, c.engine.ConfirmWaiting(id)
}

func (c *Core) waitingEnd(a WaitingArgs, why folder.MeetEnd) (Empty, error) {
	id, err := room(a.Room)
	if err != nil {
		return Empty{}, err
	}
	return Empty{}, c.engine.EndWaiting(id, why)
}

func (c *Core) grants(Empty) (Grants, error) {
	list, err := c.engine.Grants()
	out := Grants{Grants: []Grant{}}
	for _, g := range list {
		out.Grants = append(out.Grants, grantOf(g))
	}
	return out, err
}

func grantOf(g folder.GrantView) Grant {
	return Grant{ID: g.Chain.Hex(), Reader: g.Reader, Guest: g.Guest, Sections: sections(g.Sections), CanWrite: g.CanWrite,
		Since: g.SinceMS, Expires: g.UntilMS, State: g.State, StoppedAt: g.StoppedMS, Opened: g.Opened, Records: g.Records, Purpose: g.Purpose}
}

func (c *Core) grantStop(a GrantArgs) (Empty, error) {
	id, err := hex32(a.Grant)
	if err != nil {
		return Empty{}, err
	}
	return Empty{}, c.engine.StopSharing(id)
}
