package folder

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"reflect"
	"runtime"
	"strings"
	"testing"

	"github.com/anamnesis-health/anamnesis/shared/block"
)

// arrays makes an empty value of each structure, under the name that vectors/folder.json gives it.
func arrays() map[string]structure {
	return map[string]structure{
		"credential": &Credential{}, "manifest": &manifest{}, "deviceSealed": &deviceSealed{}, "deviceBody": &deviceBody{},
		"hello": &hello{}, "result": &meetResult{}, "deviceHello": &deviceHello{}, "linkResult": &linkResult{}, "share": &shareBody{}, "reason": &reasonBody{}, "outboxMark": &outboxMark{},
	}
}

// local are the structures that never leave the device that wrote them.
func local() map[string]structure {
	return map[string]structure{"stock": &stock{}, "vaultBody": &vaultBody{}, "deviceState": &deviceState{}, "indexEntry": &indexEntry{}, "meetingEntry": &meetingEntry{}, "deviceClaim": &deviceClaim{}}
}

// shown gives a value as the vectors write it: names in their case, bytes in hex, lists never null.
func shown(v reflect.Value) any {
	switch v.Kind() {
	case reflect.Pointer:
		return shown(v.Elem())
	case reflect.Struct:
		out := map[string]any{}
		for i := range v.NumField() {
			name := v.Type().Field(i).Name
			if name = strings.ToLower(name[:1]) + name[1:]; name == "iD" || name == "iDs" {
				name = "id" + name[2:]
			}
			out[name] = shown(v.Field(i))
		}
		return out
	case reflect.Slice, reflect.Array:
		if v.Type().Elem().Kind() == reflect.Uint8 {
			b := make([]byte, v.Len())
			reflect.Copy(reflect.ValueOf(b), v)
			return hex.EncodeToString(b)
		}
		out := make([]any, v.Len())
		for i := range out {
			out[i] = shown(v.Index(i))
		}
		return out
	case reflect.String:
		return v.String()
	case reflect.Bool:
		return v.Bool()
	case reflect.Int64:
		return float64(v.Int())
	}
	return float64(v.Uint())
}

func TestArrayVectors(t *testing.T) {
	var v struct {
		Arrays []struct {
			Kind, Name string
			Value      any
			Bytes      hexBytes
		}
		Refused []struct {
			Kind, Name string
			Bytes      hexBytes
		}
	}
	vectors(t, "folder", &v)
	if len(v.Arrays) == 0 || len(v.Refused) <= len(v.Arrays) {
		t.Fatal("vectors are missing")
	}
	seen := map[string]bool{}
	for _, c := range v.Arrays {
		seen[c.Kind] = true
		z := arrays()[c.Kind]
		if err := decode(c.Bytes, len(c.Bytes), z); err != nil {
			t.Errorf("%s, %s: %v", c.Kind, c.Name, err)
			continue
		}
		if got := shown(reflect.ValueOf(z)); !reflect.DeepEqual(got, c.Value) {
			got, _ := json.Marshal(got)
			want, _ := json.Marshal(c.Value)
			t.Errorf("%s, %s:\n%s, want\n%s", c.Kind, c.Name, got, want)
		}
		if !bytes.Equal(encode(z), c.Bytes) {
			t.Errorf("%s, %s: %x", c.Kind, c.Name, encode(z))
		}
		if err := decode(c.Bytes, len(c.Bytes)-1, arrays()[c.Kind]); err == nil {
			t.Errorf("%s, %s: longer than allowed", c.Kind, c.Name)
		}
	}
	for kind := range arrays() {
		if !seen[kind] {
			t.Errorf("no vector of %s", kind)
		}
	}
	for _, c := range v.Refused {
		if err := decode(c.Bytes, len(c.Bytes), arrays()[c.Kind]); err == nil {
			t.Errorf("%s, %s: accepted", c.Kind, c.Name)
		}
	}
}

// TestEveryFieldIsWritten changes each field of each structure alone and asks that the bytes change with it, so that
// fields() leaves none out and names none twice.
func TestEveryFieldIsWritten(t *testing.T) {
	for _, set := range []map[string]structure{arrays(), local()} {
		for kind, z := range set {
			empty := encode(z)
			v := reflect.ValueOf(z).Elem()
			seen := map[string]string{string(empty): "nothing"}
			for i := range v.NumField() {
				fill(v.Field(i))
				b := encode(z)
				name := v.Type().Field(i).Name
				if other, ok := seen[string(b)]; ok {
					t.Errorf("%s.%s is written as %s is", kind, name, other)
				}
				seen[string(b)] = name
				fresh := reflect.New(v.Type()).Interface().(structure)
				if err := decode(b, len(b), fresh); err != nil || !bytes.Equal(encode(fresh), b) {
					t.Errorf("%s.%s: %v", kind, name, err)
				}
				v.Field(i).SetZero()
			}
		}
	}
}

// fill puts something else than zero into a value.
func fill(v reflect.Value) {
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			fill(v.Field(i))
		}
	case reflect.Array:
		fill(v.Index(v.Len() - 1))
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 2, 2))
		fill(v.Index(1))
	case reflect.String:
		v.SetString("x")
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Int64:
		v.SetInt(7)
	default:
		v.SetUint(7)
	}
}

// FuzzArrays decodes arbitrary bytes as each structure: nothing panics, what is taken is written again as the same
// bytes, and memory stays in proportion to what came.
func FuzzArrays(f *testing.F) {
	var v struct{ Arrays, Refused []struct{ Bytes hexBytes } }
	vectors(f, "folder", &v)
	for _, c := range append(v.Arrays, v.Refused...) {
		f.Add([]byte(c.Bytes))
	}
	for _, z := range local() {
		f.Add(encode(z))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		for _, set := range []map[string]structure{arrays(), local()} {
			for kind, z := range set {
				if decode(b, block.MaxBlock, z) == nil && !bytes.Equal(encode(z), b) {
					t.Errorf("%s: %x becomes %x", kind, b, encode(z))
				}
			}
		}
	})
}

// TestArraysTakeNoMemoryForWhatIsNotThere: a few bytes may claim a list of billions.
func TestArraysTakeNoMemoryForWhatIsNotThere(t *testing.T) {
	const size = 64 << 10
	for kind, z := range map[string]structure{"manifest": &manifest{}, "share": &shareBody{}, "outboxMark": &outboxMark{}, "deviceBody": &deviceBody{}} {
		empty := encode(z)
		at := bytes.LastIndexByte(empty, 0x90) // the last list
		for _, n := range []uint32{1<<32 - 1, 1 << 31, size} {
			b := append(bytes.Clone(empty[:at]), 0xdd, byte(n>>24), byte(n>>16), byte(n>>8), byte(n))
			b = append(b, bytes.Repeat([]byte{0xc0}, size)...) // as many entries as there are bytes, none of them right
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			if decode(b, len(b), reflect.New(reflect.TypeOf(z).Elem()).Interface().(structure)) == nil {
				t.Errorf("%s: %d entries taken", kind, n)
			}
			runtime.ReadMemStats(&after)
			if used := after.TotalAlloc - before.TotalAlloc; used > 40*size {
				t.Errorf("%s, %d entries: %d bytes of memory for %d", kind, n, used, len(b))
			}
		}
	}
}
