package correlate

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"e2etap/internal/db"
	"e2etap/internal/replay"
	"e2etap/internal/traffic"
)

var requests = flag.Int("requests", 100_000, "in the audit log that the benchmark reads")

// BenchmarkCorrelate finds the requests of a run with 700 specs in an imported log, half of which is the tests', and attributes all of
// it: what "report correlate" does after the import. peak-MB is the most memory that the process had meanwhile (proc(5), VmHWM), SQLite's
// included. For a log of a million:
//
//	go test ./internal/correlate -run '^$' -bench Correlate -benchtime 1x -requests 1000000
func BenchmarkCorrelate(b *testing.B) {
	for b.Loop() {
		b.StopTimer()
		e := busyCluster(b, *requests, 700)
		if err := os.WriteFile("/proc/self/clear_refs", []byte("5"), 0); err != nil {
			b.Logf("peak-MB has the import in it: %v", err)
		}
		run, err := e.Run(db.LatestRun)
		if err != nil {
			b.Fatal(err)
		}
		b.StartTimer()
		began := time.Now()
		result, err := Run(e, run, nil, false)
		found := time.Since(began)
		if err == nil {
			run, err = e.Run(db.LatestRun)
		}
		if err == nil {
			_, err = replay.RetagChanges(e, run, func() {})
		}
		if err != nil {
			b.Fatal(err)
		}
		b.ReportMetric(found.Seconds(), "s-to-find")
		b.ReportMetric(time.Since(began).Seconds()-found.Seconds(), "s-to-attribute")
		b.ReportMetric(peak(b), "peak-MB")
		b.ReportMetric(float64(result.Requests), "of-the-run")
		b.StopTimer()
		if err := e.Close(); err != nil {
			b.Fatal(err)
		}
		b.StartTimer()
	}
}

// busyCluster is a recording with specs of ten seconds each, and a log of requests of the tests, of kubectl and of controllers.
func busyCluster(b *testing.B, requests, specs int) *db.Editor {
	b.Helper()
	path := filepath.Join(b.TempDir(), "e2e.db")
	rec, err := db.Create(path, traffic.Run{Start: start}, db.Options{})
	for i := range specs {
		if err == nil {
			err = rec.Spec(specOf(specName(i), float64(10*i), float64(10*i+10)))
		}
	}
	if err == nil {
		err = rec.Close(traffic.RunEnd{End: at(float64(10 * specs))})
	}
	if err != nil {
		b.Fatal(err)
	}
	e, err := db.OpenEditor(path)
	if err != nil {
		b.Fatal(err)
	}
	_, err = e.ImportAudit(func(w *db.AuditWriter) (err error) {
		for i := range requests {
			err = errors.Join(err, w.Add(inBusyCluster(i, requests, specs)))
		}
		return err
	})
	if err != nil {
		b.Fatal(err)
	}
	return e
}

func specName(i int) string {
	return fmt.Sprintf("[sig-node] Feature should behave as case %d says [Conformance]", i)
}

// inBusyCluster is the i-th request of a log: each spec creates a namespace first.
func inBusyCluster(i, requests, specs int) *traffic.Audit {
	per := requests / specs
	spec, n := min(i/per, specs-1), i%per
	a := sent(float64(10*specs)*(float64(i)+0.5)/float64(requests), admin, here, suiteAgent+" -- "+specName(spec))
	a.ID, a.Completed = fmt.Sprintf("5b0f2d3c-7c1e-4a8e-9a55-%012x", i), a.Received.Add(3*time.Millisecond)
	a.API.Namespace, a.API.Name = fmt.Sprintf("feature-%d", spec), fmt.Sprintf("object-%d", i)
	a.API.Verb, a.Status = [...]string{"get", "create", "get", "update"}[i%4], [...]int{200, 201, 200, 200}[i%4]
	switch {
	case n == 0:
		a.API.Resource, a.API.Verb, a.API.Name, a.Status, a.Path = "namespaces", "create", a.API.Namespace, 201, "/api/v1/namespaces"
		return a
	case n%10 == 3:
		a.UserAgent = "kubectl/v1.37.2"
	case n%2 == 0:
		a.User, a.UserAgent, a.SourceIPs = "system:serviceaccount:kube-system:job-controller", "kube-controller-manager/v1.37.2", []string{"10.0.0.2"}
	}
	a.Path = "/api/v1/namespaces/" + a.API.Namespace + "/pods"
	if a.API.Verb != "create" {
		a.Path += "/" + a.API.Name
	}
	return a
}

// peak is the most memory that the process has had, in MB.
func peak(b *testing.B) float64 {
	b.Helper()
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		b.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(status), "VmHWM:")
	kb, err := strconv.ParseFloat(strings.Fields(rest)[0], 64)
	if err != nil {
		b.Fatal(err)
	}
	return kb * 1024 / 1e6
}
