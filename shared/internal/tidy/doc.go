// Package tidy holds the house rules as tests: who may import whom, what shared/ may not touch, names, comments and
// formatting. Each rule is a function over source or package lists, and a fixture that it must refuse proves that it
// bites. Numbers (long functions, large files) are printed, and refuse nothing.
//
//	go test ./shared/internal/tidy
//	go test -v -run Alarms ./shared/internal/tidy
package tidy
