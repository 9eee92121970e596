package tidy

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/format"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// source is one parsed file: its path inside the module, with slashes.
type source struct {
	path string
	text []byte
	fset *token.FileSet
	file *ast.File
}

func (s source) room() string { return filepath.ToSlash(filepath.Dir(s.path)) }
func (s source) test() bool   { return strings.HasSuffix(s.path, "_test.go") }
func (s source) at(n ast.Node) string {
	return fmt.Sprintf("%s:%d", s.path, s.fset.Position(n.Pos()).Line)
}

func (s source) imports(path string) bool {
	return slices.ContainsFunc(s.file.Imports, func(i *ast.ImportSpec) bool { return unquote(i.Path.Value) == path })
}

func unquote(s string) string {
	out, err := strconv.Unquote(s)
	if err != nil {
		return s
	}
	return out
}

func root(t *testing.T) string {
	t.Helper()
	dir, err := filepath.Abs("../../..")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Join(dir, "go.mod")); err != nil {
		t.Fatal(err)
	}
	return dir
}

func parse(path string, text []byte) (source, error) {
	s := source{path: path, text: text, fset: token.NewFileSet()}
	var err error
	s.file, err = parser.ParseFile(s.fset, path, text, parser.ParseComments|parser.SkipObjectResolution)
	return s, err
}

func sources(t *testing.T) []source {
	t.Helper()
	var all []source
	base := root(t)
	err := filepath.WalkDir(base, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name := d.Name()
		if d.IsDir() && path != base && (name == "node_modules" || name == "testdata" || name == "build" || name[0] == '.') {
			return filepath.SkipDir
		}
		if d.IsDir() || !strings.HasSuffix(name, ".go") {
			return nil
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(base, path)
		if err != nil {
			return err
		}
		s, err := parse(filepath.ToSlash(rel), text)
		all = append(all, s)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func under(path string, rooms ...string) bool {
	return slices.ContainsFunc(rooms, func(r string) bool { return path == r || strings.HasPrefix(path, r+"/") })
}

// clockNames of package time read a clock or wait for one.
var clockNames = []string{"Now", "Since", "Until", "After", "AfterFunc", "Tick", "NewTimer", "NewTicker", "Sleep"}

// banned reports imports that a file may not have.
func banned(s source) (bad []string) {
	no := func(path string, ok bool) {
		if !ok && s.imports(path) {
			bad = append(bad, s.path+" imports "+path)
		}
	}
	pure := under(s.path, "shared") && !s.test()
	jsRooms := under(s.path, "wasm/bridge", "relay/worker", "relay/store/durable")
	no("unsafe", false)
	no("C", false)
	no("syscall/js", jsRooms)
	for _, p := range []string{"os", "os/exec", "net", "net/http", "net/url", "syscall", "runtime/debug", "log", "log/slog"} {
		no(p, !pure)
	}
	no("os", !under(s.path, "relay/hub") || s.test())
	no("net", !under(s.path, "relay/hub") || s.test())
	no(module+"relay/hub/hubtest", s.test() || under(s.path, "relay/store/storetest"))
	no("math/rand", s.test() || under(s.path, "shared/sim"))
	no("math/rand/v2", s.test() || under(s.path, "shared/sim"))
	no(module+"shared/sim", s.test() || under(s.path, "shared/sim"))
	return bad
}

// impure reports clocks, goroutines and init in shared/, and goroutines where objects share one heap.
func impure(s source) (bad []string) {
	shared := under(s.path, "shared")
	heap := under(s.path, "relay/worker", "relay/store/durable")
	if s.test() || !shared && !heap {
		return nil
	}
	ast.Inspect(s.file, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.GoStmt:
			bad = append(bad, s.at(n)+" has a go statement")
		case *ast.FuncDecl:
			if shared && n.Name.Name == "init" && n.Recv == nil {
				bad = append(bad, s.at(n)+" has an init function")
			}
		case *ast.SelectorExpr:
			if x, ok := n.X.(*ast.Ident); shared && ok && x.Name == "time" && slices.Contains(clockNames, n.Sel.Name) {
				bad = append(bad, s.at(n)+" reads a clock: time."+n.Sel.Name)
			}
		}
		return true
	})
	return bad
}

// state reports package variables that can change. A variable is a constant in all but name when it is an error, an
// embedded file, a blank assertion, or a table that nothing in its package writes to or takes the address of.
func state(files []source) (bad []string) {
	vars := map[string]string{}
	for _, s := range files {
		if s.test() || !under(s.path, "shared", "relay/worker", "relay/store/durable") {
			continue
		}
		for _, d := range s.file.Decls {
			if g, ok := d.(*ast.GenDecl); ok && g.Tok == token.VAR {
				for _, spec := range g.Specs {
					bad = append(bad, declared(s, spec.(*ast.ValueSpec), vars)...)
				}
			}
		}
	}
	for _, s := range files {
		if !s.test() {
			bad = append(bad, written(s, vars)...)
		}
	}
	return bad
}

func declared(s source, v *ast.ValueSpec, vars map[string]string) (bad []string) {
	for i, name := range v.Names {
		switch {
		case name.Name == "_":
		case v.Type != nil && exprText(v.Type) == "embed.FS":
		case i < len(v.Values) && strings.HasPrefix(strings.ToLower(name.Name), "err") && sentinel(v.Values[i]):
			vars[s.room()+" "+name.Name] = s.at(name)
		case i >= len(v.Values) || !constant(v.Values[i]):
			bad = append(bad, fmt.Sprintf("%s declares the variable %s", s.at(name), name.Name))
		default:
			vars[s.room()+" "+name.Name] = s.at(name)
		}
	}
	return bad
}

// constant accepts errors and literals of values; a map, a pointer or anything a function made can change.
func constant(e ast.Expr) bool {
	switch e := e.(type) {
	case *ast.BasicLit:
		return true
	case *ast.CallExpr:
		return slices.Contains([]string{"errors.New", "fmt.Errorf", "strings.Fields"}, exprText(e.Fun))
	case *ast.CompositeLit:
		_, isMap := e.Type.(*ast.MapType)
		return !isMap && !strings.HasPrefix(exprText(e.Type), "sync.") && !strings.HasPrefix(exprText(e.Type), "atomic.")
	}
	return false
}

// sentinel accepts a pointer to an error's literal.
func sentinel(e ast.Expr) bool {
	u, ok := e.(*ast.UnaryExpr)
	if !ok || u.Op != token.AND {
		return false
	}
	_, ok = u.X.(*ast.CompositeLit)
	return ok
}

func exprText(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.Ident:
		return e.Name
	case *ast.SelectorExpr:
		return exprText(e.X) + "." + e.Sel.Name
	}
	return ""
}

// written reports statements that write to a package variable or take its address.
func written(s source, vars map[string]string) (bad []string) {
	hit := func(e ast.Expr, what string) {
		for {
			switch x := e.(type) {
			case *ast.IndexExpr:
				e = x.X
				continue
			case *ast.SelectorExpr:
				e = x.X
				continue
			case *ast.ParenExpr:
				e = x.X
				continue
			case *ast.Ident:
				if _, ok := vars[s.room()+" "+x.Name]; ok {
					bad = append(bad, fmt.Sprintf("%s %s the package variable %s", s.at(x), what, x.Name))
				}
			}
			return
		}
	}
	ast.Inspect(s.file, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.AssignStmt:
			for _, l := range n.Lhs {
				if n.Tok != token.DEFINE {
					hit(l, "writes")
				}
			}
		case *ast.IncDecStmt:
			hit(n.X, "writes")
		case *ast.UnaryExpr:
			if n.Op == token.AND {
				hit(n.X, "takes the address of")
			}
		}
		return true
	})
	return bad
}

var bannedNames = []string{"util", "utils", "common", "misc", "manager", "types", "helper", "helpers", "base", "v2"}

// named reports packages with a name that says nothing, or without a comment that says what they are.
func named(files []source) (bad []string) {
	comments := map[string]bool{}
	for _, s := range files {
		if s.test() {
			continue
		}
		doc := s.file.Doc.Text()
		comments[s.room()] = comments[s.room()] || len(doc) > len("Package x.")+10
		if slices.Contains(bannedNames, s.file.Name.Name) || slices.Contains(bannedNames, filepath.Base(s.room())) {
			bad = append(bad, s.path+" is in package "+s.file.Name.Name)
		}
	}
	for room, ok := range comments {
		if !ok {
			bad = append(bad, room+" has no package comment")
		}
	}
	slices.Sort(bad)
	return slices.Compact(bad)
}

// ragged reports files that gofmt would change.
func ragged(s source) []string {
	want, err := format.Source(s.text)
	if err != nil || !bytes.Equal(want, s.text) {
		return []string{s.path + " is not formatted"}
	}
	return nil
}

func byRoom(all []source) map[string][]source {
	rooms := map[string][]source{}
	for _, s := range all {
		rooms[s.room()] = append(rooms[s.room()], s)
	}
	return rooms
}

func TestSource(t *testing.T) {
	all := sources(t)
	for _, s := range all {
		for _, bad := range slices.Concat(banned(s), impure(s), ragged(s)) {
			t.Error(bad)
		}
	}
	for _, files := range byRoom(all) {
		for _, bad := range state(files) {
			t.Error(bad)
		}
	}
	for _, bad := range named(all) {
		t.Error(bad)
	}
}

// TestSourceBites gives each rule a file that it must refuse, and one that it must not.
func TestSourceBites(t *testing.T) {
	rules := map[string]func(source) []string{
		"banned": banned, "impure": impure, "ragged": ragged,
		"state": func(s source) []string { return state([]source{s}) },
		"named": func(s source) []string { return named([]source{s}) },
	}
	const doc = "// Package x says what it is for.\n"
	for _, c := range []struct{ rule, path, text string }{
		{"banned", "shared/block/x.go", "package block\n\nimport _ \"os\"\n"},
		{"banned", "shared/block/x.go", "package block\n\nimport _ \"net\"\n"},
		{"banned", "shared/block/x.go", "package block\n\nimport _ \"syscall/js\"\n"},
		{"banned", "shared/block/x_test.go", "package block\n\nimport _ \"unsafe\"\n"},
		{"banned", "relay/server/x.go", "package server\n\nimport \"C\"\n"},
		{"banned", "relay/hub/x.go", "package hub\n\nimport _ \"net\"\n"},
		{"banned", "relay/server/x.go", "package server\n\nimport _ \"syscall/js\"\n"},
		{"banned", "wasm/api/x.go", "package api\n\nimport _ \"syscall/js\"\n"},
		{"banned", "relay/server/x.go", "package server\n\nimport _ \"math/rand/v2\"\n"},
		{"banned", "shared/folder/x.go", "package folder\n\nimport _ \"math/rand\"\n"},
		{"banned", "relay/server/x.go", "package server\n\nimport _ \"" + module + "shared/sim\"\n"},
		{"banned", "relay/cmd/anamnesis/x.go", "package main\n\nimport _ \"" + module + "relay/hub/hubtest\"\n"},
		{"impure", "shared/chain/x.go", "package chain\n\nfunc f() { go f() }\n"},
		{"impure", "shared/chain/x.go", "package chain\n\nfunc init() {}\n"},
		{"impure", "shared/chain/x.go", "package chain\n\nvar t = time.Now()\n"},
		{"impure", "shared/chain/x.go", "package chain\n\nfunc f() { time.Sleep(1) }\n"},
		{"impure", "relay/worker/x.go", "package worker\n\nfunc f() { go f() }\n"},
		{"state", "shared/chain/x.go", "package chain\n\nvar n int\n"},
		{"state", "shared/chain/x.go", "package chain\n\nvar m = map[string]int{}\n"},
		{"state", "shared/chain/x.go", "package chain\n\nvar p = &T{}\n"},
		{"state", "shared/chain/x.go", "package chain\n\nvar ErrX = &Error{}\n\nfunc f() { ErrX.Code = 1 }\n"},
		{"state", "shared/chain/x.go", "package chain\n\nvar m = sync.Mutex{}\n"},
		{"state", "shared/chain/x.go", "package chain\n\nvar t = []int{1}\n\nfunc f() { t[0] = 2 }\n"},
		{"state", "shared/chain/x.go", "package chain\n\nvar t = [1]int{1}\n\nfunc f() *int { return &t[0] }\n"},
		{"state", "shared/chain/x.go", "package chain\n\nvar n = 1\n\nfunc f() { n++ }\n"},
		{"state", "relay/store/durable/x.go", "package durable\n\nvar open = make(chan int)\n"},
		{"named", "shared/util/x.go", doc + "package util\n"},
		{"named", "shared/chain/x.go", "package chain\n"},
		{"ragged", "shared/chain/x.go", "package chain\nvar  x  = 1\n"},
	} {
		s, err := parse(c.path, []byte(c.text))
		if err != nil {
			t.Fatal(err)
		}
		if len(rules[c.rule](s)) == 0 {
			t.Errorf("%s does not refuse %s:\n%s", c.rule, c.path, c.text)
		}
	}
	good := doc + "package chain\n\nimport (\n\t\"embed\"\n\t\"errors\"\n\t\"time\"\n)\n\nvar ErrX = errors.New(\"x\")\n\n" +
		"//go:embed x\nvar files embed.FS\n\nvar _ = f\n\nvar table = [...]int{1, 2}\n\n" +
		"func f(d time.Duration) int { return table[int(d)] }\n"
	s, err := parse("shared/chain/x.go", []byte(good))
	if err != nil {
		t.Fatal(err)
	}
	for name, rule := range rules {
		if bad := rule(s); len(bad) > 0 {
			t.Errorf("%s refuses a good file: %q", name, bad)
		}
	}
}
