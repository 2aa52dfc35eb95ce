package main

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestRedact(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ args, want string }{
		{"e2e.test|--ginkgo.focus=Secrets should patch a secret", "e2e.test|--ginkgo.focus=Secrets should patch a secret"},
		{"kubectl|--token|abc|get|pods", "kubectl|--token|REDACTED|get|pods"},
		{"kubectl|--token=abc=|get", "kubectl|--token=REDACTED|get"},
		{"x|--token-file=/run/token|--bearer-token-file|/t", "x|--token-file=/run/token|--bearer-token-file|/t"},
		{"env|API_KEY=abc|GITHUB_TOKEN=def|run", "env|API_KEY=REDACTED|GITHUB_TOKEN=REDACTED|run"},
		{"curl|-H|Authorization: Bearer abc.def", "curl|-H|Authorization: Bearer REDACTED"},
		{"x|--url=https://user:pass@host/path@1", "x|--url=https://REDACTED@host/path@1"},
		{"kubectl|delete|secret|my-secret", "kubectl|delete|secret|my-secret"},
		{"x|--password|--token|abc", "x|--password|REDACTED|REDACTED"}, // whichever of the two has a value
	} {
		got := redact(strings.Split(tt.args, "|"))
		if d := cmp.Diff(strings.Split(tt.want, "|"), got); d != "" {
			t.Errorf("%s (-want +got):\n%s", tt.args, d)
		}
	}
}
