package main

import (
	"context"
	"path/filepath"
	"strings"
	"testing"
)

// The reader is the caller's, not the process's own standard input.
func TestImportResultsReadsTheGivenInput(t *testing.T) {
	recording := filepath.Join(t.TempDir(), "e2e.db")
	if err := spied(recording, "spied"); err != nil {
		t.Fatal(err)
	}
	results := strings.NewReader(`<testsuite><testcase name="` + podTest + `" time="1"><failure>no</failure></testcase></testsuite>`)
	var stdout, stderr strings.Builder
	code := run(context.Background(), []string{"import-results", "-", "--db", recording, "-o", "csv"}, results, &stdout, &stderr)
	if want := "\n-,1,0,1,"; code != 0 || !strings.Contains(stdout.String(), want) {
		t.Errorf("exit code %d, stdout %q, stderr %q; want 0 and %q", code, stdout.String(), stderr.String(), want)
	}
}
