package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"slices"

	"github.com/anamnesis-health/anamnesis/shared/block"
	"github.com/anamnesis-health/anamnesis/shared/folder"
	"github.com/anamnesis-health/anamnesis/wasm/api"
)

// The tricks. Each plays somebody who holds the stored bytes and every key of the patient, on a copy of her disk as it
// was when the page began; then the ordinary check of an ordinary core on that disk says what it finds.
const (
	trickEdit  = "edit"  // one number, sealed again with the patient's own keys, under the old header
	trickSwap  = "swap"  // the same record, signed by somebody else
	trickHide  = "hide"  // the newest record and what its writer wrote after it, as if never written
	trickFalse = "false" // a lie, properly signed: nothing to find
	trickUndo  = "undo"  // the untouched record, checked again
)

// What the tricks change.
var (
	number   = []byte(`"value": 6.6`)
	falseOne = []byte(`"value": 5.1`)
)

const lie = "I have never had diabetes."

// Entries of a segment, of which a block is of kind 1. Source: spec/device.md §2 and §3.
const (
	entryBlock = 1
	entryHead  = 5
	entryHash  = 16
)

// cheatArgs and cheatResult cross to web/src/core/sample.ts.
type cheatArgs struct {
	Trick string `json:"trick"`
}

type cheatResult struct {
	Record string    `json:"record"` // whose proof this is; "" for none
	Before string    `json:"before"`
	After  string    `json:"after"`
	Proof  api.Proof `json:"proof"`
}

// own answers the program's own calls.
func (t *town) own(method string, args []byte) (result, out []byte, err error) {
	var a cheatArgs
	if method != "cheat" {
		return nil, nil, refuse("core/method", "sample:"+method)
	}
	if err := api.Decode(args, &a); err != nil {
		return nil, nil, refuse("core/arguments", err.Error())
	}
	play, ok := map[string]func() (cheatResult, error){
		trickEdit: t.edit, trickSwap: t.swap, trickHide: t.hide, trickFalse: t.lie, trickUndo: t.undo,
	}[a.Trick]
	if !ok {
		return nil, nil, refuse("core/arguments", a.Trick)
	}
	r, err := play()
	if err != nil {
		return nil, nil, err
	}
	t.cheated = r.Record
	if a.Trick == trickFalse {
		t.cheated = "" // it stands on the copy alone
	}
	return api.Encode(r), nil, nil
}

// victim is an ordinary core, offline and unlocked, on a disk that somebody else held.
func (t *town) victim(d *disk) (*person, error) {
	p := &person{disk: d, name: "copy", town: t, random: stream{seed: seed("copy", 0)}}
	var err error
	if p.core, err = api.New(p, t.network.Bytes(), t.origin); err != nil {
		return nil, err
	}
	_, err = ask[api.Status](p, "unlock", api.PassphraseArgs{Passphrase: passphrase})
	return p, err
}

func (p *person) prove(record string) (api.Proof, error) {
	return ask[api.Proof](p, "proof.show", api.RecordArgs{Record: record})
}

// line is the first record that query finds and want takes.
func (p *person) line(query string, want func(api.TimelineItem) bool) (api.TimelineItem, error) {
	list, err := ask[api.Timeline](p, "timeline", api.TimelineArgs{Query: query, Limit: 100})
	if err != nil {
		return api.TimelineItem{}, err
	}
	if i := slices.IndexFunc(list.Items, want); i >= 0 {
		return list.Items[i], nil
	}
	return api.TimelineItem{}, refuse("record/unknown", query)
}

func observed(it api.TimelineItem) bool { return it.Type == "Observation" }

func bySomebodyElse(it api.TimelineItem) bool { return it.Origin == "other" }

// stored is a record's block as p's disk holds it.
func (p *person) stored(record string) (*block.Block, []byte, error) {
	args := api.Encode(api.RecordArgs{Record: record})
	_, raw, err := p.core.Call("proof.block", args, nil)
	if err != nil {
		return nil, nil, err
	}
	b, err := block.Parse(raw)
	return b, raw, err
}

// overwrite puts other bytes of the same length in the place of an entry's, and mends the entry's sum: it keeps chance
// out, not people.
func (d *disk) overwrite(old, fresh []byte) error {
	if len(old) != len(fresh) {
		return fmt.Errorf("%d bytes do not fit where %d were", len(fresh), len(old))
	}
	for n, segment := range d.segments {
		at := bytes.Index(segment, old)
		if at < entryHead || at+len(old)+entryHash > len(segment) {
			continue
		}
		copy(segment[at:], fresh)
		head := binary.BigEndian.AppendUint32(nil, n)
		head = append(binary.BigEndian.AppendUint32(head, uint32(at-entryHead)), segment[at-1])
		sum := sha256.Sum256(append(head, fresh...))
		copy(segment[at+len(fresh):], sum[:entryHash])
		return nil
	}
	return fmt.Errorf("no entry holds these %d bytes", len(old))
}

func (t *town) edit() (cheatResult, error) {
	p, err := t.victim(t.before.clone())
	if err != nil {
		return cheatResult{}, err
	}
	it, err := p.line("hba1c", observed)
	if err != nil {
		return cheatResult{}, err
	}
	forged, err := t.forged(p, it.Record)
	if err != nil {
		return cheatResult{}, err
	}
	b, raw, err := p.stored(it.Record)
	if err != nil {
		return cheatResult{}, err
	}
	b.Parts = forged.Parts
	if err := p.overwrite(raw, b.Encode()); err != nil {
		return cheatResult{}, err
	}
	proof, err := p.prove(it.Record)
	return cheatResult{it.Record, "6.6 %", "5.1 %", proof}, err
}

// forged is a block whose payload holds the record with another number, sealed with the patient's own keys.
func (t *town) forged(p *person, record string) (*block.Block, error) {
	args := api.Encode(api.RecordArgs{Record: record})
	_, content, err := p.core.Call("record.open", args, nil)
	if err != nil {
		return nil, err
	}
	twin, err := t.victim(t.before.clone())
	if err != nil {
		return nil, err
	}
	if err := bringIn(twin, bytes.Replace(content, number, falseOne, 1), nil); err != nil {
		return nil, err
	}
	known, err := ask[api.Timeline](p, "timeline", api.TimelineArgs{Query: "hba1c", Limit: 100})
	if err != nil {
		return nil, err
	}
	fresh, err := twin.line("hba1c", func(it api.TimelineItem) bool {
		return !slices.ContainsFunc(known.Items, func(k api.TimelineItem) bool { return k.Record == it.Record })
	})
	if err != nil {
		return nil, err
	}
	b, _, err := twin.stored(fresh.Record)
	return b, err
}

func (t *town) swap() (cheatResult, error) {
	p, err := t.victim(t.before.clone())
	if err != nil {
		return cheatResult{}, err
	}
	it, err := p.line("", bySomebodyElse)
	if err != nil {
		return cheatResult{}, err
	}
	b, raw, err := p.stored(it.Record)
	if err != nil {
		return cheatResult{}, err
	}
	b.Signature = block.Sign(t.network.Net(), seeded("somebody else", 0), block.SigBlock, b.Raw)
	if err := p.overwrite(raw, b.Encode()); err != nil {
		return cheatResult{}, err
	}
	proof, err := p.prove(it.Record)
	return cheatResult{it.Record, it.Label, it.Label, proof}, err
}

func (t *town) hide() (cheatResult, error) {
	d := t.before.clone()
	whole, err := t.victim(d)
	if err != nil {
		return cheatResult{}, err
	}
	newest, err := whole.line("", bySomebodyElse)
	if err != nil {
		return cheatResult{}, err
	}
	rec, err := ask[api.Record](whole, "record.open", api.RecordArgs{Record: newest.Record})
	if err != nil {
		return cheatResult{}, err
	}
	left, err := d.without(t.network.Net(), func(b *block.Block) bool {
		return b.Header.Chain.Hex() == rec.Writer && int(b.Header.Seq) >= rec.Seq
	})
	if err != nil {
		return cheatResult{}, err
	}
	p, err := t.victim(left)
	if err != nil {
		return cheatResult{}, err
	}
	it, err := p.line("", bySomebodyElse)
	if err != nil {
		return cheatResult{}, err
	}
	proof, err := p.prove(it.Record)
	return cheatResult{it.Record, newest.Label, it.Label, proof}, err
}

// without is the disk with some blocks left out of its log.
func (d *disk) without(net block.Net, gone func(*block.Block) bool) (*disk, error) {
	left := newDisk()
	left.slots = d.clone().slots
	log, err := folder.OpenLog(left, net, func(folder.Ref, byte, []byte) error { return nil })
	if err != nil {
		return nil, err
	}
	_, err = folder.OpenLog(d.clone(), net, func(_ folder.Ref, kind byte, body []byte) error {
		if kind == entryBlock {
			if b, err := block.Parse(body); err == nil && gone(b) {
				return nil
			}
		}
		_, err := log.Append(kind, body)
		return err
	})
	if err != nil {
		return nil, err
	}
	return left, log.Commit()
}

func (t *town) lie() (cheatResult, error) {
	p, err := t.victim(t.before.clone())
	if err != nil {
		return cheatResult{}, err
	}
	ref, err := ask[api.RecordRef](p, "note.write", api.NoteWriteArgs{Section: 1, Text: lie})
	if err != nil {
		return cheatResult{}, err
	}
	proof, err := p.prove(ref.Record)
	return cheatResult{ref.Record, "", lie, proof}, err
}

// undo checks what was cheated with again, where nobody touched it.
func (t *town) undo() (cheatResult, error) {
	if t.cheated == "" {
		return cheatResult{}, nil
	}
	proof, err := t.person(patient).prove(t.cheated)
	return cheatResult{Record: t.cheated, Proof: proof}, err
}
