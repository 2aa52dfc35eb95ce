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
// The checks are in ui/test; "make ui-browser" says loudly if this is skipped.
func TestInABrowser(t *testing.T) {
	chromium := browser
	if other := os.Getenv("E2ETAP_CHROMIUM"); other != "" {
		chromium = other
	}
	ui, err := filepath.Abs("../../ui")
	if err != nil {
		t.Fatal(err)
	}
	for _, needed := range []string{chromium, filepath.Join(ui, "node_modules", "playwright-core"), filepath.Join(ui, "node_modules", "axe-core")} {
		if _, err := os.Stat(needed); err != nil {
			t.Skipf("SKIPPED, nothing is tested in a browser: %v", err)
		}
	}
	dir := t.TempDir()
	path, file := filepath.Join(dir, "e2e.db"), filepath.Join(dir, "run.html")
	if err := spectacle(path); err != nil {
		t.Fatal(err)
	}
	says(t, "html", "--db", path, "--out", file)
	plan := map[string]any{
		"chromium": chromium, "profile": filepath.Join(dir, "profile"), "file": "file://" + file, "server": serving(t, path), "screenshots": os.Getenv("E2ETAP_SCREENSHOTS"),
		"byTest": asked(t, path, "--by-test"), "untagged": asked(t, path, "--untagged"), "specs": asked(t, path, "specs"),
		"byEndpoint": asked(t, path, "--by", "verb,resource,group"), "list": asked(t, path, "--list", "--test", plainTest),
		"names": map[string]string{"plain": plainTest, "script": scriptTest, "rtl": rtlTest, "long": longTest},
	}
	b, err := json.Marshal(plan)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Minute)
	defer cancel()
	node := exec.CommandContext(ctx, "node", "test/browser.mjs")
	node.Dir, node.Stdin = ui, bytes.NewReader(b)
	out, err := node.CombinedOutput()
	t.Logf("%s", out)
	if err != nil {
		t.Errorf("node test/browser.mjs: %v", err)
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
