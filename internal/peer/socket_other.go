//go:build !linux

package peer

import (
	"fmt"
	"net"
	"net/netip"
)

// Socket is the other end of a connection.
type Socket struct {
	local, remote netip.AddrPort // as the peer sees them
}

// Lookup returns the other end of a loopback TCP connection. A connection from another host gives ErrUnknown.
func Lookup(conn net.Conn) (Socket, error) {
	remote, ok := conn.RemoteAddr().(*net.TCPAddr)
	local, ok2 := conn.LocalAddr().(*net.TCPAddr)
	if !ok || !ok2 || !remote.IP.IsLoopback() {
		return Socket{}, fmt.Errorf("%w: %v is not a TCP connection over loopback", ErrUnknown, conn.RemoteAddr())
	}
	return Socket{local: unmap(remote), remote: unmap(local)}, nil
}

func unmap(a *net.TCPAddr) netip.AddrPort {
	return netip.AddrPortFrom(a.AddrPort().Addr().Unmap().WithZone(""), a.AddrPort().Port())
}

// UID returns ErrUnknown: only Linux tells.
func (s Socket) UID() (uint32, error) { return 0, ErrUnknown }
