package folder

import (
	"github.com/anamnesis-health/anamnesis/shared/block"
	"github.com/anamnesis-health/anamnesis/shared/record"
)

// whatIs names a block's kind for the outbox.
func whatIs(k block.Kind) string {
	switch k {
	case block.KindGrant:
		return "grant"
	case block.KindRevoke:
		return "stop"
	case block.KindAccess:
		return "access"
	case block.KindGenesis, block.KindSession, block.KindDevice, block.KindRotate:
		return "folder"
	default:
		return "other"
	}
}

// whatRecord names a record for the outbox.
func whatRecord(x indexEntry) string {
	switch record.Kind(x.Kind) {
	case record.Note:
		return "note"
	case record.FHIR, record.Document, record.Source:
		if x.Source == (block.Nonce{}) {
			return "added"
		}
		return "import"
	case record.Hide:
		return "hide"
	case record.Verdict:
		return "verdict"
	case record.Looked:
		return "release"
	case record.Manifest:
		return "folder"
	default:
		return "other"
	}
}
