// Package spec knows when which test ran: from what a test program prints, as it streams by, and from the files of
// results that test programs leave behind. It understands ginkgo (1 and 2), go test (with -v or -json), TAP, and JUnit's
// XML. A Scanner reads output; ReadResults reads a file; FindResults finds the files that a command line names;
// ReadLog reads the output of a run that is over, by the times that it prints.
//
// It does not decide which request belongs to which test, has no clock of its own (times are those that the caller read
// the output at, or those that are printed), starts nothing, and opens no file.
//
// # What output can tell
//
// ginkgo prints a spec's header when the spec begins only with -v or -vv and in one process; in parallel processes it
// prints each spec when it ends. Without -v it prints a dot, and no name unless the spec fails. go test prints the
// beginning with -v or -json only, and for several packages at once it keeps the output of all but the first until they
// are done, so that only -json, which has times of its own, tells when their tests ran. TAP has no beginnings at all.
//
// Without colours, the first spec of a suite is told with the line after its header, which tells whether the header has
// more lines; all others, and all with colours, are told with the header's last line.
//
// What cannot be told from the text alone is decided as is right for the Kubernetes suite; see splitPlain.
package spec
