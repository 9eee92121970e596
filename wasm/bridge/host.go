//go:build js && wasm

package bridge

import (
	"crypto/rand"
	"syscall/js"
	"time"
)

// Host is the outside as the Worker gives it. All of it is synchronous: the Worker opens OPFS handles ahead.
type Host struct {
	js    js.Value
	fault func(code string) error
}

// Segments lists the numbers of the segments that hold bytes, ascending.
func (h *Host) Segments() ([]uint32, error) {
	list := h.js.Call("segments")
	if err := h.failed(list); err != nil {
		return nil, err
	}
	numbers := make([]uint32, list.Length())
	for i := range numbers {
		numbers[i] = uint32(list.Index(i).Int())
	}
	return numbers, nil
}

// Size is the length of segment n in bytes.
func (h *Host) Size(n uint32) (int64, error) {
	v := h.js.Call("size", n)
	if err := h.failed(v); err != nil {
		return 0, err
	}
	return int64(v.Float()), nil
}

// Read fills p from segment n at off; fewer bytes there are an error.
func (h *Host) Read(n uint32, off int64, p []byte) error {
	v := h.js.Call("read", n, float64(off), len(p))
	if err := h.failed(v); err != nil {
		return err
	}
	js.CopyBytesToGo(p, v)
	return nil
}

// Append adds p at the end of segment n, which it begins when there is none.
func (h *Host) Append(n uint32, p []byte) error { return h.failed(h.js.Call("append", n, toJS(p))) }

// Truncate cuts segment n to size bytes.
func (h *Host) Truncate(n uint32, size int64) error {
	return h.failed(h.js.Call("truncate", n, float64(size)))
}

// Flush returns once segment n is on the disk.
func (h *Host) Flush(n uint32) error { return h.failed(h.js.Call("flush", n)) }

// Remove deletes segment n.
func (h *Host) Remove(n uint32) error { return h.failed(h.js.Call("remove", n)) }

// ReadSlot returns what the slot holds, nil when it was never written or was removed.
func (h *Host) ReadSlot(name string) ([]byte, error) {
	v := h.js.Call("readSlot", name)
	if err := h.failed(v); err != nil || v.IsNull() {
		return nil, err
	}
	return toGo(v), nil
}

// WriteSlot replaces the slot's bytes and flushes them.
func (h *Host) WriteSlot(name string, p []byte) error {
	return h.failed(h.js.Call("writeSlot", name, toJS(p)))
}

// RemoveSlot empties the slot.
func (h *Host) RemoveSlot(name string) error { return h.failed(h.js.Call("removeSlot", name)) }

// Now is the device's clock in Unix milliseconds.
func (h *Host) Now() int64 { return time.Now().UnixMilli() }

// Send hands one binary frame to the socket; without a connection it is dropped.
func (h *Host) Send(frame []byte) { h.js.Call("send", toJS(frame)) }

// Changed tells every tab to ask again.
func (h *Host) Changed() { h.js.Call("changed") }

// StartFetch begins a request to the relay; the answer arrives by Core.Fetched with the same id. Status 0 means
// that no answer came. byteRange is the value of the Range header or "".
func (h *Host) StartFetch(id int, method, path, token, byteRange string, body []byte) {
	h.js.Call("fetch", id, method, path, token, byteRange, toJS(body))
}

// StorageDurable says whether the browser promised not to clear this origin by itself.
func (h *Host) StorageDurable() bool { return h.js.Call("durable").Bool() }

// Random fills p from the browser's generator.
func (h *Host) Random(p []byte) {
	if _, err := rand.Read(p); err != nil {
		panic(err) // crypto/rand never returns an error
	}
}

// failed turns the string that a host function answers instead of a value into an error. The string is a code,
// such as storage/quota; functions without a value answer undefined.
func (h *Host) failed(v js.Value) error {
	if v.Type() != js.TypeString {
		return nil
	}
	return h.fault(v.String())
}

func toJS(p []byte) js.Value {
	v := js.Global().Get("Uint8Array").New(len(p))
	js.CopyBytesToJS(v, p)
	return v
}

func toGo(v js.Value) []byte {
	p := make([]byte, v.Length())
	js.CopyBytesToGo(p, v)
	return p
}
