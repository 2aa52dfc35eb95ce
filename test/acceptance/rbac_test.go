package acceptance

import (
	"bytes"
	"context"
	"errors"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	authorizationv1 "k8s.io/api/authorization/v1"
	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/yaml"
	"k8s.io/client-go/kubernetes"

	"e2etap/internal/clustertest"
)

// rbacFocus chooses a spec that sends its requests by itself, and one that has kubectl send them.
const rbacFocus = "ConfigMap should run through a ConfigMap lifecycle|Kubectl patch should add annotations for pods in rc"

// TestRolesAreTheLeast makes roles from the requests of real specs and applies them with kubectl. The API server must then allow a
// service account that has nothing else what each spec asked for, and without any one element of any rule it must not.
func TestRolesAreTheLeast(t *testing.T) {
	cluster := clustertest.Start(t)
	db := filepath.Join(t.TempDir(), "e2e.db")
	if _, err := proxied(t, cluster, "server", db, cluster.E2ETest(), "--provider=skeleton", "--kubectl-path="+cluster.Kubectl(),
		"--ginkgo.no-color", "--ginkgo.v", "--ginkgo.focus="+rbacFocus); err != nil {
		t.Fatal("the suite fails") // its output is in the log
	}
	tests := questionsByTest(rows(t, cluster, db, "server"))
	delete(tests, "") // the suite's own
	if len(tests) != 2 {
		t.Fatalf("requests of %d specs, want 2: %q", len(tests), slices.Collect(maps.Keys(tests)))
	}
	for test, q := range tests {
		for form, flags := range map[string][]string{
			"roles": nil, "roles names": {"--resource-names"},
			"cluster-wide": {"--cluster-wide"}, "cluster-wide names": {"--cluster-wide", "--resource-names"},
		} {
			t.Run(test+"/"+form, func(t *testing.T) {
				a := newAccount(t, cluster)
				file := filepath.Join(t.TempDir(), "rbac.yaml")
				a.grant(t, cluster, file, append([]string{"--db", db, "--test", test}, flags...)...)
				a.mayAsk(t, slices.Concat(q.succeeded, q.others))
				removed := 0
				for _, role := range a.roles {
					removed += a.needsAll(t, role, slices.Concat(q.succeeded, q.others))
				}
				t.Logf("%d requests that succeeded and %d others are allowed; none of %d elements of rules is too much",
					len(q.succeeded), len(q.others), removed)
				if removed < 10 {
					t.Errorf("%d elements, want enough to tell", removed)
				}
			})
		}
	}
}

// questions are what the API server's authorizer was asked, each once.
type questions struct {
	succeeded, others []authorizationv1.SubjectAccessReviewSpec
}

// questionsByTest takes from each test's rows what the API server lets be known of its own questions.
func questionsByTest(list []row) map[string]*questions {
	tests, seen := map[string]*questions{}, map[string]bool{}
	for _, r := range list {
		asked := []authorizationv1.SubjectAccessReviewSpec{specOf(r)}
		if r.Status == 201 && (r.Verb == "patch" || r.Verb == "update") {
			r.Verb = "create"
			asked = append(asked, specOf(r))
		}
		if r.Status == 401 || r.Status == 403 || r.Status == 429 || r.Status == 0 || r.Status >= 500 {
			continue
		}
		if tests[r.Test] == nil {
			tests[r.Test] = &questions{}
		}
		to := &tests[r.Test].others
		if r.Status/100 == 2 || r.Status == 101 {
			to = &tests[r.Test].succeeded
		}
		for _, a := range asked {
			if key := r.Test + a.String(); !seen[key] {
				seen[key] = true
				*to = append(*to, a)
			}
		}
	}
	return tests
}

func specOf(r row) (s authorizationv1.SubjectAccessReviewSpec) {
	if r.Resource == "" {
		s.NonResourceAttributes = &authorizationv1.NonResourceAttributes{Path: r.Path, Verb: r.Verb}
		return s
	}
	resource, sub, _ := strings.Cut(r.Resource, "/")
	s.ResourceAttributes = &authorizationv1.ResourceAttributes{
		Namespace: r.Namespace, Verb: r.Verb, Group: r.Group, Version: r.Version, Resource: resource, Subresource: sub, Name: r.Name,
	}
	return s
}

// account is a service account and the roles that it was given. Questions name it without its groups, so that what every user may do
// does not answer them.
type account struct {
	client          *kubernetes.Clientset
	namespace, name string
	roles           []*rbacv1.ClusterRole // Roles, too, which have the same fields
}

func newAccount(t *testing.T, c *clustertest.Cluster) *account {
	t.Helper()
	config := c.RESTConfig(t)
	config.QPS = -1
	a := &account{client: kubernetes.NewForConfigOrDie(config), name: "robot"}
	a.namespace = createNamespace(t, a.client, corev1.Namespace{ObjectMeta: metav1.ObjectMeta{GenerateName: "e2etap-rbac-"}})
	_, err := a.client.CoreV1().ServiceAccounts(a.namespace).Create(t.Context(),
		&corev1.ServiceAccount{ObjectMeta: metav1.ObjectMeta{Name: a.name}}, metav1.CreateOptions{})
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// createNamespace makes a namespace, once what has its name is gone, and deletes it when the test ends.
func createNamespace(t *testing.T, client *kubernetes.Clientset, n corev1.Namespace) string {
	t.Helper()
	var name string
	poll(t, "create namespace "+n.Name, func() error {
		made, err := client.CoreV1().Namespaces().Create(t.Context(), &n, metav1.CreateOptions{})
		if err == nil {
			name = made.Name
		}
		return err
	})
	t.Cleanup(func() {
		if err := client.CoreV1().Namespaces().Delete(context.Background(), name, metav1.DeleteOptions{}); err != nil {
			t.Error(err)
		}
	})
	return name
}

// poll calls do until it succeeds.
func poll(t *testing.T, what string, do func() error) {
	t.Helper()
	err := do()
	for deadline := time.Now().Add(time.Minute); err != nil; err = do() {
		if time.Now().After(deadline) {
			t.Fatalf("%s: %v", what, err)
		}
		time.Sleep(10 * time.Millisecond)
	}
}

// grant has kubectl apply what "report rbac" writes for the account, in namespaces that are made again if need be.
func (a *account) grant(t *testing.T, c *clustertest.Cluster, file string, args ...string) {
	t.Helper()
	args = append([]string{"rbac", "--bind-to", "serviceaccount:" + a.namespace + "/" + a.name}, args...)
	text := mustRun(t, c, filepath.Join(bin, "report"), args...)
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	for decoder := yaml.NewYAMLOrJSONDecoder(bytes.NewReader([]byte(text)), 4096); ; {
		var role rbacv1.ClusterRole
		if err := decoder.Decode(&role); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatalf("%v in\n%s", err, text)
		}
		if role.Namespace != "" && !a.isActive(t, role.Namespace) {
			createNamespace(t, a.client, corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: role.Namespace}})
		}
		if strings.HasSuffix(role.Kind, "Role") {
			a.roles = append(a.roles, &role)
		}
	}
	t.Cleanup(func() { mustRunAtEnd(t, c, c.Kubectl(), "delete", "--ignore-not-found", "-f", file) })
	mustRun(t, c, c.Kubectl(), "apply", "-f", file)
}

// isActive tells whether there is a namespace that is not on its way out.
func (a *account) isActive(t *testing.T, namespace string) bool {
	t.Helper()
	n, err := a.client.CoreV1().Namespaces().Get(t.Context(), namespace, metav1.GetOptions{})
	if err != nil && !apierrors.IsNotFound(err) {
		t.Fatal(err)
	}
	return err == nil && n.Status.Phase == corev1.NamespaceActive
}

// mustRunAtEnd is mustRun for cleanups, which may not end the test.
func mustRunAtEnd(t *testing.T, c *clustertest.Cluster, name string, args ...string) {
	if _, err := run(t, c, name, args...); err != nil {
		t.Error(err)
	}
}

// denied returns the first question that the API server answers with no.
func (a *account) denied(t *testing.T, asked []authorizationv1.SubjectAccessReviewSpec) *authorizationv1.SubjectAccessReviewSpec {
	t.Helper()
	for i := range asked {
		review := authorizationv1.SubjectAccessReview{Spec: asked[i]}
		review.Spec.User = "system:serviceaccount:" + a.namespace + ":" + a.name
		answer, err := a.client.AuthorizationV1().SubjectAccessReviews().Create(t.Context(), &review, metav1.CreateOptions{})
		if err != nil {
			t.Fatal(err)
		}
		if !answer.Status.Allowed {
			return &asked[i]
		}
	}
	return nil
}

// mayAsk waits until all is allowed: the API server learns of roles a moment after they were written.
func (a *account) mayAsk(t *testing.T, asked []authorizationv1.SubjectAccessReviewSpec) {
	t.Helper()
	poll(t, "ask whether all is allowed", func() error {
		if no := a.denied(t, asked); no != nil {
			return errors.New("not allowed: " + no.String())
		}
		return nil
	})
}

// needsAll takes each element of each list of a role's rules away in turn, and gives it back.
func (a *account) needsAll(t *testing.T, role *rbacv1.ClusterRole, asked []authorizationv1.SubjectAccessReviewSpec) (removed int) {
	t.Helper()
	for i := range role.Rules {
		for l := range listsOf(&role.Rules[i]) {
			for e, element := range *listsOf(&role.Rules[i])[l] {
				less := role.DeepCopy()
				list := listsOf(&less.Rules[i])[l]
				if *list = slices.Delete(*list, e, e+1); len(*list) == 0 {
					less.Rules = slices.Delete(less.Rules, i, i+1)
				}
				a.write(t, less)
				poll(t, "take away "+element, func() error {
					if a.denied(t, asked) == nil {
						return errors.New("all is still allowed without " + element + " of " + role.Rules[i].String())
					}
					return nil
				})
				a.write(t, role)
				a.mayAsk(t, asked)
				removed++
			}
		}
	}
	return removed
}

func listsOf(r *rbacv1.PolicyRule) []*[]string {
	return []*[]string{&r.APIGroups, &r.Resources, &r.ResourceNames, &r.NonResourceURLs, &r.Verbs}
}

// write gives the role on the API server other rules.
func (a *account) write(t *testing.T, role *rbacv1.ClusterRole) {
	t.Helper()
	var err error
	if role.Kind == "ClusterRole" {
		_, err = a.client.RbacV1().ClusterRoles().Update(t.Context(), role, metav1.UpdateOptions{})
	} else {
		_, err = a.client.RbacV1().Roles(role.Namespace).Update(t.Context(),
			&rbacv1.Role{ObjectMeta: role.ObjectMeta, Rules: role.Rules}, metav1.UpdateOptions{})
	}
	if err != nil {
		t.Fatal(err)
	}
}
