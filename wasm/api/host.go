package api

import (
	"errors"

	"github.com/anamnesis-health/anamnesis/shared/folder"
)

// FetchRequest is what Host.Fetch gets.
type FetchRequest = folder.FetchRequest

// DiskError gives the error with which a Host's disk answers for a storage code of the browser.
func DiskError(code string) error {
	if code == folder.CodeStorageQuota {
		return folder.ErrQuota
	}
	return errors.New(code)
}

// keeper is a Host that knows whether the browser promised not to clear this origin by itself.
type keeper interface{ StorageDurable() bool }

func (c *Core) storageDurable() bool {
	k, ok := c.host.(keeper)
	return ok && k.StorageDurable()
}
