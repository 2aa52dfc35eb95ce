// Package peer tells who is at the other end of a local connection: which user, which process, and from which command
// that process descends.
//
// It answers from the kernel's tables and only while the peer still holds its end open: ask during the handshake, when
// the peer waits. It never guesses: what it cannot prove is [ErrUnknown]. Of a process's environment it keeps nothing
// but the variable E2E_TEST. It does not cut secrets out of arguments; who stores them must.
package peer

import (
	"errors"
	"net"
	"os"
)

// ErrUnknown says that this platform, or this kind of connection, does not tell.
var ErrUnknown = errors.New("peer: unknown")

// ErrGone says that nobody holds the other end open any more, or that a process has ended.
var ErrGone = errors.New("peer: the other end is closed")

// UID returns the user ID of the process that holds the other end of a loopback TCP connection, as [Socket.UID] does.
func UID(conn net.Conn) (uint32, error) {
	s, err := Lookup(conn)
	if err != nil {
		return 0, err
	}
	return s.UID()
}

// Trusted tells whether a user may have what we do for our own: it is ourselves, or root, who could read our memory anyway.
func Trusted(uid uint32) bool { return uid == 0 || int(uid) == os.Getuid() }
