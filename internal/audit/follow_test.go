package audit

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// follower is a Follower that runs, and what it has told.
type follower struct {
	t      *testing.T
	path   string
	cancel context.CancelFunc
	done   chan struct{}
	files  int
	err    error

	mu      sync.Mutex
	ids     []string
	broken  []string
	missing int
	pauses  int
}

// followLog follows audit.log in a folder, which may be there already.
func followLog(t *testing.T, folder string) *follower {
	t.Helper()
	path := filepath.Join(folder, "audit.log")
	f, err := NewFollower(path)
	if err != nil {
		t.Fatal(err)
	}
	return runFollower(t, f)
}

func runFollower(t *testing.T, f *Follower) *follower {
	f.every = 2 * time.Millisecond
	ctx, cancel := context.WithCancel(t.Context())
	r := &follower{t: t, path: f.path, cancel: cancel, done: make(chan struct{})}
	to := Following{
		Event:   func(e *Event) error { r.note(&r.ids, e.ID); return nil },
		Broken:  func(b Broken) { r.note(&r.broken, filepath.Base(b.File)) },
		Pause:   func() error { r.count(&r.pauses); return nil },
		Missing: func() { r.count(&r.missing) },
	}
	go func() {
		defer close(r.done)
		r.files, r.err = f.Run(ctx, to)
		r.err = errors.Join(r.err, f.Close())
	}()
	t.Cleanup(func() { cancel(); <-r.done })
	return r
}

func (r *follower) note(to *[]string, what string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	*to = append(*to, what)
}

func (r *follower) count(to *int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	*to++
}

func (r *follower) told() (ids, broken []string, missing int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.ids), slices.Clone(r.broken), r.missing
}

// waitFor waits until an event has come.
func (r *follower) waitFor(id string) {
	r.t.Helper()
	r.wait("event "+id, func() bool { ids, _, _ := r.told(); return slices.Contains(ids, id) })
}

func (r *follower) wait(what string, condition func() bool) {
	r.t.Helper()
	for deadline := time.Now().Add(30 * time.Second); !condition(); time.Sleep(time.Millisecond) {
		select {
		case <-r.done:
			if !condition() {
				r.t.Fatalf("not before it ended: %s: %v", what, r.err)
			}
		default:
		}
		if time.Now().After(deadline) {
			r.t.Fatalf("not in time: %s", what)
		}
	}
}

// ends ends the follower, which must have told of these events and read so many files.
func (r *follower) ends(files int, want ...string) {
	r.t.Helper()
	r.cancel()
	<-r.done
	ids, broken, _ := r.told()
	if r.err != nil || r.files != files || broken != nil {
		r.t.Errorf("%d files, want %d; %v; broken in %q", r.files, files, r.err, broken)
	}
	if diff := cmp.Diff(want, ids); diff != "" {
		r.t.Errorf("events (-want +got):\n%s", diff)
	}
}

// event is a line of a log.
func event(id string) string {
	return fmt.Sprintf(`{"kind":"Event","apiVersion":"audit.k8s.io/v1","auditID":%q,"stage":"ResponseComplete"}`+"\n", id)
}

func events(ids ...string) string {
	var b strings.Builder
	for _, id := range ids {
		b.WriteString(event(id))
	}
	return b.String()
}

// appendTo writes like a program that has the file open for appending.
func appendTo(t *testing.T, path, text string) {
	t.Helper()
	f, err := os.OpenFile(path, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	_, err = io.WriteString(f, text)
	if err := errors.Join(err, f.Close()); err != nil {
		t.Fatal(err)
	}
}

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// rotated is the n-th name that lumberjack gives.
func rotatedName(path string, n int) string {
	return fmt.Sprintf("%s-2026-11-24T15-06-08.%03d.log", strings.TrimSuffix(path, ".log"), n)
}

func TestWhatIsAppendedIsReadAfterWhatIsThere(t *testing.T) {
	folder := t.TempDir()
	path := filepath.Join(folder, "audit.log")
	appendTo(t, path, events("a", "b"))
	r := followLog(t, folder)
	r.waitFor("b")
	appendTo(t, path, events("c"))
	r.waitFor("c")
	r.ends(1, "a", "b", "c")
}

func TestAFileThatDoesNotExistYetIsAwaited(t *testing.T) {
	folder := filepath.Join(t.TempDir(), "logs")
	r := followLog(t, folder)
	r.wait("that it was looked for again", func() bool { r.mu.Lock(); defer r.mu.Unlock(); return r.pauses > 2 })
	check(t, os.Mkdir(folder, 0o700))
	appendTo(t, r.path, events("a"))
	r.waitFor("a")
	if _, _, missing := r.told(); missing != 1 {
		t.Errorf("told %d times that it is missing, want once", missing)
	}
	r.ends(1, "a")
}

func TestAFileThatNeverComesIsNoError(t *testing.T) {
	r := followLog(t, t.TempDir())
	r.wait("that it is missing", func() bool { _, _, missing := r.told(); return missing > 0 })
	r.ends(0)
}

func TestAHalfWrittenLineWaitsUntilItIsWhole(t *testing.T) {
	r := followLog(t, t.TempDir())
	line := event("b")
	appendTo(t, r.path, event("a")+line[:40])
	r.waitFor("a")
	appendTo(t, r.path, line[40:]+event("c")+event("d")[:30])
	r.waitFor("c")
	r.ends(1, "a", "b", "c") // and what is being written when it ends is not broken
}

func TestAWholeLastLineWithoutItsEndIsReadAtTheEnd(t *testing.T) {
	r := followLog(t, t.TempDir())
	appendTo(t, r.path, event("a")+strings.TrimSpace(event("b")))
	r.waitFor("a")
	r.ends(1, "a", "b")
}

func TestALongLineIsReadInPieces(t *testing.T) {
	r := followLog(t, t.TempDir())
	appendTo(t, r.path, event("a"))
	r.waitFor("a")
	line := strings.Replace(event("long"), "{", `{"responseObject":"`+strings.Repeat("x", 50<<20)+`",`, 1)
	for piece := range slices.Chunk([]byte(line), 5<<20) {
		appendTo(t, r.path, string(piece))
	}
	appendTo(t, r.path, event("b"))
	r.waitFor("b")
	r.ends(1, "a", "long", "b")
}

// What was written while nothing was read, even while ctx was done already, is read before Run returns.
func TestAllThatIsThereIsReadAtTheEnd(t *testing.T) {
	folder := t.TempDir()
	path := filepath.Join(folder, "audit.log")
	appendTo(t, path, events("a"))
	f, err := NewFollower(path)
	check(t, err)
	check(t, os.Rename(path, rotatedName(path, 1)))
	appendTo(t, rotatedName(path, 1), events("b"))
	appendTo(t, path, events("c"))
	r := runFollower(t, f)
	r.ends(2, "a", "b", "c")
}

func TestWhatCannotBeFollowedIsRefused(t *testing.T) {
	folder := t.TempDir()
	write(t, filepath.Join(folder, "log.gz"), gzipped(t, oneEvent))
	write(t, filepath.Join(folder, "log.zst"), zstded(t, oneEvent))
	for _, path := range []string{folder, filepath.Join(folder, "log.gz"), filepath.Join(folder, "log.zst"), os.DevNull} {
		if _, err := NewFollower(path); !errors.Is(err, ErrNotFollowed) {
			t.Errorf("%s: %v, want that it cannot be followed", path, err)
		}
	}
}

func TestTheErrorsOfWhomAFollowerTellsEndIt(t *testing.T) {
	path := filepath.Join(t.TempDir(), "audit.log")
	appendTo(t, path, event("a"))
	full := errors.New("disk full")
	fail, pass := func() error { return full }, func() error { return nil }
	for name, c := range map[string]struct{ event, pause func() error }{"event": {fail, pass}, "pause": {pass, fail}} {
		f, err := NewFollower(path)
		check(t, err)
		files, err := f.Run(t.Context(), Following{
			Event: func(*Event) error { return c.event() }, Pause: c.pause, Broken: func(b Broken) { t.Error(b) },
		})
		if !errors.Is(err, full) || files != 1 {
			t.Errorf("%s: %v after %d files, want %v", name, err, files, full)
		}
		check(t, f.Close())
	}
}
