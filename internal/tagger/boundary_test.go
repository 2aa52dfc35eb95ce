package tagger

import (
	"testing"

	"e2etap/internal/traffic"
)

// The tests in this file are about the borders of specs: whatever is not right must be unknown.

func TestKubectlBelongsToTheSpecOfItsWorker(t *testing.T) {
	s := newSuite(t)
	s.named(1, "A")
	s.want(s.send(request(2, "kubectl/v1", "get", "x"), s.kubectl(1.9)), "A", traffic.SourceProcess, 0)
	s.named(3, "B")
	s.want(s.send(request(4, "kubectl/v1", "get", "x"), s.kubectl(3.9)), "B", traffic.SourceProcess, 0)
}

func TestGrandchildrenBelongToTheSpecOfTheNearestWorker(t *testing.T) {
	s := newSuite(t)
	other := s.process(s.worker, 0, "/bin/e2e")
	s.named(1, "A")
	s.send(request(1.5, agent+" -- B", "get", ""), other)
	shell := s.process(other, 1.8, "/bin/sh")
	s.want(s.send(request(2, "kubectl/v1", "get", ""), s.process(shell, 1.9, "/bin/kubectl")), "B", traffic.SourceProcess, 0)
}

func TestAChildThatOutlivesItsSpecBelongsToIt(t *testing.T) {
	s := newSuite(t)
	s.named(1, "A")
	watcher := s.kubectl(1.5)
	s.named(2, "A")
	s.named(3, "B")
	s.want(s.send(request(4, "kubectl/v1", "watch", ""), watcher), "A", traffic.SourceProcess, 0)
}

func TestAChildThatIsOlderThanTheSpecsBelongsToNone(t *testing.T) {
	s := newSuite(t)
	helper := s.kubectl(0.5)
	s.named(1, "A")
	s.want(s.send(request(2, "kubectl/v1", "get", ""), helper), "", 0, traffic.WhyBetween)
}

// The start of a process is known to a tick only: it may seem to lie before the spec that started it.
func TestAChildThatSeemsToStartJustBeforeItsSpec(t *testing.T) {
	s := newSuite(t)
	s.named(1, "A")
	s.named(2.005, "B")
	s.named(3, "B")
	s.Seal()
	s.want(s.Attribute(request(2.02, "kubectl/v1", "get", ""), s.kubectl(2)), "B", traffic.SourceProcess, 0)
}

func TestALateRequestDoesNotMakeItsSpecCurrentAgain(t *testing.T) {
	s := newSuite(t)
	s.named(1, "A")
	s.named(2, "B")
	s.named(3, "A") // a goroutine of A
	s.want(s.send(request(4, "kubectl/v1", "get", ""), s.kubectl(3.9)), "B", traffic.SourceProcess, 0)
}

// Once the run is over, a request between the last one of a spec and the first one of the next is nobody's.
func TestBetweenTwoSpecsNothingIsGuessed(t *testing.T) {
	s := newSuite(t)
	s.named(1, "A")
	s.named(2, "A")
	s.named(4, "B")
	s.Seal()
	s.want(s.Attribute(request(3, "kubectl/v1", "get", ""), s.kubectl(2.9)), "", 0, traffic.WhyBoundary)
	s.want(s.Attribute(request(5, "kubectl/v1", "get", ""), s.kubectl(4.9)), "", 0, traffic.WhyBoundary)
	s.want(s.Attribute(request(2, "kubectl/v1", "get", ""), s.kubectl(1.5)), "A", traffic.SourceProcess, 0)
}

func TestResultsTellWhereSpecsEnd(t *testing.T) {
	s := newSuite(t)
	s.spec(traffic.ToldResults, "A", 0.9, 3.5)
	s.spec(traffic.ToldResults, "B", 3.6, 6)
	s.Spec(&traffic.Spec{Node: "AfterSuite", Told: traffic.ToldResults, Start: at(6.5), End: at(7)})
	s.named(1, "A")
	s.named(4, "B")
	s.Seal()
	s.want(s.Attribute(request(3.4, "kubectl/v1", "get", ""), s.kubectl(3.3)), "A", traffic.SourceProcess, 0)
	s.want(s.Attribute(request(3.55, "kubectl/v1", "get", ""), s.kubectl(3.55)), "", 0, traffic.WhyBetween)
	s.want(s.Attribute(request(5.9, "kubectl/v1", "get", ""), s.kubectl(5.8)), "B", traffic.SourceProcess, 0)
	s.want(s.Attribute(request(6.7, "kubectl/v1", "get", ""), s.kubectl(6.6)), "", 0, traffic.WhySuite)
}

func TestOutputEndsASpecWhileTheRunGoesOn(t *testing.T) {
	s := newSuite(t)
	a := s.spec(traffic.ToldOutput, "A", 0.9, 0)
	s.named(1, "A")
	s.want(s.send(request(2, "kubectl/v1", "get", ""), s.kubectl(1.9)), "A", traffic.SourceProcess, 0)
	a.End = at(3)
	s.Spec(a)
	s.want(s.send(request(4, "kubectl/v1", "get", ""), s.kubectl(3.9)), "", 0, traffic.WhyBetween)
}

// A line of output is read later than it was printed: just before a spec is told to begin, it may run already.
func TestJustBeforeASpecIsToldNothingIsGuessed(t *testing.T) {
	s := newSuite(t)
	s.spec(traffic.ToldOutput, "A", 1, 0)
	s.spec(traffic.ToldOutput, "B", 3, 0)
	s.named(1.1, "A")
	s.named(3.2, "B")
	s.Seal()
	s.want(s.Attribute(request(2.98, "kubectl/v1", "get", ""), s.kubectl(2.96)), "", 0, traffic.WhyBoundary)
}

func TestAClientMadeOutsideOfSpecsIsTheSuites(t *testing.T) {
	s := newSuite(t)
	s.named(1, "A")
	s.want(s.send(request(2, agent, "list", ""), s.worker), "", 0, traffic.WhySuite)
}

func TestAClientMadeByHandBelongsToTheSpecThatMadeIt(t *testing.T) {
	s := newSuite(t)
	s.named(1, "A")
	s.want(s.send(request(2, "by-hand", "get", ""), s.worker), "A", traffic.SourceProcess, 0)
	s.named(3, "B")
	s.want(s.send(request(4, "by-hand", "get", ""), s.worker), "", 0, traffic.WhyOutlived) // of A's client or of B's
	s.want(s.send(request(5, "other", "get", ""), s.worker), "B", traffic.SourceProcess, 0)
}

func TestALeakedInformerOfAProgramThatNamesNoSpecs(t *testing.T) {
	s := newSuite(t)
	mark := func(test string, start, end float64) {
		s.Spec(&traffic.Spec{Test: test, Told: traffic.ToldMark, Process: s.worker, Start: at(start), End: at(end)})
	}
	mark("A", 1, 3)
	mark("B", 3, 5)
	s.want(s.send(request(2, "go/1", "watch", ""), s.worker), "A", traffic.SourceProcess, 0)
	s.want(s.send(request(4, "go/1", "watch", ""), s.worker), "", 0, traffic.WhyOutlived)
	s.want(s.send(request(4, "go/1", "watch", "other"), s.worker), "B", traffic.SourceProcess, 0)
	s.want(s.send(request(4.5, "go/1", "get", ""), s.worker), "B", traffic.SourceProcess, 0)
}

// A goroutine that outlives its spec shows itself by the namespace that it works in.
func TestTheWorkersOwnRequestInAnotherSpecsNamespaceIsUnknown(t *testing.T) {
	s := newSuite(t)
	s.creates(1, "A", "a-1")
	s.creates(3, "B", "b-1")
	a := s.send(request(4, "by-hand", "get", "a-1"), s.worker)
	s.want(a, "", 0, traffic.WhyDisagree)
	if !a.Disagreed.Has(traffic.SourceProcess) || !a.Disagreed.Has(traffic.SourceNamespace) {
		t.Errorf("disagreed: %v", a.Disagreed)
	}
	a = s.send(request(4.5, "kubectl/v1", "get", "a-1"), s.kubectl(4.4)) // a child's spec is certain
	s.want(a, "B", traffic.SourceProcess, 0)
	if a.Disagreed != traffic.SourceSet(0).With(traffic.SourceNamespace) {
		t.Errorf("disagreed: %v", a.Disagreed)
	}
}

// Whoever sends a mark is answered a tick later, so that the children that it starts then are clearly younger than the mark.
func TestAChildThatSeemsToStartJustBeforeAMarkIsNotItsOwn(t *testing.T) {
	s := newSuite(t)
	s.Spec(&traffic.Spec{Test: "A", Told: traffic.ToldMark, Process: s.worker, Start: at(2.005)})
	s.want(s.send(request(2.1, "kubectl/v1", "get", ""), s.kubectl(2)), "", 0, traffic.WhyBoundary)
	s.want(s.send(request(2.1, "kubectl/v1", "get", ""), s.kubectl(2.01)), "A", traffic.SourceProcess, 0)
}

// When one spec gives way to another in the tick in which a child started, a namespace tells whose it is: its request's, or
// the one that its arguments name.
func TestANamespaceDecidesBetweenTwoSpecsOfOneTick(t *testing.T) {
	s := newSuite(t)
	s.creates(1, "A", "a-1")
	s.creates(2.003, "B", "b-1")
	s.spec(traffic.ToldResults, "A", 0.5, 2.001)
	s.spec(traffic.ToldResults, "B", 2.001, 5)
	s.named(3, "B")
	s.Seal()
	for _, tt := range []struct{ namespace, argument, want string }{
		{"b-1", "", "B"}, {"a-1", "", "A"}, {"", "--namespace=b-1", "B"}, {"", "--namespace=a-1", "A"},
		{"", "", ""}, {"other", "--namespace=other", ""},
	} {
		p := s.process(s.worker, 2, "kubectl", tt.argument, "get", "pods")
		a := s.Attribute(request(2.1, "kubectl/v1", "get", tt.namespace), p)
		if a.Test != tt.want || tt.want != "" && a.Source != traffic.SourceProcess {
			t.Errorf("in %q with %q: %q from %v (%v), want %q", tt.namespace, tt.argument, a.Test, a.Source, a.Why, tt.want)
		}
	}
}

// What the output tells of a time is no better than the process that does not know its spec.
func TestOutputDoesNotGuessWhatAProcessLeavesOpen(t *testing.T) {
	s := newSuite(t)
	helper := s.kubectl(0.5) // older than the specs
	s.spec(traffic.ToldOutput, "A", 0.9, 0)
	s.named(1, "A")
	s.want(s.send(request(2, "kubectl/v1", "get", ""), helper), "", 0, traffic.WhyBetween)
	s.want(s.send(request(2, agent, "list", ""), s.worker), "", 0, traffic.WhySuite)
	s.want(s.send(request(2, "kubectl/v1", "get", ""), s.kubectl(1.9)), "A", traffic.SourceProcess, 0)
}
