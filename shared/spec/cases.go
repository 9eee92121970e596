package spec

import (
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

// Cases reads vectors/<name>.json, a list of cases. It returns an error for a missing or malformed file.
func Cases[T any](name string) ([]T, error) {
	raw, err := Vectors.ReadFile("vectors/" + name + ".json")
	if err != nil {
		return nil, fmt.Errorf("vectors %s: %v", name, err)
	}
	var out []T
	if err := json.Unmarshal(raw, &out); err != nil {
		return nil, fmt.Errorf("vectors %s: %v", name, err)
	}
	if len(out) == 0 {
		return nil, fmt.Errorf("vectors %s: no case", name)
	}
	return out, nil
}
