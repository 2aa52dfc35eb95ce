package tagger

import (
	"testing"

	"e2etap/internal/traffic"
)

const (
	controller = "system:serviceaccount:kube-system:job-controller"
	admin      = "kubernetes-admin"
)

// audited is a request of a user for pods of a namespace, or what change makes of it.
func audited(user, verb, namespace string, change ...func(*traffic.Audit)) *traffic.Audit {
	a := &traffic.Audit{
		User: user, UserAgent: "client/v1",
		API: traffic.API{Verb: verb, Version: "v1", Resource: "pods", Namespace: namespace},
	}
	for _, c := range change {
		c(a)
	}
	return a
}

func resource(name, subresource string) func(*traffic.Audit) {
	return func(a *traffic.Audit) { a.API.Resource, a.API.Subresource = name, subresource }
}

func userAgent(ua string) func(*traffic.Audit) { return func(a *traffic.Audit) { a.UserAgent = ua } }

// owned has a test A that created the namespace ns-1.
func owned(t *testing.T) *suite {
	s := newSuite(t)
	s.Created(&newNamespace, "A", at(1))
	return s
}

// wantRole checks what is said of a request at second 2.
func (s *suite) wantRole(a *traffic.Audit, role traffic.Role, test string, source traffic.Source) {
	s.t.Helper()
	got, how := s.Audit(a, at(2))
	if got != role || how.Test != test || how.Source != source {
		s.t.Errorf("got %v, %q from %v; want %v, %q from %v", got, how.Test, how.Source, role, test, source)
	}
}

func TestARequestThatNamesATestIsTheTests(t *testing.T) {
	s := owned(t)
	s.wantRole(audited(admin, "get", "ns-1", userAgent(agent+" -- B")), traffic.RoleTest, "B", traffic.SourceUserAgent)
}

func TestWhatAControllerDoesInATestsNamespaceIsOnBehalfOfIt(t *testing.T) {
	owned(t).wantRole(audited(controller, "create", "ns-1"), traffic.RoleBehalf, "A", traffic.SourceNamespace)
}

// Also what would be the cluster's own elsewhere.
func TestBehalfIsStrongerThanNoise(t *testing.T) {
	s := owned(t)
	s.wantRole(audited("system:node:n-1", "watch", "ns-1"), traffic.RoleBehalf, "A", traffic.SourceNamespace)
	s.wantRole(audited(controller, "update", "ns-1", resource("leases", "")), traffic.RoleBehalf, "A", traffic.SourceNamespace)
}

func TestWhatIsDoneWithATestsObjectIsOnBehalfOfIt(t *testing.T) {
	s := newSuite(t)
	volume := traffic.API{Verb: "create", Version: "v1", Resource: "persistentvolumes", Name: "pv-1"}
	s.Created(&volume, "A", at(1))
	a := audited(controller, "update", "")
	a.API = volume
	a.API.Verb, a.API.Subresource = "update", "status"
	s.wantRole(a, traffic.RoleBehalf, "A", traffic.SourceObject)
}

func TestAServiceAccountOfATestsNamespaceIsTheTests(t *testing.T) {
	s := owned(t)
	s.wantRole(audited("system:serviceaccount:ns-1:default", "list", "elsewhere"), traffic.RoleBehalf, "A", traffic.SourceAccount)
	s.wantRole(audited("system:serviceaccount:ns-1", "list", "elsewhere"), traffic.RoleBehalf, "A", traffic.SourceAccount)
	s.wantRole(audited("system:serviceaccount:ns-10:default", "get", "elsewhere"), traffic.RoleOther, "", traffic.SourceNone)
	s.wantRole(audited("ns-1:default", "get", "elsewhere"), traffic.RoleOther, "", traffic.SourceNone)
}

func TestWhoActsAsATestsServiceAccountActsOnBehalfOfIt(t *testing.T) {
	s := owned(t)
	for _, user := range []string{admin, controller} {
		s.wantRole(audited(user, "get", "elsewhere", func(a *traffic.Audit) { a.Impersonated = "system:serviceaccount:ns-1:default" }),
			traffic.RoleBehalf, "A", traffic.SourceAccount)
	}
}

func TestAServiceAccountIsStrongerThanTheNamespace(t *testing.T) {
	s := owned(t)
	other := newNamespace
	other.Name = "ns-2"
	s.Created(&other, "B", at(1))
	a := audited("system:serviceaccount:ns-1:default", "get", "ns-2")
	s.wantRole(a, traffic.RoleBehalf, "A", traffic.SourceAccount)
	if _, how := s.Audit(a, at(2)); how.Disagreed != traffic.SourceSet(0).With(traffic.SourceNamespace) {
		t.Errorf("disagreed: %v, want the namespace", how.Disagreed)
	}
}

func TestNoiseIsWhatAClusterDoesWithoutTests(t *testing.T) {
	const node = "system:node:n-1"
	s := owned(t)
	for what, tt := range map[string]struct {
		a    *traffic.Audit
		role traffic.Role
	}{
		"a lease of anybody":                 {audited("operator", "update", "x", resource("leases", "")), traffic.RoleNoise},
		"a kubelet's node":                   {audited(node, "get", "", resource("nodes", "")), traffic.RoleNoise},
		"a node's status, by anybody":        {audited(admin, "patch", "", resource("nodes", "status")), traffic.RoleNoise},
		"a node, by a user":                  {audited(admin, "get", "", resource("nodes", "")), traffic.RoleOther},
		"the review of a token":              {audited(node, "create", "", resource("tokenreviews", "")), traffic.RoleNoise},
		"a review by a user":                 {audited(admin, "create", "", resource("subjectaccessreviews", "")), traffic.RoleOther},
		"a probe":                            {audited("system:anonymous", "get", "", resource("", "")), traffic.RoleNoise},
		"discovery by a user":                {audited(admin, "get", "", resource("", "")), traffic.RoleOther},
		"an informer of a component":         {audited(controller, "watch", ""), traffic.RoleNoise},
		"its list":                           {audited(controller, "list", ""), traffic.RoleNoise},
		"an informer of anybody":             {audited("operator", "watch", ""), traffic.RoleNoise},
		"a user's list":                      {audited(admin, "list", ""), traffic.RoleOther},
		"a cluster's admin's list":           {audited("system:admin", "list", ""), traffic.RoleOther},
		"what a controller writes elsewhere": {audited(controller, "create", "x"), traffic.RoleOther},
		"the proxy's own question":           {audited(admin, "get", "", resource("", ""), userAgent(traffic.OwnProgram+"/v1")), traffic.RoleNoise},
	} {
		role, how := s.Audit(tt.a, at(2))
		if role != tt.role || how.Test != "" || how.Why != traffic.WhyOutside {
			t.Errorf("%s: %v, %+v; want %v and no test", what, role, how, tt.role)
		}
	}
}

func TestControllersWorkOnAfterTheSpecsEnd(t *testing.T) {
	s := owned(t)
	s.Spec(&traffic.Spec{
		Test: "A", Told: traffic.ToldResults, Start: at(0), End: at(5),
		Phases: []traffic.PhaseStart{{At: at(0), Phase: traffic.PhaseSetup, Attempt: 1}, {At: at(1), Phase: traffic.PhaseBody, Attempt: 1}},
	})
	for seconds, want := range map[float64]traffic.Phase{2: traffic.PhaseBody, 6: traffic.PhaseAfter} {
		role, how := s.Audit(audited(controller, "delete", "ns-1"), at(seconds))
		if role != traffic.RoleBehalf || how.Test != "A" || how.Phase != want || how.Attempt != 1 {
			t.Errorf("at %v s: %v, %+v; want behalf of A, %v of attempt 1", seconds, role, how, want)
		}
	}
}
