package db

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"e2etap/internal/traffic"
)

// TestRecoveryAtEveryCut cuts the pending file of a killed recorder at every byte: every whole record is recovered,
// nothing else is.
func TestRecoveryAtEveryCut(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "e2e.db")
	r := createFor(t, path)
	close(r.stop) // so that nothing is applied
	<-r.stopped
	var ends []int64
	for i := range 4 {
		finish(t, r, traffic.Request{Attribution: traffic.Attribution{Test: fmt.Sprint("test ", i)}, Status: 200})
		_, end := r.pending.state()
		ends = append(ends, end)
	}
	r.stop, r.stopped = make(chan struct{}), make(chan struct{})
	close(r.stopped)
	die(t, r)
	recording, pending := readFile(t, path), readFile(t, pendingPath(path))
	for cut := range len(pending) + 1 {
		copied := filepath.Join(dir, fmt.Sprintf("cut-%d.db", cut))
		writeFile(t, copied, recording)
		writeFile(t, pendingPath(copied), pending[:cut])
		whole := 0
		for _, end := range ends {
			if int64(cut) >= end {
				whole++
			}
		}
		if got := ask(t, copied, `SELECT count(*) FROM requests`)[0]; got != fmt.Sprint(whole) {
			t.Fatalf("cut at %d of %d: %s requests, want %d", cut, len(pending), got, whole)
		}
		if cut%50 == 0 {
			checkIntegrity(t, copied)
		}
		if files, _ := filepath.Glob(copied + "*"); len(files) != 1 {
			t.Fatalf("cut at %d: recovery left %q", cut, files)
		}
		os.Remove(copied)
	}
}

func TestRecoveryAppliesEveryRecordOnce(t *testing.T) {
	path := dbPath(t)
	r := createFor(t, path)
	finish(t, r, some(700)...)
	waitFor(t, func() string { return ask(t, path, `SELECT count(*) FROM requests`)[0] }, "700")
	finish(t, r, some(30)...)
	die(t, r)
	reader, err := OpenReader(path)
	if err != nil {
		t.Fatal(err)
	}
	defer reader.Close()
	if got := reader.Recovery(); got != (Recovery{Records: 30}) {
		t.Errorf("recovery %+v, want 30 records", got)
	}
	if got := queryReader(t, reader, `SELECT count(*), count(DISTINCT id) FROM requests`)[0]; got != "730|730" {
		t.Errorf("requests %s, want 730|730", got)
	}
	if _, err := os.Stat(pendingPath(path)); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the pending file: %v, want that it is gone", err)
	}
}

func TestAnAppendThatFailsHalfWayLeavesNothing(t *testing.T) {
	path := dbPath(t)
	var shouts []error
	r, err := Create(path, testRun(""), Options{OnError: func(err error) { shouts = append(shouts, err) }})
	if err != nil {
		t.Fatal(err)
	}
	write := r.pending.write
	full := func(b []byte, at int64) (int, error) {
		n, _ := write(b[:len(b)/2], at)
		return n, &os.PathError{Op: "write", Path: "p", Err: syscall.ENOSPC}
	}
	requests := some(5)
	requests[2].Test = strings.Repeat("long ", 1000) // its first half is longer than the next records
	for i := range requests {
		r.pending.mu.Lock()
		r.pending.write = write
		if i == 1 || i == 2 {
			r.pending.write = full
		}
		r.pending.mu.Unlock()
		if err := r.Finish(&requests[i]); (err != nil) != (i == 1 || i == 2) || err != nil && !errors.Is(err, syscall.ENOSPC) {
			t.Errorf("request %d: %v", i, err)
		}
	}
	if r.Lost() != 2 || len(shouts) != 1 {
		t.Errorf("lost %d, shouted %q; want 2, and one shout for both", r.Lost(), shouts)
	}
	die(t, r)
	if got := ask(t, path, `SELECT count(*), max(test = '`+requests[2].Test+`') FROM requests`)[0]; got != "3|0" {
		t.Errorf("recovered %s, want the three that were acknowledged", got)
	}
}

func TestALostStartIsRecordedAtItsFinish(t *testing.T) {
	path := dbPath(t)
	r, err := Create(path, testRun(""), Options{})
	if err != nil {
		t.Fatal(err)
	}
	write := r.pending.write
	r.pending.write = func([]byte, int64) (int, error) { return 0, syscall.EIO }
	q := some(1)[0]
	if err := r.Start(&q); !errors.Is(err, syscall.EIO) || q.ID != 0 {
		t.Errorf("start: %v, ID %d; want EIO, 0", err, q.ID)
	}
	r.pending.write = write
	q.Outcome = traffic.Complete
	finish(t, r, q)
	closeRecorder(t, r)
	if got := ask(t, path, `SELECT count(*), max(outcome), (SELECT lost FROM runs) FROM requests`)[0]; got != "1|complete|1" {
		t.Errorf("got %s, want one complete request and one lost record", got)
	}
}

// TestARecordCountsOnlyInItsPlace: bytes of another generation or offset are no record, whoever put them there.
func TestARecordCountsOnlyInItsPlace(t *testing.T) {
	p, err := openPending(filepath.Join(t.TempDir(), "p"), true)
	if err != nil {
		t.Fatal(err)
	}
	defer p.close()
	if err := p.begin(5); err != nil {
		t.Fatal(err)
	}
	if err := p.append(append(make([]byte, recordHeader), "body"...)); err != nil {
		t.Fatal(err)
	}
	b := readFile(t, p.f.Name())[pendingStart:]
	for _, place := range []struct {
		generation uint64
		offset     int64
		want       int
	}{{5, pendingStart, 1}, {6, pendingStart, 0}, {5, pendingStart + 1, 0}} {
		if bodies, _, _ := splitRecords(nil, b, place.generation, place.offset, 10); len(bodies) != place.want {
			t.Errorf("generation %d, offset %d: %d records, want %d", place.generation, place.offset, len(bodies), place.want)
		}
	}
	for i := range b {
		b[i] ^= 4
		if bodies, _, _ := splitRecords(nil, b, 5, pendingStart, 10); len(bodies) > 0 {
			t.Errorf("a record with byte %d changed counts", i)
		}
		b[i] ^= 4
	}
}

// TestAKillAfterANewStart: the recording does not know of the pending file's new generation yet.
func TestAKillAfterANewStart(t *testing.T) {
	path := dbPath(t)
	r := createFor(t, path)
	close(r.stop)
	<-r.stopped
	finish(t, r, some(3)...)
	if err := errors.Join(r.applier.pass(), r.pending.restart(r.applier.at.offset)); err != nil {
		t.Fatal(err)
	}
	finish(t, r, some(2)...)
	if _, end := r.pending.state(); end >= r.applier.at.offset+100 {
		t.Fatalf("the pending file ends at %d, want that it was emptied", end)
	}
	r.stop = make(chan struct{})
	die(t, r)
	if got := ask(t, path, `SELECT count(*) FROM requests`)[0]; got != "5" {
		t.Errorf("%s requests, want 5", got)
	}
}

// TestThePendingFileStartsAgain: it does not grow for ever, and what comes then is applied as what came before.
func TestThePendingFileStartsAgain(t *testing.T) {
	path := dbPath(t)
	r := createFor(t, path)
	long := some(1)[0]
	long.Error = strings.Repeat("x", 1<<20)
	n := 0
	for generation, _ := r.pending.state(); ; {
		q := long
		finish(t, r, q)
		if n++; n > 1000 {
			t.Fatal("the pending file has more than 1 GB")
		}
		if n%(restartAt>>20) == 0 {
			waitFor(t, func() string { return ask(t, path, `SELECT count(*) FROM request`)[0] }, fmt.Sprint(n))
		}
		if now, end := r.pending.state(); now != generation && end > pendingStart {
			break
		}
	}
	waitFor(t, func() string { return ask(t, path, `SELECT count(*) FROM request`)[0] }, fmt.Sprint(n))
	closeRecorder(t, r)
	if got := ask(t, path, `SELECT count(*) FROM request`)[0]; got != fmt.Sprint(n) {
		t.Errorf("%s requests, want %d", got, n)
	}
}

func TestRecordsOfAnotherRecordingAreNotMixedIn(t *testing.T) {
	path := dbPath(t)
	r := createFor(t, path)
	close(r.stop)
	<-r.stopped
	finish(t, r, some(3)...)
	r.stop = make(chan struct{})
	die(t, r)
	pending := readFile(t, pendingPath(path))
	os.Remove(path)
	os.Remove(path + "-wal")
	os.Remove(path + "-shm")
	_, err := Create(path, testRun(""), Options{})
	if err == nil || !strings.Contains(err.Error(), "of another recording\nhint: ") {
		t.Errorf("create beside the pending file of another recording: %v", err)
	}
	if string(readFile(t, pendingPath(path))) != string(pending) {
		t.Error("the pending file of the other recording has changed")
	}
}

func readFile(t testing.TB, path string) []byte {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func writeFile(t testing.TB, path string, b []byte) {
	t.Helper()
	if err := os.WriteFile(path, b, 0o600); err != nil {
		t.Fatal(err)
	}
}

// A reader that looks whether the recorder died has the lock for a moment.
func TestWritersWaitForAReaderThatLooks(t *testing.T) {
	path := pendingPath(dbPath(t))
	reader, err := openPending(path, true)
	if err != nil {
		t.Fatal(err)
	}
	released := make(chan error, 1)
	time.AfterFunc(20*time.Millisecond, func() { released <- reader.close() })
	writer, err := openPending(path, true)
	if err := errors.Join(err, <-released); err != nil {
		t.Fatal(err)
	}
	if err := writer.close(); err != nil {
		t.Error(err)
	}
}
