package peer

import (
	"bytes"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

const (
	maxArguments   = 64 << 10          // bytes that are kept of a command line
	maxEnvironment = 256 << 10         // bytes of an environment in which E2E_TEST is looked for
	maxPath        = 4096              // PATH_MAX of linux/limits.h
	tick           = time.Second / 100 // USER_HZ, the unit of proc(5), on all platforms of Go
)

// handle is an open folder /proc/PID. It tells of one process only: once that has ended, reading gives ENOENT or ESRCH,
// even if another has its PID.
type handle struct{ pid, fd int }

func openProcess(root string, pid int) (handle, error) {
	fd, err := unix.Open(root+"/"+strconv.Itoa(pid), unix.O_RDONLY|unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
	return handle{pid, fd}, err
}

func (h handle) close() { unix.Close(h.fd) }

// image reads what the process is. What may not be read of it stays empty, apart from what stat tells to all.
func (h handle) image(boot time.Time) (image, stat, error) {
	s, err := h.stat()
	if err != nil {
		return image{}, s, err
	}
	if s.ended {
		return image{}, s, unix.ESRCH
	}
	if s.thread {
		return image{}, s, errThread
	}
	p, err := h.program()
	return image{
		identity: identity{h.pid, s.born},
		program:  p,
		parent:   s.parent,
		start:    boot.Add(time.Duration(s.born) * tick),
	}, s, err
}

// program reads what the process runs. It is read twice, so that it is not partly what was before an exec(2).
func (h handle) program() (program, error) {
	var p program
	for range attempts {
		before, err := h.outline()
		if err != nil {
			return program{}, err
		}
		environment, err := h.read("environ", maxEnvironment)
		if err != nil && !denied(err) {
			return program{}, err
		}
		if p, err = h.outline(); err != nil {
			return program{}, err
		}
		same := p == before
		p.test = marker(environment)
		if same && p.arguments != "" {
			return p, nil
		}
		if p.arguments == "" { // in the middle of an exec(2), or for good
			time.Sleep(time.Millisecond)
		}
	}
	return p, nil
}

// outline reads all but the environment.
func (h handle) outline() (program, error) {
	executable, err := h.link("exe")
	if err != nil && !denied(err) && !errors.Is(err, unix.ENOENT) { // ENOENT: the kernel's own
		return program{}, err
	}
	arguments, err := h.read("cmdline", maxArguments)
	return program{executable: strings.TrimSuffix(executable, " (deleted)"), arguments: string(arguments)}, err
}

func (h handle) stat() (stat, error) {
	b, err := h.read("stat", maxPath)
	if err != nil {
		return stat{}, err
	}
	return parseStat(b)
}

// read returns a file of the folder up to a limit of bytes.
func (h handle) read(name string, limit int) ([]byte, error) {
	fd, err := unix.Openat(h.fd, name, unix.O_RDONLY|unix.O_CLOEXEC, 0)
	if err != nil {
		return nil, err
	}
	defer unix.Close(fd)
	b := make([]byte, 0, min(limit, 4096))
	for len(b) < limit {
		if len(b) == cap(b) {
			b = append(b, make([]byte, len(b))...)[:len(b)]
		}
		n, err := unix.Read(fd, b[len(b):min(cap(b), limit)])
		if err != nil {
			return nil, err
		}
		if n == 0 {
			break
		}
		b = b[:len(b)+n]
	}
	return b, nil
}

func (h handle) link(name string) (string, error) {
	b := make([]byte, maxPath)
	n, err := unix.Readlinkat(h.fd, name, b)
	if err != nil {
		return "", err
	}
	return string(b[:n]), nil
}

// stat is what proc_pid_stat(5) tells.
type stat struct {
	parent int
	born   uint64 // ticks after boot
	ended  bool   // and not waited for
	forked bool   // it has not executed a program since it was forked (PF_FORKNOEXEC of linux/sched.h)
	thread bool   // it is a thread other than its process's first, which /proc does not list, but has
}

const forkNoExec = 0x40

func parseStat(b []byte) (stat, error) {
	// the second field is the program's name, which may have blanks and parentheses
	name := bytes.LastIndexByte(b, ')')
	if name < 0 {
		return stat{}, fmt.Errorf("stat of a process: %d bytes without a name in parentheses", len(b))
	}
	fields := bytes.Fields(b[name+1:])
	const state, parent, flags, born, exitSignal = 0, 1, 6, 19, 35 // 3, 4, 9, 22 and 38 of proc_pid_stat(5)
	if len(fields) <= exitSignal {
		return stat{}, fmt.Errorf("stat of a process: %d fields after its name, want at least %d", len(fields), exitSignal+1)
	}
	var s stat
	var err1, err2, err3 error
	var f uint64
	s.parent, err1 = strconv.Atoi(string(fields[parent]))
	f, err2 = strconv.ParseUint(string(fields[flags]), 10, 64)
	s.born, err3 = strconv.ParseUint(string(fields[born]), 10, 64)
	s.ended = bytes.ContainsAny(fields[state], "ZXx")
	s.forked = f&forkNoExec != 0
	s.thread = string(fields[exitSignal]) == "-1"
	return s, errors.Join(err1, err2, err3)
}

// marker returns the value of E2E_TEST in an environment as /proc/PID/environ has it, in which each variable has a NUL
// behind it; one without was cut off.
func marker(environment []byte) string {
	for {
		variable, rest, ok := bytes.Cut(environment, []byte{0})
		if !ok {
			return ""
		}
		if value, ok := bytes.CutPrefix(variable, []byte("E2E_TEST=")); ok {
			return string(value)
		}
		environment = rest
	}
}

var errThread = errors.New("a thread, want the process that it belongs to")

func denied(err error) bool { return errors.Is(err, unix.EACCES) || errors.Is(err, unix.EPERM) }

func ended(err error) bool { return errors.Is(err, unix.ENOENT) || errors.Is(err, unix.ESRCH) }
