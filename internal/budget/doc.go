// Package budget holds a recorded run against limits that people write in YAML: how many requests, errors, bytes and so on a
// test, a client or the run as a whole may have. Parse reads a budget, Check measures a run in one pass over its requests, Start
// writes a budget from what a run has, and WriteJUnit tells a CI system.
//
// It does not compare runs (package rundiff does), and it has no opinion of its own: what no limit names is allowed.
package budget
