package folder

import (
	"archive/tar"
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"
)

func TestTarIsReadByTheStandardReader(t *testing.T) {
	files := map[string][]byte{
		"empty":                  {},
		"one":                    {1},
		"a block":                bytes.Repeat([]byte{2}, tarBlock),
		"a block and a byte":     bytes.Repeat([]byte{3}, tarBlock+1),
		strings.Repeat("n", 100): []byte("the longest name"),
	}
	var out bytes.Buffer
	for name, body := range files {
		addTar(&out, name, body)
	}
	endTar(&out)
	r := tar.NewReader(&out)
	for range files {
		h, err := r.Next()
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(r)
		if want, ok := files[h.Name]; err != nil || !ok || !bytes.Equal(body, want) {
			t.Errorf("%q came back as %d bytes, %v", h.Name, len(body), err)
		}
		if h.Mode != 0o600 || h.Typeflag != tar.TypeReg || h.Format != tar.FormatUSTAR || h.ModTime.Unix() != 0 {
			t.Errorf("%q has header %+v", h.Name, h)
		}
	}
	if _, err := r.Next(); !errors.Is(err, io.EOF) {
		t.Errorf("after the last file: %v", err)
	}
}

func TestTarPanicsOverItsBounds(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("a name of 101 bytes was written")
		}
	}()
	addTar(&bytes.Buffer{}, strings.Repeat("n", 101), nil)
}
