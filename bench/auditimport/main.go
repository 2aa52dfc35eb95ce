//go:build linux

// Command auditimport measures what it takes to import an API server's audit log, side by side in one run: "report import-audit" of
// this checkout, and what else one would load such a log into. See bench's README.md.
//
// It measures processes from outside, until their result is in a file. What is asked of that afterwards it does not measure. It needs
// Linux.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime"
	"strconv"
	"strings"
	"syscall"

	"e2etap/bench/internal/figures"
)

func main() {
	runtime.LockOSThread() // the kernel kills our children when the thread that started them ends, see command
	ctx, cancel := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer cancel()
	if err := run(ctx, os.Args[1:], os.Stdout, os.Stderr); err != nil {
		fmt.Fprintf(os.Stderr, "auditimport: %v\n", err)
		os.Exit(1)
	}
}

// options say what to measure.
type options struct {
	size, set size // of the log and of the rotated set, in bytes; a set of 0: none
	rounds    int
	skip      map[string]bool
	builds    []build
	real      string // a log to compare the shape of ours with
	out       string
}

// build is a report program to measure; an empty path stands for one to be built from this checkout.
type build struct{ name, path string }

// size is a number of bytes, as in "500MB".
type size int64

func (s size) String() string {
	for _, u := range units {
		if int64(s) >= u.bytes && int64(s)%u.bytes == 0 {
			return strconv.FormatInt(int64(s)/u.bytes, 10) + u.name
		}
	}
	return "0"
}

var units = []struct {
	name  string
	bytes int64
}{{"GB", 1e9}, {"MB", 1e6}, {"kB", 1e3}, {"", 1}}

func (s *size) Set(text string) error {
	for _, u := range units {
		number, ok := strings.CutSuffix(text, u.name)
		if !ok {
			continue
		}
		n, err := strconv.ParseInt(number, 10, 32)
		if err == nil && n >= 0 {
			*s = size(n * u.bytes)
			return nil
		}
		break
	}
	return fmt.Errorf("size %q: want a number of GB, MB or kB, as in 1GB", text)
}

func parse(args []string, stderr io.Writer) (options, error) {
	o := options{size: 1e9, set: 4e9, skip: map[string]bool{}}
	f := flag.NewFlagSet("auditimport", flag.ContinueOnError)
	f.SetOutput(stderr)
	f.Var(&o.size, "size", "size of the log")
	f.Var(&o.set, "set", "size of a log rotated into four files, two of them packed, for ours alone; 0: none")
	f.IntVar(&o.rounds, "rounds", 5, "times that everything is measured, one program after the other")
	f.StringVar(&o.real, "real", "", "a log of a real API server, to compare the shape of ours with")
	f.StringVar(&o.out, "out", "", "file to write the results to, besides standard output")
	f.Func("skip", "programs to leave out, as in PostgreSQL,jq", figures.Names(o.skip))
	f.Func("report", "NAME=FILE, a report program to measure instead of this checkout's; several are compared", figures.Programs(func(name, path string) {
		o.builds = append(o.builds, build{name, path})
	}))
	if err := f.Parse(args); err != nil {
		return o, err
	}
	if o.rounds < 1 || o.size < 1 || f.NArg() > 0 {
		return o, fmt.Errorf("%d rounds of %v, arguments %q: want a round and a byte at least, and flags alone", o.rounds, o.size, f.Args())
	}
	if len(o.builds) == 0 {
		o.builds = []build{{name: "e2etap"}}
	}
	return o, nil
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
	defer func() { err = errors.Join(err, os.RemoveAll(s.dir)) }()
	r, err := s.measure(o)
	if err != nil {
		return err
	}
	text := r.report(o, args, before)
	io.WriteString(stdout, text)
	if o.out == "" {
		return nil
	}
	return os.WriteFile(o.out, []byte(text), 0o644)
}
