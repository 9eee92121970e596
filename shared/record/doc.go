// Package record is what a sealed payload holds: the plaintext array with its padding, the contents of
// the inner kinds that belong to no health module, and a reader of FHIR over the bytes as received.
//
// It promises that one value has one encoding (decode, re-encode, compare, else refuse), that lengths are
// checked before anything is allocated, and that a FHIR file comes back byte for byte: Split never
// changes a byte, it only says where each resource begins and ends. It refuses unknown versions, and it
// knows nothing of keys: sealing, signatures and credentials are opaque bytes here.
//
// The plaintext, drawn:
//
//	u32 BE length n ‖ array, n bytes ‖ zeros up to Padded(4+n)
//
//	array = [1, kind, folder 32, section, media type, time ms, [ref 32 …], credential, author signature,
//	         source id 16 or empty, form, content]
//	content, form 0 = bytes
//	content, form 1 = [blob root 32, size, leaves, file key 16, SHA-256 32]
//
// One use:
//
//	padded, err := record.Encode(&record.Record{Kind: record.Note, Folder: id, Section: record.General,
//		MediaType: "text/plain", TimeMS: ms, Content: []byte("slept well")})
//	r, err := record.Decode(padded)
//
// Source: spec/record.md.
package record
