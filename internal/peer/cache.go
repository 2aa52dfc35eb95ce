package peer

import (
	"container/list"
	"strings"
	"time"

	"e2etap/internal/traffic"
)

// identity tells a process from all others, also from later ones with its PID.
type identity struct {
	pid  int
	born uint64 // when it started, in the platform's own unit
}

// program is what a process runs: what exec(2) changes.
type program struct {
	executable string
	arguments  string // each with a NUL behind it
	test       string
}

// image is what a process was when it was read.
type image struct {
	identity
	program
	parent int
	start  time.Time
}

func (i image) process() *traffic.Process {
	var command []string
	if i.arguments != "" {
		command = strings.Split(strings.TrimSuffix(i.arguments, "\x00"), "\x00")
	}
	return &traffic.Process{PID: i.pid, Start: i.start, Executable: i.executable, Command: command, Test: i.test}
}

// entry is a process as it is kept.
type entry struct {
	identity
	program
	parent  *entry // where process.Parent is; kept by it, even if it is no longer in the cache
	process *traffic.Process
	element *list.Element
}

// length is that of its chain.
func (e *entry) length() (n int) {
	for ; e != nil; e = e.parent {
		n++
	}
	return n
}

// cache keeps the processes that were asked for last. It holds what each of them ran last.
type cache struct {
	limit   int
	entries map[identity]*entry
	order   *list.List // of *entry, the latest in front
}

func newCache(limit int) *cache {
	return &cache{limit: limit, entries: map[identity]*entry{}, order: list.New()}
}

// get returns a process, or nil. It counts as asking for its ancestors too, which therefore are never dropped first.
func (c *cache) get(i identity) *entry {
	found := c.entries[i]
	for e := found; e != nil; e = e.parent {
		c.order.MoveToFront(e.element) // nothing, if it is no longer in the list
	}
	return found
}

// add keeps a process in place of what it was before.
func (c *cache) add(i image, parent *entry, root bool) *entry {
	if before := c.entries[i.identity]; before != nil {
		c.order.Remove(before.element)
	}
	e := &entry{identity: i.identity, program: i.program, parent: parent, process: i.process()}
	e.process.Root = root
	if parent != nil {
		e.process.Parent = parent.process
	}
	e.element = c.order.PushFront(e)
	c.entries[i.identity] = e
	if c.order.Len() > c.limit {
		oldest := c.order.Remove(c.order.Back()).(*entry)
		delete(c.entries, oldest.identity)
	}
	return e
}
