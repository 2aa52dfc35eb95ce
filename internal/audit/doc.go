// Package audit reads the API server's audit logs and folds the stages of each request into one traffic.Audit.
//
// It reads events of audit.k8s.io/v1, v1beta1 and v1alpha1, alone or in EventLists, whether one to a line, several to a
// line or one over several lines. It knows neither recordings nor tests, and it keeps nothing of a request's or a
// response's object, of annotations, groups or queries.
package audit
