package api

import (
	"encoding/hex"

	"github.com/anamnesis-health/anamnesis/shared/block"
	"github.com/anamnesis-health/anamnesis/shared/folder"
	"github.com/anamnesis-health/anamnesis/shared/record"
)

var kindNames = map[record.Kind]string{record.FHIR: "fhir", record.Document: "document", record.Note: "note"}

func item(i folder.Item) TimelineItem {
	t := TimelineItem{Record: i.ID.Hex(), Kind: "newer", Section: Section(i.Section), Type: i.Type, Label: i.Label, Date: i.Date, Saved: i.SavedMS,
		Author: i.Author, Origin: i.Origin, Guest: i.Guest, Standing: i.Standing, Reason: i.Reason, Delivery: "saved", Opened: i.Opened, Failed: i.Failed}
	if name, ok := kindNames[i.Kind]; ok {
		t.Kind = name
	}
	if i.Sent {
		t.Delivery = "sent"
	}
	if i.Source != (block.Nonce{}) {
		t.Source = hex.EncodeToString(i.Source[:])
	}
	t.Refs, t.AmendedBy, t.Changes = hexes(i.Refs), hexes(i.AmendedBy), hexes(i.Changes)
	t.Amends, t.Conflict, t.Hidden = i.Amends, i.Conflict, i.Hidden
	return t
}

func hexes(ids []block.ID) []string {
	out := make([]string, len(ids))
	for i, id := range ids {
		out[i] = id.Hex()
	}
	return out
}

func arguments(what string) error { return &folder.Error{Code: "core/arguments", Detail: what} }

func (c *Core) timeline(a TimelineArgs) (Timeline, error) {
	id, err := hex32(a.Folder)
	source, serr := nonceOr(a.Source)
	if err != nil || serr != nil || a.Section != 0 && !section(a.Section) || a.Offset < 0 || !day(a.From) || !day(a.To) {
		return Timeline{}, arguments("timeline")
	}
	p, err := c.engine.Find(id, folder.Query{Text: a.Query, Section: uint8(a.Section), Kind: a.Kind, From: a.From, To: a.To, Source: source,
		Author: a.Author, Show: a.Show, Offset: a.Offset, Limit: a.Limit})
	out := Timeline{Items: []TimelineItem{}, Total: p.Total, Hidden: p.Hidden, Kinds: counted(p.Kinds), Authors: counted(p.Authors)}
	for _, i := range p.Items {
		out.Items = append(out.Items, item(i))
	}
	return out, err
}

func counted(list []folder.Facet) []Facet {
	out := make([]Facet, len(list))
	for i, f := range list {
		out[i] = Facet(f)
	}
	return out
}

// nonceOr reads 16 bytes of hex digits, or nothing.
func nonceOr(s string) (n block.Nonce, err error) {
	b, err := hex.DecodeString(s)
	if err != nil || len(b) != 0 && len(b) != len(n) {
		return n, arguments("16 bytes in hex digits")
	}
	copy(n[:], b)
	return n, nil
}

// day says whether s is empty or has the form YYYY-MM-DD.
func day(s string) bool {
	for i, c := range []byte(s) {
		if dash := i == 4 || i == 7; dash != (c == '-') || !dash && (c < '0' || c > '9') {
			return false
		}
	}
	return s == "" || len(s) == 10
}

func (c *Core) links(a RecordArgs) (RecordLinks, error) {
	id, err := hex32(a.Folder)
	rec, rerr := hex32(a.Record)
	if err != nil || rerr != nil {
		return RecordLinks{}, arguments("links")
	}
	list, err := c.engine.Links(id, rec)
	out := RecordLinks{Links: []RecordLink{}}
	for _, l := range list {
		out.Links = append(out.Links, RecordLink{l.How, item(l.Item)})
	}
	return out, err
}

func (c *Core) noteWrite(a NoteWriteArgs) (RecordRef, error) {
	return c.add(a.Folder, a.Section, a.Refs, folder.Draft{Kind: record.Note, Content: []byte(a.Text), Amends: a.Amends})
}

func (c *Core) recordWrite(a RecordWriteArgs, content []byte) (RecordRef, error) {
	return c.add(a.Folder, a.Section, a.Amends, folder.Draft{Kind: record.FHIR, Content: content, Amends: len(a.Amends) > 0})
}

func (c *Core) add(in string, s Section, refs []string, d folder.Draft) (RecordRef, error) {
	id, err := hex32(in)
	if err != nil || !section(s) && !d.Amends {
		return RecordRef{}, arguments("record")
	}
	if d.Refs, err = blockIDs(refs); err != nil {
		return RecordRef{}, err
	}
	d.Section = uint8(s)
	rec, err := c.engine.Add(id, d)
	return RecordRef{rec.Hex()}, err
}

func (c *Core) hide(a HideArgs) (Empty, error) {
	ids, err := blockIDs(a.Records)
	if err != nil {
		return Empty{}, err
	}
	return Empty{}, c.engine.Hide(ids, a.Hidden)
}
