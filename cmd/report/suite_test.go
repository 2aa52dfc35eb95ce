package main

import (
	"errors"
	"time"

	"e2etap/internal/db"
	"e2etap/internal/traffic"
)

// Tests of the suite.
const (
	podTest    = "[sig-node] Pods should run -- with kubectl"
	quotedTest = "[sig-cli] Kubectl says \"words\" <b> | *"
	besideTest = "[sig-apps] Jobs should run beside it"
)

// suite records a run of a suite as the proxy does while it knows little: User-Agents are believed, all else has no test yet.
// Its first worker runs two specs, of which the output told, with kubectl below the first; another worker runs one more spec beside
// the second; an agent comes from outside.
func suite(path string) (err error) {
	rec, err := db.Create(path, traffic.Run{Command: []string{"ginkgo"}, Server: "https://127.0.0.1:6443", Start: start}, db.Options{})
	if err != nil {
		return err
	}
	s := &suiteRecorder{rec: rec}
	ginkgo := s.process(1, &traffic.Process{Root: true, PID: 10, Command: []string{"ginkgo"}}, nil)
	worker := s.process(1, &traffic.Process{PID: 11, Command: []string{"/bin/e2e.test", "--ginkgo.parallel.process=1"}}, ginkgo)
	other := s.process(1, &traffic.Process{PID: 14, Command: []string{"/bin/e2e.test", "--ginkgo.parallel.process=2"}}, ginkgo)
	kubectl := s.process(12, &traffic.Process{PID: 12, Command: []string{"kubectl", "--kubeconfig=x", "get", "pods", "-A"}}, worker)
	marked := s.process(15, &traffic.Process{PID: 13, Command: []string{"sh", "-c", "curl"}, Test: podTest}, ginkgo)
	outside := s.process(1, &traffic.Process{PID: 20, Command: []string{"agent"}}, nil)
	s.spec(podTest, traffic.SpecPassed, 10, 30)
	s.spec(quotedTest, traffic.SpecUnknown, 30, 50)
	s.ask(worker, 2, "", "kube-system")
	s.ask(worker, 11, podTest, "")
	for _, second := range []int{13, 14, 28} {
		s.ask(worker, second, podTest, "pods-1")
	}
	s.ask(kubectl, 16, "", "pods-1")
	s.ask(kubectl, 17, "", "pods-1")
	s.ask(marked, 18, "", "default")
	for _, second := range []int{31, 35, 48} {
		s.ask(worker, second, quotedTest, "kubectl-2")
		s.ask(other, second+1, besideTest, "jobs-3")
	}
	s.ask(outside, 40, "", "default")
	return errors.Join(s.err, rec.Close(traffic.RunEnd{End: at(60)}))
}

// spied records a run as "proxy spy" does: with specs, and nothing of a cluster.
func spied(path, name string) (err error) {
	rec, err := db.Create(path, traffic.Run{Name: name, Command: []string{"e2e.test"}, ToolVersion: "v0.1.0", Start: start}, db.Options{})
	if err != nil {
		return err
	}
	s := &suiteRecorder{rec: rec}
	s.err = rec.Spec(&traffic.Spec{Node: "BeforeSuite", Told: traffic.ToldOutput, Start: at(1), End: at(2), Outcome: traffic.SpecPassed})
	s.spec(podTest, traffic.SpecFailed, 10, 30)
	s.spec(podTest, traffic.SpecPassed, 30, 40)
	return errors.Join(s.err, rec.Close(traffic.RunEnd{End: at(60), ExitCode: 1}))
}

func at(second int) time.Time { return start.Add(time.Duration(second) * time.Second) }

type suiteRecorder struct {
	rec *db.Recorder
	err error
}

func (s *suiteRecorder) process(second int, p, parent *traffic.Process) *traffic.Process {
	p.Start, p.Parent, p.Executable = at(second), parent, "/bin/"+p.Command[0]
	s.err = errors.Join(s.err, s.rec.Process(p))
	return p
}

func (s *suiteRecorder) spec(test string, outcome traffic.SpecOutcome, from, to int) {
	s.err = errors.Join(s.err, s.rec.Spec(&traffic.Spec{Test: test, Told: traffic.ToldOutput, Start: at(from), End: at(to), Outcome: outcome}))
}

// ask records a request on a connection of its own: for a pod of a namespace, or a new namespace.
func (s *suiteRecorder) ask(p *traffic.Process, second int, test, namespace string) {
	c := traffic.Connection{Opened: at(second), Remote: "127.0.0.1:40000", Process: p}
	s.err = errors.Join(s.err, s.rec.Connect(&c))
	q := traffic.Request{
		Connection: c.ID, Start: at(second), Duration: time.Millisecond, Method: "GET", Path: "/api/v1/namespaces/" + namespace + "/pods/a",
		API:    traffic.API{Verb: "get", Version: "v1", Resource: "pods", Namespace: namespace, Name: "a"},
		Status: 200, Client: traffic.Client{UserAgent: p.Command[0] + "/v1.37.2"}, Attribution: traffic.Attribution{Why: traffic.WhyNoSpec},
	}
	if namespace == "" {
		q.Method, q.Path, q.API = "POST", "/api/v1/namespaces", traffic.API{Verb: "create", Version: "v1", Resource: "namespaces"}
	}
	if test != "" {
		q.Client.UserAgent = "e2e.test/v1.37.2 -- " + test
		q.Attribution = traffic.Attribution{Test: test, Source: traffic.SourceUserAgent}
	} else if p.PID == 11 {
		q.Client.UserAgent = "e2e.test/v1.37.2"
	}
	s.err = errors.Join(s.err, s.rec.Finish(&q))
}
