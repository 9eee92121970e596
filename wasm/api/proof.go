package api

import (
	"encoding/hex"

	"github.com/anamnesis-health/anamnesis/shared/chain"
	"github.com/anamnesis-health/anamnesis/shared/folder"
)

func (c *Core) proofArgs(a RecordArgs) (folder.ID, [32]byte, error) {
	id, err := hex32(a.Folder)
	if err != nil {
		return id, id, err
	}
	rec, err := hex32(a.Record)
	return id, rec, err
}

// proofShow checks a record anew. Bytes in are somebody's copy of its block; none: the one this device holds.
func (c *Core) proofShow(a RecordArgs, in []byte) (Proof, error) {
	id, rec, err := c.proofArgs(a)
	if err != nil {
		return Proof{}, err
	}
	p, err := c.engine.ProveRecord(id, rec, in)
	if err != nil {
		return Proof{}, err
	}
	h := p.Header
	out := Proof{Item: item(p.Item), Steps: steps(p.Steps), Name: p.Name, Guest: p.Item.Guest, Identity: hex.EncodeToString(p.Identity),
		Walked: p.Walked, Blocks: p.Blocks,
		Header: ProofHeader{ID: p.ID.Hex(), Version: int(h.Version), Kind: int(h.Kind), Chain: h.Chain.Hex(), Seq: int(h.Seq), Prev: h.Prev.Hex(),
			Epoch: int(h.Epoch), Time: int64(h.Time) * 1000, Tag: hex.EncodeToString(h.Tag[:]), PayloadHash: h.PayloadHash.Hex(),
			PayloadLength: int(h.PayloadLength), Signature: hex.EncodeToString(p.Signature), Writer: p.Writer.String(), Net: c.network.Net().Hex()}}
	if p.Device[0] != 0 {
		out.Device = p.Device.String()
	}
	if f, ok := p.Steps.Failed(); ok {
		out.Failed, out.Item.Author, out.Item.Label = f.Name, "", "" // nothing is said of who or what
	}
	return out, nil
}

func steps(in chain.Steps) []ProofStep {
	out := make([]ProofStep, len(in))
	for i, s := range in {
		out[i] = ProofStep{Name: s.Name, State: string(s.State), Code: s.Code, Detail: s.Detail}
	}
	return out
}

func (c *Core) proofBlock(a RecordArgs) (File, []byte, error) {
	id, rec, err := c.proofArgs(a)
	if err != nil {
		return File{}, nil, err
	}
	b, err := c.engine.RecordBlock(id, rec)
	return file(hex.EncodeToString(rec[:4])+".block", "application/octet-stream", b), b, err
}

func file(name, mediaType string, b []byte) File {
	return File{FileName: name, MediaType: mediaType, Size: len(b), SHA256: folder.SumHex(b)}
}
