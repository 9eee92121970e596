package hub_test

import (
	"testing"

	"github.com/anamnesis-health/anamnesis/relay/hub/hubtest"
	"github.com/anamnesis-health/anamnesis/shared/folder"
	"github.com/anamnesis-health/anamnesis/shared/gossip"
	"github.com/anamnesis-health/anamnesis/shared/sim"
)

// BenchmarkFirstSync takes 20,000 blocks of 512 B into a fresh engine, frames of 256 KiB: heads/100k is the time until
// everything is kept and its heads are verified, all/100k until every signature is. Run it with GOOS=js for the browser's figure.
func BenchmarkFirstSync(b *testing.B) {
	const blocks = 20_000
	n := hubtest.NewNetwork("http://127.0.0.1:8788")
	w := n.Writer(1)
	var frames [][]byte
	page := gossip.Bins{w.Genesis.Encode()}
	size := 0
	for i := range blocks {
		raw := w.Record(256).Encode()
		if page, size = append(page, raw), size+len(raw); size > 250<<10 || i == blocks-1 {
			frames = append(frames, gossip.Frame(&gossip.Blocks{Sub: 1, Cursor: uint64(i), Blocks: page}))
			page, size = nil, 0
		}
	}
	b.ResetTimer()
	var heads, all float64
	for b.Loop() {
		d, err := sim.NewDevice(n.Network, 1, hubtest.Now.UnixMilli())
		if err != nil {
			b.Fatal(err)
		}
		d.Engine.Connected()
		start := b.Elapsed()
		for _, f := range frames {
			d.Engine.Received(f)
		}
		kept := b.Elapsed()
		for d.Engine.Tick() == 0 {
		}
		end := b.Elapsed()
		if d.Engine.Unchecked() != 0 {
			b.Fatal("unchecked signatures")
		}
		if heads, all = (kept - start).Seconds(), (end - start).Seconds(); d.Engine.Held() < blocks {
			b.Fatalf("%d blocks held", d.Engine.Held())
		}
	}
	b.ReportMetric(heads*100_000/blocks, "s-heads/100k")
	b.ReportMetric(all*100_000/blocks, "s-all/100k")
}

// benchTown has an owner with records and a reader who was granted them.
func benchTown(b *testing.B, records int) (*town, *sim.Device, *sim.Device) {
	w := newTown(b)
	amina, _ := w.patient(1, "Amina")
	lin := w.reader(2, "Dr. Lin")
	w.connect(amina)
	w.connect(lin)
	w.importFile(amina, bundle(records))
	w.settle()
	w.share(amina, lin)
	return w, amina, lin
}

// BenchmarkAccessToOpened is from ACCESS to 455 records opened in the reader's engine, owner and relay included.
func BenchmarkAccessToOpened(b *testing.B) {
	w, _, lin := benchTown(b, 455)
	id := only(b, lin).ID
	_, _, err := lin.AskAll(id, "visit", "")
	w.must(err)
	b.ResetTimer()
	w.settle()
	b.ReportMetric(b.Elapsed().Seconds(), "s/455")
	if f := only(b, lin); f.Unopened != 0 {
		b.Fatalf("%+v", f)
	}
}

// BenchmarkOpenRecord opens one record of a reader through all eleven steps.
func BenchmarkOpenRecord(b *testing.B) {
	w, _, lin := benchTown(b, 3)
	id := only(b, lin).ID
	_, _, err := lin.AskAll(id, "visit", "")
	w.must(err)
	w.settle()
	items, _, err := lin.Engine.Timeline(id, folder.Query{Limit: 3})
	w.must(err)
	b.ResetTimer()
	for b.Loop() {
		if _, err := lin.Engine.OpenRecord(id, items[0].ID); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkImport takes a Bundle of 455 resources, about 1 MB, from preview to saved.
func BenchmarkImport(b *testing.B) {
	w := newTown(b)
	file := bundle(455)
	for b.Loop() {
		b.StopTimer()
		d, _ := w.patient(1, "Amina")
		b.StartTimer()
		w.importFile(d, file)
	}
}
