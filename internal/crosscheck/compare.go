package crosscheck

import (
	"fmt"
	"strings"
	"time"

	"e2etap/internal/tagger"
	"e2etap/internal/traffic"
)

// Kinds of differences.
const (
	kindVerb      = "verb"
	kindResource  = "resource"
	kindObject    = "object"
	kindStatus    = "status"
	kindUser      = "user"
	kindUserAgent = "user-agent"
	kindTime      = "time"
)

// Kinds lists the kinds of differences.
func Kinds() []string {
	return []string{kindVerb, kindResource, kindObject, kindStatus, kindUser, kindUserAgent, kindTime}
}

// Statuses of RFC 9110.
const (
	unauthorized = 401
	badGateway   = 502
)

// compare finds the differences of a request that both know.
func (k *knowledge) compare(f *Finding) {
	q, a := f.Request, f.Audit
	f.differ(kindVerb, q.API.Verb, a.API.Verb)
	f.differ(kindResource, resource(&q.API), resource(&a.API))
	f.differ(kindObject, object(&q.API), knownObject(q, a))
	if q.Status != 0 && a.Status != 0 && bothAnswers(q, a) {
		f.differ(kindStatus, fmt.Sprint(q.Status), fmt.Sprint(a.Status))
	}
	if want := k.wantUser(q, a); want != a.User {
		f.differ(kindUser, want, a.User)
	}
	if sent := sentAgent(q); !sameAgent(sent, a.UserAgent) {
		f.differ(kindUserAgent, sent, a.UserAgent)
	}
	if apart := a.Received.Sub(q.Start) - k.skew; !a.Received.IsZero() && (apart < -margin || apart > q.Duration+margin) {
		f.differ(kindTime, clock(q.Start), clock(a.Received.Add(-k.skew)))
	}
}

func (f *Finding) differ(kind, recorded, audited string) {
	if recorded != audited {
		f.Kinds = append(f.Kinds, kind)
		f.Texts = append(f.Texts, fmt.Sprintf("%s: %s recorded, %s audited", kind, word(recorded), word(audited)))
	}
}

func word(s string) string {
	if s == "" {
		return "none"
	}
	return s
}

func clock(t time.Time) string { return t.UTC().Format("15:04:05.000") }

func resource(api *traffic.API) string {
	return strings.Trim(strings.Join([]string{api.Group, api.Version, api.Resource, api.Subresource}, "/"), "/")
}

func object(api *traffic.API) string { return strings.Trim(api.Namespace+"/"+api.Name, "/") }

// knownObject is the log's object as far as the proxy can know it: the API server takes a new object's name, and a new
// namespace's own, from the body.
func knownObject(q *traffic.Request, a *traffic.Audit) string {
	api := a.API
	if q.API.Verb == "create" && q.API.Name == "" {
		api.Name = ""
		if q.API.Namespace == "" {
			api.Namespace = ""
		}
	}
	return object(&api)
}

// bothAnswers tells whether both statuses are the API server's answer: not the proxy's own for an answer that broke off, nor the
// log's for a handler that gave up in the middle of it.
func bothAnswers(q *traffic.Request, a *traffic.Audit) bool {
	return q.Outcome != traffic.UpstreamAborted && a.Stages&traffic.AuditPanic == 0
}

// wantUser is the user that the log should name; where nothing tells, the one that it does. The recording has no users: but
// requests with the run's credential, and those that impersonate a certificate's owner by it, are all of one.
func (k *knowledge) wantUser(q *traffic.Request, a *traffic.Audit) string {
	switch {
	case a.User == "", q.Status == unauthorized, a.Status == unauthorized:
		return a.User
	case q.Client.Credential == traffic.CredentialNone:
		return "system:anonymous"
	case q.Client.Credential == traffic.CredentialRun && k.user != "":
		return k.user
	}
	return a.User
}

// sentAgent is the User-Agent that went upstream.
func sentAgent(q *traffic.Request) string {
	if q.TaggedAs == "" {
		return q.Client.UserAgent
	}
	return tagger.Tagged(q.Client.UserAgent, q.TaggedAs)
}

// The API server cuts longer User-Agents in its log (k8s.io/apiserver, pkg/audit/request.go).
const (
	maxAgent  = 1024
	cutMarker = "...TRUNCATED"
)

func sameAgent(sent, logged string) bool {
	if cut, ok := strings.CutSuffix(logged, cutMarker); ok && len(sent) > maxAgent {
		return strings.HasPrefix(sent, cut)
	}
	return sent == logged
}
