package api

import "github.com/anamnesis-health/anamnesis/shared/folder"

func progress(v folder.ArchiveView) ArchiveProgress {
	return ArchiveProgress{Done: v.Done, Total: v.Total, Finished: v.Finished, MadeAt: v.MadeMS}
}

func (c *Core) archiveMake(Empty) (ArchiveProgress, error) {
	v, err := c.engine.StartArchive()
	return progress(v), err
}

func (c *Core) archiveNext(Empty) (ArchiveProgress, []byte, error) {
	v, out, err := c.engine.NextArchive()
	return progress(v), out, err
}

func (c *Core) archiveFeed(_ Empty, in []byte) (ArchiveReading, error) {
	v, err := c.engine.FeedArchive(in)
	return readingOf(v), err
}

func (c *Core) archiveEnd(Empty) (ArchiveReading, error) {
	v, err := c.engine.EndArchive()
	return readingOf(v), err
}

func readingOf(v folder.ReadingView) ArchiveReading {
	return ArchiveReading{Bytes: v.Bytes, Records: v.Records, Newer: v.Newer, MadeAt: v.MadeMS}
}

func (c *Core) archiveKit(a KitProveArgs) (RestoreState, error) {
	err := c.engine.StartArchiveRestore(a.Words, a.QR)
	return c.restoreState(), err
}

func (c *Core) backup(Empty) (Backup, error) {
	b, err := c.engine.Backup()
	return Backup{MadeAt: b.MadeMS, ReadAt: b.ReadMS, Records: b.Records, Newer: b.Newer}, err
}
