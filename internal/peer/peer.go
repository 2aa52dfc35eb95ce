// Package peer tells who is at the other end of a local connection.
//
// It answers from the kernel's socket tables and only while the peer still holds its end open: ask during the
// handshake, when the peer waits. It never guesses.
package peer

import "errors"

// ErrUnknown says that this platform, or this kind of connection, does not tell.
var ErrUnknown = errors.New("peer: unknown")

// ErrGone says that nobody holds the other end open any more.
var ErrGone = errors.New("peer: the other end is closed")
