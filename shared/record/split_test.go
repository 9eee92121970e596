package record

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"testing"
	"time"
)

// rejoined fails unless the pieces of b are b, in order, and each resource is one JSON value.
func rejoined(t *testing.T, b []byte, f *File) (resources int) {
	t.Helper()
	pos, gap := 0, false
	for _, p := range f.Pieces {
		if p.Start != pos || p.End <= p.Start || (gap && !p.Resource) {
			t.Fatalf("piece %+v after byte %d", p, pos)
		}
		pos, gap = p.End, !p.Resource
		if !p.Resource {
			continue
		}
		resources++
		if part := b[p.Start:p.End]; part[0] != '{' || part[len(part)-1] != '}' || !json.Valid(part) {
			t.Fatalf("piece %+v is no JSON object", p)
		}
	}
	if pos != len(b) {
		t.Fatalf("pieces end at %d of %d", pos, len(b))
	}
	return resources
}

func TestPromise8SampleFilesComeBackByteForByte(t *testing.T) {
	resources := 0
	for _, path := range sampleFiles(t, "fhir-synthea", "fhir-r4-examples", "ips") {
		b := readFile(t, path)
		f, err := Split(b)
		if err != nil {
			t.Errorf("%s: %v", path, err)
			continue
		}
		resources += rejoined(t, b, f)
		for _, p := range f.Pieces {
			if p.Resource && Describe(b[p.Start:p.End]).Type == "" {
				t.Errorf("%s: piece %+v without type", path, p)
			}
		}
		judge(t, path, b, f)
	}
	t.Logf("%d resources", resources)
}

// judge compares with what encoding/json finds.
func judge(t *testing.T, path string, b []byte, f *File) {
	t.Helper()
	var file struct {
		ResourceType string
		Entry        []struct{ Resource json.RawMessage }
	}
	if err := json.Unmarshal(bytes.TrimPrefix(b, []byte(byteOrderMark)), &file); err != nil {
		t.Errorf("%s: %v", path, err)
		return
	}
	var want []string
	if file.ResourceType == "Bundle" {
		for _, e := range file.Entry {
			if e.Resource != nil {
				want = append(want, string(e.Resource))
			}
		}
	}
	if (f.Kind == KindBundle) != (file.ResourceType == "Bundle") {
		t.Errorf("%s: kind %s of a %s", path, f.Kind, file.ResourceType)
	}
	for _, p := range f.Pieces {
		if f.Kind != KindBundle || !p.Resource {
			continue
		}
		if len(want) == 0 || want[0] != string(b[p.Start:p.End]) {
			t.Errorf("%s: piece %+v differs from encoding/json's", path, p)
			return
		}
		want = want[1:]
	}
	if len(want) != 0 {
		t.Errorf("%s: %d resources not found", path, len(want))
	}
}

func TestOwnSamplesComeBackByteForByte(t *testing.T) {
	for _, path := range ownSamples(t) {
		b := readFile(t, path)
		f, err := Split(b)
		if err != nil {
			t.Errorf("%s: %v", path, err)
			continue
		}
		rejoined(t, b, f)
		judge(t, path, b, f)
	}
}

func TestSplitPieces(t *testing.T) {
	for _, c := range []struct{ name, in, want string }{
		{"one resource", `{"resourceType":"Basic"}`, `[{"resourceType":"Basic"}]`},
		{"white space around", " \r\n{\"resourceType\":\"Basic\"}\n", "gap3 [{\"resourceType\":\"Basic\"}] gap1"},
		{"byte-order mark", byteOrderMark + `{"resourceType":"Basic"}`, `gap3 [{"resourceType":"Basic"}]`},
		{
			"bundle, type last", `{"entry":[{"resource":{"resourceType":"A"}},{"resource":{"resourceType":"B"}}],"resourceType":"Bundle"}`,
			`gap22 [{"resourceType":"A"}] gap14 [{"resourceType":"B"}] gap27`,
		},
		{
			"escaped names", `{"\u0065ntry":[{"r\u0065source":{"resource\u0054ype":"A"}}],"resourceType":"B\u0075ndle"}`,
			`gap32 [{"resource\u0054ype":"A"}] gap32`,
		},
		{
			"bundle in a bundle is one", `{"resourceType":"Bundle","entry":[{"resource":{"resourceType":"Bundle","entry":[{"resource":{"resourceType":"A"}}]}}]}`,
			`gap46 [{"resourceType":"Bundle","entry":[{"resource":{"resourceType":"A"}}]}] gap3`,
		},
		{
			"entry of another resource", `{"resourceType":"List","entry":[{"resource":{}}]}`,
			`[{"resourceType":"List","entry":[{"resource":{}}]}]`,
		},
		{"entry that is no array", `{"resourceType":"Bundle","entry":{"resource":{}}}`, `gap49`},
		{"lone surrogate kept", `{"resourceType":"A","x":"\ud800","y":"\udc00\ud800"}`, `[{"resourceType":"A","x":"\ud800","y":"\udc00\ud800"}]`},
		{"names that differ in a lone surrogate", `{"resourceType":"A","\ud800":1,"\ud801":2}`, `[{"resourceType":"A","\ud800":1,"\ud801":2}]`},
		{"same name in two objects", `{"resourceType":"A","a":{"b":1},"c":{"b":1,"resourceType":{}}}`, `[{"resourceType":"A","a":{"b":1},"c":{"b":1,"resourceType":{}}}]`},
		{
			"depth 64", `{"resourceType":"A","x":` + strings.Repeat("[", 63) + strings.Repeat("]", 63) + "}",
			`[{"resourceType":"A","x":` + strings.Repeat("[", 63) + strings.Repeat("]", 63) + "}]",
		},
	} {
		f, err := Split([]byte(c.in))
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		var got []string
		for _, p := range f.Pieces {
			if p.Resource {
				got = append(got, "["+c.in[p.Start:p.End]+"]")
			} else {
				got = append(got, fmt.Sprintf("gap%d", p.End-p.Start))
			}
		}
		if s := strings.Join(got, " "); s != c.want {
			t.Errorf("%s: %s, want %s", c.name, s, c.want)
		}
	}
}

// members writes n members a0…
func members(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, `,"a%d":0`, i)
	}
	return b.String()
}

func TestSplitRefuses(t *testing.T) {
	const res = `{"resourceType":"A"`
	for _, c := range []struct {
		name, in, code string
		at             int
	}{
		{"nothing", "", CodeImportJSON, 0},
		{"only a byte-order mark", byteOrderMark, CodeImportJSON, 3},
		{"white space", " \n", CodeImportJSON, 2},
		{"UTF-16", "\xff\xfe{\x00", CodeImportUTF8, 0},
		{"overlong UTF-8", "{\"a\":\"\xc0\xaf\"}", CodeImportUTF8, 6},
		{"surrogate in UTF-8", "{\"a\":\"\xed\xa0\x80\"}", CodeImportUTF8, 6},
		{"UTF-8 cut", res + ",\"a\":\"\xc3", CodeImportUTF8, 25},
		{"second byte-order mark", byteOrderMark + byteOrderMark + "{}", CodeImportJSON, 3},
		{"no-break space", "\u00a0{}", CodeImportJSON, 0},
		{"form feed", "\f{}", CodeImportJSON, 0},
		{"two values", res + "}" + res + "}", CodeImportJSON, 20},
		{"trailing comma in object", res + ",}", CodeImportJSON, 20},
		{"trailing comma in array", res + `,"a":[1,]}`, CodeImportJSON, 27},
		{"leading comma", `[,1]`, CodeImportJSON, 1},
		{"no colon", `{"a" 1}`, CodeImportJSON, 5},
		{"no comma", `{"a":1 "b":2}`, CodeImportJSON, 7},
		{"name without quotes", `{a:1}`, CodeImportJSON, 1},
		{"single quotes", `{'a':1}`, CodeImportJSON, 1},
		{"comment", `{"a":1/**/}`, CodeImportJSON, 6},
		{"wrong closing bracket", `{"a":[1}`, CodeImportJSON, 7},
		{"object not closed", res, CodeImportJSON, 19},
		{"array not closed", `[1`, CodeImportJSON, 2},
		{"string not closed", `{"a":"b`, CodeImportJSON, 7},
		{"string ends in a backslash", `{"a":"\`, CodeImportJSON, 6},
		{"tab in a string", "{\"a\":\"\t\"}", CodeImportJSON, 6},
		{"newline in a name", "{\"a\n\":1}", CodeImportJSON, 3},
		{"no such escape", `{"a":"\x41"}`, CodeImportJSON, 6},
		{"capital U escape", `{"a":"\U0041"}`, CodeImportJSON, 6},
		{"escape of three digits", `{"a":"\u041"}`, CodeImportJSON, 6},
		{"escape cut", `"\u00`, CodeImportJSON, 1},
		{"leading zero", `{"a":01}`, CodeImportJSON, 7},
		{"leading plus", `{"a":+1}`, CodeImportJSON, 5},
		{"minus alone", `{"a":-}`, CodeImportJSON, 6},
		{"minus zero one", `{"a":-01}`, CodeImportJSON, 8},
		{"no digit before the point", `{"a":.5}`, CodeImportJSON, 5},
		{"no digit after the point", `{"a":5.}`, CodeImportJSON, 7},
		{"no exponent", `{"a":5e}`, CodeImportJSON, 7},
		{"no exponent after its sign", `{"a":5e+}`, CodeImportJSON, 8},
		{"hex", `{"a":0x1}`, CodeImportJSON, 6},
		{"NaN", `{"a":NaN}`, CodeImportJSON, 5},
		{"Infinity", `{"a":-Infinity}`, CodeImportJSON, 6},
		{"capital True", `{"a":True}`, CodeImportJSON, 5},
		{"nul", `{"a":nul}`, CodeImportJSON, 5},
		{"nulls", `{"a":nulls}`, CodeImportJSON, 9},
		{"zero byte", "{\x00}", CodeImportJSON, 1},
		{"duplicate", res + `,"b":1,"b":2}`, CodeImportDuplicate, 26},
		{"duplicate by escape", res + `,"b":1,"\u0062":2}`, CodeImportDuplicate, 26},
		{"duplicate by surrogate pair", `{"😀":1,"\ud83d\ude00":2}`, CodeImportDuplicate, 10},
		{"duplicate resourceType", res + `,"resourceType":"B"}`, CodeImportDuplicate, 20},
		{"duplicate deep", res + `,"b":{"c":[{"d":1,"d":1}]}}`, CodeImportDuplicate, 37},
		{"duplicate of a long name", `{"` + strings.Repeat("n", 90) + `":1,"\u006e` + strings.Repeat("n", 89) + `":1}`, CodeImportDuplicate, 96},
		{"duplicate after many", `{"a":1` + members(40) + `,"a7":1}`, CodeImportDuplicate, 6 + len(members(40)) + 1},
		{"10,001 members", `{"b":1` + members(10_000) + `}`, CodeImportTooMany, 6 + len(members(9_999)) + 1},
		{"depth 65", `{"a":` + strings.Repeat("[", 64) + strings.Repeat("]", 64) + "}", CodeImportDepth, 68},
		{"a million deep", strings.Repeat("[", 1_000_000), CodeImportDepth, 64},
		{"array", `[{"resourceType":"A"}]`, CodeImportNotFHIR, 0},
		{"string", `"A"`, CodeImportNotFHIR, 0},
		{"no resourceType", ` {"a":1}`, CodeImportNotFHIR, 1},
		{"resourceType a number", `{"resourceType":1}`, CodeImportNotFHIR, 0},
		{"resourceType below", `{"a":{"resourceType":"A"}}`, CodeImportNotFHIR, 0},
		{"entry resource null", `{"resourceType":"Bundle","entry":[{"resource":null}]}`, CodeImportNotFHIR, 46},
		{"entry resource without type", `{"resourceType":"Bundle","entry":[{"resource":{"a":{"resourceType":"A"}}}]}`, CodeImportNotFHIR, 46},
		{"second entry without type", `{"resourceType":"Bundle","entry":[{"resource":{"resourceType":"A"}},{"resource":{}}]}`, CodeImportNotFHIR, 80},
		{"resource in an array", `{"resourceType":"Bundle","entry":[{"resource":[{"resourceType":"A"}]}]}`, CodeImportNotFHIR, 46},
		{"20,001 entries", `{"resourceType":"Bundle","entry":[{}` + strings.Repeat(",{}", 20_000) + "]}", CodeImportTooMany, 34 + 3*20_000},
		{"resource past 8 MiB", res + `,"a":"` + strings.Repeat("x", maxResource) + `"}`, CodeImportTooLarge, 0},
		{"entry past 8 MiB", `{"resourceType":"Bundle","entry":[{"resource":` + res + `,"a":"` + strings.Repeat("x", maxResource) + `"}}]}`, CodeImportTooLarge, 46},
		{"20,001 lines", strings.Repeat(res+"}\n", 20_001), CodeImportTooMany, 21 * 20_000},
		{"second line past 8 MiB", res + "}\n" + res + `,"a":"` + strings.Repeat("x", maxResource) + `"}`, CodeImportTooLarge, 21},
		{"file past 32 MiB", res + "}" + strings.Repeat(" ", MaxFile), CodeImportTooLarge, MaxFile},
	} {
		f, err := Split([]byte(c.in))
		var e *Error
		if !errors.As(err, &e) || f != nil {
			t.Errorf("%s: accepted, want %s", c.name, c.code)
			continue
		}
		if e.Code != c.code || e.Offset != c.at {
			t.Errorf("%s: %s at %d, want %s at %d", c.name, e.Code, e.Offset, c.code, c.at)
		}
	}
}

func TestSplitAcceptsAtTheBounds(t *testing.T) {
	const res = `{"resourceType":"A"`
	for name, in := range map[string]string{
		"10,000 members": res + members(9_999) + "}",
		"20,000 lines":   strings.Repeat(res+"}\n", 20_000),
		"20,000 entries": `{"resourceType":"Bundle","entry":[{}` + strings.Repeat(",{}", 19_999) + "]}",
		"8 MiB resource": res + `,"a":"` + strings.Repeat("x", maxResource-len(res)-8) + `"}`,
		"32 MiB file":    `{"resourceType":"Bundle"}` + strings.Repeat(" ", MaxFile-25),
	} {
		if _, err := Split([]byte(in)); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// hostile gives files made to cost time or memory, of 32 MiB where memory could follow the size.
func hostile() map[string][]byte {
	const some = 2 << 20
	var nested strings.Builder
	for range maxDepth {
		nested.WriteString("{")
		for i := range maxMembers - 1 {
			fmt.Fprintf(&nested, `"%d":0,`, i)
		}
		nested.WriteString(`"z":`)
	}
	nested.WriteString(strings.Repeat(" ", MaxFile-nested.Len()-1) + "0")
	middling := `{"a":0` + members(30) + "},"
	array := func(one string, size int) []byte { return []byte("[" + strings.Repeat(one, size/len(one)-1) + "0]") }
	return map[string][]byte{
		"wide array":        array("0,", some),
		"small objects":     array(`{"a":0,"b":0},`, some),
		"middling objects":  array(middling, some),
		"full nesting":      []byte(nested.String()),
		"long name":         []byte(`{"\u0065` + strings.Repeat("n", MaxFile/2) + `":[` + strings.Repeat("0,", some/8) + "0]}"),
		"escaped name":      []byte(`{"` + strings.Repeat(`\n`, some/2) + `":0}`),
		"deep":              bytes.Repeat([]byte("["), MaxFile),
		"bundle of scalars": []byte(`{"resourceType":"Bundle","entry":[` + strings.Repeat("0,", some/2) + "0]}"),
	}
}

// TestAttackA32HostileFilesStayCheap measures what is live, collector run, while each file is split.
func TestAttackA32HostileFilesStayCheap(t *testing.T) {
	for name, in := range hostile() {
		var m runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&m)
		before, peak, visits := m.HeapAlloc, uint64(0), 0
		sp := splitter{scanner: newScanner(in, nil)}
		sp.scanner.visit = func(start, end int) *Error {
			if visits++; visits%(1<<18) == 0 || visits == maxDepth*(maxMembers-1) {
				runtime.GC()
				runtime.ReadMemStats(&m)
				peak = max(peak, m.HeapAlloc)
			}
			return sp.visit(start, end)
		}
		start := time.Now()
		err := sp.value()
		took := time.Since(start)
		grown := max(peak, before) - before
		if grown > 64<<20-uint64(len(in)) {
			t.Errorf("%s: %d MB beside a file of %d MB", name, grown>>20, len(in)>>20)
		}
		if took > 30*time.Second {
			t.Errorf("%s: took %v", name, took)
		}
		t.Logf("%-18s %8v %6d kB %v", name, took.Round(time.Millisecond), grown>>10, err)
	}
}

func FuzzSplit(f *testing.F) {
	for _, s := range []string{
		`{"resourceType":"Bundle","entry":[{"resource":{"resourceType":"A"}}]}`, "\ufeff{\"resourceType\":\"A\"} \n",
		"{\"resourceType\":\"A\"}\n{\"resourceType\":\"B\"}\r\n",
		`{"a":"\ud83d\ude00\u0000","b":[1.0e-3,true,null]}`, `{"a":1,"\u0061":2}`,
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		file, err := Split(b)
		Describe(b)
		if err == nil {
			rejoined(t, b, file)
			return
		}
		var e *Error
		if !errors.As(err, &e) || e.Offset < 0 || e.Offset > len(b) {
			t.Fatalf("error %v for %d bytes", err, len(b))
		}
		// encoding/json has no bound of ours; what we call malformed, it must too.
		if e.Code == CodeImportJSON && json.Valid(bytes.TrimPrefix(b, []byte(byteOrderMark))) {
			t.Fatalf("%v, yet encoding/json accepts %q", err, b)
		}
	})
}

func BenchmarkSplitAndDescribe(b *testing.B) {
	one := `{"resource":{"resourceType":"Observation","id":"o","code":{"coding":[{"display":"Hemoglobin A1c"}]},"effectiveDateTime":"2026-02-01","valueQuantity":{"value":7.00,"unit":"%"}}}`
	in := []byte(`{"resourceType":"Bundle","entry":[` + one + strings.Repeat(","+one, 4999) + "]}")
	b.SetBytes(int64(len(in)))
	for b.Loop() {
		f, err := Split(in)
		if err != nil {
			b.Fatal(err)
		}
		for _, p := range f.Pieces {
			if p.Resource {
				Describe(in[p.Start:p.End])
			}
		}
	}
}
