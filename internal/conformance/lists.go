package conformance

import "fmt"

// Test is one conformance test (k8s.io/kubernetes, test/conformance/testdata/conformance.yaml).
type Test struct {
	// Name is the test's full name, as the e2e framework's User-Agent has it: the texts of its containers and its own,
	// joined by blanks. The suite's labels are part of those texts: "[sig-node] Pods should run [Conformance]".
	Name string

	Testname    string // a title: "Pods, lifecycle"
	Description string // what a conformant cluster MUST do
	Release     string // of its promotion, and of later changes: "v1.9", "v1.16, v1.21"; a "v" may be missing
	File        string // in the Kubernetes repository: "test/e2e/common/node/pods.go"
}

// Lists are the conformance programme's lists.
type Lists struct {
	// Version is the minor of Kubernetes that the lists are of: "v1.37"; "" for files that the user named.
	Version string

	Tests      []Test
	Ineligible map[string]string // operation ID → why it cannot be tested by a conformance test
	Pending    map[string]bool   // operation IDs that are eligible, and may lack a test for now
}

// Operation is what has to be known of an operation of the API.
type Operation struct {
	ID         string // operationId: "listCoreV1NamespacedPod"
	Level      string // of its path: "alpha", "beta" or "stable"
	Deprecated bool   // by its description, as the legacy watch paths are
}

const stable = "stable"

// betaByID are operations whose paths do not tell that APISnoop takes them for beta (kubernetes-sigs/apisnoop,
// apps/snoopdb/postgres/initdb/300_fn_load_open_api.sql). Without them its published counts cannot be reproduced.
func betaByID(id string) bool {
	return id == "getServiceAccountIssuerOpenIDConfiguration" || id == "getServiceAccountIssuerOpenIDKeyset"
}

// Eligible tells whether a conformance test could be written for an operation. Why says why not, or "pending" of one that
// is eligible and may lack a test for now; it is "" for other eligible ones.
func (l *Lists) Eligible(op Operation) (eligible bool, why string) {
	if op.Level != stable {
		return false, op.Level
	}
	if op.Deprecated {
		return false, "deprecated"
	}
	if betaByID(op.ID) {
		return false, "beta, though its path does not say so"
	}
	if reason, listed := l.Ineligible[op.ID]; listed {
		return false, fmt.Sprintf("ineligible: %s", reason)
	}
	if l.Pending[op.ID] {
		return true, "pending"
	}
	return true, ""
}

// Counts are numbers of operations.
type Counts struct {
	Stable   int // by their paths, and not deprecated
	Eligible int // of those, pending ones among them
	Pending  int // of those
}

// Count counts operations; each is to be given once.
func (l *Lists) Count(ops []Operation) Counts {
	var c Counts
	for _, op := range ops {
		if op.Level == stable && !op.Deprecated {
			c.Stable++
		}
		if eligible, _ := l.Eligible(op); eligible {
			c.Eligible++
			if l.Pending[op.ID] {
				c.Pending++
			}
		}
	}
	return c
}
