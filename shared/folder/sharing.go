package folder

import (
	"bytes"
	"crypto/ed25519"
	"slices"
	"sort"

	"github.com/anamnesis-health/anamnesis/shared/block"
	"github.com/anamnesis-health/anamnesis/shared/grant"
	"github.com/anamnesis-health/anamnesis/shared/record"
	"github.com/anamnesis-health/anamnesis/shared/share"
)

// Terms is what an owner gives. Records narrows the sections to some records. It ends at UntilMS, Unix milliseconds,
// or, when LastsMS is not zero, so long after both said "They match".
type Terms struct {
	Sections []uint8
	Records  []block.ID
	UntilMS  int64
	LastsMS  int64
	CanWrite bool
	Purpose  string
}

// party is the reader as the meeting showed it.
type party struct {
	genesis    *block.Block
	recipient  []byte
	name       string
	credential []byte
	device     block.Key
	guest      bool // no accreditation and no identity vouches for the name
}

func (e *Engine) grantKeys(g *manifestGrant) (writer, revoke ed25519.PrivateKey) {
	var f secret // unknown until the DEVICE that brings it is here: what it signs is refused
	if n := int(g.Generation); n < len(e.me.vault.Secrets) {
		f = e.me.vault.Secrets[n]
	}
	return block.DeriveKey(e.net, f[:], "grant", g.Nonce[:]), block.DeriveKey(e.net, f[:], "revoke", g.Nonce[:])
}

// give makes a grant for a reader that was met: GENESIS and GRANT on a new chain, then the manifest. Not flushed.
func (e *Engine) give(p *party, t Terms) (*manifestGrant, block.ID, error) {
	own, _, err := e.ownFolder()
	if err != nil {
		return nil, block.ID{}, err
	}
	if err := e.checkTerms(&t); err != nil {
		return nil, block.ID{}, err
	}
	sections := uniqueSections(t.Sections)
	if err := e.mayGive(); err != nil {
		return nil, block.ID{}, err
	}
	permit, admitted, ok := e.spend(passGrant)
	if !ok {
		permit.Nonce = e.nonce()
	} else if err := e.saveStock(); err != nil {
		return nil, block.ID{}, err
	}
	g := manifestGrant{Nonce: permit.Nonce, Generation: uint8(len(e.me.vault.Secrets) - 1), G: e.secret(), Reader: p.genesis.Chain(),
		Recipient: p.recipient, Name: p.name, Device: p.device, Guest: true, Sections: sections, Records: own.named(t.Records), Rights: block.RightRead,
		Expiry: uint64(t.until(e.world.Now()) / 1000), State: grantActive, SinceMS: e.world.Now(), Purpose: t.Purpose}
	if t.CanWrite {
		g.Rights |= block.RightWrite
	}
	writer, revoke := e.grantKeys(&g)
	rk := block.KeyOf(revoke)
	genesis, err := block.New(e.net, writer, block.Header{Kind: block.KindGenesis, Epoch: e.network.Epoch(), Time: e.hour(),
		Tag: grant.GrantTag(e.net, g.Reader)}, block.Encode(&block.Genesis{Type: block.ChainGrant, Nonce: e.nonce(), Writer: block.KeyOf(writer), RevokeKey: rk[:], Admission: admitted}))
	if err != nil {
		return nil, block.ID{}, err
	}
	g.Chain = genesis.Chain()
	if err := e.keep(genesis); err != nil {
		return nil, block.ID{}, err
	}
	own.m.Writers = append(own.m.Writers, manifestWriter{Chain: g.Reader, Credential: p.credential, Erase: e.secret()})
	own.refresh(e)
	id, err := e.writeGrant(&g)
	if err != nil {
		return nil, id, err
	}
	own.m.Grants = append(own.m.Grants, g)
	return &own.m.Grants[len(own.m.Grants)-1], id, e.writeManifest()
}

func (t *Terms) until(nowMS int64) int64 {
	if t.LastsMS != 0 {
		return nowMS + t.LastsMS
	}
	return t.UntilMS
}

func (e *Engine) checkTerms(t *Terms) error {
	sections, until := uniqueSections(t.Sections), t.until(e.world.Now())
	switch {
	case len(sections) == 0 || sections[0] < 1 || sections[len(sections)-1] > uint8(record.Emergency):
		return fail("grant/sections", "choose at least one section")
	case until <= e.world.Now() || until > e.world.Now()+maxGrantMS:
		return fail("grant/time", "an end between now and a year from now")
	case len(t.Purpose) > grant.MaxPurpose || len(t.Records) > maxChosen:
		return fail("grant/length", "%d records", len(t.Records))
	}
	for _, id := range t.Records {
		if r := e.me.own.recs[id]; r == nil || r.failed != "" || !slices.Contains(sections, r.x.Section) {
			return fail("grant/records", "%s", id)
		}
	}
	return nil
}

// named lists the records of a grant: those chosen, and what the owner has said about them, as a dispute travels with
// its record.
func (o *ownFolder) named(chosen []block.ID) []block.ID {
	out := slices.Clone(chosen)
	for _, id := range chosen {
		if v := o.verdicts[id]; v != nil {
			out = append(out, v.x.ID)
		}
	}
	slices.SortFunc(out, func(a, b block.ID) int { return slices.Compare(a[:], b[:]) })
	return slices.Compact(out)
}

// writeGrant appends a GRANT with the section keys as they are now.
func (e *Engine) writeGrant(g *manifestGrant) (block.ID, error) {
	own := e.me.own
	s := &grant.Sealed{G: grant.Secret(g.G), Folder: block.Hash(own.id), Owner: own.owner, EraseKey: own.erase[g.Reader], Records: g.Records,
		Names: grant.Names{Owner: own.m.Person.Name, Reader: g.Name}, Purpose: g.Purpose}
	var scopes []grant.Scope
	skip := own.m.tooOld(g.Sections)
	keys := slices.Clone(own.m.Keys)
	slices.SortStableFunc(keys, func(a, b sectionKey) int { return int(a.Section) - int(b.Section) }) // each section's oldest first
	for i := range keys {
		k := &keys[i]
		if !slices.Contains(g.Sections, k.Section) {
			continue
		}
		if skip[k.Section] > 0 {
			skip[k.Section]--
			continue
		}
		s.Sections = append(s.Sections, grant.Section{Number: k.Section, K: grant.Secret(k.K), A: authorityOf(k.A),
			Authorize: grant.Authorize(e.net, authorityKey(k.A), g.Chain)})
		scopes = append(scopes, grant.Scope(k.Scope))
	}
	for _, w := range own.m.writersFor(g.Reader) {
		s.Writers = append(s.Writers, grant.Writer{Chain: w, Sessions: e.sessionsOf(w)})
	}
	sort.Slice(s.Writers, func(i, j int) bool { return bytes.Compare(s.Writers[i].Chain[:], s.Writers[j].Chain[:]) < 0 })
	public, err := grant.Public(e.net, s, scopes, g.Reader, g.Rights, g.Expiry)
	if err != nil {
		return block.ID{}, err
	}
	info := grant.SealInfo(e.net, g.Chain, share.RecipientHash(g.Recipient))
	body, err := share.SealTo(g.Recipient, info, record.Pad(s.Encode()))
	if err != nil {
		return block.ID{}, err
	}
	writer, _ := e.grantKeys(g)
	b, err := e.appendBlock(g.Chain, writer, block.Header{Kind: block.KindGrant, Tag: grant.GrantTag(e.net, g.Reader)}, block.Encode(public), body)
	if err != nil {
		return block.ID{}, err
	}
	return b.ID, nil
}

// tooOld says how many of each section's oldest key epochs a GRANT leaves out, so that one more revocation never
// makes the next GRANT too long.
func (m *manifest) tooOld(sections []uint8) map[uint8]int {
	skip := map[uint8]int{}
	for _, k := range m.Keys {
		if slices.Contains(sections, k.Section) {
			skip[k.Section]++
		}
	}
	for s := range skip {
		skip[s] = max(0, skip[s]-grant.MaxScopes/len(sections))
	}
	return skip
}

// writersFor lists the writing chains that a GRANT names: the owner's, then others', the newest of each when there are
// more than a GRANT holds.
func (m *manifest) writersFor(reader block.ChainID) []block.ChainID {
	var out []block.ChainID
	for _, own := range []bool{true, false} {
		for i := len(m.Writers) - 1; i >= 0 && len(out) < grant.MaxWriters; i-- {
			if w := &m.Writers[i]; w.Own == own && w.Chain != reader {
				out = append(out, w.Chain)
			}
		}
	}
	return out
}

// sessionsOf lists the newest sessions of a chain.
func (e *Engine) sessionsOf(id block.ChainID) []block.ID {
	var out []block.ID
	if c := e.hold.chains[id]; c != nil {
		for _, s := range c.state.Sessions {
			out = append(out, s.ID)
		}
	}
	if n := len(out); n > maxSessions {
		out = out[n-maxSessions:]
	}
	sort.Slice(out, func(i, j int) bool { return bytes.Compare(out[i][:], out[j][:]) < 0 })
	return out
}
