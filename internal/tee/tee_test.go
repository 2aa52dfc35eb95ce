package tee

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// kinds are what our standard output may be.
var kinds = map[string]func(*testing.T) *reader{"pipe": newPipe, "terminal": newTerminal}

func TestBytesAreUnchanged(t *testing.T) {
	t.Parallel()
	random := make([]byte, 5<<20)
	rand.NewChaCha8([32]byte{}).Read(random)
	for content, text := range map[string][]byte{
		"binary":           random,
		"nothing":          nil,
		"lines":            []byte("one\ntwo\r\nthree\tfour\n"),
		"no final newline": []byte("one\ntwo"),
		"half a sequence":  []byte("one\n\x1b[3"),
		"half a rune":      []byte("one\n\xe2\x82"),
	} {
		for kind, open := range kinds {
			t.Run(content+" through a "+kind, func(t *testing.T) {
				t.Parallel()
				dir := t.TempDir()
				must(t, os.WriteFile(filepath.Join(dir, "text"), text, 0o600))
				out := open(t)
				var watched output
				run(t, out.file, os.Stderr, watched.watch, dir, "cat text")
				if got := out.all(); got != string(text) {
					t.Errorf("%d bytes passed, %d were written; or they differ", len(got), len(text))
				}
				if got := watched.String(); got != string(text) {
					t.Errorf("%d bytes were watched, %d were written; or they differ", len(got), len(text))
				}
			})
		}
	}
}

func TestStdoutNeedNotBeAFile(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	var watched output
	run(t, &out, os.Stderr, watched.watch, "", "echo one; echo two")
	if want := "one\ntwo\n"; out.String() != want || watched.String() != want {
		t.Errorf("passed %q, watched %q, want %q", out.String(), watched.String(), want)
	}
}

func TestOutputComesWhileTheCommandRuns(t *testing.T) {
	t.Parallel()
	for kind, open := range kinds {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			goOn := gate(t, dir)
			out := open(t)
			var watched output
			began := time.Now()
			var first time.Time
			r := start(t, out.file, os.Stderr, func(p []byte, at time.Time) {
				if first.IsZero() {
					first = at
				}
				watched.Write(p)
			}, dir, "printf one; read x < go; echo two")
			eventually(t, "the first word", func() bool { return out.String() == "one" && watched.String() == "one" })
			seen := time.Now()
			goOn()
			_, err := r.end()
			must(t, err)
			if first.Before(began) || first.After(seen) {
				t.Errorf("it came at %v, want between %v and %v", first, began, seen)
			}
			if got := out.all(); got != "onetwo\n" {
				t.Errorf("passed %q", got)
			}
		})
	}
}

// mixed writes to both streams in turns.
const mixed = "for i in $(seq 200); do echo out $i; echo err $i >&2; done"

func mixedLines() string {
	var b strings.Builder
	for i := range 200 {
		fmt.Fprintf(&b, "out %d\nerr %d\n", i+1, i+1)
	}
	return b.String()
}

func TestOrderOfBothStreamsIsKept(t *testing.T) {
	t.Parallel()
	for kind, open := range kinds {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			out := open(t)
			again, err := syscall.Dup(int(out.file.Fd())) // 2>&1
			must(t, err)
			stderr := os.NewFile(uintptr(again), "stderr")
			defer stderr.Close()
			var watched output
			run(t, out.file, stderr, watched.watch, "", mixed)
			stderr.Close()
			if diff := cmp.Diff(mixedLines(), out.all()); diff != "" {
				t.Errorf("passed (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(mixedLines(), watched.String()); diff != "" {
				t.Errorf("watched (-want +got):\n%s", diff)
			}
		})
	}
}

func TestOtherStderrIsLeftAlone(t *testing.T) {
	t.Parallel()
	out, stderr := newPipe(t), newPipe(t)
	var watched output
	run(t, out.file, stderr.file, watched.watch, "", "echo out; echo err >&2")
	if out, err := out.all(), stderr.all(); out != "out\n" || watched.String() != "out\n" || err != "err\n" {
		t.Errorf("stdout %q, watched %q, stderr %q", out, watched.String(), err)
	}
}

// A command sees terminals where it would see them without us.
func TestTerminalsAreTerminals(t *testing.T) {
	t.Parallel()
	for stdout, openStdout := range kinds {
		for stderr, openStderr := range kinds {
			t.Run(stdout+" and "+stderr, func(t *testing.T) {
				t.Parallel()
				dir := t.TempDir()
				run(t, openStdout(t).file, openStderr(t).file, func([]byte, time.Time) {}, dir,
					"exec 3>seen; test -t 1 && echo terminal >&3 || echo pipe >&3; test -t 2 && echo terminal >&3 || echo pipe >&3")
				seen, err := os.ReadFile(filepath.Join(dir, "seen"))
				must(t, err)
				if want := stdout + "\n" + stderr + "\n"; string(seen) != want {
					t.Errorf("the command sees %q, want %q", seen, want)
				}
			})
		}
	}
}

// Who shares our standard output may have set O_NONBLOCK on it.
func TestFileThatNeverWaitsGetsAll(t *testing.T) {
	t.Parallel()
	const size = 1 << 20
	for kind, open := range kinds {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			out := open(t)
			again, err := syscall.Dup(int(out.file.Fd()))
			must(t, err)
			stdout := os.NewFile(uintptr(again), "stdout") // waits, as far as it knows
			defer stdout.Close()
			must(t, syscall.SetNonblock(again, true))
			var watched output
			run(t, stdout, os.Stderr, watched.watch, "", fmt.Sprintf("head -c %d /dev/zero", size))
			stdout.Close()
			if got := len(out.all()); got != size {
				t.Errorf("%d bytes passed, want %d", got, size)
			}
		})
	}
}
