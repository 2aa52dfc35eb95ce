package spec

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"testing"
	"time"
)

// longLog returns some megabytes of a log as long runs write it: the 2018 run's lines, and a coloured one of ginkgo 2 with
// 400 indented log lines for each spec.
func longLog(tb testing.TB) []byte {
	var log bytes.Buffer
	log.Write(unzip(tb, "testdata/predecessor/lines.log.gz"))
	random := rand.New(rand.NewPCG(1, 2))
	for i := range 40 {
		fmt.Fprintf(&log, "\x1b[38;5;243m%s\x1b[0m\n", delimiter)
		fmt.Fprintf(&log, "\x1b[0m[sig-node] Pods \x1b[0m\x1b[1mshould run number %d\x1b[0m \x1b[38;5;204m[sig-node]\x1b[0m\n", i)
		fmt.Fprintf(&log, "\x1b[38;5;243mtest/e2e/node/pods.go:%d\x1b[0m\n", i)
		for range 400 {
			switch random.IntN(4) {
			case 0:
				fmt.Fprintf(&log, "  \x1b[1mSTEP:\x1b[0m wait for the pod %d \x1b[38;5;243m@ 11/24/26 15:20:27.599\x1b[0m\n", random.IntN(1e6))
			case 1:
				fmt.Fprintf(&log, "  I1124 15:20:27.%06d    3749 util.go:505] Pod status: {Phase:Running Ready:true}\n", random.IntN(1e6))
			case 2:
				fmt.Fprintf(&log, "\x1b[32mINFO\x1b[0m 15:20:27 GET https://127.0.0.1:6443/api/v1/pods?limit=%d [200 OK]\n", random.IntN(1e6))
			default:
				fmt.Fprintf(&log, "  Pod{Name: %x, Labels: [%d]}\n", random.Uint64(), random.IntN(1e6))
			}
		}
		fmt.Fprintf(&log, "\x1b[38;5;10m• [%d.%03d seconds]\x1b[0m\n", random.IntN(100), random.IntN(1000))
	}
	return log.Bytes()
}

func unzip(tb testing.TB, path string) []byte {
	tb.Helper()
	file, err := os.Open(path)
	if err != nil {
		tb.Fatal(err)
	}
	defer file.Close()
	in, err := gzip.NewReader(file)
	if err != nil {
		tb.Fatal(err)
	}
	data, err := io.ReadAll(in)
	if err != nil {
		tb.Fatal(err)
	}
	return data
}

// BenchmarkScan reads a log of a hundred megabytes, in pieces as a pipe gives them.
func BenchmarkScan(b *testing.B) {
	log := longLog(b)
	const size = 100 << 20
	b.SetBytes(size)
	b.ReportAllocs()
	at := time.Unix(1, 0)
	for b.Loop() {
		specs := 0
		scanner := NewScanner(func(Event) { specs++ })
		for read := 0; read < size; read += len(log) {
			for rest := log; len(rest) > 0; {
				n := min(len(rest), 64<<10)
				scanner.Scan(rest[:n], at)
				rest = rest[n:]
			}
		}
		scanner.Close(at)
		b.ReportMetric(float64(specs), "events/op")
	}
}

// BenchmarkReadLog reads a log of a hundred megabytes. What it allocates must not grow with the log's lines.
func BenchmarkReadLog(b *testing.B) {
	log := longLog(b)
	const size = 100 << 20
	b.SetBytes(size)
	b.ReportAllocs()
	for b.Loop() {
		var parts []io.Reader
		for read := 0; read < size; read += len(log) {
			parts = append(parts, bytes.NewReader(log))
		}
		specs, err := ReadLog(io.MultiReader(parts...), "log", Clock{Near: time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)})
		if err != nil {
			b.Fatal(err)
		}
		b.ReportMetric(float64(len(specs)), "specs/op")
	}
}
