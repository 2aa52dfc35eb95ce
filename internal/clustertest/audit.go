package clustertest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"testing"
	"time"
)

// Stages of a request at which the apiserver writes an event.
const (
	// StageResponseStarted is when a long-running request's response begins: that of a watch, say.
	StageResponseStarted = "ResponseStarted"
	// StageResponseComplete is when the response has been sent.
	StageResponseComplete = "ResponseComplete"
	// StagePanic is when the apiserver's handler has panicked, as it does to break off a response.
	StagePanic = "Panic"
)

// An AuditEvent is a line of the audit log: an audit.k8s.io/v1 Event at level Metadata.
type AuditEvent struct {
	// AuditID is the client's header Audit-ID, when it sent one.
	AuditID    string `json:"auditID"`
	Stage      string `json:"stage"`
	RequestURI string `json:"requestURI"`
	// Verb is Kubernetes', as in "list" or "watch"; for requests outside of the resources it is HTTP's, in small letters.
	Verb      string    `json:"verb"`
	User      AuditUser `json:"user"`
	SourceIPs []string  `json:"sourceIPs"`
	UserAgent string    `json:"userAgent"`
	// ImpersonatedUser is nil unless the request impersonated somebody.
	ImpersonatedUser *AuditUser `json:"impersonatedUser"`
	// ObjectRef is nil for requests outside of the resources, such as /readyz.
	ObjectRef *AuditObject `json:"objectRef"`
	// ResponseStatus is nil when there was no response.
	ResponseStatus *AuditStatus      `json:"responseStatus"`
	Received       time.Time         `json:"requestReceivedTimestamp"`
	Staged         time.Time         `json:"stageTimestamp"`
	Annotations    map[string]string `json:"annotations"`
}

// An AuditUser is who sent a request, or whom it impersonated.
type AuditUser struct {
	Username string              `json:"username"`
	UID      string              `json:"uid"`
	Groups   []string            `json:"groups"`
	Extra    map[string][]string `json:"extra"`
}

// An AuditObject is what a request was about.
type AuditObject struct {
	APIGroup    string `json:"apiGroup"`
	APIVersion  string `json:"apiVersion"`
	Resource    string `json:"resource"`
	Subresource string `json:"subresource"`
	Namespace   string `json:"namespace"`
	Name        string `json:"name"`
}

// An AuditStatus is how a request ended.
type AuditStatus struct {
	// Code is HTTP's.
	Code   int    `json:"code"`
	Reason string `json:"reason"`
}

// Audit returns the events of all requests since the cluster started; see AuditSince.
func (c *Cluster) Audit(t testing.TB) []AuditEvent {
	t.Helper()
	return c.AuditSince(t, 0)
}

// AuditOffset returns where the audit log ends now. Events from here on are of requests that were still being answered,
// or that began later.
func (c *Cluster) AuditOffset(t testing.TB) int64 {
	t.Helper()
	data, err := readFrom(c.AuditLog, 0)
	if err != nil {
		t.Fatalf("find end of audit log: %v", err)
	}
	return int64(bytes.LastIndexByte(data, '\n') + 1) // what follows is half a line, which the API server is writing
}

// AuditSince returns the events after the offset: the end of each request and, for watches, the beginning too, since
// they end late or never. So a watch that has ended has two events, of one AuditID. Other clients of the cluster, its
// controllers above all, have their events there too. A request's event may come after its response: see WaitAudit.
func (c *Cluster) AuditSince(t testing.TB, offset int64) []AuditEvent {
	t.Helper()
	data, err := readFrom(c.AuditLog, offset)
	if err != nil {
		t.Fatalf("read audit log: %v", err)
	}
	events, err := parseAudit(data)
	if err != nil {
		t.Fatalf("parse audit log %s after offset %d: %v", c.AuditLog, offset, err)
	}
	return events
}

// waitAuditWithin is far more than the apiserver takes to write an event.
const waitAuditWithin = 20 * time.Second

// WaitAudit reads the events after the offset until done says that they suffice, and returns them. The test fails when
// that takes too long.
func (c *Cluster) WaitAudit(t testing.TB, offset int64, done func([]AuditEvent) bool) []AuditEvent {
	t.Helper()
	deadline := time.Now().Add(waitAuditWithin)
	for {
		events := c.AuditSince(t, offset)
		if done(events) {
			return events
		}
		if time.Now().After(deadline) {
			t.Fatalf("the audit log still lacks events after %s; it has %d", waitAuditWithin, len(events))
		}
		time.Sleep(20 * time.Millisecond)
	}
}

func readFrom(path string, offset int64) ([]byte, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	if _, err := file.Seek(offset, io.SeekStart); err != nil {
		return nil, err
	}
	return io.ReadAll(file)
}

// parseAudit parses lines of the audit log. A last line without its end is still being written, and left out.
func parseAudit(data []byte) ([]AuditEvent, error) {
	var events []AuditEvent
	for {
		line, rest, whole := bytes.Cut(data, []byte("\n"))
		if !whole {
			return events, nil
		}
		var event AuditEvent
		if err := json.Unmarshal(line, &event); err != nil {
			return nil, fmt.Errorf("line %q: %w", line, err)
		}
		if event.tells() {
			events = append(events, event)
		}
		data = rest
	}
}

// tells says whether the event is one that AuditSince returns.
func (e *AuditEvent) tells() bool {
	switch e.Stage {
	case StageResponseComplete, StagePanic:
		return true
	case StageResponseStarted:
		return e.Verb == "watch"
	default:
		return false
	}
}
