package peer

import (
	"errors"
	"fmt"
	"testing"

	"e2etap/internal/traffic"
)

const ourPID = 10

// fake is a system whose processes the test makes up.
type fake struct {
	processes map[int]image
	before    func(pid int) // what happens just before a process is read
}

func (f *fake) owner(Socket) (image, error) { return image{}, ErrUnknown }

func (f *fake) read(pid int) (image, error) {
	if f.before != nil {
		f.before(pid)
	}
	i, ok := f.processes[pid]
	if !ok {
		return image{}, fmt.Errorf("%w: no process %d", ErrGone, pid)
	}
	return i, nil
}

func (f *fake) parent(i image) (int, error) {
	now, ok := f.processes[i.pid]
	if !ok || now.born != i.born {
		return 0, fmt.Errorf("%w: no process %d", ErrGone, i.pid)
	}
	return now.parent, nil
}

func (f *fake) set(pid, parent int, born uint64, command string) {
	f.processes[pid] = image{
		identity: identity{pid, born}, parent: parent,
		program: program{executable: "/bin/" + command, arguments: command + "\x00-v\x00"},
	}
}

// newFake has the chain proxy (10) → bash (20) → e2e.test (30) → kubectl (40).
func newFake() (*fake, *Finder) {
	f := &fake{processes: map[int]image{}}
	f.set(1, 0, 0, "init")
	f.set(ourPID, 1, 100, "proxy")
	f.set(20, ourPID, 200, "bash")
	f.set(30, 20, 300, "e2e.test")
	f.set(40, 30, 400, "kubectl")
	return f, newFinder(f, ourPID)
}

func mustProcess(t *testing.T, f *Finder, pid int) *traffic.Process {
	t.Helper()
	p, err := f.Process(pid)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// chain is a process and its ancestors as a test states them: "kubectl e2e.test bash(root)".
func chain(p *traffic.Process) (s string) {
	for ; p != nil; p = p.Parent {
		if s != "" {
			s += " "
		}
		s += p.Command[0]
		if p.Root {
			s += "(root)"
		}
	}
	return s
}

func wantChain(t *testing.T, p *traffic.Process, want string) {
	t.Helper()
	if got := chain(p); got != want {
		t.Errorf("chain %q, want %q", got, want)
	}
}

func TestChainEndsAtTheCommandThatWeStarted(t *testing.T) {
	_, f := newFake()
	wantChain(t, mustProcess(t, f, 40), "kubectl e2e.test bash(root)")
}

func TestChainOfAStrangerEndsBelowInit(t *testing.T) {
	s, f := newFake()
	s.set(50, 1, 100, "sshd")
	s.set(51, 50, 110, "curl")
	wantChain(t, mustProcess(t, f, 51), "curl sshd")
	wantChain(t, mustProcess(t, f, 1), "init")
}

func TestWeHaveNoAncestors(t *testing.T) {
	s, f := newFake()
	s.set(ourPID, 50, 100, "proxy")
	s.set(50, 1, 90, "bash")
	wantChain(t, mustProcess(t, f, ourPID), "proxy")
}

func TestProcessIsTheSamePointerAlsoAsAnAncestor(t *testing.T) {
	s, f := newFake()
	kubectl := mustProcess(t, f, 40)
	if mustProcess(t, f, 40) != kubectl {
		t.Error("another pointer for the same process")
	}
	if mustProcess(t, f, 30) != kubectl.Parent {
		t.Error("another pointer for its parent")
	}
	s.set(41, 30, 410, "kubectl")
	if mustProcess(t, f, 41).Parent != kubectl.Parent {
		t.Error("another pointer for its sibling's parent")
	}
}

func TestExecMakesANewProcessWithTheSameAncestors(t *testing.T) {
	s, f := newFake()
	bash := mustProcess(t, f, 40)
	s.set(40, 30, 400, "curl")
	curl := mustProcess(t, f, 40)
	wantChain(t, curl, "curl e2e.test bash(root)")
	wantChain(t, bash, "kubectl e2e.test bash(root)")
	if curl == bash || curl.Parent != bash.Parent {
		t.Error("want another process with the same parent")
	}
}

func TestExecWithAnotherMarkerMakesANewProcess(t *testing.T) {
	s, f := newFake()
	before := mustProcess(t, f, 40)
	i := s.processes[40]
	i.test = "[sig-cli] a test"
	s.processes[40] = i
	if p := mustProcess(t, f, 40); p == before || p.Test != i.test {
		t.Errorf("test %q, want another process with %q", p.Test, i.test)
	}
}

func TestChildOfAnAncestorThatHasExecutedHasTheNewProgramAsParent(t *testing.T) {
	s, f := newFake()
	mustProcess(t, f, 40)
	s.set(20, ourPID, 200, "ginkgo")
	s.set(21, 20, 500, "kubectl")
	wantChain(t, mustProcess(t, f, 21), "kubectl ginkgo(root)")
}

func TestOrphanKeepsTheChainUnderWhichItWasSeen(t *testing.T) {
	s, f := newFake()
	before := mustProcess(t, f, 40)
	delete(s.processes, 30)
	s.set(40, 1, 400, "kubectl")
	if mustProcess(t, f, 40) != before {
		t.Error("another pointer for the same process")
	}
	s.set(40, 1, 400, "curl")
	wantChain(t, mustProcess(t, f, 40), "curl e2e.test bash(root)")
}

func TestOrphanThatWasNeverSeenHasNoChain(t *testing.T) {
	s, f := newFake()
	delete(s.processes, 30)
	s.set(40, 1, 400, "kubectl")
	wantChain(t, mustProcess(t, f, 40), "kubectl")
}

func TestReusedPIDIsAnotherProcess(t *testing.T) {
	s, f := newFake()
	before := mustProcess(t, f, 40)
	s.set(30, 1, 500, "e2e.test") // the same program even
	s.set(40, 30, 600, "kubectl")
	after := mustProcess(t, f, 40)
	if after == before || after.Parent == before.Parent {
		t.Error("a PID that was used again is taken for what it was")
	}
	wantChain(t, after, "kubectl e2e.test")
	wantChain(t, before, "kubectl e2e.test bash(root)")
}

// On Windows a process keeps the PID of its parent when that has ended.
func TestYoungerProcessIsNoParent(t *testing.T) {
	s, f := newFake()
	s.set(30, 20, 401, "cron")
	wantChain(t, mustProcess(t, f, 40), "kubectl")
	s, f = newFake()
	s.set(30, 20, 400, "e2e.test") // within the same tick
	wantChain(t, mustProcess(t, f, 40), "kubectl e2e.test bash(root)")
}

func TestParentThatEndsWhileItIsReadIsNotTakenForItsPIDsNextOwner(t *testing.T) {
	s, f := newFake()
	s.before = func(pid int) {
		if pid == 30 {
			s.set(40, 1, 400, "kubectl") // adopted by init
			s.set(30, 20, 350, "cron")   // its start does not give it away
		}
	}
	wantChain(t, mustProcess(t, f, 40), "kubectl")
}

func TestProcessThatEndsWhileItsParentIsReadIsGone(t *testing.T) {
	s, f := newFake()
	s.before = func(pid int) {
		if pid == 30 {
			s.set(40, 20, 450, "bash")
		}
	}
	if p, err := f.Process(40); !errors.Is(err, ErrGone) {
		t.Errorf("%v, %v; want ErrGone", p, err)
	}
	if p, err := f.Process(99); !errors.Is(err, ErrGone) {
		t.Errorf("no such PID: %v, %v; want ErrGone", p, err)
	}
}

func TestChainIsBounded(t *testing.T) {
	s, f := newFake()
	s.set(1000, ourPID, 1000, "bash")
	for pid := 1001; pid <= 1000+maxDepth; pid++ {
		s.set(pid, pid-1, uint64(pid), "bash")
	}
	for range 2 { // nothing known, then with known ancestors
		if p, err := f.Process(1000 + maxDepth); !errors.Is(err, ErrUnknown) {
			t.Errorf("%v, %v; want ErrUnknown for a chain of %d", p, err, maxDepth+1)
		}
		if p := mustProcess(t, f, 1000+maxDepth-1); !p.Inside() {
			t.Errorf("no root in a chain of %d", maxDepth)
		}
	}
}

func TestAncestorsOfAProcessInUseAreKept(t *testing.T) {
	s, f := newFake()
	f.cache = newCache(10)
	before := mustProcess(t, f, 40)
	for pid := 100; pid < 120; pid++ {
		s.set(pid, 1, uint64(pid+1000), "cron")
		mustProcess(t, f, pid)
		mustProcess(t, f, 40)
	}
	s.set(41, 30, 410, "kubectl")
	if after := mustProcess(t, f, 41); after.Parent != before.Parent {
		t.Error("another pointer for the parent of a process in use")
	}
}

func TestExecTakesNoMorePlace(t *testing.T) {
	s, f := newFake()
	for _, command := range []string{"bash", "curl", "kubectl"} {
		s.set(40, 30, 400, command)
		mustProcess(t, f, 40)
	}
	if n := f.cache.order.Len(); n != 3 {
		t.Errorf("%d places for 3 processes", n)
	}
}

func TestOldestProcessIsDropped(t *testing.T) {
	s, f := newFake()
	f.cache = newCache(10)
	first := mustProcess(t, f, 40)
	for pid := 100; pid < 120; pid++ {
		s.set(pid, 30, uint64(pid+1000), "kubectl")
		mustProcess(t, f, pid)
	}
	if n := len(f.cache.entries); n != 10 || f.cache.order.Len() != n {
		t.Errorf("%d are kept in %d places, want 10", n, f.cache.order.Len())
	}
	after := mustProcess(t, f, 40)
	if after == first {
		t.Error("the oldest was kept")
	}
	if after.Parent != first.Parent {
		t.Error("a parent in use was dropped")
	}
}
