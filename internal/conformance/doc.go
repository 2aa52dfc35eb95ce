// Package conformance knows what belongs to Kubernetes' conformance programme: which tests are conformance tests, and
// which operations of the API are eligible to be tested by one.
//
// Load returns the programme's lists for a server's version from the copies in data/, and ReadTests, ReadIneligible and
// ReadPending read files that a user names. Lists.Match finds a test by the name that is in a User-Agent;
// Lists.Eligible and Lists.Count say of operations whether they count. All of it is pure.
//
// It does not read OpenAPI documents, and it does not know what a test has asked of the API server.
//
// # Whose rules these are
//
// The lists are Kubernetes' own (k8s.io/kubernetes, test/conformance/testdata). What they mean for an operation is
// defined by nothing but APISnoop, which publishes the programme's coverage (kubernetes-sigs/apisnoop, apps/snoopdb,
// postgres/initdb). Its view conformance.eligible_endpoint is of the operations that are stable and not deprecated
// without those in ineligible_endpoints.yaml, where
//
//   - stable is what has neither "alpha" nor "beta" in its path, but for the two operations of OpenID discovery, which
//     APISnoop takes for beta (300_fn_load_open_api.sql);
//   - deprecated is what says so, in upper or lower case, in its description: the legacy watch paths. Kubernetes does not
//     set OpenAPI's flag;
//   - pending_eligible_endpoints.yaml takes nothing away: since July 2026 its operations are forgiven in the gate that
//     fails on untested ones (505_output_untested_endpoints.sql), and they are counted as eligible still.
//
// So Kubernetes v1.37.2 has 709 operations that are neither in a path of alpha or beta nor deprecated, of which 707 are
// stable to APISnoop and 603 eligible. By the same count v1.36.3 has 563 eligible ones and v1.35.4 has 549, as APISnoop
// published for 1.36.0 and 1.35.0 (resources/coverage/conformance-progress.json).
//
// APISnoop reads the lists of Kubernetes' master branch, whatever release it counts. Load's are a release's own, so that
// the counts of a release do not change when a later one makes another operation ineligible.
//
// Operation IDs have been renamed between minors of Kubernetes. An ID in a list of another minor than the server's may
// be no operation of that server, and is then ignored.
package conformance
