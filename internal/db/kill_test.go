package db

import (
	"bufio"
	"encoding/binary"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"sync"
	"testing"
	"time"

	"e2etap/internal/traffic"
)

const childVariable = "E2ETAP_TEST_RECORD_TO"

func TestMain(m *testing.M) {
	if path := os.Getenv(childVariable); path != "" {
		recordUntilKilled(path)
	}
	os.Exit(m.Run())
}

// recordUntilKilled records from several goroutines and writes the ID of every request that Finish accepted, eight bytes
// each, to standard output.
func recordUntilKilled(path string) {
	r, err := Create(path, testRun(""), Options{OnError: func(err error) { panic(err) }})
	if err != nil {
		panic(err)
	}
	var mu sync.Mutex
	for range 4 {
		go func() {
			work := newWorkload(2)
			for {
				q := work.next()
				if q.API.LongRunning() {
					if err := r.Start(&q); err != nil {
						panic(err)
					}
				}
				q.Outcome = traffic.Complete
				if err := r.Finish(&q); err != nil {
					panic(err)
				}
				mu.Lock()
				os.Stdout.Write(binary.LittleEndian.AppendUint64(nil, uint64(q.ID)))
				mu.Unlock()
			}
		}()
	}
	select {}
}

// TestNoCompletedRequestIsLostToAKill kills a recorder under load at random moments: every request that was accepted is in
// the recording, once, and the file is sound. Runs follow one another in the same file.
func TestNoCompletedRequestIsLostToAKill(t *testing.T) {
	const kills = 60
	path := dbPath(t)
	for i := range kills {
		accepted := recordAndKill(t, path, time.Duration(rand.Int64N(int64(120*time.Millisecond))))
		verifyKilled(t, path, accepted)
		if t.Failed() {
			t.Fatalf("at kill %d", i)
		}
		if i%10 == 9 { // another file, or the checks take ever longer
			path = filepath.Join(t.TempDir(), strconv.Itoa(i)+".db")
		}
	}
}

// recordAndKill runs a child, kills it some time after its first request, and returns the IDs of accepted requests.
func recordAndKill(t *testing.T, path string, after time.Duration) []int64 {
	t.Helper()
	child := exec.Command(os.Args[0])
	child.Env = append(os.Environ(), childVariable+"="+path)
	child.Stderr = os.Stderr
	out, err := child.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	var ids []int64
	for in := bufio.NewReader(out); ; {
		var b [8]byte
		if _, err := io.ReadFull(in, b[:]); err != nil {
			break
		}
		if ids = append(ids, int64(binary.LittleEndian.Uint64(b[:]))); len(ids) == 1 {
			time.AfterFunc(after, func() { child.Process.Kill() })
		}
	}
	if err := child.Wait(); err == nil || len(ids) == 0 {
		t.Fatalf("the child accepted %d requests and ended with %v, want that it was killed", len(ids), err)
	}
	return ids
}

func verifyKilled(t *testing.T, path string, accepted []int64) {
	t.Helper()
	checkIntegrity(t, path)
	there := map[string]bool{}
	for _, line := range ask(t, path, `SELECT id FROM request WHERE outcome = 0`) {
		if there[line] {
			t.Errorf("request %s is there twice", line)
		}
		there[line] = true
	}
	missing := 0
	for _, id := range accepted {
		if !there[strconv.FormatInt(id, 10)] {
			missing++
		}
	}
	if missing > 0 {
		t.Errorf("%d of %d accepted requests are missing", missing, len(accepted))
	}
	checkSummary(t, path)
}
