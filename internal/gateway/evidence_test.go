package gateway

import (
	"net"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"e2etap/internal/traffic"
	"e2etap/internal/upstream"
)

// A request's User-Agent goes on as whoever attributes it wants it, and is recorded as it came.
func TestUserAgentGoesOnAsAttributed(t *testing.T) {
	for _, agent := range []string{"kubectl/v1", ""} {
		t.Run(agent, func(t *testing.T) {
			w := setup{attribute: func(q *traffic.Request, _ *traffic.Process) string {
				return q.Client.UserAgent + " -- the test"
			}}.run(t, newAPIServer(t, nil))
			r := request(t, http.MethodGet, w.url("/api"), nil)
			r.Header.Set("User-Agent", agent)
			do(t, w.client(), r)
			if got := w.api.last().Header.Get("User-Agent"); got != agent+" -- the test" {
				t.Errorf("went on as %q", got)
			}
			if got := w.rec.one(t, traffic.Complete).Client.UserAgent; got != agent {
				t.Errorf("was recorded as %q", got)
			}
		})
	}
}

// The process is known before the first request is attributed, however the client came.
func TestConnectionsKnowTheirProcess(t *testing.T) {
	for _, mode := range []upstream.Mode{upstream.ModeServer, upstream.ModeProxyURL} {
		t.Run(string(mode), func(t *testing.T) {
			var told *traffic.Process
			w := setup{mode: mode, attribute: func(q *traffic.Request, p *traffic.Process) string {
				told = p
				return q.Client.UserAgent
			}}.run(t, newAPIServer(t, nil))
			w.get(w.client(), "/version")
			c := w.rec.connections[0]
			if c.Process == nil {
				t.Skipf("this platform does not tell: %s", c.Unknown)
			}
			if c.Process.PID != os.Getpid() || told != c.Process || c.Unknown != "" {
				t.Errorf("connection of %+v (%s), attributed with %+v; want PID %d", c.Process, c.Unknown, told, os.Getpid())
			}
		})
	}
}

// A peer that cannot be told is recorded with the reason, and served.
func TestConnectionsOfUnknownProcessesSayWhy(t *testing.T) {
	c := &clientConn{Conn: elsewhere{}}
	g := &Gateway{}
	if err := g.admit(c); err != nil {
		t.Fatal(err)
	}
	c.identify(hang)
	if c.process != nil || !strings.Contains(c.unknown, "unknown") {
		t.Errorf("process %+v, because %q", c.process, c.unknown)
	}
}

// A machine that is too busy to find a process lets the client wait no longer than it can.
func TestAProcessThatIsNotFoundInTimeIsUnknown(t *testing.T) {
	c := &clientConn{search: make(chan owner, 1)}
	c.identify(time.Millisecond)
	c.search <- owner{&traffic.Process{PID: 1}, nil}
	c.identify(hang)
	if c.process != nil || c.unknown != errLate.Error() {
		t.Errorf("process %+v, because %q; want none, because %q", c.process, c.unknown, errLate)
	}
}

// elsewhere is a connection from another machine.
type elsewhere struct{ net.Conn }

func (elsewhere) RemoteAddr() net.Addr { return &net.TCPAddr{IP: net.IPv4(192, 0, 2, 1), Port: 1} }
func (elsewhere) LocalAddr() net.Addr  { return &net.TCPAddr{IP: net.IPv4(192, 0, 2, 2), Port: 2} }
