//go:build !linux

package peer

import (
	"errors"
	"fmt"
	"net/netip"
	"strings"
	"time"

	gopsutil "github.com/shirou/gopsutil/v4/net"
	"github.com/shirou/gopsutil/v4/process"
)

// portable is the system of all platforms but Linux, as far as gopsutil knows them. On macOS and FreeBSD it asks lsof(8)
// for a socket's owner, which takes a moment. That an ended process's PID was given to another is seen by its start,
// to the millisecond.
type portable struct{}

func newSystem() system { return portable{} }

// owner is unknown if more than one process has the socket: the platforms do not tell which of them made it.
func (p portable) owner(s Socket) (image, error) {
	connections, err := gopsutil.ConnectionsWithoutUids("tcp")
	if err != nil {
		return image{}, fmt.Errorf("%w: list TCP connections: %v", ErrUnknown, err)
	}
	pid := 0
	for _, c := range connections {
		if !is(c.Laddr, s.local) || !is(c.Raddr, s.remote) || c.Pid <= 0 {
			continue
		}
		if pid != 0 && pid != int(c.Pid) {
			return image{}, fmt.Errorf("%w: processes %d and %d have the socket at %v open", ErrUnknown, pid, c.Pid, s.local)
		}
		pid = int(c.Pid)
	}
	if pid == 0 {
		return image{}, fmt.Errorf("%w: no process that may be looked into has the socket at %v open", ErrUnknown, s.local)
	}
	return p.read(pid)
}

func is(a gopsutil.Addr, b netip.AddrPort) bool {
	ip, err := netip.ParseAddr(strings.Trim(a.IP, "[]"))
	return err == nil && ip.Unmap() == b.Addr() && a.Port == uint32(b.Port())
}

func (portable) read(pid int) (image, error) {
	p, created, err := open(pid)
	if err != nil {
		return image{}, err
	}
	parent, err := p.Ppid()
	if err != nil {
		return image{}, failed(pid, err)
	}
	i := image{identity: identity{pid, uint64(created)}, parent: int(parent), start: time.UnixMilli(created)}
	// what may not be read stays empty
	i.executable, _ = p.Exe()
	if arguments, err := p.CmdlineSlice(); err == nil && len(arguments) > 0 {
		i.arguments = strings.Join(arguments, "\x00") + "\x00"
	}
	environment, _ := p.Environ()
	for _, variable := range environment {
		if value, ok := strings.CutPrefix(variable, "E2E_TEST="); ok {
			i.test = strings.Clone(value) // without the rest of the environment behind it
			break
		}
	}
	return i, nil
}

func (portable) parent(i image) (int, error) {
	p, created, err := open(i.pid)
	if err != nil {
		return 0, err
	}
	if uint64(created) != i.born {
		return 0, failed(i.pid, process.ErrorProcessNotRunning)
	}
	parent, err := p.Ppid()
	if err != nil {
		return 0, failed(i.pid, err)
	}
	return int(parent), nil
}

// open returns a process and when it started, in milliseconds of the Unix epoch.
func open(pid int) (*process.Process, int64, error) {
	p, err := process.NewProcess(int32(pid))
	if err != nil {
		return nil, 0, failed(pid, err)
	}
	created, err := p.CreateTime()
	if err != nil {
		return nil, 0, failed(pid, err)
	}
	return p, created, nil
}

func failed(pid int, err error) error {
	if errors.Is(err, process.ErrorProcessNotRunning) {
		return fmt.Errorf("%w: no process %d", ErrGone, pid)
	}
	return fmt.Errorf("%w: process %d: %v", ErrUnknown, pid, err)
}
