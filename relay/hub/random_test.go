package hub_test

import (
	"bytes"
	"flag"
	"fmt"
	"maps"
	"math/rand/v2"
	"testing"

	"github.com/anamnesis-health/anamnesis/shared/folder"
	"github.com/anamnesis-health/anamnesis/shared/record"
	"github.com/anamnesis-health/anamnesis/shared/sim"
	"pgregory.net/rapid"
)

// lives is one owner and two readers who write, share, ask, stop, lose their connection, their tab and their power in
// any order.
type lives struct {
	*town
	owner   *sim.Device
	readers []*sim.Device
	rng     *rand.Rand
	notes   map[string]bool   // what the owner was told is saved
	theirs  []map[string]bool // what each reader was told is saved
	files   map[string][]byte
	stopped map[string]map[string]bool // by grant: what had been given when it was stopped
	count   int
}

func (l *lives) all() []*sim.Device { return append([]*sim.Device{l.owner}, l.readers...) }

func (l *lives) name() string { l.count++; return fmt.Sprintf("thing %d", l.count) }

// given lists the titles that the owner's journal says were released, by grant.
func (l *lives) given() map[string]map[string]bool {
	looked, err := l.owner.Engine.WhoLooked()
	l.must(err)
	out := map[string]map[string]bool{}
	for _, v := range looked {
		if v.State != "given" {
			continue
		}
		g := v.Grant.String()
		if out[g] == nil {
			out[g] = map[string]bool{}
		}
		for _, title := range v.Titles {
			out[g][title] = true
		}
	}
	return out
}

// check holds after every step.
func (l *lives) check(t *rapid.T) {
	mine := has(l.town, l.owner)
	for n := range l.notes {
		if !mine[n] {
			t.Fatalf("SavedStays: the owner lost %q", n)
		}
	}
	given := l.given()
	every := map[string]bool{}
	for _, titles := range given {
		maps.Copy(every, titles)
	}
	for g, titles := range l.stopped {
		for title := range given[g] {
			if !titles[title] {
				t.Fatalf("RevokedStays: %q was given after the stop", title)
			}
		}
	}
	for i, r := range l.readers {
		list, err := r.Engine.SharedFolders()
		l.must(err)
		for _, f := range list {
			for _, it := range l.timeline(r, f.ID) {
				if it.Failed != "" {
					t.Fatalf("reader %d: %+v", i, it)
				}
				if it.Opened && !every[it.Label] && !l.theirs[i][it.Label] {
					t.Fatalf("AccessFirst: reader %d has %q open, which nobody journaled", i, it.Label)
				}
				if it.Opened && f.State != "active" {
					t.Fatalf("reader %d has %q open in a folder that is %s", i, it.Label, f.State)
				}
			}
		}
	}
}

func (l *lives) reopen(d *sim.Device, power bool) {
	l.disconnect(d)
	if power {
		room := d.Room
		d.MemDisk = d.Crash(l.rng)
		d.Room = room
	}
	l.must(d.Restart())
	l.must(d.Engine.Unlock([]byte(passphrase)))
}

func (l *lives) online(d *sim.Device) {
	if !d.Wired {
		l.connect(d)
	}
}

// TestRandomLives checks SavedStays, AccessFirst, RevokedStays and SameBytes after every step of random lives, and
// that all sides agree in the end.
func TestRandomLives(t *testing.T) {
	if f := flag.Lookup("rapid.checks"); f != nil && f.Value.String() == "100" {
		l := f.Value.String()
		_ = flag.Set("rapid.checks", "4") // a life takes about a second: its passphrases are stretched
		defer func() { _ = flag.Set("rapid.checks", l) }()
	}
	if f := flag.Lookup("rapid.seed"); f != nil && f.Value.String() == "0" {
		_ = flag.Set("rapid.seed", "20261120") // the gate repeats itself; -rapid.seed and -rapid.checks go further
		defer func() { _ = flag.Set("rapid.seed", "0") }()
	}
	rapid.Check(t, func(r *rapid.T) {
		l := &lives{town: newTown(t), rng: rand.New(rand.NewPCG(rapid.Uint64().Draw(r, "power"), 1)), notes: map[string]bool{}, files: map[string][]byte{}, stopped: map[string]map[string]bool{}}
		l.owner, _ = l.patient(1, "Amina")
		for i := range 2 {
			l.readers = append(l.readers, l.reader(byte(2+i), fmt.Sprintf("Dr. %d", i)))
			l.theirs = append(l.theirs, map[string]bool{})
		}
		pick := func() int { return rapid.IntRange(0, 1).Draw(r, "reader") }
		folderOf := func(d *sim.Device) (folder.SharedView, bool) {
			list, err := d.Engine.SharedFolders()
			l.must(err)
			if len(list) == 0 {
				return folder.SharedView{}, false
			}
			return list[0], true
		}
		r.Repeat(map[string]func(*rapid.T){
			"note": func(*rapid.T) {
				n := l.name()
				_, err := l.owner.Engine.WriteNote(folder.Own, 1, n, nil)
				l.must(err)
				l.notes[n] = true
			},
			"import": func(rt *rapid.T) {
				if len(l.files) >= 2 {
					rt.Skip()
				}
				n := l.name()
				file := []byte(fmt.Sprintf(`{"resourceType":"Bundle","type":"collection","entry":[ {"resource":{"resourceType":"Condition","code":{"text":%q}}} ]}`, n))
				l.importFile(l.owner, file)
				l.files[n] = file
				l.notes[n] = true
				l.owner.ClockMS += 1000
			},
			"full disk": func(*rapid.T) {
				l.owner.Room = l.owner.Used() + int64(l.rng.IntN(2000))
				n := l.name()
				if _, err := l.owner.Engine.WriteNote(folder.Own, 1, n, nil); err == nil {
					l.notes[n] = true
				} else if has(l.town, l.owner)[n] {
					r.Fatalf("%q was refused and is listed", n)
				}
				l.owner.Room = 0
			},
			"share": func(rt *rapid.T) {
				d := l.readers[pick()]
				if f, ok := folderOf(d); ok && f.State == "active" {
					rt.Skip()
				}
				l.online(l.owner)
				l.online(d)
				l.share(l.owner, d)
			},
			"ask": func(rt *rapid.T) {
				d := l.readers[pick()]
				f, ok := folderOf(d)
				if !ok || f.State != "active" || f.Unopened == 0 {
					rt.Skip()
				}
				_, _, err := d.AskAll(f.ID, "visit", "")
				l.must(err)
				l.settle()
			},
			"reader's note": func(rt *rapid.T) {
				i := pick()
				f, ok := folderOf(l.readers[i])
				if !ok || f.State != "active" {
					rt.Skip()
				}
				n := l.name()
				_, err := l.readers[i].Engine.WriteNote(f.ID, 1, n, nil)
				l.must(err)
				l.theirs[i][n] = true
				l.settle()
			},
			"verdict": func(rt *rapid.T) {
				for _, it := range l.timeline(l.owner, folder.Own) {
					if it.Standing == "proposed" {
						_, err := l.owner.Engine.Verdict(it.ID, record.Accept, "")
						l.must(err)
						return
					}
				}
				rt.Skip()
			},
			"stop": func(rt *rapid.T) {
				grants, err := l.owner.Engine.Grants()
				l.must(err)
				for _, g := range grants {
					if g.State == "active" {
						l.must(l.owner.Engine.StopSharing(g.Chain))
						titles := l.given()[g.Chain.String()]
						if titles == nil {
							titles = map[string]bool{}
						}
						l.stopped[g.Chain.String()] = titles
						l.settle()
						return
					}
				}
				rt.Skip()
			},
			"connect":    func(*rapid.T) { l.online(l.all()[rapid.IntRange(0, 2).Draw(r, "who")]) },
			"disconnect": func(*rapid.T) { l.disconnect(l.all()[rapid.IntRange(0, 2).Draw(r, "who")]) },
			"reload":     func(*rapid.T) { l.reopen(l.all()[rapid.IntRange(0, 2).Draw(r, "who")], false) },
			"power cut":  func(*rapid.T) { l.reopen(l.all()[rapid.IntRange(0, 2).Draw(r, "who")], true) },
			"time": func(*rapid.T) {
				ms := int64(rapid.IntRange(1, 3_600_000).Draw(r, "ms"))
				for _, d := range l.all() {
					l.wait(d, ms)
				}
			},
			"": l.check,
		})
		l.converge(r, folderOf)
	})
}

func (l *lives) converge(r *rapid.T, folderOf func(*sim.Device) (folder.SharedView, bool)) {
	for range 2 {
		for _, d := range l.all() {
			l.online(d)
			l.wait(d, 30_000)
		}
	}
	for _, d := range l.readers {
		if f, ok := folderOf(d); ok && f.State == "active" && f.Unopened > 0 {
			_, _, err := d.AskAll(f.ID, "visit", "")
			l.must(err)
			l.settle()
		}
	}
	for range 2 {
		for _, d := range l.all() {
			l.wait(d, 30_000)
		}
	}
	l.check(r)
	mine := has(l.town, l.owner)
	for i, d := range l.readers {
		for n := range l.theirs[i] {
			if !mine[n] {
				r.Fatalf("the owner never got %q", n)
			}
		}
		f, ok := folderOf(d)
		if !ok || f.State != "active" {
			continue
		}
		if f.Unopened != 0 {
			r.Fatalf("reader %d still has %d closed: %+v", i, f.Unopened, f)
		}
		lines := map[string]bool{}
		for _, it := range l.timeline(d, f.ID) {
			lines[it.Label] = true
		}
		if !maps.Equal(lines, mine) {
			r.Fatalf("reader %d lists %v, the owner %v", i, lines, mine)
		}
	}
	for _, d := range l.all() {
		if saved, _ := d.Engine.OutboxCounts(); saved != 0 {
			rows, _, _, _ := d.Engine.Outbox()
			r.Fatalf("%d never reach the relay: %+v", saved, rows[0])
		}
	}
	sources, err := l.owner.Engine.Sources()
	l.must(err)
	if len(sources) != len(l.files) {
		r.Fatalf("%d of %d files", len(sources), len(l.files))
	}
	for _, s := range sources {
		_, out, err := l.owner.Engine.ExportSource(s.ID)
		l.must(err)
		found := false
		for _, f := range l.files {
			found = found || bytes.Equal(f, out)
		}
		if !found {
			r.Fatalf("SameBytes: %q", out)
		}
	}
}
