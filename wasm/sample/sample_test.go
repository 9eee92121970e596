package main

import (
	"testing"

	"github.com/anamnesis-health/anamnesis/wasm/api"
)

const nowMS = 1_795_179_600_000

type testWorld struct {
	nowMS   int64
	changes int
}

func (w *testWorld) Now() int64 { return w.nowMS }
func (w *testWorld) Changed()   { w.changes++ }

func newTown(t testing.TB) *town {
	t.Helper()
	made, err := begin(&testWorld{nowMS: nowMS}, "http://127.0.0.1:8788")
	if err != nil {
		t.Fatal(err)
	}
	return made
}

func do[R any](t testing.TB, w *town, who, method string, args any) R {
	t.Helper()
	r, err := ask[R](w.person(who), method, args)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestThePast(t *testing.T) {
	w := newTown(t)
	line := do[api.Timeline](t, w, patient, "timeline", api.TimelineArgs{Limit: 100})
	for _, it := range line.Items {
		t.Logf("%s %s %d %q %s %s %s", it.Date, it.Type, it.Section, it.Label, it.Author, it.Standing, it.Delivery)
	}
	t.Logf("%+v", do[api.Status](t, w, patient, "status", api.Empty{}))
	t.Logf("%+v", do[api.Accesses](t, w, patient, "accesses", api.Empty{}))
	t.Logf("%+v", do[api.Grants](t, w, patient, "grants", api.Empty{}))
	t.Logf("%+v", do[api.Folders](t, w, clinician, "folders", api.Empty{}))
}
