package server

import (
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"github.com/coder/websocket"
	"go.uber.org/goleak"

	"github.com/anamnesis-health/anamnesis/relay/hub"
	"github.com/anamnesis-health/anamnesis/relay/hub/hubtest"
	"github.com/anamnesis-health/anamnesis/relay/store/files"
	"github.com/anamnesis-health/anamnesis/relay/store/memory"
	"github.com/anamnesis-health/anamnesis/shared/block"
	"github.com/anamnesis-health/anamnesis/shared/gossip"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// running is a server on a real socket; log holds everything that it logged.
type running struct {
	t    *testing.T
	net  *hubtest.Network
	s    *Server
	base string
	log  *safeBuffer
	stop context.CancelFunc
	done chan error
}

type safeBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (s *safeBuffer) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.Write(p)
}

func (s *safeBuffer) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.String()
}

func app() fstest.MapFS {
	return fstest.MapFS{
		"index.html": {Data: []byte("<!doctype html>app")}, "index.html.br": {Data: []byte("br of index")},
		"assets/app-1a2b.js": {Data: []byte("js")}, "core.wasm": {Data: []byte("\x00asm")}, ".keep": {},
	}
}

func run(t *testing.T, change func(*Config)) *running {
	r := &running{t: t, net: hubtest.NewNetwork("http://relay.test"), log: &safeBuffer{}, done: make(chan error, 1)}
	blobs, err := files.Open(filepath.Join(t.TempDir(), "blobs"))
	if err != nil {
		t.Fatal(err)
	}
	c := Config{
		Hub:   hub.Config{Network: r.net.Network, Relay: r.net.Relay, Policy: hub.Open},
		Store: memory.New(), Blobs: blobs, App: app(),
		Log: slog.New(slog.NewTextHandler(r.log, &slog.HandlerOptions{Level: slog.LevelDebug})),
	}
	if change != nil {
		change(&c)
	}
	if r.s, err = New(c); err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	r.base = "http://" + l.Addr().String()
	ctx, stop := context.WithCancel(context.Background())
	r.stop = stop
	go func() { r.done <- r.s.Serve(ctx, l) }() // ends with stop; the test reads done
	t.Cleanup(func() {
		stop()
		http.DefaultClient.CloseIdleConnections()
	})
	return r
}

// end stops the server and gives what Serve returned.
func (r *running) end() error {
	r.stop()
	select {
	case err := <-r.done:
		return err
	case <-time.After(20 * time.Second):
		r.t.Fatal("Serve does not end")
		return nil
	}
}

func (r *running) do(method, path string, body []byte, headers ...string) *http.Response {
	r.t.Helper()
	req, err := http.NewRequest(method, r.base+path, bytes.NewReader(body))
	if err != nil {
		r.t.Fatal(err)
	}
	for i := 0; i < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
		if headers[i] == "Host" {
			req.Host = headers[i+1]
		}
	}
	resp, err := http.DefaultTransport.RoundTrip(req)
	if err != nil {
		r.t.Fatal(err)
	}
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		r.t.Fatal(err)
	}
	resp.Body.Close()
	resp.Body = io.NopCloser(bytes.NewReader(b))
	return resp
}

func bodyOf(r *http.Response) string {
	b, _ := io.ReadAll(r.Body)
	return string(b)
}

// dial authenticates a guest and gives its token.
func (r *running) dial() (*websocket.Conn, []byte) {
	r.t.Helper()
	ws, _, err := websocket.Dial(r.t.Context(), r.base+"/v1/ws", nil)
	if err != nil {
		r.t.Fatal(err)
	}
	hello, ok := r.read(ws).(*gossip.Hello)
	if !ok {
		r.t.Fatal("no HELLO")
	}
	r.write(ws, r.net.Hello())
	r.write(ws, r.net.Auth(hello, 1, []block.Admission{}))
	token, ok := r.read(ws).(*gossip.Token)
	if !ok {
		r.t.Fatal("no TOKEN")
	}
	return ws, token.Token[:]
}

func (r *running) read(ws *websocket.Conn) gossip.Message {
	r.t.Helper()
	_, b, err := ws.Read(r.t.Context())
	if err != nil {
		r.t.Fatal(err)
	}
	m, err := gossip.Parse(b)
	if err != nil {
		r.t.Fatal(err)
	}
	return m
}

func (r *running) write(ws *websocket.Conn, frame []byte) {
	r.t.Helper()
	if err := ws.Write(r.t.Context(), websocket.MessageBinary, frame); err != nil {
		r.t.Fatal(err)
	}
}

func TestPageAndHeaders(t *testing.T) {
	r := run(t, nil)
	for path, want := range map[string]struct {
		status            int
		kind, cache, body string
	}{
		"/":                   {200, "text/html; charset=utf-8", "no-cache", "<!doctype html>app"},
		"/index.html":         {200, "text/html; charset=utf-8", "no-cache", "<!doctype html>app"},
		"/assets/app-1a2b.js": {200, "text/javascript; charset=utf-8", "public, max-age=31536000, immutable", "js"},
		"/core.wasm":          {200, "application/wasm", "no-cache", "\x00asm"},
		"/.keep":              {404, "text/plain; charset=utf-8", "", "404 page not found\n"},
		"/assets/":            {404, "text/plain; charset=utf-8", "", "404 page not found\n"},
		"/index.html.br":      {404, "text/plain; charset=utf-8", "", "404 page not found\n"},
		"/..%2f..%2fetc":      {404, "text/plain; charset=utf-8", "", "404 page not found\n"},
		"/v1/else":            {404, "text/plain; charset=utf-8", "", "404 page not found\n"},
		"/healthz":            {200, "text/plain; charset=utf-8", "no-store", "ok\n"},
		"/v1/network":         {200, "application/octet-stream", "no-store", string(r.net.Bytes())},
	} {
		resp := r.do("GET", path, nil)
		if got := bodyOf(resp); resp.StatusCode != want.status || resp.Header.Get("Content-Type") != want.kind ||
			resp.Header.Get("Cache-Control") != want.cache || got != want.body {
			t.Errorf("%s: %d %v %q", path, resp.StatusCode, resp.Header, got)
		}
		for header, value := range map[string]string{
			"Cross-Origin-Opener-Policy": "same-origin", "Cross-Origin-Embedder-Policy": "require-corp",
			"X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer", "Strict-Transport-Security": "",
		} {
			if resp.Header.Get(header) != value {
				t.Errorf("%s: %s is %q", path, header, resp.Header.Get(header))
			}
		}
		csp := resp.Header.Get("Content-Security-Policy")
		for _, part := range []string{
			"default-src 'none'", "script-src 'self' 'wasm-unsafe-eval'", "connect-src 'self' http://relay.test ws://relay.test;",
			"frame-ancestors 'none'", "base-uri 'none'", "require-trusted-types-for 'script'",
		} {
			if !strings.Contains(csp, part) {
				t.Errorf("%s: no %q in %q", path, part, csp)
			}
		}
		if strings.Contains(csp, "unsafe-inline") || strings.Contains(csp, "*") {
			t.Errorf("%s: %q", path, csp)
		}
	}
	if resp := r.do("POST", "/", nil); resp.StatusCode != 405 {
		t.Errorf("POST /: %d", resp.StatusCode)
	}
	if err := r.end(); err != nil {
		t.Error(err)
	}
}

func TestBrotliAndETags(t *testing.T) {
	r := run(t, nil)
	resp := r.do("GET", "/", nil, "Accept-Encoding", "gzip, br;q=1.0")
	if resp.Header.Get("Content-Encoding") != "br" || bodyOf(resp) != "br of index" || resp.Header.Get("Vary") != "Accept-Encoding" {
		t.Errorf("%v", resp.Header)
	}
	for _, accept := range []string{"gzip", "br;q=0", "brotli", "identity"} {
		plain := r.do("GET", "/", nil, "Accept-Encoding", accept)
		if plain.Header.Get("Content-Encoding") != "" || plain.Header.Get("ETag") == resp.Header.Get("ETag") {
			t.Errorf("%q: %v", accept, plain.Header)
		}
	}
	again := r.do("GET", "/", nil, "Accept-Encoding", "br", "If-None-Match", resp.Header.Get("ETag"))
	if again.StatusCode != 304 || bodyOf(again) != "" {
		t.Errorf("%d", again.StatusCode)
	}
	if again = r.do("GET", "/", nil, "Accept-Encoding", "gzip", "If-None-Match", resp.Header.Get("ETag")); again.StatusCode != 200 {
		t.Errorf("another encoding under the same tag: %d", again.StatusCode)
	}
	if err := r.end(); err != nil {
		t.Error(err)
	}
}

func TestSocketRefuses(t *testing.T) {
	r := run(t, nil)
	upgrade := []string{
		"Connection", "Upgrade", "Upgrade", "websocket", "Sec-WebSocket-Version", "13",
		"Sec-WebSocket-Key", base64.StdEncoding.EncodeToString(make([]byte, 16)),
	}
	for _, origin := range []string{"https://evil.test", "http://relay.test:81", "null", "http://127.0.0.1"} {
		if resp := r.do("GET", "/v1/ws", nil, append(upgrade, "Origin", origin)...); resp.StatusCode != 403 {
			t.Errorf("origin %s: %d", origin, resp.StatusCode)
		}
	}
	for _, origin := range []string{"http://relay.test", r.base} {
		ws, resp, err := websocket.Dial(t.Context(), r.base+"/v1/ws", &websocket.DialOptions{
			HTTPHeader: http.Header{"Origin": {origin}}, CompressionMode: websocket.CompressionContextTakeover,
		})
		if err != nil {
			t.Errorf("origin %s: %v", origin, err)
			continue
		}
		if e := resp.Header.Get("Sec-WebSocket-Extensions"); e != "" {
			t.Errorf("compression %q", e)
		}
		ws.CloseNow()
	}
	if resp := r.do("GET", "/v1/ws", nil); resp.StatusCode/100 == 2 {
		t.Errorf("a plain GET: %d", resp.StatusCode)
	}

	for name, write := range map[string]func(ws *websocket.Conn) error{
		"text": func(ws *websocket.Conn) error { return ws.Write(t.Context(), websocket.MessageText, r.net.Hello()) },
		"8 KiB and 1 B": func(ws *websocket.Conn) error {
			return ws.Write(t.Context(), websocket.MessageBinary, make([]byte, 8<<10+1))
		},
		"PUSH at once":   func(ws *websocket.Conn) error { return ws.Write(t.Context(), websocket.MessageBinary, hubtest.Push(1)) },
		"an empty frame": func(ws *websocket.Conn) error { return ws.Write(t.Context(), websocket.MessageBinary, nil) },
		"a foreign HELLO": func(ws *websocket.Conn) error {
			return ws.Write(t.Context(), websocket.MessageBinary, gossip.Frame(&gossip.Hello{Relay: []byte{}}))
		},
	} {
		ws, _, err := websocket.Dial(t.Context(), r.base+"/v1/ws", nil)
		if err != nil {
			t.Fatal(err)
		}
		if err := write(ws); err != nil {
			t.Fatal(err)
		}
		ended := false
		for range 3 { // HELLO, perhaps ERR
			if _, _, err := ws.Read(t.Context()); err != nil {
				ended = true
				break
			}
		}
		if !ended {
			t.Errorf("%s: the connection goes on", name)
		}
		ws.CloseNow()
	}
	ws, _ := r.dial()
	if err := ws.Write(t.Context(), websocket.MessageBinary, make([]byte, 1<<20+1)); err != nil {
		t.Fatal(err)
	}
	if _, _, err := ws.Read(t.Context()); err == nil {
		t.Error("a frame over 1 MiB")
	}
	if err := r.end(); err != nil {
		t.Error(err)
	}
}

func TestShutdownSaysGoodbye(t *testing.T) {
	r := run(t, nil)
	ws, _ := r.dial()
	ended := make(chan error, 1)
	go func() { _, _, err := ws.Read(context.Background()); ended <- err }() // ends with the server
	if err := r.end(); err != nil {
		t.Fatal(err)
	}
	if got := websocket.CloseStatus(<-ended); got != websocket.StatusGoingAway {
		t.Errorf("closed with %v", got)
	}
}

var errDisk = errors.New("fsync: input/output error")

type brokenStore struct{ hub.Store }

func (brokenStore) Append(hub.Addition) error { return errDisk }

func TestABrokenStoreEndsTheServerWithoutAnAnswer(t *testing.T) {
	r := run(t, func(c *Config) { c.Store = brokenStore{c.Store} })
	ws, _ := r.dial()
	r.write(ws, hubtest.Push(1, r.net.Guest(1).Genesis))
	if _, b, err := ws.Read(t.Context()); err == nil {
		t.Errorf("answered %x", b)
	}
	select {
	case err := <-r.done:
		if !errors.Is(err, errDisk) {
			t.Errorf("Serve returned %v", err)
		}
	case <-time.After(20 * time.Second):
		t.Fatal("the server goes on")
	}
}

func TestLogsHoldNoContent(t *testing.T) {
	r := run(t, nil)
	ws, token := r.dial()
	w := r.net.Guest(1)
	secret := "blood pressure 130/80"
	r.write(ws, hubtest.Push(1, w.Genesis, w.Add(block.KindRecord, nil, []byte(secret), nil)))
	r.read(ws)
	r.write(ws, []byte(secret))
	for {
		if _, _, err := ws.Read(t.Context()); err != nil {
			break
		}
	}
	r.do("GET", "/v1/blob/"+strings.Repeat("A", 43), nil, "Authorization", "Bearer "+base64.RawURLEncoding.EncodeToString(token))
	if err := r.end(); err != nil {
		t.Fatal(err)
	}
	log := r.log.String()
	if !strings.Contains(log, "frame/") {
		t.Errorf("nothing was logged: %q", log)
	}
	for _, s := range []string{secret, w.State.ID.Hex()[:16], base64.RawURLEncoding.EncodeToString(token)[:16], "127.0.0.1"} {
		if strings.Contains(log, s) {
			t.Errorf("the log holds %q: %s", s, log)
		}
	}
}

func TestMetrics(t *testing.T) {
	r := run(t, nil)
	ws, _ := r.dial()
	r.write(ws, hubtest.Push(1, r.net.Guest(1).Genesis, r.net.Guest(1).Genesis, r.net.Guest(2).Record(1)))
	r.read(ws)
	rec := &recorder{header: http.Header{}}
	r.s.Metrics().ServeHTTP(rec, nil)
	for _, line := range []string{
		"anamnesis_connections 1", "anamnesis_blocks_stored_total 1", "anamnesis_blocks_duplicate_total 1", "anamnesis_lane_size 1",
		`anamnesis_refused_total{code="chain/unknown"} 1`, "anamnesis_frame_seconds_count 3", "# TYPE anamnesis_frame_seconds histogram",
	} {
		if !strings.Contains(rec.body.String(), line+"\n") {
			t.Errorf("no line %q in\n%s", line, rec.body.String())
		}
	}
	if resp := r.do("GET", "/metrics", nil); resp.StatusCode != 404 {
		t.Errorf("metrics on the public address: %d", resp.StatusCode)
	}
	ws.CloseNow()
	if err := r.end(); err != nil {
		t.Error(err)
	}
}

type recorder struct {
	header http.Header
	body   bytes.Buffer
}

func (r *recorder) Header() http.Header         { return r.header }
func (r *recorder) WriteHeader(int)             {}
func (r *recorder) Write(b []byte) (int, error) { return r.body.Write(b) }

// blob makes a blob of n bytes after the first leaf.
func blob(n int) (root block.Hash, size uint64, leaves [][]byte, hashes []block.Hash) {
	all := make([]byte, n)
	for i := range all {
		all[i] = byte(i>>8) ^ byte(i>>18)*31
	}
	leaves = [][]byte{bytes.Repeat([]byte{7}, 32)}
	for len(all) > 0 {
		k := min(len(all), 256<<10)
		leaves, all = append(leaves, all[:k]), all[k:]
	}
	for _, l := range leaves {
		hashes = append(hashes, block.LeafHash(l))
	}
	return block.Root(hashes), uint64(n + 32), leaves, hashes
}

func TestBlobs(t *testing.T) {
	r := run(t, nil)
	ws, token := r.dial()
	defer r.end()
	defer ws.CloseNow() // first: a goodbye waits for who does not read
	auth := []string{"Authorization", "Bearer " + base64.RawURLEncoding.EncodeToString(token)}
	root, size, leaves, hashes := blob(600 << 10)
	path := "/v1/blob/" + base64.RawURLEncoding.EncodeToString(root[:])
	want := func(status int, method, path string, body []byte, headers ...string) *http.Response {
		t.Helper()
		resp := r.do(method, path, body, append(auth, headers...)...)
		if resp.StatusCode != status {
			t.Fatalf("%s %s: %d %s, want %d", method, path, resp.StatusCode, bodyOf(resp), status)
		}
		if resp.Header.Get("Cache-Control") != "no-store" {
			t.Errorf("%s: %v", path, resp.Header)
		}
		return resp
	}
	for _, bad := range [][]string{{}, {"Authorization", "Bearer " + strings.Repeat("A", 43)}, {"Authorization", "Basic x"}} {
		for _, method := range []string{"GET", "HEAD", "POST"} {
			if resp := r.do(method, path, nil, bad...); resp.StatusCode != 401 {
				t.Errorf("%s with %q: %d", method, bad, resp.StatusCode)
			}
		}
	}
	want(404, "GET", path, nil)
	want(404, "GET", path+"/missing", nil)
	want(404, "GET", path+"/leaves", nil)
	want(404, "PUT", path+"/0", leaves[0])
	want(404, "GET", "/v1/blob/"+strings.Repeat("A", 60), nil)
	announce := hub.EncodeAnnounce(size, hashes)
	want(400, "POST", path, announce[:len(announce)-1])
	want(400, "POST", path, append(bytes.Clone(announce), 0))
	want(400, "POST", path, hub.EncodeAnnounce(size+1<<20, hashes))
	swapped := append([]block.Hash{}, hashes...)
	swapped[1], swapped[2] = swapped[2], swapped[1]
	want(400, "POST", path, hub.EncodeAnnounce(size, swapped))
	want(413, "POST", path, hub.EncodeAnnounce(5<<30, hashes))
	want(201, "POST", path, announce)
	want(201, "POST", path, announce)
	want(404, "GET", path, nil) // not before it is complete
	want(422, "PUT", path+"/1", leaves[2])
	want(422, "PUT", path+"/1", leaves[1][:100])
	want(422, "PUT", path+"/4", leaves[1])
	want(400, "PUT", path+"/01", leaves[1])
	want(400, "PUT", path+"/-1", leaves[1])
	want(413, "PUT", path+"/1", make([]byte, 256<<10+1))
	want(204, "PUT", path+"/3", leaves[3])
	want(204, "PUT", path+"/3", leaves[3])
	if got := bodyOf(want(200, "GET", path+"/missing", nil)); got != "\x92\x00\x03" {
		t.Errorf("missing %x", got)
	}
	want(204, "PUT", path+"/0", leaves[0])
	want(204, "PUT", path+"/1", leaves[1])
	receipt := bodyOf(want(200, "PUT", path+"/2", leaves[2]))
	body := append(append([]byte{0x92, 0xc4, 32}, root[:]...), 0xce, byte(size>>24), byte(size>>16), byte(size>>8), byte(size))
	if err := block.Verify(r.net.Net(), block.KeyOf(r.net.Relay), block.SigStored, body, []byte(receipt)); err != nil {
		t.Errorf("the receipt: %v", err)
	}
	if bodyOf(want(200, "POST", path, announce)) != receipt || bodyOf(want(200, "PUT", path+"/2", leaves[2])) != receipt {
		t.Error("asked again, another receipt")
	}
	if got := bodyOf(want(200, "GET", path+"/missing", nil)); got != "\x90" {
		t.Errorf("missing %x", got)
	}
	if got := bodyOf(want(200, "GET", path+"/leaves", nil)); got != string(announce) {
		t.Error("leaves differ")
	}
	whole := string(bytes.Join(leaves, nil))
	if bodyOf(want(200, "GET", path, nil)) != whole {
		t.Error("other bytes")
	}
	part := want(206, "GET", path, nil, "Range", "bytes=32-262175")
	if bodyOf(part) != string(leaves[1]) || part.Header.Get("Content-Range") != "bytes 32-262175/"+strconv.Itoa(len(whole)) {
		t.Errorf("range: %v", part.Header)
	}
	want(416, "GET", path, nil, "Range", "bytes=999999999-")
	want(416, "GET", path, nil, "Range", "bytes=0-1,5-6")
	if head := want(200, "HEAD", path, nil); head.Header.Get("Content-Length") != strconv.Itoa(len(whole)) {
		t.Errorf("%v", head.Header)
	}
	if resp := r.do("GET", path, nil, append(auth, "Origin", "https://evil.test")...); resp.StatusCode != 403 {
		t.Errorf("a foreign origin: %d", resp.StatusCode)
	}
	if resp := r.do("OPTIONS", path, nil, "Origin", "http://relay.test"); resp.StatusCode != 204 ||
		resp.Header.Get("Access-Control-Allow-Origin") != "http://relay.test" {
		t.Errorf("preflight: %d %v", resp.StatusCode, resp.Header)
	}
	if resp := r.do("OPTIONS", path, nil, "Origin", "https://evil.test"); resp.Header.Get("Access-Control-Allow-Origin") != "" {
		t.Errorf("preflight of a foreign origin: %v", resp.Header)
	}
}

func TestAGuestWritesOneMiBOfBlobs(t *testing.T) {
	r := run(t, func(c *Config) { c.Hub.Policy = hub.Closed })
	ws, token := r.dial()
	defer r.end()
	defer ws.CloseNow() // first: a goodbye waits for who does not read
	auth := []string{"Authorization", "Bearer " + base64.RawURLEncoding.EncodeToString(token)}
	root, size, leaves, hashes := blob(2 << 20)
	path := "/v1/blob/" + base64.RawURLEncoding.EncodeToString(root[:])
	if resp := r.do("POST", path, hub.EncodeAnnounce(size, hashes), auth...); resp.StatusCode != 201 {
		t.Fatal(resp.StatusCode)
	}
	for i := 1; ; i++ {
		resp := r.do("PUT", path+"/"+strconv.Itoa(i), leaves[i], auth...)
		if resp.StatusCode == 429 && i == 4 {
			break
		}
		if resp.StatusCode != 204 || i > 4 {
			t.Fatalf("leaf %d: %d", i, resp.StatusCode)
		}
	}
}

// TestAttackA01 puts one blob's bytes under another's name.
func TestAttackA01(t *testing.T) {
	r := run(t, nil)
	ws, token := r.dial()
	defer r.end()
	defer ws.CloseNow() // first: a goodbye waits for who does not read
	auth := []string{"Authorization", "Bearer " + base64.RawURLEncoding.EncodeToString(token)}
	rootA, size, leavesA, hashesA := blob(300 << 10)
	leavesB := append([][]byte{}, leavesA...)
	leavesB[1] = append([]byte{99}, leavesA[1][1:]...)
	hashesB := []block.Hash{block.LeafHash(leavesB[0]), block.LeafHash(leavesB[1]), block.LeafHash(leavesB[2])}
	path := "/v1/blob/" + base64.RawURLEncoding.EncodeToString(rootA[:])
	if resp := r.do("POST", path, hub.EncodeAnnounce(size, hashesB), auth...); resp.StatusCode != 400 {
		t.Errorf("B's leaves under A's root: %d", resp.StatusCode)
	}
	if resp := r.do("POST", path, hub.EncodeAnnounce(size, hashesA), auth...); resp.StatusCode != 201 {
		t.Fatal(resp.StatusCode)
	}
	if resp := r.do("PUT", path+"/1", leavesB[1], auth...); resp.StatusCode != 422 {
		t.Errorf("B's leaf in A: %d", resp.StatusCode)
	}
}

func TestArrivals(t *testing.T) {
	for remote, want := range map[string][2]string{
		"192.0.2.77:1":          {"192.0.2.77/32", "192.0.2.0/24"},
		"[::ffff:192.0.2.7]:1":  {"192.0.2.7/32", "192.0.2.0/24"},
		"[2001:db8:1:2:3::4]:1": {"2001:db8:1:2::/64", "2001:db8:1::/48"},
		"[fe80::1%eth0]:1":      {"fe80::/64", "fe80::/48"},
		"pipe":                  {"pipe", "pipe"},
	} {
		if a := arrivalOf(remote); a.Address != want[0] || a.Prefix != want[1] {
			t.Errorf("%s: %q %q", remote, a.Address, a.Prefix)
		}
	}
}
