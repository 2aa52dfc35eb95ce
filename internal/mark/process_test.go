package mark

import (
	"fmt"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"e2etap/internal/peer"
)

func TestMarkIsForTheProcessThatSendsIt(t *testing.T) {
	w := newWorld(t, nil)
	cmd := w.client("script", w.url("?test=x"))
	prints(t, belowShell(cmd), "204")
	p := w.only().p
	if p == nil || filepath.Base(p.Executable) != "script" {
		t.Errorf("for %+v, want the process of script", p)
	}
}

func TestMarkOfAToolIsForWhoStartedIt(t *testing.T) {
	for _, tool := range []string{"curl", "wget"} {
		t.Run(tool, func(t *testing.T) {
			w := newWorld(t, nil)
			sh := belowShell(w.client(tool, w.url("?test=x")))
			prints(t, sh, "204")
			if p := w.only().p; p == nil || p.PID != sh.Process.Pid {
				t.Errorf("for %+v, want the shell, %d", p, sh.Process.Pid)
			}
		})
	}
}

// As where wget is a link to busybox.
func TestToolIsKnownByTheNameItIsCalledBy(t *testing.T) {
	w := newWorld(t, nil)
	box := w.client("busybox", w.url("?test=x"))
	link := filepath.Join(t.TempDir(), "wget")
	must(t, os.Symlink(box.Path, link))
	box.Args = []string{link}
	sh := belowShell(box)
	prints(t, sh, "204")
	if p := w.only().p; p == nil || p.PID != sh.Process.Pid {
		t.Errorf("for %+v, want the shell, %d", p, sh.Process.Pid)
	}
}

func TestMarkOfTheRealCurl(t *testing.T) {
	curl, err := exec.LookPath("curl")
	if err != nil {
		t.Skip(err)
	}
	w := newWorld(t, nil)
	sh := belowShell(exec.Command(curl, "-sS", "-w", "%{http_code}", "--noproxy", "*", "--data-urlencode", "test=a & b = c%20\n+ü", w.url("")))
	prints(t, sh, "204")
	m := w.only()
	if m.p == nil || m.p.PID != sh.Process.Pid {
		t.Errorf("for %+v, want the shell, %d", m.p, sh.Process.Pid)
	}
	if want := "a & b = c%20\n+ü"; m.test != want {
		t.Errorf("test %q, want %q", m.test, want)
	}
}

// The command that the proxy runs is curl itself: there is no script.
func TestMarkOfAToolThatNobodyStartedIsForTheRun(t *testing.T) {
	w := newWorld(t, nil)
	prints(t, w.client("curl", w.url("?test=x")), "204")
	if p := w.only().p; p != nil {
		t.Errorf("for %+v, want no process", p)
	}
}

func TestMarkNamesItsProcess(t *testing.T) {
	w := newWorld(t, nil)
	sleep := exec.Command("sleep", "1000")
	must(t, sleep.Start())
	defer func() { sleep.Process.Kill(); sleep.Wait() }()
	prints(t, w.client("curl", w.url(fmt.Sprintf("?test=x&pid=%d", sleep.Process.Pid))), "204")
	if p := w.only().p; p == nil || p.PID != sleep.Process.Pid {
		t.Errorf("for %+v, want process %d", p, sleep.Process.Pid)
	}
}

func TestProcessThatHasEndedIsRefused(t *testing.T) {
	w := newWorld(t, nil)
	ended := exec.Command("true")
	must(t, ended.Run())
	pid := ended.ProcessState.Pid()
	status, text, err := ask(http.MethodGet, w.url(fmt.Sprintf("?test=x&pid=%d", pid)), "", nil)
	must(t, err)
	if status != 400 || !strings.Contains(text, fmt.Sprintf("pid %d: ", pid)) || !strings.Contains(text, "want a running process") || len(w.marks) > 0 {
		t.Errorf("%d %s, marks %v", status, text, w.marks)
	}
}

func asNobody(t *testing.T, cmd *exec.Cmd) *exec.Cmd {
	t.Helper()
	if runtime.GOOS != "linux" || os.Getuid() != 0 {
		t.Skip("needs root on Linux, to become another user")
	}
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: 65534, Gid: 65534}}
	return cmd
}

func TestProcessOfAnotherUserIsRefused(t *testing.T) {
	sleep := asNobody(t, exec.Command("sleep", "1000"))
	if err := sleep.Start(); err != nil {
		t.Skip(err)
	}
	defer func() { sleep.Process.Kill(); sleep.Wait() }()
	w := newWorld(t, nil)
	status, text, err := ask(http.MethodGet, w.url(fmt.Sprintf("?test=x&pid=%d", sleep.Process.Pid)), "", nil)
	must(t, err)
	if status != 400 || !strings.Contains(text, "is a process of user ID 65534, want one of 0") || len(w.marks) > 0 {
		t.Errorf("%d %s, marks %v", status, text, w.marks)
	}
}

func TestOtherUsersCannotMark(t *testing.T) {
	w := newWorld(t, nil)
	cmd := asNobody(t, exec.Command("/proc/self/exe"))
	cmd.Env, cmd.Dir = []string{asClient + "=" + w.url("?test=x")}, "/"
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Skipf("cannot run as another user: %v %s", err, out)
	}
	if want := "403 e2etap: connection of user ID 65534 refused: the proxy runs as 0"; !strings.HasPrefix(string(out), want) || len(w.marks) > 0 {
		t.Errorf("%s, marks %v; want %q", out, w.marks, want)
	}
	w.stop()
	if got := w.log.String(); !strings.Contains(got, `"uid":65534`) {
		t.Errorf("log %q, want the user", got)
	}
}

// The finder knows the start of a process to a tick of 10 ms: those that are started after the answer must not seem to have
// been started before the mark.
func TestProcessesThatStartAfterAMarkAreSeenToDoSo(t *testing.T) {
	w := newWorld(t, nil)
	f := peer.NewFinder()
	for range 20 {
		_, _, err := ask(http.MethodPost, w.url("?"+url.Values{"test": {"x"}}.Encode()), "", nil)
		must(t, err)
		cmd := exec.Command("sleep", "1000")
		must(t, cmd.Start())
		p, err := f.Process(cmd.Process.Pid)
		cmd.Process.Kill()
		cmd.Wait()
		must(t, err)
		w.mu.Lock()
		at := w.marks[len(w.marks)-1].at
		w.mu.Unlock()
		if p.Start.Before(at) {
			t.Fatalf("started %v before the mark", at.Sub(p.Start))
		}
	}
}

func TestMarksTimeIsWhenItWasRead(t *testing.T) {
	w := newWorld(t, nil)
	before := time.Now()
	_, _, err := ask(http.MethodGet, w.url("?test=x"), "", nil)
	must(t, err)
	if at, after := w.only().at, time.Now(); at.Before(before) || at.After(after.Add(-settle)) {
		t.Errorf("at %v, want it between %v and %v before %v", at, before, settle, after)
	}
}
