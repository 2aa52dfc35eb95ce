// Package audit reads the API server's audit logs and folds the stages of each request into one traffic.Audit.
//
// It reads events of audit.k8s.io/v1, v1beta1 and v1alpha1, alone or in EventLists, whether one to a line, several to a
// line or one over several lines. It knows neither recordings nor tests, and it keeps nothing of a request's or a
// response's object, of annotations, groups or queries. Reasons why a line is broken do not quote it, but for the names
// of kinds, versions and stages and single characters: lines may hold secrets.
//
// # Why it has a JSON scanner of its own
//
// Logs have gigabytes, of which some twenty short strings of each event are wanted. On one core and events of 1,380
// bytes, encoding/json reads 130 MB/s, and this package 700 MB/s, line by line, into shared strings, while it checks all
// that it skips. Of libraries, sonic read 630 MB/s, go-json-experiment 510 MB/s, simdjson-go 1,030 MB/s, goccy/go-json
// 1,210 MB/s and fastjson 1,900 MB/s, the last two figures without the fields' conversion and simdjson-go's and
// fastjson's without reading fields at all. Those that are faster use unsafe, take strings for valid that are not, or
// build a tree of what is not wanted; a log is not unpacked, nor its requests stored, at such rates. The scanner is
// fuzzed against encoding/json: it accepts the same, but for keys in another case, and reads the same.
package audit
