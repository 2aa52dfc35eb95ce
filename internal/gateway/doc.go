// Package gateway forwards requests to a Kubernetes API server unchanged and reports each exactly once.
//
// It terminates TLS with a certificate authority of its own, decides with whose credentials a request goes on (see
// identity.go), streams both ways, and tells a Recorder what it saw before the client sees the end of the answer. It
// never gives a request more privilege than its client had, and never invents an answer of the API server: where the
// API server cannot be reached, the client's connection breaks as it would without a proxy.
//
// It knows nothing of tests, SQL or processes.
package gateway
