package replay

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"e2etap/internal/traffic"
)

// scoresOf returns the scores of a run as "source right/wrong/unknown", and what was wrong as "source said is".
func scoresOf(t *testing.T, h *history) (scores, mistakes []string) {
	t.Helper()
	e, run := h.edit()
	all, err := Evaluate(&e.Reader, run, func() {}, func(m *Mistake) error {
		mistakes = append(mistakes, fmt.Sprintf("%s %s %s", m.Name, m.Said, m.Is))
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for i := range all {
		s := &all[i]
		scores = append(scores, fmt.Sprintf("%s %d/%d/%d", s.Name, s.Right, s.Wrong, s.Unknown()))
	}
	return scores, mistakes
}

func TestEvaluateScoresEachSourceAlone(t *testing.T) {
	h := newHistory(t)
	worker := h.connect(h.process(nil, "e2e.test"))
	for _, test := range []string{"a", "b"} {
		h.request(worker, agentOf(test), "")
		for range 3 {
			h.request(worker, agentOf(test), "of-"+test)
		}
	}
	h.request(worker, agentOf(""), "of-b") // names none and does not count
	scores, mistakes := scoresOf(t, h)
	want := []string{
		"environment 0/0/8",
		"process 4/0/4", // but for the first and the last of each
		"service-account 0/0/8",
		"namespace 4/0/4",
		"object 0/0/8",
		"output 0/0/8",
		"time-window 0/0/8",
		"all 6/0/2",
		"last-started 6/0/2", // but for those that tell of the beginning
	}
	if diff := cmp.Diff(want, scores); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
	if len(mistakes) > 0 {
		t.Errorf("mistakes: %q", mistakes)
	}
}

// Two workers at the same time: who knows only when specs begin takes one's requests for the other's.
func TestEvaluateComparesWithWhoStartedLast(t *testing.T) {
	h := newHistory(t)
	h.spec(traffic.Spec{Test: "a", Worker: "1", Start: h.now, End: h.now.Add(time.Minute)})
	h.spec(traffic.Spec{Test: "b", Worker: "2", Start: h.now.Add(time.Millisecond), End: h.now.Add(time.Minute)})
	one := h.connect(h.process(nil, "e2e.test", "--ginkgo.parallel.process=1"))
	two := h.connect(h.process(nil, "e2e.test", "--ginkgo.parallel.process=2"))
	for range 3 {
		h.request(one, agentOf("a"), "of-a")
		h.request(two, agentOf("b"), "of-b")
	}
	scores, mistakes := scoresOf(t, h)
	want := []string{
		"environment 0/0/6", "process 6/0/0", "service-account 0/0/6", "namespace 0/0/6", "object 0/0/6", "output 0/0/6", "time-window 0/0/6",
		"all 6/0/0", "last-started 4/2/0",
	}
	if diff := cmp.Diff(want, scores); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
	if diff := cmp.Diff([]string{"last-started b a", "last-started b a"}, mistakes); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
}

func TestEvaluateAsksTheEnvironment(t *testing.T) {
	h := newHistory(t)
	p := &traffic.Process{Parent: h.root, PID: 7, Command: []string{"sh"}, Test: "a"}
	h.check(h.rec.Process(p))
	c := h.connect(p)
	h.request(c, agentOf("a"), "ns")
	h.request(c, agentOf("b"), "ns")
	scores, mistakes := scoresOf(t, h)
	if scores[0] != "environment 1/1/0" {
		t.Errorf("got %s, want one right and one wrong", scores[0])
	}
	if len(mistakes) == 0 || mistakes[0] != "environment a b" {
		t.Errorf("mistakes %q, want the environment's first", mistakes)
	}
}

func TestEvaluateTicksTwiceForEachRequest(t *testing.T) {
	h := newHistory(t)
	c := h.connect(h.process(nil, "e2e.test"))
	h.request(c, agentOf("a"), "ns")
	h.request(c, agentOf(""), "ns") // which does not count
	h.request(c, agentOf("a"), "ns")
	e, run := h.edit()
	ticks := 0
	if _, err := Evaluate(&e.Reader, run, func() { ticks++ }, func(*Mistake) error { return nil }); err != nil || ticks != 6 {
		t.Errorf("%d ticks for 3 requests, %v; want two each", ticks, err)
	}
}

func TestEvaluateLeavesOutRequestsWithTwoNames(t *testing.T) {
	h := newHistory(t)
	c := h.connect(h.process(nil, "e2e.test"))
	h.check(h.rec.Finish(&traffic.Request{
		Connection: c, Start: h.now, Method: "GET", Path: "/version", API: traffic.API{Verb: "get"},
		Client: traffic.Client{UserAgent: agentOf("a"), TestHeader: "b"},
	}))
	if scores, _ := scoresOf(t, h); scores[1] != "process 0/0/0" {
		t.Errorf("got %s, want no request", scores[1])
	}
}

func TestEvaluateEndsWithTheErrorOfItsCaller(t *testing.T) {
	h := newHistory(t)
	h.spec(traffic.Spec{Test: "a", Start: h.now.Add(-time.Second)})
	h.request(h.connect(h.process(nil, "e2e.test")), agentOf("b"), "ns")
	e, run := h.edit()
	failure := errors.New("enough")
	if _, err := Evaluate(&e.Reader, run, func() {}, func(*Mistake) error { return failure }); !errors.Is(err, failure) {
		t.Errorf("got %v, want %v", err, failure)
	}
}

func TestPercentagesAre100OnlyIfAllAreRight(t *testing.T) {
	for _, tt := range []struct {
		right, of int
		want      float64
	}{
		{1, 1, 100}, {999_999, 1_000_000, 99.99}, {9_999, 10_000, 99.99}, {2, 3, 66.67}, {1, 3, 33.33}, {0, 5, 0},
	} {
		if got, ok := percentage(tt.right, tt.of); got != tt.want || !ok {
			t.Errorf("%d of %d: %v %%, want %v %%", tt.right, tt.of, got, tt.want)
		}
	}
	if _, ok := percentage(0, 0); ok {
		t.Error("0 of 0 have a percentage")
	}
}

func TestRetagTellsWhatChanged(t *testing.T) {
	h := newHistory(t)
	worker := h.process(nil, "e2e.test")
	own := h.connect(worker)
	h.request(own, agentOf("a"), "ns")
	h.request(h.connect(h.process(worker, "kubectl")), "kubectl/v1.37.2", "ns")
	h.request(own, agentOf("a"), "ns")
	h.request(h.connect(nil), "other/v1", "")
	e, run := h.edit()
	ticks := 0
	got, err := RetagChanges(e, run, func() { ticks++ })
	if err != nil {
		t.Fatal(err)
	}
	want := Changes{Requests: 4, Changed: 4, OtherTest: 3, Moves: map[Move]int{
		{traffic.SourceNone, traffic.SourceUserAgent}: 2, {traffic.SourceNone, traffic.SourceProcess}: 1, {}: 1,
	}, Verdicts: map[Verdict]int{
		{Source: traffic.SourceUserAgent}: 2, {Source: traffic.SourceProcess}: 1, {Why: traffic.WhyProcessUnknown}: 1,
	}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
	if ticks != 8 {
		t.Errorf("%d ticks for 4 requests, want two each", ticks)
	}
	again, err := RetagChanges(e, run, func() {})
	if err != nil || again.Changed != 0 || again.Requests != 4 {
		t.Errorf("again: %+v, %v; want no changes", again, err)
	}
}
