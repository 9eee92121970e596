package conformance

import (
	"context"
	"math/rand/v2"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/anamnesis-health/anamnesis/relay/hub/hubtest"
	"github.com/anamnesis-health/anamnesis/shared/block"
	"github.com/anamnesis-health/anamnesis/shared/gossip"
)

// kills is how often the relay dies in one run; make kills asks for 1,000.
func kills(t *testing.T) int {
	if s := os.Getenv("ANAMNESIS_KILLS"); s != "" {
		n, err := strconv.Atoi(s)
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	if testing.Short() {
		return 10
	}
	return 200
}

// TestKilledRelaysLoseNoAcknowledgedBlock kills the real process while blocks are pushed, again and again: what STORED
// acknowledged is there after each restart, in the same place, and the rest can be sent again.
func TestKilledRelaysLoseNoAcknowledgedBlock(t *testing.T) {
	dir, cycles := t.TempDir(), kills(t)
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d, %d kills", seed, cycles)
	r := rand.New(rand.NewPCG(seed, 1))
	var k *killed
	acked := 0
	for i := range cycles {
		p := launch(t, "dev", "--listen", "127.0.0.1:0", "--data", dir)
		if k == nil {
			k = &killed{t: t, net: p.network(t, dir)}
			k.writer = k.net.Guest(1)
			k.made = []*block.Block{k.writer.Genesis}
		}
		k.compare(p)
		timer := time.AfterFunc(time.Duration(r.IntN(25_000))*time.Microsecond, func() { p.cmd.Process.Kill() })
		k.push(p, r)
		timer.Stop()
		p.kill(t)
		if i%50 == 49 {
			k.writerAnew(i)
		}
		acked = max(acked, k.acked)
	}
	path, err := build()
	if err != nil {
		t.Fatal(err)
	}
	if out, err := exec.Command(path, "check", "--data", dir).CombinedOutput(); err != nil || !strings.Contains(string(out), ", 0 problems") {
		t.Fatalf("check: %v: %s", err, out)
	}
	if k.total+k.acked == 0 {
		t.Error("nothing was ever acknowledged: the kills come too early to test anything")
	}
	t.Logf("%d blocks acknowledged over %d kills", k.total+k.acked, cycles)
}

type killed struct {
	t      *testing.T
	net    *hubtest.Network
	writer *hubtest.Writer
	made   []*block.Block // all blocks of the chain so far
	acked  int            // how many of them were acknowledged
	total  int            // of earlier chains
}

// writerAnew begins another chain, so that the list to compare stays short.
func (k *killed) writerAnew(i int) {
	k.total += k.acked
	k.writer = k.net.Guest(i + 2)
	k.made, k.acked = []*block.Block{k.writer.Genesis}, 0
}

// compare reads the chain back: every acknowledged block must be there, and nothing that was not made.
func (k *killed) compare(p *process) {
	c := dialGuest(k.t, p, k.net, 1)
	defer c.Close()
	ctx := soon(k.t)
	got := 0
	for more := true; more; {
		err := c.Send(ctx, &gossip.Get{Request: 1, Chain: k.made[0].Chain(), From: uint32(got), To: 1 << 31, IDs: []block.ID{},
			Heads: []block.ChainID{}, Shares: []block.ID{}, Payload: true})
		if err != nil {
			k.t.Fatal(err)
		}
		m, err := c.Receive(ctx)
		if err != nil {
			k.t.Fatal(err)
		}
		page, ok := m.(*gossip.Blocks)
		if !ok {
			k.t.Fatalf("%T %+v", m, m)
		}
		for _, b := range page.Blocks {
			if string(b) != string(k.made[got].Encode()) {
				k.t.Fatalf("block %d is not the one that was made", got)
			}
			got++
		}
		more = page.More
	}
	if got < k.acked {
		k.t.Fatalf("%d blocks are left of %d acknowledged", got, k.acked)
	}
}

// push sends what was not acknowledged and more, until the relay dies.
func (k *killed) push(p *process, r *rand.Rand) {
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	c, err := Dial(ctx, p.base, k.net.Net(), hubtest.Key("connection", 2), nil)
	if err != nil {
		return // it was killed already
	}
	defer c.Close()
	for {
		for len(k.made) < k.acked+1+r.IntN(30) {
			k.made = append(k.made, k.writer.Record(1+r.IntN(400)))
		}
		frame := k.made[k.acked:]
		results, err := c.Push(ctx, 1, frame...)
		if err != nil {
			return
		}
		for i, res := range results {
			if res.Reason != "" {
				k.t.Fatalf("block %d: %s", k.acked+i, res.Reason)
			}
		}
		k.acked += len(results)
	}
}
