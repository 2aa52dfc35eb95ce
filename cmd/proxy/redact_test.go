package main

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestRedact(t *testing.T) {
	t.Parallel()
	const token = "abcdefghijklmnopqrstuvwxyz_-0123456789ABCD-" // as long as a real one
	for _, tt := range []struct{ args, want string }{
		{"e2e.test|--ginkgo.focus=Secrets should patch a secret", "e2e.test|--ginkgo.focus=Secrets should patch a secret"},
		{"kubectl|--token|abc|get|pods", "kubectl|--token|REDACTED|get|pods"},
		{"kubectl|--token=abc=|get", "kubectl|--token=REDACTED|get"},
		{"x|--token-file=/run/token|--bearer-token-file|/t", "x|--token-file=/run/token|--bearer-token-file|/t"},
		{"env|API_KEY=abc|GITHUB_TOKEN=def|run", "env|API_KEY=REDACTED|GITHUB_TOKEN=REDACTED|run"},
		{"curl|-H|Authorization: Bearer abc.def", "curl|-H|Authorization: Bearer REDACTED"},
		{"x|--url=https://user:pass@host/path@1", "x|--url=https://REDACTED@host/path@1"},
		{"sh|-c|export API_TOKEN=abc; kubectl get", "sh|-c|export API_TOKEN=REDACTED"},
		{"x|eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJ4In0.c2ln", "x|REDACTED"},
		{"curl|-d|test=x|http://127.0.0.1:1/" + token + "/e2e/mark", "curl|-d|test=x|http://127.0.0.1:1/REDACTED/e2e/mark"},
		{"env|E2ETAP_URL=http://127.0.0.1:12345/" + token + "|x", "env|E2ETAP_URL=http://127.0.0.1:12345/REDACTED|x"},
		{"kubectl|delete|secret|my-secret", "kubectl|delete|secret|my-secret"},
		{"x|--password|--token|abc", "x|--password|REDACTED|REDACTED"}, // whichever of the two has a value
	} {
		got := redact(strings.Split(tt.args, "|"))
		if d := cmp.Diff(strings.Split(tt.want, "|"), got); d != "" {
			t.Errorf("%s (-want +got):\n%s", tt.args, d)
		}
	}
}

func TestRedactProcess(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ args, want string }{
		{"/bin/kubectl|create|secret|generic|x|--from-literal=key=abc", "/bin/kubectl|create|secret|generic|x|--from-literal=REDACTED"},
		{"kubectl|create|secret|generic|x|--from-literal|key=abc", "kubectl|create|secret|generic|x|--from-literal|REDACTED"},
		{"kubectl|exec|pod|-i|--|sh|-c|echo abc", "kubectl|exec|pod|-i|--|REDACTED"},
		{"kubectl|patch|secret|x|-p|{\"data\":1}", "kubectl|patch|secret|x|-p|REDACTED"},
		{"kubectl|get|pods|--token=abc", "kubectl|get|pods|--token=REDACTED"},
		{"curl|-u|me:abc|https://x", "curl|-u|REDACTED|https://x"},
		{"e2e.test|--|-p|x", "e2e.test|--|-p|REDACTED"},
		{"kubectl|get|pods|-p", "kubectl|get|pods|-p"},
	} {
		got := redactProcess(strings.Split(tt.args, "|"))
		if d := cmp.Diff(strings.Split(tt.want, "|"), got); d != "" {
			t.Errorf("%s (-want +got):\n%s", tt.args, d)
		}
	}
}
