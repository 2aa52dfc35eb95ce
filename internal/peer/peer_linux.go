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

// UID returns the user ID of the process that holds the other end of a loopback TCP connection (inet_diag, see
// sock_diag(7)). A connection from another host gives ErrUnknown; one whose peer has closed its end gives ErrGone.
func UID(conn net.Conn) (uint32, error) {
	remote, ok := conn.RemoteAddr().(*net.TCPAddr)
	local, ok2 := conn.LocalAddr().(*net.TCPAddr)
	if !ok || !ok2 || !remote.IP.IsLoopback() {
		return 0, ErrUnknown
	}
	s, err := find(remote.AddrPort(), local.AddrPort()) // the peer's socket is ours with the ends exchanged
	if errors.Is(err, unix.ENOENT) {
		return 0, fmt.Errorf("%w: no socket at %v", ErrGone, remote)
	}
	if err != nil {
		return 0, fmt.Errorf("%w: %v", ErrUnknown, err)
	}
	if s.inode == 0 { // closed by its process: the kernel's, and said to be root's
		return 0, fmt.Errorf("%w: the socket at %v has no owner", ErrGone, remote)
	}
	return s.uid, nil
}

type socket struct{ uid, inode uint32 }

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

// find asks for the one socket with these ends.
func find(local, remote netip.AddrPort) (socket, error) {
	request := nl.NewNetlinkRequest(nl.SOCK_DIAG_BY_FAMILY, 0)
	request.AddData(diagRequest{local, remote})
	messages, err := request.Execute(unix.NETLINK_INET_DIAG, nl.SOCK_DIAG_BY_FAMILY)
	if err != nil {
		return socket{}, err
	}
	if len(messages) != 1 || len(messages[0]) < diagResponseSize {
		return socket{}, fmt.Errorf("inet_diag: %d messages, want one socket", len(messages))
	}
	m := messages[0]
	// where there is no such connection, the kernel finds the listener
	if binary.BigEndian.Uint16(m[diagPorts:]) != local.Port() || binary.BigEndian.Uint16(m[diagPorts+2:]) != remote.Port() {
		return socket{}, unix.ENOENT
	}
	return socket{binary.NativeEndian.Uint32(m[diagUID:]), binary.NativeEndian.Uint32(m[diagInode:])}, nil
}
