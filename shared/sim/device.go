package sim

import (
	"math/rand/v2"

	"github.com/anamnesis-health/anamnesis/shared/block"
	"github.com/anamnesis-health/anamnesis/shared/folder"
	"github.com/anamnesis-health/anamnesis/shared/govern"
)

// Device is one participant's browser: a disk, a clock, randomness from a seed, an engine, and a wire whose two ends
// the world carries. Restart is a tab closed and opened again.
type Device struct {
	*MemDisk
	Engine *folder.Engine
	// ClockMS is this device's clock, Unix milliseconds.
	ClockMS int64
	// Out holds frames for the relay, In frames from it, Fetches HTTP requests; the world carries them.
	Out     [][]byte
	In      [][]byte
	Fetches []folder.FetchRequest
	// Changes counts how often a screen was told to look again.
	Changes int
	// Wired says whether a socket is open; frames sent without one are dropped.
	Wired bool

	network *govern.Network
	random  *rand.ChaCha8
}

// NewDevice gives an empty browser of a network. Equal seeds draw equal randomness.
func NewDevice(n *govern.Network, seed byte, clockMS int64) (*Device, error) {
	d := &Device{MemDisk: NewMemDisk(), network: n, random: rand.NewChaCha8([32]byte{seed}), ClockMS: clockMS}
	return d, d.Restart()
}

// Restart begins a new engine on what the disk holds.
func (d *Device) Restart() (err error) {
	d.Out, d.Fetches, d.Wired = nil, nil, false
	d.Engine, err = folder.New(d, d.network)
	return err
}

// Now is the device's clock.
func (d *Device) Now() int64 { return d.ClockMS }

// Random fills p from the device's seed.
func (d *Device) Random(p []byte) { _, _ = d.random.Read(p) } // a ChaCha8 never fails

// Send takes a frame for the relay.
func (d *Device) Send(frame []byte) {
	if d.Wired {
		d.Out = append(d.Out, frame)
	}
}

// Changed counts.
func (d *Device) Changed() { d.Changes++ }

// Fetch takes an HTTP request.
func (d *Device) Fetch(r folder.FetchRequest) { d.Fetches = append(d.Fetches, r) }

// AskAll asks to open everything of a folder that is not opened yet, as a person does who shows the whole list first.
func (d *Device) AskAll(id folder.ID, preset, text string) (block.ID, int, error) {
	var ids []block.ID
	for {
		items, _, err := d.Engine.Timeline(id, folder.Query{Show: "unopened", Offset: len(ids), Limit: 500})
		if err != nil {
			return block.ID{}, 0, err
		}
		for _, item := range items {
			ids = append(ids, item.ID)
		}
		if len(items) == 0 || len(ids) >= block.MaxEntries {
			return d.Engine.Ask(id, ids[:min(len(ids), block.MaxEntries)], preset, text)
		}
	}
}
