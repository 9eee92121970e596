package record

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// sampleFiles gives every JSON file below the topics of the third-party samples, or skips.
func sampleFiles(t *testing.T, topics ...string) []string {
	t.Helper()
	root := os.Getenv("ANAMNESIS_DATA")
	if root == "" {
		root = filepath.Join(moduleRoot(t), "..", "shared", "data")
	}
	if _, err := os.Stat(root); err != nil {
		t.Skip("third-party samples not found at ../shared/data; set ANAMNESIS_DATA")
	}
	var files []string
	for _, topic := range topics {
		before := len(files)
		err := filepath.WalkDir(filepath.Join(root, topic), func(path string, d fs.DirEntry, err error) error {
			if err == nil && !d.IsDir() && strings.HasSuffix(path, ".json") {
				files = append(files, path)
			}
			return err
		})
		if os.IsNotExist(err) {
			t.Skipf("third-party samples hold no %s", topic)
		}
		if err != nil || len(files) == before {
			t.Fatalf("no sample read below %s: %v", topic, err)
		}
	}
	t.Logf("%d files", len(files))
	return files
}

func moduleRoot(t *testing.T) string {
	t.Helper()
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir
		}
		if filepath.Dir(dir) == dir {
			t.Fatal("no go.mod above the test")
		}
		dir = filepath.Dir(dir)
	}
}

func readFile(t *testing.T, path string) []byte {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func ownSamples(t *testing.T) []string {
	t.Helper()
	files, err := filepath.Glob("testdata/*.json")
	if err != nil || len(files) == 0 {
		t.Fatalf("own samples: %v, %v", files, err)
	}
	return files
}
