package hub_test

import (
	"testing"

	"github.com/anamnesis-health/anamnesis/shared/folder"
	"github.com/anamnesis-health/anamnesis/shared/gossip"
	"github.com/anamnesis-health/anamnesis/shared/sim"
)

// FuzzReceived hands an unlocked owner and an unlocked reader whatever a relay may invent, as frames and as HTTP
// answers. Nothing panics, and the owner's folder holds what it held: no line more, none that no longer opens.
func FuzzReceived(f *testing.F) {
	w := newTown(f)
	seen := map[string]bool{}
	w.tamper = func(_ *sim.Device, frame []byte) []byte {
		seen[string(frame)] = true
		return frame
	}
	owner, reader := w.pair(2)
	_, _, err := reader.AskAll(only(f, reader).ID, "visit", "")
	w.must(err)
	w.settle()
	w.tamper = nil
	_, err = owner.Engine.StartMeeting(folder.Terms{Sections: []uint8{1}, LastsMS: 3_600_000}) // so that frames of a meeting are listened to
	w.must(err)
	w.settle()
	for frame := range seen {
		f.Add([]byte(frame))
	}
	for _, m := range []gossip.Message{
		&gossip.Hello{}, &gossip.Auth{}, &gossip.Token{}, &gossip.Sub{}, &gossip.Push{}, &gossip.Stored{}, &gossip.Blocks{},
		&gossip.Heads{}, &gossip.Get{}, &gossip.Meet{}, &gossip.Share{}, &gossip.Fork{}, &gossip.Err{},
	} {
		f.Add(gossip.Frame(m))
	}
	before := len(w.timeline(owner, folder.Own))
	f.Fuzz(func(t *testing.T, b []byte) {
		w.t = t
		for i, d := range []*sim.Device{owner, reader} {
			d.Engine.Received(b)
			d.Engine.Fetched(i, 200, b)
			d.Engine.Tick()
			d.Out, d.Fetches = nil, nil
		}
		lines := w.timeline(owner, folder.Own)
		if len(lines) != before {
			t.Fatalf("%d lines, %d before", len(lines), before)
		}
		for _, l := range lines {
			if l.Failed != "" {
				t.Fatalf("%s: %s", l.ID, l.Failed)
			}
		}
	})
}
