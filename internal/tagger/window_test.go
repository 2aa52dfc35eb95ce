package tagger

import (
	"testing"
	"time"

	"e2etap/internal/traffic"
)

// correlated is a run that was made from an audit log, whose times are good to 0.1 seconds.
func correlated(t *testing.T) *suite {
	t.Helper()
	s := newSuite(t)
	tagger, err := NewCorrelated("", 100*time.Millisecond)
	if err != nil {
		t.Fatal(err)
	}
	s.Tagger = tagger
	return s
}

// works tells of a spec of a worker.
func (s *suite) works(worker string, told traffic.Told, test string, start, end float64) *traffic.Spec {
	v := &traffic.Spec{Test: test, Told: told, Worker: worker, Start: at(start), End: at(end)}
	s.Spec(v)
	return v
}

// wantWindow checks what the window says of a request of kubectl at a second: a test, or why there is none.
func (s *suite) wantWindow(seconds float64, test string, why traffic.Why) {
	s.t.Helper()
	a := s.Attribute(request(seconds, "kubectl/v1", "get", ""), nil)
	source := traffic.SourceWindow
	if test == "" {
		source = traffic.SourceNone
	}
	if a.Test != test || a.Source != source || a.Why != why {
		s.t.Errorf("at %v s: %q from %v (%v), want %q from %v (%v)", seconds, a.Test, a.Source, a.Why, test, source, why)
	}
}

func TestTheOnlySpecThatRanIsTheTest(t *testing.T) {
	s := correlated(t)
	s.spec(traffic.ToldResults, "A", 1, 3)
	s.wantWindow(2, "A", 0)
}

func TestNoSpecThatRanIsNoTest(t *testing.T) {
	s := correlated(t)
	s.wantWindow(2, "", traffic.WhyBetween)
	s.spec(traffic.ToldResults, "A", 1, 3)
	s.wantWindow(0.5, "", traffic.WhyBetween)
	s.wantWindow(4, "", traffic.WhyBetween)
}

func TestWhereTheClocksMayDifferNothingIsSaid(t *testing.T) {
	s := correlated(t)
	s.spec(traffic.ToldResults, "A", 1, 3)
	s.spec(traffic.ToldResults, "B", 3, 5)
	for seconds, test := range map[float64]string{
		0.89: "-", 0.91: "", 1.09: "", 1.11: "A", 2.89: "A", 2.91: "", 3: "", 3.09: "", 3.11: "B", 4.89: "B", 4.91: "", 5.09: "", 5.11: "-",
	} {
		why := traffic.WhyBoundary
		if test == "-" {
			test, why = "", traffic.WhyBetween
		} else if test != "" {
			why = traffic.WhyTested
		}
		s.wantWindow(seconds, test, why)
	}
}

// A spec that is shorter than the uncertainty may have been running, beside nothing and beside a longer one.
func TestASpecWithinTheUncertaintyMayHaveRun(t *testing.T) {
	s := correlated(t)
	s.spec(traffic.ToldResults, "A", 1.98, 2.02)
	s.wantWindow(2, "", traffic.WhyBoundary)
	s.wantWindow(1.95, "", traffic.WhyBoundary)
	s.works("2", traffic.ToldResults, "B", 1, 3)
	s.wantWindow(2, "", traffic.WhyParallel)
	s.wantWindow(1.5, "B", 0)
}

func TestOfSpecsOfSeveralWorkersNoneIsTaken(t *testing.T) {
	s := correlated(t)
	s.works("1", traffic.ToldResults, "A", 1, 5)
	s.works("2", traffic.ToldResults, "B", 3, 7)
	s.wantWindow(2, "A", 0)
	s.wantWindow(4, "", traffic.WhyParallel)
	s.wantWindow(6, "B", 0)
	s.wantWindow(2.95, "", traffic.WhyParallel) // perhaps
}

func TestOfSpecsOfOneWorkerAtATimeNoneIsTaken(t *testing.T) {
	s := correlated(t)
	s.spec(traffic.ToldResults, "TestA", 1, 5)
	s.spec(traffic.ToldResults, "TestB", 1, 5)
	s.wantWindow(2, "", traffic.WhyParallel)
}

func TestOfSubtestsTheInnermostIsTaken(t *testing.T) {
	s := correlated(t)
	s.spec(traffic.ToldResults, "TestA", 1, 9)
	s.spec(traffic.ToldResults, "TestA/sub", 3, 5)
	s.wantWindow(2, "TestA", 0)
	s.wantWindow(4, "TestA/sub", 0)
	s.wantWindow(3.05, "", traffic.WhyBoundary)
	s.wantWindow(6, "TestA", 0)
}

// A line of output is read later than it was printed, so the next spec may have begun before it seems to.
func TestPrintedSpecsMayHaveBegunBeforeTheySeemTo(t *testing.T) {
	s := correlated(t)
	s.spec(traffic.ToldOutput, "A", 1, 3)
	s.spec(traffic.ToldOutput, "B", 3, 5)
	s.wantWindow(2.84, "A", 0)
	s.wantWindow(2.86, "", traffic.WhyBoundary)
	s.wantWindow(3.11, "B", 0)
}

func TestAPrintedSpecMayHaveBegunBesideAnother(t *testing.T) {
	s := correlated(t)
	s.works("a", traffic.ToldOutput, "A", 1, 9)
	s.works("b", traffic.ToldOutput, "B", 3, 5)
	s.wantWindow(2.84, "A", 0)
	s.wantWindow(2.86, "", traffic.WhyParallel)
}

func TestTheSuitesOwnProgramHasNoWindow(t *testing.T) {
	s := correlated(t)
	s.spec(traffic.ToldResults, "A", 1, 3)
	q := request(2, agent, "get", "")
	s.want(s.Attribute(q, nil), "A", traffic.SourceWindow, 0)
	s.Learn(request(1.5, agent+" -- A", "get", ""), nil)
	s.want(s.Attribute(q, nil), "", 0, traffic.WhySuite)
	s.want(s.Attribute(request(2, "kubectl/v1", "get", ""), nil), "A", traffic.SourceWindow, 0)
}

func TestWhatANodeOfTheSuiteDoesIsTheSuites(t *testing.T) {
	s := correlated(t)
	s.Spec(&traffic.Spec{Node: "BeforeSuite", Told: traffic.ToldResults, Worker: "1", Start: at(1), End: at(3)})
	s.wantWindow(2, "", traffic.WhySuite)
	s.works("2", traffic.ToldResults, "A", 1, 3)
	s.wantWindow(2, "", traffic.WhyParallel)
}

// A namespace that a test is known to have created says more than the time, and is not contradicted by it.
func TestANamespaceIsStrongerThanTheWindow(t *testing.T) {
	s := correlated(t)
	s.spec(traffic.ToldResults, "B", 1, 3)
	s.Created(&newNamespace, "A", at(0.5))
	a := s.in(2, "ns-1")
	s.want(a, "A", traffic.SourceNamespace, 0)
	if a.Disagreed != traffic.SourceSet(0).With(traffic.SourceWindow) {
		t.Errorf("disagreed: %v, want the window", a.Disagreed)
	}
}

func TestRecordedRunsHaveNoWindow(t *testing.T) {
	s := newSuite(t)
	s.spec(traffic.ToldResults, "A", 1, 3)
	v := s.Votes(request(2, "kubectl/v1", "get", ""), nil, false)
	if got := v.Of(traffic.SourceWindow); got != "" {
		t.Errorf("%q, want nothing", got)
	}
}
