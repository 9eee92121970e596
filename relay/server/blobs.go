package server

import (
	"encoding/base64"
	"errors"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/anamnesis-health/anamnesis/relay/hub"
	"github.com/anamnesis-health/anamnesis/shared/block"
)

// blobRoutes serves blobs over HTTP. Source: spec/blob-http.md.
func (s *Server) blobRoutes(mux *http.ServeMux) {
	for pattern, do := range map[string]func(*blobRequest){
		"POST /v1/blob/{root}":        (*blobRequest).announce,
		"GET /v1/blob/{root}":         (*blobRequest).read, // HEAD too
		"GET /v1/blob/{root}/missing": (*blobRequest).missing,
		"GET /v1/blob/{root}/leaves":  (*blobRequest).leaves,
		"PUT /v1/blob/{root}/{i}":     (*blobRequest).put,
	} {
		mux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) { s.blob(w, r, do) })
	}
	mux.HandleFunc("OPTIONS /v1/blob/", s.preflight)
}

type blobRequest struct {
	s     *Server
	w     http.ResponseWriter
	r     *http.Request
	root  block.Hash
	grant hub.Grant
}

func (s *Server) preflight(w http.ResponseWriter, r *http.Request) {
	s.allowOrigin(w, r)
	w.Header().Set("Access-Control-Allow-Methods", "GET, HEAD, POST, PUT")
	w.Header().Set("Access-Control-Allow-Headers", "Authorization, Content-Type, Range")
	w.Header().Set("Access-Control-Max-Age", "600")
	w.WriteHeader(http.StatusNoContent)
}

func (s *Server) blob(w http.ResponseWriter, r *http.Request, do func(*blobRequest)) {
	w.Header().Set("Cache-Control", "no-store")
	if o := r.Header.Get("Origin"); o != "" && !s.ownOrigin(r, o) {
		http.Error(w, "foreign origin", http.StatusForbidden)
		return
	}
	s.allowOrigin(w, r)
	w.Header().Set("Access-Control-Expose-Headers", "Content-Range, Accept-Ranges")
	b := &blobRequest{s: s, w: w, r: r}
	if !b.bearer() {
		w.Header().Set("WWW-Authenticate", "Bearer")
		b.fail(http.StatusUnauthorized)
		return
	}
	root, err := base64.RawURLEncoding.Strict().DecodeString(r.PathValue("root"))
	if err != nil || len(root) != len(b.root) {
		b.fail(http.StatusNotFound)
		return
	}
	b.root = block.Hash(root)
	do(b)
}

func (b *blobRequest) bearer() bool {
	text, ok := strings.CutPrefix(b.r.Header.Get("Authorization"), "Bearer ")
	token, err := base64.RawURLEncoding.Strict().DecodeString(text)
	if !ok || err != nil {
		return false
	}
	b.s.mu.Lock()
	defer b.s.mu.Unlock()
	b.grant, ok = b.s.hub.Bearer(token, now())
	return ok
}

// fail answers with a status and its words; bodies are for people only.
func (b *blobRequest) fail(status int) { http.Error(b.w, http.StatusText(status), status) }

// store answers for an error of the store. One that leaves the disk unknown ends the process, unanswered.
func (b *blobRequest) store(err error) {
	switch {
	case errors.Is(err, hub.ErrNoBlob):
		b.fail(http.StatusNotFound)
	case errors.Is(err, hub.ErrForm):
		b.fail(http.StatusBadRequest)
	case errors.Is(err, hub.ErrLeaf):
		b.fail(http.StatusUnprocessableEntity)
	case errors.Is(err, hub.ErrFull):
		b.fail(http.StatusInsufficientStorage)
	default:
		b.s.do(func(hub.World) error { return err })
		panic(http.ErrAbortHandler)
	}
}

func (b *blobRequest) writes(n int64) bool {
	b.s.mu.Lock()
	defer b.s.mu.Unlock()
	return b.grant.Write(n)
}

func (b *blobRequest) reads(n int64) bool {
	b.s.mu.Lock()
	defer b.s.mu.Unlock()
	return b.grant.Read(n, now())
}

// body reads at most max bytes.
func (b *blobRequest) body(max int) ([]byte, bool) {
	out, err := io.ReadAll(http.MaxBytesReader(b.w, b.r.Body, int64(max)))
	tooLong := &http.MaxBytesError{}
	switch {
	case errors.As(err, &tooLong):
		b.fail(http.StatusRequestEntityTooLarge)
	case err != nil:
		b.fail(http.StatusBadRequest)
	}
	return out, err == nil
}

func (b *blobRequest) announce() {
	raw, ok := b.body(32*hub.MaxLeaves + 32)
	if !ok {
		return
	}
	size, leaves, err := hub.ParseAnnounce(raw)
	if err != nil {
		b.fail(http.StatusBadRequest)
		return
	}
	if size > hub.MaxBlob {
		b.fail(http.StatusRequestEntityTooLarge)
		return
	}
	if err := hub.CheckBlob(b.root, size, leaves); err != nil {
		b.store(err)
		return
	}
	if !b.writes(int64(len(raw))) {
		b.fail(http.StatusTooManyRequests)
		return
	}
	complete, err := b.s.conf.Blobs.Begin(b.root, size, leaves)
	switch {
	case err != nil:
		b.store(err)
	case complete:
		b.receipt(http.StatusOK, size)
	default:
		b.w.WriteHeader(http.StatusCreated)
	}
}

// receipt answers that all of the blob is on disk: the `stored` signature, 64 bytes.
func (b *blobRequest) receipt(status int, size uint64) {
	b.w.Header().Set("Content-Type", "application/octet-stream")
	sig := b.s.hub.Receipt(b.root, size)
	b.w.WriteHeader(status)
	b.w.Write(sig)
}

func (b *blobRequest) missing() {
	ranges, err := b.s.conf.Blobs.Missing(b.root)
	if err != nil {
		b.store(err)
		return
	}
	b.msgpack(hub.EncodeRanges(ranges))
}

func (b *blobRequest) leaves() {
	size, leaves, err := b.s.conf.Blobs.Leaves(b.root)
	if err != nil {
		b.store(err)
		return
	}
	if !b.reads(int64(32 * len(leaves))) {
		b.fail(http.StatusTooManyRequests)
		return
	}
	b.msgpack(hub.EncodeAnnounce(size, leaves))
}

func (b *blobRequest) msgpack(body []byte) {
	b.w.Header().Set("Content-Type", "application/octet-stream")
	b.w.Write(body)
}

func (b *blobRequest) put() {
	i, err := strconv.Atoi(b.r.PathValue("i"))
	if err != nil || strconv.Itoa(i) != b.r.PathValue("i") || i < 0 {
		b.fail(http.StatusBadRequest)
		return
	}
	leaf, ok := b.body(hub.LeafSize)
	if !ok {
		return
	}
	if !b.writes(int64(len(leaf))) {
		b.fail(http.StatusTooManyRequests)
		return
	}
	complete, err := b.s.conf.Blobs.Put(b.root, i, leaf)
	if err != nil {
		b.store(err)
		return
	}
	if !complete {
		b.w.WriteHeader(http.StatusNoContent)
		return
	}
	size, _, err := b.s.conf.Blobs.Leaves(b.root)
	if err != nil {
		b.store(err)
		return
	}
	b.receipt(http.StatusOK, size)
}

func (b *blobRequest) read() {
	f, size, err := b.s.conf.Blobs.Open(b.root)
	if err != nil {
		b.store(err)
		return
	}
	defer f.Close()
	if strings.Contains(b.r.Header.Get("Range"), ",") {
		b.w.Header().Set("Content-Range", "bytes */"+strconv.FormatUint(size, 10))
		b.fail(http.StatusRequestedRangeNotSatisfiable)
		return
	}
	if b.r.Method == http.MethodGet && !b.reads(0) {
		b.fail(http.StatusTooManyRequests)
		return
	}
	b.w.Header().Set("Content-Type", "application/octet-stream")
	http.ServeContent(paced{b}, b.r, "", time.Time{}, f)
}

// paced counts what leaves and gives each piece its time: a blob may take long, a stalled reader may not.
type paced struct{ *blobRequest }

// Header implements http.ResponseWriter.
func (p paced) Header() http.Header { return p.w.Header() }

// WriteHeader implements http.ResponseWriter. ServeContent takes the header away from its errors.
func (p paced) WriteHeader(status int) {
	p.w.Header().Set("Cache-Control", "no-store")
	p.w.WriteHeader(status)
}

// Write implements http.ResponseWriter.
func (p paced) Write(b []byte) (int, error) {
	if !p.reads(int64(len(b))) {
		return 0, errors.New("read quota used up")
	}
	http.NewResponseController(p.w).SetWriteDeadline(now().Add(writeWait))
	return p.w.Write(b)
}
