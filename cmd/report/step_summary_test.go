package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"e2etap/internal/render"
)

// longDocument is a document of much more than GitHub takes.
func longDocument() render.Document {
	rows := make([][]any, 20_000)
	for i := range rows {
		rows[i] = []any{fmt.Sprintf("test %d %s", i, strings.Repeat("x", 100)), int64(1), int64(1), "500 1"}
	}
	return render.Document{Title: "e2etap: long", Sections: []render.Section{section("errors", "Errors by test", errorColumns, rows)}}
}

// stepFile is a file of so many bytes, as earlier commands of a step left it.
func stepFile(t *testing.T, size int) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "step.md")
	if err := os.WriteFile(path, bytes.Repeat([]byte("a"), size), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv(stepSummary, path)
	return path
}

func TestStepSummariesStayBelowTheLimit(t *testing.T) {
	for _, before := range []int{0, 1000, 1 << 19, 1<<20 - 2000} {
		path := stepFile(t, before)
		if err := appendStepSummary(longDocument()); err != nil {
			t.Fatal(err)
		}
		got, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if len(got) > 1<<20 || len(got) < 1<<20-500 {
			t.Errorf("after %d bytes: %d, want %d and little less", before, len(got), 1<<20)
		}
		if !bytes.HasPrefix(got, bytes.Repeat([]byte("a"), before)) || !bytes.Contains(got, []byte(" more rows are left out: ")) {
			t.Errorf("after %d bytes: what was there is gone, or nothing says that rows are", before)
		}
	}
}

func TestAFullStepSummaryStaysAsItIs(t *testing.T) {
	for _, before := range []int{1<<20 - 20, 1 << 20, 1<<20 + 100} {
		path := stepFile(t, before)
		err := appendStepSummary(longDocument())
		if err == nil || !strings.Contains(err.Error(), "$GITHUB_STEP_SUMMARY") {
			t.Errorf("after %d bytes: %v, want an error that names the variable", before, err)
		}
		if info, err := os.Stat(path); err != nil || info.Size() != int64(before) {
			t.Errorf("after %d bytes: %v, %v", before, info.Size(), err)
		}
	}
}
