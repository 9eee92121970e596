package server

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/netip"
	"sync"
	"time"

	"github.com/coder/websocket"

	"github.com/anamnesis-health/anamnesis/relay/hub"
	"github.com/anamnesis-health/anamnesis/shared/gossip"
)

// session is one socket. Its reader is a goroutine of its own; a writer runs only while something waits to be sent,
// so that an idle connection costs one goroutine.
type session struct {
	id     hub.ConnID
	server *Server
	ws     *websocket.Conn
	ready  bool // only the reader's

	mu      sync.Mutex
	queue   [][]byte
	waiting int // bytes in queue and in the writer's hands
	writing bool
	full    bool // had no room since it last drained
	ending  bool
	drained *sync.Cond
}

// conns hands the hub's frames to sessions. The hub calls it under the server's lock.
type conns struct{ s *Server }

func (c conns) Send(to hub.ConnID, frame []byte) {
	if s := c.s.sessions[to]; s != nil {
		s.send(frame)
	}
}

func (c conns) Room(to hub.ConnID) int {
	s := c.s.sessions[to]
	if s == nil {
		return 0
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	room := queueBytes - s.waiting
	s.full = s.full || room <= 0
	return room
}

func (c conns) Drop(to hub.ConnID, code string) {
	c.s.conf.Log.Debug("connection ended", "code", code)
	if s := c.s.sessions[to]; s != nil {
		s.end()
	}
}

func (s *session) send(frame []byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.ending {
		return
	}
	s.queue = append(s.queue, frame)
	s.waiting += len(frame)
	s.write()
}

// write starts the writer. It is called under s.mu.
func (s *session) write() {
	if !s.writing {
		s.writing = true
		s.server.wait.Add(1)
		go s.drain() // ends when the queue is empty or the socket fails; Serve waits for it
	}
}

// end closes the socket after what was sent.
func (s *session) end() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.ending = true
	s.write()
}

func (s *session) drain() {
	defer s.server.wait.Done()
	for {
		s.mu.Lock()
		if len(s.queue) == 0 {
			s.writing = false
			ending, full := s.ending, s.full
			s.full = false
			s.queue = nil
			s.drained.Broadcast()
			s.mu.Unlock()
			if ending {
				s.ws.Close(websocket.StatusPolicyViolation, "")
			} else if full {
				s.server.do(func(w hub.World) error { return s.server.hub.Drained(w, s.id) })
			}
			return
		}
		frame := s.queue[0]
		s.queue = s.queue[1:]
		s.mu.Unlock()
		ctx, cancel := context.WithTimeout(context.Background(), writeWait)
		err := s.ws.Write(ctx, websocket.MessageBinary, frame)
		cancel()
		s.mu.Lock()
		s.waiting -= len(frame)
		if err != nil {
			s.queue, s.waiting, s.ending, s.writing = nil, 0, true, false
			s.drained.Broadcast()
			s.mu.Unlock()
			s.ws.CloseNow()
			return
		}
		s.drained.Broadcast()
		s.mu.Unlock()
	}
}

// room waits until the way out has room: a client that does not read is not read either.
func (s *session) room() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for s.waiting >= queueBytes && !s.ending {
		s.drained.Wait()
	}
}

func (s *Server) socket(w http.ResponseWriter, r *http.Request) {
	if o := r.Header.Get("Origin"); o != "" && !s.ownOrigin(r, o) {
		http.Error(w, "foreign origin", http.StatusForbidden)
		return
	}
	arrival := arrivalOf(r.RemoteAddr)
	if !s.mayOpen() {
		http.Error(w, "too many connections", http.StatusServiceUnavailable)
		return
	}
	// The origin was checked above, with its scheme; the library would compare hosts only.
	ws, err := websocket.Accept(w, r, &websocket.AcceptOptions{
		InsecureSkipVerify: true, CompressionMode: websocket.CompressionDisabled,
	})
	if err != nil {
		return // Accept has answered
	}
	s.wait.Add(1)
	go s.run(ws, arrival) // ends with the socket; Serve waits for it
}

// run is a socket's life. It has a goroutine of its own, so that the request and the stack that read it can go.
func (s *Server) run(ws *websocket.Conn, arrival hub.Arrival) {
	defer s.wait.Done()
	defer ws.CloseNow()
	ws.SetReadLimit(gossip.MaxBefore)
	ss := &session{server: s, ws: ws}
	ss.drained = sync.NewCond(&ss.mu)
	if !s.open(ss, arrival) {
		ws.Close(websocket.StatusTryAgainLater, "")
		return
	}
	defer s.shut(ss)
	ss.read()
}

func (s *Server) mayOpen() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return !s.closing && s.broken == nil && len(s.sessions) < maxConns
}

func (s *Server) open(ss *session, a hub.Arrival) bool {
	ok := false
	s.do(func(w hub.World) error {
		if s.closing {
			return nil
		}
		s.last++
		ss.id = s.last
		s.sessions[ss.id] = ss
		if s.hub.Open(w, ss.id, a) != nil {
			delete(s.sessions, ss.id)
			return nil
		}
		ok = true
		return nil
	})
	return ok
}

func (s *Server) shut(ss *session) {
	s.mu.Lock()
	delete(s.sessions, ss.id)
	s.hub.Close(s.world(), ss.id)
	s.mu.Unlock()
	ss.mu.Lock()
	ss.ending = true
	ss.drained.Broadcast()
	ss.mu.Unlock()
}

// read takes frames until the socket ends. Parsing is done here, outside the hub's turn.
func (s *session) read() {
	for {
		s.room()
		frame, err := s.next()
		if err != nil {
			return
		}
		e := hub.Read(frame)
		var wait time.Duration
		started := now()
		ok := s.server.do(func(w hub.World) (err error) {
			wait, err = s.server.hub.Handle(w, s.id, e)
			if err == nil && !s.ready && s.server.hub.Ready(s.id) {
				s.ready = true
				s.ws.SetReadLimit(gossip.MaxFrame)
			}
			return err
		})
		if !ok {
			return
		}
		s.server.metrics.frame(now().Sub(started))
		if wait > 0 {
			s.sleep(wait)
		}
	}
}

var errText = errors.New("text frame")

func (s *session) next() ([]byte, error) {
	kind, r, err := s.ws.Reader(s.server.sockets)
	if err != nil {
		return nil, err
	}
	if kind != websocket.MessageBinary {
		s.ws.Close(websocket.StatusUnsupportedData, "")
		return nil, errText
	}
	var b bytes.Buffer
	if _, err := io.Copy(&b, r); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}

// sleep delays a connection over its rate; it ends early when the connection does.
func (s *session) sleep(d time.Duration) {
	t := time.AfterFunc(d, s.drained.Broadcast)
	defer t.Stop()
	until := now().Add(d)
	s.mu.Lock()
	defer s.mu.Unlock()
	for now().Before(until) && !s.ending {
		s.drained.Wait()
	}
}

// goodbye ends every socket; a client then turns to another relay or comes back.
func (s *Server) goodbye() {
	s.mu.Lock()
	s.closing = true
	all := make([]*session, 0, len(s.sessions))
	for _, ss := range s.sessions {
		all = append(all, ss)
	}
	s.mu.Unlock()
	defer time.AfterFunc(byeWait, s.cut).Stop()
	var wait sync.WaitGroup
	slots := make(chan struct{}, 64)
	for _, ss := range all {
		wait.Add(1)
		slots <- struct{}{}
		go func() { // ends with the socket's close; waited for below
			defer wait.Done()
			defer func() { <-slots }()
			ss.ws.Close(websocket.StatusGoingAway, "")
		}()
	}
	wait.Wait()
}

// arrivalOf counts IPv4 by address and /24, IPv6 by /64 and /48: one customer has at least a /64.
func arrivalOf(remote string) hub.Arrival {
	a := hub.Arrival{Address: remote, Prefix: remote, Nonce: random(), Token: random()}
	host, _, err := net.SplitHostPort(remote)
	if err != nil {
		return a
	}
	ip, err := netip.ParseAddr(host)
	if err != nil {
		return a
	}
	ip = ip.Unmap().WithZone("")
	one, wide := 32, 24
	if ip.Is6() {
		one, wide = 64, 48
	}
	narrow, _ := ip.Prefix(one)
	broad, _ := ip.Prefix(wide)
	a.Address, a.Prefix = narrow.String(), broad.String()
	return a
}
