// Package acceptance proves the product on real input: the real proxy and report commands between a real kube-apiserver
// and the real e2e.test and kubectl. It has tests only.
package acceptance
