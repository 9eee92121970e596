package conformance

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/anamnesis-health/anamnesis/relay/hub"
	"github.com/anamnesis-health/anamnesis/relay/hub/hubtest"
	"github.com/anamnesis-health/anamnesis/relay/server"
	"github.com/anamnesis-health/anamnesis/relay/store/files"
	"github.com/anamnesis-health/anamnesis/relay/store/sqlite"
	"github.com/anamnesis-health/anamnesis/shared/block"
	"github.com/anamnesis-health/anamnesis/shared/gossip"
)

// blockSize is the wire size the targets are stated for; a plain header, signature and framing take about 210 of it.
const blockSize = 512

// started is a relay in this process, on a real disk and a real socket.
type started struct {
	net  *hubtest.Network
	base string
}

func start(b testing.TB, policy hub.Policy) started {
	n := hubtest.NewNetwork("http://relay.test")
	dir := b.TempDir()
	lane, err := sqlite.Open(filepath.Join(dir, "lane.db"), n.Net())
	if err != nil {
		b.Fatal(err)
	}
	blobs, err := files.Open(filepath.Join(dir, "blobs"))
	if err != nil {
		b.Fatal(err)
	}
	s, err := server.New(server.Config{
		Hub:   hub.Config{Network: n.Network, Relay: n.Relay, Policy: policy},
		Store: lane, Blobs: blobs, Log: slog.New(slog.NewTextHandler(io.Discard, nil)),
	})
	if err != nil {
		b.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- s.Serve(ctx, l) }() // ends with stop, in Cleanup
	b.Cleanup(func() {
		stop()
		if err := <-done; err != nil {
			b.Error(err)
		}
		if err := lane.Close(); err != nil {
			b.Error(err)
		}
	})
	return started{n, "http://" + l.Addr().String()}
}

func (s started) dial(b testing.TB, i int) *Client {
	c, err := Dial(context.Background(), s.base, s.net.Net(), hubtest.Key("connection", i), s.net.Admit(i))
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { c.Close() })
	return c
}

func cpu() time.Duration {
	var u syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &u) != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// fill makes n blocks of blockSize after a genesis.
func fill(w *hubtest.Writer, n int) []*block.Block {
	plain := len(w.Draft(block.KindRecord, nil, make([]byte, 300), []byte{}).Encode()) - 300
	out := make([]*block.Block, n)
	for i := range out {
		out[i] = w.Record(blockSize - plain)
	}
	return out
}

// BenchmarkPush stores blocks of 512 B, verified and synced, from four clients that make, sign and send them meanwhile.
func BenchmarkPush(b *testing.B) {
	for _, perFrame := range []int{1, 16, 256, 1024} {
		b.Run(fmt.Sprint(perFrame, "_per_frame"), func(b *testing.B) {
			const clients = 4
			s := start(b, hub.Closed)
			var wait sync.WaitGroup
			writers := make([]*hubtest.Writer, clients)
			conns := make([]*Client, clients)
			for i := range writers {
				writers[i], conns[i] = s.net.Writer(i), s.dial(b, i)
				if _, err := conns[i].Push(b.Context(), 1, writers[i].Genesis); err != nil {
					b.Fatal(err)
				}
			}
			each := max(b.N/clients, perFrame)
			b.ResetTimer()
			began := cpu()
			for i := range writers {
				wait.Add(1)
				go func() { // ends when its blocks are stored; waited for below
					defer wait.Done()
					pipeline(b, conns[i], writers[i], each, perFrame)
				}()
			}
			wait.Wait()
			total := float64(each/perFrame*perFrame) * clients
			b.ReportMetric(total/b.Elapsed().Seconds(), "blocks/s")
			b.ReportMetric(float64((cpu()-began).Microseconds())/total, "cpu-µs/block")
		})
	}
}

// pipeline keeps two frames under way.
func pipeline(b *testing.B, c *Client, w *hubtest.Writer, n, perFrame int) {
	frames := n / perFrame
	free := make(chan struct{}, 2)
	done := make(chan struct{})
	go func() { // ends when every frame is answered; waited for below
		defer close(done)
		for range frames {
			m, err := c.Receive(b.Context())
			st, ok := m.(*gossip.Stored)
			if err != nil || !ok {
				b.Errorf("%T %+v, %v", m, m, err)
				return
			}
			for _, r := range st.Results {
				if r.Reason != "" {
					b.Errorf("refused: %s", r.Reason)
				}
			}
			<-free
		}
	}()
	for i := range frames {
		free <- struct{}{}
		p := &gossip.Push{Request: uint32(i)}
		for _, blk := range fill(w, perFrame) {
			p.Blocks = append(p.Blocks, blk.Encode())
		}
		if err := c.Send(b.Context(), p); err != nil {
			b.Error(err)
			return
		}
	}
	<-done
}

// BenchmarkFirstSync reads 100,000 blocks over the wire, by subscription and by range.
func BenchmarkFirstSync(b *testing.B) {
	const blocks = 100_000
	s := start(b, hub.Closed)
	w, c := s.net.Writer(1), s.dial(b, 1)
	if _, err := c.Push(b.Context(), 1, w.Genesis); err != nil {
		b.Fatal(err)
	}
	for n := 1; n < blocks; n += 1000 {
		if _, err := c.Push(b.Context(), 2, fill(w, min(1000, blocks-n))...); err != nil {
			b.Fatal(err)
		}
	}
	b.Run("sub", func(b *testing.B) {
		for i := range b.N {
			syncAll(b, s.dial(b, i+2), &gossip.Sub{Sub: 1, Tags: []block.Tag{w.Tag}}, blocks)
		}
		b.ReportMetric(blocks*float64(b.N)/b.Elapsed().Seconds(), "blocks/s")
	})
	b.Run("sub_64_tags", func(b *testing.B) {
		tags := []block.Tag{w.Tag}
		for i := range 63 {
			tags = append(tags, block.Tag{200, byte(i)})
		}
		for i := range b.N {
			syncAll(b, s.dial(b, i+2), &gossip.Sub{Sub: 1, Tags: tags}, blocks)
		}
		b.ReportMetric(blocks*float64(b.N)/b.Elapsed().Seconds(), "blocks/s")
	})
	b.Run("get", func(b *testing.B) {
		for i := range b.N {
			c, got := s.dial(b, i+2), 0
			for more := true; more; {
				c.Send(b.Context(), &gossip.Get{Request: 1, Chain: w.State.ID, From: uint32(got), To: 1 << 31, IDs: []block.ID{},
					Heads: []block.ChainID{}, Shares: []block.ID{}, Payload: true})
				m, err := c.Receive(b.Context())
				if err != nil {
					b.Fatal(err)
				}
				p := m.(*gossip.Blocks)
				got, more = got+len(p.Blocks), p.More
			}
			if got != blocks {
				b.Fatalf("%d blocks", got)
			}
		}
		b.ReportMetric(blocks*float64(b.N)/b.Elapsed().Seconds(), "blocks/s")
	})
}

func syncAll(b *testing.B, c *Client, sub *gossip.Sub, want int) {
	if err := c.Send(b.Context(), sub); err != nil {
		b.Fatal(err)
	}
	for got, more := 0, true; more || got < want; {
		m, err := c.Receive(b.Context())
		if err != nil {
			b.Fatal(err)
		}
		p, ok := m.(*gossip.Blocks)
		if !ok {
			b.Fatalf("%T %+v", m, m)
		}
		size := 0
		for _, x := range p.Blocks {
			size += len(x)
		}
		got, more = got+len(p.Blocks), p.More
		if err := c.Send(b.Context(), &gossip.Credit{Sub: 1, Bytes: uint32(size)}); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkIdle opens connections that authenticate and then say nothing, and measures what the relay's process grows
// by for each. Clients are raw sockets in another process: this test binary run again.
func BenchmarkIdle(b *testing.B) {
	const conns = 10_000
	s := start(b, hub.Open)
	before := rss()
	open := idleClients(b, s, conns)
	defer open()
	b.ReportMetric(float64(rss()-before)/conns, "B/conn")
	b.ReportMetric(float64(runtime.NumGoroutine())/conns, "goroutines/conn")
}

func rss() int64 {
	runtime.GC()
	b, err := os.ReadFile("/proc/self/statm")
	if err != nil {
		return 0
	}
	pages, _ := strconv.ParseInt(strings.Fields(string(b))[1], 10, 64)
	return pages * int64(os.Getpagesize())
}
