package server

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io/fs"
	"log/slog"
	"mime"
	"net/http"
	"net/url"
	"path"
	"strings"
)

// asset is one file of the app, in memory: it is part of the binary anyway.
type asset struct {
	body, br []byte
	kind     string
	etag     string
	cache    string
}

func loadApp(app fs.FS) (map[string]asset, error) {
	out := map[string]asset{}
	if app == nil {
		return out, nil
	}
	err := fs.WalkDir(app, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || strings.HasSuffix(name, ".br") || path.Base(name) == ".keep" {
			return err
		}
		a, err := loadAsset(app, name)
		out["/"+name] = a
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("web app: %w", err)
	}
	if index, ok := out["/index.html"]; ok {
		out["/"] = index
	}
	return out, nil
}

func loadAsset(app fs.FS, name string) (asset, error) {
	body, err := fs.ReadFile(app, name)
	if err != nil {
		return asset{}, err
	}
	br, err := fs.ReadFile(app, name+".br")
	if err != nil {
		br = nil
	}
	sum := sha256.Sum256(body)
	a := asset{body: body, br: br, kind: kindOf(name), etag: hex.EncodeToString(sum[:16]), cache: "no-cache"}
	if strings.HasPrefix(name, "assets/") { // their names hold a hash of what they hold
		a.cache = "public, max-age=31536000, immutable"
	}
	return a, nil
}

func kindOf(name string) string {
	switch path.Ext(name) {
	case ".html":
		return "text/html; charset=utf-8"
	case ".js":
		return "text/javascript; charset=utf-8"
	case ".css":
		return "text/css; charset=utf-8"
	case ".wasm":
		return "application/wasm"
	case ".svg":
		return "image/svg+xml"
	case ".json", ".map":
		return "application/json"
	case ".webmanifest":
		return "application/manifest+json"
	case ".woff2":
		return "font/woff2"
	case ".png":
		return "image/png"
	}
	if t := mime.TypeByExtension(path.Ext(name)); t != "" {
		return t
	}
	return "application/octet-stream"
}

// page serves the app. Its addresses are fragments, so there is one page.
func (s *Server) page(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		w.Header().Set("Allow", "GET, HEAD")
		http.Error(w, "method not allowed", http.StatusMethodNotAllowed)
		return
	}
	a, ok := s.app[r.URL.Path]
	if !ok {
		if r.URL.Path == "/" {
			http.Error(w, "this binary was built without the web app: make build", http.StatusServiceUnavailable)
			return
		}
		http.NotFound(w, r)
		return
	}
	h := w.Header()
	h.Set("Content-Type", a.kind)
	h.Set("Cache-Control", a.cache)
	h.Set("Vary", "Accept-Encoding")
	body, etag := a.body, `"`+a.etag+`"`
	if a.br != nil && acceptsBrotli(r.Header.Get("Accept-Encoding")) {
		h.Set("Content-Encoding", "br")
		body, etag = a.br, `"`+a.etag+`-br"`
	}
	h.Set("ETag", etag)
	if r.Header.Get("If-None-Match") == etag {
		h.Del("Content-Encoding")
		w.WriteHeader(http.StatusNotModified)
		return
	}
	h.Set("Content-Length", fmt.Sprint(len(body)))
	if r.Method == http.MethodGet {
		w.Write(body)
	}
}

func acceptsBrotli(accept string) bool {
	for _, e := range strings.Split(accept, ",") {
		name, q, _ := strings.Cut(strings.TrimSpace(e), ";")
		if strings.TrimSpace(name) == "br" {
			q = strings.ReplaceAll(q, " ", "")
			return q != "q=0" && q != "q=0.0" && q != "q=0.00" && q != "q=0.000"
		}
	}
	return false
}

// securityHeaders are on every answer. Source: threats.md §6, step 1.
func securityHeaders(c Config) http.Header {
	connect := []string{"'self'"}
	for _, l := range c.Hub.Network.Genesis().Lanes {
		for _, u := range l.URLs {
			connect = append(connect, u, "ws"+strings.TrimPrefix(u, "http"))
		}
	}
	h := http.Header{}
	h.Set("Content-Security-Policy", "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; "+
		"img-src 'self' data: blob:; font-src 'self'; connect-src "+strings.Join(connect, " ")+"; worker-src 'self'; "+
		"manifest-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; "+
		"require-trusted-types-for 'script'; trusted-types svelte-trusted-html default")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Cross-Origin-Embedder-Policy", "require-corp")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "no-referrer")
	if c.TLS != nil {
		h.Set("Strict-Transport-Security", "max-age=63072000; includeSubDomains")
	}
	return h
}

func allowedOrigins(c Config) map[string]bool {
	out := map[string]bool{}
	for _, l := range c.Hub.Network.Genesis().Lanes {
		for _, u := range l.URLs {
			out[u] = true
		}
	}
	for _, o := range c.Origins {
		out[strings.TrimSuffix(o, "/")] = true
	}
	return out
}

func (s *Server) ownOrigin(r *http.Request, origin string) bool {
	if s.origins[origin] {
		return true
	}
	u, err := url.Parse(origin)
	// A proxy in front may have ended TLS, so the scheme is compared only where this process speaks TLS itself.
	return err == nil && u.Host != "" && u.Host == r.Host && (s.conf.TLS == nil || u.Scheme == "https")
}

// allowOrigin lets the network's other web apps read an answer.
func (s *Server) allowOrigin(w http.ResponseWriter, r *http.Request) {
	w.Header().Add("Vary", "Origin")
	if o := r.Header.Get("Origin"); o != "" && s.ownOrigin(r, o) {
		w.Header().Set("Access-Control-Allow-Origin", o)
		w.Header().Set("Cross-Origin-Resource-Policy", "cross-origin")
	}
}

// quiet keeps net/http's complaints, which hold addresses, out of the log: only that there was one is kept.
type quiet struct{ slog.Handler }

// Handle implements slog.Handler.
func (q quiet) Handle(ctx context.Context, r slog.Record) error {
	r.Message = "http error"
	return q.Handler.Handle(ctx, r)
}
