package api_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"github.com/anamnesis-health/anamnesis/wasm/api"
)

// TestBatchIsWhatOneByOneGives: the same bytes in the order asked for, with what cannot be opened named in its place.
func TestBatchIsWhatOneByOneGives(t *testing.T) {
	b, _ := imported(t, "../../shared/record/testdata/crlf-bundle.json")
	var line api.Timeline
	b.call("timeline", api.TimelineArgs{Limit: 10}, &line)
	if len(line.Items) < 2 {
		t.Fatalf("%d records to open", len(line.Items))
	}
	nobody := strings.Repeat("ab", 32)
	ids, want, sizes := []string{nobody}, []byte{}, []int{0}
	for _, it := range line.Items {
		one := b.call("record.open", api.RecordArgs{Record: it.Record}, nil)
		ids, want, sizes = append(ids, it.Record), append(want, one...), append(sizes, len(one))
	}
	var p api.Parts
	got := b.call("records.open", api.RecordsArgs{Records: ids}, &p)
	if !bytes.Equal(got, want) || len(p.Parts) != len(ids) {
		t.Fatalf("%d parts, %d bytes of %d", len(p.Parts), len(got), len(want))
	}
	for i, part := range p.Parts {
		if part.Record != ids[i] || part.Size != sizes[i] || (part.Code == "record/unknown") != (i == 0) || (part.MediaType == "") != (i == 0) {
			t.Errorf("part %d: %+v", i, part)
		}
	}
}

func TestBatchIsBounded(t *testing.T) {
	b := newBrowser(t)
	b.folder()
	entry := fmt.Sprintf(`{"resource":{"resourceType":"Basic","code":{"text":"%s"}}}`, strings.Repeat("x", 600_000))
	file := `{"resourceType":"Bundle","type":"collection","entry":[` + strings.Repeat(entry+",", 4) + entry + `]}`
	var pre api.ImportPreview
	b.call("import.preview", api.ImportPreviewArgs{FileName: "big.json", MediaType: "application/fhir+json"}, &pre, []byte(file)...)
	b.call("import.start", api.ImportStartArgs{ImportID: pre.ImportID}, nil)
	for g := (api.ImportProgress{}); !g.Finished; {
		b.call("import.step", api.ImportIDArgs{ImportID: pre.ImportID}, &g)
	}
	var line api.Timeline
	b.call("timeline", api.TimelineArgs{Limit: 10}, &line)
	ids := []string{}
	for range 100 {
		ids = append(ids, line.Items[0].Record)
	}
	var p api.Parts
	if out := b.call("records.open", api.RecordsArgs{Records: ids}, &p); len(p.Parts) != 2 || len(out) < 1<<20 || len(out) > 2<<20 {
		t.Fatalf("%d parts, %d bytes", len(p.Parts), len(out))
	}
	for i := range ids {
		ids[i] = strings.Repeat("cd", 32)
	}
	if b.call("records.open", api.RecordsArgs{Records: ids}, &p); len(p.Parts) != 48 {
		t.Fatalf("%d parts that are not there", len(p.Parts))
	}
	if _, code := b.try("records.open", api.RecordsArgs{Records: []string{"zz"}}, nil); code != "core/arguments" {
		t.Fatalf("an id that is none: %q", code)
	}
	b.call("lock", api.Empty{}, nil)
	if _, code := b.try("records.open", api.RecordsArgs{Records: ids}, nil); code != "vault/locked" {
		t.Fatalf("locked: %q", code)
	}
}
