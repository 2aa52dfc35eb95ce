// Package focus says which tests of a run ask for few operations, and which operations few tests ask for: a test that does both was
// probably written for its operation, which the others hit by the way (kubernetes/kubernetes#85487).
//
// Look counts, from a coverage.Run and the phases of its requests; Run.Tests and Run.Operations tell. It renders nothing.
//
// # Framework noise
//
// Nearly every test of Kubernetes' suite makes a namespace, waits for what controllers put into it, and deletes it. Operations that
// the framework asks for would hide the others, so they do not count for tests. They are found by measurement. An operation is noise
// if
//
//   - at least a share of the tests ask for it (see Look), and
//   - where the phases of these tests are known, more than half of them do so only outside of their bodies: in set-up and clean-up,
//     or when they are over.
//
// Phases are known if the results of the run were imported or marks told of them; without, the share alone decides. Tests count,
// not requests: one test that polls would outweigh all others. Of few tests nothing can be said, see MinTests.
package focus
