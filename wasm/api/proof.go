package api

import (
	"encoding/hex"

	"github.com/anamnesis-health/anamnesis/shared/block"
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
	out := Proof{Item: item(p.Item), Steps: steps(p.Steps), Name: p.Name, Guest: p.Item.Guest, Identity: hex.EncodeToString(p.Identity),
		Walked: p.Walked, Blocks: p.Blocks, Header: proofHeader(p.ID, p.Header, p.Signature, p.Writer, c.network.Net())}
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

func proofHeader(id block.ID, h block.Header, sig []byte, writer block.Key, net block.Net) ProofHeader {
	out := ProofHeader{ID: id.Hex(), Version: int(h.Version), Kind: int(h.Kind), Chain: h.Chain.Hex(), Seq: int(h.Seq), Prev: h.Prev.Hex(),
		Epoch: int(h.Epoch), Time: int64(h.Time) * 1000, Tag: hex.EncodeToString(h.Tag[:]), PayloadHash: h.PayloadHash.Hex(),
		PayloadLength: int(h.PayloadLength), Signature: hex.EncodeToString(sig), Net: net.Hex()}
	if writer[0] != 0 {
		out.Writer = writer.String()
	}
	return out
}

func (c *Core) proofSave(a RecordArgs) (File, []byte, error) {
	id, rec, err := c.proofArgs(a)
	if err != nil {
		return File{}, nil, err
	}
	b, err := c.engine.ProofFile(id, rec)
	return file(hex.EncodeToString(rec[:4])+".proof", "application/vnd.anamnesis.proof", b), b, err
}

// proofCheck checks a proof file: the first ProofSize bytes in, and after them the record's block, if it was brought.
func (c *Core) proofCheck(a ProofCheckArgs, in []byte) (ProofVerdict, error) {
	if a.ProofSize < 0 || a.ProofSize > len(in) {
		return ProofVerdict{}, &folder.Error{Code: "core/arguments", Detail: "proof size"}
	}
	v, err := c.engine.CheckProof(in[:a.ProofSize], in[a.ProofSize:])
	if err != nil {
		return ProofVerdict{}, err
	}
	out := ProofVerdict{Steps: steps(v.Steps), Header: proofHeader(v.ID, v.Header, v.Signature, v.Writer, v.Net), Blocks: v.Blocks}
	if f, ok := v.Steps.Failed(); ok {
		out.Failed = f.Name
	}
	if id, ok := c.engine.Holds(v.ID); ok {
		out.Folder = hexOr(id)
	}
	return out, nil
}
