// Package peer tells who is at the other end of a local connection: which user, which process, and from which command
// that process descends.
//
// It answers from the kernel's tables and only while the peer still holds its end open: ask while the
// peer waits for an answer. It never guesses: what it cannot prove is [ErrUnknown]. Of a process's environment it keeps nothing
// but the variable E2E_TEST. It does not cut secrets out of arguments; who stores them must.
package peer

import (
	"errors"
	"os"
)

// ErrUnknown says that this platform, or this kind of connection, does not tell.
var ErrUnknown = errors.New("peer: unknown")

// ErrGone says that nobody holds the other end open any more, or that a process has ended.
var ErrGone = errors.New("peer: the other end is closed")

// Trusted tells whether a user may have what we do for our own: it is ourselves, or root, who could read our memory anyway.
func Trusted(uid uint32) bool { return uid == 0 || int(uid) == os.Getuid() }
