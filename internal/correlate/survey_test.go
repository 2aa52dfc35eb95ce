package correlate

import (
	"testing"

	"e2etap/internal/tagger"
	"e2etap/internal/traffic"
)

const (
	suiteAgent = "e2e.test/v1.37.2 (linux/amd64)"
	admin      = "kubernetes-admin"
	here       = "10.0.0.1"
)

// sent is a request of a user at an address.
func sent(second float64, user, address, userAgent string) *traffic.Audit {
	a := auditOf("get")
	a.Completed = at(second + 2)
	a.Received, a.User, a.SourceIPs, a.UserAgent = at(second), user, []string{address, "10.9.9.9"}, userAgent
	return a
}

// surveyOf has seen requests of a log, of a time in which a spec runs from second 10 to 20.
func surveyOf(t *testing.T, log ...*traffic.Audit) *survey {
	t.Helper()
	tagger, err := tagger.New("")
	if err != nil {
		t.Fatal(err)
	}
	s := newSurvey(tagger)
	for _, a := range log {
		if err := s.first(a); err != nil {
			t.Fatal(err)
		}
	}
	s.busy = busyTimes([]*traffic.Spec{specOf("A", 10, 20)}, Clock{})
	for _, a := range log {
		if err := s.second(a); err != nil {
			t.Fatal(err)
		}
	}
	return s
}

// named is a request that tells who runs the tests.
func named(second float64) *traffic.Audit { return sent(second, admin, here, suiteAgent+" -- A") }

func wantTests(t *testing.T, s *survey, want bool, a *traffic.Audit) {
	t.Helper()
	if got := s.isTests(a); got != want {
		t.Errorf("%s at %v with %s: %v, want %v", a.User, a.SourceIPs, a.UserAgent, got, want)
	}
}

func TestTheTestsClientsAreUsersAtAddresses(t *testing.T) {
	s := surveyOf(t, named(12))
	wantTests(t, s, true, sent(12, admin, here, suiteAgent))
	wantTests(t, s, false, sent(12, admin, "10.0.0.2", suiteAgent))
	wantTests(t, s, false, sent(12, "somebody", here, suiteAgent))
}

func TestARequestThatNamesATestIsItsWhoeverSendsIt(t *testing.T) {
	s := surveyOf(t, named(12))
	wantTests(t, s, true, sent(12, "system:serviceaccount:x:y", "10.0.0.2", "agent -- B"))
}

func TestKubectlIsTheTestsAlsoWhileNoneRuns(t *testing.T) {
	s := surveyOf(t, named(12), sent(30, admin, here, "kubectl/v1.37.2"))
	wantTests(t, s, true, sent(12, admin, here, "kubectl/v1.36.0 (linux/amd64)"))
	wantTests(t, s, false, sent(12, admin, "10.0.0.2", "kubectl/v1.37.2"))
}

func TestProgramsThatNameTestsAreTheTestsAlsoWhileNoneRuns(t *testing.T) {
	s := surveyOf(t, named(12), sent(30, admin, here, suiteAgent))
	wantTests(t, s, true, sent(12, admin, here, suiteAgent))
}

func TestAControllerWithTheTestsCredentialsIsNotTheTests(t *testing.T) {
	s := surveyOf(t, named(12), sent(12, admin, here, "operator/v1"), sent(30, admin, here, "operator/v1"), sent(12, admin, here, "helper/v1"))
	wantTests(t, s, false, sent(12, admin, here, "operator/v2"))
	wantTests(t, s, true, sent(12, admin, here, "helper/v1"))
}

// What a program does elsewhere says nothing of the one here.
func TestProgramsOfOthersMayWorkWhileNoneRuns(t *testing.T) {
	s := surveyOf(t, named(12), sent(30, admin, "10.0.0.2", "helper/v1"))
	wantTests(t, s, true, sent(12, admin, here, "helper/v1"))
}

func TestWithoutNamesTheTestsClientsAreAllUsers(t *testing.T) {
	s := surveyOf(t, sent(12, admin, here, "go/1"), sent(30, "system:serviceaccount:x:y", here, "go/1"))
	wantTests(t, s, true, sent(12, admin, here, "go/1"))
	wantTests(t, s, true, sent(12, "somebody", "10.0.0.2", "go/1"))
	wantTests(t, s, true, sent(12, "system:admin", "10.0.0.2", "go/1"))
	wantTests(t, s, false, sent(12, "system:serviceaccount:x:y", here, "go/1"))
	wantTests(t, s, false, sent(12, "system:anonymous", here, "go/1"))
}

func TestTheFirstAndTheLastRequestOfATestAreItsSpan(t *testing.T) {
	s := surveyOf(t, named(11), sent(12, admin, here, suiteAgent+" -- B"), named(15), named(19))
	if got, want := s.spans["A"][0], spanOf(11, 19); got != want {
		t.Errorf("from %v to %v, want %v to %v", got.first, got.last, want.first, want.last)
	}
	if got, want := s.spans["B"][0], spanOf(12, 12); got != want || len(s.spans) != 2 {
		t.Errorf("from %v to %v, want once at %v", got.first, got.last, want.first)
	}
}

func TestALogWithoutAddressesHasUsers(t *testing.T) {
	a := named(12)
	a.SourceIPs = nil
	s := surveyOf(t, a)
	other := sent(12, admin, "", suiteAgent)
	other.SourceIPs = nil
	wantTests(t, s, true, other)
}

func TestAPauseBeginsAnotherSpan(t *testing.T) {
	s := surveyOf(t, named(11), named(19), named(19+61), named(19+62))
	if got := s.spans["A"]; len(got) != 2 || got[0] != spanOf(11, 19) || got[1] != spanOf(80, 81) {
		t.Errorf("spans %v, want two", got)
	}
}
