package folder

import (
	"github.com/anamnesis-health/anamnesis/shared/block"
	"github.com/anamnesis-health/anamnesis/shared/chain"
)

// restoreFile is the step at which a kit was read and its archive is still to come.
const restoreFile = "file"

// StartArchiveRestore begins with a kit and no relay: the folder's archive is read next. It needs an empty browser.
func (e *Engine) StartArchiveRestore(words, qr string) error {
	if e.hasWrap {
		return fail("vault/exists", "this browser already holds a profile")
	}
	root, identity, err := e.readKit(words, qr)
	if err != nil {
		return err
	}
	e.dropReading()
	e.restore = &restoring{root: root, identity: identity, step: restoreFile, began: e.world.Now()}
	return nil
}

// archiveRestore keeps what an archive holds, each block by the chain's rules and its signature as if a relay had sent it.
// Nothing is committed before a profile exists.
type archiveRestore struct {
	e      *Engine
	about  *archiveInfo
	frames [][]byte
	ids    []block.ID
	hashes []block.Hash
	begun  bool
}

func (a *archiveRestore) info(about *archiveInfo) error {
	a.about = about
	if r := a.e.restore; r == nil || r.identity != (block.ChainID{}) && r.identity != about.Identity {
		return fail("archive/other", "the kit is of another folder")
	}
	return nil
}

func (a *archiveRestore) block(raw []byte) error {
	b, err := block.Parse(raw)
	if err != nil {
		return damaged("a block")
	}
	if !a.begun {
		s, err := chain.Begin(b)
		if err != nil || b.Chain() != a.about.Identity {
			return damaged("the first block")
		}
		if r := a.e.restore; s.Writer() != block.KeyOf(kitKey(a.e.net, r.root, 0)) {
			return fail("archive/other", "the kit is of another folder")
		}
		a.begun = true
	}
	a.frames, a.ids = append(a.frames, append([]byte{}, raw...)), append(a.ids, b.ID)
	return nil
}

// flush takes the blocks of one piece together: what a relay's frame holds is taken so too.
func (a *archiveRestore) flush() error {
	frames, ids := a.frames, a.ids
	a.frames, a.ids = nil, nil
	if _, _, err := a.e.receive(frames, false); err != nil {
		return err
	}
	for _, id := range ids {
		if a.e.hold.blocks[id] == nil {
			return damaged("block " + id.Hex())
		}
	}
	return nil
}

// blob begins to keep a blob: a big one in a file of its own, as when it is fetched.
func (a *archiveRestore) blob(root block.Hash, size int64, hashes []block.Hash) error {
	a.hashes = hashes
	if !big(len(hashes)) {
		return nil
	}
	n, err := a.e.newFile()
	if err != nil {
		return err
	}
	return a.e.nameFile(root, &blobFile{number: n, size: size}, hashes)
}

func (a *archiveRestore) leaf(root block.Hash, i int, leaf []byte) error {
	if f := a.e.blobs.files[root]; f != nil {
		return a.e.append(f, leaf, 1)
	}
	if err := a.e.keepLeaf(root, uint32(i), leaf); err != nil || i < len(a.hashes)-1 {
		return err
	}
	return a.e.keepLeaf(root, hashesIndex, joinHashes(a.hashes))
}

func (a *archiveRestore) end() error { return a.flush() }

// bringingBack says whether an archive's blocks are being taken in: the kit vouches for chains that nobody asked for.
func (e *Engine) bringingBack() bool { return e.reread != nil && e.reread.check == nil }

// archived goes on once the archive was read: with a relay by asking what is newer, else with what there is.
func (r *restoring) archived(e *Engine) error {
	r.step, r.began, r.archive = "finding", e.world.Now(), true
	r.find(e)
	if e.sync.state == linkOnline {
		r.begin(e)
		return nil
	}
	r.offline = true
	r.fetched(e, r.identity)
	if r.step != "ready" {
		r.step = restoreFile
		if err := e.clearLog(); err != nil {
			return err
		}
		return fail("archive/other", "%s", r.code)
	}
	return nil
}
