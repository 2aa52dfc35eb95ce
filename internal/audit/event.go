package audit

import (
	"fmt"
	"strings"
	"time"

	"e2etap/internal/traffic"
)

// Event is one stage of one request: what was known of the request at that stage. It is a traffic.Audit as if no other
// stage had been logged: Stages holds Stage alone, and Completed is At, or zero at AuditReceived.
type Event struct {
	Stage traffic.AuditStages // one of the stages
	At    time.Time           // when the request reached the stage; zero: not logged
	traffic.Audit
}

// Broken is a place of a log that is no event. What is not broken around it is read.
type Broken struct {
	File string
	Line int // from 1; the first line of what goes over several
	Err  error
}

// Error returns the place and the reason, as in `audit.log:12: parse event: …`.
func (b Broken) Error() string { return fmt.Sprintf("%s:%d: %v", b.File, b.Line, b.Err) }

// Unwrap returns the reason.
func (b Broken) Unwrap() error { return b.Err }

// header is what says how the rest of an object is to be read, and the deprecated fields of older versions.
type header struct {
	kind, version string
	stage         string
	created       time.Time // metadata.creationTimestamp
	timestamp     time.Time
	items         []byte // of an EventList; nil: none
}

const group = "audit.k8s.io/"

// checkVersion refuses versions whose fields are not known here.
func checkVersion(version string) error {
	switch version {
	case group + "v1", group + "v1beta1", group + "v1alpha1":
		return nil
	}
	return fmt.Errorf("apiVersion %.60q, want %sv1, v1beta1 or v1alpha1", version, group)
}

// finish turns what was logged into what it means: k8s.io/apiserver's conversions of the older versions
// (pkg/apis/audit/v1alpha1 and v1beta1, conversion.go, until v0.23) say where they kept the times and the group.
func (e *Event) finish(h *header) error {
	stage, ok := stageOf(h.stage)
	if !ok {
		return fmt.Errorf("stage %.60q, want RequestReceived, ResponseStarted, ResponseComplete or Panic", h.stage)
	}
	if e.ID == "" {
		return fmt.Errorf("auditID is empty")
	}
	if h.version != group+"v1" {
		e.modernize(h)
	}
	e.Stage, e.Stages = stage, stage
	if stage != traffic.AuditReceived {
		e.Completed = e.At
	}
	return nil
}

func (e *Event) modernize(h *header) {
	if e.At.IsZero() {
		e.At = h.created
	}
	if e.Received.IsZero() {
		e.Received = h.timestamp
	}
	if i := strings.LastIndexByte(e.API.Version, '/'); i >= 0 { // of v1alpha1
		e.API.Group, e.API.Version = e.API.Version[:i], e.API.Version[i+1:]
	}
}

func stageOf(name string) (traffic.AuditStages, bool) {
	switch name {
	case "RequestReceived":
		return traffic.AuditReceived, true
	case "ResponseStarted":
		return traffic.AuditStarted, true
	case "ResponseComplete":
		return traffic.AuditComplete, true
	case "Panic":
		return traffic.AuditPanic, true
	}
	return 0, false
}
