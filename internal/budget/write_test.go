package budget

import (
	"encoding/xml"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"e2etap/internal/traffic"
)

func TestJUnitHasACaseForEachLimitAndSubject(t *testing.T) {
	b, err := Parse([]byte("limits:\n- {name: few, test: '*', requests: 1, errors4xx: 0}\n- {name: rest, test: '', requests: 9}\n- {name: other, test: x, max: 1s}\n"))
	if err != nil {
		t.Fatal(err)
	}
	r, run := recorded(t, request("one", "e2e", "get", status(404)), request("one", "e2e", "get"), request("<t\x1b>", "e2e", "get"), request("", "e2e", "get"))
	result, err := Check(r, run, b)
	if err != nil {
		t.Fatal(err)
	}
	const cases = `<?xml version="1.0" encoding="UTF-8"?>
<testsuites tests="4" failures="1">
  <testsuite name="e2etap budget of r" tests="4" failures="1" errors="0" skipped="1" time="0" timestamp="1970-01-01T00:00:01">
    <testcase classname="few" name="&lt;t` + "\uFFFD" + `&gt;" time="0"></testcase>
    <testcase classname="few" name="one" time="0">
      <failure message="requests: 2, want at most 1; see request 2" type="requests">requests: 2, want at most 1; see request 2&#xA;errors4xx: 1, want at most 0; see request 1</failure>
    </testcase>
    <testcase classname="rest" name="(no test)" time="0"></testcase>
    <testcase classname="other" name="matches nothing" time="0">
      <skipped message="no request is of test &#34;x&#34;"></skipped>
    </testcase>
  </testsuite>
</testsuites>
`
	var out strings.Builder
	if err := WriteJUnit(&out, run, result, false); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(cases, out.String()); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
}

func TestStrictJUnitFailsWhatMatchesNothing(t *testing.T) {
	r, run := recorded(t)
	b, err := Parse([]byte("limits:\n- {name: a, client: x, requests: 1}\n"))
	if err != nil {
		t.Fatal(err)
	}
	result, err := Check(r, run, b)
	if err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	if err := WriteJUnit(&out, run, result, true); err != nil {
		t.Fatal(err)
	}
	var got xmlSuites
	if err := xml.Unmarshal([]byte(out.String()), &got); err != nil {
		t.Fatal(err)
	}
	want := &xmlMessage{Message: `no request is of client "x"`, Type: "unmatched"}
	if diff := cmp.Diff(want, got.Suites[0].Cases[0].Failure); diff != "" || got.Failures != 1 {
		t.Errorf("%d failures, -want +got\n%s", got.Failures, diff)
	}
}

func TestARunKeepsToItsStartingBudget(t *testing.T) {
	var all []traffic.Request
	for i := range 60 {
		all = append(all, request([]string{"", "one", "two"}[i%3], []string{"e2e", "kubectl"}[i%2], []string{"get", "list", "watch"}[i%3],
			status([]int{200, 404, 503}[i%3]), bytes(int64(i*777), int64(i*54321)), took(time.Duration(i)*1234567)))
	}
	r, run := recorded(t, all...)
	var out strings.Builder
	if err := Start(&out, r, run); err != nil {
		t.Fatal(err)
	}
	b, err := Parse([]byte(out.String()))
	if err != nil {
		t.Fatalf("%v in\n%s", err, out.String())
	}
	if len(b.Limits) != len(sections()) {
		t.Errorf("%d limits, want one for each of %d sections", len(b.Limits), len(sections()))
	}
	result, err := Check(r, run, b)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range result.Findings {
		for _, m := range f.Measures {
			if m.Over() {
				t.Errorf("%s, %s: %s %d, allowed %d", f.Limit.Name, f.Subject, m.Metric, m.Measured, m.Allowed)
			}
		}
	}
}

func TestAStartingBudgetHasAFifthMore(t *testing.T) {
	for _, test := range []struct {
		metric       Metric
		amount, want int64
	}{
		{Requests, 0, 0}, {Requests, 1, 2}, {Requests, 10, 12}, {Requests, 1001, 1202},
		{BytesOut, 0, 0}, {BytesOut, 10, 12}, {BytesOut, 10_000, 12 << 10}, {BytesOut, 1 << 20, 1229 << 10},
		{P99, 0, 0}, {P99, int64(1500 * time.Microsecond), int64(2 * time.Millisecond)},
		{Max, int64(1234 * time.Millisecond), int64(1500 * time.Millisecond)},
	} {
		if got := test.metric.roomy(test.amount); got != test.want {
			t.Errorf("%s %d: %d, want %d", test.metric, test.amount, got, test.want)
		}
	}
}
