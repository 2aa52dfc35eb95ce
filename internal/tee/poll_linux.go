package tee

import (
	"time"

	"golang.org/x/sys/unix"
)

// poll waits for something to happen to one of three descriptors, of which negative ones are left out. A negative
// timeout is none.
func poll(source, ended, out int, timeout time.Duration) (readiness, error) {
	fds := []unix.PollFd{
		{Fd: int32(source), Events: unix.POLLIN},
		{Fd: int32(ended)},
		{Fd: int32(out)}, // POLLERR and POLLHUP come unasked: the last reader has gone
	}
	ms := -1
	if timeout >= 0 {
		ms = int((timeout + time.Millisecond - 1) / time.Millisecond)
	}
	if _, err := unix.Poll(fds, ms); err != nil {
		return readiness{}, err
	}
	return readiness{readable: fds[0].Revents != 0, ended: fds[1].Revents != 0, broken: fds[2].Revents != 0}, nil
}

// writable waits until something can be written, or can no more.
func writable(out int) error {
	_, err := unix.Poll([]unix.PollFd{{Fd: int32(out), Events: unix.POLLOUT}}, -1)
	return err
}
