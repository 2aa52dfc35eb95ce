// Copy makes a minor's folder beside it from a checkout of Kubernetes, with its three conformance lists as they are, the
// large one packed with gzip:
//
//	go run ./internal/conformance/data CHECKOUT internal/conformance/data/v1.37
//
// Run again on the same checkout, it writes the same bytes. Name the checkout's tag in README.md.
package main

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"os"
	"path/filepath"
)

func main() {
	if len(os.Args) != 3 {
		fmt.Fprintln(os.Stderr, "usage: go run ./internal/conformance/data CHECKOUT FOLDER")
		os.Exit(2)
	}
	if err := copyLists(os.Args[1], os.Args[2]); err != nil {
		fmt.Fprintln(os.Stderr, "copy conformance lists:", err)
		os.Exit(1)
	}
}

// copyLists copies the lists of a checkout into a folder, which it makes.
func copyLists(checkout, folder string) error {
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return err
	}
	for _, list := range []struct {
		name string
		pack bool
	}{
		{"conformance.yaml", true},
		{"ineligible_endpoints.yaml", false},
		{"pending_eligible_endpoints.yaml", false},
	} {
		content, err := os.ReadFile(filepath.Join(checkout, "test", "conformance", "testdata", list.name))
		if err != nil {
			return err
		}
		to := filepath.Join(folder, list.name)
		if list.pack {
			to += ".gz"
			if content, err = pack(content); err != nil {
				return err
			}
		}
		if err := os.WriteFile(to, content, 0o644); err != nil {
			return err
		}
	}
	return nil
}

// pack packs a file without its name and time, so that the same content packs to the same bytes.
func pack(content []byte) ([]byte, error) {
	var packed bytes.Buffer
	w, err := gzip.NewWriterLevel(&packed, gzip.BestCompression)
	if err != nil {
		return nil, err
	}
	if _, err := w.Write(content); err != nil {
		return nil, err
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	return packed.Bytes(), nil
}
