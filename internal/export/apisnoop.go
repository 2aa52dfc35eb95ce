package export

import (
	"cmp"
	"slices"
	"strings"

	"e2etap/internal/coverage"
	"e2etap/internal/operation"
)

// APISnoop is a coverage file in the form of resources/coverage/1.37.0.json of github.com/kubernetes-sigs/apisnoop, at commit
// d3d999442d92003547a164261caafdc98ae7bf7b, which apps/snoopdb/postgres/initdb/310_fn_generate_latest_coverage_json.sql writes there.
//
// It differs from APISnoop's in what follows. What is not known is null.
//
//   - An operation is tested if a test is known to have asked for it, whoever sent the request; APISnoop goes by User-Agents that
//     begin with e2e.test, also where they name no test, which it lists as the test "".
//   - Whether an answer such as 404 makes an operation tested, as it does in APISnoop's files, is the caller's choice.
//   - A null among an operation's tests stands for requests of the run without a test, or for no request at all; APISnoop's are also
//     of whatever else is in the audit log.
//   - Conformance tests are found if their tags moved, too; see conformance.Lists.Match.
//   - Sources has the run's name, where APISnoop has addresses of CI jobs, and the release's date is the run's.
type APISnoop struct {
	Release     string             `json:"release"`      // "1.37.0", see Release
	ReleaseDate string             `json:"release_date"` // when the run began, in UTC: "2026-06-29T09:29:27"
	Spec        *string            `json:"spec"`         // null: the operations are what the run's server documented
	Sources     []string           `json:"sources"`
	Endpoints   []APISnoopEndpoint `json:"endpoints"` // stable ones first, then beta, alpha; by name
	Tests       []APISnoopTest     `json:"tests"`     // all of the run that have requests, by name

	Total       int `json:"total endpoints"`
	TotalTested int `json:"tested endpoints"`

	// They are null if the lists of conformance are not known, the new ones always: other releases would have to be known.
	Eligible       *int `json:"total conformance eligible endpoints"`
	EligibleTested *int `json:"tested conformance eligible endpoints"`
	New            *int `json:"new conformance eligible endpoints"`
	NewTested      *int `json:"new tested conformance eligible endpoints"`
}

// APISnoopEndpoint is an operation that is not deprecated.
type APISnoopEndpoint struct {
	Endpoint    string    `json:"endpoint"` // operationId
	Release     string    `json:"release"`
	Level       string    `json:"level"`
	Category    string    `json:"category"` // the first tag in OpenAPI, without its version: see category
	Path        string    `json:"path"`
	Description *string   `json:"description"` // null: recordings do not keep it
	Kind        *string   `json:"kind"`        // null, as group and version, where the documents name none
	Version     *string   `json:"version"`
	Group       *string   `json:"group"`
	Action      *string   `json:"action"` // x-kubernetes-action
	Tested      bool      `json:"tested"`
	ConfTested  bool      `json:"conf_tested"` // by a test with [Conformance] in its name
	Tests       []*string `json:"tests"`
}

// APISnoopTest is a test; what only conformance tests have is null of others.
type APISnoopTest struct {
	Test             string  `json:"test"`
	Release          string  `json:"release"`
	ConformanceTest  bool    `json:"conformance_test"`
	Testname         *string `json:"testname"`
	File             *string `json:"file"`
	PromotionRelease *string `json:"promotion_release"` // "1.9.0"
}

// NewAPISnoop makes a file of Kubernetes' own operations in a run. If only successes count, a test has to have been answered with
// success to count for an operation; see package coverage.
func NewAPISnoop(run *coverage.Run, release string, successful bool) *APISnoop {
	a := &APISnoop{
		Release: release, ReleaseDate: run.Info.Start.UTC().Format("2006-01-02T15:04:05"),
		Sources: []string{run.Info.Name}, Endpoints: []APISnoopEndpoint{}, Tests: testsOf(run, release),
	}
	eligible, eligibleTested := 0, 0
	for _, op := range run.Own() {
		if op.Deprecated {
			continue
		}
		e := endpointOf(op, release, successful)
		a.Endpoints = append(a.Endpoints, e)
		a.Total++
		a.TotalTested += one(e.Tested)
		eligible += one(op.Eligible)
		_, _, conformance := op.Chosen(coverage.Choice{Successful: successful})
		eligibleTested += one(op.Eligible && conformance > 0)
	}
	if run.EligibilityKnown() && run.TestsKnown() {
		a.Eligible, a.EligibleTested = &eligible, &eligibleTested
	}
	slices.SortFunc(a.Endpoints, func(a, b APISnoopEndpoint) int {
		return cmp.Or(-strings.Compare(a.Level, b.Level), strings.Compare(a.Endpoint, b.Endpoint))
	})
	return a
}

func one(is bool) int {
	if is {
		return 1
	}
	return 0
}

func endpointOf(op *coverage.Op, release string, successful bool) APISnoopEndpoint {
	e := APISnoopEndpoint{
		Endpoint: op.ID, Release: release, Level: levelOf(&op.Operation), Category: category(op.Path), Path: op.Path, Action: known(op.Action),
	}
	if op.Kind != "" {
		e.Kind, e.Version, e.Group = &op.Kind, &op.Version, &op.Group // the core group is "", not null
	}
	untested := len(op.Tests) == 0
	for i := range op.Tests {
		use := &op.Tests[i]
		switch {
		case successful && use.Successes == 0:
		case use.Test == "":
			untested = true
		default:
			e.Tested = true
			e.ConfTested = e.ConfTested || strings.Contains(use.Test, "[Conformance]")
			e.Tests = append(e.Tests, &use.Test)
		}
	}
	if untested || !e.Tested {
		e.Tests = append(e.Tests, nil)
	}
	return e
}

func known(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

// levelOf knows of two operations that are beta though their paths do not say so (300_fn_load_open_api.sql).
func levelOf(op *operation.Operation) string {
	if op.ID == "getServiceAccountIssuerOpenIDConfiguration" || op.ID == "getServiceAccountIssuerOpenIDKeyset" {
		return operation.Beta.String()
	}
	return op.Level.String()
}

// category is what the first tag in OpenAPI has before its version, which kube-apiserver makes of the group: "core",
// "rbacAuthorization" for rbac.authorization.k8s.io. What has no group has the first part of its path.
func category(path string) string {
	parts := strings.Split(strings.Trim(path, "/"), "/")
	switch {
	case parts[0] == "api":
		return "core"
	case parts[0] == ".well-known":
		return "WellKnown"
	case parts[0] != "apis" || len(parts) == 1:
		return parts[0]
	}
	words := strings.Split(strings.TrimSuffix(parts[1], ".k8s.io"), ".")
	for i, w := range words[1:] {
		words[i+1] = strings.ToUpper(w[:min(1, len(w))]) + w[min(1, len(w)):]
	}
	return strings.Join(words, "")
}
