//go:build linux

// Command bench measures what proxies cost, side by side in one run: the CPU time that the proxy's process takes for a
// request, and the latency that it adds to going without. See README.md.
//
// It measures processes from outside and knows nothing of their insides; what the parts of ours cost is for the Go
// benchmarks of their packages. It needs Linux.
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime"
	"strconv"
	"syscall"
	"time"

	"e2etap/bench/internal/figures"
)

func main() {
	if child, ok := children[firstOf(os.Args[1:])]; ok {
		exit(child(os.Args[2:]))
	}
	runtime.LockOSThread() // the kernel kills our children when the thread that started them ends, see start
	ctx, cancel := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer cancel()
	exit(run(ctx, os.Args[1:], os.Stdout, os.Stderr))
}

// children are the parts of a run that this program plays itself, in processes of their own so that their CPU time is
// not the proxies'.
var children = map[string]func(args []string) error{
	loadCommand:         serveLoad,
	apiServerCommand:    serveAPI,
	reverseProxyCommand: serveReverseProxy,
}

func firstOf(args []string) string {
	if len(args) == 0 {
		return ""
	}
	return args[0]
}

func exit(err error) {
	if err != nil {
		fmt.Fprintf(os.Stderr, "bench: %v\n", err)
		os.Exit(1)
	}
}

// options say what to measure.
type options struct {
	rounds, requests int
	limit            time.Duration
	concurrencies    []int // numbers of requests under way at the same time
	skip             map[string]bool
	kubectl          string
	builds           []build
	pin              bool
	page             bool
	out              string
}

// build is a proxy program of ours to measure; an empty path stands for one to be built from this checkout.
type build struct{ name, path string }

func parse(args []string, stderr io.Writer) (options, error) {
	o := options{skip: map[string]bool{}}
	kubectl := os.Getenv("KUBECTL")
	if kubectl == "" {
		kubectl = ".cache/cluster/bin/kubectl"
	}
	f := flag.NewFlagSet("bench", flag.ContinueOnError)
	f.SetOutput(stderr)
	f.IntVar(&o.rounds, "rounds", 5, "times that everything is measured, one proxy after the other")
	f.IntVar(&o.requests, "requests", 4000, "requests of one measurement")
	f.DurationVar(&o.limit, "limit", 3*time.Second, "time of one measurement at most")
	f.StringVar(&o.kubectl, "kubectl", kubectl, "kubectl program (KUBECTL)")
	f.BoolVar(&o.pin, "pin", runtime.NumCPU() > 1, "keep proxies on one core and everything else off it")
	f.BoolVar(&o.page, "page", false, "measure instead what it costs ours that a browser follows the run: at 2,000 requests/s, rounds of -limit")
	f.StringVar(&o.out, "out", "", "file to write the results to, besides standard output")
	f.Func("at", "a number of requests under way at the same time; may be given several times (default 1, 16, 64)", func(s string) error {
		n, err := strconv.Atoi(s)
		o.concurrencies = append(o.concurrencies, n)
		return err
	})
	f.Func("skip", "proxies to leave out, as in haproxy,kubectl", figures.Names(o.skip))
	f.Func("proxy", "NAME=FILE, a build of ours to measure instead of this checkout; several are compared", figures.Programs(func(name, path string) {
		o.builds = append(o.builds, build{name, path})
	}))
	if err := f.Parse(args); err != nil {
		return o, err
	}
	if o.page {
		o.skip = map[string]bool{"reverseproxy": true, "haproxy": true, "kubectl": true}
	}
	if len(o.concurrencies) == 0 {
		o.concurrencies = []int{1, 16, 64}
	}
	if len(o.builds) == 0 {
		o.builds = []build{{name: "e2etap"}}
	}
	return o, nil
}

// figures measures what is asked for and reports it.
func (s *stage) figures(o options, args []string, before figures.Conditions) (string, error) {
	if o.page {
		rounds, err := s.measurePage(o)
		if err != nil {
			return "", err
		}
		return reportPage(o, args, before, rounds), nil
	}
	results, err := s.measure(o)
	if err != nil {
		return "", err
	}
	return report(o, args, before, s.skipped, results), nil
}

// run is main for one run.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) (err error) {
	o, err := parse(args, stderr)
	if err != nil {
		return err
	}
	before := figures.Now()
	s, err := newStage(ctx, o, stderr)
	if err != nil {
		return err
	}
	text, err := s.figures(o, args, before)
	if err = s.close(err); err != nil {
		return err
	}
	io.WriteString(stdout, text)
	if o.out == "" {
		return nil
	}
	return os.WriteFile(o.out, []byte(text), 0o644)
}
