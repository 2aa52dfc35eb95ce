package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"e2etap/internal/db"
	"e2etap/internal/traffic"
)

// appendTo writes as a program does that has the file open for appending.
func appendTo(path, text string) error {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		return err
	}
	_, err = io.WriteString(f, text)
	return errors.Join(err, f.Close())
}

// until polls until a condition holds.
func until(what string, condition func() (bool, error)) error {
	for deadline := time.Now().Add(time.Minute); ; time.Sleep(5 * time.Millisecond) {
		if ok, err := condition(); ok || err != nil {
			return err
		}
		if time.Now().After(deadline) {
			return fmt.Errorf("not in time: %s", what)
		}
	}
}

// waitAudited waits until readers of a recording see so many requests of audit logs that are of no run.
func waitAudited(path, want string) error {
	return until(want+" requests of audit logs", func() (bool, error) {
		r, err := db.OpenReader(path)
		if err != nil {
			return false, err
		}
		n := 0
		err = r.EachUnrecorded(time.Unix(0, 0), time.Time{}, func(*traffic.Audit) error { n++; return nil })
		return fmt.Sprint(n) == want, errors.Join(err, r.Close())
	})
}

const auditLine = `{"kind":"Event","apiVersion":"audit.k8s.io/v1","auditID":"%d","stage":"ResponseComplete","requestURI":"/version","verb":"get"}` + "\n"

// following is a report import-audit --follow in this process.
type following struct {
	stdout bytes.Buffer // not before it has ended
	stderr lines
	cancel context.CancelFunc
	code   chan int
}

func followInto(t *testing.T, recording, log string) *following {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	f := &following{cancel: cancel, code: make(chan int, 1)}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		f.code <- run(ctx, []string{"import-audit", "--follow", "-o", "csv", "--db", recording, log}, nil, &f.stdout, &f.stderr)
	}()
	t.Cleanup(func() { cancel(); <-ended })
	return f
}

// ends ends it. It must have printed that row.
func (f *following) ends(t *testing.T, row string) {
	t.Helper()
	f.cancel()
	if code := <-f.code; code != 0 || !strings.HasSuffix(f.stdout.String(), "\n"+row+"\n") {
		t.Errorf("exit code %d, stdout %q, want the row %q; stderr %q", code, f.stdout.String(), row, f.stderr.String())
	}
}

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// While a recorder has the recording the log waits, and so does what is rotated out of it meanwhile.
func TestFollowWaitsForTheRecording(t *testing.T) {
	dir := t.TempDir()
	recording, log := filepath.Join(dir, "e2e.db"), filepath.Join(dir, "audit.log")
	rec, err := db.Create(recording, traffic.Run{Name: "living", Start: start}, db.Options{})
	check(t, err)
	check(t, appendTo(log, fmt.Sprintf(auditLine, 1)))
	f := followInto(t, recording, log)
	f.stderr.waitFor(t, "report: another process is recording into "+recording+"; the log is imported when it has ended\n")
	for i := range 2 {
		check(t, os.Rename(log, filepath.Join(dir, fmt.Sprintf("audit-2026-03-01T12-00-05.%03d.log", i))))
		check(t, appendTo(log, fmt.Sprintf(auditLine, i+2)))
	}
	check(t, rec.Close(traffic.RunEnd{End: start}))
	check(t, waitAudited(recording, "3"))
	f.ends(t, "3,3,3,3,0,0,0")
	if n := strings.Count(f.stderr.String(), "another process"); n != 1 {
		t.Errorf("said %d times that another process is recording: %s", n, f.stderr.String())
	}
}

// proxy run closes its recording and opens it again at once, which must not fail because of us.
func TestFollowLeavesARecordingAloneThatIsOpenedAgainAtOnce(t *testing.T) {
	dir := t.TempDir()
	recording, log := filepath.Join(dir, "e2e.db"), filepath.Join(dir, "audit.log")
	rec, err := db.Create(recording, traffic.Run{Name: "living", Start: start}, db.Options{})
	check(t, err)
	f := followInto(t, recording, log)
	f.stderr.waitFor(t, "another process is recording")
	check(t, rec.Close(traffic.RunEnd{End: start}))
	for deadline := time.Now().Add(freeFor / 2); time.Now().Before(deadline); time.Sleep(5 * time.Millisecond) {
		if _, err := os.Stat(recording + "-pending"); err == nil {
			t.Fatal("the recording was taken at once")
		}
	}
	e, err := db.OpenEditor(recording)
	check(t, err)
	check(t, e.Close())
	f.stderr.waitFor(t, "following")
	f.ends(t, "0,0,0,0,0,0,0")
}

func TestFollowEndsWhileItWaitsForTheRecording(t *testing.T) {
	dir := t.TempDir()
	recording, log := filepath.Join(dir, "e2e.db"), filepath.Join(dir, "audit.log")
	rec, err := db.Create(recording, traffic.Run{Name: "living", Start: start}, db.Options{})
	check(t, err)
	defer rec.Close(traffic.RunEnd{End: start})
	f := followInto(t, recording, log)
	f.stderr.waitFor(t, "another process is recording")
	f.ends(t, "0,0,0,0,0,0,0")
}

// What keeps coming is committed while it comes, not only when nothing comes for a while.
func TestFollowCommitsWhileEventsKeepComing(t *testing.T) {
	dir := t.TempDir()
	recording, log := filepath.Join(dir, "e2e.db"), filepath.Join(dir, "audit.log")
	check(t, record(recording, "first", "v1.37.2"))
	f := followInto(t, recording, log)
	f.stderr.waitFor(t, "following")
	seen := func() bool {
		r, err := db.OpenReader(recording)
		check(t, err)
		n := 0
		check(t, errors.Join(r.EachUnrecorded(time.Unix(0, 0), time.Time{}, func(*traffic.Audit) error { n++; return nil }), r.Close()))
		return n > 20
	}
	written := 0
	for deadline := time.Now().Add(time.Minute); !seen(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("nothing is to be seen of what keeps coming")
		}
		check(t, appendTo(log, fmt.Sprintf(auditLine, written)))
		written++
	}
	f.ends(t, fmt.Sprintf("1,%d,%d,%d,0,0,0", written, written, written))
}
