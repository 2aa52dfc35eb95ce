package main

import (
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"testing"
)

// limitedMain runs a command whose files cannot become larger than so many bytes: a full disk, for one process.
func limitedMain() {
	n, err := strconv.ParseUint(os.Args[1], 10, 64)
	check(err)
	check(syscall.Setrlimit(syscall.RLIMIT_FSIZE, &syscall.Rlimit{Cur: n, Max: n}))
	path, err := exec.LookPath(os.Args[2])
	check(err)
	check(syscall.Exec(path, os.Args[2:], os.Environ()))
}

// tooMuch sends more requests than can be recorded below fileLimit: each takes more than 2 KiB of the pending file. In
// the database their path stands once.
const (
	fileLimit = "500000"
	tooMany   = 500
)

func tooMuch() string {
	return fmt.Sprintf("client -n %d /api/v1/namespaces/%s", tooMany, strings.Repeat("x", 2<<10))
}

func TestContinueOnRecordError(t *testing.T) {
	t.Parallel()
	for code, want := range map[int]int{0: 3, 5: 5} {
		t.Run(fmt.Sprint(code), func(t *testing.T) {
			t.Parallel()
			api := newAPI(t)
			b := newBench(t, api.kubeconfig())
			p := b.start("limited", fileLimit, "proxy", "run", "--db", b.db, "--", "sh", "-c", fmt.Sprintf("%s || exit 9; exit %d", tooMuch(), code))
			p.ends(want)
			stderr := p.stderr.String()
			contains(t, stderr, fmt.Sprintf("recorded %d requests", tooMany), "NOT RECORDED: ")
			if n := strings.Count(stderr, "e2etap: record: append to pending file: "); n != 1 {
				t.Errorf("said %d times that a record was lost, want once:\n%s", n, stderr)
			}
			if n := api.requests(); n != tooMany {
				t.Errorf("%d requests at the API server, want %d", n, tooMany)
			}
			if n := len(b.entries()); n == 0 || n >= tooMany {
				t.Errorf("%d rows, want some but not all", n)
			}
			if left := b.runDirs(); left != nil {
				t.Errorf("left behind: %q", left)
			}
		})
	}
}

func TestFailOnRecordError(t *testing.T) {
	t.Parallel()
	b := newBench(t, newAPI(t).kubeconfig())
	p := b.start("limited", fileLimit, "proxy", "run", "--db", b.db, "--on-record-error=fail", "--", "sh", "-c",
		fmt.Sprintf("trap 'echo terminated; exit 0' TERM; %s & wait; wait", tooMuch()))
	p.ends(1)
	if got := p.stdout.String(); got != "terminated\n" {
		t.Errorf("the command wrote %q, want that it was told to end", got)
	}
	contains(t, p.stderr.String(), "proxy: ended the command: a request could not be recorded: record: ")
}

func TestServeFailsOnRecordError(t *testing.T) {
	t.Parallel()
	b := newBench(t, newAPI(t).kubeconfig())
	p := b.start("limited", fileLimit, "proxy", "serve", "--db", b.db, "--on-record-error=fail")
	b.env = append(b.env, "KUBECONFIG="+p.exported())
	b.start("sh", "-c", tooMuch()).code()
	p.ends(1)
	contains(t, p.stderr.String(), "proxy: a request could not be recorded: record: ")
}
