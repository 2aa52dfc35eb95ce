package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"e2etap/internal/db"
	"e2etap/internal/traffic"
)

const goneTest = "[sig-old] A test that is gone"

// baseline records a run that differs from spectacle's in changes of most kinds.
func baseline(path string) error {
	rec, err := db.Create(path, traffic.Run{Name: "baseline", Command: []string{"e2e.test"}, Start: start.Add(-time.Hour)}, db.Options{})
	if err != nil {
		return err
	}
	s := &stage{rec: rec}
	s.spec(plainTest, "1", traffic.SpecPassed, 1000, 9000)
	for i := range 40 {
		s.ask(plainTest, 1400+i*100, 3, "get", "pods", "pods-1", "a", 200)
	}
	s.ask(plainTest, 6000, 3, "create", "pods", "pods-1", "", 422)
	s.ask(plainTest, 6100, 3, "list", "configmaps", "pods-1", "", 200)
	s.ask(scriptTest, 2000, 3, "list", "pods", "default", "", 200)
	s.ask(goneTest, 2000, 3, "list", "ingresses", "default", "", 200)
	for i := range 60 {
		s.ask("", 100+i*500, 3, "get", "nodes", "", "worker", 200)
	}
	return errors.Join(s.err, rec.Close(traffic.RunEnd{End: start.Add(-time.Hour + 70*time.Second)}))
}

// diffs is what "report diff" says of runs that differ.
func diffs(t *testing.T, args ...string) json.RawMessage {
	t.Helper()
	var stdout, stderr bytes.Buffer
	if code := run(context.Background(), append([]string{"diff", "-o", "json"}, args...), nil, &stdout, &stderr); code != 1 {
		t.Fatalf("report diff %q: exit code %d, want 1\n%s", args, code, stderr.String())
	}
	return stdout.Bytes()
}

// twoRuns is a recording of baseline and spectacle.
func twoRuns(t *testing.T, path string) {
	t.Helper()
	if err := errors.Join(baseline(path), spectacle(path)); err != nil {
		t.Fatal(err)
	}
}

// TestDifferencesInABrowser looks at two runs in one recording, in two, and in a file.
func TestDifferencesInABrowser(t *testing.T) {
	b := inBrowser(t)
	path, file, other := b.path("e2e.db"), b.path("run.html"), b.path("main.db")
	twoRuns(t, path)
	if err := baseline(other); err != nil {
		t.Fatal(err)
	}
	says(t, "html", "--db", path, "--out", file, "--against", "baseline")
	b.check("differences.mjs", map[string]any{
		"file": "file://" + file, "server": serving(t, path), "elsewhere": serving(t, path, "--against", other), "other": other,
		"diff": diffs(t, "--db", path, "baseline", "spectacle"), "back": diffs(t, "--db", path, "spectacle", "baseline"),
		"names": map[string]string{"plain": plainTest, "gone": goneTest},
	})
}

// change has what the view's changes and those of "report diff" have in common.
type change struct {
	Kind, Test, Client, Operation, OperationID string
	Status                                     *int64
	Before, After                              int64
}

func ask[T any](t *testing.T, url string) (v T) {
	t.Helper()
	answer, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	if err := json.NewDecoder(answer.Body).Decode(&v); err != nil {
		t.Fatal(err)
	}
	return v
}

func TestServeHasTheDifferencesThatDiffHas(t *testing.T) {
	dir := t.TempDir()
	path, other := filepath.Join(dir, "e2e.db"), filepath.Join(dir, "main.db")
	twoRuns(t, path)
	if err := baseline(other); err != nil {
		t.Fatal(err)
	}
	var want []change
	if err := json.Unmarshal(diffs(t, "--db", path, "baseline", "spectacle"), &want); err != nil || len(want) < 10 {
		t.Fatalf("%d changes, %v", len(want), err)
	}
	type compared struct{ Run, Label string }
	for _, c := range []struct{ flags, query, label string }{
		{"", "", ""},
		{"--against baseline", "", ""},
		{"--against " + other, "", other},
		{"--against " + other + ":baseline", "", other + ":baseline"},
		{"--against " + other, "?against=baseline", ""},
	} {
		got := ask[struct {
			Before, After compared
			Changes       []change
		}](t, serving(t, path, strings.Fields(c.flags)...)+"api/diff"+c.query)
		if got.Before != (compared{"baseline", c.label}) || got.After.Run != "spectacle" {
			t.Errorf("%s%s: from %+v to %+v, want from baseline %q to spectacle", c.flags, c.query, got.Before, got.After, c.label)
		}
		if d := cmp.Diff(want, got.Changes); d != "" {
			t.Errorf("%s%s (-report diff +api/diff)\n%s", c.flags, c.query, d)
		}
	}
}

func TestAnAddressThatIsTakenIsNoWrongUsage(t *testing.T) {
	path := filepath.Join(t.TempDir(), "e2e.db")
	if err := spied(path, "run"); err != nil {
		t.Fatal(err)
	}
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	var stdout, stderr bytes.Buffer
	if code := run(context.Background(), []string{"serve", "--db", path, "--listen", taken.Addr().String()}, nil, &stdout, &stderr); code != 1 || !strings.Contains(stderr.String(), taken.Addr().String()) {
		t.Errorf("exit code %d, want 1, and on stderr: %q", code, stderr.String())
	}
}

func TestAFileHasDifferencesOnlyIfItIsAskedFor(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "e2e.db")
	twoRuns(t, path)
	for flags, want := range map[string]bool{"": false, "--against baseline": true} {
		out := filepath.Join(dir, "run.html")
		says(t, append([]string{"html", "--db", path, "--out", out}, strings.Fields(flags)...)...)
		written, err := os.ReadFile(out)
		if err != nil {
			t.Fatal(err)
		}
		if got := bytes.Contains(written, []byte(` id="diff">`)); got != want {
			t.Errorf("html %s: a block of differences %t, want %t", flags, got, want)
		}
	}
}
