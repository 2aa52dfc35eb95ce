package peer

import (
	"slices"
	"strconv"
	"sync"

	"golang.org/x/sys/unix"
)

// searches looks for the holders of sockets. Clients that come in crowds wait for it in their handshakes, on a machine that is busy:
// all that wait at a time are looked for in one pass over the processes.
type searches struct {
	mu      sync.Mutex
	waiting []*wanted
	running bool
}

// wanted is a socket whose holder somebody waits for. The rest is set when done is closed.
type wanted struct {
	socket string
	done   chan struct{}
	pid    int
	name   string // the link in the process's folder
	err    error
}

func (w *wanted) end(pid int, name string, err error) {
	w.pid, w.name, w.err = pid, name, err
	close(w.done)
}

// first returns any process that has a socket open, the likely ones first.
func (p *procfs) first(socket string) (holder, error) {
	w := &wanted{socket: socket, done: make(chan struct{})}
	if p.searches.join(w) {
		go p.searchAll()
	}
	<-w.done
	if w.err != nil {
		return holder{}, w.err
	}
	h, err := openProcess(p.root, w.pid)
	if err != nil {
		return holder{}, errChanged
	}
	found := holder{h, socket, w.name}
	if !found.holds() {
		h.close()
		return holder{}, errChanged
	}
	return found, nil
}

// join tells whether nobody searches, who would find it.
func (s *searches) join(w *wanted) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.waiting = append(s.waiting, w)
	idle := !s.running
	s.running = true
	return idle
}

// next returns what has come to be wanted. If nothing has, the search is over.
func (s *searches) next() []*wanted {
	s.mu.Lock()
	defer s.mu.Unlock()
	all := s.waiting
	s.waiting, s.running = nil, len(all) > 0
	return all
}

func (p *procfs) searchAll() {
	for all := p.searches.next(); len(all) > 0; all = p.searches.next() {
		left := map[string][]*wanted{}
		for _, w := range all {
			left[w.socket] = append(left[w.socket], w)
		}
		err := p.pass(left)
		for _, list := range left {
			for _, w := range list {
				w.end(0, "", err)
			}
		}
	}
}

// pass takes out of left what it finds, and says why not the rest.
func (p *procfs) pass(left map[string][]*wanted) error {
	refused := false
	for pid, err := range p.candidates() {
		if err != nil {
			return err
		}
		if err := p.sockets(pid, left); denied(err) {
			refused = true
		}
		if len(left) == 0 {
			return nil
		}
	}
	if refused {
		return errDenied
	}
	return errNobody
}

// sockets takes those out of left that a process has open.
func (p *procfs) sockets(pid int, left map[string][]*wanted) error {
	h, err := openProcess(p.root, pid)
	if err != nil {
		return err
	}
	defer h.close()
	return h.descriptors(func(name, link string) bool {
		for _, w := range left[link] {
			w.end(pid, name, nil)
		}
		delete(left, link)
		return len(left) > 0
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
