package peer

import (
	"slices"
	"strconv"
	"strings"
	"sync"

	"golang.org/x/sys/unix"
)

// maxSeen bounds how many sockets and processes are remembered; then all are forgotten.
const maxSeen = 1 << 14

// sightings are what searches have seen. Clients come in crowds, on a machine that they keep busy: so each search tells the others
// whatever sockets it sees, and looks into no process that another has begun to look into since.
type sightings struct {
	mu    sync.Mutex
	clock int64            // counts looks and searches
	looks map[int]int64    // when somebody began to look into a process last
	seen  map[string]place // sockets
}

// place is where a socket was.
type place struct {
	pid  int
	name string // the link in the process's folder
}

func newSightings() *sightings { return &sightings{looks: map[int]int64{}, seen: map[string]place{}} }

func (s *sightings) now() int64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.clock++
	return s.clock
}

// begin tells whether to look into a process for a search that began at a time.
func (s *sightings) begin(pid int, search int64) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.looks[pid] > search {
		return false
	}
	if len(s.looks) == maxSeen {
		clear(s.looks)
	}
	s.clock++
	s.looks[pid] = s.clock
	return true
}

func (s *sightings) note(socket string, at place) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.seen) == maxSeen {
		clear(s.seen)
	}
	s.seen[socket] = at
}

func (s *sightings) of(socket string) (at place, known bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	at, known = s.seen[socket]
	return at, known
}

// first returns any process that has a socket open, the likely ones first.
func (p *procfs) first(socket string) (holder, error) {
	search, refused := p.sightings.now(), false
	var others []int
	for pid, err := range p.candidates() {
		if err != nil {
			return holder{}, err
		}
		if h, err := p.seen(socket); err == nil {
			return h, nil
		}
		if !p.sightings.begin(pid, search) {
			others = append(others, pid)
			continue
		}
		refused = denied(p.look(pid, socket)) || refused
	}
	for _, pid := range others { // those looks may not have ended
		if h, err := p.seen(socket); err == nil {
			return h, nil
		}
		refused = denied(p.look(pid, socket)) || refused
	}
	h, err := p.seen(socket)
	if err != nil && refused {
		err = errDenied
	}
	return h, err
}

// seen returns the holder of a socket that was seen, if it still is.
func (p *procfs) seen(socket string) (holder, error) {
	at, known := p.sightings.of(socket)
	if !known {
		return holder{}, errNobody
	}
	h, err := openProcess(p.root, at.pid)
	if err != nil {
		return holder{}, errNobody
	}
	found := holder{h, socket, at.name}
	if !found.holds() {
		h.close()
		return holder{}, errNobody
	}
	return found, nil
}

// look notes which sockets a process has open, until it comes to one.
func (p *procfs) look(pid int, socket string) error {
	h, err := openProcess(p.root, pid)
	if err != nil {
		return err
	}
	defer h.close()
	return h.descriptors(func(name, link string) bool {
		if strings.HasPrefix(link, "socket:") {
			p.sightings.note(link, place{pid, name})
		}
		return link != socket
	})
}

// maxSocket is longer than "socket:[4294967295]": what is cut off is no socket.
const maxSocket = 24

// descriptors names what a process has open as its folder does ("fd/7"), and what that is, the latest first, until do is false.
func (h handle) descriptors(do func(name, link string) bool) error {
	fd, err := unix.Openat(h.fd, "fd", unix.O_RDONLY|unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
	if err != nil {
		return err
	}
	defer unix.Close(fd)
	open, err := numbers(fd)
	if err != nil {
		return err
	}
	var b [maxSocket]byte
	for _, number := range slices.Backward(open) {
		name := strconv.Itoa(number)
		if n, err := unix.Readlinkat(fd, name, b[:]); err == nil && !do("fd/"+name, string(b[:n])) {
			break
		}
	}
	return nil
}
