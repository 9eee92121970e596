package server

import (
	"fmt"
	"io"
	"maps"
	"net/http"
	"slices"
	"sync"
	"time"
)

// metrics are written in Prometheus' text form by hand: its client library would bring nine modules for these lines.
// They are counts only: nothing in a label names a person, a chain or an address.
type metrics struct {
	mu    sync.Mutex
	turns [len(turnBounds) + 1]uint64
	sum   time.Duration
}

// turnBounds are in seconds; a commit takes about a millisecond.
var turnBounds = [...]float64{0.0003, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1, 3}

func (m *metrics) frame(d time.Duration) {
	i, _ := slices.BinarySearch(turnBounds[:], d.Seconds())
	m.mu.Lock()
	defer m.mu.Unlock()
	m.turns[i]++
	m.sum += d
}

// Metrics serves the relay's numbers in Prometheus' text form, for an address of its own.
func (s *Server) Metrics() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/plain; version=0.0.4; charset=utf-8")
		s.writeStats(w)
		s.metrics.write(w)
	})
}

func (s *Server) writeStats(w io.Writer) {
	s.mu.Lock()
	st, tail := s.hub.Stats(), s.conf.Store.Tail()
	s.mu.Unlock()
	for _, m := range []struct {
		name, kind, help string
		value            uint64
	}{
		{"connections", "gauge", "Open connections.", uint64(st.Connections)},
		{"guests", "gauge", "Connections without admission.", uint64(st.Guests)},
		{"subscriptions", "gauge", "Open subscriptions.", uint64(st.Subscriptions)},
		{"rooms", "gauge", "Meeting rooms.", uint64(st.Rooms)},
		{"lane_size", "gauge", "Blocks in the lane.", tail},
		{"blocks_stored_total", "counter", "Blocks stored.", st.Stored},
		{"blocks_duplicate_total", "counter", "Blocks pushed again.", st.Duplicates},
		{"forks_total", "counter", "Fork proofs kept.", st.Forks},
		{"damaged_total", "counter", "Reads that met a damaged block.", st.Damaged},
	} {
		fmt.Fprintf(w, "# HELP anamnesis_%[1]s %[2]s\n# TYPE anamnesis_%[1]s %[3]s\nanamnesis_%[1]s %[4]d\n",
			m.name, m.help, m.kind, m.value)
	}
	fmt.Fprint(w, "# HELP anamnesis_refused_total Refusals by code.\n# TYPE anamnesis_refused_total counter\n")
	for _, code := range slices.Sorted(maps.Keys(st.Refused)) {
		fmt.Fprintf(w, "anamnesis_refused_total{code=%q} %d\n", code, st.Refused[code])
	}
}

func (m *metrics) write(w io.Writer) {
	m.mu.Lock()
	defer m.mu.Unlock()
	const name = "anamnesis_frame_seconds"
	fmt.Fprintf(w, "# HELP %[1]s From a frame read to its answer queued, commit included.\n# TYPE %[1]s histogram\n", name)
	total := uint64(0)
	for i, bound := range turnBounds {
		total += m.turns[i]
		fmt.Fprintf(w, "%s_bucket{le=\"%g\"} %d\n", name, bound, total)
	}
	total += m.turns[len(turnBounds)]
	fmt.Fprintf(w, "%[1]s_bucket{le=\"+Inf\"} %[2]d\n%[1]s_sum %[3]g\n%[1]s_count %[2]d\n", name, total, m.sum.Seconds())
}
