//go:build !linux

package peer

import "net"

// UID returns ErrUnknown: only Linux tells.
func UID(net.Conn) (uint32, error) { return 0, ErrUnknown }
