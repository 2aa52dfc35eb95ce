package peer

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"

	"golang.org/x/sys/unix"
)

// procfs is Linux's system: proc(5).
type procfs struct {
	root   string    // "/proc"
	boot   time.Time // when ticks were 0
	self   int       // our own PID
	owners *recent

	sightings *sightings
}

func newSystem() system { return newProcfs("/proc", unix.Getpid()) }

func newProcfs(root string, self int) *procfs {
	var since unix.Timespec
	unix.ClockGettime(unix.CLOCK_BOOTTIME, &since)                // fails for an unknown clock only
	boot := time.Now().Add(-time.Duration(since.Nano())).Round(0) // without its monotonic clock
	return &procfs{root: root, boot: boot, self: self, owners: &recent{}, sightings: newSightings()}
}

func (p *procfs) read(pid int) (image, error) {
	h, err := openProcess(p.root, pid)
	if err != nil {
		return image{}, failed(pid, err)
	}
	defer h.close()
	i, _, err := h.image(p.boot)
	if err != nil {
		return image{}, failed(pid, err)
	}
	return i, nil
}

func (p *procfs) parent(i image) (int, error) {
	h, err := openProcess(p.root, i.pid)
	if err != nil {
		return 0, failed(i.pid, err)
	}
	defer h.close()
	s, err := h.stat()
	if err == nil && s.born != i.born {
		err = unix.ESRCH
	}
	if err != nil {
		return 0, failed(i.pid, err)
	}
	return s.parent, nil
}

func failed(pid int, err error) error {
	switch {
	case ended(err):
		return fmt.Errorf("%w: no process %d", ErrGone, pid)
	case denied(err):
		return fmt.Errorf("%w: process %d may not be looked into", ErrUnknown, pid)
	}
	return fmt.Errorf("%w: process %d: %v", ErrUnknown, pid, err)
}

// pids returns the processes from a PID on, the newest first; all of them with from 0.
func (p *procfs) pids(from, last int) ([]int, error) {
	fd, err := unix.Open(p.root, unix.O_RDONLY|unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
	if err != nil {
		return nil, err
	}
	defer unix.Close(fd)
	if from > 0 {
		if _, err := unix.Seek(fd, firstProcess+int64(from), unix.SEEK_SET); err != nil {
			return nil, err
		}
	}
	pids, err := numbers(fd)
	pids = slices.DeleteFunc(pids, func(pid int) bool { return pid < from })
	age := func(pid int) int {
		if pid > last { // PIDs began again after it
			pid -= maxPID
		}
		return last - pid
	}
	slices.SortFunc(pids, func(a, b int) int { return age(a) - age(b) })
	return pids, err
}

const (
	maxPID = 1 << 22 // PID_MAX_LIMIT of linux/threads.h
	// firstProcess is the position in /proc before which the kernel has no processes; that of a process is its PID
	// and a bit more (FIRST_PROCESS_ENTRY and TGID_OFFSET of fs/proc).
	firstProcess = 256
)

// last returns the PID that was given last, as loadavg has it in its last field, or the highest that there can be.
func (p *procfs) last() int {
	h := handle{fd: unix.AT_FDCWD}
	b, _ := h.read(p.root+"/loadavg", maxPath)
	b = bytes.TrimSpace(b)
	last, err := strconv.Atoi(string(b[bytes.LastIndexByte(b, ' ')+1:]))
	if err != nil {
		return maxPID
	}
	return last
}

// numbers returns the names of a folder that are numbers, in its order, which is rising in /proc.
func numbers(fd int) ([]int, error) {
	var list []int
	b := make([]byte, 8192)
	var names []string
	for {
		n, err := unix.ReadDirent(fd, b)
		if err != nil && !errors.Is(err, unix.ENOENT) { // ENOENT: the process has ended
			return nil, err
		}
		if n <= 0 {
			return list, nil
		}
		_, _, names = unix.ParseDirent(b[:n], -1, names[:0])
		for _, name := range names {
			if number, err := strconv.Atoi(name); err == nil {
				list = append(list, number)
			}
		}
	}
}
