package folder

import (
	"github.com/anamnesis-health/anamnesis/shared/block"
	"github.com/anamnesis-health/anamnesis/shared/record"
	"github.com/anamnesis-health/anamnesis/shared/share"
)

// An ACCESS's reason is AEAD under KDF(S₀, `reason`), salt the ACCESS's nonce, padded like record plaintext.

func reasonKey(net block.Net, session block.ID, nonce block.Nonce, s0 share.Secret) share.Secret {
	return share.Context{Net: net, Session: session, Salt: nonce}.KDF(s0[:], "reason")
}

func sealReason(net block.Net, a *block.Access, s0 share.Secret, r *reasonBody) []byte {
	return share.Seal(reasonKey(net, a.Session, a.Nonce, s0), nil, record.Pad(encode(r)))
}

func openReason(net block.Net, a *block.Access, b *block.Block, s0 share.Secret) (*reasonBody, error) {
	padded, err := share.Open(reasonKey(net, a.Session, a.Nonce, s0), nil, b.Parts[1])
	if err != nil {
		return nil, err
	}
	plain, err := record.Unpad(padded, maxReason)
	if err != nil {
		return nil, err
	}
	r, err := decoded[reasonBody](plain, maxReason)
	return &r, err
}
