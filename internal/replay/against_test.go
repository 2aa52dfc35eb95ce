package replay

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"e2etap/internal/db"
	"e2etap/internal/traffic"
)

// names records a request with an audit ID, whose User-Agent names a test, and says which test it is.
func (h *history) names(n int, agent, test string) {
	h.check(h.rec.Finish(&traffic.Request{
		Start: h.now, Duration: time.Millisecond, Method: "GET", Path: "/api/v1/pods", Status: 200, AuditID: auditID(n),
		API: traffic.API{Verb: "list", Version: "v1", Resource: "pods"}, Client: traffic.Client{UserAgent: agent},
		Attribution: traffic.Attribution{Test: test},
	}))
	h.now = h.now.Add(time.Millisecond)
}

// against returns the scores of our sources that say anything, and of all, and the mistakes of all.
func against(t *testing.T, run, truth *history) (scores, mistakes []string) {
	t.Helper()
	e, info := run.edit()
	of, is := truth.edit()
	all, err := Against(&e.Reader, info, &of.Reader, is, func() {}, func(m *Mistake) error {
		if m.Name == AllSources {
			mistakes = append(mistakes, m.Said+" is "+m.Is)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for i := range all {
		if s := &all[i]; s.Name == AllSources || s.Right+s.Wrong > 0 && s.Name != LastStarted {
			scores = append(scores, fmt.Sprintf("%s %d/%d/%d", s.Name, s.Right, s.Wrong, s.Unknown()))
		}
	}
	return scores, mistakes
}

func TestAgainstComparesRequestsOfTheSameAuditID(t *testing.T) {
	run, truth := newHistory(t), newHistory(t)
	for n, test := range []string{"A", "B", "C", "D"} {
		truth.names(n, "anything", test)
	}
	run.names(3, agentOf("D"), "")
	run.names(1, agentOf("A"), "") // wrong
	run.names(0, agentOf("A"), "")
	run.names(2, "kubectl/v1", "") // unknown
	run.names(7, agentOf("A"), "") // not there
	scores, mistakes := against(t, run, truth)
	if d := cmp.Diff([]string{"user-agent 2/1/1", "all 2/1/1"}, scores); d != "" {
		t.Errorf("-want +got\n%s", d)
	}
	if d := cmp.Diff([]string{"A is B"}, mistakes); d != "" {
		t.Errorf("-want +got\n%s", d)
	}
}

func TestAgainstTakesMissingRequestsForUnknown(t *testing.T) {
	run, truth := newHistory(t), newHistory(t)
	for n := range 3 {
		truth.names(n, "anything", "A")
	}
	run.names(0, agentOf("A"), "")
	scores, _ := against(t, run, truth)
	if d := cmp.Diff([]string{"user-agent 1/0/2", "all 1/0/2"}, scores); d != "" {
		t.Errorf("-want +got\n%s", d)
	}
}

func TestAgainstDoesNotCountWhatHasNoTestInTruth(t *testing.T) {
	run, truth := newHistory(t), newHistory(t)
	truth.names(0, "anything", "A")
	truth.names(1, "anything", "")
	run.names(0, agentOf("A"), "")
	run.names(1, agentOf("A"), "")
	scores, mistakes := against(t, run, truth)
	if d := cmp.Diff([]string{"user-agent 1/0/0", "all 1/0/0"}, scores); d != "" || len(mistakes) > 0 {
		t.Errorf("mistakes %q, -want +got\n%s", mistakes, d)
	}
}

func TestAgainstAsksTheWindowOfACorrelatedRun(t *testing.T) {
	truth := newHistory(t)
	truth.names(0, "anything", "A")
	run := newHistory(t)
	run.spec(traffic.Spec{Test: "A", Told: traffic.ToldResults, Start: start, End: start.Add(time.Second)})
	e, info := run.edit()
	err := e.AddRequests(info.ID, func(add func(*traffic.Request) error) (db.Extent, error) {
		q := traffic.Request{Start: start.Add(500 * time.Millisecond), Method: "GET", Path: "/version", API: traffic.API{Verb: "get"}, AuditID: auditID(0), Client: traffic.Client{UserAgent: "kubectl/v1"}}
		return db.Extent{Start: start, End: start.Add(time.Second), Uncertainty: time.Millisecond}, add(&q)
	})
	run.check(err)
	info, err = e.Run(info.Name)
	run.check(err)
	of, is := truth.edit()
	scores, err := Against(&e.Reader, info, &of.Reader, is, func() {}, func(*Mistake) error { return nil })
	run.check(err)
	for i := range scores {
		if s := &scores[i]; (s.Name == traffic.SourceWindow.String() || s.Name == AllSources) && s.Right != 1 {
			t.Errorf("%+v, want it right", s)
		}
	}
}
