package gateway

import (
	"fmt"
	"net"
	"sync"
	"testing"
	"time"

	"e2etap/internal/traffic"
)

func newDialer() *net.Dialer { return &net.Dialer{Timeout: 5 * time.Second} }

// memory is a Recorder that keeps what it is told.
type memory struct {
	// before is called by Finish first; it may block.
	before func(*traffic.Request)

	mu          sync.Mutex
	lastID      int64
	connections []traffic.Connection
	started     map[*traffic.Request]bool // and not finished
	starts      []traffic.Request
	finished    []traffic.Request
	faults      []string
}

func (m *memory) Connect(c *traffic.Connection) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.lastID++
	c.ID = m.lastID
	m.connections = append(m.connections, *c)
}

func (m *memory) Start(q *traffic.Request) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.lastID++
	q.ID = m.lastID
	if m.started == nil {
		m.started = map[*traffic.Request]bool{}
	}
	m.started[q] = true
	m.starts = append(m.starts, *q)
}

func (m *memory) Finish(q *traffic.Request) {
	if m.before != nil {
		m.before(q)
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if q.ID != 0 && !m.started[q] {
		m.faults = append(m.faults, fmt.Sprintf("finished twice, or never started: %+v", *q))
	}
	delete(m.started, q)
	m.finished = append(m.finished, *q)
}

// open returns the requests that were started and not finished.
func (m *memory) open() []traffic.Request {
	m.mu.Lock()
	defer m.mu.Unlock()
	var open []traffic.Request
	for q := range m.started {
		open = append(open, traffic.Request{ID: q.ID, Method: q.Method, Path: q.Path})
	}
	return open
}

func (m *memory) begun() []traffic.Request {
	m.mu.Lock()
	defer m.mu.Unlock()
	return append([]traffic.Request(nil), m.starts...)
}

func (m *memory) all() []traffic.Request {
	m.mu.Lock()
	defer m.mu.Unlock()
	return append([]traffic.Request(nil), m.finished...)
}

// wait returns the finished requests once there are n.
func (m *memory) wait(t *testing.T, n int) []traffic.Request {
	t.Helper()
	eventually(t, fmt.Sprintf("%d requests are finished", n), func() bool { return len(m.all()) >= n })
	all := m.all()
	if len(all) > n || len(m.faults) > 0 {
		t.Fatalf("%d requests finished, want %d; %v\n%+v", len(all), n, m.faults, all)
	}
	return all
}

// one returns the only request, once it is finished, and checks how it ended.
func (m *memory) one(t *testing.T, want traffic.Outcome) traffic.Request {
	t.Helper()
	q := m.wait(t, 1)[0]
	if q.Outcome != want {
		t.Errorf("outcome %v (%s), want %v", q.Outcome, q.Error, want)
	}
	return q
}
