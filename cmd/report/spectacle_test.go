package main

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"e2etap/internal/db"
	"e2etap/internal/traffic"
)

// Tests of a spectacle, whose names are hard to show.
const (
	plainTest  = "[sig-node] Pods should run and be deleted [Conformance]"
	scriptTest = `[sig-cli] </script><script>window.broken = 1</script> <img src=x onerror="window.broken = 2"> 'quoted' & &amp;`
	rtlTest    = "[sig-i18n] בדיקה \u202e should read مرحبا from right to left"
)

var longTest = "[sig-long] " + strings.Repeat("a name that does not end, ", 192) + "nor does it now"

// others is how many tests more there are: enough that a table cannot have all rows.
const others = 700

// spectacle records a run that has something for every view: three of ginkgo's processes, phases, failures, slow and unanswered
// requests, watches, requests without a test.
func spectacle(path string) error {
	rec, err := db.Create(path, traffic.Run{
		Name: "spectacle", Command: []string{"e2e.test", "--ginkgo.focus=<b>"}, Context: "kind", Server: "https://127.0.0.1:6443",
		ServerVersion: "v1.37.2", ToolVersion: "v0.1.0", Start: start,
	}, db.Options{})
	if err != nil {
		return err
	}
	s := &stage{rec: rec}
	s.spec(plainTest, "1", traffic.SpecPassed, 1000, 9000)
	s.spec(scriptTest, "2", traffic.SpecFailed, 1500, 12_000)
	s.spec(rtlTest, "3", traffic.SpecPassed, 500, 4000)
	s.spec(longTest, "3", traffic.SpecPassed, 4100, 9900)
	s.spec("[sig-apps] Jobs are pending", "1", traffic.SpecPending, 9000, 9000)
	s.life(plainTest, "pods-1", 1000)
	for i, name := range []string{scriptTest, rtlTest, longTest} {
		s.ask(name, 2000+i*2500, 40, "list", "pods", "default", "", 200)
		s.ask(name, 2100+i*2500, 900, "get", "secrets", "default", "a", 503)
	}
	for i := range others {
		name := fmt.Sprintf("[sig-apps] Deployment number %d should roll", i)
		from := 10_000 + i*70
		s.spec(name, fmt.Sprint(i%3+1), traffic.SpecPassed, from, from+200)
		s.ask(name, from+1, 2, "create", "deployments", fmt.Sprintf("apps-%d", i), "", 201)
		s.ask(name, from+9, 3, "get", "deployments", fmt.Sprintf("apps-%d", i), "web", 200)
	}
	for i := range 12 {
		s.ask("", 100+i*5000, 3, "get", "nodes", "", "worker", 200)
	}
	return errors.Join(s.err, rec.Close(traffic.RunEnd{End: start.Add(70 * time.Second), ExitCode: 1}))
}

// stage records; times are in milliseconds. The first error stays.
type stage struct {
	rec *db.Recorder
	err error
}

func (s *stage) at(ms int) time.Time { return start.Add(time.Duration(ms) * time.Millisecond) }

func (s *stage) spec(test, worker string, outcome traffic.SpecOutcome, from, to int) {
	s.err = errors.Join(s.err, s.rec.Spec(&traffic.Spec{
		Test: test, Told: traffic.ToldResults, Worker: worker, Start: s.at(from), End: s.at(to), Outcome: outcome, Attempts: 1,
		Labels: []string{"Conformance", "<b>"}, Location: "test/e2e/node/pods.go:42", Phases: []traffic.PhaseStart{
			{At: s.at(from), Phase: traffic.PhaseSetup, Attempt: 1}, {At: s.at(from + (to-from)/5), Phase: traffic.PhaseBody, Attempt: 1},
			{At: s.at(to - (to-from)/5), Phase: traffic.PhaseCleanup, Attempt: 1},
		},
	}))
}

// life is a test of a pod from its namespace to the end: 8 seconds.
func (s *stage) life(test, namespace string, from int) {
	s.ask(test, from+10, 4, "create", "namespaces", "", "", 201)
	s.ask(test, from+20, 1200, "watch", "serviceaccounts", namespace, "default", 200)
	s.ask(test, from+1300, 8, "create", "pods", namespace, "", 201)
	for i := range 12 {
		s.ask(test, from+1400+i*300, 3, "get", "pods", namespace, "a", 200)
	}
	s.ask(test, from+5200, 700, "list", "events", namespace, "", 200)
	s.ask(test, from+6000, 5, "patch", "pods", namespace, "a", 409)
	s.ask(test, from+6100, 5, "update", "pods", namespace, "a", 200)
	s.ask(test, from+6600, 5, "delete", "pods", namespace, "a", 200)
	s.ask(test, from+6700, 5, "get", "pods", namespace, "a", 404)
	s.ask(test, from+7000, 0, "get", "pods", namespace, "a", 0)
}

var methods = map[string]string{"get": "GET", "list": "GET", "watch": "GET", "create": "POST", "update": "PUT", "patch": "PATCH", "delete": "DELETE"}

func (s *stage) ask(test string, at, duration int, verb, resource, namespace, name string, status int) {
	api := traffic.API{Verb: verb, Version: "v1", Resource: resource, Namespace: namespace, Name: name}
	if resource == "deployments" {
		api.Group = "apps"
	}
	q := traffic.Request{
		Start: s.at(at), Duration: time.Duration(duration) * time.Millisecond, Method: methods[verb], Path: "/of/the/test", API: api, Status: status,
		BytesIn: 100, BytesOut: 2000, Client: traffic.Client{UserAgent: "e2e.test/v1.37.2"}, Attribution: traffic.Attribution{Why: traffic.WhySuite},
	}
	if status == 0 {
		q.Outcome, q.Error = traffic.UpstreamUnreachable, "connection refused"
	}
	if test != "" {
		q.Attribution = traffic.Attribution{Test: test, Source: traffic.SourceUserAgent, Phase: traffic.PhaseBody}
		if at%2 == 1 {
			q.Source = traffic.SourceProcess
		}
	}
	s.err = errors.Join(s.err, s.rec.Finish(&q))
}
