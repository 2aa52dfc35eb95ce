// Package db is the recording: a SQLite file of runs, connections and requests, a writer that never makes a request wait
// for SQLite, and the queries that report asks. It formats no output and knows nothing of HTTP.
//
// # How a row gets in
//
// A [Recorder] appends each record to the pending file (the recording's name with "-pending" behind it) by one write(2),
// which survives the death of the process and costs less than a microsecond. One goroutine, the applier, reads that file
// like any reader would and inserts what it finds into SQLite in batches. What many requests share stands in a record as one
// piece of bytes, which the applier looks up as it is and takes apart only if it is new. The transaction that inserts a batch also
// stores how far the pending file has been applied, so every record is applied exactly once, and what a killed process
// left behind is applied by the same code when the recording is opened next. The applier keeps no queue in memory: if SQLite
// stalls, because another program holds the lock or the disk is full, the pending file grows and nothing else does.
//
// A lock on the pending file tells a living recorder from a dead one. [OpenReader] therefore knows whether to look
// at a recording in progress or to complete it first.
//
// # What is kept
//
// The schema (schema/*.sql) says what each column means. Rows hold integers; strings and combinations that repeat stand
// once in tables of their own; the views requests, tests, runs and connections put them together for people. The
// tables summary and summary_parts hold what report groups by, summed in the transaction of the rows themselves.
package db
