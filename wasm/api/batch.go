package api

import "github.com/anamnesis-health/anamnesis/shared/folder"

// One call opens no more than this, so that the Worker answers others in between: about 50 ms at 1 ms a record, and
// a megabyte's copy out of WASM (reference figures: app.md §10).
const (
	batchRecords = 48
	batchBytes   = 1 << 20
)

// recordsOpen opens the first records of a list. One that cannot be opened says why and keeps no other from it.
func (c *Core) recordsOpen(a RecordsArgs) (Parts, []byte, error) {
	if !c.engine.Open() {
		return Parts{}, nil, &folder.Error{Code: "vault/locked", Detail: "records.open"}
	}
	id, err := hex32(a.Folder)
	if err != nil {
		return Parts{}, nil, err
	}
	recs, err := blockIDs(a.Records[:min(len(a.Records), batchRecords)])
	if err != nil {
		return Parts{}, nil, err
	}
	out, content := Parts{Parts: []Part{}}, []byte{}
	for _, r := range recs {
		if len(content) >= batchBytes {
			break
		}
		o, err := c.engine.OpenRecord(id, r)
		if err != nil {
			code, _ := CodeOf(err)
			out.Parts = append(out.Parts, Part{Record: r.Hex(), Code: code})
			continue
		}
		out.Parts = append(out.Parts, Part{Record: o.Item.ID.Hex(), MediaType: o.MediaType, Size: len(o.Content)})
		content = append(content, o.Content...)
	}
	return out, content, nil
}
