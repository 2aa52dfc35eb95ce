//go:build linux

// Command servedrun measures how fast "report serve" answers about a large run that is being recorded, and how much memory it takes. It
// records the run itself: first as many requests as fast as it can, then some every second while it asks; and asks again when the run
// has ended. Last it measures "report html" of the run. It needs Linux and the go command.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"time"

	"e2etap/internal/db"
	"e2etap/internal/traffic"
)

// settings say what is measured.
type settings struct {
	requests, tests, rate int
	grow                  time.Duration
	record                string
}

func main() {
	var s settings
	flag.IntVar(&s.requests, "requests", 1_000_000, "requests of the run before anything is asked")
	flag.IntVar(&s.tests, "tests", 714, "tests of these")
	flag.IntVar(&s.rate, "rate", 2000, "requests a second that the run grows by while it is asked about")
	flag.DurationVar(&s.grow, "grow", 15*time.Second, "how long it grows")
	flag.StringVar(&s.record, "record", "", "only write the run, which has ended then, to this new file")
	flag.Parse()
	ctx, cancel := signal.NotifyContext(context.Background(), os.Interrupt)
	defer cancel()
	if err := run(ctx, s, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "servedrun:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, s settings, out io.Writer) (err error) {
	if s.record != "" {
		r, err := record(s.record, s)
		if err != nil {
			return err
		}
		return r.end()
	}
	dir, err := os.MkdirTemp("", "servedrun")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	report, path := filepath.Join(dir, "report"), filepath.Join(dir, "big.db")
	if b, err := exec.CommandContext(ctx, "go", "build", "-o", report, "e2etap/cmd/report").CombinedOutput(); err != nil {
		return fmt.Errorf("build report: %w\n%s", err, b)
	}
	r, err := record(path, s)
	if err != nil {
		return err
	}
	if err := measureGrowing(ctx, s, r, report, path, out); err != nil {
		return errors.Join(err, r.end())
	}
	if err := r.end(); err != nil {
		return err
	}
	fmt.Fprintln(out, "\nThe run has ended:")
	if err := measureEnded(ctx, report, path, out); err != nil {
		return err
	}
	return measureHTML(ctx, report, path, out)
}

// recording is a run that is being recorded.
type recording struct {
	*db.Recorder
	work *workload
}

func record(path string, s settings) (*recording, error) {
	start := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	rec, err := db.Create(path, traffic.Run{
		Name: "big", Start: start, Command: []string{"e2e.test"}, Server: "https://127.0.0.1:6443", ServerVersion: "v1.37.2",
	}, db.Options{})
	if err != nil {
		return nil, err
	}
	r := &recording{rec, newWorkload(start, s.requests, s.tests)}
	return r, r.add(s.requests)
}

// add records some requests.
func (r *recording) add(requests int) error {
	for range requests {
		q := r.work.next()
		if err := r.Finish(&q); err != nil {
			return err
		}
	}
	return nil
}

// growing adds requests until the context is cancelled.
func (r *recording) growing(ctx context.Context, rate int) error {
	const steps = 20 // per second
	tick := time.NewTicker(time.Second / steps)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
		if err := r.add(rate / steps); err != nil {
			return err
		}
	}
}

func (r *recording) end() error {
	specs := r.work.specs()
	var err error
	for i := range specs {
		err = errors.Join(err, r.Spec(&specs[i]))
	}
	return errors.Join(err, r.Close(traffic.RunEnd{End: r.work.now}))
}
