package db

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"e2etap/internal/traffic"
)

// evidenceRecording has a request of a known process, two that no test is known of, and a spec.
func evidenceRecording(t *testing.T) string {
	t.Helper()
	path := dbPath(t)
	r := createFor(t, path)
	parent := &traffic.Process{Root: true, PID: 10, Start: start, Executable: "/bin/e2e.test", Command: []string{"e2e.test", "-v"}}
	child := &traffic.Process{Parent: parent, PID: 11, Start: start.Add(time.Second), Executable: "/bin/kubectl", Command: []string{"kubectl"}, Test: "marked"}
	spec := fullSpec()
	spec.ID, spec.Process, spec.Node = 0, parent, ""
	c := traffic.Connection{Opened: start, Remote: "127.0.0.1:1", Protocol: "h2", Process: child}
	for _, err := range []error{r.Process(parent), r.Process(child), r.Spec(&spec), r.Connect(&c)} {
		if err != nil {
			t.Fatal(err)
		}
	}
	for i, q := range some(3) {
		q.Start = start.Add(time.Duration(3-i) * time.Second) // in reverse
		q.API.Namespace, q.Connection = "ns", int64(1-i%2)
		q.Attribution = traffic.Attribution{Why: traffic.WhyNoSpec}
		finish(t, r, q)
	}
	closeRecorder(t, r)
	return path
}

func TestEvidenceComesBackAsItWas(t *testing.T) {
	path := evidenceRecording(t)
	r, err := OpenReader(path)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	processes, specs, err := r.Known(1)
	if err != nil {
		t.Fatal(err)
	}
	child := processes[2]
	if child == nil || child.Parent == nil || !child.Parent.Root || child.Test != "marked" || child.PID != 11 ||
		!child.Start.Equal(start.Add(time.Second)) || child.Parent.Command[1] != "-v" {
		t.Errorf("process %+v", child)
	}
	want := fullSpec()
	want.ID, want.Node = 1, ""
	want.Process = child.Parent
	if d := cmp.Diff(&want, specs[0]); d != "" {
		t.Errorf("spec (-want +got):\n%s", d)
	}
	var got []string
	err = r.EachRequest(1, func(v *Evidence) error {
		who := "unknown"
		if v.Process != nil {
			who = v.Process.Executable
		}
		got = append(got, v.Request.Start.Format("05 ")+v.Request.API.Namespace+" "+who+" "+v.Request.Why.String())
		return nil
	})
	if d := cmp.Diff([]string{"01 ns /bin/kubectl no spec known", "02 ns unknown no spec known", "03 ns /bin/kubectl no spec known"}, got); err != nil || d != "" {
		t.Errorf("%v, requests (-want +got):\n%s", err, d)
	}
}

func TestRetagStoresWhatIsNew(t *testing.T) {
	path := evidenceRecording(t)
	e, err := OpenEditor(path)
	if err != nil {
		t.Fatal(err)
	}
	tag := func(v *Evidence) traffic.Attribution {
		if v.Process == nil {
			return v.Request.Attribution
		}
		return traffic.Attribution{
			Test: "a test", Source: traffic.SourceProcess, Agreed: 1 << traffic.SourceNamespace, Phase: traffic.PhaseBody, Attempt: 2,
		}
	}
	for _, want := range []int{2, 0} { // the second time there is nothing new
		if changed, err := e.Retag(1, tag); changed != want || err != nil {
			t.Errorf("%d changed, %v; want %d", changed, err, want)
		}
	}
	if err := e.Close(); err != nil {
		t.Fatal(err)
	}
	const requests = `SELECT test, test_source, test_agreed, test_why, phase, attempt FROM requests ORDER BY id`
	want := []string{"a test|process|namespace||body|2", "|none||no spec known||0", "a test|process|namespace||body|2"}
	if d := cmp.Diff(want, ask(t, path, requests)); d != "" {
		t.Errorf("requests (-want +got):\n%s", d)
	}
	want = []string{"|1|0", "a test|2|2"}
	if d := cmp.Diff(want, ask(t, path, `SELECT test, requests, from_process FROM tests ORDER BY test`)); d != "" {
		t.Errorf("tests (-want +got):\n%s", d)
	}
	checkSummary(t, path)
}

func TestReplacedSpecsAreGone(t *testing.T) {
	path := evidenceRecording(t)
	e, err := OpenEditor(path)
	if err != nil {
		t.Fatal(err)
	}
	in := []traffic.Spec{{Test: "one", Start: start}, {Test: "two -- \"quoted\"\nline"}}
	if err := e.ReplaceSpecs(1, []int64{1}, in); err != nil {
		t.Fatal(err)
	}
	if err := e.Close(); err != nil {
		t.Fatal(err)
	}
	want := []string{"2|one", "3|two -- \"quoted\"\nline"}
	if d := cmp.Diff(want, ask(t, path, `SELECT id, test FROM specs ORDER BY id`)); d != "" {
		t.Errorf("-want +got\n%s", d)
	}
	if got := ask(t, path, `SELECT count(*) FROM spec_phase`)[0]; got != "0" {
		t.Errorf("%s phases are left, want none", got)
	}
}

func TestNobodyEditsWhatIsBeingRecorded(t *testing.T) {
	path := dbPath(t)
	r := createFor(t, path)
	defer closeRecorder(t, r)
	if _, err := OpenEditor(path); err == nil || !strings.Contains(err.Error(), "another process is recording into it") {
		t.Errorf("%v, want that it is being recorded into", err)
	}
}
