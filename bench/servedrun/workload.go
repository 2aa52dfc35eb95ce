//go:build linux

package main

import (
	"fmt"
	"math/rand/v2"
	"time"

	"e2etap/internal/traffic"
)

const (
	workers = 25 // tests that run at the same time
	gap     = 2 * time.Millisecond
)

// workload makes the requests and specs of a suite of tests that run in parallel, each with some worker. It makes the same ones every
// time.
type workload struct {
	rnd     *rand.Rand
	now     time.Time
	perTest int
	most    int // tests
	tests   int // begun
	running [workers]running
	all     []traffic.Spec // that have ended
}

type running struct {
	traffic.Spec
	namespace string
	left      int
}

func newWorkload(start time.Time, requests, tests int) *workload {
	return &workload{rnd: rand.New(rand.NewPCG(1, 2)), now: start, most: tests, perTest: max(requests/tests, 1)}
}

var resources = []struct{ group, version, resource string }{
	{"", "v1", "pods"}, {"", "v1", "configmaps"}, {"", "v1", "events"}, {"", "v1", "secrets"}, {"", "v1", "services"},
	{"apps", "v1", "deployments"}, {"apps", "v1", "statefulsets"}, {"batch", "v1", "jobs"}, {"rbac.authorization.k8s.io", "v1", "roles"},
}

var verbs = []struct{ verb, method string }{
	{"get", "GET"}, {"get", "GET"}, {"get", "GET"}, {"get", "GET"}, {"list", "GET"}, {"list", "GET"}, {"create", "POST"}, {"update", "PUT"},
	{"patch", "PATCH"}, {"delete", "DELETE"}, {"watch", "GET"},
}

// next is the next request, which begins now.
func (w *workload) next() traffic.Request {
	w.now = w.now.Add(time.Duration(w.rnd.ExpFloat64() * float64(gap)))
	worker := w.rnd.IntN(workers)
	k := &w.running[worker]
	if k.left <= 0 && w.tests < w.most {
		w.begin(k, worker)
	}
	k.left--
	verb, kind := verbs[w.rnd.IntN(len(verbs))], resources[w.rnd.IntN(len(resources))]
	q := traffic.Request{
		Connection: int64(1 + w.rnd.IntN(200)), Start: w.now, Duration: time.Duration(3e6 * (0.3 + w.rnd.ExpFloat64())),
		Method: verb.method, BytesOut: w.rnd.Int64N(9000), Status: 200,
		API: traffic.API{Verb: verb.verb, Group: kind.group, Version: kind.version, Resource: kind.resource, Namespace: k.namespace},
	}
	if verb.verb != "list" && verb.verb != "create" {
		q.API.Name = fmt.Sprintf("test-object-%d", w.rnd.IntN(20))
	}
	switch w.rnd.IntN(100) {
	case 0, 1, 2, 3:
		q.Status = 404
	case 4:
		q.Status = 500
	}
	q.FirstByte, q.Path = q.Duration*9/10, pathOf(q.API)
	w.attribute(&q, k)
	return q
}

// attribute gives a request to its test, or one of twenty to none.
func (w *workload) attribute(q *traffic.Request, k *running) {
	if w.rnd.IntN(20) > 0 {
		q.Client.UserAgent = "e2e.test/v1.37.2 (linux/amd64) kubernetes/0a1b2c3 -- " + k.Test
		q.Attribution = traffic.Attribution{Test: k.Test, Source: traffic.SourceUserAgent, Phase: traffic.Phase(1 + w.rnd.IntN(3))}
		return
	}
	programs := []string{"e2e.test", "kubectl", "kube-controller-manager", "helm", "client-go"}
	q.Client.UserAgent = fmt.Sprintf("%s/v1.%d.%d (linux/amd64) kubernetes/%07x", programs[w.rnd.IntN(len(programs))], 30+w.rnd.IntN(8), w.rnd.IntN(9), w.rnd.IntN(50))
	q.Why = []traffic.Why{traffic.WhySuite, traffic.WhyBetween, traffic.WhyNoSpec, traffic.WhyOutside, traffic.WhyParallel}[w.rnd.IntN(5)]
}

// begin ends a worker's test and gives it the next one.
func (w *workload) begin(k *running, worker int) {
	w.end(k)
	w.tests++
	k.namespace, k.left = fmt.Sprintf("feature-%d", w.tests), w.perTest/2+w.rnd.IntN(w.perTest+1)
	sig := []string{"node", "apps", "network", "storage", "api-machinery"}[w.tests%5]
	k.Spec = traffic.Spec{
		Test: fmt.Sprintf("[sig-%s] Feature %d should behave as the specification of case %d says [Conformance]", sig, w.tests%97, w.tests),
		Told: traffic.ToldOutput, Worker: fmt.Sprint(worker + 1), Start: w.now, Attempts: 1, Labels: []string{"Conformance", "sig-" + sig},
		Location: fmt.Sprintf("test/e2e/%s/feature.go:%d", sig, w.tests),
	}
}

// end makes a worker's test one that has ended.
func (w *workload) end(k *running) {
	if k.Test == "" {
		return
	}
	s := k.Spec
	s.End, s.Outcome = w.now, traffic.SpecPassed
	if w.rnd.IntN(40) == 0 {
		s.Outcome = traffic.SpecFailed
	}
	length := s.End.Sub(s.Start)
	s.Phases = []traffic.PhaseStart{
		{At: s.Start, Phase: traffic.PhaseSetup, Attempt: 1}, {At: s.Start.Add(length / 10), Phase: traffic.PhaseBody, Attempt: 1},
		{At: s.Start.Add(length * 9 / 10), Phase: traffic.PhaseCleanup, Attempt: 1},
	}
	w.all = append(w.all, s)
	k.Test = ""
}

// specs ends all tests, and returns them.
func (w *workload) specs() []traffic.Spec {
	for i := range w.running {
		w.end(&w.running[i])
	}
	return w.all
}

// pathOf is the usual path of a request.
func pathOf(a traffic.API) string {
	path := "/api/" + a.Version
	if a.Group != "" {
		path = "/apis/" + a.Group + "/" + a.Version
	}
	path += "/namespaces/" + a.Namespace + "/" + a.Resource
	if a.Name != "" && a.Verb != "watch" {
		path += "/" + a.Name
	}
	return path
}
