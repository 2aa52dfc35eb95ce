package rbac

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestNames(t *testing.T) {
	long := strings.Repeat("ab ", 40)
	for text, want := range map[string]string{
		"[sig-node] Pods should run":             "e2etap-sig-node-pods-should-run",
		"kubectl":                                "e2etap-kubectl",
		"-- A  b/ü.c --":                         "e2etap-a-b-c",
		"":                                       "e2etap-e3b0c442",
		"ü":                                      "e2etap-",
		long:                                     "e2etap-ab-",
		long + "c":                               "e2etap-ab-",
		strings.Repeat("a", 56):                  "e2etap-" + strings.Repeat("a", 56),
		strings.Repeat("a", 46) + " bbbb bbbbbb": "e2etap-" + strings.Repeat("a", 46) + "-",
	} {
		got := Name(text)
		if exact := !strings.HasSuffix(want, "-"); got != want && exact || !strings.HasPrefix(got, want) || !isLabel(got) {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
	if Name(long) == Name(long+"c") {
		t.Errorf("two long names are both %q", Name(long))
	}
}

func FuzzNamesAreValid(f *testing.F) {
	f.Add("[sig-node] Pods\x1b[31m \xff")
	f.Add(strings.Repeat("-a", 99))
	f.Fuzz(func(t *testing.T, text string) {
		if got := Name(text); !isLabel(got) {
			t.Errorf("%q: %q is not a DNS-1123 label", text, got)
		}
	})
}

func TestSubjects(t *testing.T) {
	for text, want := range map[string]Subject{
		"serviceaccount:kube-system/a.b": {Kind: "ServiceAccount", Name: "a.b", Namespace: "kube-system"},
		"user:system:admin":              {Kind: "User", Name: "system:admin", APIGroup: apiGroup},
		"group:a b":                      {Kind: "Group", Name: "a b", APIGroup: apiGroup},
	} {
		got, err := ParseSubject(text)
		if diff := cmp.Diff(want, got); err != nil || diff != "" {
			t.Errorf("%q: %v, -want +got\n%s", text, err, diff)
		}
	}
	for _, text := range []string{"", "user", "user:", "serviceaccount:a", "serviceaccount:a/", "serviceaccount:/a", "serviceaccount:a.b/c", "serviceaccount:a/B", "robot:a"} {
		if got, err := ParseSubject(text); err == nil || !strings.Contains(err.Error(), "want serviceaccount:NAMESPACE/NAME") {
			t.Errorf("%q: %+v, %v; want an error", text, got, err)
		}
	}
}

// The objects' JSON is compared, since that is what Kubernetes reads.
func TestEachRoleIsFollowedByItsBinding(t *testing.T) {
	rules := Rules{Cluster: []Rule{{NonResourceURLs: []string{"/x"}, Verbs: []string{"get"}}}, Namespaces: map[string][]Rule{
		"b": {{APIGroups: []string{""}, Resources: []string{"pods"}, Verbs: []string{"get"}}},
		"a": {{APIGroups: []string{""}, Resources: []string{"pods"}, ResourceNames: []string{"p"}, Verbs: []string{"get"}}},
	}}
	const head, subjects = `{"apiVersion":"rbac.authorization.k8s.io/v1","kind":`, `"subjects":[{"kind":"ServiceAccount","name":"s","namespace":"n"}]}`
	want := []string{
		head + `"ClusterRole","metadata":{"name":"m"},"rules":[{"nonResourceURLs":["/x"],"verbs":["get"]}]}`,
		head + `"ClusterRoleBinding","metadata":{"name":"m"},"roleRef":{"apiGroup":"rbac.authorization.k8s.io","kind":"ClusterRole","name":"m"},` + subjects,
		head + `"Role","metadata":{"name":"m","namespace":"a"},"rules":[{"apiGroups":[""],"resources":["pods"],"resourceNames":["p"],"verbs":["get"]}]}`,
		head + `"RoleBinding","metadata":{"name":"m","namespace":"a"},"roleRef":{"apiGroup":"rbac.authorization.k8s.io","kind":"Role","name":"m"},` + subjects,
		head + `"Role","metadata":{"name":"m","namespace":"b"},"rules":[{"apiGroups":[""],"resources":["pods"],"verbs":["get"]}]}`,
		head + `"RoleBinding","metadata":{"name":"m","namespace":"b"},"roleRef":{"apiGroup":"rbac.authorization.k8s.io","kind":"Role","name":"m"},` + subjects,
	}
	if diff := cmp.Diff(want, marshalled(t, Objects(rules, Metadata{Name: "m"}, []Subject{{Kind: "ServiceAccount", Name: "s", Namespace: "n"}}))); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
	roles := []string{want[0], want[2], want[4]}
	if diff := cmp.Diff(roles, marshalled(t, Objects(rules, Metadata{Name: "m"}, nil))); diff != "" {
		t.Errorf("without subjects: -want +got\n%s", diff)
	}
}

func marshalled(t *testing.T, objects []Object) (lines []string) {
	t.Helper()
	for i := range objects {
		b, err := json.Marshal(&objects[i])
		if err != nil {
			t.Fatal(err)
		}
		lines = append(lines, string(b))
	}
	return lines
}
