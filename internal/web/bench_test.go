package web

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"testing"
	"time"

	"e2etap/internal/db"
	"e2etap/internal/traffic"
)

var rows = flag.Int("rows", 100_000, "requests of the run that BenchmarkWrite writes; the house's figure is for 1000000")

// counting counts bytes.
type counting int64

func (c *counting) Write(b []byte) (int, error) {
	*c += counting(len(b))
	return len(b), nil
}

// BenchmarkWrite writes the file of a run with 25 tests at a time and 1,400 requests each, whose times and durations are random.
func BenchmarkWrite(b *testing.B) {
	r, info := busy(b)
	var size counting
	for b.Loop() {
		size = 0
		if err := Write(&size, r, info, nil, func() {}); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(size)/1e6, "MB")
	b.ReportMetric(float64(size)/float64(*rows), "bytes/request")
}

func busy(b *testing.B) (*db.Reader, db.RunInfo) {
	path := filepath.Join(b.TempDir(), "e2e.db")
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	rec, err := db.Create(path, traffic.Run{Start: now}, db.Options{})
	if err != nil {
		b.Fatal(err)
	}
	rnd := rand.New(rand.NewPCG(1, 2))
	resources, verbs := []string{"pods", "configmaps", "events", "secrets"}, []string{"get", "get", "get", "list", "create", "watch"}
	for i := range *rows {
		now = now.Add(time.Duration(rnd.ExpFloat64() * 2e7))
		test := fmt.Sprintf("[sig-node] Pods %d should run as the specification says [Conformance]", i/35_000*25+rnd.IntN(25))
		q := traffic.Request{
			Start: now, Duration: time.Duration(3e6 * (0.3 + rnd.ExpFloat64())), Method: "GET", Path: "/of/the/test", Status: 200 + 204*(rnd.IntN(20)/19),
			API:         traffic.API{Verb: verbs[rnd.IntN(len(verbs))], Version: "v1", Resource: resources[rnd.IntN(len(resources))], Namespace: "a"},
			Attribution: traffic.Attribution{Test: test, Source: traffic.SourceUserAgent},
		}
		if err := rec.Finish(&q); err != nil {
			b.Fatal(err)
		}
	}
	if err := rec.Close(traffic.RunEnd{End: now}); err != nil {
		b.Fatal(err)
	}
	r, err := db.OpenReader(path)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { r.Close() })
	info, err := r.Run(db.LatestRun)
	if err != nil {
		b.Fatal(err)
	}
	return r, info
}
