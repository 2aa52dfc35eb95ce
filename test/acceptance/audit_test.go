package acceptance

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"e2etap/internal/clustertest"
)

// others are the programs that talk to the API server without the proxy, the proxy's own questions among them.
var others = []string{"kube-apiserver", "kube-controller-manager", "kube-scheduler", "kwok", "cluster", "e2etap"}

// behindProxy tells whether an audit event is of a client behind the proxy.
func behindProxy(e clustertest.AuditEvent) bool {
	for _, name := range others {
		if strings.HasPrefix(e.UserAgent, name+"/") || e.UserAgent == name {
			return false
		}
	}
	return true
}

// A moment is where the audit log ended at some time.
type moment struct {
	offset int64
	at     time.Time
}

func now(t *testing.T, c *clustertest.Cluster) moment {
	t.Helper()
	return moment{c.AuditOffset(t), time.Now()}
}

// compareWithAudit joins a recording and the audit log since a moment on the audit ID, both ways, and compares what
// both say of each request, and their counts for each User-Agent, verb and resource.
func compareWithAudit(t *testing.T, c *clustertest.Cluster, since moment, list []row) {
	t.Helper()
	recorded := map[string]row{}
	for _, r := range list {
		if other, twice := recorded[r.AuditID]; twice {
			t.Errorf("audit ID %s has two rows: %+v and %+v", r.AuditID, other, r)
		}
		recorded[r.AuditID] = r
	}
	audited := map[string]clustertest.AuditEvent{}
	c.WaitAudit(t, since.offset, func(events []clustertest.AuditEvent) bool {
		audited = byID(events, since.at)
		for id := range recorded {
			if _, there := audited[id]; !there {
				return false
			}
		}
		return true
	})
	for id, e := range audited {
		r, there := recorded[id]
		if !there {
			t.Errorf("audited but not recorded: %s %s by %s", e.Verb, e.RequestURI, e.UserAgent)
			continue
		}
		if d := cmp.Diff(auditRow(e), known(r, e)); d != "" {
			t.Errorf("audit ID %s (-audit log +recording):\n%s", id, d)
		}
	}
	if d := cmp.Diff(auditCounts(audited), rowCounts(list)); d != "" {
		t.Errorf("requests per User-Agent, verb and resource (-audit log +recording):\n%s", d)
	}
	t.Logf("%d requests are the same in the recording and in the audit log", len(recorded))
}

// byID keeps the last event of each request of a client behind the proxy. Requests from before the proxy started, whose
// ends are logged now, are not.
func byID(events []clustertest.AuditEvent, since time.Time) map[string]clustertest.AuditEvent {
	last := map[string]clustertest.AuditEvent{}
	for _, e := range events {
		if behindProxy(e) && e.Received.After(since) {
			last[e.AuditID] = e
		}
	}
	return last
}

// auditRow is what an audit event and a row both know.
func auditRow(e clustertest.AuditEvent) row {
	path, _, _ := strings.Cut(e.RequestURI, "?")
	r := row{AuditID: e.AuditID, Verb: e.Verb, Path: path, UserAgent: e.UserAgent}
	if o := e.ObjectRef; o != nil {
		r.Group, r.Version, r.Resource, r.Namespace, r.Name = o.APIGroup, o.APIVersion, o.Resource, o.Namespace, o.Name
		if o.Subresource != "" {
			r.Resource += "/" + o.Subresource
		}
	}
	if e.ResponseStatus != nil {
		r.Status = e.ResponseStatus.Code
	}
	return r
}

// known leaves of a row what an audit event knows, too.
func known(r row, e clustertest.AuditEvent) row {
	c := row{
		AuditID: r.AuditID, Verb: r.Verb, Path: r.Path, UserAgent: sentAgent(r), Group: r.Group, Version: r.Version,
		Resource: r.Resource, Namespace: r.Namespace, Name: r.Name, Status: r.Status,
	}
	if e.ObjectRef != nil && r.Verb == "create" && r.Name == "" {
		// the API server takes a new object's name, and a namespace's own, from the body
		c.Name, c.Namespace = e.ObjectRef.Name, e.ObjectRef.Namespace
	}
	return c
}

// sentAgent is the User-Agent that went upstream.
func sentAgent(r row) string {
	if r.TaggedAs == "" {
		return r.UserAgent
	}
	return r.UserAgent + " -- " + r.TaggedAs
}

func key(r row) string { return sentAgent(r) + " | " + r.Verb + " " + r.Resource }

func auditCounts(events map[string]clustertest.AuditEvent) map[string]int {
	counts := map[string]int{}
	for _, e := range events {
		counts[key(auditRow(e))]++
	}
	return counts
}

func rowCounts(list []row) map[string]int {
	counts := map[string]int{}
	for _, r := range list {
		counts[key(r)]++
	}
	return counts
}
