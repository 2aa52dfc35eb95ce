package replay

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"e2etap/internal/db"
	"e2etap/internal/traffic"
)

const controller = "system:serviceaccount:kube-system:job-controller"

// auditID is the audit ID of the n-th request that a test makes.
func auditID(n int) string { return fmt.Sprintf("5b0f2d3c-7c1e-4a8e-9a55-%012d", n) }

// audited is a request of a controller in a namespace, at a time after the run's start.
func audited(n int, at time.Duration, namespace string) traffic.Audit {
	return traffic.Audit{
		ID: auditID(n), Received: start.Add(at), Completed: start.Add(at + time.Millisecond), Stages: traffic.AuditReceived | traffic.AuditComplete,
		Path: "/api/v1/namespaces/" + namespace + "/pods/a", User: controller, UserAgent: "kube-controller-manager/v1", Status: 200,
		API: traffic.API{Verb: "update", Version: "v1", Resource: "pods", Namespace: namespace, Name: "a"},
	}
}

// creation is the request that created a namespace, as the log has it.
func creation(n int, at time.Duration, namespace, agent string) traffic.Audit {
	a := audited(n, at, namespace)
	a.API = traffic.API{Verb: "create", Version: "v1", Resource: "namespaces", Namespace: namespace, Name: namespace}
	a.Path, a.Status, a.User, a.UserAgent = "/api/v1/namespaces", 201, "admin", agent
	return a
}

// creates records a request that creates a namespace, whose name is in its body.
func (h *history) creates(connection int64, agent string, n int) {
	h.check(h.rec.Finish(&traffic.Request{
		Connection: connection, Start: h.now, Duration: time.Millisecond, Method: "POST", Path: "/api/v1/namespaces", Status: 201,
		API: traffic.API{Verb: "create", Version: "v1", Resource: "namespaces"}, Client: traffic.Client{UserAgent: agent}, AuditID: auditID(n),
	}))
	h.now = h.now.Add(time.Millisecond)
}

// until ends the run some time after its start and opens its recording with an audit log.
func (h *history) until(end time.Duration, log ...traffic.Audit) (*db.Editor, db.RunInfo) {
	h.t.Helper()
	h.now = start.Add(end - time.Second)
	e, run := h.edit()
	importLog(h.t, e, log)
	return e, run
}

func importLog(t testing.TB, e *db.Editor, log []traffic.Audit) {
	t.Helper()
	_, err := e.ImportAudit(func(w *db.AuditWriter) (err error) {
		for i := range log {
			err = errors.Join(err, w.Add(&log[i]))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// retagged attributes a run and returns what is said of all that has a part in it: the time, role and test, one line each.
func retagged(t *testing.T, e *db.Editor, run db.RunInfo) (lines []string) {
	t.Helper()
	if _, err := RetagChanges(e, run, func() {}); err != nil {
		t.Fatal(err)
	}
	return listed(t, e, run)
}

func listed(t *testing.T, e *db.Editor, run db.RunInfo) (lines []string) {
	t.Helper()
	err := e.List(db.Filter{Runs: []int64{run.ID}, Audit: true}, func(v *db.Entry) error {
		lines = append(lines, fmt.Sprint(v.Start.Sub(start), " ", v.Role, " ", v.Test))
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return lines
}

func wantLines(t *testing.T, got []string, want ...string) {
	t.Helper()
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("-want +got\n%s", d)
	}
}

func TestTheLogTellsWhoCreatedANamespace(t *testing.T) {
	h := newHistory(t)
	h.creates(h.connect(h.process(nil, "e2e.test")), agentOf("A"), 1)
	e, run := h.until(time.Minute, creation(1, 0, "ns-1", agentOf("A")), audited(2, 10*time.Second, "ns-1"), audited(3, 10*time.Second, "ns-2"))
	wantLines(t, retagged(t, e, run), "0s test A", "10s behalf A", "10s other ")
}

// What was said of a request before, by another version perhaps, says nothing of what it created.
func TestACreatorsTestIsAskedForAndNotRead(t *testing.T) {
	h := newHistory(t)
	c := h.connect(h.process(nil, "e2e.test"))
	h.creates(c, agentOf("A"), 1)
	e, run := h.until(time.Minute, creation(1, 0, "ns-1", agentOf("A")), audited(2, 10*time.Second, "ns-1"))
	if _, err := e.Retag(run.ID, func(*db.Evidence) traffic.Attribution {
		return traffic.Attribution{Test: "wrong", Source: traffic.SourceProcess}
	}); err != nil {
		t.Fatal(err)
	}
	wantLines(t, retagged(t, e, run), "0s test A", "10s behalf A")
}

// kubectl below a worker creates a namespace: its process tells which test it is.
func TestAProcessMakesAnOwner(t *testing.T) {
	h := newHistory(t)
	worker := h.process(nil, "e2e.test")
	own := h.connect(worker)
	h.request(own, agentOf("A"), "x")
	kubectl := h.connect(h.process(worker, "kubectl", "create", "ns"))
	h.creates(kubectl, "kubectl/v1", 1)
	h.now = h.now.Add(20 * time.Millisecond) // more than a tick
	h.request(own, agentOf("A"), "x")
	e, run := h.until(time.Minute, creation(1, time.Millisecond, "ns-1", "kubectl/v1"), audited(2, 10*time.Second, "ns-1"))
	wantLines(t, retagged(t, e, run), "0s test A", "1ms test A", "22ms test A", "10s behalf A")
}

// Who is known by time alone, by output for instance, may be somebody else: of what follows from that all would be wrong.
func TestTimeAloneMakesNoOwner(t *testing.T) {
	h := newHistory(t)
	h.spec(traffic.Spec{Test: "A", Told: traffic.ToldOutput, Start: h.now, End: h.now.Add(30 * time.Second)})
	h.now = h.now.Add(time.Second)
	h.creates(h.connect(h.root), "kubectl/v1", 1)
	e, run := h.until(time.Minute, creation(1, time.Second, "ns-1", "kubectl/v1"), audited(2, 10*time.Second, "ns-1"))
	wantLines(t, retagged(t, e, run), "1s test A", "10s other ")
	for source, want := range map[traffic.Source]string{
		traffic.SourceWindow: "", traffic.SourceOutput: "", traffic.SourceNamespace: "A", traffic.SourceProcess: "A", traffic.SourceEnvironment: "A",
	} {
		if got := certain(traffic.Attribution{Test: "A", Source: source}); got != want {
			t.Errorf("%v: %q, want %q", source, got, want)
		}
	}
}

// A test may go around the proxy.
func TestARequestThatOnlyTheLogHasMakesAnOwner(t *testing.T) {
	h := newHistory(t)
	e, run := h.until(time.Minute, creation(1, time.Second, "ns-1", agentOf("A")), audited(2, 10*time.Second, "ns-1"), audited(3, 500*time.Millisecond, "ns-1"))
	wantLines(t, retagged(t, e, run), "500ms other ", "1s test A", "10s behalf A")
}

func TestWhatWasNotCreatedHasNoOwner(t *testing.T) {
	api := func(verb, resource, subresource string) *traffic.API {
		return &traffic.API{Verb: verb, Resource: resource, Subresource: subresource}
	}
	for name, tt := range map[string]struct {
		api    *traffic.API
		status int
		want   bool
	}{
		"POST": {api("create", "pods", ""), 201, true}, "POST, 202": {api("create", "pods", ""), 202, true}, "PUT of what was not there": {api("update", "pods", ""), 201, true},
		"PATCH of what was not there": {api("patch", "pods", ""), 201, true}, "PUT": {api("update", "pods", ""), 200, false},
		"conflict": {api("create", "pods", ""), 409, false}, "no answer": {api("create", "pods", ""), 0, false},
		"eviction": {api("create", "pods", "eviction"), 201, false}, "no resource": {api("post", "", ""), 201, false},
	} {
		if got := creates(tt.api, tt.status); got != tt.want {
			t.Errorf("%s: %v, want %v", name, got, tt.want)
		}
	}
}

// Namespaces are deleted when the run has ended, for a minute; what else happens then is not of the run.
func TestAfterTheRunOnlyBehalfCounts(t *testing.T) {
	named := audited(5, 70*time.Second, "elsewhere")
	named.UserAgent = agentOf("A")
	h := newHistory(t)
	h.creates(h.connect(h.process(nil, "e2e.test")), agentOf("A"), 1)
	e, run := h.until(time.Minute, creation(1, 0, "ns-1", agentOf("A")), audited(2, 59*time.Second, "elsewhere"),
		audited(3, 119*time.Second, "ns-1"), audited(4, 121*time.Second, "ns-1"), named, audited(6, 70*time.Second, "elsewhere"))
	wantLines(t, retagged(t, e, run), "0s test A", "59s other ", "1m59s behalf A")
}

// A second before the run is not of it, when the clocks are known to be the same.
func TestBeforeTheRunNothingCounts(t *testing.T) {
	h := newHistory(t)
	h.creates(h.connect(h.process(nil, "e2e.test")), agentOf("A"), 1)
	e, run := h.until(time.Minute, creation(1, 0, "ns-1", agentOf("A")), audited(2, -500*time.Millisecond, "elsewhere"))
	wantLines(t, retagged(t, e, run), "0s test A")
}

func TestAServersClockMayBeAheadOrBehind(t *testing.T) {
	for _, ahead := range []time.Duration{time.Hour, -time.Hour} {
		h := newHistory(t)
		h.creates(h.connect(h.process(nil, "e2e.test")), agentOf("A"), 1)
		e, run := h.until(time.Minute, creation(1, ahead, "ns-1", agentOf("A")), audited(2, ahead+10*time.Second, "ns-1"), audited(3, 10*time.Second, "ns-1"),
			creation(4, ahead+20*time.Second, "ns-2", agentOf("B")), audited(5, ahead+30*time.Second, "ns-2"))
		got := retagged(t, e, run)
		want := []string{"0s test A", fmt.Sprint(ahead+10*time.Second, " behalf A"), fmt.Sprint(ahead+20*time.Second, " test B"), fmt.Sprint(ahead+30*time.Second, " behalf B")}
		if ahead < 0 { // lists are by the log's own times
			want = append(want[1:], want[0])
		}
		wantLines(t, got, want...)
	}
}

// The first run's clean-up lasts into the second one, in the order in which they are attributed and in the other.
func TestRunsInARowDoNotTakeEachOthers(t *testing.T) {
	for _, order := range [][]int{{0, 1}, {1, 0}, {0, 1, 0}, {1, 0, 1}} {
		h := newHistory(t)
		h.creates(h.connect(h.process(nil, "e2e.test")), agentOf("A"), 1)
		h.check(h.rec.Close(traffic.RunEnd{End: start.Add(time.Minute)}))
		h.now = start.Add(time.Minute)
		var err error
		h.rec, err = db.Create(h.path, traffic.Run{Start: h.now}, db.Options{})
		h.check(err)
		h.root = nil
		h.root = h.process(nil, "ginkgo")
		h.creates(h.connect(h.process(nil, "e2e.test")), agentOf("B"), 2)
		e, second := h.until(2*time.Minute, creation(1, 0, "ns-1", agentOf("A")), creation(2, time.Minute, "ns-2", agentOf("B")),
			audited(3, 30*time.Second, "ns-1"), audited(4, 40*time.Second, "x"), audited(5, 70*time.Second, "ns-1"), audited(6, 80*time.Second, "ns-2"), audited(7, 90*time.Second, "x"))
		runs, err := e.Runs()
		h.check(err)
		for _, i := range order {
			retagged(t, e, runs[i])
		}
		wantLines(t, listed(t, e, runs[0]), "0s test A", "30s behalf A", "40s other ", "1m10s behalf A")
		wantLines(t, listed(t, e, second), "1m0s test B", "1m20s behalf B", "1m30s other ")
	}
}

func TestRetagTwiceChangesNothingOfTheLog(t *testing.T) {
	h := newHistory(t)
	h.creates(h.connect(h.process(nil, "e2e.test")), agentOf("A"), 1)
	e, run := h.until(time.Minute, creation(1, 0, "ns-1", agentOf("A")), audited(2, 10*time.Second, "ns-1"), audited(3, 10*time.Second, "x"))
	first, err := RetagChanges(e, run, func() {})
	h.check(err)
	lines := listed(t, e, run)
	again, err := RetagChanges(e, run, func() {})
	h.check(err)
	want := Changes{Requests: 1, Moves: map[Move]int{}, Verdicts: map[Verdict]int{{Source: traffic.SourceUserAgent}: 1}, Unrecorded: map[Verdict]int{
		{Role: traffic.RoleBehalf, Source: traffic.SourceNamespace}: 1, {Role: traffic.RoleOther, Why: traffic.WhyOutside}: 1,
	}}
	if d := cmp.Diff(want, again); d != "" {
		t.Errorf("-want +got\n%s", d)
	}
	if d := cmp.Diff(first.Unrecorded, again.Unrecorded); d != "" {
		t.Errorf("-first +again\n%s", d)
	}
	wantLines(t, listed(t, e, run), lines...)
}

func TestALogOfAnotherTimeIsNoLog(t *testing.T) {
	h := newHistory(t)
	e, run := h.until(time.Minute, audited(2, time.Hour, "ns-1"))
	c, err := RetagChanges(e, run, func() {})
	if err != nil || c.Unrecorded != nil {
		t.Errorf("%v, %v; want nothing of the log", c.Unrecorded, err)
	}
}
