package conformance

import (
	"io"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const testsYAML = `- testname: Pods, run
  codename: '[sig-node] Pods should run a very long name that is folded
    over two lines [Conformance]'
  description: A pod MUST run.
  release: 1.25
  file: test/e2e/common/node/pods.go
`

const ineligibleYAML = `- endpoint: connectCoreV1GetNodeProxy
  reason: Unable to be tested
  link: https://example.com/1
- endpoint: connectCoreV1GetNodeProxy
  reason: another
- endpoint: deleteCoreV1Node
`

const pendingYAML = "---\n# https://example.com/2\n- getLifecycleAPIGroup\n"

func TestReadTests(t *testing.T) {
	got, err := ReadTests(strings.NewReader(testsYAML), "c.yaml")
	if err != nil {
		t.Fatal(err)
	}
	want := []Test{{
		Name:     "[sig-node] Pods should run a very long name that is folded over two lines [Conformance]",
		Testname: "Pods, run", Description: "A pod MUST run.", Release: "1.25", File: "test/e2e/common/node/pods.go",
	}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestReadIneligibleKeepsTheFirstReason(t *testing.T) {
	got, err := ReadIneligible(strings.NewReader(ineligibleYAML), "i.yaml")
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]string{"connectCoreV1GetNodeProxy": "Unable to be tested", "deleteCoreV1Node": ""}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestReadPending(t *testing.T) {
	got, err := ReadPending(strings.NewReader(pendingYAML), "p.yaml")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(map[string]bool{"getLifecycleAPIGroup": true}, got); diff != "" {
		t.Error(diff)
	}
}

func TestReadPendingTakesAnEmptyList(t *testing.T) {
	got, err := ReadPending(strings.NewReader("---\n"), "p.yaml")
	if err != nil || len(got) != 0 {
		t.Errorf("got %v, %v, want nothing", got, err)
	}
}

func TestReadersSayWhatAFileIsNot(t *testing.T) {
	read := map[string]func(io.Reader, string) error{
		"tests":      func(r io.Reader, name string) error { _, err := ReadTests(r, name); return err },
		"ineligible": func(r io.Reader, name string) error { _, err := ReadIneligible(r, name); return err },
		"pending":    func(r io.Reader, name string) error { _, err := ReadPending(r, name); return err },
	}
	for _, test := range []struct{ reader, content, want string }{
		{"tests", "", "conformance tests f.yaml: no test in it"},
		{"tests", ineligibleYAML, `conformance tests f.yaml: entry 1 (testname "") has no codename`},
		{"tests", "a: b", "read f.yaml: want a YAML list of conformance tests, each with a codename: found object instead"},
		{"tests", "- [", "read f.yaml: want a YAML list of conformance tests, each with a codename: "},
		{"tests", strings.Repeat("\n", maxBytes+1), "read f.yaml: more than 16 MiB, want a list of conformance tests"},
		{"ineligible", testsYAML, "ineligible operations f.yaml: entry 1 has no endpoint"},
		{"ineligible", pendingYAML, "read f.yaml: want a YAML list of ineligible operations, each with endpoint and reason: found string instead"},
		{"pending", ineligibleYAML, "read f.yaml: want a YAML list of operation IDs: found object instead"},
		{"pending", "- a\n- ''\n", "pending operations f.yaml: entry 2 is empty"},
	} {
		err := read[test.reader](strings.NewReader(test.content), "f.yaml")
		if err == nil || !strings.HasPrefix(err.Error(), test.want) {
			t.Errorf("%s of %.20q: got error %v, want %s", test.reader, test.content, err, test.want)
		}
	}
}

// A reader either refuses a file or returns only what can be looked up.
func FuzzRead(f *testing.F) {
	for _, seed := range []string{testsYAML, ineligibleYAML, pendingYAML, "", "a: &a [*a]", "- {codename: 1}", "- ~"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, content string) {
		tests, err := ReadTests(strings.NewReader(content), "f")
		for _, test := range tests {
			if test.Name == "" || err != nil {
				t.Errorf("%+v with error %v", test, err)
			}
		}
		if err == nil && len(tests) == 0 {
			t.Error("no test and no error")
		}
		ineligible, err := ReadIneligible(strings.NewReader(content), "f")
		if _, listed := ineligible[""]; listed || err == nil && ineligible == nil {
			t.Errorf("%v with error %v", ineligible, err)
		}
		pending, err := ReadPending(strings.NewReader(content), "f")
		if pending[""] || err == nil && pending == nil {
			t.Errorf("%v with error %v", pending, err)
		}
	})
}
