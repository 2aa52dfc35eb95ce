package correlate

import (
	"testing"
	"time"

	"e2etap/internal/tagger"
	"e2etap/internal/traffic"
)

func TestForwardedMarksTellOfSpecs(t *testing.T) {
	tags, err := tagger.New("")
	if err != nil {
		t.Fatal(err)
	}
	s := newSurvey(tags)
	began := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	for second, a := range []traffic.Audit{
		{Path: "/e2e/mark", UserAgent: "e2etap-proxy/v1 -- one"},
		{Path: "/api/v1/pods", UserAgent: "kubectl/v1"},
		{Path: "/e2e/mark", UserAgent: "e2etap-proxy/v1 -- two"},
		{Path: "/e2e/mark", UserAgent: "e2etap-proxy/v1"},
		{Path: "/e2e/mark", UserAgent: "curl/8 -- not ours"},
		{Path: "/e2e/mark", UserAgent: "e2etap-proxy/v1 -- three"},
		{Path: "/api/v1/pods", UserAgent: "kubectl/v1"},
	} {
		a.Received = began.Add(time.Duration(second) * time.Second)
		if err := s.first(&a); err != nil {
			t.Fatal(err)
		}
		if isMark(&a) && s.isTests(&a) {
			t.Errorf("the mark of second %d is a request of a test", second)
		}
	}
	s.marked.end(s.last)
	want := []struct {
		test       string
		start, end int
	}{{"one", 0, 2}, {"two", 2, 3}, {"three", 5, 6}}
	for i, w := range want {
		got := s.marked.specs[i]
		if got.Test != w.test || got.Start != began.Add(time.Duration(w.start)*time.Second) || got.End != began.Add(time.Duration(w.end)*time.Second) {
			t.Errorf("%q from %v to %v, want %v", got.Test, got.Start, got.End, w)
		}
	}
	if len(s.marked.specs) != len(want) {
		t.Errorf("%d specs, want %d", len(s.marked.specs), len(want))
	}
}
