package coverage

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"testing"
	"time"

	"e2etap/internal/conformance"
	"e2etap/internal/db"
	"e2etap/internal/operation"
	"e2etap/internal/traffic"
)

var benchRows = flag.Int("rows", 200_000, "requests in the recording that BenchmarkCoverage reads; the house's figure is for 5000000")

// BenchmarkCoverage is what "report coverage" does, without its output, for a run of 700 tests and a server of 1,200
// operations, 20 or so of which a test asks for. 5,000,000 requests take 52 ms on two cores of a virtual machine, 200,000
// take 44 ms: what counts is how many different things the tests asked for.
func BenchmarkCoverage(b *testing.B) {
	path := recordMany(b, *benchRows)
	lists, _, err := conformance.Load("v1.37.2")
	if err != nil {
		b.Fatal(err)
	}
	var hit int64
	for b.Loop() {
		r, err := db.OpenReader(path)
		if err != nil {
			b.Fatal(err)
		}
		info, err := r.Run(db.LatestRun)
		if err != nil {
			b.Fatal(err)
		}
		run, err := Load(r, info)
		if err != nil {
			b.Fatal(err)
		}
		run.Judge(lists)
		_, total := run.Summarize([]Dimension{Level, Group}, Choice{})
		hit = total.Hit
		if err := r.Close(); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(hit), "operations-hit")
}

// manyOperations are 150 resources with eight operations each.
func manyOperations() (ops []operation.Operation) {
	for i := range 150 {
		group, kind := fmt.Sprintf("group-%d.k8s.io", i%20), fmt.Sprintf("Kind%d", i)
		path := fmt.Sprintf("/apis/%s/v1/namespaces/{namespace}/kinds%d", group, i)
		add := func(method, action, path string) {
			ops = append(ops, operation.Operation{
				ID: action + kind, Method: method, Path: path, Group: group, Version: "v1", Kind: kind, Action: action,
			})
		}
		add("GET", "list", path)
		add("POST", "post", path)
		add("DELETE", "deletecollection", path)
		for _, m := range []struct{ method, action string }{{"GET", "get"}, {"PUT", "put"}, {"PATCH", "patch"}, {"DELETE", "delete"}} {
			add(m.method, m.action, path+"/{name}")
		}
		add("GET", "watchlist", fmt.Sprintf("/apis/%s/v1/watch/namespaces/{namespace}/kinds%d", group, i))
	}
	return ops
}

// recordMany makes a recording in which 25 tests run at a time.
func recordMany(b *testing.B, requests int) (path string) {
	b.Helper()
	path = filepath.Join(b.TempDir(), "e2e.db")
	rec, err := db.Create(path, traffic.Run{Start: start, ServerVersion: "v1.37.2"}, db.Options{})
	if err != nil {
		b.Fatal(err)
	}
	document, err := operation.Encode(manyOperations())
	if err == nil {
		err = rec.SetOperations(document)
	}
	rnd := rand.New(rand.NewPCG(1, 2))
	for i := 0; i < requests && err == nil; i++ {
		q := oneOfMany(b, rnd, i*700/requests)
		q.Start = start.Add(time.Duration(i) * time.Millisecond)
		err = rec.Finish(&q)
	}
	if err == nil {
		err = rec.Close(traffic.RunEnd{End: start.Add(time.Hour)})
	}
	if err != nil {
		b.Fatal(err)
	}
	return path
}

func oneOfMany(b *testing.B, rnd *rand.Rand, latest int) traffic.Request {
	test := max(0, latest-rnd.IntN(25))
	resource := (test*7 + rnd.IntN(4)) % 150
	path := fmt.Sprintf("/apis/group-%d.k8s.io/v1/namespaces/n%d/kinds%d", resource%20, test, resource)
	name := fmt.Sprintf("[sig-bench] Feature %d should do what it says [Conformance]", test)
	status := 200
	if rnd.IntN(10) == 0 {
		status = 404
	}
	switch rnd.IntN(8) {
	case 0:
		return asked(b, name, "GET", path, status)
	case 1:
		return asked(b, name, "POST", path, status)
	case 2:
		return asked(b, name, "GET", path+"?watch=1", status)
	case 3:
		return asked(b, name, "DELETE", path+"/x", status)
	case 4:
		return asked(b, name, "PATCH", path+"/x", status)
	}
	return asked(b, name, "GET", path+"/x", status)
}
