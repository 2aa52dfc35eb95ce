package plane

import (
	"errors"
	"fmt"
	"strconv"
	"syscall"
)

// A port is a free TCP port of 127.0.0.1, reserved for a child that binds it later. The reservation is a socket that is
// bound and does not listen: the kernel gives its port to nobody who asks for any port, but lets a child bind it by
// number, because both sides set SO_REUSEADDR, as every Go listener does. So there is no race to lose, and no retry.
type port struct {
	number int
	fd     int
}

// reservePort reserves a port that the kernel chooses; close gives it back.
func reservePort() (*port, error) {
	fd, err := syscall.Socket(syscall.AF_INET, syscall.SOCK_STREAM|syscall.SOCK_CLOEXEC, 0)
	if err != nil {
		return nil, fmt.Errorf("reserve port: %w", err)
	}
	number, err := bindLoopback(fd)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("reserve port: %w", err), syscall.Close(fd))
	}
	return &port{number: number, fd: fd}, nil
}

func bindLoopback(fd int) (int, error) {
	if err := syscall.SetsockoptInt(fd, syscall.SOL_SOCKET, syscall.SO_REUSEADDR, 1); err != nil {
		return 0, err
	}
	if err := syscall.Bind(fd, &syscall.SockaddrInet4{Addr: [4]byte{127, 0, 0, 1}}); err != nil {
		return 0, err
	}
	address, err := syscall.Getsockname(fd)
	if err != nil {
		return 0, err
	}
	return address.(*syscall.SockaddrInet4).Port, nil
}

func (p *port) String() string { return strconv.Itoa(p.number) }

func (p *port) close() error { return syscall.Close(p.fd) }
