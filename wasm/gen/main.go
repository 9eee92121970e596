// Command gen writes web/src/core/api.gen.ts: one TypeScript interface for each type of wasm/api/types.go and
// one entry for each method of wasm/api/methods.md. It promises that page and core speak of the same fields,
// and that regenerating leaves a clean tree. It refuses what it does not know: a Go type without a JSON twin,
// a field without a tag, a method that names no type.
//
//	go run ./wasm/gen
package main

import (
	"fmt"
	"os"
	"path/filepath"
)

func main() {
	if err := run("."); err != nil {
		fmt.Fprintln(os.Stderr, "gen:", err)
		os.Exit(1)
	}
}

// output is where the page finds the types, from the root of the repository.
const output = "web/src/core/api.gen.ts"

// run reads the contract under root and writes the TypeScript beside its only reader.
func run(root string) error {
	text, err := generate(root)
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(root, output), text, 0o644)
}

func generate(root string) ([]byte, error) {
	types, err := os.ReadFile(filepath.Join(root, "wasm/api/types.go"))
	if err != nil {
		return nil, err
	}
	methods, err := os.ReadFile(filepath.Join(root, "wasm/api/methods.md"))
	if err != nil {
		return nil, err
	}
	return typescript(types, methods)
}
