//go:build linux

package main

import "fmt"

// sample is what the requests of a measurement ask for and say of themselves.
type sample struct {
	paths  []string
	agents []string // one for each test
}

const (
	sampleTests   = 20
	sampleObjects = 15 // of each test
)

// newSample imitates an e2e run: tests with long names, each with a namespace of its own and some objects in it.
func newSample() sample {
	var s sample
	for test := range sampleTests {
		s.agents = append(s.agents, fmt.Sprintf("e2e.test/v1.37.2 (linux/amd64) kubernetes/0a1b2c3d4e5f6a7b8c9d -- "+
			"[sig-node] Pods Extended Feature %02d should be submitted, observed and removed as case %d of the "+
			"specification says [NodeConformance] [Conformance]", test, 1000+test))
		namespace := fmt.Sprintf("pods-extended-%d", 1000+test*37)
		for object := range sampleObjects {
			s.paths = append(s.paths, path(namespace, object))
		}
	}
	return s
}

func path(namespace string, object int) string {
	switch object % 5 {
	case 0:
		return fmt.Sprintf("/api/v1/namespaces/%s/pods?labelSelector=case%%3D%d&limit=500", namespace, object)
	case 1:
		return fmt.Sprintf("/apis/apps/v1/namespaces/%s/deployments/web-%d", namespace, object)
	case 2:
		return fmt.Sprintf("/api/v1/namespaces/%s/configmaps/settings-%d", namespace, object)
	default:
		return fmt.Sprintf("/api/v1/namespaces/%s/pods/pod-submit-remove-%d-0a1b2c3d", namespace, object)
	}
}

// request returns the path and the User-Agent of the i-th request. Tests take turns, as in a parallel run.
func (s sample) request(i int) (path, agent string) {
	test := i % sampleTests
	object := i / sampleTests % sampleObjects
	return s.paths[test*sampleObjects+object], s.agents[test]
}
