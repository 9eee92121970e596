package tidy

import (
	"encoding/json"
	"go/ast"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// This file holds the pages a reader starts from to what the tree has.

func page(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(root(t), filepath.FromSlash(path)))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

var (
	namedTest = regexp.MustCompile(`\bTest[A-Z]\w*`)
	attack    = regexp.MustCompile(`\bA(\d+)(?:–A(\d+))?`)
	required  = regexp.MustCompile(`(?m)^\t(\S+) v\S+$`)
)

// tests lists every test function.
func tests(all []source) map[string]bool {
	names := map[string]bool{}
	for _, s := range all {
		for _, d := range s.file.Decls {
			if f, ok := d.(*ast.FuncDecl); ok && s.test() && f.Recv == nil {
				names[f.Name.Name] = true
			}
		}
	}
	return names
}

// lacking gives the tests that a page names and nobody wrote.
func lacking(page string, have map[string]bool) []string {
	return slices.DeleteFunc(namedTest.FindAllString(page, -1), func(name string) bool { return have[name] })
}

func TestPagesNameTestsThatExist(t *testing.T) {
	have := tests(sources(t))
	for _, p := range []string{"SECURITY.md", "ARCHITECTURE.md"} {
		for _, name := range lacking(page(t, p), have) {
			t.Errorf("%s names %s, which does not exist", p, name)
		}
	}
	if bad := lacking("`TestThere`, `TestNowhere`", map[string]bool{"TestThere": true}); !slices.Equal(bad, []string{"TestNowhere"}) {
		t.Errorf("found %q", bad)
	}
}

// attacks lists the numbers that a page names, ranges spelled out, as in TestAttackA01.
func attacks(page string) (names []string) {
	number := func(s string) (n int) {
		for _, c := range s {
			n = 10*n + int(c-'0')
		}
		return n
	}
	for _, m := range attack.FindAllStringSubmatch(page, -1) {
		for n := number(m[1]); n <= max(number(m[1]), number(m[2])); n++ {
			names = append(names, "A"+string(rune('0'+n/10))+string(rune('0'+n%10)))
		}
	}
	return names
}

func TestAttacksThatSecurityNamesHaveTests(t *testing.T) {
	have := tests(sources(t))
	for _, a := range attacks(page(t, "SECURITY.md")) {
		found := false
		for name := range have {
			found = found || strings.HasPrefix(name, "TestAttack"+a)
		}
		if !found {
			t.Errorf("SECURITY.md names %s, and no TestAttack%s exists", a, a)
		}
	}
	if got := attacks("A1, A9–A11; A200 is `0xA1B`"); !slices.Equal(got[:4], []string{"A01", "A09", "A10", "A11"}) {
		t.Errorf("found %q", got)
	}
}

// TestDependenciesHaveReasons compares the direct lists of go.mod and package.json with README's table, both ways.
func TestDependenciesHaveReasons(t *testing.T) {
	_, table, ok := strings.Cut(page(t, "README.md"), "## Dependencies, and why")
	if !ok {
		t.Fatal("README.md has no dependencies")
	}
	var direct []string
	for _, m := range required.FindAllStringSubmatch(page(t, "go.mod"), -1) {
		direct = append(direct, m[1])
	}
	for _, module := range direct {
		if !strings.Contains(table, module+" ") {
			t.Errorf("README.md gives no reason for %s", module)
		}
	}
	for _, name := range regexp.MustCompile(`\b(?:github\.com|golang\.org|filippo\.io|c2sp\.org|modernc\.org|go\.uber\.org|pgregory\.net)/[\w./-]+`).FindAllString(table, -1) {
		if !slices.Contains(direct, name) {
			t.Errorf("README.md gives a reason for %s, which go.mod does not require", name)
		}
	}
	var web struct{ Dependencies, DevDependencies map[string]string }
	if err := json.Unmarshal([]byte(page(t, "web/package.json")), &web); err != nil {
		t.Fatal(err)
	}
	for name := range web.Dependencies {
		if !strings.Contains(table, "| "+name+" |") {
			t.Errorf("README.md gives no reason for %s", name)
		}
	}
	for name := range web.DevDependencies {
		if !strings.Contains(table, name) {
			t.Errorf("README.md gives no reason for %s", name)
		}
	}
}

// classic are names that would seal to something else than ML-KEM-768 + X25519, or to a passphrase alone.
var classic = []string{
	"age.GenerateX25519Identity", "age.ParseX25519Identity", "age.ParseX25519Recipient", "age.NewScryptRecipient", "age.NewScryptIdentity",
	"age.ParseRecipients", "age.ParseIdentities",
	"hpke.DHKEM", "hpke.NewDHKEM", "hpke.MLKEM768P256", "hpke.MLKEM1024P384", "hpke.MLKEM768", "hpke.MLKEM1024",
}

// classicSeals reports seals of one kind of key only.
func classicSeals(s source) (bad []string) {
	if s.test() {
		return nil
	}
	for _, p := range []string{"filippo.io/age/agessh", "filippo.io/age/plugin", "crypto/rsa", "crypto/ecdh", "golang.org/x/crypto/nacl/box"} {
		if s.imports(p) {
			bad = append(bad, s.path+" imports "+p)
		}
	}
	ast.Inspect(s.file, func(n ast.Node) bool {
		if e, ok := n.(*ast.SelectorExpr); ok && slices.Contains(classic, exprText(e)) {
			bad = append(bad, s.at(e)+" names "+exprText(e))
		}
		return true
	})
	return bad
}

// TestPromise6HybridOnly: nothing that ships names a way to seal that is not hybrid. What others seal so is refused by
// TestAttackA10 of shared/seal.
func TestPromise6HybridOnly(t *testing.T) {
	for _, s := range sources(t) {
		for _, bad := range classicSeals(s) {
			t.Error(bad)
		}
	}
	for _, text := range []string{
		"package seal\n\nimport _ \"crypto/ecdh\"\n",
		"package seal\n\nvar id, _ = age.GenerateX25519Identity()\n",
		"package share\n\nvar k = hpke.DHKEM(ecdh.X25519())\n",
	} {
		s, err := parse("shared/seal/x.go", []byte(text))
		if err != nil || len(classicSeals(s)) == 0 {
			t.Errorf("%v, not refused:\n%s", err, text)
		}
	}
}
