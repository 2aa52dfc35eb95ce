//go:build linux

package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"

	"e2etap/internal/db"
)

// served is a "report serve" that answers.
type served struct {
	cmd     *exec.Cmd
	url     string
	largest string // test
	names   []string
	took    map[string][]time.Duration
	used    map[string][]time.Duration // of the CPU
	bytes   map[string]int64
}

func serve(ctx context.Context, report, path string) (*served, error) {
	cmd := exec.CommandContext(ctx, report, "--db", path, "serve")
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	line, err := bufio.NewReader(out).ReadString('\n')
	s := &served{cmd: cmd, url: strings.TrimSpace(line), took: map[string][]time.Duration{}, used: map[string][]time.Duration{}, bytes: map[string]int64{}}
	if err != nil {
		err = errors.Join(fmt.Errorf("report serve: %w", err), cmd.Process.Kill(), cmd.Wait())
	}
	return s, err
}

// end ends it.
func (s *served) end() error {
	return errors.Join(s.cmd.Process.Signal(syscall.SIGINT), s.cmd.Wait())
}

// ask asks one question, takes the time, and returns the answer.
func (s *served) ask(name, path string) ([]byte, error) {
	before, err := s.cpu()
	if err != nil {
		return nil, err
	}
	began := time.Now()
	answer, err := http.Get(s.url + path)
	if err != nil {
		return nil, err
	}
	b, err := io.ReadAll(answer.Body)
	took := time.Since(began)
	if err = errors.Join(err, answer.Body.Close()); err != nil {
		return nil, err
	}
	after, err := s.cpu()
	if err != nil {
		return nil, err
	}
	s.used[name] = append(s.used[name], after-before)
	if answer.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("%s: %s: %s", path, answer.Status, b)
	}
	if s.took[name] == nil {
		s.names = append(s.names, name)
	}
	s.took[name], s.bytes[name] = append(s.took[name], took), int64(len(b))
	return b, nil
}

// cpu is the CPU time that the process has used so far (Documentation/scheduler/sched-stats.rst, /proc/<pid>/schedstat). A thread that
// has ended is left out.
func (s *served) cpu() (sum time.Duration, err error) {
	threads, err := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/schedstat", s.cmd.Process.Pid))
	for _, thread := range threads {
		b, readErr := os.ReadFile(thread)
		if readErr != nil {
			continue // it has just ended
		}
		var ns int64
		if _, err := fmt.Sscan(string(b), &ns); err != nil {
			return 0, fmt.Errorf("%s: %w", thread, err)
		}
		sum += time.Duration(ns)
	}
	return sum, err
}

// round asks everything once, in the order of a page that is opened.
func (s *served) round() error {
	for _, path := range []string{"api/state", "api/model", "api/activity", "api/unattributed"} {
		b, err := s.ask(path, path)
		if err != nil {
			return err
		}
		if path == "api/model" && s.largest == "" {
			if s.largest, err = largest(b); err != nil {
				return err
			}
		}
	}
	_, err := s.ask("api/requests", "api/requests?limit=10000&test="+url.QueryEscape(s.largest))
	return err
}

// largest is the test with the most requests of a model, which has them in that order.
func largest(model []byte) (string, error) {
	var m struct {
		Tests []struct {
			Name string `json:"test"`
		} `json:"tests"`
	}
	if err := json.Unmarshal(model, &m); err != nil {
		return "", err
	}
	for _, t := range m.Tests {
		if t.Name != "" {
			return t.Name, nil
		}
	}
	return "", errors.New("the model has no tests")
}

// tell writes what was measured.
func (s *served) tell(out io.Writer) error {
	fmt.Fprintf(out, "%-18s %6s %9s %9s %9s %9s %9s %9s\n", "question", "times", "first ms", "p50 ms", "p99 ms", "max ms", "cpu p50", "kB")
	for _, name := range s.names {
		later := slices.Sorted(slices.Values(s.took[name][min(1, len(s.took[name])-1):]))
		used := slices.Sorted(slices.Values(s.used[name]))
		ms := func(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }
		fmt.Fprintf(out, "%-18s %6d %9.1f %9.1f %9.1f %9.1f %9.1f %9.1f\n", name, len(s.took[name]), ms(s.took[name][0]),
			ms(later[len(later)/2]), ms(later[len(later)*99/100]), ms(later[len(later)-1]), ms(used[len(used)/2]), float64(s.bytes[name])/1000)
	}
	peak, err := vmHWM(s.cmd.Process.Pid)
	fmt.Fprintf(out, "memory at most (VmHWM): %s\n", peak)
	return err
}

// vmHWM is the most memory that a process had (proc(5)).
func vmHWM(pid int) (string, error) {
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return "", err
	}
	for line := range strings.Lines(string(b)) {
		if value, ok := strings.CutPrefix(line, "VmHWM:"); ok {
			return strings.TrimSpace(value), nil
		}
	}
	return "", errors.New("/proc/…/status has no VmHWM")
}

// measureGrowing asks everything about a run that grows, over and over.
func measureGrowing(ctx context.Context, s settings, r *recording, report, path string, out io.Writer) error {
	if err := applied(path, int64(s.requests)); err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	grown := make(chan error, 1)
	go func() { grown <- r.growing(ctx, s.rate) }()
	fmt.Fprintf(out, "%d requests, and %d more a second:\n", s.requests, s.rate)
	err := measure(context.WithoutCancel(ctx), report, path, s.grow, out)
	cancel()
	return errors.Join(err, <-grown)
}

func measureEnded(ctx context.Context, report, path string, out io.Writer) error {
	return measure(ctx, report, path, 3*time.Second, out)
}

func measure(ctx context.Context, report, path string, lasting time.Duration, out io.Writer) error {
	v, err := serve(ctx, report, path)
	if err != nil {
		return err
	}
	for until := time.Now().Add(lasting); err == nil && time.Now().Before(until); time.Sleep(300 * time.Millisecond) {
		err = v.round()
	}
	if err == nil {
		err = v.tell(out)
	}
	return errors.Join(err, v.end())
}

// applied waits until a recording has as many requests.
func applied(path string, requests int64) error {
	for deadline := time.Now().Add(time.Minute); ; time.Sleep(50 * time.Millisecond) {
		r, err := db.OpenReader(path)
		if err != nil {
			return err
		}
		info, err := r.Run(db.LatestRun)
		if err = errors.Join(err, r.Close()); err != nil {
			return err
		}
		if info.Requests >= requests {
			return nil
		}
		if time.Now().After(deadline) {
			return fmt.Errorf("%d requests in the recording, want %d", info.Requests, requests)
		}
	}
}

// measureHTML writes the run's file.
func measureHTML(ctx context.Context, report, path string, out io.Writer) error {
	file := filepath.Join(filepath.Dir(path), "run.html")
	began := time.Now()
	cmd := exec.CommandContext(ctx, report, "--db", path, "html", "--out", file)
	if b, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("report html: %w\n%s", err, b)
	}
	took := time.Since(began)
	info, err := os.Stat(file)
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "report html: %.2f s, %.2f MB\n", took.Seconds(), float64(info.Size())/1e6)
	return nil
}
