// Package rundiff says what changed between two recorded runs: which operations and tests came and went, which tests ask for
// other operations, more or less often, and with other errors. Read asks a recording once, Compare is pure.
//
// It does not compare bodies, durations, bytes or the order of requests, and it does not know which test passed.
//
// # What it must not say
//
// A run of the same code twice differs, and a diff that says so every time is read by nobody. So:
//
//   - Names of objects and namespaces are no part of an operation, nor what tests generate of the names of custom resources.
//   - Discovery (/api, /apis, /openapi, /version and what else is no resource) is asked for by whichever client comes first and
//     answered from its cache to the next. It is compared for the run as a whole.
//   - Watches are counted apart from requests, since clients open them again whenever a connection ends.
//   - Who loses a race for an object gets a 409 and tries again. Such conflicts are no errors that come and go, and neither they nor
//     the reads before the next tries make a test's requests go up; there must be many more of them to be said.
//   - Polling loops repeat requests as long as they have to. A number counts as changed when it does so by more than a share
//     and by a number of requests (Options); one request of a kind that was not there at all always counts. No answer is
//     known by its number alone: that an error came or went is said, that it came more often is not.
package rundiff
