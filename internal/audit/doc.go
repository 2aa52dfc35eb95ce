// Package audit reads the API server's audit logs and folds the stages of each request into one traffic.Audit.
//
// It reads events of audit.k8s.io/v1, v1beta1 and v1alpha1, alone or in EventLists, whether one to a line, several to a
// line or one over several lines. It knows neither recordings nor tests, and it keeps nothing of a request's or a
// response's object, of annotations, groups or queries. Reasons why a line is broken do not quote it, but for the names
// of kinds, versions and stages and single characters: lines may hold secrets.
//
// # Why it has a JSON scanner of its own
//
// Logs have gigabytes, of which some twenty short strings of each event are wanted. On one core of an AMD EPYC and events
// of 1,380 bytes, encoding/json reads 130 MB/s, and this package 700 MB/s, cut into lines, with times parsed and strings
// shared. Libraries, given the lines and leaving times as strings, read 510 MB/s (go-json-experiment v1.27.2), 630 MB/s
// (sonic v1.15.5) and 1,210 MB/s (goccy/go-json v0.12.0); simdjson-go v0.4.5 and fastjson v1.6.10 parse 1,030 and 1,900
// MB/s before any field is read. What they gain is less than what unpacking a log and storing its requests takes, and the
// scanner needs no dependency, leaves a query unread, and is fuzzed against encoding/json: it accepts the same, but for
// keys in another case, and reads the same.
package audit
