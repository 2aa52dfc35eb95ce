// Package coverage says which operations of its API server a recorded run has asked for: how often, with what success, and
// for which tests.
//
// Load counts, from the summary of the recording and the operations that were stored with the run; Run.Judge adds what the
// conformance programme says of operations and tests; Run.Summarize groups, and Run.ConformanceTests tells how the
// programme's tests ended. It fetches and renders nothing.
//
// # What counts
//
// A request is a hit, whatever the answer, and also without one. It is a success if the answer's status is 2xx, or 101, with
// which exec, attach and portforward begin. A watch of a list counts for the operation of the legacy watch path, which is
// the only one that the documents have for it. Where there is none, as for custom resources, it counts for the list, and
// among its Watches.
//
// What no operation has is in Run.Unresolved: /healthz, /metrics and /openapi are nowhere documented, nor is the discovery
// of groups of custom resources.
package coverage
