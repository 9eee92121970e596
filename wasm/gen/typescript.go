package main

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"reflect"
	"regexp"
	"strconv"
	"strings"
)

// scalars are the Go types that JSON carries as they are. An int64 here is a time in milliseconds or a count,
// far below 2^53, where JavaScript stops counting.
var scalars = map[string]string{"string": "string", "bool": "boolean", "int": "number", "int64": "number"}

// contract is what types.go declares, in its order.
type contract struct {
	names []string
	specs map[string]*ast.TypeSpec
	docs  map[string]string
	enums map[string][]string
}

// typescript turns the Go source of the types and the method table into one TypeScript file.
func typescript(types, methods []byte) ([]byte, error) {
	c, err := parse(types)
	if err != nil {
		return nil, err
	}
	var body bytes.Buffer
	for _, name := range c.names {
		if err := c.writeType(&body, name); err != nil {
			return nil, err
		}
	}
	if err := c.writeMethods(&body, methods); err != nil {
		return nil, err
	}
	var out bytes.Buffer
	fmt.Fprintf(&out, "// Made by `go run ./wasm/gen` from wasm/api. Do not edit.\n\n")
	fmt.Fprintf(&out, "/** Two tabs may talk only when this is equal in both. */\n")
	fmt.Fprintf(&out, "export const contract = %q\n", fmt.Sprintf("%.8x", sha256.Sum256(body.Bytes())))
	out.Write(body.Bytes())
	return out.Bytes(), nil
}

func parse(src []byte) (*contract, error) {
	file, err := parser.ParseFile(token.NewFileSet(), "types.go", src, parser.ParseComments)
	if err != nil {
		return nil, err
	}
	c := &contract{specs: map[string]*ast.TypeSpec{}, docs: map[string]string{}, enums: map[string][]string{}}
	for _, decl := range file.Decls {
		d, ok := decl.(*ast.GenDecl)
		if !ok {
			return nil, fmt.Errorf("types.go holds types and constants only")
		}
		for _, spec := range d.Specs {
			switch s := spec.(type) {
			case *ast.TypeSpec:
				c.names = append(c.names, s.Name.Name)
				c.specs[s.Name.Name] = s
				c.docs[s.Name.Name] = d.Doc.Text() + s.Doc.Text()
			case *ast.ValueSpec:
				if err := c.addEnum(s); err != nil {
					return nil, err
				}
			}
		}
	}
	return c, nil
}

func (c *contract) addEnum(s *ast.ValueSpec) error {
	kind, ok := s.Type.(*ast.Ident)
	if !ok || len(s.Values) != 1 {
		return fmt.Errorf("constant %s needs a named type and one value", s.Names[0].Name)
	}
	lit, ok := s.Values[0].(*ast.BasicLit)
	if !ok || lit.Kind != token.STRING {
		return fmt.Errorf("constant %s is not a string", s.Names[0].Name)
	}
	value, err := strconv.Unquote(lit.Value)
	if err != nil {
		return err
	}
	c.enums[kind.Name] = append(c.enums[kind.Name], value)
	return nil
}

func (c *contract) writeType(w *bytes.Buffer, name string) error {
	fmt.Fprintln(w)
	writeDoc(w, "", c.docs[name])
	if st, ok := c.specs[name].Type.(*ast.StructType); ok {
		return c.writeStruct(w, name, st)
	}
	if values := c.enums[name]; len(values) > 0 {
		for i, v := range values {
			values[i] = strconv.Quote(v)
		}
		fmt.Fprintf(w, "export type %s = %s\n", name, strings.Join(values, " | "))
		return nil
	}
	t, err := c.expr(c.specs[name].Type)
	if err != nil {
		return fmt.Errorf("type %s: %v", name, err)
	}
	fmt.Fprintf(w, "export type %s = %s\n", name, t)
	return nil
}

func (c *contract) writeStruct(w *bytes.Buffer, name string, st *ast.StructType) error {
	if st.Fields.NumFields() == 0 {
		fmt.Fprintf(w, "export type %s = { [key: string]: never }\n", name)
		return nil
	}
	fmt.Fprintf(w, "export interface %s {\n", name)
	seen := map[string]bool{}
	for _, field := range st.Fields.List {
		key, err := jsonName(field)
		if err != nil {
			return fmt.Errorf("type %s: %v", name, err)
		}
		if seen[key] {
			return fmt.Errorf("type %s has %q twice", name, key)
		}
		seen[key] = true
		t, err := c.expr(field.Type)
		if err != nil {
			return fmt.Errorf("type %s, field %s: %v", name, key, err)
		}
		writeDoc(w, "  ", field.Doc.Text()+field.Comment.Text())
		fmt.Fprintf(w, "  %s: %s\n", key, t)
	}
	fmt.Fprintln(w, "}")
	return nil
}

var plainKey = regexp.MustCompile(`^[a-zA-Z][a-zA-Z0-9]*$`)

// jsonName is the key under which encoding/json writes the field; it must be stated, without options, so that
// every key is always present.
func jsonName(field *ast.Field) (string, error) {
	if len(field.Names) != 1 || !field.Names[0].IsExported() || field.Tag == nil {
		return "", fmt.Errorf("field %v needs one exported name and a json tag", field.Names)
	}
	tag, err := strconv.Unquote(field.Tag.Value)
	if err != nil {
		return "", err
	}
	key := reflect.StructTag(tag).Get("json")
	if !plainKey.MatchString(key) {
		return "", fmt.Errorf("field %s has the json tag %q", field.Names[0].Name, key)
	}
	return key, nil
}

func (c *contract) expr(e ast.Expr) (string, error) {
	switch t := e.(type) {
	case *ast.Ident:
		if s, ok := scalars[t.Name]; ok {
			return s, nil
		}
		if _, ok := c.specs[t.Name]; ok {
			return t.Name, nil
		}
		return "", fmt.Errorf("unknown type %s", t.Name)
	case *ast.ArrayType:
		if t.Len != nil {
			return "", fmt.Errorf("an array of fixed length")
		}
		item, err := c.expr(t.Elt)
		return item + "[]", err
	}
	return "", fmt.Errorf("a %T", e)
}

// row is one line of the table in methods.md: | name | Args → Result | bytes |.
var row = regexp.MustCompile(`^\| ([a-z]+(?:\.[a-z]+)?) \| (\w+) → (\w+) \| (.*)\|$`)

func (c *contract) writeMethods(w *bytes.Buffer, table []byte) error {
	fmt.Fprintf(w, "\n/** What each method takes and answers. */\nexport interface Methods {\n")
	seen := map[string]bool{}
	inTable := false
	for line := range strings.Lines(string(table)) {
		line = strings.TrimSpace(line)
		if strings.HasPrefix(line, "|---") {
			inTable = true
			continue
		}
		if !inTable || line == "" {
			continue
		}
		m := row.FindStringSubmatch(line)
		if m == nil {
			return fmt.Errorf("methods.md: malformed row %q", line)
		}
		name, args, result, note := m[1], m[2], m[3], strings.TrimSpace(m[4])
		if seen[name] {
			return fmt.Errorf("methods.md: %s twice", name)
		}
		seen[name] = true
		for _, t := range []string{args, result} {
			if c.specs[t] == nil {
				return fmt.Errorf("methods.md: %s names the unknown type %s", name, t)
			}
		}
		writeDoc(w, "  ", note)
		fmt.Fprintf(w, "  %q: { args: %s; result: %s }\n", name, args, result)
	}
	if len(seen) == 0 {
		return fmt.Errorf("methods.md: no method")
	}
	fmt.Fprintln(w, "}")
	return nil
}

func writeDoc(w *bytes.Buffer, indent, doc string) {
	lines := strings.Split(strings.TrimSpace(doc), "\n")
	switch {
	case lines[0] == "":
	case len(lines) == 1:
		fmt.Fprintf(w, "%s/** %s */\n", indent, lines[0])
	default:
		fmt.Fprintf(w, "%s/**\n", indent)
		for _, l := range lines {
			fmt.Fprintf(w, "%s * %s\n", indent, l)
		}
		fmt.Fprintf(w, "%s */\n", indent)
	}
}
