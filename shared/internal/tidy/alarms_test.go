package tidy

import (
	"crypto/sha256"
	"encoding/hex"
	"go/ast"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// Alarms ask for a second look; they refuse nothing.
const (
	alarmMedian  = 12  // lines of the median function
	alarmLines   = 70  // lines of a function
	alarmFile    = 500 // lines of a file
	alarmNesting = 3
	alarmNames   = 40 // exported names of a package
)

func TestAlarms(t *testing.T) {
	for room, files := range byRoom(sources(t)) {
		code, tests, exported := 0, 0, 0
		var lengths []int
		for _, s := range files {
			lines := strings.Count(string(s.text), "\n")
			switch {
			case strings.HasSuffix(s.path, "_gen.go"):
				continue
			case s.test():
				tests += lines
				continue
			}
			code += lines
			exported += exportedNames(s)
			if lines > alarmFile {
				t.Logf("%s has %d lines", s.path, lines)
			}
			lengths = append(lengths, functions(t, s)...)
		}
		slices.Sort(lengths)
		if n := len(lengths); n > 0 && lengths[n/2] > alarmMedian {
			t.Logf("%s: the median function has %d lines", room, lengths[n/2])
		}
		if exported > alarmNames {
			t.Logf("%s exports %d names", room, exported)
		}
		if under(room, "shared") && tests < code {
			t.Logf("%s: %d lines of tests for %d of code", room, tests, code)
		}
	}
}

func functions(t *testing.T, s source) (lengths []int) {
	for _, d := range s.file.Decls {
		f, ok := d.(*ast.FuncDecl)
		if !ok || f.Body == nil {
			continue
		}
		n := s.fset.Position(f.Body.End()).Line - s.fset.Position(f.Body.Pos()).Line
		lengths = append(lengths, n)
		if n > alarmLines {
			t.Logf("%s: %s has %d lines", s.at(f), f.Name.Name, n)
		}
		if depth := nesting(f.Body, 0); depth > alarmNesting {
			t.Logf("%s: %s nests %d deep", s.at(f), f.Name.Name, depth)
		}
	}
	return lengths
}

// nesting counts loops, branches and switches inside one another; else-if is no deeper than its if.
func nesting(n ast.Node, depth int) int {
	most := depth
	ast.Inspect(n, func(c ast.Node) bool {
		if c == n || c == nil {
			return true
		}
		switch c := c.(type) {
		case *ast.IfStmt:
			most = max(most, nesting(c.Body, depth+1))
			if c.Else != nil {
				most = max(most, nesting(c.Else, depth+1))
			}
			return false
		case *ast.ForStmt:
			most = max(most, nesting(c.Body, depth+1))
			return false
		case *ast.RangeStmt:
			most = max(most, nesting(c.Body, depth+1))
			return false
		case *ast.SwitchStmt:
			most = max(most, nesting(c.Body, depth+1))
			return false
		}
		return true
	})
	return most
}

func exportedNames(s source) (n int) {
	for _, d := range s.file.Decls {
		switch d := d.(type) {
		case *ast.FuncDecl:
			if d.Recv == nil && d.Name.IsExported() {
				n++
			}
		case *ast.GenDecl:
			for _, spec := range d.Specs {
				switch spec := spec.(type) {
				case *ast.TypeSpec:
					if spec.Name.IsExported() {
						n++
					}
				case *ast.ValueSpec:
					n += len(slices.DeleteFunc(slices.Clone(spec.Names), func(i *ast.Ident) bool { return !i.IsExported() }))
				}
			}
		}
	}
	return n
}

// neverClaimed is SHA-256 of SECURITY.md's list of what is never claimed, white space made single. The list is a
// promise to readers: it changes only together with this line.
const neverClaimed = "16743e9d9d619d373fccfdf65f9d1a1d8371963861ab8026badf00a9bbdb8165"

// claims cuts that list out of a page and normalizes it.
func claims(page string) string {
	_, rest, ok := strings.Cut(page, "We never claim")
	if !ok {
		return ""
	}
	if at := strings.Index(rest, "\n- "); at >= 0 {
		rest = rest[at+1:]
	}
	if at := strings.Index(rest, "\n#"); at >= 0 {
		rest = rest[:at]
	}
	return strings.Join(strings.Fields(rest), " ")
}

func TestSecurityKeepsItsWord(t *testing.T) {
	page, err := os.ReadFile(filepath.Join(root(t), "SECURITY.md"))
	if err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256([]byte(claims(string(page))))
	if hex.EncodeToString(sum[:]) != neverClaimed {
		t.Errorf("SECURITY.md's list of what is never claimed has changed:\n%s", claims(string(page)))
	}
	if claims("We never claim\n\n- one\n  thing\n\n# Next") != "- one thing" {
		t.Error("the list is not cut out as it should be")
	}
}
