package conformance

import (
	"bytes"
	"context"
	"encoding/base64"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/coder/websocket"

	"github.com/anamnesis-health/anamnesis/relay/hub/hubtest"
	"github.com/anamnesis-health/anamnesis/shared/block"
	"github.com/anamnesis-health/anamnesis/shared/gossip"
)

func want[M gossip.Message](t testing.TB, c *Client) M {
	t.Helper()
	m, err := c.Receive(soon(t))
	if err != nil {
		t.Fatal(err)
	}
	got, ok := m.(M)
	if !ok {
		t.Fatalf("got %T %+v, want %T", m, m, got)
	}
	return got
}

func send(t testing.TB, c *Client, m gossip.Message) {
	t.Helper()
	if err := c.Send(soon(t), m); err != nil {
		t.Fatal(err)
	}
}

func stored(t testing.TB, c *Client, blocks ...*block.Block) {
	t.Helper()
	results, err := c.Push(soon(t), 1, blocks...)
	if err != nil {
		t.Fatal(err)
	}
	for i, r := range results {
		if r.Reason != "" || r.ID != blocks[i].ID {
			t.Fatalf("block %d: %+v", i, r)
		}
	}
}

// TestATryOut is what two people do with `anamnesis dev`: write, follow, meet, ask, answer, restart.
func TestATryOut(t *testing.T) {
	dir := t.TempDir()
	p := launch(t, "dev", "--listen", "127.0.0.1:0", "--data", dir)
	n := p.network(t, dir)
	owner, reader := dialGuest(t, p, n, 1), dialGuest(t, p, n, 2)
	if owner.Token.Quota != 0 {
		t.Errorf("a quota of %d in a try-out", owner.Token.Quota)
	}
	o, r := n.Guest(1), n.Guest(2)
	send(t, reader, &gossip.Sub{Sub: 1, Tags: []block.Tag{o.Tag}})
	if b := want[*gossip.Blocks](t, reader); len(b.Blocks) != 0 || b.More {
		t.Fatalf("%+v", b)
	}
	first := []*block.Block{o.Genesis, o.AddSession(), o.Record(1000)}
	stored(t, owner, first...)
	live := want[*gossip.Blocks](t, reader)
	for i, b := range first {
		if !bytes.Equal(live.Blocks[i], b.Encode()) {
			t.Fatalf("block %d came back as other bytes", i)
		}
	}

	room := block.Nonce{1, 2, 3}
	send(t, owner, &gossip.Meet{Room: room, Slot: 0, Body: []byte("commitment")})
	send(t, reader, &gossip.Meet{Room: room, Slot: 1, Body: []byte("mine")})
	if m := want[*gossip.Meet](t, reader); m.Slot != 0 || string(m.Body) != "commitment" {
		t.Fatalf("%+v", m)
	}
	if m := want[*gossip.Meet](t, owner); m.Slot != 1 {
		t.Fatalf("%+v", m)
	}

	g := n.Begin(block.ChainGrant, 3, []block.Admission{})
	grant := g.Grant(r.State.ID)
	stored(t, owner, g.Genesis, grant)
	stored(t, reader, r.Genesis, r.AddSession())
	access := r.Access(grant.ID)
	stored(t, reader, access)
	send(t, reader, &gossip.Sub{Sub: 2, Tags: []block.Tag{r.Tag}, Cursor: 1 << 40})
	want[*gossip.Blocks](t, reader)
	send(t, owner, &gossip.Share{Access: access.ID, Body: []byte("sealed"), Signature: make([]byte, 64)})
	if s := want[*gossip.Share](t, reader); string(s.Body) != "sealed" {
		t.Fatalf("%+v", s)
	}

	p.stop(t)
	p = launch(t, "dev", "--listen", "127.0.0.1:0", "--data", dir)
	if again := p.network(t, dir); again.Net() != n.Net() {
		t.Fatal("another network after a restart")
	}
	reader = dialGuest(t, p, n, 2)
	send(t, reader, &gossip.Get{Request: 3, IDs: []block.ID{}, Heads: []block.ChainID{}, Shares: []block.ID{access.ID}})
	want[*gossip.Share](t, reader)
	want[*gossip.Blocks](t, reader)
	stored(t, reader, first...) // again: they keep their place
	p.stop(t)
}

// TestAClosedRelay is the same network behind `anamnesis relay`.
func TestAClosedRelay(t *testing.T) {
	dir := t.TempDir()
	p := launch(t, "dev", "--listen", "127.0.0.1:0", "--data", dir)
	n := p.network(t, dir)
	p.stop(t)
	p = launch(t, "relay", "--network", dir+"/network", "--key", dir+"/relay.key", "--data", t.TempDir(), "--listen", "127.0.0.1:0")
	guest := dialGuest(t, p, n, 1)
	if guest.Token.Quota == 0 {
		t.Error("a guest without quota")
	}
	admitted, err := Dial(t.Context(), p.base, n.Net(), hubtest.Key("connection", 2), n.Admit(2))
	if err != nil {
		t.Fatal(err)
	}
	defer admitted.Close()
	r, g := n.Guest(1), n.Begin(block.ChainGrant, 6, n.Admission(block.AdmitChain, block.KeyOf(hubtest.Key("writer", 6))))
	results, err := guest.Push(soon(t), 1, r.Genesis)
	if err != nil || results[0].Reason != "admission/guest" {
		t.Fatalf("%+v, %v", results, err)
	}
	stored(t, admitted, g.Genesis, g.Grant(r.State.ID))
	stored(t, guest, r.Genesis, r.AddSession())
	p.stop(t)
}

// TestAttackA40OverTheWire floods the real binary with sockets that say nothing, headers that never end and frames
// that are too long; a good client gets through.
func TestAttackA40OverTheWire(t *testing.T) {
	dir := t.TempDir()
	p := launch(t, "dev", "--listen", "127.0.0.1:0", "--data", dir)
	n := p.network(t, dir)
	address := strings.TrimPrefix(p.base, "http://")
	var slow []net.Conn
	for range 300 {
		c, err := net.Dial("tcp", address)
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		fmt.Fprintf(c, "GET / HTTP/1.1\r\nHost: x\r\nX-a: ")
		slow = append(slow, c)
	}
	var mute []*Client
	refused := 0
	for range 40 {
		c, err := Open(soon(t), p.base)
		if err != nil {
			refused++
			continue
		}
		defer c.Close()
		mute = append(mute, c)
	}
	if len(mute) != 20 || refused != 20 {
		t.Errorf("%d sockets before AUTH from one address, want 20", len(mute))
	}
	mute[0].Close()
	deadline := time.Now().Add(15 * time.Second)
	for { // one place is free; the relay notices within a moment
		c, err := Dial(soon(t), p.base, n.Net(), hubtest.Key("connection", 1), nil)
		if err == nil {
			defer c.Close()
			w := n.Guest(1)
			stored(t, c, w.Genesis, w.Record(10))
			break
		}
		if time.Now().After(deadline) {
			t.Fatal("a good client gets no place")
		}
	}
	for _, c := range slow[:3] { // headers are waited for no longer than 5 s
		c.SetReadDeadline(time.Now().Add(8 * time.Second))
		if _, err := io.ReadAll(c); err != nil {
			t.Errorf("slow headers are still waited for: %v", err)
		}
	}
	for _, c := range mute[1:3] { // a first signed frame no longer than 10 s
		m, err := c.Receive(soon(t))
		if e, ok := m.(*gossip.Err); err != nil || !ok || e.Code != "auth/late" {
			t.Errorf("%+v, %v", m, err)
		}
	}
	p.stop(t)
}

// TestAttackA41OverTheWire lets one client stop reading while others follow: they get everything, and the relay's
// memory does not grow by what the stalled one missed.
func TestAttackA41OverTheWire(t *testing.T) {
	s := start(t, 1)
	wr := s.net.Writer(1)
	author, stalled, good := s.dial(t, 1), s.dial(t, 2), s.dial(t, 3)
	for i := range uint32(64) { // as much credit as there is
		send(t, stalled, &gossip.Sub{Sub: i + 1, Tags: []block.Tag{wr.Tag}})
	}
	send(t, good, &gossip.Sub{Sub: 1, Tags: []block.Tag{wr.Tag}})
	want[*gossip.Blocks](t, good)
	stored(t, author, wr.Genesis)
	var wait sync.WaitGroup
	wait.Add(1)
	const blocks = 2000
	go func() { // ends with the last block; waited for below
		defer wait.Done()
		for got := 0; got < blocks+1; {
			m, err := good.Receive(context.Background())
			if err != nil {
				t.Error(err)
				return
			}
			b := m.(*gossip.Blocks)
			got += len(b.Blocks)
			if err := good.Send(context.Background(), &gossip.Credit{Sub: 1, Bytes: 256 << 10}); err != nil {
				t.Error(err)
				return
			}
		}
	}()
	before := rss()
	for range blocks / 20 {
		var frame []*block.Block
		for range 20 {
			frame = append(frame, wr.Record(12_000))
		}
		stored(t, author, frame...)
	}
	wait.Wait()
	if grown := rss() - before; grown > 80<<20 {
		t.Errorf("%d MiB more after 24 MB for 64 subscriptions that nobody reads", grown>>20)
	}
}

func TestForeignAndCompressedSockets(t *testing.T) {
	dir := t.TempDir()
	p := launch(t, "dev", "--listen", "127.0.0.1:0", "--data", dir)
	defer p.stop(t)
	for _, origin := range []string{"https://evil.test", "null"} {
		_, resp, err := websocket.Dial(soon(t), p.base+"/v1/ws", &websocket.DialOptions{HTTPHeader: http.Header{"Origin": {origin}}})
		if err == nil || resp.StatusCode != http.StatusForbidden {
			t.Errorf("origin %s: %v", origin, err)
		}
	}
}

// TestABlobOverTheWire sends a blob, stops half-way, and goes on after a restart.
func TestABlobOverTheWire(t *testing.T) {
	dir := t.TempDir()
	p := launch(t, "dev", "--listen", "127.0.0.1:0", "--data", dir)
	n := p.network(t, dir)
	leaves := [][]byte{bytes.Repeat([]byte{7}, 32), bytes.Repeat([]byte{1}, 256<<10), bytes.Repeat([]byte{2}, 5000)}
	var hashes []block.Hash
	announce := []byte{0x92, 0xce, 0, 4, 0x13, 0xa8, 0xc4, 96} // 32 + 262144 + 5000
	for _, l := range leaves {
		h := block.LeafHash(l)
		hashes = append(hashes, h)
		announce = append(announce, h[:]...)
	}
	root := block.Root(hashes)
	path := "/v1/blob/" + base64.RawURLEncoding.EncodeToString(root[:])
	do := func(c *Client, method, path string, body []byte) (int, string) {
		req, err := http.NewRequestWithContext(soon(t), method, p.base+path, bytes.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Authorization", "Bearer "+base64.RawURLEncoding.EncodeToString(c.Token.Token[:]))
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		b, err := io.ReadAll(resp.Body)
		if err != nil {
			t.Fatal(err)
		}
		return resp.StatusCode, string(b)
	}
	c := dialGuest(t, p, n, 1)
	if code, _ := do(c, "POST", path, announce); code != 201 {
		t.Fatal(code)
	}
	if code, _ := do(c, "PUT", path+"/1", leaves[1]); code != 204 {
		t.Fatal(code)
	}
	p.kill(t)
	p = launch(t, "dev", "--listen", "127.0.0.1:0", "--data", dir)
	defer p.stop(t)
	c = dialGuest(t, p, n, 1)
	if code, body := do(c, "GET", path+"/missing", nil); code != 200 || body != "\x94\x00\x01\x02\x03" {
		t.Fatalf("%d %x", code, body)
	}
	do(c, "PUT", path+"/0", leaves[0])
	code, receipt := do(c, "PUT", path+"/2", leaves[2])
	signed := append(append([]byte{0x92, 0xc4, 32}, root[:]...), announce[1:6]...)
	if err := block.Verify(n.Net(), block.Key(c.Hello.Relay), block.SigStored, signed, []byte(receipt)); code != 200 || err != nil {
		t.Fatalf("%d, %v", code, err)
	}
	if code, body := do(c, "GET", path, nil); code != 200 || body != string(bytes.Join(leaves, nil)) {
		t.Fatalf("%d, %d bytes", code, len(body))
	}
}

// TestCheckFindsAFlippedByte damages the relay's file behind its back: the relay never hands the block out, and
// `anamnesis check` names it.
func TestCheckFindsAFlippedByte(t *testing.T) {
	dir := t.TempDir()
	p := launch(t, "dev", "--listen", "127.0.0.1:0", "--data", dir)
	n := p.network(t, dir)
	w := n.Guest(1)
	marker := []byte("a payload that can be found in the file")
	b := w.Add(block.KindRecord, nil, marker, nil)
	stored(t, dialGuest(t, p, n, 1), w.Genesis, b, w.Record(10))
	p.stop(t)
	file := filepath.Join(dir, "lane.db")
	raw, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	at := bytes.Index(raw, marker)
	if at < 0 {
		t.Fatal("the payload is not in the file")
	}
	raw[at+5] ^= 2
	if err := os.WriteFile(file, raw, 0o600); err != nil {
		t.Fatal(err)
	}
	path, err := build()
	if err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command(path, "check", "--data", dir).CombinedOutput()
	if err == nil || !bytes.Contains(out, []byte("block at 2: damaged")) || !bytes.Contains(out, []byte("3 blocks, 0 blobs checked, ")) {
		t.Errorf("check: %v: %s", err, out)
	}
	p = launch(t, "dev", "--listen", "127.0.0.1:0", "--data", dir)
	defer p.stop(t)
	c := dialGuest(t, p, n, 1)
	send(t, c, &gossip.Get{Request: 4, Chain: w.State.ID, To: 9, IDs: []block.ID{}, Heads: []block.ChainID{}, Shares: []block.ID{}, Payload: true})
	if page := want[*gossip.Blocks](t, c); len(page.Blocks) != 2 {
		t.Errorf("%d blocks handed out", len(page.Blocks))
	}
	if e := want[*gossip.Err](t, c); e.Code != "store/damaged" || e.Request != 4 {
		t.Errorf("%+v", e)
	}
	stored(t, c, w.Record(10)) // the chain goes on: its state was kept apart
}
