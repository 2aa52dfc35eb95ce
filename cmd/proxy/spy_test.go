package main

import (
	"fmt"
	"strings"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"

	"e2etap/internal/db"
	"e2etap/internal/traffic"
)

// ginkgoSpec is the shell command that prints what ginkgo -v does for a spec, around what the spec does.
func ginkgoSpec(name, does string) string {
	return fmt.Sprintf("printf '%%s\\n' ------------------------------ '%s' /src/demo/a_test.go:8; %s; "+
		"printf '%%s\\n' '• [0.000 seconds]' ------------------------------\n", name, does)
}

const ginkgoBegins = "printf '%s\\n' 'Running Suite: demo - /src/demo' 'Random Seed: 1' 'Will run 2 of 2 specs'\n"

// specs returns what the first run knows of specs, but for times and processes, and the specs themselves.
func (b *bench) specs() (texts []string, specs []*traffic.Spec) {
	b.t.Helper()
	r, err := db.OpenReader(b.db)
	must(b.t, err)
	defer r.Close()
	_, specs, err = r.Known(1)
	must(b.t, err)
	for _, s := range specs {
		texts = append(texts, fmt.Sprintf("%s by %v: %v", s.Test, s.Told, s.Outcome))
	}
	return texts, specs
}

func TestSpyRecordsSpecsWithoutRequests(t *testing.T) {
	t.Parallel()
	api := newAPI(t)
	b := newBench(t, api.kubeconfig())
	p := b.start("proxy", "spy", "--db", b.db, "--run-name", "spied", "--", "sh", "-c",
		ginkgoBegins+ginkgoSpec("Pods lists", "client /api/v1/pods")+ginkgoSpec("Pods waits", "sleep 0.05"))
	p.ends(0)
	texts, specs := b.specs()
	if d := cmp.Diff([]string{"Pods lists by output: passed", "Pods waits by output: passed"}, texts); d != "" {
		t.Fatalf("specs (-want +got):\n%s", d)
	}
	first, second := specs[0], specs[1]
	if first.Start.IsZero() || first.End.Before(first.Start) || second.Start.Before(first.End) || second.End.Sub(second.Start).Milliseconds() < 40 {
		t.Errorf("from %v to %v, then from %v to %v; want one after the other, the second for 50 ms",
			first.Start, first.End, second.Start, second.End)
	}
	if n := len(b.entries()); n != 0 || api.requests() != 1 {
		t.Errorf("%d requests recorded of %d at the API server, want none of one", n, api.requests())
	}
	r, err := db.OpenReader(b.db)
	must(t, err)
	defer r.Close()
	run, err := r.Run("spied")
	must(t, err)
	if run.Server != "" || run.ServerVersion != "" || run.Context != "" || run.Command[0] != "sh" || run.End.IsZero() {
		t.Errorf("run %+v, want the command and the end, and nothing of a cluster", run)
	}
	if left := b.runDirs(); left != nil {
		t.Errorf("left behind: %q", left)
	}
}

func TestSpyPassesSignalsOnOnce(t *testing.T) {
	t.Parallel()
	b := newBench(t, nil)
	p := b.start("proxy", "spy", "--db", b.db, "--", "signals")
	want := "ready\n"
	for _, sig := range []syscall.Signal{syscall.SIGUSR1, syscall.SIGHUP, syscall.SIGINT, syscall.SIGQUIT, syscall.SIGTERM} {
		p.eventually("signals so far", func() bool { return p.stdout.String() == want })
		p.signal(sig)
		want += sig.String() + "\n"
	}
	p.ends(42)
	if got := p.stdout.String(); got != want {
		t.Errorf("the command got %q, want %q", got, want)
	}
	contains(t, p.stderr.String(), "e2etap: recorded 0 specs")
}

// An interrupted suite leaves the spec that ran.
func TestSpecOfAnEndedCommandIsInterrupted(t *testing.T) {
	t.Parallel()
	b := newBench(t, nil)
	p := b.start("proxy", "spy", "--db", b.db, "--", "sh", "-c", ginkgoBegins+ginkgoSpec("Pods waits", "echo ready; exec sleep 1000"))
	p.eventually("the spec", func() bool { return strings.HasSuffix(p.stdout.String(), "ready\n") })
	p.signal(syscall.SIGTERM)
	p.ends(128 + 15)
	texts, specs := b.specs()
	if d := cmp.Diff([]string{"Pods waits by output: interrupted"}, texts); d != "" || specs[0].End.IsZero() {
		t.Errorf("specs %v with its end, (-want +got):\n%s", specs, d)
	}
	contains(t, p.stderr.String(), "e2etap: recorded 1 spec in ", ": 1 interrupted\n")
}

func TestSpecsSurviveAKilledSpy(t *testing.T) {
	t.Parallel()
	b := newBench(t, nil)
	open := b.gate("gate")
	end := b.gate("end")
	p := b.start("proxy", "spy", "--db", b.db, "--", "sh", "-c",
		ginkgoBegins+ginkgoSpec("Pods lists", "true")+ginkgoSpec("Pods waits", "echo ready; read x < gate; echo more; read x < end; exit"))
	p.eventually("the second spec", func() bool { return strings.HasSuffix(p.stdout.String(), "ready\n") })
	open()
	p.eventually("more", func() bool { return strings.HasSuffix(p.stdout.String(), "more\n") }) // what came before is recorded then
	p.signal(syscall.SIGKILL)
	end() // of the command: nobody else ends it
	p.code()
	texts, specs := b.specs()
	if d := cmp.Diff([]string{"Pods lists by output: passed", "Pods waits by output: "}, texts); d != "" {
		t.Fatalf("specs (-want +got):\n%s", d)
	}
	if specs[0].Start.IsZero() || specs[0].End.IsZero() || specs[1].Start.IsZero() || !specs[1].End.IsZero() {
		t.Errorf("specs %+v, want start and end of the first, and the start of the second", specs)
	}
}

func TestSpiedScriptsMark(t *testing.T) {
	t.Parallel()
	b := newBench(t, nil)
	p := b.start("proxy", "spy", "--db", b.db, "--", "sh", "-c", markFunction+"mark one; mark 'two & more'; mark ''; mark last")
	p.ends(0)
	texts, specs := b.specs()
	if d := cmp.Diff([]string{"one by mark: ", "two & more by mark: ", "last by mark: "}, texts); d != "" {
		t.Fatalf("specs (-want +got):\n%s", d)
	}
	for i, s := range specs {
		if s.Process == nil || s.Start.IsZero() || s.End.IsZero() != (i == 2) {
			t.Errorf("%s from %v to %v in %+v, want a process, a start, and an end unless it is the last one", s.Test, s.Start, s.End, s.Process)
		}
	}
	contains(t, p.stderr.String(), "e2etap: recorded 3 specs in ", ": 3 of unknown outcome\n")
}

func TestLostSpecIsToldByTheExitCode(t *testing.T) {
	t.Parallel()
	b := newBench(t, nil)
	name := strings.Repeat("x", 8<<10) // in the database it stands once
	p := b.start("limited", fileLimit, "proxy", "spy", "--db", b.db, "--", "sh", "-c",
		ginkgoBegins+"for i in $(seq 100); do "+ginkgoSpec(name, "true")+"done")
	p.ends(3)
	contains(t, p.stderr.String(), "NOT RECORDED: ")
}

func TestSecretsOfASpiedCommandAreNotKept(t *testing.T) {
	t.Parallel()
	b := newBench(t, nil)
	b.start("proxy", "spy", "--db", b.db, "--", "true", "--token", "s3cret").ends(0)
	r, err := db.OpenReader(b.db)
	must(t, err)
	defer r.Close()
	runs, err := r.Runs()
	must(t, err)
	if d := cmp.Diff([]string{"true", "--token", "REDACTED"}, runs[0].Command); d != "" {
		t.Errorf("command (-want +got):\n%s", d)
	}
}
