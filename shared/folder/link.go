package folder

import (
	"github.com/anamnesis-health/anamnesis/shared/block"
	"github.com/anamnesis-health/anamnesis/shared/share"
)

// Linking makes another device an owner of this folder: a meeting under a device code, begun on the device that writes
// the identity. A DEVICE names the new one and is sealed to it; the meeting's result says which, and brings leaf hashes
// of kit keys. The kit's root never leaves the paper. Source: spec/meeting.md §6.

// linking is what a meeting under a device code knows beyond the steps.
type linking struct {
	x      secret // joiner: the device secret it begins with
	peer   *deviceHello
	label  string // host: what the new device is called
	linked bool   // host: the DEVICE is written
}

// linked is what the joiner was given.
type linked struct {
	x      secret
	result linkResult
}

// StartLink draws a device code, after the passphrase (already NFKC). It returns link/writer on a device that does not
// write the identity, and link/full when the folder has as many devices as it can.
func (e *Engine) StartLink(passphrase []byte) (words []string, digits, path string, until int64, err error) {
	return e.startLink(byPassphrase(passphrase))
}

// StartLinkPasskey is StartLink after the passkey, whose output it wipes.
func (e *Engine) StartLinkPasskey(prf []byte) (words []string, digits, path string, until int64, err error) {
	defer clear(prf)
	return e.startLink(byPasskey(e.net, prf))
}

func (e *Engine) startLink(by unlocker) (words []string, digits, path string, until int64, err error) {
	own, _, err := e.ownFolder()
	if err == nil {
		err = e.mayLink(by)
	}
	if err != nil {
		return nil, "", "", 0, err
	}
	code, err := NewCode(e)
	if err != nil {
		return nil, "", "", 0, err
	}
	h := deviceHello{Version: 1, Device: block.KeyOf(e.me.device), Recipient: e.deviceRecipient().Recipient(), Name: own.m.Person.Name, Nonce: e.secret()}
	s := &meetingState{link: &linking{}}
	if s.m, err = NewHost(e.net, PurposeDevice, code, encode(&h), e.checkDeviceHello); err != nil {
		return nil, "", "", 0, err
	}
	e.meet = s
	e.post(s, s.m.Start(e.world.Now()))
	return code.Words(), code.Digits(), code.Path(PurposeDevice, e.net), e.world.Now() + roomMS, nil
}

func (e *Engine) mayLink(by unlocker) error {
	switch {
	case !e.writesIdentity():
		return fail("link/writer", "only the device that writes the identity names devices")
	case len(e.me.devices) >= maxDevices:
		return fail("link/full", "%d", maxDevices)
	}
	return e.prove(by)
}

// JoinLink reads a device code (words, digits, link) in an empty browser. Nothing is stored before FinishLink.
func (e *Engine) JoinLink(text string) error {
	if e.hasWrap {
		return fail("vault/exists", "this browser already holds a profile")
	}
	code, err := ParseCode(text, PurposeDevice, e.net)
	if err != nil {
		return err
	}
	s := &meetingState{link: &linking{x: e.secret()}}
	key, recipient := e.deviceKeys(s.link.x)
	h := deviceHello{Version: 1, Role: 1, Device: key, Recipient: recipient.Recipient(), Nonce: e.secret()}
	if s.m, err = NewJoiner(e.net, PurposeDevice, code, encode(&h), e.checkDeviceHello); err != nil {
		return err
	}
	e.meet, e.restore = s, nil
	e.post(s, s.m.Start(e.world.Now()))
	return nil
}

// deviceKeys are the keys of a device that has no profile yet.
func (e *Engine) deviceKeys(x secret) (block.Key, share.Key) {
	return block.KeyOf(block.DeriveKey(e.net, x[:], "device")), share.KeyFromSeed(block.Derive(e.net, x[:], "device recipient"))
}

func (e *Engine) checkDeviceHello(b []byte) error {
	_, err := parseDeviceHello(b)
	return err
}

func parseDeviceHello(b []byte) (*deviceHello, error) {
	h, err := decoded[deviceHello](b, maxHello)
	if err != nil || h.Version != 1 || h.Role > 1 || len(h.Name) > maxName || block.CheckKey(h.Device) != nil || len(h.Recipient) != share.RecipientSize {
		return nil, fail("meet/hello", "%v", err)
	}
	return &h, nil
}

// ConfirmLink is "They match" on either side; label is what the host calls the new device.
func (e *Engine) ConfirmLink(label string) error {
	s := e.meet
	if s == nil || s.link == nil || s.link.peer == nil {
		return fail("meet/none", "nobody to compare with")
	}
	if s.m.host {
		if e.me == nil {
			return ErrLocked
		}
		if label == "" || len(label) > maxName {
			return fail("create/name", "a name of 1 to %d bytes", maxName)
		}
		s.link.label = label
	}
	posts, err := s.m.Confirm(e.world.Now())
	if err != nil {
		return err
	}
	e.post(s, posts)
	e.linkStep(s)
	e.world.Changed()
	return nil
}

// linkStep goes on after a post of either side.
func (e *Engine) linkStep(s *meetingState) {
	if s.link.peer == nil && s.m.Peer() != nil {
		peer, err := parseDeviceHello(s.m.Peer())
		if err != nil {
			s.code = codeName(err, CodeMeetBurnt)
			return
		}
		s.link.peer = peer
	}
	switch {
	case s.m.host && s.m.Step() == MeetAgreed && !s.link.linked && e.me != nil:
		if err := e.giveDevice(s); err != nil {
			s.code = codeName(err, "link/failed")
		}
	case !s.m.host && s.m.Step() == MeetDone && e.restore == nil:
		e.takeLink(s)
	}
}

// giveDevice names the new device in a DEVICE, saves it, and tells the joiner where it is.
func (e *Engine) giveDevice(s *meetingState) error {
	var result linkResult
	err := e.together(func() error {
		v := &e.me.vault
		peer := s.link.peer
		e.me.devices = append(e.me.devices, knownDevice{deviceEntry: deviceEntry{Name: s.link.label, Key: peer.Device, Recipient: peer.Recipient}})
		n := min(leavesGiven, len(v.Leaves))
		result = linkResult{Identity: block.ChainID(v.Identity), NextKit: v.NextKit, Leaves: v.Leaves[:n:n], Claim: e.claim(peer.Device)}
		v.Leaves, v.NextKit = v.Leaves[n:], v.NextKit+uint32(n) // each leaf serves one commitment, here or there
		if err := e.saveVault(); err != nil {
			return err
		}
		if err := e.writeDevice(); err != nil {
			return err
		}
		result.Device = e.hold.chains[result.Identity].state.Head
		return e.flush()
	})
	if err != nil {
		return err
	}
	s.link.linked = true
	sealed, err := share.SealTo(s.link.peer.Recipient, s.m.Info(), encode(&result))
	if err != nil {
		return err
	}
	posts, err := s.m.Finish(sealed)
	if err != nil {
		return err
	}
	e.post(s, posts)
	e.sync.follow(e)
	return nil
}

// takeLink opens slot 5 and asks the relay for the identity and the folder.
func (e *Engine) takeLink(s *meetingState) {
	_, key := e.deviceKeys(s.link.x)
	b, err := share.OpenWith(key, s.m.Info(), s.m.Result())
	var r linkResult
	if err == nil {
		r, err = decoded[linkResult](b, maxHello)
	}
	if err != nil {
		s.code = "meet/result"
		return
	}
	e.restore = &restoring{link: &linked{x: s.link.x, result: r}, identity: r.Identity, step: "finding", began: e.world.Now()}
	if e.sync.state == linkOnline {
		e.restore.begin(e)
	}
}

// readLinked opens the DEVICE that the link named, once it is here.
func (r *restoring) readLinked(e *Engine) {
	h := e.hold.blocks[r.link.result.Device]
	if h == nil || h.chain != r.identity || h.kind != block.KindDevice || !h.whole {
		return // the host's device is still sending it
	}
	b, err := e.block(r.link.result.Device)
	if err == nil {
		_, key := e.deviceKeys(r.link.x)
		r.body, err = openDevice(e.net, b, key)
	}
	if err != nil {
		r.fail(e, "link/failed")
		return
	}
	r.fetch(e)
}

// FinishLink sets this device's passphrase (already NFKC) and begins its writing chain. Flushed before it returns.
func (e *Engine) FinishLink(passphrase []byte) error {
	r := e.restore
	switch {
	case r == nil || r.link == nil || r.step != "ready":
		return fail("restore/not-ready", "not everything is here yet")
	case len(passphrase) < minPassphrase:
		return fail("vault/short", "%d", minPassphrase)
	}
	id := r.body.Folders[0].ID
	v := vaultBody{Version: 1, X: r.link.x, Name: r.manifest.Person.Name, Born: r.manifest.Person.Born, Owners: r.body.Owners,
		Secrets: r.body.Secrets, Identity: r.identity[:], Folder: id[:], NextKit: r.link.result.NextKit, Leaves: r.link.result.Leaves, Claim: r.link.result.Claim}
	err := e.found(v, passphrase, func() error {
		if err := e.markHeld(); err != nil {
			return err
		}
		e.readDevices()
		e.me.own = newOwnFolder(e, *r.manifest)
		return e.beginHere()
	})
	if err != nil {
		return err
	}
	e.restore, e.meet = nil, nil
	e.catchUp()
	e.sync.start(e)
	return nil
}

// beginHere is beginOwn in a folder that others may read already.
func (e *Engine) beginHere() error {
	if err := e.beginOwn(); err != nil {
		return err
	}
	return e.regrant()
}
