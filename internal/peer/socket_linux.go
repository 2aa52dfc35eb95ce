package peer

import (
	"encoding/binary"
	"errors"
	"fmt"
	"net"
	"net/netip"

	"github.com/vishvananda/netlink/nl"
	"golang.org/x/sys/unix"
)

// Socket is the other end of a connection: the peer's own socket, as it was when [Lookup] found it.
type Socket struct {
	local, remote netip.AddrPort // as the peer sees them
	uid, inode    uint32
}

// Lookup finds the other end of a loopback TCP connection with one question to the kernel (inet_diag, see
// sock_diag(7)); what it returns can be asked for the user and, with [Finder.Owner], for the process. A connection from
// another host gives ErrUnknown; one whose peer has closed its end gives ErrGone.
func Lookup(conn net.Conn) (Socket, error) {
	remote, ok := conn.RemoteAddr().(*net.TCPAddr)
	local, ok2 := conn.LocalAddr().(*net.TCPAddr)
	if !ok || !ok2 || !remote.IP.IsLoopback() {
		return Socket{}, fmt.Errorf("%w: %v is not a TCP connection over loopback", ErrUnknown, conn.RemoteAddr())
	}
	return lookup(remote.AddrPort(), local.AddrPort()) // the peer's socket is ours with the ends exchanged
}

func lookup(local, remote netip.AddrPort) (Socket, error) {
	s, err := find(local, remote)
	if errors.Is(err, unix.ENOENT) {
		return Socket{}, fmt.Errorf("%w: no socket at %v", ErrGone, local)
	}
	if err != nil {
		return Socket{}, fmt.Errorf("%w: %v", ErrUnknown, err)
	}
	if s.inode == 0 { // closed by its process: the kernel's, and said to be root's
		return Socket{}, fmt.Errorf("%w: the socket at %v has no owner", ErrGone, local)
	}
	return s, nil
}

// UID returns the user ID of the process that made the socket. Only Linux tells: elsewhere it gives ErrUnknown.
func (s Socket) UID() (uint32, error) { return s.uid, nil }

// diagRequest is struct inet_diag_req_v2, which netlink's own SocketGet sends as a dump only: a dump does not look at
// addresses, and returns whatever else has such ports.
type diagRequest struct{ local, remote netip.AddrPort }

const (
	diagRequestSize  = 56
	diagResponseSize = 72 // struct inet_diag_msg
	diagUID          = 64
	diagInode        = 68
	diagPorts        = 4 // of both, 2 bytes each
)

func (r diagRequest) Len() int { return diagRequestSize }

func (r diagRequest) Serialize() []byte {
	b := make([]byte, diagRequestSize)
	b[0], b[1] = unix.AF_INET6, unix.IPPROTO_TCP
	source, destination := r.local.Addr().Unmap(), r.remote.Addr().Unmap()
	if source.Is4() {
		b[0] = unix.AF_INET
	}
	binary.NativeEndian.PutUint32(b[4:], 0xffffffff) // any state
	id := b[8:]
	binary.BigEndian.PutUint16(id[0:], r.local.Port())
	binary.BigEndian.PutUint16(id[2:], r.remote.Port())
	copy(id[4:20], source.AsSlice())
	copy(id[20:36], destination.AsSlice())
	binary.NativeEndian.PutUint64(id[40:], ^uint64(0)) // INET_DIAG_NOCOOKIE
	return b
}

// The package nl finds out at its first question, without a lock, what order bytes have here (nl.NativeEndian in v1.3.1). This is before any.
var _ = nl.NativeEndian()

// find asks for the one socket with these ends.
func find(local, remote netip.AddrPort) (Socket, error) {
	request := nl.NewNetlinkRequest(nl.SOCK_DIAG_BY_FAMILY, 0)
	request.AddData(diagRequest{local, remote})
	messages, err := request.Execute(unix.NETLINK_INET_DIAG, nl.SOCK_DIAG_BY_FAMILY)
	if err != nil {
		return Socket{}, err
	}
	if len(messages) != 1 || len(messages[0]) < diagResponseSize {
		return Socket{}, fmt.Errorf("inet_diag: %d messages, want one socket", len(messages))
	}
	m := messages[0]
	// where there is no such connection, the kernel finds the listener
	if binary.BigEndian.Uint16(m[diagPorts:]) != local.Port() || binary.BigEndian.Uint16(m[diagPorts+2:]) != remote.Port() {
		return Socket{}, unix.ENOENT
	}
	return Socket{
		local: local, remote: remote,
		uid: binary.NativeEndian.Uint32(m[diagUID:]), inode: binary.NativeEndian.Uint32(m[diagInode:]),
	}, nil
}
