package acceptance

import (
	"context"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	authenticationv1 "k8s.io/api/authentication/v1"
	authorizationv1 "k8s.io/api/authorization/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd/api"

	"e2etap/internal/clustertest"
)

// applyScript makes an object in each of kubectl's two ways, and deletes it again. The first asks whether there is one, with the
// answer 404; the second makes it by a PATCH, with the answer 201.
const applyScript = `set -e; exec 2>&1
object() { printf '{"apiVersion":"v1","kind":"%s","metadata":{"name":"%s","namespace":"%s"}}' "$1" "$2" "$NAMESPACE"; }
object ConfigMap one | kubectl apply -f -
object Secret two | kubectl apply --server-side -f -
kubectl delete --namespace "$NAMESPACE" configmap/one secret/two`

// TestKubectlWorksAgainWithItsRoles runs kubectl as a service account with the roles that were made from its own requests. Those that
// are made from what succeeded do not suffice.
func TestKubectlWorksAgainWithItsRoles(t *testing.T) {
	cluster := clustertest.Start(t)
	admin := newAccount(t, cluster)
	db := filepath.Join(t.TempDir(), "e2e.db")
	command := []string{"env", "NAMESPACE=" + admin.namespace, "sh", "-c", applyScript}
	if out, err := proxied(t, cluster, "server", db, command...); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	q := questionsByTest(rows(t, cluster, db, "server"))[""]
	for _, tt := range []struct {
		authorized string
		asked      []authorizationv1.SubjectAccessReviewSpec
		works      bool
	}{
		{"true", slices.Concat(q.succeeded, q.others), true}, {"false", q.succeeded, false},
	} {
		t.Run("include-authorized "+tt.authorized, func(t *testing.T) {
			a := newAccount(t, cluster)
			a.grant(t, cluster, filepath.Join(t.TempDir(), "rbac.yaml"),
				"--db", db, "--client", "kubectl", "--resource-names", "--include-authorized="+tt.authorized, "--namespace", admin.namespace)
			a.mayAsk(t, inNamespace(tt.asked))
			token, err := a.client.CoreV1().ServiceAccounts(a.namespace).CreateToken(t.Context(), a.name, &authenticationv1.TokenRequest{}, metav1.CreateOptions{})
			if err != nil {
				t.Fatal(err)
			}
			as := *cluster
			as.Kubeconfig = withUser(t, cluster, &api.AuthInfo{Token: token.Status.Token})
			out, err := run(t, &as, command[0], command[1:]...)
			if (err == nil) != tt.works || !tt.works && !strings.Contains(out, "cannot get resource") {
				t.Errorf("%v, want success %v: %s", err, tt.works, out)
			}
		})
	}
}

// inNamespace leaves out what is of no namespace.
func inNamespace(asked []authorizationv1.SubjectAccessReviewSpec) []authorizationv1.SubjectAccessReviewSpec {
	return slices.DeleteFunc(slices.Clone(asked), func(s authorizationv1.SubjectAccessReviewSpec) bool {
		return s.ResourceAttributes == nil || s.ResourceAttributes.Namespace == ""
	})
}

// TestAWebSocketOfAPodNeedsCreate holds against the real API server what the rules say of a GET of exec, attach and portforward.
func TestAWebSocketOfAPodNeedsCreate(t *testing.T) {
	cluster := clustertest.Start(t)
	a := newAccount(t, cluster)
	subresources := []string{"exec", "attach", "portforward"}
	role := &rbacv1.ClusterRole{
		TypeMeta:   metav1.TypeMeta{Kind: "Role"},
		ObjectMeta: metav1.ObjectMeta{Name: "get", Namespace: a.namespace},
		Rules:      []rbacv1.PolicyRule{{APIGroups: []string{""}, Resources: []string{"pods/exec", "pods/attach", "pods/portforward"}, Verbs: []string{"get"}}},
	}
	a.bind(t, role)
	config := rest.CopyConfig(cluster.RESTConfig(t))
	config.Impersonate = rest.ImpersonationConfig{UserName: "system:serviceaccount:" + a.namespace + ":" + a.name}
	client := kubernetes.NewForConfigOrDie(config)
	for _, verb := range []string{"get", "create"} {
		role.Rules[0].Verbs = []string{"get", verb}
		a.write(t, role)
		for _, sub := range subresources {
			a.mayAsk(t, []authorizationv1.SubjectAccessReviewSpec{{ResourceAttributes: &authorizationv1.ResourceAttributes{
				Namespace: a.namespace, Verb: verb, Resource: "pods", Subresource: sub}}})
			err := client.CoreV1().RESTClient().Get().Namespace(a.namespace).Resource("pods").Name("none").SubResource(sub).
				Do(context.Background()).Error()
			if apierrors.IsForbidden(err) != (verb == "get") {
				t.Errorf("GET of %s with %s: %v", sub, role.Rules[0].Verbs, err)
			}
		}
	}
}

// bind makes a Role and gives it to the account.
func (a *account) bind(t *testing.T, role *rbacv1.ClusterRole) {
	t.Helper()
	roles := a.client.RbacV1()
	_, err := roles.Roles(role.Namespace).Create(t.Context(), &rbacv1.Role{ObjectMeta: role.ObjectMeta, Rules: role.Rules}, metav1.CreateOptions{})
	if err != nil {
		t.Fatal(err)
	}
	_, err = roles.RoleBindings(role.Namespace).Create(t.Context(), &rbacv1.RoleBinding{
		ObjectMeta: role.ObjectMeta, RoleRef: rbacv1.RoleRef{Kind: role.Kind, Name: role.Name},
		Subjects: []rbacv1.Subject{{Kind: "ServiceAccount", Namespace: a.namespace, Name: a.name}},
	}, metav1.CreateOptions{})
	if err != nil {
		t.Fatal(err)
	}
}
