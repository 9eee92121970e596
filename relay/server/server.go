// Package server is the relay's shell: HTTP, websockets, time and randomness around the pure hub. It serves the web
// app, the network's genesis, the socket, blobs, health, and on an address of its own metrics.
//
//	GET /                 the web app
//	GET /v1/network       the network file
//	GET /v1/ws            the socket: binary frames of shared/gossip
//	    /v1/blob/…        blobs, as spec/blob-http.md
//	GET /healthz          200 while the relay can store
//
// It promises that what the hub could not make durable is never answered: then Serve returns an error and the process
// ends. It refuses other origins than its own and the network's, compressed and text frames, and writes no content,
// token, id or address to a log.
//
//	s, err := server.New(server.Config{Hub: conf, Store: store, Blobs: blobs, App: dist, Log: log})
//	err = s.Serve(ctx, listener)
package server

import (
	"context"
	"crypto/rand"
	"crypto/tls"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"time"

	"github.com/anamnesis-health/anamnesis/relay/hub"
)

// Config is what a server is made of. App holds index.html at its root; TLS may be nil. Origins are allowed beside
// the server's own and the network's.
type Config struct {
	Hub     hub.Config
	Store   hub.Store
	Blobs   hub.Blobs
	App     fs.FS
	Log     *slog.Logger
	TLS     *tls.Config
	Origins []string
}

// Server is a relay in one process.
type Server struct {
	conf    Config
	app     map[string]asset
	headers http.Header
	origins map[string]bool
	metrics *metrics

	mu       sync.Mutex // guards the hub and the store, and what follows
	hub      *hub.Hub
	sessions map[hub.ConnID]*session
	last     hub.ConnID
	broken   error
	closing  bool

	sockets context.Context // ends when the last goodbye was waited for
	cut     context.CancelFunc

	fatal chan struct{} // closed when broken is set
	wait  sync.WaitGroup
}

// New reads the app into memory and makes the hub. It listens to nothing yet.
func New(c Config) (*Server, error) {
	app, err := loadApp(c.App)
	if err != nil {
		return nil, err
	}
	s := &Server{
		conf: c, app: app, hub: hub.New(c.Hub), sessions: map[hub.ConnID]*session{}, fatal: make(chan struct{}),
	}
	s.sockets, s.cut = context.WithCancel(context.Background())
	s.origins = allowedOrigins(c)
	s.headers = securityHeaders(c)
	s.metrics = &metrics{}
	return s, nil
}

// Serve answers on l until ctx ends, then closes sockets, waits for what is under way and returns nil. It returns the
// error that made the store's durability unknown; the process must then end.
func (s *Server) Serve(ctx context.Context, l net.Listener) error {
	if s.conf.TLS != nil {
		l = tls.NewListener(l, s.conf.TLS)
	}
	srv := &http.Server{
		Handler: s.Handler(), ReadHeaderTimeout: handshakeWait, IdleTimeout: idleWait, MaxHeaderBytes: maxHeaders,
		ErrorLog: slog.NewLogLogger(quiet{s.conf.Log.Handler()}, slog.LevelDebug),
	}
	stop, cancel := context.WithCancel(ctx)
	defer cancel()
	s.wait.Add(1)
	go s.tick(stop) // ends with stop; waited for below

	served := make(chan error, 1)
	go func() { served <- srv.Serve(l) }() // ends with Shutdown; its answer is read below
	var err error
	select {
	case <-ctx.Done():
	case <-s.fatal:
	case err = <-served:
		served <- err
	}
	cancel()
	s.goodbye()
	end, done := context.WithTimeout(context.Background(), closeWait)
	defer done()
	if srv.Shutdown(end) != nil {
		srv.Close()
	}
	if got := <-served; !errors.Is(got, http.ErrServerClosed) {
		err = got
	}
	s.cut()
	s.wait.Wait()
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.broken != nil {
		return fmt.Errorf("store: %w", s.broken)
	}
	if errors.Is(err, http.ErrServerClosed) {
		return nil
	}
	return err
}

// Handler is everything but metrics.
func (s *Server) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /v1/network", s.network)
	mux.HandleFunc("GET /v1/ws", s.socket)
	mux.HandleFunc("GET /healthz", s.health)
	s.blobRoutes(mux)
	mux.HandleFunc("/", s.page)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		for k, v := range s.headers {
			w.Header()[k] = v
		}
		// A reader or sender that stalls is let go; sockets shed these when they are taken over, blobs renew them.
		c := http.NewResponseController(w)
		if err := errors.Join(c.SetReadDeadline(now().Add(bodyWait)), c.SetWriteDeadline(now().Add(pageWait))); err != nil {
			panic(http.ErrAbortHandler) // the connection is gone
		}
		mux.ServeHTTP(w, r)
	})
}

// now is the only clock of the relay.
func now() time.Time { return time.Now() }

func random() (out [32]byte) {
	rand.Read(out[:]) // never fails: the runtime ends the process instead
	return out
}

// world must be used under s.mu.
func (s *Server) world() hub.World {
	return hub.World{Store: s.conf.Store, Conns: conns{s}, Now: now()}
}

// do runs one event of the hub, unless the store is broken.
func (s *Server) do(event func(w hub.World) error) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.broken != nil {
		return false
	}
	if err := event(s.world()); err != nil {
		s.broken = err
		s.conf.Log.Error("the store is broken, stopping", "err", err)
		close(s.fatal)
		return false
	}
	return true
}

func (s *Server) tick(ctx context.Context) {
	defer s.wait.Done()
	t, hourly := time.NewTicker(tickEvery), time.NewTicker(time.Hour)
	defer t.Stop()
	defer hourly.Stop()
	full := uint64(0)
	for {
		select {
		case <-ctx.Done():
			return
		case <-t.C:
			s.do(func(w hub.World) error { return s.hub.Tick(w) })
			full = s.warnFull(full)
		case <-hourly.C:
			if err := s.conf.Blobs.Expire(now().Add(-uploadWait)); err != nil {
				s.do(func(hub.World) error { return err })
			}
		}
	}
}

// warnFull logs, at most once a second, that blocks were refused because the disk is full.
func (s *Server) warnFull(before uint64) uint64 {
	s.mu.Lock()
	refused := s.hub.Stats().Refused["disk/full"]
	s.mu.Unlock()
	if refused > before {
		s.conf.Log.Warn("the disk is full: blocks are refused, reading goes on", "refused", refused)
	}
	return refused
}

func (s *Server) network(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "application/octet-stream")
	w.Header().Set("Cache-Control", "no-store")
	s.allowOrigin(w, r)
	w.Write(s.conf.Hub.Network.Bytes())
}

func (s *Server) health(w http.ResponseWriter, _ *http.Request) {
	s.mu.Lock()
	ok := s.broken == nil && !s.closing
	s.mu.Unlock()
	w.Header().Set("Cache-Control", "no-store")
	if !ok {
		http.Error(w, "stopping", http.StatusServiceUnavailable)
		return
	}
	w.Write([]byte("ok\n"))
}
