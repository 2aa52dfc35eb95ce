package budget

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

const full = `# a comment
---
limits:
- name: no test floods the API server
  test: "*"
  requests: 2000
  watches: 50
  errors5xx: 0
  errors4xx: 100
  p99: 2s
  max: 1m30s
  bytesOut: 100Mi
  bytesIn: 1024
- name: no unbounded lists of pods
  run: {}
  client: kubectl
  userAgent: "*linux*"
  verb: list
  resource: pods
  namespace: "pods-*"
  unlimitedLists: 0
  deprecated: 0
`

func TestParseReadsEveryKey(t *testing.T) {
	b, err := Parse([]byte(full))
	if err != nil {
		t.Fatal(err)
	}
	to := func(s string) *string { return &s }
	if got, want := b.Limits[0].bounds(), []bound{
		{Requests, 2000}, {Watches, 50}, {Errors4xx, 100}, {Errors5xx, 0}, {BytesIn, 1024}, {BytesOut, 100 << 20},
		{P99, int64(2 * time.Second)}, {Max, int64(90 * time.Second)},
	}; !cmp.Equal(got, want, cmp.AllowUnexported(bound{})) {
		t.Errorf("bounds %v, want %v", got, want)
	}
	zero := int64(0)
	want := &Limit{
		Name: "no unbounded lists of pods", Run: &struct{}{}, Client: to("kubectl"), UserAgent: to("*linux*"), Verb: "list", Resource: "pods",
		Namespace: "pods-*", UnlimitedLists: &zero, Deprecated: &zero,
	}
	if diff := cmp.Diff(want, b.Limits[1]); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
}

func TestParseSaysWhatIsWrong(t *testing.T) {
	for text, want := range map[string]string{
		"":                                     "no limits in it: want a list named limits",
		"limits: []":                           "no limits in it: want a list named limits",
		"- a":                                  "json: cannot unmarshal array into Go value of type budget.Budget",
		"limits:\n- requests: 1":               "limit 1 has no name",
		"limits:\n-":                           "limit 1 has no name",
		"limits:\n- name: a\n  test: b":        `limit "a" limits nothing: want one of requests, watches, errors4xx, errors5xx, unlimitedLists, deprecated, bytesIn, bytesOut, p99, max`,
		"limits:\n- name: a\n  requests: -1":   `limit "a" has requests: -1: want 0 or more`,
		"limits:\n- name: a\n  request: 1":     `line 3: unknown key "request"`,
		"limits:\n- {name: a, request: 1}":     `line 2: unknown key "request"`,
		"limit:\n- name: a\n  requests: 1":     `line 1: unknown key "limit"`,
		"limits:\n- name: a\n  requests: many": `line 3: key "requests" cannot be a string`,
		"limits:\n- name: a\n  requests: 1.5":  `line 3: key "requests" cannot be a number`,
		"limits:\n- name: a\n  run: {pods: 1}": `line 3: unknown key "pods"`,
		"limits:\n- name: a\n  name: b":        "yaml: unmarshal errors:\n  line 3: key \"name\" already set in map",
		"limits:\n- name: a\n  p99: 2":         "2: want a duration, such as 2s",
		"limits:\n- name: a\n  p99: -2s":       "-2s: want a duration, such as 2s",
		"limits:\n- name: a\n  bytesOut: 1MB":  "1MB: want a number of bytes, such as 100Mi",
		"limits:\n- name: a\n  bytesOut: -1":   "-1: want a number of bytes, such as 100Mi",
		"limits:\n- name: a\n  bytesOut: 1e30": "1e+30: want a number of bytes, such as 100Mi",
		"limits:\n- name: a\n  bytesOut: 0.5":  "0.5: want a number of bytes, such as 100Mi",
		"limits:\n- {name: a, requests: 1}\n---\nlimits:\n- {name: b, requests: 1}": "line 3 begins another document: want one",
		"limits:\n- {name: a, requests: 1}\n- {name: a, requests: 2}":               `limit 2: another one is named "a", too`,
	} {
		b, err := Parse([]byte(text))
		if err == nil || err.Error() != want {
			t.Errorf("%q: %v, %v; want %s", text, b, err, want)
		}
	}
}

func TestBytesAreWrittenAsTheyAreRead(t *testing.T) {
	for text, want := range map[string]string{
		"1024": "1Ki", "100Mi": "100Mi", "1.5Gi": "1.5Gi", "10M": "9.54Mi", "0": "0", "1023": "1023", "1048577": "1048577", "2Ti": "2Ti", `"3k"`: "2.93Ki",
	} {
		var b Bytes
		if err := b.UnmarshalJSON([]byte(text)); err != nil || b.String() != want {
			if err = b.UnmarshalJSON([]byte(`"` + text + `"`)); err != nil || b.String() != want {
				t.Errorf("%s: %s, %v; want %s", text, b, err, want)
			}
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add(full)
	f.Add("limits:\n- {name: a, requests: 1}\n---\n")
	f.Add("limits:\n- {name: a, bytesOut: .inf}")
	f.Fuzz(func(t *testing.T, text string) {
		b, err := Parse([]byte(text))
		if err != nil {
			if strings.TrimSpace(err.Error()) == "" {
				t.Error("an error without a word")
			}
			return
		}
		for _, l := range b.Limits {
			if l.Name == "" || len(l.bounds()) == 0 {
				t.Errorf("%+v: want a name, and something that is limited", l)
			}
			for _, bound := range l.bounds() {
				if bound.allowed < 0 {
					t.Errorf("%+v: allows %d", l, bound.allowed)
				}
			}
		}
	})
}
