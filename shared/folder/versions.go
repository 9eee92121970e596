package folder

import (
	"slices"

	"github.com/anamnesis-health/anamnesis/shared/block"
	"github.com/anamnesis-health/anamnesis/shared/record"
)

func (r *rec) amends() bool {
	k := record.Kind(r.x.Kind)
	return r.x.Says == 1 && (k == record.FHIR || k == record.Document || k == record.Note)
}

// hidden says whether the owner took a record out of the own view.
func (v *view) hidden(id block.ID) bool {
	h := v.hides[id]
	return h != nil && h.x.Says == 1
}

// inForce says whether amendment a counts as the newer version of old: an owner's for what the owner wrote, anybody
// else's once the owner accepted it. A disputed one never does.
func (v *view) inForce(a, old *rec) bool {
	standing := v.standing(a)
	return standing == "accepted" || standing == "own" && v.owners[old.chain]
}

// versions lists the amendments of r: those in force, those that wait for the owner's word, and whether two in force
// compete. Source: spec/folder.md §7.
func (v *view) versions(r *rec) (inForce, proposed []block.ID, conflict bool) {
	newest := 0
	for _, a := range v.refers[r.x.ID] {
		switch {
		case !v.amendmentOf(a, r):
		case v.inForce(a, r):
			inForce = append(inForce, a.x.ID)
			if !v.replaced(a) {
				newest++
			}
		case v.standing(a) == "proposed":
			proposed = append(proposed, a.x.ID)
		}
	}
	return inForce, proposed, newest > 1
}

// replaced says whether a newer version of r is in force.
func (v *view) replaced(r *rec) bool {
	return slices.ContainsFunc(v.refers[r.x.ID], func(a *rec) bool { return v.amendmentOf(a, r) && v.inForce(a, r) })
}

// amendmentOf: of the same kind, type and section; any other ref names nothing that can be replaced.
func (v *view) amendmentOf(a, old *rec) bool {
	return a.amends() && a.opened && a.failed == "" && old.opened && a.x.Kind == old.x.Kind && a.x.Section == old.x.Section &&
		(a.x.Type == old.x.Type || record.Kind(a.x.Kind) != record.FHIR)
}

// attached says whether r is the file of another record that is here, which shows it.
func (v *view) attached(r *rec) bool {
	return record.Kind(r.x.Kind) == record.Document && r.x.Says == 0 && r.opened &&
		slices.ContainsFunc(r.x.Refs, func(id block.ID) bool { return v.recs[id] != nil && v.recs[id].opened })
}

// Linked is a record that refers to another or is referred to by it.
type Linked struct {
	How  string // amends | amendedBy | change | answers | answeredBy | attachedTo | attachment
	Item Item
}

// Links lists what a record refers to and what refers to it, as far as it is opened here.
func (e *Engine) Links(folder ID, id block.ID) ([]Linked, error) {
	v, err := e.view(folder)
	if err != nil {
		return nil, err
	}
	v.sorted()
	r := v.recs[id]
	if r == nil {
		return nil, fail("record/unknown", "no such record in this folder")
	}
	var out []Linked
	for _, ref := range r.x.Refs {
		if old := v.recs[ref]; old != nil && old.opened {
			out = append(out, Linked{how(r, "amends", "attachedTo", "answers"), e.item(v, old)})
		}
	}
	for _, a := range v.refers[id] {
		switch {
		case !a.opened:
		case a.amends() && !v.amendmentOf(a, r): // refers to another kind: nothing is amended
		case a.amends() && !v.inForce(a, r):
			out = append(out, Linked{"change", e.item(v, a)})
		default:
			out = append(out, Linked{how(a, "amendedBy", "attachment", "answeredBy"), e.item(v, a)})
		}
	}
	return out, nil
}

func how(r *rec, amends, attached, answers string) string {
	switch {
	case r.amends():
		return amends
	case record.Kind(r.x.Kind) == record.Document:
		return attached
	}
	return answers
}
