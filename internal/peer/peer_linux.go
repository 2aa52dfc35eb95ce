package peer

import (
	"fmt"
	"net"

	"github.com/vishvananda/netlink"
)

// UID returns the user ID of the process that holds the other end of a loopback TCP connection (inet_diag, see
// sock_diag(7)). A connection from another host gives ErrUnknown; so does one whose peer has closed its end.
func UID(conn net.Conn) (uint32, error) {
	remote, ok := conn.RemoteAddr().(*net.TCPAddr)
	if !ok || !remote.IP.IsLoopback() {
		return 0, ErrUnknown
	}
	// the peer's socket is ours with the ends exchanged
	socket, err := netlink.SocketGet(remote, conn.LocalAddr())
	if err != nil {
		return 0, fmt.Errorf("%w: %v", ErrUnknown, err)
	}
	// the kernel's dump filters by port alone: the addresses are for us to compare
	id := socket.ID
	if !id.Source.Equal(remote.IP) || int(id.SourcePort) != remote.Port {
		return 0, fmt.Errorf("%w: no socket at %v", ErrUnknown, remote)
	}
	return socket.UID, nil
}
