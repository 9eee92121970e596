package folder_test

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/anamnesis-health/anamnesis/shared/block"
	"github.com/anamnesis-health/anamnesis/shared/folder"
	"github.com/anamnesis-health/anamnesis/shared/sim"
	"github.com/anamnesis-health/anamnesis/shared/spec"
)

func testNet() block.Net { return block.Net(bytes.Repeat([]byte{7}, 32)) }

type logged struct {
	ref  folder.Ref
	kind byte
	body string
}

func openLog(t testing.TB, d folder.Disk) (*folder.Log, []logged) {
	t.Helper()
	var all []logged
	l, err := folder.OpenLog(d, testNet(), func(ref folder.Ref, kind byte, body []byte) error {
		all = append(all, logged{ref, kind, string(body)})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return l, all
}

func appendEntry(t testing.TB, l *folder.Log, kind byte, body string) logged {
	t.Helper()
	ref, err := l.Append(kind, []byte(body))
	if err != nil {
		t.Fatal(err)
	}
	return logged{ref, kind, body}
}

func flush(t testing.TB, l *folder.Log) {
	t.Helper()
	if err := l.Flush(); err != nil {
		t.Fatal(err)
	}
}

func segment(t testing.TB, d folder.Disk, n uint32) []byte {
	t.Helper()
	size, err := d.Size(n)
	if err != nil {
		t.Fatal(err)
	}
	b := make([]byte, size)
	if err := d.Read(n, 0, b); err != nil {
		t.Fatal(err)
	}
	return b
}

func hasCode(err error, code string) bool { return errors.Is(err, &folder.Error{Code: code}) }

func readable(t testing.TB, l *folder.Log, all []logged) {
	t.Helper()
	for _, e := range all {
		if b, err := l.Read(e.ref); err != nil || string(b) != e.body {
			t.Fatalf("%+v: %q, %v", e.ref, b, err)
		}
	}
}

func TestLogGivesBackWhatWasAppended(t *testing.T) {
	d := sim.NewMemDisk()
	l, all := openLog(t, d)
	if len(all) != 0 {
		t.Fatalf("%d entries on an empty disk", len(all))
	}
	var want []logged
	for i := range 40 {
		want = append(want, appendEntry(t, l, byte(1+i%8), strings.Repeat("é", i*97)))
		readable(t, l, want) // before any flush
		if i%7 == 0 {
			flush(t, l)
		}
	}
	want = append(want, appendEntry(t, l, 2, strings.Repeat("big", 1<<18)), appendEntry(t, l, 9, ""))
	readable(t, l, want)
	flush(t, l)
	l, all = openLog(t, d)
	if !slices.Equal(all, want) || l.Cut() != 0 {
		t.Fatalf("%d entries of %d, %d bytes cut", len(all), len(want), l.Cut())
	}
	want = append(want, appendEntry(t, l, 1, "after reopening"))
	readable(t, l, want)
}

func TestLogRollsAtFourMegabytes(t *testing.T) {
	d := sim.NewMemDisk()
	l, _ := openLog(t, d)
	var want []logged
	for i := range 80 {
		want = append(want, appendEntry(t, l, 2, strings.Repeat(string(rune('a'+i%26)), 256<<10)))
	}
	flush(t, l)
	numbers, err := d.Segments()
	if err != nil || len(numbers) != 6 {
		t.Fatalf("segments %v, %v", numbers, err)
	}
	for _, n := range numbers {
		if size, _ := d.Size(n); size > 4<<20 {
			t.Errorf("segment %d of %d bytes", n, size)
		}
	}
	l, all := openLog(t, d)
	if !slices.Equal(all, want) {
		t.Fatalf("%d entries of %d", len(all), len(want))
	}
	readable(t, l, want)
}

func TestLogCutsAtEveryByteOfTheLastThreeEntries(t *testing.T) {
	d := sim.NewMemDisk()
	l, _ := openLog(t, d)
	want := []logged{
		appendEntry(t, l, 1, "a block"), appendEntry(t, l, 2, strings.Repeat("payload ", 20)),
		appendEntry(t, l, 3, ""), appendEntry(t, l, 4, "cursor"),
	}
	flush(t, l)
	whole := segment(t, d, 1)
	for end := int(want[1].ref.Offset); end <= len(whole); end++ {
		for _, tail := range [][]byte{nil, make([]byte, len(whole)-end), bytes.Repeat([]byte{0xff}, len(whole)-end)} {
			torn := sim.NewMemDisk()
			torn.SetSegment(1, append(bytes.Clone(whole[:end]), tail...))
			l, all := openLog(t, torn)
			if len(all) > len(want) || !slices.Equal(all, want[:len(all)]) {
				t.Fatalf("cut at %d: %+v", end, all)
			}
			if len(all) < len(want) && int(want[len(all)].ref.Offset)+21+len(want[len(all)].body) <= end {
				t.Fatalf("cut at %d: whole entry %d lost", end, len(all))
			}
			// what is written next lies where the tail was, and opens
			next := appendEntry(t, l, 5, "next")
			flush(t, l)
			if _, again := openLog(t, torn); !slices.Equal(again, append(slices.Clone(want[:len(all)]), next)) {
				t.Fatalf("cut at %d: %+v after the next entry", end, again)
			}
		}
	}
}

func TestLogRefusesEveryChangedByteOfTheLastSegment(t *testing.T) {
	d := sim.NewMemDisk()
	l, _ := openLog(t, d)
	want := []logged{appendEntry(t, l, 1, "first"), appendEntry(t, l, 2, "second")}
	flush(t, l)
	whole := segment(t, d, 1)
	for i := range whole {
		changed := bytes.Clone(whole)
		changed[i] ^= 0x40
		bad := sim.NewMemDisk()
		bad.SetSegment(1, changed)
		var all []logged
		_, err := folder.OpenLog(bad, testNet(), func(ref folder.Ref, kind byte, body []byte) error {
			all = append(all, logged{ref, kind, string(body)})
			return nil
		})
		if len(all) > 1 || (len(all) == 1 && all[0] != want[0]) {
			t.Fatalf("byte %d changed: %+v", i, all)
		}
		if i < int(want[0].ref.Offset) && err == nil {
			t.Errorf("header byte %d changed: opened", i)
		}
		// a log already open finds out too
		for _, e := range want {
			d.SetSegment(1, changed)
			b, err := l.Read(e.ref)
			d.SetSegment(1, whole)
			if err == nil && string(b) != e.body {
				t.Fatalf("byte %d changed: read %q", i, b)
			}
			if inside := i >= int(e.ref.Offset) && i < int(e.ref.Offset)+21+len(e.body); inside && !hasCode(err, folder.CodeStorageDamaged) {
				t.Fatalf("byte %d changed: %v", i, err)
			}
		}
	}
}

func TestAttackA38UnknownSegmentsAreLeftAlone(t *testing.T) {
	d := sim.NewMemDisk()
	l, _ := openLog(t, d)
	appendEntry(t, l, 1, "first")
	flush(t, l)
	whole := segment(t, d, 1)
	other := block.Net(bytes.Repeat([]byte{8}, 32))
	for name, c := range map[string]struct {
		b    []byte
		net  block.Net
		code string
	}{
		"later format epoch":  {slices.Concat(whole[:9], []byte{2}, whole[10:]), testNet(), folder.CodeStorageFormat},
		"epoch 0":             {slices.Concat(whole[:9], []byte{0}, whole[10:]), testNet(), folder.CodeStorageFormat},
		"epoch 257":           {slices.Concat(whole[:8], []byte{1}, whole[9:]), testNet(), folder.CodeStorageFormat},
		"other magic":         {slices.Concat([]byte("ANAMSEG2"), whole[8:]), testNet(), folder.CodeStorageFormat},
		"other network":       {whole, other, folder.CodeStorageFormat},
		"other number":        {slices.Concat(whole[:45], []byte{2}, whole[46:]), testNet(), folder.CodeStorageDamaged},
		"other file, shorter": {[]byte("SQLite format 3"), testNet(), folder.CodeStorageDamaged},
	} {
		d := sim.NewMemDisk()
		d.SetSegment(1, c.b)
		_, err := folder.OpenLog(d, c.net, func(folder.Ref, byte, []byte) error { return nil })
		if !hasCode(err, c.code) {
			t.Errorf("%s: %v, want %s", name, err, c.code)
		}
		if !bytes.Equal(segment(t, d, 1), c.b) {
			t.Errorf("%s: the segment was changed", name)
		}
	}
}

func TestLogReportsDamageBeforeTheLastSegment(t *testing.T) {
	build := func() *sim.MemDisk {
		d := sim.NewMemDisk()
		l, _ := openLog(t, d)
		for range 10 {
			appendEntry(t, l, 2, strings.Repeat("x", 1<<20))
		}
		flush(t, l)
		return d
	}
	whole := segment(t, build(), 1)
	for name, c := range map[string]struct {
		b      []byte
		detail string
	}{
		"cut":          {whole[:len(whole)-1], fmt.Sprintf("segment 1, byte %d", 46+2*(1<<20+21))},
		"zeros behind": {append(bytes.Clone(whole), make([]byte, 40)...), fmt.Sprintf("segment 1, byte %d", len(whole))},
		"length":       {slices.Concat(whole[:46], []byte{1}, whole[47:]), "segment 1, byte 46"},
		"no header":    {nil, "segment 1, byte 0"},
	} {
		d := build()
		d.SetSegment(1, c.b)
		_, err := folder.OpenLog(d, testNet(), func(folder.Ref, byte, []byte) error { return nil })
		var e *folder.Error
		if !errors.As(err, &e) || e.Code != folder.CodeStorageDamaged || e.Detail != c.detail {
			t.Errorf("%s: %v, want %s", name, err, c.detail)
		}
	}
	d := build()
	if err := d.Remove(2); err != nil {
		t.Fatal(err)
	}
	if _, err := folder.OpenLog(d, testNet(), nil); err == nil || !hasCode(err, folder.CodeStorageDamaged) {
		t.Errorf("middle segment missing: %v", err)
	}
}

func TestLogSurvivesAFullDisk(t *testing.T) {
	for room := int64(0); room < 600; room += 13 {
		d := sim.NewMemDisk()
		l, _ := openLog(t, d)
		first := appendEntry(t, l, 1, "first")
		flush(t, l)
		used, _ := d.Size(1)
		d.Room = used + room
		want := []logged{first}
		for i := range 6 {
			want = append(want, appendEntry(t, l, 2, strings.Repeat("x", 50+i)))
		}
		err := l.Flush()
		if (err == nil) != (room >= 6*(50+21)+15) {
			t.Fatalf("room %d: %v", room, err)
		}
		if err == nil {
			continue
		}
		if !hasCode(err, folder.CodeStorageQuota) {
			t.Fatalf("room %d: %v", room, err)
		}
		if size, _ := d.Size(1); size != used {
			t.Fatalf("room %d: %d bytes left behind", room, size-used)
		}
		readable(t, l, want)
		if _, all := openLog(t, d); !slices.Equal(all, want[:1]) {
			t.Fatalf("room %d: %+v on the disk", room, all)
		}
		d.Room = 0
		flush(t, l)
		if _, all := openLog(t, d); !slices.Equal(all, want) {
			t.Fatalf("room %d: %+v once there is room", room, all)
		}
	}
}

func TestFullDiskTakesBackOnlyTheEntryThatFailed(t *testing.T) {
	d := sim.NewMemDisk()
	d.Room = 300 << 10
	l, _ := openLog(t, d)
	var want []logged
	for i := range 400 {
		body := strings.Repeat(string(rune('a'+i%26)), 1000)
		ref, err := l.Append(2, []byte(body))
		if err != nil {
			if !hasCode(err, folder.CodeStorageQuota) {
				t.Fatal(err)
			}
			break
		}
		want = append(want, logged{ref, 2, body})
	}
	readable(t, l, want)
	d.Room = 0
	flush(t, l)
	if _, all := openLog(t, d); !slices.Equal(all, want) || len(want) < 256 {
		t.Fatalf("%d entries of %d", len(all), len(want))
	}
}

func TestFailedFlushBreaksTheLog(t *testing.T) {
	d := sim.NewMemDisk()
	l, _ := openLog(t, d)
	appendEntry(t, l, 1, "first")
	d.FlushError = errors.New("input/output error")
	for range 2 {
		if err := l.Flush(); !hasCode(err, folder.CodeStorageFailed) {
			t.Fatalf("flush: %v", err)
		}
	}
	if _, err := l.Append(1, nil); !hasCode(err, folder.CodeStorageFailed) {
		t.Errorf("append: %v", err)
	}
}

func TestLogRefusesBadArguments(t *testing.T) {
	l, _ := openLog(t, sim.NewMemDisk())
	if _, err := l.Append(0, nil); err == nil {
		t.Error("kind 0 accepted")
	}
	if _, err := l.Append(1, make([]byte, 1<<20+1)); err == nil {
		t.Error("entry past 1 MiB accepted")
	}
	e := appendEntry(t, l, 1, "x")
	for _, ref := range []folder.Ref{
		{},
		{Segment: 2, Offset: 46, Length: 1},
		{Segment: 1, Offset: 0, Length: 1},
		{Segment: 1, Offset: 46, Length: 2},
		{Segment: 1, Offset: 46, Length: 0},
		{Segment: 1, Offset: 47, Length: 1},
		{Segment: 1, Offset: 46, Length: 1 << 31},
		{Segment: 1, Offset: 1<<32 - 1, Length: 1},
	} {
		if b, err := l.Read(ref); !hasCode(err, folder.CodeStorageDamaged) {
			t.Errorf("%+v: %q, %v", ref, b, err)
		}
	}
	readable(t, l, []logged{e})
	stop := errors.New("stop")
	d := sim.NewMemDisk()
	l, _ = openLog(t, d)
	appendEntry(t, l, 1, "x")
	flush(t, l)
	if _, err := folder.OpenLog(d, testNet(), func(folder.Ref, byte, []byte) error { return stop }); !errors.Is(err, stop) {
		t.Errorf("each's error: %v", err)
	}
}

// TestNothingFlushedIsEverLost writes, flushes and cuts the power at random.
func TestNothingFlushedIsEverLost(t *testing.T) {
	for seed := range uint64(8) {
		rng := rand.New(rand.NewPCG(seed, 38))
		d := sim.NewMemDisk()
		var kept, flushed []logged
		for range 12 {
			l, all := openLog(t, d)
			if len(all) < len(flushed) || len(all) > len(kept) || !slices.Equal(all, kept[:len(all)]) {
				t.Fatalf("seed %d: %d entries, %d flushed, %d written", seed, len(all), len(flushed), len(kept))
			}
			kept = all
			for range rng.IntN(30) {
				size := rng.IntN(300)
				if rng.IntN(25) == 0 {
					size = rng.IntN(1 << 20)
				}
				kept = append(kept, appendEntry(t, l, byte(11+rng.IntN(245)), strings.Repeat("z", size)))
				if rng.IntN(5) == 0 {
					flush(t, l)
					flushed = slices.Clone(kept)
				}
			}
			d = d.Crash(rng)
		}
	}
}

func FuzzOpenLog(f *testing.F) {
	d := sim.NewMemDisk()
	l, _ := openLog(f, d)
	appendEntry(f, l, 1, "first")
	appendEntry(f, l, 2, "second")
	flush(f, l)
	whole := segment(f, d, 1)
	f.Add(whole)
	f.Add(whole[:60])
	f.Fuzz(func(t *testing.T, b []byte) {
		d := sim.NewMemDisk()
		d.SetSegment(1, b)
		count := 0
		each := func(folder.Ref, byte, []byte) error { count++; return nil }
		if _, err := folder.OpenLog(d, testNet(), each); err != nil {
			return
		}
		first := count
		count = 0
		if l, err := folder.OpenLog(d, testNet(), each); err != nil || count != first || l.Cut() != 0 {
			t.Fatalf("opened again: %v, %d entries of %d, %d cut", err, count, first, l.Cut())
		}
	})
}

func TestSegmentVectors(t *testing.T) {
	var v struct {
		Segment struct {
			Net, File spec.Hex
			Entries   []struct {
				Offset uint32
				Kind   byte
				Bytes  spec.Hex
			}
		}
		SegmentsRefused []struct {
			Name, Error string
			Net, File   spec.Hex
		}
		Torn []int
	}
	if err := spec.Read("device", &v); err != nil || len(v.Segment.Entries) == 0 || len(v.SegmentsRefused) == 0 || len(v.Torn) == 0 {
		t.Fatalf("vectors are missing: %v", err)
	}
	net := block.Net(v.Segment.Net)
	count := 0
	each := func(ref folder.Ref, kind byte, body []byte) error {
		if want := v.Segment.Entries[count]; ref.Offset != want.Offset || kind != want.Kind || !bytes.Equal(body, want.Bytes) {
			t.Errorf("entry %d: %+v, kind %d, %x", count, ref, kind, body)
		}
		count++
		return nil
	}
	d := sim.NewMemDisk()
	l, err := folder.OpenLog(d, net, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range v.Segment.Entries {
		appendEntry(t, l, e.Kind, string(e.Bytes))
	}
	flush(t, l)
	if got := segment(t, d, 1); !bytes.Equal(got, v.Segment.File) {
		t.Errorf("written as %x", got)
	}
	for i, want := range v.Torn {
		count = 0
		d.SetSegment(1, v.Segment.File[:46+i])
		if _, err := folder.OpenLog(d, net, each); err != nil || count != want {
			t.Errorf("cut to %d bytes: %d entries of %d, %v", 46+i, count, want, err)
		}
	}
	for _, c := range v.SegmentsRefused {
		d.SetSegment(1, c.File)
		if _, err := folder.OpenLog(d, block.Net(c.Net), nil); !hasCode(err, c.Error) {
			t.Errorf("%s: %v, want %s", c.Name, err, c.Error)
		}
	}
}

// TestCommitIsWholeOrNothing cuts the power inside a commit: what opens ends with an earlier one.
func TestCommitIsWholeOrNothing(t *testing.T) {
	for seed := range uint64(40) {
		rng := rand.New(rand.NewPCG(seed, 39))
		d := sim.NewMemDisk()
		l, _ := openLog(t, d)
		appendEntry(t, l, 1, "a")
		appendEntry(t, l, 2, "b")
		if err := l.Commit(); err != nil {
			t.Fatal(err)
		}
		for range 1 + rng.IntN(9) {
			appendEntry(t, l, 3, strings.Repeat("c", 1+rng.IntN(900_000)))
			if rng.IntN(3) == 0 {
				flush(t, l) // durable, and still not committed
			}
		}
		d = d.Crash(rng)
		l, all := openLog(t, d)
		if len(all) != 2 || all[0].body != "a" || all[1].body != "b" {
			t.Fatalf("seed %d: %d entries", seed, len(all))
		}
		appendEntry(t, l, 4, "d")
		if err := l.Commit(); err != nil {
			t.Fatal(err)
		}
		if _, all = openLog(t, d.Crash(rng)); len(all) != 3 {
			t.Fatalf("seed %d: %d entries after another commit", seed, len(all))
		}
	}
}

// TestRewindAfterAFailure takes back what a full or failing disk interrupted.
func TestRewindAfterAFailure(t *testing.T) {
	d := sim.NewMemDisk()
	l, _ := openLog(t, d)
	kept := appendEntry(t, l, 1, "kept")
	if err := l.Commit(); err != nil {
		t.Fatal(err)
	}
	for range 6 {
		appendEntry(t, l, 2, strings.Repeat("x", 1<<20))
	}
	d.FlushError = errors.New("input/output error")
	if err := l.Commit(); !hasCode(err, folder.CodeStorageFailed) {
		t.Fatalf("commit: %v", err)
	}
	if err := l.Rewind(); err != nil || !l.Committed() {
		t.Fatal(err)
	}
	readable(t, l, []logged{kept})
	again := appendEntry(t, l, 3, "again")
	if err := l.Commit(); err != nil {
		t.Fatal(err)
	}
	if _, all := openLog(t, d); !slices.Equal(all, []logged{kept, again}) {
		t.Fatalf("%d entries", len(all))
	}
}
