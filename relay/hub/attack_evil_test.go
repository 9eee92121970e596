package hub_test

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	"github.com/anamnesis-health/anamnesis/relay/hub/hubtest"
	"github.com/anamnesis-health/anamnesis/shared/block"
	"github.com/anamnesis-health/anamnesis/shared/folder"
	"github.com/anamnesis-health/anamnesis/shared/gossip"
	"github.com/anamnesis-health/anamnesis/shared/sim"
)

// pair is an owner with imported records and a reader to whom the general section is open, both connected.
func (w *town) pair(records int) (owner, reader *sim.Device) {
	w.t.Helper()
	owner, _ = w.patient(1, "Amina Haddad")
	reader = w.reader(2, "Dr. Lin Wei")
	w.connect(owner)
	w.connect(reader)
	w.importFile(owner, bundle(records))
	w.settle()
	w.share(owner, reader)
	return owner, reader
}

func (w *town) timeline(d *sim.Device, id folder.ID) []folder.Item {
	w.t.Helper()
	items, _, err := d.Engine.Timeline(id, folder.Query{Limit: 500})
	w.must(err)
	return items
}

// blocksTo lets change see each block that goes to a device; what it returns goes on, nil is withheld.
func (w *town) blocksTo(victim *sim.Device, change func(*block.Block) *block.Block) {
	w.tamper = func(to *sim.Device, frame []byte) []byte {
		m, err := gossip.Parse(frame)
		b, ok := m.(*gossip.Blocks)
		if err != nil || !ok || to != victim {
			return frame
		}
		var out gossip.Bins
		for _, raw := range b.Blocks {
			blk, err := block.Parse(raw)
			if err != nil {
				w.t.Fatal(err)
			}
			if blk = change(blk); blk != nil {
				out = append(out, blk.Encode())
			}
		}
		b.Blocks = out
		return gossip.Frame(b)
	}
}

// wait lets time pass for a device, and what that brings be carried.
func (w *town) wait(d *sim.Device, ms int64) {
	w.t.Helper()
	d.ClockMS += ms
	w.settle() // the first round only ticks
	w.settle()
}

func isRecord(b *block.Block) bool { return b.Header.Kind == block.KindRecord }

// TestAttackA01 lets the relay serve one record's payload, or one part of it, under another's header.
func TestAttackA01(t *testing.T) {
	for name, swap := range map[string]func(mine, other *block.Block){
		"payload":  func(mine, other *block.Block) { mine.Parts = other.Parts },
		"age file": func(mine, other *block.Block) { mine.Parts = [][]byte{other.Parts[0], mine.Parts[1]} },
		"key part": func(mine, other *block.Block) { mine.Parts = [][]byte{mine.Parts[0], other.Parts[1]} },
		"turned":   func(mine, _ *block.Block) { mine.Parts = [][]byte{mine.Parts[1], mine.Parts[0]} },
	} {
		w := newTown(t)
		owner, _ := w.patient(1, "Amina")
		reader := w.reader(2, "Dr. Lin")
		w.connect(owner)
		w.connect(reader)
		w.importFile(owner, bundle(3))
		w.settle()
		var first *block.Block
		fired := 0
		w.blocksTo(reader, func(b *block.Block) *block.Block {
			if !isRecord(b) || len(b.Parts[0]) == 0 {
				return b
			}
			if first == nil {
				first = b
				return b
			}
			c := *b
			swap(&c, first)
			fired++
			return &c
		})
		w.share(owner, reader)
		f := only(t, reader)
		_, _, _ = reader.AskAll(f.ID, "visit", "")
		w.settle()
		if fired == 0 {
			t.Fatalf("%s: nothing was swapped", name)
		}
		for _, it := range w.timeline(reader, f.ID) {
			if it.ID == first.ID {
				continue
			}
			t.Errorf("%s: %s is listed as %q, opened %v", name, it.ID, it.Label, it.Opened)
		}
		w.tamper = nil // an honest relay again: everything comes
		w.disconnect(reader)
		w.connect(reader)
		if f := only(t, reader); f.Records != 3 {
			t.Errorf("%s: %d records from an honest relay", name, f.Records)
		}
	}
}

// TestAttackA02 replaces keys that travel: a SHARE's body, its access, its signature.
func TestAttackA02(t *testing.T) {
	w := newTown(t)
	_, reader := w.pair(9)
	id := only(t, reader).ID
	items := w.timeline(reader, id)
	var old *gossip.Share
	w.tamper = func(to *sim.Device, frame []byte) []byte {
		if m, err := gossip.Parse(frame); err == nil && to == reader {
			if s, ok := m.(*gossip.Share); ok {
				old = s
			}
		}
		return frame
	}
	_, _, err := reader.Engine.Ask(id, []block.ID{items[0].ID}, "visit", "")
	w.must(err)
	w.settle()
	if f := only(t, reader); f.Unopened != 8 || old == nil {
		t.Fatalf("the control opened %d", 9-f.Unopened)
	}
	for i, c := range []struct {
		name   string
		change func(s *gossip.Share)
	}{
		{"body", func(s *gossip.Share) { s.Body[len(s.Body)/2] ^= 1 }},
		{"salt", func(s *gossip.Share) { s.Salt[0] ^= 1 }},
		{"signature", func(s *gossip.Share) { s.Signature[9] ^= 1 }},
		{"no signer", func(s *gossip.Share) { s.Signature = nil }},
		{"seat", func(s *gossip.Share) { s.Seat = 1 }},
		{"another access's answer", func(s *gossip.Share) { s.Body, s.Salt, s.Signature = old.Body, old.Salt, old.Signature }},
		{"forged", func(s *gossip.Share) {
			s.Signature = block.Sign(w.net.Net(), hubtest.Key("eve", 0), block.SigRelease, s.SignedShare())
		}},
	} {
		fired := 0
		w.tamper = func(to *sim.Device, frame []byte) []byte {
			m, err := gossip.Parse(slices.Clone(frame)) // the relay keeps what it sent
			s, ok := m.(*gossip.Share)
			if err != nil || !ok || to != reader {
				return frame
			}
			c.change(s)
			fired++
			return gossip.Frame(s)
		}
		_, _, err = reader.Engine.Ask(id, []block.ID{items[i+1].ID}, "visit", "")
		w.must(err)
		w.settle()
		if f := only(t, reader); f.Unopened != 8-i || fired == 0 {
			t.Errorf("%s: %d still closed after %d false answers", c.name, f.Unopened, fired)
		}
		w.tamper = nil
		w.wait(reader, 30_000)
		if f := only(t, reader); f.Unopened != 7-i {
			t.Errorf("%s: with the true answer, which the relay keeps, %d are closed", c.name, f.Unopened)
		}
	}
}

// TestAttackA03Folder injects blocks of chains that nobody admitted, sealed as well as an outsider can.
func TestAttackA03Folder(t *testing.T) {
	w := newTown(t)
	owner, reader := w.pair(2)
	lists := func() int { return len(w.timeline(owner, folder.Own)) + len(w.timeline(reader, only(t, reader).ID)) }
	before, held := lists(), owner.Engine.Held()+reader.Engine.Held()
	for i := range 400 {
		eve := w.net.Guest(1000 + i)
		var list gossip.Bins
		list = append(list, eve.Genesis.Encode())
		if i < 4 {
			list = append(list, eve.AddSession().Encode(), eve.Record(600).Encode())
		}
		for _, d := range []*sim.Device{owner, reader} {
			for _, frame := range []gossip.Message{
				&gossip.Blocks{Sub: 1, Cursor: 1 << 40, Blocks: list},
				&gossip.Blocks{Request: uint32(i), Blocks: list},
			} {
				d.Engine.Received(gossip.Frame(frame))
			}
		}
	}
	w.settle()
	if after := lists(); after != before {
		t.Fatalf("%d lines before, %d after", before, after)
	}
	if grown := owner.Engine.Held() + reader.Engine.Held() - held; grown > 2*(256+8) {
		t.Fatalf("an outsider made two devices hold %d blocks", grown)
	}
	if n := owner.Engine.NeedsYou(); n != 0 {
		t.Fatalf("%d wait for the owner's word", n)
	}
	// what is asked for in vain does not stop what is true
	_, _, err := reader.AskAll(only(t, reader).ID, "visit", "")
	w.must(err)
	w.wait(owner, 30_000)
	w.wait(reader, 30_000)
	if f := only(t, reader); f.Unopened != 0 {
		t.Fatalf("after the flood: %+v", f)
	}
}

// TestAttackA04Folder flips bytes of every block on its way to a reader: what was flipped changes nothing, and an
// honest relay mends it.
func TestAttackA04Folder(t *testing.T) {
	const steps = 6
	for step := range steps {
		w := newTown(t)
		owner, _ := w.patient(1, "Amina")
		reader := w.reader(2, "Dr. Lin")
		w.connect(owner)
		w.connect(reader)
		w.importFile(owner, bundle(3))
		w.settle()
		words := map[string]bool{}
		for _, it := range w.timeline(owner, folder.Own) {
			words[it.Label] = true
		}
		fired := 0
		w.tamper = func(to *sim.Device, frame []byte) []byte {
			m, err := gossip.Parse(frame)
			b, ok := m.(*gossip.Blocks)
			if err != nil || !ok || to != reader {
				return frame
			}
			for i := range b.Blocks {
				raw := slices.Clone(b.Blocks[i])
				at := (len(raw)*step/steps + i*7) % len(raw)
				raw[at] ^= 1 << (step % 8)
				b.Blocks[i] = raw
				fired++
			}
			return gossip.Frame(b)
		}
		invite, err := owner.Engine.StartMeeting(folder.Terms{Sections: []uint8{1}, UntilMS: w.now.UnixMilli() + 86_400_000})
		w.must(err)
		w.settle()
		w.must(reader.Engine.JoinMeeting(strings.Join(invite.Words, " ")))
		w.settle()
		w.must(reader.Engine.MeetConfirm())
		w.settle()
		w.must(owner.Engine.MeetConfirm())
		w.settle()
		list, err := reader.Engine.SharedFolders()
		w.must(err)
		if fired == 0 || len(list) != 0 {
			t.Fatalf("step %d: %d flips, %d folders", step, fired, len(list))
		}
		w.tamper = nil
		w.disconnect(reader)
		w.connect(reader)
		w.wait(reader, 30_000)
		if m := reader.Engine.Meeting(); m.Step != "done" {
			t.Fatalf("step %d: with an honest relay the meeting is %+v", step, m)
		}
		f := only(t, reader)
		_, _, err = reader.AskAll(f.ID, "visit", "")
		w.must(err)
		w.settle()
		for _, it := range w.timeline(reader, f.ID) {
			if !it.Opened || !words[it.Label] {
				t.Fatalf("step %d: %+v", step, it)
			}
		}
	}
}

// TestHostileFrames throws mangled copies of every frame of a journey at both engines: nothing panics, nothing of the
// owner's changes.
func TestHostileFrames(t *testing.T) {
	w := newTown(t)
	var seen [][]byte
	w.tamper = func(_ *sim.Device, frame []byte) []byte {
		seen = append(seen, frame)
		return frame
	}
	owner, reader := w.pair(2)
	_, _, err := reader.AskAll(only(t, reader).ID, "visit", "")
	w.must(err)
	w.settle()
	w.tamper = nil
	before := w.timeline(owner, folder.Own)
	for i, frame := range seen {
		for n := range 6 {
			bad := slices.Clone(frame)
			switch n {
			case 0, 1, 2, 3:
				bad[(i*31+n*len(bad)/4)%len(bad)] ^= byte(1 + i%255)
			case 4:
				bad = bad[:len(bad)/2]
			case 5: // whole, again, to the wrong one
			}
			for _, d := range []*sim.Device{owner, reader} {
				d.Engine.Received(bad)
			}
		}
	}
	for _, m := range []gossip.Message{&gossip.Token{}, &gossip.Hello{}, &gossip.Stored{Request: 1, Results: []gossip.Result{{ID: block.ID{1}}}}, &gossip.Fork{},
		&gossip.Heads{Request: 2}, &gossip.Meet{Slot: 9}, &gossip.Share{}, &gossip.Err{Code: "meet/burnt"}, &gossip.Err{Request: 3, Code: "x", RetryAfter: 1<<32 - 1}} {
		owner.Engine.Received(gossip.Frame(m))
		reader.Engine.Received(gossip.Frame(m))
	}
	for i := range 500 {
		owner.Engine.Received(gossip.Frame(&gossip.Err{Code: "invented/" + strings.Repeat("x", i%50)}))
	}
	if n := len(owner.Engine.Notices()); n > 64 {
		t.Fatalf("%d notices", n)
	}
	w.settle()
	after := w.timeline(owner, folder.Own)
	if len(after) != len(before) {
		t.Fatalf("%d lines before, %d after", len(before), len(after))
	}
	for i := range after {
		if after[i].ID != before[i].ID || after[i].Failed != "" {
			t.Fatalf("line %d: %+v", i, after[i])
		}
	}
	w.must(owner.Restart())
	w.must(owner.Engine.Unlock([]byte(passphrase)))
	w.must(reader.Restart())
	w.must(reader.Engine.Unlock([]byte(passphrase)))
}

// TestAttackA18Folder lets the relay be the other side to both: digits differ, so people stop; nothing is granted.
func TestAttackA18Folder(t *testing.T) {
	w := newTown(t)
	reader := w.reader(2, "Dr. Lin Wei")
	owner, _ := w.patient(1, "Amina")
	w.connect(owner)
	w.connect(reader)
	invite, err := owner.Engine.StartMeeting(folder.Terms{Sections: []uint8{1}, UntilMS: w.now.UnixMilli() + 86_400_000})
	w.must(err)
	w.settle()
	// the relay replaces whatever the joiner posts by a post of its own making
	w.tamper = func(to *sim.Device, frame []byte) []byte {
		m, err := gossip.Parse(frame)
		post, ok := m.(*gossip.Meet)
		if err != nil || !ok || to != owner {
			return frame
		}
		post.Body = bytes.Repeat([]byte{byte(post.Slot)}, len(post.Body))
		return gossip.Frame(post)
	}
	w.must(reader.Engine.JoinMeeting(strings.Join(invite.Words, " ")))
	w.settle()
	if m := owner.Engine.Meeting(); m.Step == "compare" || m.Step == "done" {
		t.Fatalf("with a substituted hello: %+v", m)
	}
	if err := owner.Engine.MeetConfirm(); err == nil {
		t.Fatal("granted to nobody")
	}
	if grants, _ := owner.Engine.Grants(); len(grants) != 0 {
		t.Fatalf("granted: %+v", grants)
	}
}

// TestAttackA19Folder: a code for linking a device does nothing where a sharing is joined.
func TestAttackA19Folder(t *testing.T) {
	w := newTown(t)
	reader := w.reader(2, "Dr. Lin")
	var c folder.Code
	for _, text := range []string{
		"https://anamnesis.example/" + c.Path(folder.PurposeDevice, w.net.Net()),
		"https://anamnesis.example/" + c.Path(folder.PurposeShare, block.Net{1}),
		"ANAMNESIS-KIT:1:AAAA", "", strings.Repeat("abandon ", 5),
	} {
		if err := reader.Engine.JoinMeeting(text); err == nil {
			t.Errorf("%q was taken for an invitation", text)
		}
	}
	if m := reader.Engine.Meeting(); m.Step != "none" {
		t.Fatalf("a meeting began: %+v", m)
	}
}

// TestMeetingStops: no grant without both people's word, and none after No match.
func TestMeetingStops(t *testing.T) {
	w := newTown(t)
	owner, _ := w.patient(1, "Amina")
	reader := w.reader(2, "Dr. Lin")
	w.connect(owner)
	w.connect(reader)
	if _, err := owner.Engine.StartMeeting(folder.Terms{UntilMS: w.now.UnixMilli() + 1000}); err == nil {
		t.Fatal("offered no section")
	}
	invite, err := owner.Engine.StartMeeting(folder.Terms{Sections: []uint8{1}, UntilMS: w.now.UnixMilli() + 86_400_000})
	w.must(err)
	w.settle()
	words := invite.Words
	w.must(reader.Engine.JoinMeeting(strings.Join(words, " ")))
	w.settle()
	w.must(owner.Engine.MeetConfirm())
	w.settle()
	if grants, _ := owner.Engine.Grants(); len(grants) != 0 {
		t.Fatal("granted before the reader compared")
	}
	reader.Engine.MeetNoMatch()
	w.settle()
	if m := owner.Engine.Meeting(); m.Step != "refused" || m.Code != "meet/no-match" {
		t.Fatalf("the owner is not told: %+v", m)
	}
	if grants, _ := owner.Engine.Grants(); len(grants) != 0 {
		t.Fatal("granted after No match")
	}
	// a third party under the same words burns the room
	third := w.reader(3, "Dr. Eve")
	w.connect(third)
	w.must(third.Engine.JoinMeeting(strings.Join(words, " ")))
	w.settle()
	if m := third.Engine.Meeting(); m.Step == "compare" || m.Step == "done" {
		t.Fatalf("a third party joined: %+v", m)
	}
	if grants, _ := owner.Engine.Grants(); len(grants) != 0 {
		t.Fatal("granted to a third party")
	}
}
