package peer

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// tail is what follows the parent in a stat, with the flags and the start as the test needs them.
const tail = "10 10 0 -1 %d 1 0 0 0 0 0 0 0 20 0 1 0 %d 100 10 18446744073709551615 1 1 0 0 0 0 0 0 0 0 0 0 %d 0 0 0 0 0\n"

func TestStat(t *testing.T) {
	for in, want := range map[string]stat{
		"7 (bash) S 3 " + fmt.Sprintf(tail, 0x400000, 5, 17):      {parent: 3, born: 5},
		"7 (a (b) ) R 1) S 3 " + fmt.Sprintf(tail, 0, 1<<40, 17):  {parent: 3, born: 1 << 40},
		"7 (kubectl) S 3 " + fmt.Sprintf(tail, 0x400040, 5, 17):   {parent: 3, born: 5, forked: true},
		"7 (kubectl) Z 3 " + fmt.Sprintf(tail, 0, 5, 17):          {parent: 3, born: 5, ended: true},
		"7 (kubectl) S 3 " + fmt.Sprintf(tail, 0x400040, 5, -1):   {parent: 3, born: 5, forked: true, thread: true},
		"7 (line\nbreak) S 3 " + fmt.Sprintf(tail, 0x40000, 5, 0): {parent: 3, born: 5},
	} {
		got, err := parseStat([]byte(in))
		if err != nil || got != want {
			t.Errorf("%q: %+v, %v; want %+v", in, got, err, want)
		}
	}
}

func TestStatThatIsNotUnderstoodIsAnError(t *testing.T) {
	for _, in := range []string{
		"", ")", "7 (bash) S 3", "7 bash S 3 " + fmt.Sprintf(tail, 0, 5, 17), "7 (bash) S x " + fmt.Sprintf(tail, 0, 5, 17),
		"7 (bash) S 3 " + strings.Replace(fmt.Sprintf(tail, 0, 5, 17), " 5 ", " -5 ", 1),
	} {
		if got, err := parseStat([]byte(in)); err == nil {
			t.Errorf("%q: %+v, want an error", in, got)
		}
	}
}

func FuzzStat(f *testing.F) {
	f.Add([]byte("7 (a (b) ) R 1) S 3 " + fmt.Sprintf(tail, 0x40, 5, -1)))
	f.Add([]byte("7 (bash) S 3"))
	f.Fuzz(func(t *testing.T, in []byte) {
		s, err := parseStat(in)
		if err != nil {
			return
		}
		// a program's name must not change what is read
		_, after, _ := strings.Cut(string(in[strings.LastIndex(string(in), ")"):]), ")")
		if again, err := parseStat([]byte("1 (x) S 9 (y)" + after)); err != nil || again != s {
			t.Errorf("%+v, %v; want %+v", again, err, s)
		}
	})
}

func TestMarker(t *testing.T) {
	for in, want := range map[string]string{
		"":                                      "",
		"E2E_TEST=a b\x00":                      "a b",
		"HOME=/\x00E2E_TEST=a=b\x00X=\x00":      "a=b",
		"HOME=/\x00E2E_TEST=cut o":              "",
		"XE2E_TEST=a\x00E2E_TESTS=b\x00":        "",
		"A=\nE2E_TEST=a\x00\x00E2E_TEST=\x00":   "",
		"E2E_TEST=first\x00E2E_TEST=second\x00": "first",
	} {
		if got := marker([]byte(in)); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
}

func FuzzMarker(f *testing.F) {
	f.Add([]byte("HOME=/\x00E2E_TEST=a b\x00"))
	f.Add([]byte("E2E_TEST=cut o"))
	f.Fuzz(func(t *testing.T, in []byte) {
		got := marker(in)
		if got != "" && !strings.Contains("\x00"+string(in), "\x00E2E_TEST="+got+"\x00") {
			t.Errorf("%q is not in %q", got, in)
		}
	})
}

// folder makes up a /proc/PID.
func folder(t *testing.T, root string, pid, parent, born int, files map[string]string) {
	t.Helper()
	dir := filepath.Join(root, strconv.Itoa(pid))
	if err := os.MkdirAll(filepath.Join(dir, "fd"), 0o700); err != nil {
		t.Fatal(err)
	}
	all := map[string]string{
		"stat":    fmt.Sprintf("%d (name) S %d %s", pid, parent, fmt.Sprintf(tail, 0, born, 17)),
		"cmdline": "name\x00",
		"environ": "",
	}
	for name, text := range files {
		all[name] = text
	}
	for name, text := range all {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	os.Remove(filepath.Join(dir, "exe"))
	if err := os.Symlink("/usr/bin/name (deleted)", filepath.Join(dir, "exe")); err != nil {
		t.Fatal(err)
	}
}

func TestImage(t *testing.T) {
	root := t.TempDir()
	folder(t, root, 7, 3, 250, map[string]string{"cmdline": "name\x00--a\x00\x00", "environ": "A=\x00E2E_TEST=x\x00"})
	p := newProcfs(root, ourPID)
	got, err := p.read(7)
	if err != nil {
		t.Fatal(err)
	}
	q := got.process()
	if q.PID != 7 || got.parent != 3 || q.Executable != "/usr/bin/name" || q.Test != "x" ||
		!q.Start.Equal(p.boot.Add(2500*time.Millisecond)) {
		t.Errorf("%+v, parent %d", q, got.parent)
	}
	if diff := cmp.Diff([]string{"name", "--a", ""}, q.Command); diff != "" {
		t.Error(diff)
	}
}

func TestImageIsBounded(t *testing.T) {
	root := t.TempDir()
	folder(t, root, 7, 3, 250, map[string]string{
		"cmdline": strings.Repeat("x", 2*maxArguments),
		"environ": strings.Repeat("x", maxEnvironment) + "\x00E2E_TEST=x\x00",
	})
	got, err := newProcfs(root, ourPID).read(7)
	if err != nil || len(got.arguments) != maxArguments || got.test != "" {
		t.Errorf("%d bytes of arguments, test %q, %v", len(got.arguments), got.test, err)
	}
}

func TestParentOfAReusedPIDIsGone(t *testing.T) {
	root := t.TempDir()
	p := newProcfs(root, ourPID)
	folder(t, root, 7, 3, 250, nil)
	i, err := p.read(7)
	if err != nil {
		t.Fatal(err)
	}
	folder(t, root, 7, 4, 250, nil) // adopted
	if parent, err := p.parent(i); err != nil || parent != 4 {
		t.Errorf("%d, %v; want 4", parent, err)
	}
	folder(t, root, 7, 4, 251, nil)
	if parent, err := p.parent(i); !errors.Is(err, ErrGone) {
		t.Errorf("%d, %v; want ErrGone", parent, err)
	}
}

func TestThreadIsNoProcess(t *testing.T) {
	root := t.TempDir()
	folder(t, root, 7, 3, 250, map[string]string{"stat": "7 (name) S 3 " + fmt.Sprintf(tail, 0, 5, -1)})
	if got, err := newProcfs(root, ourPID).read(7); !errors.Is(err, ErrUnknown) {
		t.Errorf("%+v, %v; want ErrUnknown", got, err)
	}
}

// An open folder must not tell of a later process with the same PID.
func TestFolderOfAnEndedProcessTellsNothing(t *testing.T) {
	cmd := helper(t, "hold")
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	h, err := openProcess("/proc", cmd.Process.Pid)
	if err != nil {
		t.Fatal(err)
	}
	defer h.close()
	if _, err := h.stat(); err != nil {
		t.Error(err)
	}
	in.Close()
	cmd.Wait()
	if s, err := h.stat(); !ended(err) {
		t.Errorf("%+v, %v; want ENOENT or ESRCH", s, err)
	}
}

func TestNewestProcessIsFirst(t *testing.T) {
	root := t.TempDir()
	for _, pid := range []int{5, 300, 4000, 32000} {
		folder(t, root, pid, 1, 1, nil)
	}
	p := newProcfs(root, ourPID)
	for loadavg, want := range map[string][]int{
		"0.00 0.01 0.05 1/200 32001\n": {32000, 4000, 300, 5},
		"0.00 0.01 0.05 1/200 301\n":   {300, 5, 32000, 4000}, // PIDs began again
		"?":                            {32000, 4000, 300, 5},
	} {
		if err := os.WriteFile(filepath.Join(root, "loadavg"), []byte(loadavg), 0o600); err != nil {
			t.Fatal(err)
		}
		got, err := p.pids(0, p.last())
		if diff := cmp.Diff(want, got); diff != "" || err != nil {
			t.Error(loadavg, err, diff)
		}
	}
}

func TestNewProcessIsAmongTheNewest(t *testing.T) {
	c := startClient(t, listen(t))
	p := newProcfs("/proc", ourPID)
	all, err := p.pids(0, p.last())
	if err != nil {
		t.Fatal(err)
	}
	some, err := p.pids(c.pid, c.pid)
	if err != nil || len(some) == 0 || some[0] != c.pid {
		t.Fatalf("%v, %v; want %d first", some, err, c.pid)
	}
	if len(some) >= len(all) {
		t.Errorf("%d of %d processes are listed", len(some), len(all))
	}
}

func TestStartIsGoodToATick(t *testing.T) {
	before := time.Now()
	cmd := helper(t, "hold")
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	after := time.Now()
	defer cmd.Wait()
	defer in.Close()
	p := mustProcess(t, NewFinder(), cmd.Process.Pid)
	if p.Start.Before(before.Add(-2*tick)) || p.Start.After(after.Add(tick)) {
		t.Errorf("started at %v, want between %v and %v", p.Start, before, after)
	}
}

func TestOftenOwnersAreTriedFirst(t *testing.T) {
	r := &recent{}
	for _, pid := range []int{1, 2, 1, 3, 4, 4, 5, 5, 6, 6, 7, 7, 8} {
		r.note(pid)
	}
	if diff := cmp.Diff([]int{7, 6, 5, 4}, r.likely()); diff != "" {
		t.Error(diff)
	}
	for pid := range maxRecent {
		r.note(100 + pid)
	}
	if got := r.likely(); got != nil || len(r.list) != maxRecent {
		t.Errorf("%v are likely, %d are remembered; want none, %d", got, len(r.list), maxRecent)
	}
}

func TestLinuxNeedsNoGopsutil(t *testing.T) {
	list, err := exec.Command("go", "list", "-deps", ".").Output()
	if err != nil {
		t.Skip(err)
	}
	if out := string(list); !strings.Contains(out, "e2etap/internal/traffic") || strings.Contains(out, "gopsutil") {
		t.Errorf("internal/peer depends on:\n%s", list)
	}
}
