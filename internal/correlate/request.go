package correlate

import (
	"strings"
	"time"

	"e2etap/internal/traffic"
)

// requestOf is a request of an audit log as a recording has it, by the specs' clock. What no log tells is missing: the query, sizes
// and credentials; and of methods that Kubernetes takes for the same verb it is the usual one.
func requestOf(a *traffic.Audit, skew time.Duration) traffic.Request {
	q := traffic.Request{
		Start: a.Received.Add(-skew), Method: method(a.API.Verb), Path: a.Path, API: a.API, Status: a.Status,
		Client: traffic.Client{UserAgent: a.UserAgent}, AuditID: a.ID, Outcome: traffic.Complete,
	}
	q.Query.Watch = a.API.Verb == "watch"
	switch {
	case a.Stages&traffic.AuditPanic != 0:
		q.Outcome = traffic.UpstreamAborted
	case a.Stages&traffic.AuditComplete == 0:
		q.Outcome = traffic.Unfinished
	}
	if !a.Completed.IsZero() && q.Outcome != traffic.Unfinished {
		q.Duration = a.Completed.Sub(a.Received)
	}
	if q.API.Verb == "create" && q.API.Subresource == "" {
		q.API.Name = "" // as a recording has it, which does not see the body
		if q.API.Resource == "namespaces" {
			q.API.Namespace = ""
		}
	}
	return q
}

// method is the HTTP method of a verb (k8s.io/apiserver, pkg/endpoints/request, RequestInfo).
func method(verb string) string {
	switch verb {
	case "get", "list", "watch", "proxy":
		return "GET"
	case "create":
		return "POST"
	case "update":
		return "PUT"
	case "deletecollection":
		return "DELETE"
	}
	return strings.ToUpper(verb) // of what is no resource, the method in lower case
}
