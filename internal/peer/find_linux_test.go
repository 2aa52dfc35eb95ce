package peer

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"e2etap/internal/traffic"
)

func listen(t testing.TB) *net.TCPListener {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	return l.(*net.TCPListener)
}

// peerConn is our end of a helper's connection.
type peerConn struct {
	net.Conn
	lines       *bufio.Scanner
	pid, parent int // what the helper says
}

// next accepts the next connection of a helper.
func next(t testing.TB, l *net.TCPListener) *peerConn {
	t.Helper()
	l.SetDeadline(time.Now().Add(time.Minute))
	c, err := l.Accept()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	p := &peerConn{Conn: c, lines: bufio.NewScanner(c)}
	if _, err := fmt.Sscan(p.line(t), &p.pid, &p.parent); err != nil {
		t.Fatal(err)
	}
	return p
}

func (p *peerConn) line(t testing.TB) string {
	t.Helper()
	p.SetReadDeadline(time.Now().Add(time.Minute))
	if !p.lines.Scan() {
		t.Fatal("the helper has left: ", p.lines.Err())
	}
	return p.lines.Text()
}

// tell makes a helper do something, and waits until it has.
func (p *peerConn) tell(t testing.TB, line string) {
	t.Helper()
	fmt.Fprintln(p, line)
	if got := p.line(t); got != "done" {
		t.Fatalf("%s: %q, want done", line, got)
	}
}

// run starts a helper that ends when the test's connections do.
func run(t testing.TB, name string, args ...string) int {
	t.Helper()
	cmd := helper(t, name, args...)
	cmd.Env = append(cmd.Env, "E2E_TEST=[sig-cli] a test")
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { cmd.Wait() })
	return cmd.Process.Pid
}

// startClient starts a client and returns its connection.
func startClient(t testing.TB, l *net.TCPListener) *peerConn {
	t.Helper()
	pid := run(t, "client", l.Addr().String(), "an argument")
	c := next(t, l)
	if c.pid != pid {
		t.Fatalf("connection of %d, want %d", c.pid, pid)
	}
	return c
}

// ownerOf asks as the gateway does: for the other end, then for who holds it.
func ownerOf(f *Finder, conn net.Conn) (*traffic.Process, error) {
	s, err := Lookup(conn)
	if err != nil {
		return nil, err
	}
	return f.Owner(s)
}

func mustFind(t testing.TB, f *Finder, c *peerConn) *traffic.Process {
	t.Helper()
	p, err := ownerOf(f, c)
	if err != nil {
		t.Fatal(err)
	}
	if p.PID != c.pid {
		t.Fatalf("found %d %q, want %d", p.PID, p.Command, c.pid)
	}
	return p
}

func TestFind(t *testing.T) {
	l := listen(t)
	c := startClient(t, l)
	p := mustFind(t, NewFinder(), c)
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	if age := time.Since(p.Start); age < 0 || age > time.Minute {
		t.Errorf("started %v ago", age)
	}
	want := &traffic.Process{
		Root: true, PID: c.pid, Start: p.Start, Executable: self,
		Command: []string{"client", l.Addr().String(), "an argument"}, Test: "[sig-cli] a test",
	}
	if diff := cmp.Diff(want, p); diff != "" {
		t.Error(diff)
	}
}

func TestFindAncestors(t *testing.T) {
	l, f := listen(t), NewFinder()
	child := startClient(t, l)
	child.tell(t, "spawn")
	grandchild := next(t, l)
	p := mustFind(t, f, grandchild)
	if p.Root || p.Parent == nil || p.Parent.PID != child.pid || !p.Parent.Root || p.Parent.Parent != nil {
		t.Errorf("%+v below %+v, want %d below %d", p, p.Parent, grandchild.pid, child.pid)
	}
	if mustFind(t, f, child) != p.Parent {
		t.Error("another pointer for the parent")
	}
	child.tell(t, "connect")
	if mustFind(t, f, next(t, l)) != p.Parent {
		t.Error("another pointer for its next connection")
	}
}

func TestFindAfterExec(t *testing.T) {
	l, f := listen(t), NewFinder()
	c := startClient(t, l)
	before := mustFind(t, f, c)
	fmt.Fprintln(c, "exec other")
	again := next(t, l)
	after := mustFind(t, f, again)
	if after == before || after.PID != before.PID || after.Command[0] != "other" || !after.Root {
		t.Errorf("%+v, want another program in the same process", after)
	}
}

func TestFindOrphan(t *testing.T) {
	l, f := listen(t), NewFinder()
	parent := startClient(t, l)
	parent.tell(t, "spawn")
	seen := next(t, l)
	before := mustFind(t, f, seen)
	parent.tell(t, "spawn")
	unseen := next(t, l)
	fmt.Fprintln(parent, "end")
	io.Copy(io.Discard, parent)
	deadline := time.Now().Add(time.Minute)
	for p := newProcfs("/proc", 0); p.parentOf(unseen.pid) == parent.pid || p.parentOf(seen.pid) == parent.pid; {
		if time.Now().After(deadline) {
			t.Fatal("still its parent")
		}
		time.Sleep(time.Millisecond)
	}
	seen.tell(t, "connect")
	if mustFind(t, f, next(t, l)) != before || before.Parent.PID != parent.pid {
		t.Error("it has lost the chain under which it was seen")
	}
	if p := mustFind(t, f, unseen); p.Inside() {
		t.Errorf("%+v is below %+v, want no root", p, p.Parent)
	}
}

func TestFindOurselves(t *testing.T) {
	c := accept(t, "127.0.0.1:0", dial(t, nil))
	p, err := ownerOf(NewFinder(), c)
	if err != nil || p.PID != os.Getpid() || p.Parent != nil || p.Root {
		t.Errorf("%+v, %v; want us, without a chain", p, err)
	}
}

func TestFindIsGoneWithTheClient(t *testing.T) {
	l, f := listen(t), NewFinder()
	c := startClient(t, l)
	s, err := Lookup(c)
	if err != nil {
		t.Fatal(err)
	}
	fmt.Fprintln(c, "end")
	io.Copy(io.Discard, c)
	if p, err := ownerOf(f, c); !errors.Is(err, ErrGone) {
		t.Errorf("%+v, %v; want ErrGone", p, err)
	}
	if p, err := f.Owner(s); !errors.Is(err, ErrGone) {
		t.Errorf("a socket that was looked up before: %+v, %v; want ErrGone", p, err)
	}
}

func TestFindOfOtherConnectionsIsUnknown(t *testing.T) {
	a, b := net.Pipe()
	defer a.Close()
	defer b.Close()
	if p, err := ownerOf(NewFinder(), a); !errors.Is(err, ErrUnknown) {
		t.Errorf("a pipe: %v, %v, want ErrUnknown", p, err)
	}
}

// asNobody makes a command run as another user.
var asNobody = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: 65534, Gid: 65534}}

func TestRootFindsAnotherUsersProcess(t *testing.T) {
	if os.Getuid() != 0 {
		t.Skip("needs root, to become another user")
	}
	l := listen(t)
	cmd := helper(t, "client", l.Addr().String())
	cmd.SysProcAttr = asNobody
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { cmd.Wait() })
	if p := mustFind(t, NewFinder(), next(t, l)); !p.Root || p.Executable == "" {
		t.Errorf("%+v, want a root with its executable", p)
	}
}

func TestAnotherUsersProcessMayNotBeLookedInto(t *testing.T) {
	if os.Getuid() != 0 {
		t.Skip("needs root, to become another user")
	}
	cmd := helper(t, "find")
	cmd.SysProcAttr = asNobody
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { cmd.Wait() })
	lines := bufio.NewScanner(out)
	lines.Scan()
	c, err := net.Dial("tcp", lines.Text())
	if err != nil {
		cmd.Process.Kill()
		t.Fatal(err)
	}
	defer c.Close()
	lines.Scan()
	if got := lines.Text(); !strings.HasPrefix(got, ErrUnknown.Error()) || !strings.Contains(got, "may not be looked into") {
		t.Errorf("%q, want unknown because it may not be looked into", got)
	}
}

// TestACrowdIsFound: many sockets are looked for at once, some of one process, and one that nobody has.
func TestACrowdIsFound(t *testing.T) {
	l, f := listen(t), NewFinder()
	var clients []*peerConn
	for range 8 {
		clients = append(clients, startClient(t, l))
	}
	var asking sync.WaitGroup
	for range 4 {
		for _, c := range clients {
			asking.Go(func() {
				p, err := ownerOf(f, c)
				if err != nil || p.PID != c.pid {
					t.Errorf("%+v, %v; want PID %d", p, err, c.pid)
				}
			})
		}
		asking.Go(func() {
			s, err := Lookup(clients[0])
			s.inode = 0
			if _, gone := f.Owner(s); err != nil || !errors.Is(gone, ErrUnknown) {
				t.Errorf("%v, %v; want that nobody has the socket 0", err, gone)
			}
		})
	}
	asking.Wait()
}
