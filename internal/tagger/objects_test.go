package tagger

import (
	"testing"

	"e2etap/internal/traffic"
)

var newNamespace = traffic.API{Verb: "create", Version: "v1", Resource: "namespaces", Name: "ns-1"}

// in is what is said of a request in a namespace at a second, whose client nothing is known of.
func (s *suite) in(seconds float64, namespace string) traffic.Attribution {
	return s.Attribute(request(seconds, "curl/8", "get", namespace), nil)
}

// forObject is what is said of a request for one object.
func (s *suite) forObject(seconds float64, api traffic.API) traffic.Attribution {
	api.Verb = "get"
	return s.Attribute(&traffic.Request{Start: at(seconds), API: api, Client: traffic.Client{UserAgent: "curl/8"}}, nil)
}

func TestACreatedNamespaceIsItsCreators(t *testing.T) {
	s := newSuite(t)
	s.Created(&newNamespace, "A", at(1))
	s.want(s.in(2, "ns-1"), "A", traffic.SourceNamespace, 0)
	s.want(s.in(2, "ns-2"), "", 0, traffic.WhyProcessUnknown)
}

func TestARecreatedNamespaceIsTheLastCreatorsBefore(t *testing.T) {
	s := newSuite(t)
	s.Created(&newNamespace, "A", at(1))
	s.Created(&newNamespace, "B", at(3))
	s.Created(&newNamespace, "A", at(5))
	for seconds, want := range map[float64]string{1: "A", 2.9: "A", 3: "B", 4.9: "B", 5: "A", 100: "A"} {
		s.want(s.in(seconds, "ns-1"), want, traffic.SourceNamespace, 0)
	}
}

func TestBeforeItsFirstCreationANamespaceIsNobodys(t *testing.T) {
	s := newSuite(t)
	s.Created(&newNamespace, "A", at(1))
	s.want(s.in(0.9, "ns-1"), "", 0, traffic.WhyProcessUnknown)
}

func TestACreationWithoutATestTakesTheNamespaceAway(t *testing.T) {
	s := newSuite(t)
	s.Created(&newNamespace, "A", at(1))
	s.Created(&newNamespace, "", at(3))
	s.want(s.in(2, "ns-1"), "A", traffic.SourceNamespace, 0)
	s.want(s.in(4, "ns-1"), "", 0, traffic.WhyProcessUnknown)
}

// What requests tell of a namespace, without the names of new ones, is less than what its creation tells.
func TestACreationWithoutATestTakesAwayWhatRequestsTell(t *testing.T) {
	s := newSuite(t)
	s.creates(1, "A", "ns-1")
	s.want(s.in(4, "ns-1"), "A", traffic.SourceNamespace, 0)
	s.Created(&newNamespace, "A", at(1))
	s.Created(&newNamespace, "", at(3))
	s.want(s.in(2, "ns-1"), "A", traffic.SourceNamespace, 0)
	s.want(s.in(4, "ns-1"), "", 0, traffic.WhyProcessUnknown)
}

// Where the log does not know of a creation, it may be older than the log: what requests tell of it counts.
func TestWithoutACreationCountsWhatRequestsTell(t *testing.T) {
	s := newSuite(t)
	s.creates(1, "A", "ns-1")
	s.Created(&traffic.API{Verb: "create", Version: "v1", Resource: "namespaces", Name: "ns-2"}, "B", at(1))
	s.want(s.in(2, "ns-1"), "A", traffic.SourceNamespace, 0)
}

// Logs have a namespace in itself, as the API server does; or in none, where it was created.
func TestANamespaceIsTheSameInItselfAndInNone(t *testing.T) {
	s := newSuite(t)
	inItself := newNamespace
	inItself.Namespace = inItself.Name
	s.Created(&inItself, "A", at(1))
	s.want(s.in(2, "ns-1"), "A", traffic.SourceNamespace, 0)
	s.want(s.forObject(2, newNamespace), "A", traffic.SourceObject, 0)
}

func TestClusterScopedObjectsAreTheirCreators(t *testing.T) {
	s := newSuite(t)
	role := traffic.API{Verb: "create", Group: "rbac.authorization.k8s.io", Version: "v1", Resource: "clusterroles", Name: "viewer"}
	s.Created(&role, "A", at(1))
	s.want(s.forObject(2, role), "A", traffic.SourceObject, 0)
	for what, other := range map[string]traffic.API{
		"another name":     {Group: role.Group, Version: "v1", Resource: "clusterroles", Name: "editor"},
		"another group":    {Group: "example.com", Version: "v1", Resource: "clusterroles", Name: "viewer"},
		"another resource": {Group: role.Group, Version: "v1", Resource: "clusterrolebindings", Name: "viewer"},
		"all of them":      {Group: role.Group, Version: "v1", Resource: "clusterroles"},
	} {
		if a := s.forObject(2, other); a.Test != "" {
			t.Errorf("%s: %q, want no test", what, a.Test)
		}
	}
}

// The same object in another version is the same object.
func TestObjectsHaveNoVersion(t *testing.T) {
	s := newSuite(t)
	s.Created(&traffic.API{Verb: "create", Group: "example.com", Version: "v1", Resource: "things", Name: "a"}, "A", at(1))
	s.want(s.forObject(2, traffic.API{Group: "example.com", Version: "v1beta1", Resource: "things", Name: "a"}), "A", traffic.SourceObject, 0)
}

func TestObjectsInASharedNamespaceAreTheirCreators(t *testing.T) {
	s := newSuite(t)
	pod := traffic.API{Verb: "create", Version: "v1", Resource: "pods", Namespace: "default", Name: "a"}
	s.Created(&pod, "A", at(1))
	s.want(s.forObject(2, pod), "A", traffic.SourceObject, 0)
	pod.Namespace = "other"
	s.want(s.forObject(2, pod), "", 0, traffic.WhyProcessUnknown)
}

// Only the API server knows a name that it has generated: a log at a low level does not.
func TestACreationWithoutANameMakesNoOwner(t *testing.T) {
	s := newSuite(t)
	s.Created(&traffic.API{Verb: "create", Version: "v1", Resource: "pods", Namespace: "default"}, "A", at(1))
	if len(s.objects) > 0 {
		t.Errorf("%v, want nothing known", s.objects)
	}
}

// A request that created something by PUT is not told by that who it is.
func TestHiddenCreationsDoNotAnswerForThemselves(t *testing.T) {
	s := newSuite(t)
	api := traffic.API{Verb: "update", Group: "example.com", Version: "v1", Resource: "things", Name: "a"}
	s.Created(&api, "A", at(1))
	s.Created(&api, "B", at(3))
	for seconds, tt := range map[float64]struct{ is, want string }{1: {"A", ""}, 2: {"A", "A"}, 3: {"B", "A"}, 4: {"B", "B"}} {
		q := traffic.Request{Start: at(seconds), API: api, Client: traffic.Client{UserAgent: agent + " -- " + tt.is}}
		v := s.Votes(&q, nil, true)
		if got := v.Of(traffic.SourceObject); got != tt.want {
			t.Errorf("at %v s, a request of %s: %q, want %q", seconds, tt.is, got, tt.want)
		}
	}
}
