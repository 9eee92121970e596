package folder

import (
	"encoding/base64"
	"encoding/hex"
	"slices"
	"strings"

	"github.com/anamnesis-health/anamnesis/shared/block"
)

// A closed relay takes a chain only with a member's admission of its first key. Keys are therefore drawn ahead, shown
// to the member once, and their admissions kept as a stock for the chains that this device will begin. A reader needs
// none: the GRANT it was given admits it. Source: spec/network.md §5.

// stock is this device's admissions, given and asked for.
type stock struct {
	Version uint8
	Passes  []pass
}

// pass is one key that a chain may begin with.
type pass struct {
	For        uint8
	Counter    uint32      // of a writing chain's key
	Nonce      block.Nonce // of a grant's keys
	Generation uint8       // of the folder secret that a grant's keys derive from
	Key        block.Key
	Admission  []byte // block.Admission in its bytes; empty while only asked for
}

const noticeAdmission = "admission"

const (
	passIdentity = 1
	passWriter   = 2
	passGrant    = 3
)

// Admittance is what the relay wants of who begins a chain.
type Admittance uint8

// The answers; a relay gives them when it lets a connection in.
const (
	AdmittanceUnknown Admittance = iota
	AdmittanceOpen               // everybody may begin a chain
	AdmittanceClosed             // only keys that a member admitted
)

// Admittance says what the relay wants, as far as it has said so.
func (e *Engine) Admittance() Admittance { return e.sync.admittance }

// AdmissionView is what a person sees of the stock.
type AdmissionView struct {
	Grants  int         // sharings that can still be begun
	Devices int         // writing chains that can still be begun
	Asked   []block.Key // keys to show to a member, at most 32
}

// Admission says what is left in the stock and which keys were shown and not admitted yet.
func (e *Engine) Admission() AdmissionView {
	s, err := e.stock()
	if err != nil {
		return AdmissionView{}
	}
	var v AdmissionView
	for i := range s.Passes {
		switch p := &s.Passes[i]; {
		case e.admission(p) == nil:
			v.Asked = append(v.Asked, p.Key)
		case p.For == passGrant:
			v.Grants++
		case p.For == passWriter:
			v.Devices++
		}
	}
	return v
}

// stock is that of the open profile, or of the folder being made.
func (e *Engine) stock() (*stock, error) {
	switch {
	case e.me != nil && e.me.own != nil:
		return &e.me.stock, nil
	case e.me == nil && !e.hasWrap && e.kit != nil:
		return &e.kit.stock, nil
	case e.me == nil && e.hasWrap:
		return nil, ErrLocked
	}
	return nil, fail("admission/nobody", "only who owns a folder, or makes one, needs admissions")
}

// AskAdmission fills the stock up with fresh keys and gives those to be admitted. Without a profile it begins the
// folder that MakeKit then makes: nothing of that is stored. In a profile the keys are flushed before it returns.
func (e *Engine) AskAdmission() ([]block.Key, error) {
	if e.me == nil && !e.hasWrap && e.kit == nil {
		e.kit = e.newDraft()
	}
	s, err := e.stock()
	if err != nil {
		return nil, err
	}
	if e.me == nil {
		return e.Admission().Asked, nil
	}
	before := len(s.Passes)
	e.fillStock(s, e.me.vault.X, e.me.own.id, e.me.vault.Secrets, &e.me.state.Counter)
	if len(s.Passes) != before {
		err = e.together(func() error {
			if err := e.saveStock(); err != nil {
				return err
			}
			if err := e.saveState(); err != nil {
				return err
			}
			return e.flush()
		})
	}
	return e.Admission().Asked, err
}

// fillStock draws keys until there are maxPasses: a few for writing chains, which begin after a restore or a fork, the
// rest for grants. counter is the device's own, so that no key is drawn twice.
func (e *Engine) fillStock(s *stock, x, folder secret, secrets []secret, counter *uint32) {
	generation := uint8(len(secrets) - 1)
	s.Version = 1
	s.Passes = slices.DeleteFunc(s.Passes, func(p pass) bool { // keys of an older F open nothing any more
		return p.For == passGrant && p.Generation != generation
	})
	writers := 0
	for _, p := range s.Passes {
		if p.For == passWriter {
			writers++
		}
	}
	for ; writers < writerPasses && len(s.Passes) < maxPasses; writers++ {
		*counter++
		key := block.DeriveKey(e.net, x[:], "writer", folder[:], block.U32(*counter))
		s.Passes = append(s.Passes, pass{For: passWriter, Counter: *counter, Key: block.KeyOf(key)})
	}
	for len(s.Passes) < maxPasses {
		n := e.nonce()
		key := block.DeriveKey(e.net, secrets[generation][:], "grant", n[:])
		s.Passes = append(s.Passes, pass{For: passGrant, Nonce: n, Generation: generation, Key: block.KeyOf(key)})
	}
}

// TakeAdmissions reads what a member answered: a line for each key, the key and its admission in base64url. It gives
// how many were new. One line that is wrong refuses all: admission/format or admission/invalid with the line's
// number, admission/other when not one of the keys is this device's. Flushed before it returns.
func (e *Engine) TakeAdmissions(text string) (int, error) {
	s, err := e.stock()
	if err != nil {
		return 0, err
	}
	if len(text) > maxAdmissions {
		return 0, fail("admission/format", "%d bytes", len(text))
	}
	next := slices.Clone(s.Passes)
	taken, lines := 0, 0
	for line := range strings.Lines(text) {
		lines++
		words := strings.Fields(line)
		if len(words) == 0 {
			continue
		}
		if len(words) != 2 || !strings.HasPrefix(words[0], "key_") {
			return 0, fail("admission/format", "%d", lines)
		}
		key, err1 := hex.DecodeString(words[0][len("key_"):])
		raw, err2 := base64.RawURLEncoding.DecodeString(words[1])
		if err1 != nil || err2 != nil || len(key) != len(block.Key{}) {
			return 0, fail("admission/format", "%d", lines)
		}
		i := slices.IndexFunc(next, func(p pass) bool { return p.Key == block.Key(key) })
		if i < 0 {
			continue // of a stock asked for before, or of somebody else
		}
		p := next[i]
		p.Admission = raw
		if e.admission(&p) == nil {
			return 0, fail("admission/invalid", "%d", lines)
		}
		if e.admission(&next[i]) == nil {
			taken++
		}
		next[i] = p
	}
	if taken == 0 {
		return 0, fail("admission/other", "%d", lines)
	}
	if e.me == nil {
		s.Passes = next
		return taken, nil
	}
	return taken, e.together(func() error {
		s.Passes = next
		if err := e.saveStock(); err != nil {
			return err
		}
		if err := e.readmit(); err != nil {
			return err
		}
		return e.flush()
	})
}

// admission is that of p if a member of this network gave it and it serves now; else nil.
func (e *Engine) admission(p *pass) []block.Admission {
	a, err := block.Decode[block.Admission](p.Admission, maxAdmission)
	if err != nil || e.network.CheckAdmission(a, block.AdmitChain, p.Key, e.hour()) != nil {
		return nil
	}
	return []block.Admission{a}
}

// spend takes a pass of a kind out of the stock, or says that none is left. Of a device's several keys any serves: two
// lives of one device then seldom take the same. The caller writes a block with it and flushes.
func (e *Engine) spend(kind uint8) (pass, []block.Admission, bool) {
	s := &e.me.stock
	var good []int
	for i := range s.Passes {
		p := &s.Passes[i]
		current := kind != passGrant || int(p.Generation) == len(e.me.vault.Secrets)-1
		if p.For == kind && current && e.admission(p) != nil {
			good = append(good, i)
		}
	}
	if len(good) == 0 {
		return pass{}, nil, false
	}
	var draw [1]byte
	e.random(draw[:])
	i := good[int(draw[0])%len(good)]
	p := s.Passes[i]
	s.Passes = slices.Delete(s.Passes, i, i+1)
	return p, e.admission(&p), true
}

// mayGive refuses a sharing that a closed relay would not take.
func (e *Engine) mayGive() error {
	if e.sync.admittance == AdmittanceClosed && e.Admission().Grants == 0 {
		return fail("admission/none", "no sharing can be begun without one")
	}
	return nil
}

// spendOwn takes a pass for a writing chain of the own folder. In another's the reader is admitted by its GRANT.
func (e *Engine) spendOwn(folder secret) (pass, []block.Admission, bool) {
	if e.me.own == nil || folder != e.me.own.id {
		return pass{}, nil, false
	}
	return e.spend(passWriter)
}

// saveStock appends the stock; the newest wins. Not flushed.
func (e *Engine) saveStock() error { return e.appendLocal(logStock, encode(&e.me.stock)) }

// readmit begins the own writing chain anew when the relay refused it for want of an admission; all is sent again.
func (e *Engine) readmit() error {
	for _, id := range e.outbox.waiting {
		if !strings.HasPrefix(e.outbox.reasons[id], "admission/") {
			continue
		}
		w := e.writing(e.hold.blocks[id].chain)
		if w == nil || w.Grant != (block.ChainID{}) {
			continue
		}
		e.notices = slices.DeleteFunc(e.notices, func(n Notice) bool { return n.ID == noticeAdmission })
		return e.beginAgain(w)
	}
	return nil
}
