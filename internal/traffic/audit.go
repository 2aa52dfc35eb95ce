package traffic

import "time"

// Audit is one request as the API server's audit log tells of it, its stages folded into one. What a log's level or
// policy leaves out is zero.
type Audit struct {
	ID string // the audit ID

	Received  time.Time // when the API server got it
	Completed time.Time // when its answer was whole, or had begun for what is still going on; zero: no such stage is logged
	Stages    AuditStages

	Path         string // of the request URI, without its query
	API          API
	User         string // the authenticated user
	Impersonated string // the user that it acted as; "" if it impersonated nobody
	SourceIPs    []string
	UserAgent    string // which the API server cuts at 1,024 bytes
	Status       int    // 0: not logged
}

// AuditStages is a set of the stages that were logged of a request (k8s.io/apiserver, pkg/apis/audit, Stage).
type AuditStages uint8

const (
	AuditReceived AuditStages = 1 << iota
	AuditStarted
	AuditComplete
	AuditPanic
)
