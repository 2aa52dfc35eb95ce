package mark

import (
	"context"
	"crypto/subtle"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"time"

	"e2etap/internal/peer"
	"e2etap/internal/traffic"
)

// settle is how long after a mark its answer comes. The start of a process is known to a clock tick (10 ms on Linux,
// proc(5)): so that those that a script starts next are seen to have started after its mark, that begins a tick later.
const settle = 11 * time.Millisecond

// take does all for a mark but answer.
func (s *Server) take(w http.ResponseWriter, r *http.Request) error {
	socket, err := s.admit(r.Context().Value(connKey{}).(net.Conn))
	if err != nil {
		return &refusal{http.StatusForbidden, err.Error()}
	}
	if subtle.ConstantTimeCompare([]byte(r.URL.Path), []byte("/"+s.token+path)) != 1 {
		return &refusal{http.StatusNotFound, "there is nothing at this path, want $E2ETAP_URL" + path}
	}
	if r.Method != http.MethodPost && r.Method != http.MethodGet {
		w.Header().Set("Allow", "GET, POST")
		return &refusal{http.StatusMethodNotAllowed, fmt.Sprintf("method %q: want POST or GET", r.Method)}
	}
	o, err := read(w, r)
	if err != nil {
		return err
	}
	now := time.Now()
	p, err := s.processOf(o, socket)
	if err != nil {
		return err
	}
	s.Mark(o.test, p, now)
	s.forward(r.Context(), o.test)
	time.Sleep(time.Until(now.Add(settle)))
	return nil
}

// admit refuses the connections of this machine's other users, where the kernel tells whose they are.
func (s *Server) admit(c net.Conn) (socket peer.Socket, err error) {
	socket, err = peer.Lookup(c)
	if err != nil {
		return socket, err
	}
	uid, err := socket.UID()
	if err == nil && !peer.Trusted(uid) {
		s.Log.Warn().Uint32("uid", uid).Msg("refused a mark of another user")
		return socket, fmt.Errorf("connection of user ID %d refused: the proxy runs as %d", uid, os.Getuid())
	}
	if errors.Is(err, peer.ErrGone) {
		return socket, err
	}
	return socket, nil
}

// processOf returns the process that a mark is for; nil for the run as a whole.
func (s *Server) processOf(o order, socket peer.Socket) (*traffic.Process, error) {
	if o.pid != 0 {
		return s.named(o.pid)
	}
	p, err := s.Peers.Owner(socket)
	if err != nil { // the client's end is there: it waits
		s.Log.Debug().Err(err).Msg("a mark's process is not known")
		return nil, nil
	}
	if sends(p) {
		p = p.Parent
	}
	return p, nil
}

func (s *Server) named(pid int) (*traffic.Process, error) {
	uid, err := peer.User(pid)
	if err != nil {
		return nil, fmt.Errorf("pid %d: %w; want a running process", pid, err)
	}
	if !peer.Trusted(uid) {
		return nil, fmt.Errorf("pid %d: is a process of user ID %d, want one of %d", pid, uid, os.Getuid())
	}
	p, err := s.Peers.Process(pid)
	if err != nil {
		return nil, fmt.Errorf("pid %d: %w; want a running process", pid, err)
	}
	return p, nil
}

// sends tells whether a process does nothing but send the mark, for whoever started it. It goes by its file's name and
// by the name that it was called by: wget may be a link to busybox, or to wget2.
func sends(p *traffic.Process) bool {
	names := []string{p.Executable}
	if len(p.Command) > 0 {
		names = append(names, p.Command[0])
	}
	return slices.ContainsFunc(names, func(name string) bool {
		base := filepath.Base(name)
		return base == "curl" || base == "wget"
	})
}

// forward tells the API server of a mark. The mark holds even if that fails.
func (s *Server) forward(ctx context.Context, test string) {
	if s.Forward == nil {
		return
	}
	if err := s.Forward.send(context.WithoutCancel(ctx), test); err != nil {
		s.warned.Do(func() {
			s.Log.Warn().Err(err).Msg("a mark could not be forwarded to the API server; later failures are not reported")
		})
	}
}
