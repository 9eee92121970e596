//go:build js && wasm

package bridge

import (
	"fmt"
	"runtime/debug"
	"syscall/js"
)

// Core is what the Worker may call. No two calls overlap, for JavaScript is one thread.
type Core interface {
	Call(method string, args, in []byte) (result, out []byte, err error)
	Connected()
	Disconnected()
	Received(frame []byte)
	Tick() (nextMS int64)
	Fetched(id, status int, body []byte)
}

// Config is what package main fills in: it alone knows both sides.
type Config struct {
	// Start makes the core from the network's genesis block and the page's origin.
	Start func(h *Host, net []byte, origin string) (Core, error)
	// Code splits an error into what crosses to the page.
	Code func(error) (code, detail string)
	// Fault makes the error of a storage code: storage/quota, storage/busy or storage/failed.
	Fault func(code string) error
}

// Run starts the core, hands its functions to the Worker and returns when the Worker closes it. A core that does
// not start is reported to host.refused.
func Run(c Config) {
	host := &Host{js: js.Global().Get("anamnesisHost"), fault: c.Fault}
	b := &bridge{config: c, closed: make(chan struct{})}
	refused := b.guard(func() js.Value {
		core, err := c.Start(host, toGo(host.js.Get("net")), host.js.Get("origin").String())
		if err != nil {
			return b.failure(err)
		}
		b.core = core
		return js.Undefined()
	})
	if !refused.IsUndefined() {
		host.js.Call("refused", refused)
		return
	}
	defer b.release()
	host.js.Call("ready", b.exports())
	<-b.closed // ended by the Worker's close
}

type bridge struct {
	config Config
	core   Core
	funcs  []js.Func
	closed chan struct{}
}

func (b *bridge) release() {
	for _, f := range b.funcs {
		f.Release()
	}
}

// exports are the core's functions. Each answers undefined, a value, or {code, detail}.
func (b *bridge) exports() js.Value {
	o := js.Global().Get("Object").New()
	b.export(o, "call", 3, func(args []js.Value) js.Value {
		return b.call(args[0].String(), []byte(args[1].String()), args[2])
	})
	b.export(o, "connected", 0, func([]js.Value) js.Value { b.core.Connected(); return js.Undefined() })
	b.export(o, "disconnected", 0, func([]js.Value) js.Value { b.core.Disconnected(); return js.Undefined() })
	b.export(o, "received", 1, func(args []js.Value) js.Value {
		b.core.Received(toGo(args[0]))
		return js.Undefined()
	})
	b.export(o, "tick", 0, func([]js.Value) js.Value { return js.ValueOf(float64(b.core.Tick())) })
	b.export(o, "fetched", 3, func(args []js.Value) js.Value {
		b.core.Fetched(args[0].Int(), args[1].Int(), toGo(args[2]))
		return js.Undefined()
	})
	b.export(o, "close", 0, func([]js.Value) js.Value { close(b.closed); return js.Undefined() })
	return o
}

func (b *bridge) export(o js.Value, name string, arity int, body func([]js.Value) js.Value) {
	f := js.FuncOf(func(_ js.Value, args []js.Value) any {
		return b.guard(func() js.Value {
			if len(args) != arity {
				return problem("core/bridge", fmt.Sprintf("%s takes %d arguments, got %d", name, arity, len(args)))
			}
			return body(args)
		})
	})
	b.funcs = append(b.funcs, f)
	o.Set(name, f)
}

// call answers {result, bytes} or {code, detail}; in is a Uint8Array or undefined.
func (b *bridge) call(method string, args []byte, in js.Value) js.Value {
	var input []byte
	if in.Truthy() {
		input = toGo(in)
	}
	result, out, err := b.core.Call(method, args, input)
	if err != nil {
		return b.failure(err)
	}
	o := js.Global().Get("Object").New()
	o.Set("result", string(result))
	if out != nil {
		o.Set("bytes", toJS(out))
	}
	return o
}

func (b *bridge) failure(err error) js.Value {
	return problem(b.config.Code(err))
}

// guard turns a panic into a problem: without it the program would exit, and every later call would hang. The
// Worker restarts, locked, on core/panic, for the state behind a panic is not to be trusted.
func (b *bridge) guard(body func() js.Value) (v js.Value) {
	defer func() {
		if r := recover(); r != nil {
			js.Global().Get("console").Call("error", string(debug.Stack()))
			v = problem("core/panic", fmt.Sprintf("%.200v", r))
		}
	}()
	return body()
}

func problem(code, detail string) js.Value {
	o := js.Global().Get("Object").New()
	o.Set("code", code)
	o.Set("detail", detail)
	return o
}
