package main

import (
	"encoding/json"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"

	"e2etap/internal/view"
)

// shown waits for the address of the page.
func (p *process) shown() string {
	p.t.Helper()
	address := regexp.MustCompile(`(?m)^e2etap: the run in the browser: (http://127\.0\.0\.1:\d+/[A-Z2-7]{26}/)$`)
	p.eventually("the page's address", func() bool { return address.MatchString(p.stderr.String()) })
	return address.FindStringSubmatch(p.stderr.String())[1]
}

func fetched(t *testing.T, url string) string {
	t.Helper()
	answer, err := http.Get(url)
	must(t, err)
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	must(t, err)
	if answer.StatusCode != http.StatusOK {
		t.Fatalf("%s: %s %s", url, answer.Status, body)
	}
	return string(body)
}

func liveOf(t *testing.T, url string) (live view.Live) {
	t.Helper()
	must(t, json.Unmarshal([]byte(fetched(t, url+"api/live")), &live))
	return live
}

func TestThePageShowsTheRunWhileItGoesOn(t *testing.T) {
	t.Parallel()
	b := newBench(t, newAPI(t).kubeconfig())
	p := b.start("proxy", "run", "--db", b.db, "--ui", "--", "sh", "-c", "client -ua 'e2e.test/v1 -- one' -n 3 /api/v1/pods; until [ -e end ]; do sleep 0.05; done")
	url := p.shown()
	if page := fetched(t, url); !strings.Contains(page, `src="app.js"`) {
		t.Errorf("page %q", page)
	}
	p.eventually("the requests", func() bool { return liveOf(t, url).Requests == 3 })
	if live := liveOf(t, url); live.Ended || len(live.Rows) != 3 || live.Rows[0].Test != "one" {
		t.Errorf("%+v, want 3 requests of one in a run without an end", live)
	}
	must(t, os.WriteFile(filepath.Join(b.dir, "end"), nil, 0o600))
	p.ends(0)
	if answer, err := http.Get(url); err == nil {
		answer.Body.Close()
		t.Errorf("%s after the end of the run, want no answer", answer.Status)
	}
	if strings.Contains(p.stderr.String(), "warning") || p.stdout.String() != "" {
		t.Errorf("stdout %q, stderr %q", p.stdout.String(), p.stderr.String())
	}
}

func TestServeShowsThePageWithoutAChangeOfItsExportLines(t *testing.T) {
	t.Parallel()
	b := newBench(t, newAPI(t).kubeconfig())
	p, _ := b.serve("--ui=127.0.0.1:0") // which reads them
	if live := liveOf(t, p.shown()); live.Ended {
		t.Errorf("%+v, want no end", live)
	}
	p.signal(syscall.SIGINT)
	p.ends(0)
}

// A browser that keeps its connection does not keep the run.
func TestARunDoesNotWaitForBrowsers(t *testing.T) {
	t.Parallel()
	b := newBench(t, newAPI(t).kubeconfig())
	p, _ := b.serve("--ui")
	url := p.shown()
	fetched(t, url)
	host, _, _ := strings.Cut(strings.TrimPrefix(url, "http://"), "/")
	early, err := net.Dial("tcp", host) // as browsers open one for later
	must(t, err)
	defer early.Close()
	p.signal(syscall.SIGTERM)
	p.ends(0)
	contains(t, p.stderr.String(), "e2etap: recorded 0 requests")
}

func TestARunGoesOnWithoutItsPage(t *testing.T) {
	t.Parallel()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	defer l.Close()
	b := newBench(t, newAPI(t).kubeconfig())
	p := b.start("proxy", "run", "--db", b.db, "--ui="+l.Addr().String(), "--", "client", "-n", "2", "/api/v1/pods")
	p.ends(0)
	contains(t, p.stderr.String(), "e2etap: warning: the run is not shown in the browser: listen tcp "+l.Addr().String(), "recorded 2 requests")
}
