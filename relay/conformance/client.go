// Package conformance is one black-box suite for every home of the relay: it speaks only the wire. Client is the
// smallest client there can be; the tests start the real binary and treat it as strangers would.
//
//	c, err := conformance.Dial(ctx, "http://127.0.0.1:8788", net, key, nil)
//	err = c.Send(&gossip.Push{Request: 1, Blocks: blocks})
//	m, err := c.Receive(ctx)
//
// It promises nothing to programs: it is for tests.
package conformance

import (
	"context"
	"crypto/ed25519"
	"errors"
	"fmt"
	"strings"

	"github.com/coder/websocket"

	"github.com/anamnesis-health/anamnesis/shared/block"
	"github.com/anamnesis-health/anamnesis/shared/gossip"
)

// maxFrame is above what the relay may send, so that the tests and not the library judge it.
const maxFrame = 4 << 20

// Client is one connection.
type Client struct {
	WS    *websocket.Conn
	Hello *gossip.Hello
	Token *gossip.Token
}

// Open connects to base (an http address) and reads the relay's HELLO.
func Open(ctx context.Context, base string) (*Client, error) {
	ws, _, err := websocket.Dial(ctx, "ws"+strings.TrimPrefix(base, "http")+"/v1/ws", nil)
	if err != nil {
		return nil, err
	}
	ws.SetReadLimit(maxFrame)
	c := &Client{WS: ws}
	m, err := c.Receive(ctx)
	if err != nil {
		return nil, errors.Join(err, ws.CloseNow())
	}
	hello, ok := m.(*gossip.Hello)
	if !ok {
		return nil, errors.Join(fmt.Errorf("greeted with %T", m), ws.CloseNow())
	}
	c.Hello = hello
	return c, nil
}

// Dial opens a connection and authenticates it under key, as a guest when admission is empty.
func Dial(ctx context.Context, base string, net block.Net, key ed25519.PrivateKey, admission []block.Admission) (*Client, error) {
	c, err := Open(ctx, base)
	if err != nil {
		return nil, err
	}
	if admission == nil {
		admission = []block.Admission{}
	}
	body := gossip.HelloBody(block.Key(c.Hello.Relay), c.Hello.Nonce)
	err = errors.Join(
		c.Send(ctx, &gossip.Hello{Lowest: 1, Highest: 1, Net: net, Epoch: 1, Relay: []byte{}}),
		c.Send(ctx, &gossip.Auth{
			Connection: block.KeyOf(key), Admission: admission, Signature: block.Sign(net, key, block.SigHello, body),
		}))
	if err != nil {
		return nil, errors.Join(err, c.Close())
	}
	m, err := c.Receive(ctx)
	if err != nil {
		return nil, errors.Join(err, c.Close())
	}
	token, ok := m.(*gossip.Token)
	if !ok {
		return nil, errors.Join(fmt.Errorf("answered with %T %+v", m, m), c.Close())
	}
	c.Token = token
	return c, nil
}

// Send sends one message.
func (c *Client) Send(ctx context.Context, m gossip.Message) error {
	return c.WS.Write(ctx, websocket.MessageBinary, gossip.Frame(m))
}

// Receive reads one message.
func (c *Client) Receive(ctx context.Context) (gossip.Message, error) {
	_, b, err := c.WS.Read(ctx)
	if err != nil {
		return nil, err
	}
	return gossip.Parse(b)
}

// Push pushes blocks and gives the results; other messages that come meanwhile are dropped.
func (c *Client) Push(ctx context.Context, request uint32, blocks ...*block.Block) ([]gossip.Result, error) {
	p := &gossip.Push{Request: request}
	for _, b := range blocks {
		p.Blocks = append(p.Blocks, b.Encode())
	}
	if err := c.Send(ctx, p); err != nil {
		return nil, err
	}
	for {
		m, err := c.Receive(ctx)
		if err != nil {
			return nil, err
		}
		switch m := m.(type) {
		case *gossip.Stored:
			if m.Request == request {
				return m.Results, nil
			}
		case *gossip.Err:
			if m.Request == request {
				return nil, fmt.Errorf("refused: %s", m.Code)
			}
		}
	}
}

// Close ends the connection at once.
func (c *Client) Close() error { return c.WS.CloseNow() }
