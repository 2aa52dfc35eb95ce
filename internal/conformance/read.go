package conformance

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"sigs.k8s.io/yaml"
)

// maxBytes bounds what is read of a list, far above the 252 kB of v1.37's conformance.yaml: whoever names another file by
// mistake should not wait for all of it.
const maxBytes = 16 << 20

// ReadTests reads the conformance tests from a file in the form of Kubernetes' test/conformance/testdata/conformance.yaml:
//
//   - testname: Pods, lifecycle
//     codename: '[sig-node] Pods should run [Conformance]'
//     description: …
//     release: v1.9
//     file: test/e2e/common/node/pods.go
//
// Only codename is needed. Name is what errors call the file. A file without tests is an error.
func ReadTests(r io.Reader, name string) ([]Test, error) {
	var entries []struct{ Testname, Codename, Description, Release, File string }
	if err := read(r, name, "conformance tests, each with a codename", &entries); err != nil {
		return nil, err
	}
	if len(entries) == 0 {
		return nil, fmt.Errorf("conformance tests %s: no test in it", name)
	}
	tests := make([]Test, 0, len(entries))
	for i, e := range entries {
		if e.Codename == "" {
			return nil, fmt.Errorf("conformance tests %s: entry %d (testname %q) has no codename", name, i+1, e.Testname)
		}
		tests = append(tests, Test{
			Name: e.Codename, Testname: e.Testname, Description: e.Description, Release: e.Release, File: e.File,
		})
	}
	return tests, nil
}

// ReadIneligible reads operation IDs and why each is not eligible, from a file in the form of Kubernetes'
// test/conformance/testdata/ineligible_endpoints.yaml:
//
//   - endpoint: connectCoreV1GetNodeProxy
//     reason: Unable to be tested, and likely soon deprecated
//     link: https://github.com/kubernetes/kubernetes/issues/95930
//
// Only endpoint is needed; of one that is listed twice, the first reason stands. Name is what errors call the file.
func ReadIneligible(r io.Reader, name string) (map[string]string, error) {
	var entries []struct{ Endpoint, Reason string }
	if err := read(r, name, "ineligible operations, each with endpoint and reason", &entries); err != nil {
		return nil, err
	}
	reasons := make(map[string]string, len(entries))
	for i, e := range entries {
		if e.Endpoint == "" {
			return nil, fmt.Errorf("ineligible operations %s: entry %d has no endpoint", name, i+1)
		}
		if _, listed := reasons[e.Endpoint]; !listed {
			reasons[e.Endpoint] = e.Reason
		}
	}
	return reasons, nil
}

// ReadPending reads operation IDs from a file in the form of Kubernetes'
// test/conformance/testdata/pending_eligible_endpoints.yaml, a list of them which is often empty:
//
//   - getLifecycleAPIGroup
//
// Name is what errors call the file.
func ReadPending(r io.Reader, name string) (map[string]bool, error) {
	var entries []string
	if err := read(r, name, "operation IDs", &entries); err != nil {
		return nil, err
	}
	pending := make(map[string]bool, len(entries))
	for i, id := range entries {
		if id == "" {
			return nil, fmt.Errorf("pending operations %s: entry %d is empty", name, i+1)
		}
		pending[id] = true
	}
	return pending, nil
}

// read reads a YAML list of something, as want describes it, into entries.
func read(r io.Reader, name, want string, entries any) error {
	data, err := io.ReadAll(io.LimitReader(r, maxBytes+1))
	if err != nil {
		return fmt.Errorf("read %s: %w", name, err)
	}
	if len(data) > maxBytes {
		return fmt.Errorf("read %s: more than %d MiB, want a list of %s", name, maxBytes>>20, want)
	}
	if err := yaml.Unmarshal(data, entries); err != nil {
		return fmt.Errorf("read %s: want a YAML list of %s: %w", name, want, found(err))
	}
	return nil
}

// found says what stands in a file where something else was wanted, without the names of this package's types.
func found(err error) error {
	var other *json.UnmarshalTypeError // the YAML library decodes by way of JSON
	if errors.As(err, &other) {
		return fmt.Errorf("found %s instead", other.Value)
	}
	return err
}
