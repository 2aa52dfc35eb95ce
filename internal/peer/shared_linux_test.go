package peer

import (
	"errors"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"e2etap/internal/traffic"
)

func TestSocketThatChildrenInheritedIsTheirParents(t *testing.T) {
	l := listen(t)
	c := startClient(t, l)
	c.tell(t, "share 2 keep")
	shared := next(t, l)
	for range 3 { // unknown owners, then known ones
		mustFind(t, NewFinder(), shared)
	}
}

func TestSocketThatOneChildInheritedIsTheChilds(t *testing.T) {
	l := listen(t)
	c := startClient(t, l)
	c.tell(t, "share 1 close")
	p, err := ownerOf(NewFinder(), next(t, l))
	if err != nil || p.Parent == nil || p.Parent.PID != c.pid || p.Command[0] != "hold" {
		t.Errorf("%+v, %v; want the child of %d", p, err, c.pid)
	}
}

func TestSocketThatSiblingsInheritedIsUnknown(t *testing.T) {
	l := listen(t)
	c := startClient(t, l)
	c.tell(t, "share 2 close")
	p, err := ownerOf(NewFinder(), next(t, l))
	if !errors.Is(err, ErrUnknown) || !strings.Contains(err.Error(), "several") {
		t.Errorf("%+v, %v; want ErrUnknown", p, err)
	}
}

// tally counts what became of connections.
type tally struct{ right, wrong, unknown atomic.Int64 }

// check compares a connection's process with what its helper says.
func (y *tally) check(t *testing.T, f *Finder, c *peerConn, root int) {
	p, err := ownerOf(f, c)
	switch {
	case err != nil:
		y.unknown.Add(1)
		t.Error(err)
	case p.PID != c.pid || rootOf(p) != root || p.PID != root && p.Parent.PID != c.parent:
		y.wrong.Add(1)
		t.Errorf("found %d below %d, want %d below %d", p.PID, rootOf(p), c.pid, root)
	default:
		y.right.Add(1)
	}
	c.Close()
}

func rootOf(p *traffic.Process) int {
	for p.Parent != nil {
		p = p.Parent
	}
	if !p.Root {
		return 0
	}
	return p.PID
}

// Between fork and exec the children of a Go program have its connections open.
func TestConnectionsOfAProgramThatForksAreItsOwn(t *testing.T) {
	const count = 300
	l := listen(t)
	var y tally
	root := run(t, "forker", l.Addr().String(), strconv.Itoa(count))
	for range count {
		y.check(t, NewFinder(), next(t, l), root) // knows no owners, so it tries the children first
	}
	if y.right.Load() != count {
		t.Errorf("%d right, %d wrong, %d unknown", y.right.Load(), y.wrong.Load(), y.unknown.Load())
	}
}

func TestShortLivedClientsOfManyProcesses(t *testing.T) {
	const starters = 25
	each := 30
	if testing.Short() {
		each = 3
	}
	l, f := listen(t), NewFinder()
	for range starters {
		run(t, "starter", l.Addr().String(), strconv.Itoa(each))
	}
	var y tally
	var checks sync.WaitGroup
	for range starters * each {
		c := next(t, l)
		checks.Go(func() { y.check(t, f, c, c.parent) })
	}
	checks.Wait()
	if y.right.Load() != int64(starters*each) {
		t.Errorf("%d right, %d wrong, %d unknown", y.right.Load(), y.wrong.Load(), y.unknown.Load())
	}
}
