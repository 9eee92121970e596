package spec

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"fmt"
)

// Hex is a byte string written in hex in a vector.
type Hex []byte

// UnmarshalText implements encoding.TextUnmarshaler.
func (h *Hex) UnmarshalText(text []byte) error {
	b, err := hex.DecodeString(string(text))
	*h = b
	return err
}

// Read reads what into names of vectors/<name>.json. It returns an error for a missing or malformed file.
func Read(name string, into any) error {
	return read(name, func(d *json.Decoder) error { return d.Decode(into) })
}

// ReadWhole is Read, and refuses a file with anything that into does not name: no list of cases is passed over.
func ReadWhole(name string, into any) error {
	return read(name, func(d *json.Decoder) error { d.DisallowUnknownFields(); return d.Decode(into) })
}

func read(name string, by func(*json.Decoder) error) error {
	raw, err := Vectors.ReadFile("vectors/" + name + ".json")
	if err == nil {
		err = by(json.NewDecoder(bytes.NewReader(raw)))
	}
	if err != nil {
		return fmt.Errorf("vectors %s: %v", name, err)
	}
	return nil
}

// Cases reads vectors/<name>.json, a list of cases. It returns an error for a missing or malformed file.
func Cases[T any](name string) ([]T, error) {
	var out []T
	if err := Read(name, &out); err != nil {
		return nil, err
	}
	if len(out) == 0 {
		return nil, fmt.Errorf("vectors %s: no case", name)
	}
	return out, nil
}
