package chain

import "github.com/anamnesis-health/anamnesis/shared/block"

// Bounds of one chain. A block that would pass them is refused, so that every state has a largest size.
const (
	MaxSessions = 512 // one per 30 days and per section first written in: about seven years of all six
	MaxKeys     = 256 // a pack changes hands some ten times, an identity key once per lost device
	MaxState    = 96 << 10
)

// MaxForkProof bounds an encoded fork proof: two of the largest headers and signatures. A plain one takes 410 bytes.
const MaxForkProof = 2*(block.MaxHeader+block.MaxSignature) + 16

// Bounds of a proof file. Source: spec/proof.md §2.
const (
	MaxWholePath = 512       // blocks below the proven one that are all listed: 75 KB. Beyond, only changes of key are
	MaxProof     = 192 << 10 // 513 headers with a link each, and 256 changes of key
)
