package api

import (
	"errors"

	"github.com/anamnesis-health/anamnesis/shared/folder"
	"github.com/anamnesis-health/anamnesis/shared/govern"
)

// Host is the outside as the core needs it; wasm/bridge and the tests implement it.
type Host = folder.World

// Core answers the page's calls. No two calls may overlap.
type Core struct {
	host    Host
	engine  *folder.Engine
	network *govern.Network
	origin  string
}

// New starts the core on a host, for the network whose genesis file net is (as served at /v1/network). It returns
// an *folder.Error, or an error of govern.Parse.
func New(h Host, net []byte, origin string) (*Core, error) {
	network, err := govern.Parse(net)
	if err != nil {
		return nil, &folder.Error{Code: "core/network", Detail: err.Error()}
	}
	e, err := folder.New(h, network)
	if err != nil {
		return nil, err
	}
	return &Core{host: h, engine: e, network: network, origin: origin}, nil
}

// Connected, Disconnected, Received, Tick and Fetched pass the world's events on.
func (c *Core) Connected() { c.engine.Connected() }

// Disconnected tells that the socket is gone.
func (c *Core) Disconnected() { c.engine.Disconnected() }

// Received takes one frame from the relay.
func (c *Core) Received(frame []byte) { c.engine.Received(frame) }

// Tick answers in how many milliseconds it wants to be called again.
func (c *Core) Tick() int64 { return c.engine.Tick() }

// Fetched brings an HTTP answer.
func (c *Core) Fetched(id, status int, body []byte) { c.engine.Fetched(id, status, body) }

// method decodes arguments, does the work, and encodes the result.
type method func(c *Core, args, in []byte) (result any, out []byte, err error)

// on makes a method that neither takes nor gives bytes beside its arguments.
func on[A, R any](f func(c *Core, a A) (R, error)) method {
	return func(c *Core, args, _ []byte) (any, []byte, error) {
		a, err := decode[A](args)
		if err != nil {
			return nil, nil, err
		}
		r, err := f(c, a)
		return r, nil, err
	}
}

// giving makes a method whose result has bytes beside it.
func giving[A, R any](f func(c *Core, a A) (R, []byte, error)) method {
	return func(c *Core, args, _ []byte) (any, []byte, error) {
		a, err := decode[A](args)
		if err != nil {
			return nil, nil, err
		}
		return f(c, a)
	}
}

// taking makes a method whose arguments have bytes beside them.
func taking[A, R any](f func(c *Core, a A, in []byte) (R, error)) method {
	return func(c *Core, args, in []byte) (any, []byte, error) {
		a, err := decode[A](args)
		if err != nil {
			return nil, nil, err
		}
		r, err := f(c, a, in)
		return r, nil, err
	}
}

func decode[A any](args []byte) (A, error) {
	var a A
	if len(args) == 0 {
		return a, nil
	}
	if err := Decode(args, &a); err != nil {
		return a, &folder.Error{Code: "core/arguments", Detail: err.Error()}
	}
	return a, nil
}

// Call answers one call of the page. args and result are JSON as types.go says; in and out are bytes beside them.
func (c *Core) Call(name string, args, in []byte) (result, out []byte, err error) {
	m, ok := methods[name]
	if !ok {
		return nil, nil, &folder.Error{Code: "core/method", Detail: name}
	}
	r, out, err := m(c, args, in)
	if err != nil {
		return nil, nil, err
	}
	return Encode(r), out, nil
}

// CodeOf splits any error of Call into what crosses to the page.
func CodeOf(err error) (code, detail string) {
	var e *folder.Error
	if errors.As(err, &e) {
		return e.Code, e.Detail
	}
	return "core/failed", err.Error()
}
