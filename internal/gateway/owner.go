package gateway

import (
	"errors"
	"fmt"
	"os"
	"time"

	"e2etap/internal/peer"
	"e2etap/internal/traffic"
)

// findLimit is how long a connection's first request waits for the client's process to be found. It takes a millisecond, but not on a
// machine that a crowd of clients keeps busy. The handshake does not wait: client-go breaks it off after 10 s (TLSHandshakeTimeout,
// k8s.io/apimachinery/pkg/util/net), and has no such limit for an answer.
const findLimit = 10 * time.Second

var errLate = fmt.Errorf("the process could not be found within %v: the machine is too busy", findLimit)

// owner is what was found of a client's process.
type owner struct {
	process *traffic.Process
	err     error
}

// admit refuses the connections of this machine's other users, where the kernel tells whose they are, and begins to look for the process
// of the others, which wait for it with their first request.
func (g *Gateway) admit(c *clientConn) error {
	socket, err := peer.Lookup(c)
	var uid uint32
	if err == nil {
		uid, err = socket.UID()
	}
	if err == nil && !peer.Trusted(uid) {
		g.log.Warn().Uint32("uid", uid).Msg("refused a connection of another user")
		return fmt.Errorf("connection of user ID %d refused: the proxy runs as %d", uid, os.Getuid())
	}
	if errors.Is(err, peer.ErrGone) {
		return err
	}
	c.search = make(chan owner, 1)
	if err != nil {
		c.search <- owner{nil, err}
		return nil
	}
	go func() {
		process, err := g.peers.Owner(socket)
		c.search <- owner{process, err}
	}()
	return nil
}

// identify waits for the client's process to be known, or for a limit. Before it nothing of the process is set, and after it nothing changes.
func (c *clientConn) identify(limit time.Duration) {
	c.identified.Do(func() {
		var found owner
		select {
		case found = <-c.search:
		case <-time.After(limit):
			found.err = errLate
		}
		if c.process = found.process; found.err != nil {
			c.unknown = found.err.Error()
		}
	})
}
