package main

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"
)

// browser is where Debian has Chromium. Elsewhere E2ETAP_CHROMIUM names it.
const browser = "/usr/bin/chromium"

// TestInABrowser opens every view of a recording, as a file and over loopback, and compares what they show with what report says.
func TestInABrowser(t *testing.T) {
	b := inBrowser(t)
	path, file := b.path("e2e.db"), b.path("run.html")
	if err := spectacle(path); err != nil {
		t.Fatal(err)
	}
	says(t, "html", "--db", path, "--out", file)
	b.check("browser.mjs", map[string]any{
		"file": "file://" + file, "server": serving(t, path),
		"byTest": asked(t, path, "--by-test"), "untagged": asked(t, path, "--untagged"), "specs": asked(t, path, "specs"),
		"byEndpoint": asked(t, path, "--by", "verb,resource,group"), "list": asked(t, path, "--list", "--test", plainTest),
		"names": map[string]string{"plain": plainTest, "script": scriptTest, "rtl": rtlTest, "long": longTest},
	})
}

// browserTest is a test whose checks are programs for Node.js in ui/test.
type browserTest struct {
	*testing.T
	ui, dir, chromium string
}

// inBrowser skips the test where something is missing. That is easily overlooked: "make ui-check" says it loudly.
func inBrowser(t *testing.T) browserTest {
	t.Helper()
	b := browserTest{t, "", t.TempDir(), browser}
	if other := os.Getenv("E2ETAP_CHROMIUM"); other != "" {
		b.chromium = other
	}
	var err error
	if b.ui, err = filepath.Abs("../../ui"); err != nil {
		t.Fatal(err)
	}
	if _, err := exec.LookPath("node"); err != nil {
		t.Skipf("SKIPPED, nothing is tested in a browser: %v", err)
	}
	for _, needed := range []string{b.chromium, filepath.Join(b.ui, "node_modules", "playwright-core"), filepath.Join(b.ui, "node_modules", "axe-core")} {
		if _, err := os.Stat(needed); err != nil {
			t.Skipf("SKIPPED, nothing is tested in a browser: %v", err)
		}
	}
	return b
}

func (b browserTest) path(name string) string { return filepath.Join(b.dir, name) }

// check runs a program of ui/test with a plan.
func (b browserTest) check(program string, plan map[string]any) {
	b.Helper()
	plan["chromium"], plan["profile"] = b.chromium, b.path("profile")
	input, err := json.Marshal(plan)
	if err != nil {
		b.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Minute)
	defer cancel()
	node := exec.CommandContext(ctx, "node", filepath.Join("test", program))
	node.Dir, node.Stdin = b.ui, bytes.NewReader(input)
	out, err := node.CombinedOutput()
	b.Logf("%s", out)
	if err != nil {
		b.Errorf("node test/%s: %v", program, err)
	}
}

// says is what report prints.
func says(t *testing.T, args ...string) string {
	t.Helper()
	var stdout, stderr bytes.Buffer
	if code := run(context.Background(), args, nil, &stdout, &stderr); code != 0 {
		t.Fatalf("report %q: exit code %d\n%s", args, code, stderr.String())
	}
	return stdout.String()
}

// asked is what report answers about a recording.
func asked(t *testing.T, path string, args ...string) json.RawMessage {
	t.Helper()
	return json.RawMessage(says(t, append(args, "--db", path, "-o", "json")...))
}
