package budget

import (
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"e2etap/internal/db"
	"e2etap/internal/traffic"
)

// recorded opens a recording of one run, named r.
func recorded(t *testing.T, all ...traffic.Request) (*db.Reader, db.RunInfo) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "e2e.db")
	rec, err := db.Create(path, traffic.Run{Name: "r", Start: time.Unix(1, 0)}, db.Options{})
	if err != nil {
		t.Fatal(err)
	}
	for i := range all {
		if err := rec.Finish(&all[i]); err != nil {
			t.Fatal(err)
		}
	}
	if err := rec.Close(traffic.RunEnd{End: time.Unix(2, 0)}); err != nil {
		t.Fatal(err)
	}
	r, err := db.OpenReader(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := r.Close(); err != nil {
			t.Error(err)
		}
	})
	run, err := r.Run("r")
	if err != nil {
		t.Fatal(err)
	}
	return r, run
}

// request is of a test ("" for none), by a client, for pods of namespace a.
func request(test, client, verb string, change ...func(*traffic.Request)) traffic.Request {
	q := traffic.Request{
		Method: "GET", API: traffic.API{Verb: verb, Version: "v1", Resource: "pods", Namespace: "a"}, Status: 200, Duration: time.Millisecond,
		Client: traffic.Client{UserAgent: client + "/v1 (linux)"},
	}
	if test != "" {
		q.Attribution = traffic.Attribution{Test: test, Source: traffic.SourceHeader}
	}
	for _, c := range change {
		c(&q)
	}
	return q
}

func status(n int) func(*traffic.Request) { return func(q *traffic.Request) { q.Status = n } }

func bytes(in, out int64) func(*traffic.Request) {
	return func(q *traffic.Request) { q.BytesIn, q.BytesOut = in, out }
}

func took(d time.Duration) func(*traffic.Request) {
	return func(q *traffic.Request) { q.Duration = d }
}

func warned(text string) func(*traffic.Request) {
	return func(q *traffic.Request) { q.Warnings = []string{"299 - \"fine\"", text} }
}

func limited(q *traffic.Request) { q.Query.Limit = 500 }
func named(q *traffic.Request)   { q.API.Name = "x" }

// checked writes what a budget of limits, each in YAML's short form, finds: "name|kind name|metric measured/allowed (request)".
func checked(t *testing.T, r *db.Reader, run db.RunInfo, limits ...string) (lines []string) {
	t.Helper()
	text := "limits:\n"
	for i, l := range limits {
		text += fmt.Sprintf("- {name: %c, %s}\n", 'a'+i, l)
	}
	b, err := Parse([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	result, err := Check(r, run, b)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range result.Findings {
		for _, m := range f.Measures {
			lines = append(lines, fmt.Sprintf("%s|%s %s|%s %s/%s (%d)", f.Limit.Name, f.Subject.Kind, f.Subject.Name, m.Metric,
				m.Metric.Format(m.Measured), m.Metric.Format(m.Allowed), m.Request))
		}
	}
	for _, l := range result.Unmatched {
		lines = append(lines, l.Name+" matches nothing")
	}
	return lines
}

func TestEveryMetricIsMeasured(t *testing.T) {
	r, run := recorded(t,
		request("one", "e2e", "get", status(404), bytes(3, 2048), took(2*time.Second)),
		request("one", "e2e", "get", status(503), bytes(4, 1024), took(3*time.Second)),
		request("one", "e2e", "watch", took(time.Hour)),
		request("one", "e2e", "list"),
		request("one", "e2e", "list", limited),
		request("one", "e2e", "list", named),
		request("one", "e2e", "get", warned(`299 - "v1 Pod is deprecated in v1.99+"`)),
		request("one", "e2e", "get", warned(`299 - "spec.x: Deprecated since v1.27"`)),
		request("one", "e2e", "get", warned(`199 - "deprecated"`)),
	)
	want := map[string]string{
		"requests: 8": "requests 9/8 (9)", "requests: 9": "requests 9/9 (0)", "watches: 0": "watches 1/0 (3)",
		"errors4xx: 0": "errors4xx 1/0 (1)", "errors5xx: 0": "errors5xx 1/0 (2)", "unlimitedLists: 0": "unlimitedLists 1/0 (4)",
		"deprecated: 1": "deprecated 2/1 (8)", "bytesIn: 3": "bytesIn 7/3 (2)", "bytesOut: 2Ki": "bytesOut 3Ki/2Ki (2)",
		"p99: 2s": "p99 3s/2s (2)", "max: 2s": "max 3s/2s (2)", "max: 3s": "max 3s/3s (0)",
	}
	for limit, want := range want {
		if diff := cmp.Diff([]string{"a|run r|" + want}, checked(t, r, run, limit)); diff != "" {
			t.Errorf("%s: -want +got\n%s", limit, diff)
		}
	}
}

func TestALimitIsAboutSubjects(t *testing.T) {
	r, run := recorded(t,
		request("one", "e2e", "get"), request("one", "kubectl", "list"), request("two", "e2e", "create"), request("", "kubectl", "get"),
		request("", "kube-agent", "get", func(q *traffic.Request) { q.API.Namespace = "b" }),
	)
	for limit, want := range map[string][]string{
		"requests: 9":                                     {"a|run r|requests 5/9 (0)"},
		"run: {}, test: '*', requests: 9":                 {"a|run r|requests 3/9 (0)"},
		"test: '*', requests: 1":                          {"a|test one|requests 2/1 (2)", "a|test two|requests 1/1 (0)"},
		"test: tw, requests: 1":                           {"a|test two|requests 1/1 (0)"},
		"test: '*', verb: list, requests: 0":              {"a|test one|requests 1/0 (2)", "a|test two|requests 0/0 (0)"},
		"test: '', requests: 1":                           {"a|test |requests 2/1 (5)"},
		"test: (no test), namespace: b, requests: 1":      {"a|test |requests 1/1 (0)"},
		"test: '*', client: kubectl, requests: 0":         {"a|test one|requests 1/0 (2)"},
		"client: kubectl, requests: 1":                    {"a|client kubectl|requests 2/1 (4)"},
		"client: 'kube*', requests: 9":                    {"a|client kube-agent|requests 1/9 (0)", "a|client kubectl|requests 2/9 (0)"},
		"client: kube, requests: 9":                       {"a matches nothing"},
		"userAgent: '*agent*', requests: 9":               {"a|user-agent kube-agent/v1 (linux)|requests 1/9 (0)"},
		"test: three, requests: 9":                        {"a matches nothing"},
		"run: {}, test: three, requests: 9":               {"a matches nothing"},
		"verb: delete, requests: 0":                       {"a|run r|requests 0/0 (0)"},
		"resource: pods, verb: '?et', requests: 0":        {"a|run r|requests 3/0 (1)"},
		"resource: pods/exec, requests: 0":                {"a|run r|requests 0/0 (0)"},
		"namespace: '?', verb: get, requests: 0, max: 1s": {"a|run r|requests 3/0 (1)", "a|run r|max 1ms/1s (0)"},
	} {
		if diff := cmp.Diff(want, checked(t, r, run, limit)); diff != "" {
			t.Errorf("%s: -want +got\n%s", limit, diff)
		}
	}
}

func TestTheP99IsTheNearestRank(t *testing.T) {
	for n, want := range map[int]int64{0: 0, 1: 1, 2: 2, 99: 99, 100: 99, 101: 100, 200: 198} {
		var all []timed
		for i := n; i > 0; i-- {
			all = append(all, timed{int64(i), int64(1000 + i)})
		}
		d, request := percentile(all, 99)
		if d != want || n > 0 && request != 1000+want {
			t.Errorf("of %d: %d of request %d, want %d", n, d, request, want)
		}
	}
}

func TestAnEmptyRunHasNothingOfAnything(t *testing.T) {
	r, run := recorded(t)
	if diff := cmp.Diff([]string{"a|run r|requests 0/0 (0)", "a|run r|p99 0s/1s (0)"}, checked(t, r, run, "requests: 0, p99: 1s")); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
}
