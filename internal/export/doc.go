// Package export writes what is known of a run in the forms that other programs read.
//
// NewAPISnoop makes the coverage file of APISnoop, NewEntries what APISnoop's first version for tests, e2e-audit-correlate, made of
// an audit log and the times of specs. Neither reads files, and nothing here is fetched.
package export
