package api

import "github.com/anamnesis-health/anamnesis/shared/folder"

func (c *Core) documentBegin(a DocumentBeginArgs) (DocumentName, error) {
	if !section(a.Section) {
		return DocumentName{}, arguments("document")
	}
	name, err := c.engine.BeginDocument(folder.Document{Section: uint8(a.Section), MediaType: a.MediaType, Size: int64(a.Size), About: []byte(a.About)})
	return DocumentName{name}, err
}

func (c *Core) documentWrite(a DocumentName, piece []byte) (DocumentProgress, error) {
	done, err := c.engine.WriteDocument(a.Name, piece)
	return DocumentProgress{Done: int(done)}, err
}

func (c *Core) documentFinish(a DocumentName) (DocumentProgress, error) {
	id, about, finished, err := c.engine.FinishDocument(a.Name)
	return DocumentProgress{Finished: finished, Record: hexOr(about), Attachment: hexOr(id)}, err
}

func (c *Core) documentHere(a RecordArgs) (DocumentHere, error) {
	id, rec, err := inFolder(a)
	if err != nil {
		return DocumentHere{}, err
	}
	here, of, err := c.engine.DocumentHere(id, rec)
	return DocumentHere{Here: int(here), Of: int(of)}, err
}

func (c *Core) documentRead(a DocumentReadArgs) (Empty, []byte, error) {
	id, rec, err := inFolder(RecordArgs{a.Folder, a.Record})
	if err != nil {
		return Empty{}, nil, err
	}
	b, err := c.engine.ReadDocument(id, rec, int64(a.Offset), a.Length)
	return Empty{}, b, err
}

func inFolder(a RecordArgs) (id, rec [32]byte, err error) {
	if id, err = hex32(a.Folder); err == nil {
		rec, err = hex32(a.Record)
	}
	return id, rec, err
}
