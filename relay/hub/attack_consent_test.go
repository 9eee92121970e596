package hub_test

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/anamnesis-health/anamnesis/shared/block"
	"github.com/anamnesis-health/anamnesis/shared/folder"
	"github.com/anamnesis-health/anamnesis/shared/gossip"
	"github.com/anamnesis-health/anamnesis/shared/record"
	"github.com/anamnesis-health/anamnesis/shared/sim"
)

const day = int64(86_400_000)

// meetWith lets two devices meet and gives terms.
func (w *town) meetWith(owner, reader *sim.Device, terms folder.Terms) {
	w.t.Helper()
	invite, err := owner.Engine.StartMeeting(terms)
	w.must(err)
	w.settle()
	w.must(reader.Engine.JoinMeeting(strings.Join(invite.Words, " ")))
	w.settle()
	w.must(reader.Engine.MeetConfirm())
	w.settle()
	w.must(owner.Engine.MeetConfirm())
	w.settle()
	if m := reader.Engine.Meeting(); m.Step != "done" {
		w.t.Fatalf("met: %+v", m)
	}
}

// refusal asks and says how the owner journaled it and how many records the reader then has open.
func (w *town) refusal(owner, reader *sim.Device, ids []block.ID) (folder.LookedView, int) {
	w.t.Helper()
	before, err := owner.Engine.WhoLooked()
	w.must(err)
	ask := func() (block.ID, int, error) { return reader.AskAll(only(w.t, reader).ID, "visit", "") }
	if ids != nil {
		ask = func() (block.ID, int, error) { return reader.Engine.Ask(only(w.t, reader).ID, ids, "visit", "") }
	}
	id, _, err := ask()
	w.must(err)
	w.settle()
	if looked, _ := owner.Engine.WhoLooked(); len(looked) == len(before) { // a tag of the day after tomorrow: asked for by range
		w.wait(owner, 30_000)
		w.wait(reader, 30_000)
	}
	looked, err := owner.Engine.WhoLooked()
	w.must(err)
	i := slices.IndexFunc(looked, func(l folder.LookedView) bool { return l.Access == id })
	if i < 0 || len(looked) != len(before)+1 {
		w.t.Fatalf("the access was not journaled: %+v", looked)
	}
	f := only(w.t, reader)
	return looked[i], f.Records - f.Unopened
}

// TestReleaseIsRefused: what an owner's device never gives, however a reader asks for it.
func TestReleaseIsRefused(t *testing.T) {
	t.Run("another section and a record list", func(t *testing.T) {
		w := newTown(t)
		owner, _ := w.patient(1, "Amina")
		reader := w.reader(2, "Dr. Lin")
		w.connect(owner)
		w.connect(reader)
		mental, err := owner.Engine.WriteNote(folder.Own, 2, "mental health", nil)
		w.must(err)
		first, err := owner.Engine.WriteNote(folder.Own, 1, "listed", nil)
		w.must(err)
		second, err := owner.Engine.WriteNote(folder.Own, 1, "not listed", nil)
		w.must(err)
		w.settle()
		w.meetWith(owner, reader, folder.Terms{Sections: []uint8{1}, Records: []block.ID{first}, UntilMS: w.now.UnixMilli() + day})
		l, opened := w.refusal(owner, reader, []block.ID{mental, first, second})
		if l.State != "given" || l.Count != 3 || opened != 1 {
			t.Fatalf("%d opened, %+v", opened, l)
		}
		if l, _ = w.refusal(owner, reader, []block.ID{mental}); l.State != "refused" {
			t.Fatalf("another section: %+v", l)
		}
		if l, _ = w.refusal(owner, reader, []block.ID{second}); l.State != "refused" {
			t.Fatalf("not in the list: %+v", l)
		}
		unknown := make([]block.ID, 20)
		for i := range unknown {
			unknown[i] = block.ID{byte(i), 1}
		}
		if l, _ = w.refusal(owner, reader, unknown); l.State != "refused" || l.Count != 0 || l.Unknown < 10 {
			t.Fatalf("unknown records: %+v", l)
		}
		if _, err := reader.Engine.WriteNote(only(t, reader).ID, 1, "without the right", nil); err == nil {
			t.Fatal("wrote without the right to")
		}
	})
	t.Run("expired", func(t *testing.T) {
		w := newTown(t)
		owner, reader := w.pair(2)
		owner.ClockMS += 2 * day
		if l, opened := w.refusal(owner, reader, nil); l.State != "refused" || l.Why != "access/expired" || opened != 0 {
			t.Fatalf("%d opened, %+v", opened, l)
		}
		reader.ClockMS += 2 * day
		if _, _, err := reader.AskAll(only(t, reader).ID, "visit", ""); err == nil {
			t.Fatal("asked after the end")
		}
	})
	t.Run("stopped, and the relay hides it", func(t *testing.T) {
		w := newTown(t)
		owner, reader := w.pair(2)
		w.blocksTo(reader, func(b *block.Block) *block.Block {
			if b.Header.Kind == block.KindRevoke {
				return nil
			}
			return b
		})
		w.must(owner.Engine.StopSharing(only(t, reader).Grant))
		w.settle()
		l, opened := w.refusal(owner, reader, nil)
		if l.State != "refused" || l.Why != "access/stopped" || opened != 0 {
			t.Fatalf("%d opened, %+v", opened, l)
		}
		// nor after the owner's tab was closed and opened
		w.disconnect(owner)
		w.must(owner.Restart())
		w.must(owner.Engine.Unlock([]byte(passphrase)))
		w.connect(owner)
		if l, opened = w.refusal(owner, reader, nil); l.State != "refused" || opened != 0 {
			t.Fatalf("after a restart %d opened, %+v", opened, l)
		}
	})
	t.Run("asked before, answered after the stop", func(t *testing.T) {
		w := newTown(t)
		owner, reader := w.pair(2)
		w.disconnect(owner)
		_, _, err := reader.AskAll(only(t, reader).ID, "visit", "")
		w.must(err)
		w.settle()
		w.must(owner.Engine.StopSharing(only(t, reader).Grant))
		w.connect(owner)
		w.settle()
		if f := only(t, reader); f.State != "stopped" || f.Unopened != f.Records {
			t.Fatalf("%+v", f)
		}
		if looked, _ := owner.Engine.WhoLooked(); len(looked) != 1 || looked[0].State != "refused" {
			t.Fatalf("%+v", looked)
		}
	})
}

// TestClocksTwoDaysOff: a wrong clock loses nothing and reorders nothing.
func TestClocksTwoDaysOff(t *testing.T) {
	for _, off := range []int64{-2 * day, 2 * day} {
		w := newTown(t)
		owner, _ := w.patient(1, "Amina")
		reader := w.reader(2, "Dr. Lin")
		w.connect(owner)
		w.connect(reader)
		w.importFile(owner, bundle(2))
		w.settle()
		w.meetWith(owner, reader, folder.Terms{Sections: []uint8{1}, UntilMS: w.now.UnixMilli() + 10*day, CanWrite: true})
		reader.ClockMS += off
		w.wait(reader, 1000)
		if l, opened := w.refusal(owner, reader, nil); l.State != "given" || opened != 2 {
			t.Fatalf("reader %d days off: %d opened, %+v", off/day, opened, l)
		}
		owner.ClockMS += off
		w.wait(owner, 1000)
		_, err := reader.Engine.WriteNote(only(t, reader).ID, 1, "a note by a wrong clock", nil)
		w.must(err)
		w.settle()
		w.wait(owner, 30_000)
		if n := owner.Engine.NeedsYou(); n != 1 {
			t.Fatalf("%d days off: %d need the owner", off/day, n)
		}
		_, err = owner.Engine.WriteNote(folder.Own, 1, "by a wrong clock", nil)
		w.must(err)
		w.must(owner.Restart())
		w.must(owner.Engine.Unlock([]byte(passphrase)))
		owner.ClockMS -= off
		w.connect(owner)
		w.wait(owner, 1000)
		if lines := w.timeline(owner, folder.Own); len(lines) != 4 {
			t.Fatalf("%d days off: %+v", off/day, lines)
		}
		if saved, _ := owner.Engine.OutboxCounts(); saved != 0 {
			t.Fatalf("%d days off: %d wait", off/day, saved)
		}
	}
}

// TestPromise3AccessFirst, in its interim form: when a SHARE leaves the owner's device, an access that says who, what
// and why is on its disk already, whatever happens next; before that nothing opens.
func TestPromise3AccessFirst(t *testing.T) {
	w := newTown(t)
	owner, reader := w.pair(5)
	rng := rand.New(rand.NewPCG(3, 3))
	var after []*sim.MemDisk
	w.heard = func(frame []byte) {
		m, err := gossip.Parse(frame)
		w.must(err)
		if _, ok := m.(*gossip.Share); ok {
			after = append(after, owner.Crash(rng))
		}
	}
	f := only(t, reader)
	for _, it := range w.timeline(reader, f.ID) {
		if it.Opened || it.Label != "" || it.Type != "" || it.Author != "" {
			t.Fatalf("before any access: %+v", it)
		}
		if _, err := reader.Engine.OpenRecord(f.ID, it.ID); err == nil {
			t.Fatal("opened before any access")
		}
	}
	items := w.timeline(reader, f.ID)
	_, _, err := reader.Engine.Ask(f.ID, []block.ID{items[1].ID, items[3].ID}, "visit", "the reason")
	w.must(err)
	w.settle()
	if len(after) != 1 {
		t.Fatalf("%d answers left", len(after))
	}
	seen := w.device(9)
	seen.MemDisk = after[0]
	w.must(seen.Restart())
	w.must(seen.Engine.Unlock([]byte(passphrase)))
	looked, err := seen.Engine.WhoLooked()
	w.must(err)
	if len(looked) != 1 || looked[0].State != "given" || looked[0].Count != 2 || looked[0].Reader != "Dr. Lin Wei" || looked[0].Text != "the reason" || len(looked[0].Titles) != 2 {
		t.Fatalf("what the disk said when the answer left: %+v", looked)
	}
	for _, it := range w.timeline(reader, f.ID) {
		if want := it.ID == items[1].ID || it.ID == items[3].ID; it.Opened != want {
			t.Fatalf("%s: opened %v", it.ID, it.Opened)
		}
	}
}

// TestPromise4NothingAfterTheStop: what was opened goes dark, nothing more is given, other readers go on.
func TestPromise4NothingAfterTheStop(t *testing.T) {
	w := newTown(t)
	owner, lin := w.pair(3)
	sara := w.reader(3, "Dr. Sara")
	w.connect(sara)
	w.share(owner, sara)
	for _, d := range []*sim.Device{lin, sara} {
		_, _, err := d.AskAll(only(t, d).ID, "visit", "")
		w.must(err)
	}
	w.settle()
	w.must(owner.Engine.StopSharing(only(t, lin).Grant))
	later, err := owner.Engine.WriteNote(folder.Own, 1, "written after the stop", nil)
	w.must(err)
	w.settle()
	f := only(t, lin)
	for _, it := range w.timeline(lin, f.ID) {
		if it.Opened || it.Label != "" || it.ID == later {
			t.Fatalf("after the stop: %+v", it)
		}
	}
	g := only(t, sara)
	if g.State != "active" || g.Unopened != 1 {
		t.Fatalf("the other reader: %+v", g)
	}
	if _, opened := w.refusal(owner, sara, []block.ID{later}); opened != 4 {
		t.Fatalf("the other reader opened %d", opened)
	}
	// her own note after it, under the new keys, reaches the owner
	_, err = sara.Engine.WriteNote(g.ID, 1, "under the new keys", nil)
	w.must(err)
	w.settle()
	for _, it := range w.timeline(owner, folder.Own) {
		if it.Failed != "" {
			t.Fatalf("%+v", it)
		}
	}
	if owner.Engine.NeedsYou() != 1 {
		t.Fatal("the note did not arrive")
	}
}

// TestManyStops: revoking works, and so does granting, after more key epochs than a GRANT has room for.
func TestManyStops(t *testing.T) {
	w := newTown(t)
	owner, reader := w.pair(1)
	terms := folder.Terms{Sections: []uint8{1, 2, 3, 4, 5, 6}, UntilMS: w.now.UnixMilli() + day, CanWrite: true}
	for range 12 { // 6 sections × 12 epochs are more scopes than a GRANT has room for
		grants, err := owner.Engine.Grants()
		w.must(err)
		w.must(owner.Engine.StopSharing(grants[0].Chain))
		w.settle()
		w.meetWith(owner, reader, terms)
	}
	last, err := owner.Engine.WriteNote(folder.Own, 1, "after many stops", nil)
	w.must(err)
	w.settle()
	if _, opened := w.refusal(owner, reader, []block.ID{last}); opened == 0 {
		t.Fatal("nothing opened")
	}
	w.must(owner.Restart())
	w.must(owner.Engine.Unlock([]byte(passphrase)))
}

// TestReaderOfflineKeepsItsNote: what a reader wrote with no relay in sight is there after a restart, opens without
// asking, and reaches the owner.
func TestReaderOfflineKeepsItsNote(t *testing.T) {
	w := newTown(t)
	owner, reader := w.pair(1)
	w.disconnect(reader)
	id, err := reader.Engine.WriteNote(only(t, reader).ID, 1, "written offline", nil)
	w.must(err)
	w.must(reader.Restart())
	w.must(reader.Engine.Unlock([]byte(passphrase)))
	reader.Engine.Tick()
	if saved, _ := reader.Engine.OutboxCounts(); saved == 0 {
		t.Fatal("nothing waits for the relay")
	}
	o, err := reader.Engine.OpenRecord(only(t, reader).ID, id)
	if err != nil || string(o.Content) != "written offline" || o.Item.Sent {
		t.Fatalf("%+v %v", o, err)
	}
	w.connect(reader)
	w.settle()
	if owner.Engine.NeedsYou() != 1 {
		t.Fatal("the note did not arrive")
	}
	_, err = owner.Engine.Verdict(id, record.Dispute, "not so")
	w.must(err)
	if _, err = reader.Engine.Verdict(id, record.Accept, ""); err == nil {
		t.Fatal("a reader judged")
	}
}
