package rbac

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestStatuses(t *testing.T) {
	for status, want := range map[int]struct{ successful, authorized bool }{
		101: {true, true}, 200: {true, true}, 201: {true, true}, 304: {false, true}, 400: {false, true}, 401: {}, 403: {},
		404: {false, true}, 409: {false, true}, 429: {}, 500: {}, 503: {}, 0: {},
	} {
		if Successful(status) != want.successful || Authorized(status) != want.authorized {
			t.Errorf("%d: successful %v, authorized %v; want %v", status, Successful(status), Authorized(status), want)
		}
	}
}

func TestMoreIsAskedThanTheVerb(t *testing.T) {
	for _, tt := range []struct {
		asked  string
		status int
		more   string // "": nothing
	}{
		{"patch apps:deployments a x", 201, "create apps:deployments a x"},
		{"update leases a x", 201, "create leases a x"},
		{"patch apps:deployments a x", 200, ""},
		{"create pods a", 201, ""},
		{"get pods/exec a x", 101, "create pods/exec a x"},
		{"get pods/attach a x", 404, "create pods/attach a x"},
		{"get pods/portforward a x", 101, "create pods/portforward a x"},
		{"get pods/log a x", 200, ""},
		{"create pods/exec a x", 101, ""},
		{"get metrics:pods/exec a x", 200, ""},
	} {
		want := accesses(tt.asked)
		if tt.more != "" {
			want = append(want, access(tt.more))
		}
		if diff := cmp.Diff(want, Asked(want[0], tt.status)); diff != "" {
			t.Errorf("%s %d: -want +got\n%s", tt.asked, tt.status, diff)
		}
	}
}

func TestWhatEveryoneMay(t *testing.T) {
	for asked, want := range map[string]bool{
		"get /version": true, "get /version/": true, "get /api": true, "get /apis/apps/v1": true, "get /openapi/v3": true, "get /livez": true,
		"get /livez/ping": false, "get /metrics": false, "get /apiserver": false, "head /version": false,
		"create authorization.k8s.io:selfsubjectaccessreviews": true, "create authorization.k8s.io:selfsubjectrulesreviews": true,
		"create authentication.k8s.io:selfsubjectreviews": true, "create authorization.k8s.io:subjectaccessreviews": false,
		"get authentication.k8s.io:selfsubjectreviews": false, "create selfsubjectreviews": false,
	} {
		if got := EveryoneMay(access(asked)); got != want {
			t.Errorf("%s: %v, want %v", asked, got, want)
		}
	}
}

func TestLimitsAreToldOnceForEachKind(t *testing.T) {
	const group, certificates = "rbac.authorization.k8s.io:", "certificates.k8s.io:"
	for _, tt := range []struct {
		asked []Access
		want  string // a word of each line
	}{
		{accesses("create "+group+"roles a", "update "+group+"clusterroles", "get "+group+"rolebindings a x"), "escalate"},
		{accesses("patch " + group + "clusterrolebindings"), "bind"},
		{accesses("update "+certificates+"certificatesigningrequests/approval", "create "+group+"roles a"), "escalate approve"},
		{accesses("create " + certificates + "clustertrustbundles"), "attest"},
		{accesses("create pods a", "create "+certificates+"certificatesigningrequests"), ""},
	} {
		got, words := Limits(tt.asked), strings.Fields(tt.want)
		if !slices.EqualFunc(got, words, strings.Contains) {
			t.Errorf("%v: %q, want lines with %q", tt.asked, got, words)
		}
	}
}
