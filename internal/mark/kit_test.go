package mark

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/rs/zerolog"

	"e2etap/internal/peer"
	"e2etap/internal/traffic"
)

// asClient makes the test binary a client: it asks for the URL in this variable and prints the answer.
const asClient = "E2ETAP_MARK_CLIENT"

func TestMain(m *testing.M) {
	url := os.Getenv(asClient)
	if url == "" {
		os.Exit(m.Run())
	}
	status, text, err := ask(http.MethodGet, url, "", nil)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	fmt.Println(status, text)
}

// ask sends a request on a connection of its own.
func ask(method, url, contentType string, body io.Reader) (status int, text string, err error) {
	req, err := http.NewRequest(method, url, body)
	if err != nil {
		return 0, "", err
	}
	if contentType != "" {
		req.Header.Set("Content-Type", contentType)
	}
	c := http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	res, err := c.Do(req)
	if err != nil {
		return 0, "", err
	}
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	return res.StatusCode, string(b), err
}

// taken is a mark as the server told it.
type taken struct {
	test string
	p    *traffic.Process
	at   time.Time
}

// world is a running server with what it has told.
type world struct {
	t *testing.T
	*Server
	cancel context.CancelFunc
	ended  chan error
	log    *bytes.Buffer // to be read after stop

	mu    sync.Mutex
	marks []taken
}

// newWorld starts a server; change may be nil.
func newWorld(t *testing.T, change func(*Config)) *world {
	t.Helper()
	before := runtime.NumGoroutine()
	w := &world{t: t, ended: make(chan error, 1), log: new(bytes.Buffer)}
	c := Config{Peers: peer.NewFinder(), Mark: w.mark, Log: zerolog.New(zerolog.SyncWriter(w.log))}
	if change != nil {
		change(&c)
	}
	s, err := Listen(c)
	must(t, err)
	w.Server = s
	ctx, cancel := context.WithCancel(context.Background())
	w.cancel = cancel
	go func() { w.ended <- s.Run(ctx) }()
	t.Cleanup(func() {
		w.stop()
		eventually(t, "no goroutine is left", func() bool { return runtime.NumGoroutine() <= before })
	})
	return w
}

func (w *world) mark(test string, p *traffic.Process, at time.Time) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.marks = append(w.marks, taken{test, p, at})
}

// stop ends the server; again, it does nothing.
func (w *world) stop() {
	w.t.Helper()
	w.cancel()
	select {
	case err := <-w.ended:
		if err != nil {
			w.t.Errorf("Run: %v", err)
		}
		w.ended <- nil
	case <-time.After(20 * time.Second):
		w.t.Fatal("Run does not return")
	}
}

// only returns the one mark that was taken.
func (w *world) only() taken {
	w.t.Helper()
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(w.marks) != 1 {
		w.t.Fatalf("%d marks %v, want one", len(w.marks), w.marks)
	}
	return w.marks[0]
}

// url is that of marks, with a query.
func (w *world) url(query string) string { return w.URL() + "/e2e/mark" + query }

// client prepares a process of the test binary, under another name, that marks.
func (w *world) client(name, url string) *exec.Cmd {
	w.t.Helper()
	exe, err := os.Executable()
	must(w.t, err)
	path := filepath.Join(w.t.TempDir(), name)
	if os.Link(exe, path) != nil { // another file system
		b, err := os.ReadFile(exe)
		must(w.t, err)
		must(w.t, os.WriteFile(path, b, 0o700))
	}
	cmd := exec.Command(path)
	cmd.Env = append(os.Environ(), asClient+"="+url)
	return cmd
}

// belowShell makes a command one that a shell runs. Its process is the shell's.
func belowShell(cmd *exec.Cmd) *exec.Cmd {
	sh := exec.Command("sh", append([]string{"-c", `"$@"; true`, "sh"}, cmd.Args...)...)
	sh.Env = cmd.Env
	return sh
}

// prints fails the test unless a command prints a text that begins with want.
func prints(t *testing.T, cmd *exec.Cmd, want string) {
	t.Helper()
	out, err := cmd.CombinedOutput()
	if err != nil || !strings.HasPrefix(string(out), want) {
		t.Fatalf("%v: %q, %v; want %q", cmd.Args, out, err, want)
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func eventually(t *testing.T, what string, condition func() bool) {
	t.Helper()
	for deadline := time.Now().Add(20 * time.Second); !condition(); time.Sleep(2 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("not in time: ", what)
		}
	}
}
