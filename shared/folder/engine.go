// Package folder is a participant's engine: chains come in, a timeline goes out. It joins sealing, consent and
// records into what an owner and a reader do: make a folder, restore it, import, write, meet, grant, ask, open,
// release, accept, stop sharing, export. It is synchronous and pure: disk, clock, randomness and the network are
// a World that the caller passes in, and everything that must survive is flushed before a method returns.
//
// It promises that nothing is saved half, that every record is checked in the eleven steps of spec/record.md §4
// before a byte of it is used, and that a lock forgets every key. It refuses to release while locked, to write
// below its own head, and to hand anything unverified to a parser.
//
//	e, err := folder.New(world, network)
//	err = e.Unlock(passphrase)
//	items, total, err := e.Timeline(folder.Own, folder.Query{Limit: 50})
package folder

import (
	"crypto/ed25519"
	"errors"
	"slices"
	"strings"

	"github.com/anamnesis-health/anamnesis/shared/block"
	"github.com/anamnesis-health/anamnesis/shared/govern"
)

// World is everything outside: all of it synchronous.
type World interface {
	Disk
	// Now is Unix milliseconds by this device's clock.
	Now() int64
	// Random fills p.
	Random(p []byte)
	// Send hands one binary frame to the relay's socket; it is dropped when there is none.
	Send(frame []byte)
	// Changed says that a screen may differ.
	Changed()
	// Fetch starts an HTTP request to the relay; Fetched brings the answer.
	Fetch(FetchRequest)
}

// FetchRequest is one HTTP request to the relay in use. Path begins with /v1/blob/.
type FetchRequest struct {
	ID     int
	Method string
	Path   string
	Token  string // bearer token, base64url without padding
	Range  string // "bytes=0-9", or empty
	Body   []byte
}

// Engine is one participant's side. It is not safe for concurrent use.
type Engine struct {
	world   World
	network *govern.Network
	net     block.Net
	log     *Log
	hold    ledger
	checks  unverified
	outbox  outbox
	sync    syncer
	blobs   blobs

	me        *me // nil unless unlocked
	kit       *kitDraft
	restore   *restoring
	meet      *meetingState   // the one on the screen
	waiting   []*meetingState // those by a link that waits
	joinMS    int64           // when their rooms are joined again
	imports   map[string]*importing
	documents map[string]*documenting // being taken in
	reading   *reading                // the document read last
	archive   *archiving              // being written
	reread    *rereading              // an archive being read: to bring it back, or to check it
	backup    backupMark              // the newest archive that was read back here
	notices   []Notice
	local     []localEntry // sealed entries, in the log's order
	hasWrap   bool         // a vault is on the disk
	within    bool         // together is running
	behind    bool         // catchUp has to run again
}

// me is what an unlocked profile knows. Locking drops it whole.
type me struct {
	vault     vaultBody
	state     deviceState
	stock     stock
	device    ed25519.PrivateKey
	indexKey  secret
	own       *ownFolder
	shared    map[secret]*sharedFolder // by folder id
	looked    map[block.ID]*lookedEntry
	idents    map[block.ChainID]block.Key // identity chains checked: their writer key
	resealKey *vaultKey
	devices   []knownDevice
	removed   bool                     // the newest DEVICE is not for this device
	unsaved   bool                     // seeds that the vault does not hold yet
	vouched   map[block.Hash]bool      // signatures that were checked
	authored  map[[2][32]byte]authored // by writing chain and folder
}

// Notice is something to tell the person once.
type Notice struct {
	ID     string
	Code   string
	Detail string
}

// New opens the log on the world's disk and reads what is there; the profile stays locked. It returns an *Error:
// storage/damaged, storage/format, storage/busy or storage/quota.
func New(w World, network *govern.Network) (*Engine, error) {
	e := &Engine{world: w, network: network, net: network.Net(), imports: map[string]*importing{}, documents: map[string]*documenting{}}
	e.blobs = newBlobs()
	e.sync.reset()
	if err := e.reload(); err != nil {
		return nil, err
	}
	var err error
	e.hasWrap, err = e.vaultExists()
	return e, err
}

// replay takes one entry of the log at start.
func (e *Engine) replay(ref Ref, kind byte, body []byte) error {
	switch kind {
	case logBlock:
		b, err := block.Parse(body)
		if err != nil {
			return err
		}
		return e.hold.replay(b, ref)
	case logLeaf:
		return e.blobs.replay(ref, body)
	case logBlobFile:
		return e.blobs.replayFile(body)
	case logOutbox:
		m, err := decoded[outboxMark](body, len(body))
		if err != nil {
			return err
		}
		if m.State == markBlob {
			for _, id := range m.IDs {
				e.blobs.stored[block.Hash(id)] = true
			}
			return nil
		}
		e.outbox.mark(m)
		if m.State == markAbandoned {
			e.hold.abandon(m.IDs)
			return nil
		}
		for _, id := range m.IDs {
			switch m.State {
			case markDiscarded:
				e.hold.drop(id)
			case markSent:
				e.hold.sent(id)
			}
		}
	case logHead:
		return e.replayHead(body)
	case logFork:
		return e.hold.replayFork(body)
	case logBackup:
		m, err := decoded[backupMark](body, len(body))
		e.backup = m
		return err
	case logDevice, logIndex, logStock, logMeet:
		e.local = append(e.local, localEntry{ref, kind})
	}
	return nil // the rest is read on unlock
}

// hour is the header time: Unix seconds, rounded down to the hour.
func (e *Engine) hour() uint64 { return uint64(e.world.Now()/3_600_000) * 3600 }

func (e *Engine) random(p []byte) { e.world.Random(p) }

func (e *Engine) nonce() (n block.Nonce) { e.random(n[:]); return n }

func (e *Engine) secret() (s secret) { e.random(s[:]); return s }

// Read makes World's randomness an io.Reader.
func (e *Engine) Read(p []byte) (int, error) { e.random(p); return len(p), nil }

func (e *Engine) notify(id, code, detail string) {
	if e.me != nil {
		for _, d := range e.me.state.Dismissed {
			if d == id {
				return
			}
		}
	}
	for _, n := range e.notices {
		if n.ID == id {
			return
		}
	}
	if len(e.notices) >= maxNotices {
		return // a relay that invents codes fills no memory
	}
	e.notices = append(e.notices, Notice{id, code, detail})
	e.world.Changed()
}

// ErrLocked is returned by every method that needs keys while there are none.
var ErrLocked = &Error{Code: "vault/locked", Detail: "unlock first"}

// codeName gives the code of an *Error, or the fallback.
func codeName(err error, fallback string) string {
	var coded *Error
	if errors.As(err, &coded) {
		return coded.Code
	}
	return fallback
}

// Notices lists what to tell the person.
func (e *Engine) Notices() []Notice { return e.notices }

// DismissNotice drops a notice for good.
func (e *Engine) DismissNotice(id string) error {
	e.notices = slices.DeleteFunc(e.notices, func(n Notice) bool { return n.ID == id })
	if e.me == nil || !strings.HasPrefix(id, "fork/") && !strings.HasPrefix(id, "device/") && !strings.HasPrefix(id, "ending/") {
		return nil // others may come again when their cause does
	}
	return e.together(func() error {
		e.me.state.Dismissed = append(e.me.state.Dismissed, id)
		if n := len(e.me.state.Dismissed); n > maxDismissed {
			e.me.state.Dismissed = e.me.state.Dismissed[n-maxDismissed:]
		}
		if err := e.saveState(); err != nil {
			return err
		}
		return e.flush()
	})
}

// NowMS is the world's clock.
func (e *Engine) NowMS() int64 { return e.world.Now() }

// OutboxCounts says how many own blocks wait and how many a relay stored.
func (e *Engine) OutboxCounts() (saved, sent int) { return len(e.outbox.waiting), len(e.outbox.sent) }

// SumHex is SHA-256 in hex digits.
func SumHex(b []byte) string { return hashOf(b).Hex() }

// Held counts the blocks of the ledger that this device holds.
func (e *Engine) Held() int { return len(e.hold.blocks) }
