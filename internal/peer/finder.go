package peer

import (
	"fmt"
	"os"
	"sync"

	"e2etap/internal/traffic"
)

const (
	// maxDepth bounds the length of a chain: more ancestors mean that /proc is not understood.
	maxDepth = 64
	// maxKept bounds how many processes are kept, so that a chain outlives the parents that it names.
	maxKept = 4096
	// attempts bounds how often a process is read again that changed while it was read.
	attempts = 4
)

// Finder finds the processes behind connections. Its methods may be called from any number of goroutines.
//
// The same process, running the same program with the same arguments and the same E2E_TEST, is the same pointer each
// time, also as an ancestor; after an exec(2) it is another. A process keeps the ancestors under which it was first
// seen, whatever becomes of them. Both hold for the 4096 processes that were seen last.
//
// The Process values are not changed after they are returned; only their ID is the recorder's to set.
type Finder struct {
	system system
	self   int // our own PID

	mu    sync.Mutex
	cache *cache
}

// system is what a platform tells of its processes.
type system interface {
	// owner returns the process that holds a socket, read while it held it.
	owner(Socket) (image, error)
	// read returns what a process is now.
	read(pid int) (image, error)
	// parent returns the PID of a process's parent now. It gives ErrGone if the process has ended, even if its PID
	// is in use again.
	parent(image) (int, error)
}

// NewFinder returns a Finder for this machine's processes. Commands that this very process starts are roots.
func NewFinder() *Finder { return newFinder(newSystem(), os.Getpid()) }

func newFinder(s system, self int) *Finder {
	return &Finder{system: s, self: self, cache: newCache(maxKept)}
}

// Owner returns the process that holds a socket, with its ancestors.
//
// The chain ends at the command that our process has started, which has Root set. A process that is not below ours has
// a chain without a root, which ends below PID 1 or where the platform tells no more; our own process has no chain at
// all. The chain of a process that lost its parent before it was first seen goes on with whoever adopted it: a subreaper
// (prctl(2)), which is an ancestor too, or PID 1, so that it ends there.
//
// Of several processes that hold the socket it is the one from which all the others descend, and ErrUnknown if there
// is none. A process that has executed its program and holds the socket close-on-exec cannot have inherited it, so
// the others are not looked for then: that leaves out processes to which a socket was sent over a Unix socket (see
// unix(7), SCM_RIGHTS). Processes that may not be looked into are not counted.
//
// It gives ErrGone, with the reason, if nobody holds the socket any more, and ErrUnknown if the process may not be
// looked into, or nothing tells of it.
func (f *Finder) Owner(s Socket) (*traffic.Process, error) {
	i, err := f.system.owner(s)
	if err != nil {
		return nil, err
	}
	return f.process(i)
}

// Process returns the process with a PID, with its ancestors, as [Finder.Owner] does. What may not be read of another
// user's process stays empty. It gives ErrGone if there is no such process, and ErrUnknown for the ID of a thread.
func (f *Finder) Process(pid int) (*traffic.Process, error) {
	i, err := f.system.read(pid)
	if err != nil {
		return nil, err
	}
	return f.process(i)
}

func (f *Finder) process(i image) (*traffic.Process, error) {
	e, err := f.chain(i, 1)
	if err != nil {
		return nil, err
	}
	return e.process, nil
}

// chain keeps a process, the nth of a chain that is counted from below, and its ancestors.
func (f *Finder) chain(i image, nth int) (*entry, error) {
	before := f.known(i.identity)
	if nth > maxDepth || before != nil && nth-1+before.length() > maxDepth {
		return nil, fmt.Errorf("%w: a chain of more than %d processes", ErrUnknown, maxDepth)
	}
	if before != nil && before.program == i.program {
		return before, nil
	}
	if before != nil { // it has executed another program since
		return f.keep(i, before.parent, before.process.Root), nil
	}
	above, root, err := f.above(i)
	if err != nil {
		return nil, err
	}
	if above == nil {
		return f.keep(i, nil, root), nil
	}
	parent, err := f.chain(*above, nth+1)
	if err != nil {
		return nil, err
	}
	return f.keep(i, parent, false), nil
}

// above reads a process's parent. It is nil where the chain ends, and root tells whether it ends at our own process.
func (f *Finder) above(i image) (parent *image, root bool, err error) {
	for range attempts {
		switch {
		case i.pid == f.self || i.parent <= 1:
			return nil, false, nil
		case i.parent == f.self:
			return nil, true, nil
		}
		above, readErr := f.system.read(i.parent)
		now, err := f.system.parent(i)
		if err != nil {
			return nil, false, err
		}
		if now != i.parent { // adopted meanwhile: what was read may be another with the same PID
			i.parent = now
			continue
		}
		if readErr != nil || above.born > i.born { // may not be looked into; or not the parent, but one with its PID
			return nil, false, nil
		}
		return &above, false, nil
	}
	return nil, false, fmt.Errorf("%w: process %d changes its parent too often", ErrUnknown, i.pid)
}

func (f *Finder) known(i identity) *entry {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.cache.get(i)
}

// keep returns the entry of an image, which is there already if another goroutine came first.
func (f *Finder) keep(i image, parent *entry, root bool) *entry {
	f.mu.Lock()
	defer f.mu.Unlock()
	if e := f.cache.get(i.identity); e != nil && e.program == i.program {
		return e
	}
	return f.cache.add(i, parent, root)
}
