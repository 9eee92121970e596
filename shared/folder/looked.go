package folder

import (
	"bytes"
	"slices"
	"sort"

	"github.com/anamnesis-health/anamnesis/shared/block"
	"github.com/anamnesis-health/anamnesis/shared/record"
)

// LookedView is one line of Who looked.
type LookedView struct {
	Access       block.ID
	Grant        block.ChainID
	Reader       string
	Guest        bool
	Preset, Text string
	HourMS       int64
	ArrivedMS    int64
	State        string // asked | given | refused
	Titles       []string
	Count        int
	Unknown      int
	Why          string
}

// WhoLooked lists every ACCESS to the own folder, newest first.
func (e *Engine) WhoLooked() ([]LookedView, error) {
	if e.me == nil {
		return nil, ErrLocked
	}
	if e.me.own == nil {
		return nil, nil
	}
	var out []LookedView
	for id, l := range e.me.looked {
		if l.access == (block.ID{}) {
			continue // journaled, but its ACCESS is not here any more
		}
		v := LookedView{Access: id, Grant: l.grant, Reader: l.reader, Guest: l.guest, Preset: l.preset, Text: l.text,
			HourMS: int64(l.hour) * 1000, ArrivedMS: l.arrived, Count: l.count, Unknown: l.unknown, Why: l.why, State: "asked"}
		if l.answered {
			v.State = "given"
			if len(l.released) == 0 {
				v.State = "refused"
			}
		}
		for _, rid := range append(slices.Clone(l.released), l.refused...) {
			if r := e.me.own.recs[rid]; r != nil && listed(record.Kind(r.x.Kind)) {
				v.Titles = append(v.Titles, r.x.Label)
			}
		}
		out = append(out, v)
	}
	sort.Slice(out, func(i, j int) bool {
		if out[i].ArrivedMS != out[j].ArrivedMS {
			return out[i].ArrivedMS > out[j].ArrivedMS
		}
		return bytes.Compare(out[i].Access[:], out[j].Access[:]) < 0
	})
	return out, nil
}
