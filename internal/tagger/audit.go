package tagger

import (
	"strings"
	"time"

	"e2etap/internal/traffic"
)

// Audit says what a request has to do with the tests that only an audit log has and no recording, and which test it belongs to.
// at is when it was received, by the clock of the run's requests.
//
// What a service account of a test's namespace does, and what is done there or with an object that a test created, is on behalf of
// that test, whatever runs at the time: controllers work on when a spec has ended.
func (t *Tagger) Audit(a *traffic.Audit, at time.Time) (traffic.Role, traffic.Attribution) {
	q := traffic.Request{Start: at, API: a.API, Client: traffic.Client{UserAgent: a.UserAgent}}
	v := Votes{why: traffic.WhyOutside}
	_, v.names[traffic.SourceUserAgent] = t.pattern.names(&q.Client)
	v.names[traffic.SourceAccount] = t.accountOwner(a, at)
	v.names[traffic.SourceNamespace] = t.namespaceOwner(&q, "")
	v.names[traffic.SourceObject] = t.objectOwner(&q, "")
	decided := v.Decide()
	decided.Phase, decided.Attempt = t.phase(decided.Test, at)
	switch {
	case strings.HasPrefix(a.UserAgent, traffic.OwnProgram):
		return traffic.RoleNoise, traffic.Attribution{Why: traffic.WhyOutside}
	case decided.Source == traffic.SourceUserAgent:
		return traffic.RoleTest, decided
	case decided.Test != "":
		return traffic.RoleBehalf, decided
	case isNoise(a):
		return traffic.RoleNoise, decided
	}
	return traffic.RoleOther, decided
}

// accountOwner returns the test that created the namespace of the service account which sent a request, or as which somebody did: a
// controller has a service account of its own, which is no test's.
func (t *Tagger) accountOwner(a *traffic.Audit, at time.Time) string {
	for _, user := range [...]string{a.User, a.Impersonated} {
		account, is := strings.CutPrefix(user, "system:serviceaccount:")
		if !is {
			continue
		}
		namespace, _, _ := strings.Cut(account, ":")
		q := traffic.Request{Start: at, API: traffic.API{Namespace: namespace}}
		if test := t.namespaceOwner(&q, ""); test != "" {
			return test
		}
	}
	return ""
}

// isNoise tells whether a request is one that a cluster makes without any test.
func isNoise(a *traffic.Audit) bool {
	system := IsSystem(a.User)
	switch a.API.Resource {
	case "leases":
		return true
	case "nodes":
		return system || a.API.Subresource == "status"
	case "tokenreviews", "subjectaccessreviews", "localsubjectaccessreviews", "":
		return system
	}
	return a.API.Verb == "watch" || a.API.Verb == "list" && system
}

// IsSystem tells whether a user is a component of a cluster: kubelet, a controller, a pod, or nobody at all
// (k8s.io/apiserver, pkg/authentication/user, and cmd/kubeadm). "system:admin" is an administrator's name in some clusters.
func IsSystem(user string) bool { return strings.HasPrefix(user, "system:") && user != "system:admin" }
