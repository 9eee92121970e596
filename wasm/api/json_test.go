package api

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// anything has a field of each form that types.go uses.
type anything struct {
	Text   string   `json:"text"`
	Number int      `json:"number"`
	Time   int64    `json:"time"`
	Yes    bool     `json:"yes"`
	List   []string `json:"list"`
	Deep   []inner  `json:"deep"`
	One    inner    `json:"one"`
	Phase  Phase    `json:"phase"`
}

type inner struct {
	Sections []int  `json:"sections"`
	Name     string `json:"name"`
}

func read[T any](t interface{ Fatalf(string, ...any) }, b []byte) (v T) {
	if err := readJSON(b, reflect.ValueOf(&v).Elem()); err != nil {
		t.Fatalf("%s: %v", b, err)
	}
	return v
}

// TestJSONAgreesWithTheLibrary: what one writes the other reads, and means the same.
func TestJSONAgreesWithTheLibrary(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		in := inner{rapid.SliceOf(rapid.Int()).Draw(t, "sections"), rapid.String().Draw(t, "name")}
		v := anything{rapid.String().Draw(t, "text"), rapid.Int().Draw(t, "number"), rapid.Int64().Draw(t, "time"), rapid.Bool().Draw(t, "yes"),
			rapid.SliceOf(rapid.String()).Draw(t, "list"), []inner{in, {}}, in, Phase(rapid.StringMatching(`[\x00-\x7f"\\]*`).Draw(t, "phase"))}
		ours := appendJSON(nil, reflect.ValueOf(v))
		var back anything
		if err := json.Unmarshal(ours, &back); err != nil {
			t.Fatalf("the library does not read %s: %v", ours, err)
		}
		theirs, err := json.Marshal(back)
		if err != nil {
			t.Fatal(err)
		}
		if again := read[anything](t, theirs); !reflect.DeepEqual(again, back) {
			t.Fatalf("of %s we read %+v, not %+v", theirs, again, back)
		}
		if again := read[anything](t, ours); !reflect.DeepEqual(again, back) {
			t.Fatalf("of %s we read %+v, not %+v", ours, again, back)
		}
		if twice := appendJSON(nil, reflect.ValueOf(back)); string(twice) != string(ours) {
			t.Fatalf("%s and then %s", ours, twice)
		}
	})
}

func TestJSONReads(t *testing.T) {
	for in, want := range map[string]anything{
		`{}`: {},
		` { "text" : "a" , "unknown" : { "deep" : [ 1.5e3, null, true, "x", {} ] }, "yes":true } `: {Text: "a", Yes: true},
		`{"text":"\u00e9\ud83d\ude00\n\/\ud83d"}`:                                                  {Text: "é😀\n/\ufffd"},
		`{"text":null,"list":[],"number":-0}`:                                                      {List: []string{}},
		`{"time":9223372036854775807}`:                                                             {Time: 1<<63 - 1},
	} {
		if got := read[anything](t, []byte(in)); !reflect.DeepEqual(got, want) {
			t.Errorf("%s: %+v", in, got)
		}
	}
}

var refusedJSON = []string{
	``, ` `, `{`, `}`, `{"text"}`, `{"text":}`, `{"text":"a"`, `{"text":"a",}`, `{"text":"a"}x`, `{text:"a"}`, `{"text":'a'}`,
	`{"text":1}`, `{"text":["a"]}`, `{"number":"1"}`, `{"number":1.5}`, `{"number":1e3}`, `{"number":9223372036854775808}`, `{"number":+1}`,
	`{"number":01}`, `{"number":-}`, `{"number":true}`, `{"yes":"true"}`, `{"yes":1}`, `{"yes":tru}`, `{"list":"a"}`, `{"list":{}}`, `{"list":[1]}`,
	`{"list":["a",]}`, `{"list":["a"`, `{"one":[]}`, `{"one":"x"}`, `{"deep":[[]]}`, `[]`, `"a"`, `1`, "{\"text\":\"a\nb\"}", `{"text":"\x"}`,
	`{"text":"\u12"}`, `{"text":"\`, `{"x":--1}`, `{"x":1.}x`, `{"x":nul}`, `{"text":"a" "number":1}`,
	`{"x":` + strings.Repeat("[", 40) + strings.Repeat("]", 40) + `}`,
}

func TestJSONRefuses(t *testing.T) {
	for _, in := range refusedJSON {
		var v anything
		if err := readJSON([]byte(in), reflect.ValueOf(&v).Elem()); err == nil {
			t.Errorf("%s was read as %+v", in, v)
		}
	}
}

// FuzzJSON: what we read, the library reads too, and as the same, but for names that differ in case alone.
func FuzzJSON(f *testing.F) {
	for _, in := range refusedJSON {
		f.Add([]byte(in))
	}
	f.Add([]byte(`{"text":"a","list":["b"],"one":{"sections":[1,2],"name":""},"deep":[{"sections":[]}]}`))
	f.Fuzz(func(t *testing.T, in []byte) {
		var ours, theirs anything
		if readJSON(in, reflect.ValueOf(&ours).Elem()) != nil {
			return
		}
		if !json.Valid(in) {
			t.Fatalf("we read %q, which is no JSON", in)
		}
		if err := json.Unmarshal(in, &theirs); err != nil {
			return // a name in another case, which the library takes for one of ours
		}
	})
}
