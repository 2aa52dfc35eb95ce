package webhook

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
)

func open(t *testing.T, path string) *Log {
	t.Helper()
	l, err := OpenLog(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	return l
}

func has(t *testing.T, path, want string) {
	t.Helper()
	if got, err := os.ReadFile(path); err != nil || string(got) != want {
		t.Errorf("%v, the log has %q, want %q", err, got, want)
	}
}

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func TestALogIsItsOwnersAndAppendedTo(t *testing.T) {
	path := filepath.Join(t.TempDir(), "audit.log")
	l := open(t, path)
	check(t, l.Append([]byte("a\n")))
	info, err := os.Stat(path)
	check(t, err)
	if info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, want 0600", info.Mode())
	}
	check(t, l.Close())
	check(t, open(t, path).Append([]byte("b\n")))
	has(t, path, "a\nb\n")
}

func TestALogHasOneWriter(t *testing.T) {
	path := filepath.Join(t.TempDir(), "audit.log")
	open(t, path)
	if l, err := OpenLog(path); err == nil {
		t.Error("opened twice")
		l.Close()
	}
}

func TestOnlyFilesAreLogs(t *testing.T) {
	for _, path := range []string{t.TempDir(), os.DevNull, filepath.Join(t.TempDir(), "no", "audit.log")} {
		if l, err := OpenLog(path); err == nil {
			t.Errorf("%s was opened", path)
			l.Close()
		}
	}
}

// fail makes the next write keep so many bytes only.
func (l *Log) fail(n int, err error) {
	l.write = func(b []byte) (int, error) {
		l.write = l.file.Write
		n, writeErr := l.file.Write(b[:n])
		return n, errors.Join(err, writeErr)
	}
}

func TestWhatWasHalfWrittenIsTakenBack(t *testing.T) {
	path := filepath.Join(t.TempDir(), "audit.log")
	l := open(t, path)
	check(t, l.Append([]byte("a\n")))
	full := errors.New("disk full")
	for n := range 4 {
		l.fail(n, full)
		if err := l.Append([]byte("b\nc\n")); !errors.Is(err, full) {
			t.Errorf("%d bytes written: %v, want %v", n, err, full)
		}
		has(t, path, "a\n")
	}
	check(t, l.Append([]byte("b\nc\n")))
	has(t, path, "a\nb\nc\n")
}

func TestAShortWriteIsAnError(t *testing.T) {
	path := filepath.Join(t.TempDir(), "audit.log")
	l := open(t, path)
	l.fail(2, nil)
	if err := l.Append([]byte("b\nc\n")); err == nil {
		t.Error("no error, though half was written")
	}
	has(t, path, "")
}

// The process may have been killed in the middle of a write.
func TestALineBeginsOnALineOfItsOwn(t *testing.T) {
	path := filepath.Join(t.TempDir(), "audit.log")
	check(t, os.WriteFile(path, []byte(`a`+"\n"+`{"aud`), 0o600))
	l := open(t, path)
	check(t, l.Append([]byte("b\n")))
	check(t, l.Append([]byte("c\n")))
	has(t, path, "a\n{\"aud\nb\nc\n")
}

// logrotate's copytruncate takes what is there away.
func TestALogThatIsTruncatedIsAppendedToAtItsStart(t *testing.T) {
	path := filepath.Join(t.TempDir(), "audit.log")
	l := open(t, path)
	check(t, l.Append([]byte("a\n")))
	check(t, os.Truncate(path, 0))
	check(t, l.Append([]byte("b\n")))
	has(t, path, "b\n")
}
