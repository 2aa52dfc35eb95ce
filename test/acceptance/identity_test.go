package acceptance

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	authenticationv1 "k8s.io/api/authentication/v1"
	certificatesv1 "k8s.io/api/certificates/v1"
	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
	"k8s.io/client-go/tools/clientcmd/api"

	"e2etap/internal/clustertest"
)

// TestIdentity asks the real API server who it takes a client for, with and without the proxy, for every kind of
// client behind every kind of kubeconfig. Both answers must be the same in all that they say.
func TestIdentity(t *testing.T) {
	cluster := clustertest.Start(t)
	admin := kubernetes.NewForConfigOrDie(cluster.RESTConfig(t))
	adminToken := serviceAccountToken(t, admin, "e2etap-admin", true)
	clients := credentials(t, admin)
	for name, kubeconfig := range map[string]string{
		"client certificate": cluster.Kubeconfig,
		"token":              withUser(t, cluster, &api.AuthInfo{Token: adminToken}),
		"exec plugin":        withUser(t, cluster, execPlugin(t, adminToken)),
	} {
		for _, mode := range modes {
			t.Run(name+"/"+mode, func(t *testing.T) {
				through := serve(t, kubeconfig, mode, filepath.Join(t.TempDir(), "e2e.db"))
				for client, as := range clients {
					t.Run(client, func(t *testing.T) {
						want, got := whoAmI(t, as(load(t, kubeconfig))), whoAmI(t, as(load(t, through)))
						if d := cmp.Diff(want, got); d != "" {
							t.Errorf("(-without +with the proxy):\n%s", d)
						}
					})
				}
			})
		}
	}
}

// whoAmI is what the API server says, its refusal included.
func whoAmI(t *testing.T, cfg *rest.Config) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	client := kubernetes.NewForConfigOrDie(cfg)
	review, err := client.AuthenticationV1().SelfSubjectReviews().
		Create(ctx, &authenticationv1.SelfSubjectReview{}, metav1.CreateOptions{})
	if err != nil {
		return err.Error()
	}
	info, err := json.MarshalIndent(review.Status.UserInfo, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	return string(info)
}

// credentials are the kinds of clients: each makes a configuration of its own from a kubeconfig's.
func credentials(t *testing.T, admin *kubernetes.Clientset) map[string]func(*rest.Config) *rest.Config {
	token := serviceAccountToken(t, admin, "e2etap-client", false)
	cert, key := signedCertificate(t, admin)
	impersonate := func(cfg *rest.Config, i rest.ImpersonationConfig) *rest.Config {
		cfg.Impersonate = i
		return cfg
	}
	bearer := func(cfg *rest.Config, token string) *rest.Config {
		cfg = rest.AnonymousClientConfig(cfg)
		cfg.BearerToken = token
		return cfg
	}
	return map[string]func(*rest.Config) *rest.Config{
		"the kubeconfig's own":  func(cfg *rest.Config) *rest.Config { return cfg },
		"nothing":               rest.AnonymousClientConfig,
		"service account token": func(cfg *rest.Config) *rest.Config { return bearer(cfg, token) },
		"wrong token":           func(cfg *rest.Config) *rest.Config { return bearer(cfg, "wrong") },
		"signed certificate": func(cfg *rest.Config) *rest.Config {
			cfg = rest.AnonymousClientConfig(cfg)
			cfg.CertData, cfg.KeyData = cert, key
			return cfg
		},
		"impersonating a user": func(cfg *rest.Config) *rest.Config {
			return impersonate(cfg, rest.ImpersonationConfig{
				UserName: "jane", UID: "u-1", Groups: []string{"dev", "ops"}, Extra: map[string][]string{"example.com/scope": {"a", "b"}},
			})
		},
		"impersonating a service account": func(cfg *rest.Config) *rest.Config {
			return impersonate(cfg, rest.ImpersonationConfig{UserName: "system:serviceaccount:default:default"})
		},
		"impersonating without the right": func(cfg *rest.Config) *rest.Config {
			return impersonate(bearer(cfg, token), rest.ImpersonationConfig{UserName: "jane"})
		},
	}
}

// serviceAccountToken makes a service account, an administrator if wanted, and a token of it.
func serviceAccountToken(t *testing.T, client *kubernetes.Clientset, name string, isAdmin bool) string {
	t.Helper()
	ctx := t.Context()
	accounts := client.CoreV1().ServiceAccounts("default")
	account, err := accounts.Create(ctx, &corev1.ServiceAccount{ObjectMeta: metav1.ObjectMeta{GenerateName: name + "-"}}, metav1.CreateOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if isAdmin {
		if _, err := client.RbacV1().ClusterRoleBindings().Create(ctx, &rbacv1.ClusterRoleBinding{
			ObjectMeta: metav1.ObjectMeta{Name: account.Name},
			RoleRef:    rbacv1.RoleRef{Kind: "ClusterRole", Name: "cluster-admin"},
			Subjects:   []rbacv1.Subject{{Kind: "ServiceAccount", Namespace: "default", Name: account.Name}},
		}, metav1.CreateOptions{}); err != nil {
			t.Fatal(err)
		}
	}
	request, err := accounts.CreateToken(ctx, account.Name, &authenticationv1.TokenRequest{}, metav1.CreateOptions{})
	if err != nil {
		t.Fatal(err)
	}
	return request.Status.Token
}

// signedCertificate has the cluster sign a client certificate by a CSR, as the e2e suite does.
func signedCertificate(t *testing.T, client *kubernetes.Clientset) (cert, key []byte) {
	t.Helper()
	ctx := t.Context()
	private, request := certificateRequest(t)
	csrs := client.CertificatesV1().CertificateSigningRequests()
	csr, err := csrs.Create(ctx, &certificatesv1.CertificateSigningRequest{
		ObjectMeta: metav1.ObjectMeta{GenerateName: "e2etap-"},
		Spec: certificatesv1.CertificateSigningRequestSpec{
			Request: request, SignerName: certificatesv1.KubeAPIServerClientSignerName,
			Usages: []certificatesv1.KeyUsage{certificatesv1.UsageDigitalSignature, certificatesv1.UsageClientAuth},
		},
	}, metav1.CreateOptions{})
	if err != nil {
		t.Fatal(err)
	}
	csr.Status.Conditions = []certificatesv1.CertificateSigningRequestCondition{{
		Type: certificatesv1.CertificateApproved, Status: corev1.ConditionTrue, Reason: "Test",
	}}
	if _, err := csrs.UpdateApproval(ctx, csr.Name, csr, metav1.UpdateOptions{}); err != nil {
		t.Fatal(err)
	}
	for deadline := time.Now().Add(30 * time.Second); len(csr.Status.Certificate) == 0; {
		if time.Now().After(deadline) {
			t.Fatalf("the cluster does not sign %s: %+v", csr.Name, csr.Status)
		}
		time.Sleep(50 * time.Millisecond)
		if csr, err = csrs.Get(ctx, csr.Name, metav1.GetOptions{}); err != nil {
			t.Fatal(err)
		}
	}
	return csr.Status.Certificate, private
}

func certificateRequest(t *testing.T) (key, request []byte) {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.MarshalECPrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	subject := pkix.Name{CommonName: "csr-user", Organization: []string{"csr-group", "other"}}
	csr, err := x509.CreateCertificateRequest(rand.Reader, &x509.CertificateRequest{Subject: subject}, private)
	if err != nil {
		t.Fatal(err)
	}
	return pem.EncodeToMemory(&pem.Block{Type: "EC PRIVATE KEY", Bytes: der}),
		pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE REQUEST", Bytes: csr})
}

// withUser writes the cluster's kubeconfig with another user.
func withUser(t *testing.T, c *clustertest.Cluster, user *api.AuthInfo) string {
	t.Helper()
	cfg, err := clientcmd.LoadFromFile(c.Kubeconfig)
	if err != nil {
		t.Fatal(err)
	}
	cfg.AuthInfos[cfg.Contexts[cfg.CurrentContext].AuthInfo] = user
	path := filepath.Join(t.TempDir(), "kubeconfig")
	if err := clientcmd.WriteToFile(*cfg, path); err != nil {
		t.Fatal(err)
	}
	return path
}

// execPlugin is a user whose token an exec plugin prints.
func execPlugin(t *testing.T, token string) *api.AuthInfo {
	t.Helper()
	path := filepath.Join(t.TempDir(), "credential.json")
	credential := fmt.Sprintf(`{"apiVersion":"client.authentication.k8s.io/v1","kind":"ExecCredential","status":{"token":%q}}`, token)
	if err := os.WriteFile(path, []byte(credential), 0o600); err != nil {
		t.Fatal(err)
	}
	return &api.AuthInfo{Exec: &api.ExecConfig{
		APIVersion: "client.authentication.k8s.io/v1", Command: "cat", Args: []string{path}, InteractiveMode: api.NeverExecInteractiveMode,
	}}
}
