package clustertest

import (
	"context"
	"net/http"
	"os"
	"testing"

	"k8s.io/client-go/rest"
)

func TestMain(m *testing.M) { Main(m) }

func TestAuditHasTheRequestOfAClient(t *testing.T) {
	cluster := Start(t)
	offset := cluster.AuditOffset(t)
	const id = "11111111-2222-3333-4444-555555555555"
	get(t, cluster, "/api/v1/namespaces/default", id)

	events := cluster.WaitAudit(t, offset, func(events []AuditEvent) bool { return find(events, id) != nil })
	event := find(events, id)
	if event.Verb != "get" || event.ObjectRef == nil || event.ObjectRef.Name != "default" {
		t.Errorf("event is %+v, want a get of namespace default", event)
	}
	if event.User.Username != "kubernetes-admin" {
		t.Errorf("user is %q, want kubernetes-admin", event.User.Username)
	}
	if find(cluster.AuditSince(t, cluster.AuditOffset(t)), id) != nil {
		t.Error("an event from before the offset was returned")
	}
}

func TestBinariesAreThere(t *testing.T) {
	cluster := Start(t)
	for _, path := range []string{cluster.Kubectl(), cluster.E2ETest(), cluster.Ginkgo()} {
		if _, err := os.Stat(path); err != nil {
			t.Error(err)
		}
	}
}

func TestStartOwnTakesFlags(t *testing.T) {
	cluster := StartOwn(t, "--goaway-chance=0.02")
	get(t, cluster, "/readyz", "any")
}

func find(events []AuditEvent, id string) *AuditEvent {
	for i := range events {
		if events[i].AuditID == id {
			return &events[i]
		}
	}
	return nil
}

// get sends a request with the audit ID as the administrator.
func get(t *testing.T, cluster *Cluster, path, auditID string) {
	t.Helper()
	client, err := rest.HTTPClientFor(cluster.RESTConfig(t))
	if err != nil {
		t.Fatal(err)
	}
	request, err := http.NewRequestWithContext(context.Background(), http.MethodGet, cluster.Server+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Audit-ID", auditID)
	response, err := client.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		t.Fatalf("GET %s: %s", path, response.Status)
	}
}
