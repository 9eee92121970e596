//go:build js && wasm

package bridge

import (
	"bytes"
	"errors"
	"strings"
	"syscall/js"
	"testing"
	"time"
)

// echo is a core that answers what it was asked, and fails or panics on request.
type echo struct {
	host   *Host
	heard  []string
	failed error
}

func (e *echo) Call(method string, args, in []byte) (result, out []byte, err error) {
	switch method {
	case "fail":
		return nil, nil, e.failed
	case "panic":
		var m map[string]int
		m["a bug"]++
	case "changed":
		e.host.Changed()
	}
	return args, in, nil
}
func (e *echo) Connected()            { e.heard = append(e.heard, "connected") }
func (e *echo) Disconnected()         { e.heard = append(e.heard, "disconnected") }
func (e *echo) Received(frame []byte) { e.heard = append(e.heard, "frame "+string(frame)) }
func (e *echo) Tick() int64           { return 1234 }
func (e *echo) Fetched(id, status int, body []byte) {
	if id == 7 && status == 206 {
		e.heard = append(e.heard, "fetched "+string(body))
	}
}

// side is the Worker's side: an object of functions over a disk of one segment and one slot.
type side struct {
	t       *testing.T
	value   js.Value
	segment []byte
	slot    js.Value
	code    string // what the disk answers instead, when not ""
	log     []string
	ready   chan js.Value
	refused chan js.Value
	funcs   []js.Func
}

func newSide(t *testing.T) *side {
	s := &side{t: t, value: js.Global().Get("Object").New(), slot: js.Null(), ready: make(chan js.Value, 1), refused: make(chan js.Value, 1)}
	s.value.Set("net", toJS([]byte("net")))
	s.value.Set("origin", "https://relay.example")
	s.on("segments", func([]js.Value) any { return []any{1, 4} })
	s.on("size", func([]js.Value) any { return len(s.segment) })
	s.on("read", func(a []js.Value) any { return toJS(s.segment[a[1].Int() : a[1].Int()+a[2].Int()]) })
	s.on("append", func(a []js.Value) any { s.segment = append(s.segment, toGo(a[1])...); return js.Undefined() })
	s.on("truncate", func(a []js.Value) any { s.segment = s.segment[:a[1].Int()]; return js.Undefined() })
	s.on("flush", func([]js.Value) any { return js.Undefined() })
	s.on("remove", func([]js.Value) any { s.segment = nil; return js.Undefined() })
	s.on("readSlot", func([]js.Value) any { return s.slot })
	s.on("writeSlot", func(a []js.Value) any { s.slot = a[1]; return js.Undefined() })
	s.on("removeSlot", func([]js.Value) any { s.slot = js.Null(); return js.Undefined() })
	s.on("send", func(a []js.Value) any { s.log = append(s.log, "send "+string(toGo(a[0]))); return js.Undefined() })
	s.on("changed", func([]js.Value) any { s.log = append(s.log, "changed"); return js.Undefined() })
	s.on("durable", func([]js.Value) any { return true })
	s.on("fetch", func(a []js.Value) any {
		s.log = append(s.log, strings.Join([]string{a[1].String(), a[2].String(), a[3].String(), a[4].String(), string(toGo(a[5]))}, " "))
		return js.Undefined()
	})
	s.on("ready", func(a []js.Value) any { s.ready <- a[0]; return js.Undefined() })
	s.on("refused", func(a []js.Value) any { s.refused <- a[0]; return js.Undefined() })
	js.Global().Set("anamnesisHost", s.value)
	t.Cleanup(func() {
		for _, f := range s.funcs {
			f.Release()
		}
	})
	return s
}

// on adds a function; those of the disk answer s.code instead when it is set.
func (s *side) on(name string, body func([]js.Value) any) {
	f := js.FuncOf(func(_ js.Value, args []js.Value) any {
		if s.code != "" && !strings.HasPrefix(name, "re") && name != "changed" {
			return s.code
		}
		return body(args)
	})
	s.funcs = append(s.funcs, f)
	s.value.Set(name, f)
}

// start runs a core and returns its functions and what tells that Run returned.
func start(t *testing.T, s *side) (*echo, js.Value, chan struct{}) {
	e := &echo{}
	ended := make(chan struct{})
	go func() { // ended by close in the test, which waits for it
		defer close(ended)
		Run(Config{
			Start: func(h *Host, net []byte, origin string) (Core, error) {
				if string(net) != "net" || origin != "https://relay.example" {
					t.Errorf("started for %q at %q", net, origin)
				}
				e.host = h
				return e, nil
			},
			Code:  func(err error) (string, string) { return "core/failed", err.Error() },
			Fault: func(code string) error { return errors.New(code) },
		})
	}()
	return e, within(t, s.ready), ended
}

func within[T any](t *testing.T, c <-chan T) T {
	t.Helper()
	select {
	case v := <-c:
		return v
	case <-time.After(5 * time.Second):
		t.Fatal("nothing came")
		panic("unreachable")
	}
}

func wantProblem(t *testing.T, v js.Value, code, detail string) {
	t.Helper()
	if v.Type() != js.TypeObject || v.Get("code").String() != code || !strings.Contains(v.Get("detail").String(), detail) {
		t.Errorf("got %v, want %s: %s", js.Global().Get("JSON").Call("stringify", v), code, detail)
	}
}

func TestCallsCarryTextAndBytes(t *testing.T) {
	s := newSide(t)
	e, core, ended := start(t, s)
	in := []byte{0, 1, 255}
	v := core.Call("call", "echo", `{"a":"é\u0000"}`, toJS(in))
	if got := v.Get("result").String(); got != `{"a":"é\u0000"}` {
		t.Errorf("result %q", got)
	}
	if got := toGo(v.Get("bytes")); !bytes.Equal(got, in) {
		t.Errorf("bytes %v", got)
	}
	if v := core.Call("call", "echo", "{}", js.Undefined()); !v.Get("bytes").IsUndefined() {
		t.Error("bytes out where none went in")
	}
	core.Call("connected")
	core.Call("received", toJS([]byte("x")))
	core.Call("fetched", 7, 206, toJS([]byte("leaf")))
	core.Call("disconnected")
	if got := strings.Join(e.heard, ", "); got != "connected, frame x, fetched leaf, disconnected" {
		t.Errorf("heard %s", got)
	}
	if got := core.Call("tick").Int(); got != 1234 {
		t.Errorf("tick %d", got)
	}
	e.host.Send([]byte("hello"))
	core.Call("call", "changed", "{}", js.Undefined())
	e.host.StartFetch(3, "PUT", "/v1/blob/x/1", "token", "bytes=0-9", []byte("body"))
	if got := strings.Join(s.log, ", "); got != "send hello, changed, PUT /v1/blob/x/1 token bytes=0-9 body" {
		t.Errorf("log %s", got)
	}
	core.Call("close")
	within(t, ended)
}

func TestErrorsAndPanicsCrossAsProblems(t *testing.T) {
	s := newSide(t)
	e, core, ended := start(t, s)
	e.failed = errors.New("the thing and its value")
	wantProblem(t, core.Call("call", "fail", "{}", js.Undefined()), "core/failed", "the thing and its value")
	wantProblem(t, core.Call("call", "panic", "{}", js.Undefined()), "core/panic", "nil map")
	wantProblem(t, core.Call("call", "too few"), "core/bridge", "3 arguments, got 1")
	wantProblem(t, core.Call("received", "no bytes"), "core/panic", "")
	wantProblem(t, core.Call("received"), "core/bridge", "1 arguments, got 0")
	if v := core.Call("call", "echo", "{}", js.Undefined()); v.Get("result").String() != "{}" {
		t.Error("the bridge did not outlive a panic")
	}
	core.Call("close")
	within(t, ended)
}

func TestDiskAndItsCodes(t *testing.T) {
	s := newSide(t)
	e, core, ended := start(t, s)
	h := e.host
	if n, err := h.Segments(); err != nil || len(n) != 2 || n[1] != 4 {
		t.Errorf("segments %v, %v", n, err)
	}
	if err := h.Append(1, []byte("abcdef")); err != nil {
		t.Error(err)
	}
	p := make([]byte, 3)
	if err := h.Read(1, 2, p); err != nil || string(p) != "cde" {
		t.Errorf("read %q, %v", p, err)
	}
	if err := h.Truncate(1, 4); err != nil {
		t.Error(err)
	}
	if n, err := h.Size(1); err != nil || n != 4 {
		t.Errorf("size %d, %v", n, err)
	}
	if b, err := h.ReadSlot("vault.0"); b != nil || err != nil {
		t.Errorf("an empty slot holds %v, %v", b, err)
	}
	if err := h.WriteSlot("vault.0", []byte("v")); err != nil {
		t.Error(err)
	}
	if b, err := h.ReadSlot("vault.0"); string(b) != "v" || err != nil {
		t.Errorf("slot %q, %v", b, err)
	}
	s.code = "storage/quota"
	_, segments := h.Segments()
	_, size := h.Size(1)
	for name, err := range map[string]error{
		"segments": segments, "size": size, "append": h.Append(1, p), "truncate": h.Truncate(1, 0),
		"flush": h.Flush(1), "writeSlot": h.WriteSlot("vault.0", p),
	} {
		if err == nil || err.Error() != "storage/quota" {
			t.Errorf("%s: %v", name, err)
		}
	}
	core.Call("close")
	within(t, ended)
}

func TestCloseReleasesEveryFunction(t *testing.T) {
	s := newSide(t)
	_, core, ended := start(t, s)
	core.Call("close")
	within(t, ended)
	// A released function answers undefined and logs; it does not reach the core any more.
	if v := core.Call("tick"); !v.IsUndefined() {
		t.Errorf("tick after close: %v", v)
	}
}

func TestRefusalToStart(t *testing.T) {
	for name, c := range map[string]struct {
		start        func(*Host, []byte, string) (Core, error)
		code, detail string
	}{
		"error": {func(*Host, []byte, string) (Core, error) { return nil, errors.New("another network") }, "core/failed", "another network"},
		"panic": {func(*Host, []byte, string) (Core, error) { panic("a bug") }, "core/panic", "a bug"},
	} {
		t.Run(name, func(t *testing.T) {
			s := newSide(t)
			Run(Config{Start: c.start, Code: func(err error) (string, string) { return "core/failed", err.Error() }, Fault: errors.New})
			wantProblem(t, within(t, s.refused), c.code, c.detail)
		})
	}
}
