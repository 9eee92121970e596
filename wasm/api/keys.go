package api

import (
	"encoding/hex"

	"github.com/anamnesis-health/anamnesis/shared/block"
	"github.com/anamnesis-health/anamnesis/shared/folder"
)

func (c *Core) passkey(Empty) (Passkey, error) {
	credential, salt, ok, err := c.engine.Passkey()
	return Passkey{Set: ok, Credential: hex.EncodeToString(credential), Salt: hex.EncodeToString(salt)}, err
}

func (c *Core) passkeyAdd(a PasskeyAddArgs, prf []byte) (Empty, error) {
	credential, err := hex.DecodeString(a.Credential)
	if err != nil {
		return Empty{}, &folder.Error{Code: "core/arguments", Detail: "credential"}
	}
	salt, err := hex.DecodeString(a.Salt)
	if err != nil {
		return Empty{}, &folder.Error{Code: "core/arguments", Detail: "salt"}
	}
	return Empty{}, c.engine.AddPasskey([]byte(a.Passphrase), credential, salt, prf)
}

// linkStart begins a link after the passphrase, or after the passkey when its output is there.
func (c *Core) linkStart(a PassphraseArgs, prf []byte) (m MeetCode, err error) {
	if len(prf) > 0 {
		m.Words, m.Digits, m.Path, m.Until, err = c.engine.StartLinkPasskey(prf)
	} else {
		m.Words, m.Digits, m.Path, m.Until, err = c.engine.StartLink([]byte(a.Passphrase))
	}
	return m, err
}

func (c *Core) devices(Empty) (Devices, error) {
	list, writes, err := c.engine.Devices()
	out := Devices{Devices: []Device{}, Writes: writes}
	for _, d := range list {
		out.Devices = append(out.Devices, Device{ID: hex.EncodeToString(d.Key[:]), Name: d.Name, This: d.This, Since: d.SinceMS})
	}
	return out, err
}

func (c *Core) deviceRemove(a DeviceRemoveArgs, prf []byte) (Empty, error) {
	var key block.Key
	b, err := hex.DecodeString(a.ID)
	if err != nil || len(b) != len(key) {
		return Empty{}, &folder.Error{Code: "core/arguments", Detail: "device"}
	}
	copy(key[:], b)
	if len(prf) > 0 {
		return Empty{}, c.engine.RemoveDevicePasskey(key, prf)
	}
	return Empty{}, c.engine.RemoveDevice(key, []byte(a.Passphrase))
}

func (c *Core) recovery(err error) (Recovery, error) {
	if err != nil {
		return Recovery{}, err
	}
	v, err := c.engine.Recovery()
	if err != nil {
		return Recovery{}, err
	}
	_, _, passkey, err := c.engine.Passkey()
	return Recovery{Kit: v.KitMS, Devices: v.Devices, Passkey: passkey}, err
}
