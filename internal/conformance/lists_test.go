package conformance

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

var example = Lists{
	Ineligible: map[string]string{"deleteCoreV1Node": "not to be tested"},
	Pending:    map[string]bool{"getLifecycleAPIGroup": true},
}

var operations = []struct {
	op       Operation
	eligible bool
	why      string
}{
	{Operation{ID: "listCoreV1Pod", Level: "stable"}, true, ""},
	{Operation{ID: "getLifecycleAPIGroup", Level: "stable"}, true, "pending"},
	{Operation{ID: "deleteCoreV1Node", Level: "stable"}, false, "ineligible: not to be tested"},
	{Operation{ID: "watchCoreV1PodList", Level: "stable", Deprecated: true}, false, "deprecated"},
	{Operation{ID: "listAppsV1beta1Scale", Level: "beta"}, false, "beta"},
	{Operation{ID: "watchAppsV1alpha1Scale", Level: "alpha", Deprecated: true}, false, "alpha"},
	{Operation{ID: "getServiceAccountIssuerOpenIDConfiguration", Level: "stable"}, false, "beta, though its path does not say so"},
	{Operation{ID: "getServiceAccountIssuerOpenIDKeyset", Level: "stable"}, false, "beta, though its path does not say so"},
}

func TestEligibleSaysWhyNot(t *testing.T) {
	for _, test := range operations {
		eligible, why := example.Eligible(test.op)
		if eligible != test.eligible || why != test.why {
			t.Errorf("%+v: got %t, %q, want %t, %q", test.op, eligible, why, test.eligible, test.why)
		}
	}
}

func TestCountKeepsPendingOperationsEligible(t *testing.T) {
	var ops []Operation
	for _, test := range operations {
		ops = append(ops, test.op)
	}
	if diff := cmp.Diff(Counts{Stable: 5, Eligible: 2, Pending: 1}, example.Count(ops)); diff != "" {
		t.Error(diff)
	}
}
