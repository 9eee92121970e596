package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestRegeneratingChangesNothing holds the committed file to its source.
func TestRegeneratingChangesNothing(t *testing.T) {
	root := filepath.Join("..", "..")
	want, err := generate(root)
	if err != nil {
		t.Fatal(err)
	}
	have, err := os.ReadFile(filepath.Join(root, output))
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(have, want) {
		t.Errorf("%s is stale: go run ./wasm/gen", output)
	}
}

const head = "# Methods\n\n| method | args → result | bytes |\n|---|---|---|\n"

func TestTypescript(t *testing.T) {
	types := "package api\n\n// Mood is one.\ntype Mood string\n\nconst (\n\tGood Mood = \"good\"\n\tBad Mood = \"bad\"\n)\n\n" +
		"type Empty struct{}\n\ntype N = int\n\ntype Day struct {\n\tMoods []Mood `json:\"moods\"` // all\n\tAt int64 `json:\"at\"`\n\tOK bool `json:\"ok\"`\n\tN N `json:\"n\"`\n}\n"
	out, err := typescript([]byte(types), []byte(head+"| day.ask | Empty → Day | photo in |\n"))
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"/** Mood is one. */\nexport type Mood = \"good\" | \"bad\"\n",
		"export type N = number\n",
		"export interface Day {\n  /** all */\n  moods: Mood[]\n  at: number\n  ok: boolean\n  n: N\n}\n",
		"  /** photo in */\n  \"day.ask\": { args: Empty; result: Day }\n",
	} {
		if !strings.Contains(string(out), want) {
			t.Errorf("no %q in\n%s", want, out)
		}
	}
}

func TestTypescriptRefuses(t *testing.T) {
	const fine = "| a | A → A | |\n"
	one := func(field string) string { return "package api\n\ntype A struct {\n\t" + field + "\n}\n" }
	for name, c := range map[string]struct{ types, rows, want string }{
		"float":             {one("X float64 `json:\"x\"`"), fine, "unknown type float64"},
		"pointer":           {one("X *int `json:\"x\"`"), fine, "a *ast.StarExpr"},
		"map":               {one("X map[string]int `json:\"x\"`"), fine, "a *ast.MapType"},
		"array":             {one("X [4]int `json:\"x\"`"), fine, "fixed length"},
		"any":               {one("X any `json:\"x\"`"), fine, "unknown type any"},
		"undeclared":        {one("X []B `json:\"x\"`"), fine, "unknown type B"},
		"no tag":            {one("X int"), fine, "json tag"},
		"option in the tag": {one("X int `json:\"x,omitempty\"`"), fine, "json tag"},
		"left out":          {one("X int `json:\"-\"`"), fine, "json tag"},
		"unexported":        {one("x int `json:\"x\"`"), fine, "exported"},
		"embedded":          {one("A"), fine, "exported"},
		"key twice":         {one("X int `json:\"x\"`\n\tY int `json:\"x\"`"), fine, "twice"},
		"function":          {"package api\n\nfunc F() {}\n", fine, "types and constants only"},
		"number constant":   {"package api\n\ntype A int\n\nconst B A = 1\n", fine, "not a string"},
		"not Go":            {"package", fine, "expected"},
		"unknown args":      {one("X int `json:\"x\"`"), "| a | B → A | |\n", "unknown type B"},
		"unknown result":    {one("X int `json:\"x\"`"), "| a | A → B | |\n", "unknown type B"},
		"method twice":      {one("X int `json:\"x\"`"), fine + fine, "twice"},
		"malformed row":     {one("X int `json:\"x\"`"), "| a | A -> A | |\n", "malformed row"},
		"no method":         {one("X int `json:\"x\"`"), "", "no method"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := typescript([]byte(c.types), []byte(head+c.rows))
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want %q", err, c.want)
			}
		})
	}
}
