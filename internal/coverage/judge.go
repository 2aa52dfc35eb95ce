package coverage

import (
	"strings"

	"e2etap/internal/conformance"
)

// Judge completes operations and tests with what the conformance programme says of them, by its lists. Of lists that are
// nil nothing is known, and nothing said: see TestsKnown and EligibilityKnown.
func (r *Run) Judge(lists conformance.Lists) {
	r.Lists = &lists
	known := map[string]bool{}
	discovered := r.discovered()
	for i := range r.Operations {
		op := &r.Operations[i]
		switch {
		case !r.EligibilityKnown():
		case !isOwn(op.Path, discovered):
			op.Eligible, op.Why = false, notOwn
		default:
			op.Eligible, op.Why = lists.Eligible(listed(op))
		}
		op.judge(&lists, known)
	}
	for i := range r.Unresolved {
		r.Unresolved[i].judge(&lists, known)
	}
}

// judge says of each test whether it is a conformance test. Those that were found are kept in known.
func (h *Hits) judge(lists *conformance.Lists, known map[string]bool) {
	for i := range h.Tests {
		use := &h.Tests[i]
		is, asked := known[use.Test]
		if !asked && use.Test != "" {
			_, is = lists.Match(use.Test)
			known[use.Test] = is
		}
		use.Conformance = is
	}
}

// TestsKnown tells whether Judge was told which tests are conformance tests.
func (r *Run) TestsKnown() bool { return r.Lists != nil && r.Lists.Tests != nil }

// EligibilityKnown tells whether Judge was told which operations are ineligible.
func (r *Run) EligibilityKnown() bool { return r.Lists != nil && r.Lists.Ineligible != nil }

// listed is an operation as the programme's lists know it.
func listed(op *Op) conformance.Operation {
	return conformance.Operation{ID: op.ID, Level: op.Level.String(), Deprecated: op.Deprecated}
}

// notOwn is why custom resources are not eligible, nor what aggregated API servers have: the programme's documents are of
// kube-apiserver alone.
const notOwn = "not Kubernetes' own"

// discovered are the paths of group versions whose discovery is documented, "/apis/apps/v1".
func (r *Run) discovered() map[string]bool {
	paths := map[string]bool{}
	for i := range r.Operations {
		path := strings.TrimRight(r.Operations[i].Path, "/")
		if groupVersion(path) == path {
			paths[path] = true
		}
	}
	return paths
}

// isOwn tells whether a path is one of kube-apiserver's own: not of a group version whose discovery is not documented, as it
// is not for custom resources, nor of a group with another domain than Kubernetes', as aggregated API servers have.
func isOwn(path string, discovered map[string]bool) bool {
	in := groupVersion(path)
	if in == "" {
		return true
	}
	group := strings.Split(in, "/")[2]
	return discovered[in] && (!strings.Contains(group, ".") || strings.HasSuffix(group, ".k8s.io"))
}

// groupVersion is the beginning of a path in a group, "/apis/apps/v1"; "" of others.
func groupVersion(path string) string {
	parts := strings.SplitN(path, "/", 5)
	if len(parts) < 4 || parts[1] != "apis" || parts[3] == "" {
		return ""
	}
	return strings.Join(parts[:4], "/")
}
