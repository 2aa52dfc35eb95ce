package audit

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/klauspost/compress/gzip"
)

// pack packs a file in place, as lumberjack and logrotate do it: the original goes when the packed one is whole.
func pack(t *testing.T, path string) {
	t.Helper()
	data, err := os.ReadFile(path)
	check(t, err)
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	_, err = w.Write(data)
	check(t, err)
	check(t, w.Close())
	check(t, os.WriteFile(path+".gz", b.Bytes(), 0o600))
	check(t, os.Remove(path))
}

// A log that is renamed is read to its end, however late that is written, before the new one.
func TestARenamedLogIsReadToItsEnd(t *testing.T) {
	for name, packed := range map[string]bool{"as it is": false, "and packed": true} {
		t.Run(name, func(t *testing.T) {
			r := followLog(t, t.TempDir())
			appendTo(t, r.path, events("a"))
			r.waitFor("a")
			appendTo(t, r.path, events("b"))
			check(t, os.Rename(r.path, rotatedName(r.path, 1)))
			appendTo(t, rotatedName(r.path, 1), events("c"))
			if packed {
				pack(t, rotatedName(r.path, 1))
			}
			appendTo(t, r.path, events("d"))
			r.waitFor("d")
			appendTo(t, r.path, events("e"))
			r.waitFor("e")
			r.ends(2, "a", "b", "c", "d", "e")
		})
	}
}

func TestALineThatWasCutByARotationIsBroken(t *testing.T) {
	r := followLog(t, t.TempDir())
	appendTo(t, r.path, event("a")+event("b")[:50])
	r.waitFor("a")
	check(t, os.Rename(r.path, rotatedName(r.path, 1)))
	appendTo(t, r.path, event("c"))
	r.waitFor("c")
	if ids, broken, _ := r.told(); len(ids) != 2 || len(broken) != 1 {
		t.Errorf("events %q, broken in %q; want a and c, and one broken line", ids, broken)
	}
}

// A follower that is not run, while another process has the recording for instance, misses many rotations.
func TestRotationsThatNobodySawAreReadInOrder(t *testing.T) {
	for name, packed := range map[string]bool{"as they are": false, "and packed": true} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "audit.log")
			appendTo(t, rotatedName(path, 0), events("before"))
			appendTo(t, path, events("0"))
			f, err := NewFollower(path)
			check(t, err)
			for i := range 4 {
				check(t, os.Rename(path, rotatedName(path, i+1)))
				appendTo(t, path, events(fmt.Sprint(i+1)))
				if packed {
					pack(t, rotatedName(path, i+1))
				}
			}
			r := runFollower(t, f)
			r.waitFor("4")
			r.ends(5, "0", "1", "2", "3", "4")
		})
	}
}

// lumberjack removes old files when there are more of them than it is to keep.
func TestAfterALogThatIsGoneComesTheNextOneThatIsThere(t *testing.T) {
	path := filepath.Join(t.TempDir(), "audit.log")
	appendTo(t, path, events("0"))
	f, err := NewFollower(path)
	check(t, err)
	check(t, os.Remove(path))
	info, err := f.now.file.Stat()
	check(t, err)
	appendTo(t, rotatedName(path, 2), events("2"))
	check(t, os.Chtimes(rotatedName(path, 2), info.ModTime().Add(1e9), info.ModTime().Add(1e9)))
	appendTo(t, path, events("3"))
	r := runFollower(t, f)
	r.waitFor("3")
	r.ends(3, "0", "2", "3")
}

// copyTruncate rotates as logrotate's copytruncate does it, after something was written.
func copyTruncate(t *testing.T, path, unseen string) {
	t.Helper()
	appendTo(t, path, unseen)
	data, err := os.ReadFile(path)
	check(t, err)
	if err := os.Rename(path+".1", path+".2"); err != nil && !os.IsNotExist(err) {
		t.Fatal(err)
	}
	check(t, os.WriteFile(path+".1", data, 0o600))
	check(t, os.Truncate(path, 0))
}

func TestALogThatWasCopiedAndTruncatedIsReadFromItsStart(t *testing.T) {
	r := followLog(t, t.TempDir())
	appendTo(t, r.path, events("a", "b", "c"))
	r.waitFor("c")
	copyTruncate(t, r.path, "")
	appendTo(t, r.path, events("d"))
	r.waitFor("d")
	r.ends(2, "a", "b", "c", "d")
}

// How long the new log is must not matter, nor what was written between the last look and the copy.
func TestNothingIsMissedBetweenTheLastLookAndACopy(t *testing.T) {
	for name, c := range map[string]struct{ before, after []string }{
		"shorter":  {[]string{"a", "b"}, []string{"d"}},
		"as long":  {[]string{"a"}, []string{"d"}},
		"longer":   {[]string{"a"}, []string{"d", "e", "f"}},
		"no start": {[]string{"a"}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "audit.log")
			appendTo(t, path, events(c.before...))
			f, err := NewFollower(path)
			check(t, err)
			_, err = f.now.Read(make([]byte, 1<<10)) // what has been read so far
			check(t, err)
			copyTruncate(t, path, events("c"))
			appendTo(t, path, events(c.after...))
			r := runFollower(t, f)
			want := append([]string{"c"}, c.after...)
			r.waitFor(want[len(want)-1])
			r.ends(2, want...)
		})
	}
}

func TestALineThatWasHalfReadWhenItWasCopiedIsReadFromTheCopy(t *testing.T) {
	r := followLog(t, t.TempDir())
	half := strings.Index(event("b"), "stage")
	appendTo(t, r.path, event("a")+event("b")[:half])
	r.waitFor("a")
	copyTruncate(t, r.path, event("b")[half:])
	appendTo(t, r.path, event("c"))
	r.waitFor("c")
	r.ends(2, "a", "b", "c")
}

func TestAllCopiesSinceTheLastLookAreRead(t *testing.T) {
	path := filepath.Join(t.TempDir(), "audit.log")
	appendTo(t, path, events("a"))
	f, err := NewFollower(path)
	check(t, err)
	copyTruncate(t, path, events("b"))
	copyTruncate(t, path, events("c"))
	appendTo(t, path, events("d"))
	r := runFollower(t, f)
	r.waitFor("d")
	r.ends(3, "a", "b", "c", "d")
}

// A log that is rotated faster than it is looked at, and packed by and by, loses nothing.
func TestNothingIsLostWhileALogIsRotatedAgainAndAgain(t *testing.T) {
	r := followLog(t, t.TempDir())
	appendTo(t, r.path, event("first"))
	r.waitFor("first")
	want := []string{"first"}
	for i := range 60 {
		for range 20 {
			id := fmt.Sprint(len(want))
			want = append(want, id)
			appendTo(t, r.path, event(id))
		}
		check(t, os.Rename(r.path, rotatedName(r.path, i)))
		if i > 0 && i%3 == 0 {
			pack(t, rotatedName(r.path, i-1))
		}
	}
	appendTo(t, r.path, event("last"))
	r.waitFor("last")
	r.ends(61, append(want, "last")...)
}

// Whoever wrote to a log when it was renamed may take some time to notice.
func TestALogThatWasReplacedIsLookedAtOnceMore(t *testing.T) {
	path := filepath.Join(t.TempDir(), "audit.log")
	appendTo(t, path, events("a"))
	r, err := openReading(path)
	check(t, err)
	defer r.Close()
	tail := &tail{reading: r, ctx: t.Context(), path: path}
	check(t, os.Rename(path, rotatedName(path, 1)))
	if over, err := tail.over(); over || err != nil {
		t.Errorf("over %t, %v, while there is no new file", over, err)
	}
	appendTo(t, path, events("b"))
	for _, want := range []bool{false, true} {
		if over, err := tail.over(); over != want || err != nil {
			t.Errorf("over %t, %v; want %t", over, err, want)
		}
	}
}
