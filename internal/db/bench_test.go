package db

import (
	"flag"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"slices"
	"syscall"
	"testing"
	"time"

	"e2etap/internal/traffic"
)

// cpu is the CPU time that this process has used.
func cpu(t testing.TB) time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		t.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// BenchmarkRecord records a run as the proxy does at 5,000 requests/s: in bursts that amount to one batch of the applier.
// cpu-µs/request has everything in it: append, read back, rows, summary, checkpoints. pwrite-µs is what a bare pwrite(2) of 400
// bytes takes here and now: where it is 1 µs, as in virtual machines that trap system calls, a request costs 0.7 µs more
// than where it is 0.3 µs.
func BenchmarkRecord(b *testing.B) {
	defer debug.SetGCPercent(debug.SetGCPercent(800)) // as cmd/proxy has it
	path := filepath.Join(b.TempDir(), "e2e.db")
	r := createFor(b, path)
	close(r.stop) // the benchmark makes the passes
	<-r.stopped
	work := newWorkload(25)
	const burst = 5000 * applyEvery / time.Second
	requests := make([]traffic.Request, int(burst))
	var holds []time.Duration
	var used time.Duration
	runtime.GC()
	b.ResetTimer()
	for n := 0; n < b.N; n += int(burst) {
		b.StopTimer()
		for i := range requests {
			requests[i] = work.next()
		}
		b.StartTimer()
		before := cpu(b)
		for i := range requests {
			began := time.Now()
			if err := r.Finish(&requests[i]); err != nil {
				b.Fatal(err)
			}
			holds = append(holds, time.Since(began))
		}
		if err := r.applier.pass(); err != nil {
			b.Fatal(err)
		}
		used += cpu(b) - before
	}
	b.StopTimer()
	n := float64(r.requests.Load())
	r.stop, r.stopped = make(chan struct{}), make(chan struct{})
	go r.apply()
	if err := r.Close(traffic.RunEnd{}); err != nil {
		b.Fatal(err)
	}
	info, err := os.Stat(path)
	if err != nil {
		b.Fatal(err)
	}
	slices.Sort(holds)
	b.ReportMetric(pwriteMicros(b), "pwrite-µs")
	b.ReportMetric(float64(used.Nanoseconds())/1000/n, "cpu-µs/request")
	b.ReportMetric(float64(holds[len(holds)/2].Nanoseconds())/1000, "hold-µs-p50")
	b.ReportMetric(float64(holds[len(holds)*99/100].Nanoseconds())/1000, "hold-µs-p99")
	b.ReportMetric(float64(info.Size())/n, "bytes/request")
}

// pwriteMicros is the CPU time of a bare pwrite(2) of 400 bytes at the end of a file, the median of some attempts.
func pwriteMicros(b *testing.B) float64 {
	f, err := os.Create(filepath.Join(b.TempDir(), "pwrite"))
	if err != nil {
		b.Fatal(err)
	}
	defer f.Close()
	const times = 10_000
	var attempts []float64
	for i := range 11 {
		before := cpu(b)
		for j := range times {
			if _, err := syscall.Pwrite(int(f.Fd()), make([]byte, 400), int64(i*times+j)*400); err != nil {
				b.Fatal(err)
			}
		}
		attempts = append(attempts, float64((cpu(b)-before).Nanoseconds())/1000/times)
	}
	slices.Sort(attempts)
	return attempts[len(attempts)/2]
}

var rows = flag.Int("rows", 200_000, "requests in the recording that BenchmarkByTest reads; the house's figure is for 5000000")

// BenchmarkByTest is the by-test table of a run of 25 parallel workers with 700 requests a test.
func BenchmarkByTest(b *testing.B) {
	path := filepath.Join(b.TempDir(), "e2e.db")
	r := createFor(b, path)
	work := newWorkload(25)
	work.perTest = 700
	for range *rows {
		q := work.next()
		if err := r.Finish(&q); err != nil {
			b.Fatal(err)
		}
	}
	if err := r.Close(traffic.RunEnd{}); err != nil {
		b.Fatal(err)
	}
	b.Run("summary", func(b *testing.B) { benchmarkSummarize(b, path, false) })
	b.Run("rows", func(b *testing.B) { benchmarkSummarize(b, path, true) })
}

func benchmarkSummarize(b *testing.B, path string, fromRows bool) {
	before, tests := cpu(b), 0
	for b.Loop() {
		r, err := OpenReader(path)
		if err != nil {
			b.Fatal(err)
		}
		runs, err := r.SelectRuns(LatestRun)
		if err != nil {
			b.Fatal(err)
		}
		groups, _, err := r.summarize([]Dimension{Test}, Filter{Runs: runs}, fromRows)
		if err != nil {
			b.Fatal(err)
		}
		tests = len(groups)
		if err := r.Close(); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(tests), "tests")
	b.ReportMetric(float64((cpu(b)-before).Microseconds())/1000/float64(b.N), "cpu-ms/op")
}
