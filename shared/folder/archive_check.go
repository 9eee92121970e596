package folder

import (
	"github.com/anamnesis-health/anamnesis/shared/block"
	"github.com/anamnesis-health/anamnesis/shared/chain"
	"github.com/anamnesis-health/anamnesis/shared/record"
)

// backupMark is the newest archive that was read back here: when it was made, when it was read, how many records.
type backupMark struct {
	MadeMS  uint64
	ReadMS  uint64
	Records uint32
}

// BackupView is what may be said of a backup: an archive counts only once it was read back.
type BackupView struct {
	MadeMS, ReadMS int64 // 0: there is none
	Records        int
	Newer          int // records of the folder that are not in it
}

// Backup is the newest archive that was read back here.
func (e *Engine) Backup() (BackupView, error) {
	if e.me == nil {
		return BackupView{}, ErrLocked
	}
	b := e.backup
	return BackupView{int64(b.MadeMS), int64(b.ReadMS), int(b.Records), max(0, e.OwnRecords()-int(b.Records))}, nil
}

// rereading is an archive being read.
type rereading struct {
	r     *archiveReader
	check *archiveCheck // nil while a folder is brought back
	bytes int64
}

// ReadingView is how far the reading of an archive has come, and what it was when it has ended.
type ReadingView struct {
	Bytes   int64
	Records int
	Newer   int
	MadeMS  int64
}

// ReadArchive begins to read an archive: with a kit read before (StartArchiveRestore) to bring the folder back, else with
// the open profile's keys to check it.
func (e *Engine) ReadArchive() error {
	e.dropReading()
	var sink archiveSink
	rd := &rereading{}
	switch {
	case e.restore != nil && e.restore.step == restoreFile:
		sink = &archiveRestore{e: e}
	case e.me == nil:
		return ErrLocked
	case e.me.own == nil:
		return fail("folder/none", "this profile owns no folder")
	default:
		rd.check = &archiveCheck{e: e, chains: map[block.ChainID]chain.State{}, have: map[block.ID]bool{}, wanted: map[block.Hash]uint32{}}
		sink = rd.check
	}
	rd.r = newArchiveReader(e.net, e.network.Bytes(), sink)
	e.reread = rd
	return nil
}

// FeedArchive takes the next bytes of the file, at most 1 MiB. After an error nothing of the file is kept.
func (e *Engine) FeedArchive(p []byte) (ReadingView, error) {
	rd := e.reread
	if rd == nil {
		return ReadingView{}, fail("archive/none", "start one first")
	}
	if len(p) > maxArchiveEntry {
		return ReadingView{}, fail("core/arguments", "at most %d bytes", maxArchiveEntry)
	}
	if err := rd.r.feed(p); err != nil {
		e.dropReading()
		return ReadingView{}, err
	}
	rd.bytes += int64(len(p))
	return rd.view(), nil
}

func (rd *rereading) view() ReadingView {
	v := ReadingView{Bytes: rd.bytes, Records: int(rd.r.blocks), MadeMS: int64(rd.r.about.MadeMS)}
	if rd.check != nil {
		v.Records = rd.check.records
	}
	return v
}

// EndArchive says that the file has ended. An archive that was checked is noted as a backup.
func (e *Engine) EndArchive() (ReadingView, error) {
	rd := e.reread
	if rd == nil {
		return ReadingView{}, fail("archive/none", "start one first")
	}
	if err := rd.r.finish(); err != nil {
		e.dropReading()
		return ReadingView{}, err
	}
	e.reread = nil
	v := rd.view()
	if rd.check == nil {
		return v, e.restore.archived(e)
	}
	mark := backupMark{rd.r.about.MadeMS, uint64(e.world.Now()), uint32(rd.check.records)}
	if mark.MadeMS < e.backup.MadeMS {
		return v, fail("archive/older", "%d", e.backup.Records)
	}
	for _, r := range e.me.own.sorted() {
		if r.failed == "" && !rd.check.have[r.x.ID] {
			v.Newer++
		}
	}
	err := e.together(func() error {
		if _, err := e.log.Append(logBackup, encode(&mark)); err != nil {
			return err
		}
		return e.flush()
	})
	if err == nil {
		e.backup = mark
	}
	return v, err
}

// dropReading ends a reading. What a restore had kept of its file goes: there is no profile yet that it could belong to.
func (e *Engine) dropReading() {
	rd := e.reread
	e.reread = nil
	if rd == nil || rd.check != nil || e.hasWrap {
		return
	}
	if err := e.clearLog(); err != nil {
		e.notify("storage", codeName(err, CodeStorageFailed), "")
	}
}

// archiveCheck reads an archive against the open profile and keeps nothing of it: every block by the chain's rules and
// its signature, every record of the folder's writers opened with the live keys, every leaf by its hash.
type archiveCheck struct {
	e       *Engine
	about   *archiveInfo
	chains  map[block.ChainID]chain.State
	signed  []candidate
	have    map[block.ID]bool
	wanted  map[block.Hash]uint32 // blobs that records name: how many leaves are to come
	records int
}

func (c *archiveCheck) info(a *archiveInfo) error {
	if c.about = a; string(a.Identity[:]) != string(c.e.me.vault.Identity) {
		return fail("archive/other", "another folder's")
	}
	return nil
}

func (c *archiveCheck) block(raw []byte) error {
	if c.e.me == nil {
		return ErrLocked
	}
	b, err := block.Parse(raw)
	if err != nil {
		return damaged("a block")
	}
	id := b.Chain()
	if len(c.chains) == 0 && id != c.about.Identity {
		return damaged("the first block")
	}
	s, known := c.chains[id]
	var keys []block.Key
	switch {
	case b.Header.Seq > 0 && known:
		s, keys, err = s.Next(b)
	case b.Header.Seq == 0 && !known:
		if s, err = chain.Begin(b); err == nil {
			keys = []block.Key{s.Writer()}
		}
	default:
		err = chain.ErrSeq
	}
	if err != nil {
		return damaged("block " + b.ID.Hex())
	}
	c.chains[id] = s
	if c.signed = append(c.signed, candidate{b, keys, s}); len(c.signed) == archiveBatch {
		if err := c.verify(); err != nil {
			return err
		}
	}
	return c.open(b)
}

// verify checks the signatures collected.
func (c *archiveCheck) verify() error {
	for id := range c.e.verifyNow(c.signed) {
		return damaged("chain " + id.Hex())
	}
	c.signed = c.signed[:0]
	return nil
}

// open opens a record of the folder's writers, as after a fetch, up to its blob: the blob's bytes come later in the file.
func (c *archiveCheck) open(b *block.Block) error {
	own := c.e.me.own
	live := own.recs[b.ID]
	if b.Header.Kind != block.KindRecord || !b.Whole() || live == nil || live.failed != "" {
		return nil
	}
	o, err := c.e.openSealed(&own.view, b, byOwner{})
	if err != nil {
		return damaged("record " + b.ID.Hex() + ": " + codeName(err, ""))
	}
	if o.rec.Blob != nil {
		c.wanted[block.Hash(o.rec.Blob.Root)] = o.rec.Blob.Leaves
	}
	if listed(record.Kind(live.x.Kind)) {
		c.have[b.ID] = true
		c.records++
	}
	return nil
}

func (c *archiveCheck) blob(root block.Hash, _ int64, hashes []block.Hash) error {
	if n, ok := c.wanted[root]; ok && int(n) != len(hashes) {
		return damaged("blob " + root.Hex())
	}
	return nil
}

func (c *archiveCheck) leaf(root block.Hash, _ int, _ []byte) error {
	if n, ok := c.wanted[root]; ok && n > 0 {
		c.wanted[root] = n - 1
	}
	return nil
}

func (c *archiveCheck) flush() error { return nil }

func (c *archiveCheck) end() error {
	for root, n := range c.wanted {
		if n > 0 {
			return damaged("blob " + root.Hex())
		}
	}
	return c.verify()
}
