// Package view makes what the browser shows of a recorded run out of a recording: a [Model] of the run with its tests, specs and
// endpoints, its [Activity] over time, the [Operations] of its API server, why requests have no test ([Unattributed]), what only an
// imported audit log has ([Audited]), and the requests of tests in [Columns]. Its JSON is what the pages of internal/web read, whether
// it comes in the file or over the network. It renders nothing and knows no HTTP.
//
// # Numbers
//
// All sums are those of report, by the same names: they come from [db.Reader.Summarize]. Times are in milliseconds since the run's
// start, good to a microsecond, and may be below 0 for what began earlier.
//
// # Operations
//
// A [db.Endpoint] is enough to tell a request's OpenAPI operation. [Model.Endpoints] has one element for each of them, and
// [Model.Uses] counts by them, so that an operation is one more field of [Endpoint]: its place in [Operations], which internal/coverage
// has read and judged as for "report coverage".
package view
