package peer

import (
	"bytes"
	"errors"
	"fmt"
	"iter"
	"slices"
	"strconv"

	"golang.org/x/sys/unix"
)

// holder is a process that has a socket open.
type holder struct {
	handle
	socket string // the socket, as its link is named
	name   string // the link in the process's folder: "fd/7"
}

// holds tells whether it still does.
func (h holder) holds() bool {
	link, err := h.link(h.name)
	return err == nil && link == h.socket
}

// closesOnExec tells whether it would lose the socket by executing a program. Only if the socket is looked for again
// after this it is certain that it was the socket whose flags were read.
func (h holder) closesOnExec() bool {
	b, err := h.read("fdinfo/"+h.name[len("fd/"):], maxPath)
	if err != nil {
		return false
	}
	_, b, _ = bytes.Cut(b, []byte("flags:"))
	b, _, _ = bytes.Cut(b, []byte("\n"))
	flags, err := strconv.ParseUint(string(bytes.TrimSpace(b)), 8, 64)
	return err == nil && flags&unix.O_CLOEXEC != 0
}

var (
	errNobody  = errors.New("no process has it open")
	errDenied  = errors.New("some processes may not be looked into, and no other has it open")
	errChanged = errors.New("the process that has it open changes too often")
	errShared  = errors.New("several processes have it open, and none of them is an ancestor of all others")
)

func (p *procfs) owner(s Socket) (image, error) {
	socket := fmt.Sprintf("socket:[%d]", s.inode)
	var reason error
	for range attempts {
		i, err := p.search(socket)
		if err == nil {
			p.owners.note(i.pid)
			return i, nil
		}
		if _, err := lookup(s.local, s.remote); err != nil {
			return image{}, err
		}
		if reason = err; errors.Is(err, errDenied) || errors.Is(err, errShared) {
			break
		}
	}
	return image{}, fmt.Errorf("%w: the socket at %v: %v", ErrUnknown, s.local, reason)
}

// search looks once for the process that owns a socket.
func (p *procfs) search(socket string) (image, error) {
	first, err := p.first(socket)
	if err != nil {
		return image{}, err
	}
	defer first.close()
	i, stat, err := first.image(p.boot)
	if err != nil {
		return image{}, errChanged
	}
	// The order matters. Arguments are there again only after exec(2) has closed what is to be closed: who has executed
	// a program before they were read, and has the socket close-on-exec now, has made it since, and all others have it
	// from him. Between fork and exec, however, the children of every Go program have all that it has open.
	if !stat.forked && i.arguments != "" && first.closesOnExec() && first.holds() {
		return i, nil
	}
	return p.eldest(socket)
}

// newest is how many PIDs, threads included, are looked at before all processes are listed: listing takes longer than
// all else.
const newest = 512

// candidates yields every process once: those that own many connections, then the newest first, since a short-lived
// client is among them. Ours comes last: it has more open than any other.
func (p *procfs) candidates() iter.Seq2[int, error] {
	return func(yield func(int, error) bool) {
		done := map[int]bool{p.self: true}
		each := func(pids []int) bool {
			for _, pid := range pids {
				if !done[pid] && !yield(pid, nil) {
					return false
				}
				done[pid] = true
			}
			return true
		}
		if !each(p.owners.likely()) {
			return
		}
		last := p.last()
		for _, from := range []int{max(last-newest, 1), 0} {
			pids, err := p.pids(from, last)
			if err != nil {
				yield(0, err)
				return
			}
			if !each(pids) {
				return
			}
		}
		yield(p.self, nil)
	}
}

// holder looks for a socket among all that a process has open, the latest first. The caller closes what it returns.
func (p *procfs) holder(pid int, socket string) (holder, error) {
	h, err := openProcess(p.root, pid)
	if err != nil {
		return holder{}, err
	}
	name := ""
	err = h.descriptors(func(at, link string) bool {
		if link == socket {
			name = at
		}
		return name == ""
	})
	if err == nil && name == "" {
		err = errNobody
	}
	if err != nil {
		h.close()
		return holder{}, err
	}
	return holder{h, socket, name}, nil
}

// eldest looks at all processes for the one that has a socket open and from which all others that have descend.
func (p *procfs) eldest(socket string) (image, error) {
	holders, err := p.holders(socket)
	defer func() {
		for _, h := range holders {
			h.close()
		}
	}()
	if err != nil {
		return image{}, err
	}
	for _, eldest := range holders {
		if !p.descend(holders, eldest.pid) {
			continue
		}
		i, _, err := eldest.image(p.boot)
		if err != nil || !eldest.holds() {
			return image{}, errChanged
		}
		return i, nil
	}
	if slices.ContainsFunc(holders, func(h holder) bool { return !h.holds() }) {
		return image{}, errChanged
	}
	return image{}, errShared
}

func (p *procfs) holders(socket string) ([]holder, error) {
	var list []holder
	for pid, err := range p.candidates() {
		if err != nil {
			return list, err
		}
		if h, err := p.holder(pid, socket); err == nil {
			list = append(list, h)
		}
	}
	if len(list) == 0 {
		return nil, errChanged
	}
	return list, nil
}

// descend tells whether all of some processes descend from one of them.
func (p *procfs) descend(holders []holder, from int) bool {
	for _, h := range holders {
		pid := h.pid
		for range maxDepth {
			if pid == from || pid <= 1 {
				break
			}
			pid = p.parentOf(pid)
		}
		if pid != from {
			return false
		}
	}
	return true
}

// parentOf returns 0 if there is no such process.
func (p *procfs) parentOf(pid int) int {
	h, err := openProcess(p.root, pid)
	if err != nil {
		return 0
	}
	defer h.close()
	s, err := h.stat()
	if err != nil {
		return 0
	}
	return s.parent
}
