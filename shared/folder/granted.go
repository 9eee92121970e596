package folder

import (
	"slices"

	"github.com/anamnesis-health/anamnesis/shared/block"
	"github.com/anamnesis-health/anamnesis/shared/grant"
	"github.com/anamnesis-health/anamnesis/shared/record"
)

// GrantView is one sharing as its owner sees it.
type GrantView struct {
	Chain            block.ChainID
	Reader, Purpose  string
	Guest, CanWrite  bool
	Sections         []uint8
	SinceMS, UntilMS int64
	State            string
	StoppedMS        int64
	Opened           int
	Records          int // chosen ones, 0 for the whole sections
}

// Grants lists the owner's sharings, newest first.
func (e *Engine) Grants() ([]GrantView, error) {
	if e.me == nil {
		return nil, ErrLocked
	}
	if e.me.own == nil {
		return nil, nil
	}
	var out []GrantView
	for i := len(e.me.own.m.Grants) - 1; i >= 0; i-- {
		out = append(out, e.grantView(&e.me.own.m.Grants[i]))
	}
	return out, nil
}

func (e *Engine) grantView(g *manifestGrant) GrantView {
	v := GrantView{Chain: g.Chain, Reader: g.Name, Purpose: g.Purpose, Guest: g.Guest, CanWrite: g.Rights&block.RightWrite != 0,
		Sections: g.Sections, SinceMS: g.SinceMS, UntilMS: int64(g.Expiry) * 1000, StoppedMS: g.StoppedMS, State: e.grantState(g)}
	opened := map[block.ID]bool{}
	for _, l := range e.me.looked {
		if l.grant == g.Chain {
			for _, id := range l.released {
				opened[id] = true
			}
		}
	}
	v.Opened, v.Records = len(opened), e.me.own.chosen(g.Records)
	return v
}

func (e *Engine) grantState(g *manifestGrant) string {
	c := e.hold.chains[g.Chain]
	switch {
	case c != nil && c.state.Forked():
		return "forked"
	case g.State == grantStopped || c != nil && c.state.Ended:
		return "stopped"
	case uint64(e.world.Now()/1000) > g.Expiry:
		return "expired"
	default:
		return "active"
	}
}

// StopSharing revokes a grant: this device refuses first, then saves REVOKE, draws new keys for its sections and
// re-grants them to the other readers. Flushed before it returns.
func (e *Engine) StopSharing(id block.ChainID) error {
	own, _, err := e.ownFolder()
	if err != nil {
		return err
	}
	i := slices.IndexFunc(own.m.Grants, func(g manifestGrant) bool { return g.Chain == id })
	if i < 0 {
		return fail("grant/unknown", "no such sharing")
	}
	if own.m.Grants[i].State == grantStopped {
		return nil
	}
	if err := e.together(func() error { return e.stopSharing(&own.m.Grants[i]) }); err != nil {
		return err
	}
	e.sync.follow(e) // the others write under new keys now
	return nil
}

func (e *Engine) stopSharing(g *manifestGrant) error {
	if err := e.revoke(g); err != nil {
		return err
	}
	if err := e.rotateSections(g.Sections); err != nil {
		return err
	}
	return e.flush()
}

// revoke ends a grant: here first, then on its chain. Not flushed.
func (e *Engine) revoke(g *manifestGrant) error {
	g.State, g.StoppedMS = grantStopped, e.world.Now()
	g.Recipient = nil // 1.2 KB that no GRANT needs again
	c := e.hold.chains[g.Chain]
	if c == nil || c.state.Forked() || c.state.Ended {
		return nil
	}
	writer, _ := e.grantKeys(g)
	tag := grant.DayTag(e.net, grant.TagKey(e.net, grant.Secret(g.G)), g.Chain, e.hour())
	_, err := e.appendBlock(g.Chain, writer, block.Header{Kind: block.KindRevoke, Tag: tag})
	return err
}

// rotateSections starts a new key epoch in each section and hands it to the readers who stay.
func (e *Engine) rotateSections(sections []uint8) error {
	own := e.me.own
	for _, s := range sections {
		var replaces []scope
		for _, k := range own.m.Keys {
			if k.Section == s {
				replaces = append(replaces, k.Scope)
			}
		}
		own.m.Keys = append(own.m.Keys, e.newSectionKey(s, replaces))
	}
	own.refresh(e)
	for i := range own.m.Grants {
		g := &own.m.Grants[i]
		if e.grantState(g) != "active" || !overlap(g.Sections, sections) {
			continue
		}
		if _, err := e.writeGrant(g); err != nil {
			return err
		}
	}
	return e.writeManifest()
}

func overlap(a, b []uint8) bool {
	return slices.ContainsFunc(a, func(x uint8) bool { return slices.Contains(b, x) })
}

// chosen counts the records that a person chose among those that a grant names: what the owner said travels uncounted.
func (o *ownFolder) chosen(named []block.ID) (n int) {
	for _, id := range named {
		if r := o.recs[id]; r != nil && listed(record.Kind(r.x.Kind)) {
			n++
		}
	}
	return n
}

// noteEndings tells both sides of a sharing that ends within a day, unless it lasted little longer.
func (e *Engine) noteEndings() {
	now := e.world.Now()
	soon := func(since, until int64) bool { return now < until && until-now <= endingMS && until-since > 2*endingMS }
	if own := e.me.own; own != nil {
		for i := range own.m.Grants {
			if g := &own.m.Grants[i]; soon(g.SinceMS, int64(g.Expiry)*1000) && e.grantState(g) == "active" {
				e.notify("ending/"+g.Chain.Hex(), "grant/ending", g.Name)
			}
		}
	}
	for _, f := range e.me.shared {
		if f.stopped == 0 && soon(f.state.JoinedMS, int64(f.public.Expiry)*1000) {
			e.notify("ending/"+f.grant.Hex(), "grant/ends", f.name)
		}
	}
}
