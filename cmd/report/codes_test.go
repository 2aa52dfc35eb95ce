package main

import (
	"bytes"
	"context"
	"path/filepath"
	"strings"
	"testing"
)

func TestExitCodes(t *testing.T) {
	path := filepath.Join(t.TempDir(), "e2e.db")
	if err := record(path, "first"); err != nil {
		t.Fatal(err)
	}
	for args, want := range map[string]int{
		"--by-test":               0,
		"--by-test --verb patch":  0,
		"--by-test --run unknown": 1,
		"--by-test --db /no/file": 1,
		"":                        2,
		"--by nothing":            2,
		"--by-test -o yaml":       2,
		"runs -o yaml":            2,
		"runs too":                2,
		"unknown":                 2,
		"--unknown":               2,
		"--by-test --status 700":  2,
		"--by-test --since never": 2,
	} {
		var stdout, stderr bytes.Buffer
		words := append([]string{"--db", path}, strings.Fields(args)...)
		if got := run(context.Background(), words, nil, &stdout, &stderr); got != want {
			t.Errorf("report %s: exit code %d, want %d\n%s", args, got, want, stderr.String())
		}
		if (stderr.Len() == 0) != (want == 0) && !strings.Contains(stderr.String(), "no requests match") {
			t.Errorf("report %s: exit code %d, and on stderr: %q", args, want, stderr.String())
		}
	}
}
