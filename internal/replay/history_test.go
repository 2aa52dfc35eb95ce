package replay

import (
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"e2etap/internal/db"
	"e2etap/internal/traffic"
)

var start = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// history records a run: what it is told, in that order, a millisecond apart.
type history struct {
	t    testing.TB
	rec  *db.Recorder
	path string
	now  time.Time
	root *traffic.Process
}

func newHistory(t testing.TB) *history {
	t.Helper()
	h := &history{t: t, path: filepath.Join(t.TempDir(), "e2e.db"), now: start}
	var err error
	h.rec, err = db.Create(h.path, traffic.Run{Command: []string{"ginkgo"}, Start: start}, db.Options{})
	if err != nil {
		t.Fatal(err)
	}
	h.root = h.process(nil, "ginkgo")
	return h
}

func (h *history) check(err error) {
	h.t.Helper()
	if err != nil {
		h.t.Fatal(err)
	}
}

// process starts a process, below the command if it has no parent, and returns a connection of it.
func (h *history) process(parent *traffic.Process, args ...string) *traffic.Process {
	p := &traffic.Process{Parent: parent, PID: 100, Start: h.now, Executable: "/usr/bin/" + args[0], Command: args}
	if p.Parent == nil {
		p.Parent, p.Root = h.root, h.root == nil
	}
	h.check(h.rec.Process(p))
	return p
}

func (h *history) connect(p *traffic.Process) int64 {
	c := &traffic.Connection{Opened: h.now, Remote: "127.0.0.1:40000", Protocol: "h2", Process: p}
	h.check(h.rec.Connect(c))
	return c.ID
}

// agentOf is the User-Agent of a client that names a test; of one that names none for "".
func agentOf(test string) string {
	const program = "e2e.test/v1.37.2 (linux/amd64) kubernetes/0a1b2c3"
	if test == "" {
		return program
	}
	return program + " -- " + test
}

// request records a request of a test for pods of a namespace; "" creates one.
func (h *history) request(connection int64, agent, namespace string) {
	q := traffic.Request{
		Connection: connection, Start: h.now, Duration: time.Millisecond, Method: "GET", Path: "/api/v1/namespaces/" + namespace + "/pods/a",
		API: traffic.API{Verb: "get", Version: "v1", Resource: "pods", Namespace: namespace, Name: "a"}, Status: 200,
		Client: traffic.Client{UserAgent: agent},
	}
	if namespace == "" {
		q.Method, q.Path, q.API = "POST", "/api/v1/namespaces", traffic.API{Verb: "create", Version: "v1", Resource: "namespaces"}
	}
	h.now = h.now.Add(time.Millisecond)
	h.check(h.rec.Finish(&q))
}

func (h *history) spec(s traffic.Spec) { h.check(h.rec.Spec(&s)) }

// edit ends the run and opens its recording for changes.
func (h *history) edit() (*db.Editor, db.RunInfo) {
	h.t.Helper()
	h.check(h.rec.Close(traffic.RunEnd{End: h.now.Add(time.Second)}))
	e, err := db.OpenEditor(h.path)
	h.check(err)
	h.t.Cleanup(func() {
		if err := e.Close(); err != nil {
			h.t.Error(err)
		}
	})
	run, err := e.Run(db.LatestRun)
	h.check(err)
	return e, run
}

// suite records requests of a suite of 25 workers, a twentieth of them of kubectl, which a spec has started.
func (h *history) suite(requests int) {
	const workers, perSpec = 25, 100
	type worker struct {
		process        *traffic.Process
		own, child     int64
		test, space    string
		number, passed int
	}
	all := make([]worker, workers)
	for n := 0; n < requests; n++ {
		w := &all[n%workers]
		if w.process == nil {
			w.process = h.process(nil, "e2e.test", fmt.Sprintf("--ginkgo.parallel.process=%d", n%workers+1))
			w.own = h.connect(w.process)
		}
		if w.passed%perSpec == 0 {
			w.number++
			w.test = fmt.Sprintf("[sig-node] Feature should behave as case %d of worker %d says [Conformance]", w.number, n%workers)
			w.space = fmt.Sprintf("feature-%d-%d", n%workers, w.number)
			w.child = h.connect(h.process(w.process, "kubectl", "get", "pods"))
			h.request(w.own, agentOf(w.test), "")
		} else if w.passed%20 == 7 {
			h.request(w.child, "kubectl/v1.37.2", w.space)
		} else {
			h.request(w.own, agentOf(w.test), w.space)
		}
		w.passed++
	}
}
