package tagger

import (
	"testing"

	"e2etap/internal/traffic"
)

func TestSourcesByStrength(t *testing.T) {
	s := newSuite(t)
	s.creates(1, "by process", "n-1")
	p := s.kubectl(2)
	q := request(2.1, "kubectl/v1", "get", "n-1")
	a := s.Attribute(q, p)
	s.want(a, "by process", traffic.SourceProcess, 0)
	if a.Agreed != traffic.SourceSet(0).With(traffic.SourceNamespace) {
		t.Errorf("agreed: %v, want the namespace", a.Agreed)
	}
	p.Test = "by environment"
	s.want(s.Attribute(q, p), "by environment", traffic.SourceEnvironment, 0)
	q.Client.UserAgent = "kubectl/v1 -- by agent"
	s.want(s.Attribute(q, p), "by agent", traffic.SourceUserAgent, 0)
	q.Client.TestHeader = "by header"
	a = s.Attribute(q, p)
	s.want(a, "by header", traffic.SourceHeader, 0)
	want := traffic.SourceSet(0).With(traffic.SourceUserAgent).With(traffic.SourceEnvironment).With(traffic.SourceProcess).With(traffic.SourceNamespace)
	if a.Disagreed != want || a.Agreed != 0 {
		t.Errorf("disagreed %v, agreed %v; want %v and none", a.Disagreed, a.Agreed, want)
	}
}

func TestNothingIsSaidOfStrangers(t *testing.T) {
	s := newSuite(t)
	s.spec(traffic.ToldOutput, "A", 0.5, 0)
	s.named(1, "A")
	stranger := s.process(nil, 0, "/bin/kubectl")
	s.want(s.send(request(2, "kubectl/v1", "get", ""), stranger), "", 0, traffic.WhyOutside)
	s.want(s.send(request(2, "kubectl/v1", "get", ""), nil), "", 0, traffic.WhyProcessUnknown)
	beside := s.process(s.worker, 0, "/bin/sh")
	s.worker.Root = true
	beside.Parent = nil // a child of the command's wrapper, say, but not of the worker
	beside.Root = true
	s.want(s.send(request(2, "kubectl/v1", "get", ""), s.process(beside, 1.9, "/bin/kubectl")), "", 0, traffic.WhyOutside)
}

func TestWithoutSpecsNothingIsKnown(t *testing.T) {
	s := newSuite(t)
	s.want(s.send(request(2, "kubectl/v1", "get", "x"), s.kubectl(1)), "", 0, traffic.WhyNoSpec)
}

func TestOutputNamesTheTestsOfProgramsThatDoNot(t *testing.T) {
	s := newSuite(t)
	test := s.spec(traffic.ToldOutput, "TestA", 1, 0)
	s.want(s.send(request(2, "go/1", "get", ""), s.worker), "TestA", traffic.SourceOutput, 0)
	s.want(s.send(request(2, "kubectl/v1", "get", ""), s.process(nil, 0, "/bin/stranger")), "", 0, traffic.WhyNoSpec)
	test.End = at(3)
	s.Spec(test)
	s.want(s.send(request(4, "go/1", "get", ""), s.worker), "", 0, traffic.WhyNoSpec)
}

func TestOfSeveralRunningTestsTheInnermostCounts(t *testing.T) {
	s := newSuite(t)
	s.spec(traffic.ToldOutput, "TestA", 1, 0)
	s.spec(traffic.ToldOutput, "TestA/sub", 2, 0)
	s.want(s.send(request(3, "go/1", "get", ""), s.worker), "TestA/sub", traffic.SourceOutput, 0)
	s.spec(traffic.ToldOutput, "TestB", 4, 0) // parallel
	s.want(s.send(request(5, "go/1", "get", ""), s.worker), "", 0, traffic.WhyNoSpec)
}

func TestAPausedTestIsNotRunning(t *testing.T) {
	s := newSuite(t)
	a := s.spec(traffic.ToldOutput, "TestA", 1, 0)
	a.Phases = []traffic.PhaseStart{{At: at(2), Phase: traffic.PhasePaused}, {At: at(6), Phase: traffic.PhaseBody}}
	s.Spec(a)
	s.spec(traffic.ToldOutput, "TestB", 3, 5)
	for _, tt := range []struct {
		seconds float64
		test    string
	}{{1.5, "TestA"}, {2.5, ""}, {4, "TestB"}, {5.5, ""}, {7, "TestA"}} {
		if got := s.Attribute(request(tt.seconds, "go/1", "get", ""), s.worker); got.Test != tt.test {
			t.Errorf("at %v s: %q, want %q", tt.seconds, got.Test, tt.test)
		}
	}
}

func TestWorkersAreKnownByTheirCommands(t *testing.T) {
	s := newSuite(t)
	second := s.process(s.worker, 0, "/bin/e2e", "--ginkgo.parallel.process=2", "--ginkgo.parallel.total=4")
	pkg := s.process(s.worker, 0, "/tmp/go-build1/b001/api.test", "-test.v")
	s.Spec(&traffic.Spec{Test: "A", Told: traffic.ToldResults, Worker: "1", Start: at(1), End: at(9)})
	s.Spec(&traffic.Spec{Test: "B", Told: traffic.ToldResults, Worker: "2", Start: at(1), End: at(9)})
	s.Spec(&traffic.Spec{Test: "TestC", Told: traffic.ToldOutput, Worker: "example.com/api", Start: at(1), End: at(9)})
	s.want(s.send(request(2, "kubectl/v1", "get", ""), s.process(second, 1.9, "/bin/kubectl")), "B", traffic.SourceProcess, 0)
	s.want(s.send(request(2, "go/1", "get", ""), pkg), "TestC", traffic.SourceProcess, 0)
}

func TestMarksHoldForTheirProcess(t *testing.T) {
	s := newSuite(t)
	one, two := s.process(s.worker, 0, "/bin/sh"), s.process(s.worker, 0, "/bin/sh")
	mark := func(p *traffic.Process, test string) *traffic.Spec {
		v := &traffic.Spec{Test: test, Told: traffic.ToldMark, Process: p, Start: at(1)}
		s.Spec(v)
		return v
	}
	mark(one, "A")
	b := mark(two, "B")
	s.want(s.send(request(2, "kubectl/v1", "get", ""), s.process(one, 1.9, "/bin/kubectl")), "A", traffic.SourceProcess, 0)
	s.want(s.send(request(2, "kubectl/v1", "get", ""), s.process(two, 1.9, "/bin/kubectl")), "B", traffic.SourceProcess, 0)
	b.End = at(3)
	s.Spec(b)
	s.want(s.send(request(4, "kubectl/v1", "get", ""), s.process(two, 3.9, "/bin/kubectl")), "", 0, traffic.WhyBetween)
}

func TestNamespacesBelongToTheTestThatCreatedThem(t *testing.T) {
	s := newSuite(t)
	s.creates(1, "A", "a-1")
	s.named(1.5, "B")
	s.send(request(1.6, agent+" -- B", "list", "existing"), s.worker) // B has created none
	s.send(request(1.7, agent+" -- B", "list", "kube-system"), s.worker)
	for namespace, want := range map[string]string{"a-1": "A", "existing": "", "kube-system": "", "default": "", "": "", "new": ""} {
		a := s.Attribute(request(2, "curl/8", "get", namespace), nil)
		if a.Test != want || want != "" && a.Source != traffic.SourceNamespace {
			t.Errorf("in %q: %q from %v, want %q", namespace, a.Test, a.Source, want)
		}
	}
	s.send(request(3, agent+" -- B", "get", "a-1"), s.worker)
	s.want(s.Attribute(request(4, "curl/8", "get", "a-1"), nil), "", 0, traffic.WhyProcessUnknown) // it is shared
}

// A second pass knows to whom a namespace came to belong, and what a spec's phases were.
func TestWhatIsLearntLaterCounts(t *testing.T) {
	s := newSuite(t)
	q := request(0.5, "curl/8", "get", "a-1")
	s.want(s.send(q, nil), "", 0, traffic.WhyProcessUnknown)
	s.creates(1, "A", "a-1")
	s.Spec(&traffic.Spec{Test: "A", Told: traffic.ToldResults, Start: at(0), End: at(5), Phases: []traffic.PhaseStart{
		{At: at(0), Phase: traffic.PhaseSetup, Attempt: 1}, {At: at(1), Phase: traffic.PhaseBody, Attempt: 1},
		{At: at(2), Phase: traffic.PhaseBody, Attempt: 2}, {At: at(4), Phase: traffic.PhaseCleanup, Attempt: 2},
	}})
	s.Seal()
	s.want(s.Attribute(q, nil), "A", traffic.SourceNamespace, 0)
	for seconds, want := range map[float64]traffic.PhaseStart{
		0.5: {Phase: traffic.PhaseSetup, Attempt: 1}, 1: {Phase: traffic.PhaseBody, Attempt: 1},
		3: {Phase: traffic.PhaseBody, Attempt: 2}, 4.5: {Phase: traffic.PhaseCleanup, Attempt: 2},
		6: {Phase: traffic.PhaseAfter, Attempt: 2},
	} {
		a := s.Attribute(request(seconds, agent+" -- A", "get", ""), s.worker)
		if a.Phase != want.Phase || a.Attempt != want.Attempt {
			t.Errorf("at %v s: %v, attempt %d; want %v, %d", seconds, a.Phase, a.Attempt, want.Phase, want.Attempt)
		}
	}
}

func TestTaggedUserAgentsNameTheirTest(t *testing.T) {
	for test, want := range map[string]string{
		"a": "a", "a -- b": "a -- b", "line\nbreak\x00\x7f": "line break", "ünïcode": "ünïcode",
	} {
		if got := UserAgent(Tagged("kubectl/v1", test)); got != want {
			t.Errorf("%q: %q, want %q", test, got, want)
		}
		if got := UserAgent(Tagged("", test)); got != want {
			t.Errorf("%q without a User-Agent: %q, want %q", test, got, want)
		}
	}
}
