//go:build !linux

package tee

import (
	"time"

	"golang.org/x/sys/unix"
)

// poll waits for something to happen to source or ended, of which a negative one is left out. A negative timeout is
// none. It is select(2), because poll(2) of macOS does not know terminals; that out broke is seen when it is written to.
func poll(source, ended, _ int, timeout time.Duration) (readiness, error) {
	var fds unix.FdSet
	for _, fd := range []int{source, ended} {
		if fd >= 0 {
			fds.Set(fd)
		}
	}
	var limit *unix.Timeval
	if timeout >= 0 {
		tv := unix.NsecToTimeval(timeout.Nanoseconds())
		limit = &tv
	}
	if _, err := unix.Select(max(source, ended)+1, &fds, nil, nil, limit); err != nil {
		return readiness{}, err
	}
	return readiness{readable: fds.IsSet(source), ended: ended >= 0 && fds.IsSet(ended)}, nil
}

// writable waits until something can be written, or can no more.
func writable(out int) error {
	var fds unix.FdSet
	fds.Set(out)
	_, err := unix.Select(out+1, nil, &fds, nil, nil)
	return err
}
