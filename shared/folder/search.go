package folder

import (
	"bytes"
	"cmp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/anamnesis-health/anamnesis/shared/block"
	"github.com/anamnesis-health/anamnesis/shared/record"
)

// Query pages through a folder's lines, newest first. Empty fields ask for all.
type Query struct {
	Text     string // every word of it, folded, in the display words
	Section  uint8
	Kind     string // a FHIR type, "note", "document" or "newer"
	From, To string // days, YYYY-MM-DD, both included
	Source   block.Nonce
	Author   string
	Show     string // "": all but hidden; "hidden", "opened" and "unopened": only those
	Offset   int
	Limit    int
}

// Page is one page of a timeline.
type Page struct {
	Items   []Item
	Total   int
	Hidden  int     // lines that match and are hidden
	Kinds   []Facet // of what matches but for kind and author; when nothing does, of what matches but for the text too
	Authors []Facet
}

// Facet is one value to filter for and how many lines have it.
type Facet struct {
	Name  string
	Count int
}

// Timeline gives a page's lines and how many match in all.
func (e *Engine) Timeline(folder ID, q Query) ([]Item, int, error) {
	p, err := e.Find(folder, q)
	return p.Items, p.Total, err
}

// Find gives a page of a folder.
func (e *Engine) Find(folder ID, q Query) (Page, error) {
	v, err := e.view(folder)
	if err != nil {
		return Page{}, err
	}
	var p Page
	terms := strings.Fields(fold(q.Text))
	limit := min(max(q.Limit, 1), maxPage)
	kinds, authors := map[string]int{}, map[string]int{}
	for _, r := range v.sorted() {
		if !v.line(r, q.Show) || !q.within(r) || !v.has(r, terms) {
			continue
		}
		if q.Show != "hidden" && v.hidden(r.x.ID) {
			p.Hidden++
			continue
		}
		kinds[kindName(r)]++
		authors[r.x.Author]++
		if q.Kind != "" && kindName(r) != q.Kind || q.Author != "" && r.x.Author != q.Author {
			continue
		}
		if p.Total >= q.Offset && len(p.Items) < limit {
			p.Items = append(p.Items, e.item(v, r))
		}
		p.Total++
	}
	if p.Total == 0 && len(kinds) == 0 && len(terms) > 0 {
		nearest, err := e.Find(folder, Query{Section: q.Section, From: q.From, To: q.To, Source: q.Source, Show: q.Show, Limit: 1})
		p.Kinds, p.Authors = nearest.Kinds, nearest.Authors
		return p, err
	}
	p.Kinds, p.Authors = facets(kinds), facets(authors)
	return p, nil
}

// line says whether r has a line of its own in what is to be shown.
func (v *view) line(r *rec, show string) bool {
	switch show {
	case "opened":
		if !r.opened && r.failed == "" {
			return false
		}
	case "unopened":
		return !r.opened && r.failed == "" && r.r == nil
	case "hidden":
		return v.hidden(r.x.ID)
	}
	return !v.attached(r)
}

// within is every filter but text, kind and author. What is not opened has no kind, date or source to filter by.
func (q *Query) within(r *rec) bool {
	if q.Section != 0 && r.x.Section != q.Section || q.Source != (block.Nonce{}) && r.x.Source != q.Source {
		return false
	}
	if q.From == "" && q.To == "" {
		return true
	}
	day := dateKey(r)
	day = day[:min(len(day), 10)]
	first, last := day+"-01-01"[min(len(day)-4, 6):], day+"-12-31"[min(len(day)-4, 6):] // "2021" is the whole year
	return r.opened && (q.From == "" || last >= q.From) && (q.To == "" || first <= q.To)
}

func (v *view) has(r *rec, terms []string) bool {
	if len(terms) == 0 {
		return true
	}
	if r.hay == "" {
		r.hay = fold(r.x.Label + " " + v.files[r.x.Source] + " " + r.x.Type + " " + r.x.Date + " " + r.x.Author + " " + r.x.Words)
	}
	for _, t := range terms {
		if !strings.Contains(r.hay, t) {
			return false
		}
	}
	return true
}

func kindName(r *rec) string {
	switch record.Kind(r.x.Kind) {
	case record.FHIR:
		return r.x.Type
	case record.Note:
		return "note"
	case record.Document:
		return "document"
	case 0:
		return ""
	}
	return "newer"
}

// facets lists the named values, the most frequent first.
func facets(counts map[string]int) []Facet {
	var out []Facet
	for name, n := range counts {
		if name != "" {
			out = append(out, Facet{name, n})
		}
	}
	slices.SortFunc(out, func(a, b Facet) int {
		return cmp.Or(cmp.Compare(b.Count, a.Count), cmp.Compare(a.Name, b.Name))
	})
	return out[:min(len(out), maxFacets)]
}

// sorted is everything that can be a line, newest first: links, then the content's own date or else the day it was
// written, then time. Until witnesses certify times, the author's clock is the time. Source: spec/folder.md §7.
func (v *view) sorted() []*rec {
	if v.order != nil {
		return v.order
	}
	v.order, v.refers, v.hides = make([]*rec, 0, len(v.recs)), map[block.ID][]*rec{}, map[block.ID]*rec{}
	for _, r := range v.recs {
		r.key = ""
		switch k := record.Kind(r.x.Kind); {
		case k == record.Hide && v.owners[r.chain]:
			for _, id := range r.x.Refs {
				v.hides[id] = later(v.hides[id], r)
			}
		case !r.opened && k == 0, listed(k):
			v.order = append(v.order, r)
			for _, id := range r.x.Refs {
				v.refers[id] = append(v.refers[id], r)
			}
		}
	}
	for _, r := range v.order {
		v.place(r, 0)
	}
	slices.SortFunc(v.order, newer)
	for _, list := range v.refers {
		slices.SortFunc(list, newer)
	}
	return v.order
}

// place gives r what it sorts by: its own date and time, yet never below what it refers to.
func (v *view) place(r *rec, depth int) {
	if r.key != "" {
		return
	}
	r.key, r.keyMS = dateKey(r), r.x.TimeMS
	if depth > record.MaxRefs {
		return // so long a row of answers stands by its dates alone
	}
	for _, id := range r.x.Refs {
		to := v.recs[id]
		if to == nil || !to.opened {
			continue
		}
		v.place(to, depth+1)
		if to.key > r.key {
			r.key, r.keyMS = to.key, max(r.keyMS, to.keyMS+1)
		} else if to.key == r.key {
			r.keyMS = max(r.keyMS, to.keyMS+1)
		}
	}
}

func newer(a, b *rec) int {
	switch { // one after the other: most lines differ by their date
	case a.key != b.key:
		return strings.Compare(b.key, a.key)
	case a.keyMS != b.keyMS:
		return cmp.Compare(b.keyMS, a.keyMS)
	case a.chain != b.chain:
		return bytes.Compare(b.chain[:], a.chain[:])
	}
	return cmp.Compare(b.seq, a.seq)
}

// dateKey is the content's date as received, else the day it was written.
func dateKey(r *rec) string {
	if len(r.x.Date) >= 4 {
		return r.x.Date
	}
	return isoDay(int64(r.at))
}

// The letters of U+00C0…U+017F without their marks, lower case; "." stands for two letters, "*" for none.
const latin = "aaaaaa.ceeeeiiiidnooooo*ouuuuy..aaaaaa.ceeeeiiiidnooooo*ouuuuy.y" +
	"aaaaaaccccccccddddeeeeeeeeeegggggggghhhhiiiiiiiiii..jjkkkllllllllllnnnnnnnnnoooooo..rrrrrrssssssssttttttuuuuuuuuuuuuwwyyyzzzzzzs"

func latinPair(r rune) string {
	switch r {
	case 'Æ', 'æ':
		return "ae"
	case 'Þ', 'þ':
		return "th"
	case 'ß':
		return "ss"
	case 'Ĳ', 'ĳ':
		return "ij"
	}
	return "oe"
}

// The letters of U+1EA0…U+1EF9, Vietnamese.
const vietnamese = "aaaaaaaaaaaaaaaaaaaaaaaaeeeeeeeeeeeeeeeeiiiioooooooooooooooooooooooouuuuuuuuuuuuuuyyyyyyyy"

// fold makes words comparable as people type them: lower case, without accents; Arabic without vowel signs and
// tatweel, one alef, one ya, one ha; any digits as 0 to 9.
func fold(s string) string {
	ascii := true
	for i := range len(s) {
		ascii = ascii && s[i] < utf8.RuneSelf
	}
	if ascii {
		return strings.ToLower(s)
	}
	var b strings.Builder
	b.Grow(len(s))
	for _, r := range s {
		foldRune(&b, r)
	}
	return b.String()
}

func foldRune(b *strings.Builder, r rune) {
	switch {
	case r >= 'A' && r <= 'Z':
		b.WriteByte(byte(r) + 'a' - 'A')
	case r < utf8.RuneSelf:
		b.WriteByte(byte(r))
	case r >= 0xc0 && r <= 0x17f:
		switch c := latin[r-0xc0]; c {
		case '*':
		case '.':
			b.WriteString(latinPair(r))
		default:
			b.WriteByte(c)
		}
	case r >= 0x1ea0 && r <= 0x1ef9:
		b.WriteByte(vietnamese[r-0x1ea0])
	case r >= 0x300 && r <= 0x36f, r >= 0x591 && r <= 0x5c7, r >= 0x64b && r <= 0x65f, r == 0x670, r == 0x640, r >= 0x200b && r <= 0x200f:
		// combining marks, Hebrew points, Arabic vowel signs, tatweel, invisible ones
	case r >= 0x660 && r <= 0x669, r >= 0x6f0 && r <= 0x6f9, r >= 0x966 && r <= 0x96f:
		b.WriteByte('0' + byte(digitOf(r)))
	default:
		b.WriteRune(oneLetter(unicode.ToLower(r)))
	}
}

func digitOf(r rune) rune {
	for _, zero := range [...]rune{0x660, 0x6f0} {
		if r >= zero && r <= zero+9 {
			return r - zero
		}
	}
	return r - 0x966
}

// oneLetter gives the letter that stands for those which people use alike.
func oneLetter(r rune) rune {
	switch r {
	case 'أ', 'إ', 'آ', 'ٱ':
		return 'ا'
	case 'ى', 'ی', 'ئ':
		return 'ي'
	case 'ة':
		return 'ه'
	case 'ؤ':
		return 'و'
	case 'ک':
		return 'ك'
	case 'ё':
		return 'е'
	case 'ά':
		return 'α'
	case 'έ':
		return 'ε'
	case 'ή':
		return 'η'
	case 'ί', 'ϊ', 'ΐ':
		return 'ι'
	case 'ό':
		return 'ο'
	case 'ύ', 'ϋ', 'ΰ':
		return 'υ'
	case 'ώ':
		return 'ω'
	case 'ς':
		return 'σ'
	}
	return r
}
