package main

import (
	"bytes"
	"compress/gzip"
	"io"
	"os"
	"path/filepath"
	"testing"
)

func TestCopyListsChangesNothing(t *testing.T) {
	checkout, folder := t.TempDir(), filepath.Join(t.TempDir(), "v1.2")
	from := filepath.Join(checkout, "test", "conformance", "testdata")
	if err := os.MkdirAll(from, 0o755); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"conformance.yaml", "ineligible_endpoints.yaml", "pending_eligible_endpoints.yaml"} {
		if err := os.WriteFile(filepath.Join(from, name), []byte("# "+name+"\n"), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if err := copyLists(checkout, folder); err != nil {
		t.Fatal(err)
	}
	packed, err := gzip.NewReader(bytes.NewReader(content(t, folder, "conformance.yaml.gz")))
	if err != nil {
		t.Fatal(err)
	}
	tests, err := io.ReadAll(packed)
	if err != nil || string(tests) != "# conformance.yaml\n" {
		t.Errorf("got tests %q, %v", tests, err)
	}
	for _, name := range []string{"ineligible_endpoints.yaml", "pending_eligible_endpoints.yaml"} {
		if got := string(content(t, folder, name)); got != "# "+name+"\n" {
			t.Errorf("got %s %q", name, got)
		}
	}
}

func content(t *testing.T, folder, name string) []byte {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(folder, name))
	if err != nil {
		t.Fatal(err)
	}
	return data
}
