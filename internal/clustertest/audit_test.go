package clustertest

import (
	"strings"
	"testing"
)

// auditLines are a watch that has begun and ended, an exec that has begun, a request that panicked, and one whose line
// is still being written.
const auditLines = `{"kind":"Event","apiVersion":"audit.k8s.io/v1","auditID":"w","stage":"ResponseStarted","verb":"watch"}
{"auditID":"w","stage":"ResponseComplete","verb":"watch","responseStatus":{"code":200}}
{"auditID":"x","stage":"ResponseStarted","verb":"create","objectRef":{"resource":"pods","subresource":"exec"}}
{"auditID":"p","stage":"Panic","verb":"get","requestReceivedTimestamp":"2026-01-02T03:04:05.000006Z"}
{"auditID":"half","stage":"Respon`

func TestParseAuditKeepsEndsAndBeginningsOfWatches(t *testing.T) {
	events, err := parseAudit([]byte(auditLines))
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, event := range events {
		got = append(got, event.AuditID+" "+event.Stage)
	}
	const want = "w ResponseStarted, w ResponseComplete, p Panic"
	if strings.Join(got, ", ") != want {
		t.Errorf("events are %q, want %q", got, want)
	}
	if code := events[1].ResponseStatus.Code; code != 200 {
		t.Errorf("code is %d, want 200", code)
	}
	if events[2].Received.Year() != 2026 {
		t.Errorf("time is %v, want one in 2026", events[2].Received)
	}
}

func TestParseAuditRefusesOtherLines(t *testing.T) {
	if _, err := parseAudit([]byte("not JSON\n")); err == nil {
		t.Error("a line that is not JSON was accepted")
	}
}
