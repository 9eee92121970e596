package gossip

import (
	"bytes"
	"reflect"
	"testing"

	"github.com/anamnesis-health/anamnesis/shared/block"
)

func samples() []Message {
	return []Message{
		&Hello{Lowest: 1, Highest: 1, Net: block.Net{1}, Epoch: 1, Relay: []byte{}},
		&Auth{Admission: []block.Admission{}, Signature: []byte{1}},
		&Token{Quota: 1 << 20},
		&Sub{Sub: 1, Tags: []block.Tag{{1}, {2}}, Cursor: 9},
		&Unsub{Sub: 1},
		&Credit{Sub: 1, Bytes: 1 << 18},
		&Push{Request: 2, Blocks: Bins{{1}, {2, 3}}},
		&Stored{Request: 2, Results: []Result{{Reason: ""}, {Reason: "chain/seq"}}},
		&Blocks{Request: 3, Cursor: 70000, More: true, Blocks: Bins{{9}}},
		&Heads{Request: 3, Heads: []Head{{Seq: 7}}},
		&Get{Request: 4, From: 1, To: 99, IDs: []block.ID{}, Heads: []block.ChainID{}, Shares: []block.ID{}, Payload: true},
		&Meet{Room: block.Nonce{1}, Slot: 3, Body: []byte("x")},
		&Share{Body: []byte{1}, Signature: []byte{2}},
		&Fork{HeaderA: []byte{1}, SignatureA: []byte{1}, HeaderB: []byte{2}, SignatureB: []byte{2}},
		&Err{Request: 5, Code: "limit/frames", RetryAfter: 1000},
	}
}

func TestEveryMessageRoundTrips(t *testing.T) {
	for _, m := range samples() {
		got, err := Parse(Frame(m))
		if err != nil {
			t.Fatalf("%T: %v", m, err)
		}
		if reflect.TypeOf(got) != reflect.TypeOf(m) || !bytes.Equal(Frame(got), Frame(m)) {
			t.Errorf("%T: got %+v, want %+v", m, got, m)
		}
		if _, err := Parse(append(Frame(m), 0)); err == nil {
			t.Errorf("%T: a trailing byte was taken", m)
		}
		f := Frame(m)
		if _, err := Parse(f[:len(f)-1]); err == nil {
			t.Errorf("%T: a truncated frame was taken", m)
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, m := range samples() {
		f.Add(Frame(m))
	}
	f.Add([]byte{7, 0x92, 1, 0xdd, 0xff, 0xff, 0xff, 0xff})
	f.Fuzz(func(t *testing.T, b []byte) {
		m, err := Parse(b)
		if err == nil && !bytes.Equal(Frame(m), b) {
			t.Fatalf("accepted %x, which encodes again as %x", b, Frame(m))
		}
	})
}
