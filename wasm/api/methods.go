package api

import (
	"encoding/hex"

	"github.com/anamnesis-health/anamnesis/shared/block"
	"github.com/anamnesis-health/anamnesis/shared/folder"
	"github.com/anamnesis-health/anamnesis/shared/record"
)

// methods is the table of methods.md; it is never changed.
var methods = map[string]method{
	"status":         on(func(c *Core, _ Empty) (Status, error) { return c.status() }),
	"notice.dismiss": on(func(c *Core, a NoticeArgs) (Empty, error) { return Empty{}, c.engine.DismissNotice(a.ID) }),
	"kit.make":       on((*Core).kitMake),
	"kit.prove":      on(func(c *Core, a KitProveArgs) (Empty, error) { return Empty{}, c.engine.ProveKit(a.Words, a.QR) }),
	"folder.create": on(func(c *Core, a PassphraseArgs) (Status, error) {
		return c.after(c.engine.CreateFolder([]byte(a.Passphrase)))
	}),
	"reader.create": on(func(c *Core, a ReaderCreateArgs) (Status, error) {
		return c.after(c.engine.CreateReader(a.Name, []byte(a.Passphrase)))
	}),
	"unlock": on(func(c *Core, a PassphraseArgs) (Status, error) { return c.after(c.engine.Unlock([]byte(a.Passphrase))) }),
	"lock":   on(func(c *Core, _ Empty) (Status, error) { c.engine.Lock(); return c.status() }),
	"forget": on(func(c *Core, _ Empty) (Status, error) { return c.after(c.engine.Forget()) }),
	"passphrase.change": on(func(c *Core, a PassphraseChangeArgs) (Empty, error) {
		return Empty{}, c.engine.ChangePassphrase([]byte(a.Old), []byte(a.Next))
	}),
	"passphrase.prove": on(func(c *Core, a PassphraseArgs) (Empty, error) {
		return Empty{}, c.engine.ProvePassphrase([]byte(a.Passphrase))
	}),
	"passkey":        on((*Core).passkey),
	"passkey.unlock": taking(func(c *Core, _ Empty, prf []byte) (Status, error) { return c.after(c.engine.UnlockPasskey(prf)) }),
	"passkey.add":    taking((*Core).passkeyAdd),
	"passkey.remove": on(func(c *Core, _ Empty) (Empty, error) { return Empty{}, c.engine.RemovePasskey() }),
	"link.start":     taking((*Core).linkStart),
	"link.join":      on(func(c *Core, a MeetJoinArgs) (MeetState, error) { return c.met(c.engine.JoinLink(a.Code)) }),
	"link.confirm":   on(func(c *Core, a LinkConfirmArgs) (MeetState, error) { return c.met(c.engine.ConfirmLink(a.Name)) }),
	"link.finish": on(func(c *Core, a PassphraseArgs) (Status, error) {
		return c.after(c.engine.FinishLink([]byte(a.Passphrase)))
	}),
	"devices":        on((*Core).devices),
	"device.remove":  taking((*Core).deviceRemove),
	"recovery":       on(func(c *Core, _ Empty) (Recovery, error) { return c.recovery(nil) }),
	"kit.drill":      on(func(c *Core, a KitProveArgs) (Recovery, error) { return c.recovery(c.engine.DrillKit(a.Words, a.QR)) }),
	"restore.start":  on((*Core).restoreStart),
	"restore.state":  on(func(c *Core, _ Empty) (RestoreState, error) { return c.restoreState(), nil }),
	"restore.finish": on((*Core).restoreFinish),
	"restore.cancel": on(func(c *Core, _ Empty) (Empty, error) { c.engine.CancelRestore(); return Empty{}, nil }),

	"import.preview": taking((*Core).importPreview),
	"import.start":   on((*Core).importStart),
	"import.step":    on((*Core).importStep),
	"import.cancel":  on(func(c *Core, a ImportIDArgs) (Empty, error) { c.engine.CancelImport(a.ImportID); return Empty{}, nil }),
	"folders":        on((*Core).folders),
	"timeline":       on((*Core).timeline),
	"record.open":    giving((*Core).recordOpen),
	"records.open":   giving((*Core).recordsOpen),

	"proof.show":  taking((*Core).proofShow),
	"proof.block": giving((*Core).proofBlock),
	"proof.save":  giving((*Core).proofSave),
	"proof.check": taking((*Core).proofCheck),

	"record.links": on((*Core).links),
	"record.write": taking((*Core).recordWrite),
	"record.hide":  on((*Core).hide),

	"document.begin":  on((*Core).documentBegin),
	"document.write":  taking((*Core).documentWrite),
	"document.finish": on((*Core).documentFinish),
	"document.cancel": on(func(c *Core, a DocumentName) (Empty, error) { c.engine.CancelDocument(a.Name); return Empty{}, nil }),
	"document.here":   on((*Core).documentHere),
	"document.read":   giving((*Core).documentRead),

	"note.write": on((*Core).noteWrite),
	"verdict":    on((*Core).verdict),

	"meet.start":   on((*Core).meetStart),
	"meet.join":    on(func(c *Core, a MeetJoinArgs) (MeetState, error) { return c.met(c.engine.JoinMeeting(a.Code)) }),
	"meet.state":   on(func(c *Core, _ Empty) (MeetState, error) { return c.met(nil) }),
	"meet.confirm": on(func(c *Core, _ Empty) (MeetState, error) { return c.met(c.engine.MeetConfirm()) }),
	"meet.nomatch": on(func(c *Core, _ Empty) (MeetState, error) { c.engine.MeetNoMatch(); return c.met(nil) }),
	"meet.refuse":  on(func(c *Core, _ Empty) (MeetState, error) { c.engine.MeetRefuse(); return c.met(nil) }),

	"waiting":        on(func(c *Core, _ Empty) (WaitingLinks, error) { return c.waitingLinks() }),
	"waiting.create": on((*Core).waitingCreate),
	"waiting.match":  on((*Core).waitingMatch),
	"waiting.differ": on(func(c *Core, a WaitingArgs) (Empty, error) { return c.waitingEnd(a, folder.EndNoMatch) }),
	"waiting.end":    on(func(c *Core, a WaitingArgs) (Empty, error) { return c.waitingEnd(a, folder.EndLeft) }),

	"grants":        on((*Core).grants),
	"grant.stop":    on((*Core).grantStop),
	"access.ask":    on((*Core).ask),
	"access.cancel": on((*Core).cancelAsking),
	"accesses":      on((*Core).accesses),

	"outbox": on((*Core).outbox),

	"admission":      on(func(c *Core, _ Empty) (Admission, error) { return c.admission(0), nil }),
	"admission.ask":  on((*Core).askAdmission),
	"admission.take": on((*Core).takeAdmissions),
	"outbox.discard": on((*Core).discard),

	"sources":       on((*Core).sources),
	"export.source": giving((*Core).exportSource),
	"export.record": giving((*Core).exportRecord),
	"export.sealed": giving(func(c *Core, _ Empty) (SealedExport, []byte, error) { return c.exportSealed() }),

	"archive.kit":    on((*Core).archiveKit),
	"archive.make":   on((*Core).archiveMake),
	"archive.next":   giving((*Core).archiveNext),
	"archive.read":   on(func(c *Core, _ Empty) (Empty, error) { return Empty{}, c.engine.ReadArchive() }),
	"archive.feed":   taking((*Core).archiveFeed),
	"archive.end":    on((*Core).archiveEnd),
	"archive.cancel": on(func(c *Core, _ Empty) (Empty, error) { c.engine.CancelArchive(); return Empty{}, nil }),
	"backup":         on((*Core).backup),
}

// hex32 reads 64 hex digits; "" is zero.
func hex32(s string) (out [32]byte, err error) {
	b, err := hex.DecodeString(s)
	if err != nil || len(b) != 32 && len(b) != 0 {
		return out, &folder.Error{Code: "core/arguments", Detail: "an id has 64 hex digits"}
	}
	copy(out[:], b)
	return out, nil
}

// blockIDs reads a list of block ids.
func blockIDs(list []string) ([]block.ID, error) {
	out := make([]block.ID, 0, len(list))
	for _, s := range list {
		id, err := hex32(s)
		if err != nil {
			return nil, err
		}
		out = append(out, id)
	}
	return out, nil
}

// hexOr gives the hex digits of an id, "" for zero.
func hexOr(b [32]byte) string {
	if b == [32]byte{} {
		return ""
	}
	return hex.EncodeToString(b[:])
}

// section says whether s is one that a person can choose; the owner-only one is not.
func section(s Section) bool { return s >= Section(record.General) && s <= Section(record.Emergency) }

func sections(in []uint8) []Section {
	out := make([]Section, len(in))
	for i, s := range in {
		out[i] = Section(s)
	}
	return out
}

func (c *Core) after(err error) (Status, error) {
	if err != nil {
		return Status{}, err
	}
	return c.status()
}

func (c *Core) status() (Status, error) {
	e := c.engine
	s := Status{Phase: PhaseEmpty, Net: c.network.Net().Hex(), Relay: c.origin, Link: LinkOffline, Notices: []Notice{}, Admission: admittances[c.engine.Admittance()], StorageDurable: c.storageDurable()}
	if e.HasVault() {
		s.Phase = PhaseLocked
	}
	switch l := e.LinkState(); {
	case l.Online():
		s.Link = LinkOnline
	case l.Connecting():
		s.Link = LinkConnecting
	}
	for _, n := range e.Notices() {
		s.Notices = append(s.Notices, Notice(n))
	}
	p, err := e.Profile()
	if err != nil {
		return s, nil
	}
	s.Phase, s.Name, s.OwnFolder, s.NeedsYou = PhaseOpen, p.Name, hexOr(p.Own), e.NeedsYou()
	s.Saved, s.Sent = e.OutboxCounts()
	return s, nil
}

func (c *Core) kitMake(a KitMakeArgs) (KitSheet, error) {
	words, qr, err := c.engine.MakeKit(a.Name, a.BirthDate)
	return KitSheet{Words: words, QR: qr}, err
}

func (c *Core) restoreStart(a KitProveArgs) (RestoreState, error) {
	err := c.engine.StartRestore(a.Words, a.QR)
	return c.restoreState(), err
}

func (c *Core) restoreState() RestoreState { return RestoreState(c.engine.RestoreState()) }

func (c *Core) restoreFinish(a RestoreFinishArgs) (Status, error) {
	old := folder.OldDeviceKept
	if a.Lost {
		old = folder.OldDeviceLost
	}
	return c.after(c.engine.FinishRestore([]byte(a.Passphrase), old))
}

func (c *Core) importPreview(a ImportPreviewArgs, in []byte) (ImportPreview, error) {
	var p *folder.ImportPreview
	var err error
	if a.Original == 0 {
		p, err = c.engine.PreviewImport(in, a.FileName, a.MediaType)
	} else {
		p, err = c.engine.PreviewForeign(in, folder.Foreign{Size: a.Original, Format: a.Format}, a.FileName, a.MediaType)
	}
	if err != nil {
		return ImportPreview{}, err
	}
	out := ImportPreview{ImportID: p.ID, FileName: p.FileName, Size: p.Size, SHA256: p.SHA256.Hex(), Kind: p.Kind, Duplicate: p.Duplicate,
		OtherPerson: p.OtherPerson, People: append([]string{}, p.People...), Items: []ImportItem{}}
	for _, it := range p.Items {
		out.Items = append(out.Items, ImportItem{it.Index, it.Type, it.Label, it.Date, Section(it.Section), it.Size, it.Duplicate})
	}
	return out, nil
}

func (c *Core) importStart(a ImportStartArgs) (ImportProgress, error) {
	moved := map[int]uint8{}
	for _, s := range a.Sections {
		if !section(s.Section) {
			return ImportProgress{}, &folder.Error{Code: "core/arguments", Detail: "no such section"}
		}
		moved[s.Index] = uint8(s.Section)
	}
	done, total, err := c.engine.StartImport(a.ImportID, moved)
	return ImportProgress{Done: done, Total: total}, err
}

func (c *Core) importStep(a ImportIDArgs) (ImportProgress, error) {
	done, total, finished, source, err := c.engine.StepImport(a.ImportID)
	p := ImportProgress{Done: done, Total: total, Finished: finished}
	if finished {
		p.SourceID = hex.EncodeToString(source[:])
	}
	return p, err
}

func (c *Core) folders(Empty) (Folders, error) {
	p, err := c.engine.Profile()
	if err != nil {
		return Folders{}, err
	}
	out := Folders{Folders: []Folder{}}
	if hexOr(p.Own) != "" {
		out.Folders = append(out.Folders, Folder{ID: hexOr(p.Own), Own: true, Name: p.Name, Born: p.Born, Sections: []Section{1, 2, 3, 4, 5, 6},
			CanWrite: true, State: "own", Records: c.engine.OwnRecords()})
	}
	list, err := c.engine.SharedFolders()
	if err != nil {
		return out, err
	}
	for _, f := range list {
		out.Folders = append(out.Folders, Folder{ID: hexOr(f.ID), Name: f.Name, Grant: hexOr(f.Grant), Sections: sections(f.Sections), CanWrite: f.CanWrite,
			Expires: f.UntilMS, State: f.State, StoppedAt: f.StoppedMS, Records: f.Records, Unopened: f.Unopened, Waiting: hexOr(f.Waiting), Refused: f.Refused})
	}
	return out, nil
}

func (c *Core) open(a RecordArgs) (*folder.OpenedRecord, error) {
	id, err := hex32(a.Folder)
	if err != nil {
		return nil, err
	}
	rec, err := hex32(a.Record)
	if err != nil {
		return nil, err
	}
	return c.engine.OpenRecord(id, rec)
}

func (c *Core) recordOpen(a RecordArgs) (Record, []byte, error) {
	o, err := c.open(a)
	if err != nil {
		return Record{}, nil, err
	}
	return Record{Item: item(o.Item), MediaType: o.MediaType, Size: o.Size, Writer: o.Item.Chain.Hex(), Seq: int(o.Item.Seq),
		Credential: o.Device.String(), SHA256: o.ContentSum.Hex(), Big: o.Big}, o.Content, nil
}

func (c *Core) exportRecord(a RecordArgs) (File, []byte, error) {
	o, err := c.open(a)
	if err != nil {
		return File{}, nil, err
	}
	name := o.Item.Type
	ext := ".txt"
	if o.Item.Kind == record.FHIR {
		ext = ".json"
	}
	return File{FileName: name + "-" + o.Item.ID.Hex()[:8] + ext, MediaType: o.MediaType, Size: o.Size, SHA256: o.ContentSum.Hex()}, o.Content, nil
}

var opinions = map[string]record.Opinion{"accept": record.Accept, "dispute": record.Dispute, "withdraw": record.Withdraw}

func (c *Core) verdict(a VerdictArgs) (RecordRef, error) {
	id, err := hex32(a.Record)
	opinion, ok := opinions[a.Verdict]
	if err != nil || !ok {
		return RecordRef{}, &folder.Error{Code: "core/arguments", Detail: "verdict"}
	}
	rec, err := c.engine.Verdict(id, opinion, a.Reason)
	return RecordRef{rec.Hex()}, err
}

func (c *Core) ask(a AskArgs) (AccessRef, error) {
	id, err := hex32(a.Folder)
	if err != nil {
		return AccessRef{}, err
	}
	ids, err := blockIDs(a.Records)
	if err != nil {
		return AccessRef{}, err
	}
	access, n, err := c.engine.Ask(id, ids, a.Reason, a.Text)
	return AccessRef{Access: access.Hex(), Records: n}, err
}

func (c *Core) cancelAsking(a FolderArgs) (Empty, error) {
	id, err := hex32(a.Folder)
	if err != nil {
		return Empty{}, err
	}
	return Empty{}, c.engine.CancelAsking(id)
}

func (c *Core) accesses(Empty) (Accesses, error) {
	list, err := c.engine.WhoLooked()
	out := Accesses{Accesses: []Access{}}
	for _, l := range list {
		out.Accesses = append(out.Accesses, Access{ID: l.Access.Hex(), Reader: l.Reader, Guest: l.Guest, Grant: l.Grant.Hex(), Reason: l.Preset, Text: l.Text,
			At: l.HourMS, Arrived: l.ArrivedMS, State: l.State, Titles: append([]string{}, l.Titles...), Count: l.Count, Unknown: l.Unknown, Why: l.Why})
	}
	return out, err
}

func (c *Core) outbox(Empty) (Outbox, error) {
	rows, saved, sent, err := c.engine.Outbox()
	out := Outbox{Rows: []OutboxRow{}, Saved: saved, Sent: sent}
	for _, r := range rows {
		state := "saved"
		if r.Sent {
			state = "sent"
		}
		out.Rows = append(out.Rows, OutboxRow{Block: r.Block.Hex(), What: r.What, Label: r.Label, State: state, Reason: r.Reason, At: r.AtMS})
	}
	return out, err
}

func (c *Core) discard(a RecordRef) (Empty, error) {
	id, err := hex32(a.Record)
	if err != nil {
		return Empty{}, err
	}
	return Empty{}, c.engine.DiscardLast(id)
}

func (c *Core) sources(Empty) (Sources, error) {
	list, err := c.engine.Sources()
	out := Sources{Sources: []Source{}}
	for _, s := range list {
		out.Sources = append(out.Sources, Source{ID: hex.EncodeToString(s.ID[:]), FileName: s.FileName, MediaType: s.MediaType, Size: int(s.Size),
			SHA256: s.SHA256.Hex(), At: s.AtMS, Records: s.Records})
	}
	return out, err
}

func (c *Core) exportSource(a SourceArgs) (File, []byte, error) {
	b, err := hex.DecodeString(a.Source)
	if err != nil || len(b) != 16 {
		return File{}, nil, &folder.Error{Code: "core/arguments", Detail: "source"}
	}
	src, file, err := c.engine.ExportSource(block.Nonce(b))
	if err != nil {
		return File{}, nil, err
	}
	return File{FileName: src.FileName, MediaType: src.MediaType, Size: len(file), SHA256: hex.EncodeToString(src.SHA256[:])}, file, nil
}

func (c *Core) exportSealed() (SealedExport, []byte, error) {
	tarball, key, err := c.engine.SealedCopy()
	if err != nil {
		return SealedExport{}, nil, err
	}
	return SealedExport{File: File{FileName: "anamnesis-sealed-copy.tar", MediaType: "application/x-tar", Size: len(tarball), SHA256: folder.SumHex(tarball)}, Key: key}, tarball, nil
}
