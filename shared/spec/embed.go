// Package spec hands the golden vectors of the specification to the tests that run them. It promises the files as
// committed and does nothing else.
//
//	raw, err := spec.Vectors.ReadFile("vectors/shares.json")
package spec

import "embed"

// Vectors holds vectors/*.json: test vectors with bytes in hex, run by Go and TypeScript alike.
//
//go:embed vectors/*.json
var Vectors embed.FS
