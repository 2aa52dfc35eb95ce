package main

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"e2etap/internal/db"
	"e2etap/internal/traffic"
)

// Tests of auditedRun: of one, only the log has requests; its name is hard to show.
const (
	servedTest = "[sig-apps] Deployment should be served by controllers"
	onlyLogged = `[sig-apps] <img src=x onerror="window.broken = 3"> only others act for it`
)

// TestTheAuditLogInABrowser compares what the views show of an imported audit log with what report says, and that they show nothing of
// one where none was imported.
func TestTheAuditLogInABrowser(t *testing.T) {
	b := inBrowser(t)
	path, plain := b.path("audited.db"), b.path("plain.html")
	if err := auditedRun(path); err != nil {
		t.Fatal(err)
	}
	says(t, "html", "--db", path, "--out", plain)
	log := b.path("audit.log")
	if err := os.WriteFile(log, []byte(strings.Join(auditLog(), "\n")), 0o600); err != nil {
		t.Fatal(err)
	}
	server := serving(t, path)
	says(t, "import-audit", "--db", path, log)
	file := b.path("audited.html")
	says(t, "html", "--db", path, "--out", file)
	b.check("audit.mjs", map[string]any{
		"file": "file://" + file, "server": server, "plain": "file://" + plain,
		"recorded": asked(t, path, "--by-test"), "byTest": asked(t, path, "--by-test", "--include", "audit"), "byRole": asked(t, path, "--by", "role", "--include", "audit"),
		"byWhat":   asked(t, path, "--by", "client,verb,resource,group", "--test", servedTest, "--include", "audit"),
		"byNobody": asked(t, path, "--by", "client,verb,resource,group", "--test", "", "--include", "audit"),
		"names":    map[string]string{"served": servedTest, "logged": onlyLogged},
	})
}

// auditedRun records a run of two tests that create a namespace each, one of them around the proxy.
func auditedRun(path string) error {
	rec, err := db.Create(path, traffic.Run{Name: "audited", Command: []string{"e2e.test"}, Start: start}, db.Options{})
	if err != nil {
		return err
	}
	s := &stage{rec: rec}
	s.spec(servedTest, "1", traffic.SpecPassed, 1000, 9000)
	q := traffic.Request{
		Start: s.at(1100), Duration: time.Millisecond, Method: "POST", Path: "/api/v1/namespaces", Status: 201,
		API: traffic.API{Verb: "create", Version: "v1", Resource: "namespaces", Name: "served"}, AuditID: auditID(0),
		Client: traffic.Client{UserAgent: "e2e.test/v1.37.2 -- " + servedTest}, Attribution: traffic.Attribution{Test: servedTest, Source: traffic.SourceUserAgent},
	}
	err = rec.Finish(&q)
	s.ask("", 300, 1, "get", "nodes", "", "worker", 200)
	return errors.Join(err, s.err, rec.Close(traffic.RunEnd{End: start.Add(30 * time.Second)}))
}

func auditID(i int) string { return fmt.Sprintf("5b0f2d3c-7c1e-4a8e-9a55-%012d", i) }

// auditLog has what auditedRun's tests asked for, what controllers did for them, and the cluster's own.
func auditLog() (lines []string) {
	add := func(second int, verb, path, ref, user, agent string, status int) {
		at := start.Add(time.Duration(second)*time.Second + 100*time.Millisecond).Format(time.RFC3339Nano)
		lines = append(lines, fmt.Sprintf(`{"kind":"Event","apiVersion":"audit.k8s.io/v1","level":"Metadata","auditID":%q,"stage":"ResponseComplete","requestURI":%q,"verb":%q,`+
			`"user":{"username":%q},"userAgent":%q,"objectRef":%s,"responseStatus":{"metadata":{},"code":%d},"requestReceivedTimestamp":%q,"stageTimestamp":%q}`,
			auditID(len(lines)), path, verb, user, agent, ref, status, at, at))
	}
	in := func(namespace, group, resource string) string {
		return fmt.Sprintf(`{"apiGroup":%q,"apiVersion":"v1","resource":%q,"namespace":%q,"name":"web"}`, group, resource, namespace)
	}
	space := func(name string) string {
		return fmt.Sprintf(`{"apiVersion":"v1","resource":"namespaces","namespace":%q,"name":%q}`, name, name)
	}
	const controller = "system:serviceaccount:kube-system:deployment-controller"
	add(1, "create", "/api/v1/namespaces", space("served"), "admin", "e2e.test/v1.37.2 -- "+servedTest, 201)
	add(2, "create", "/api/v1/namespaces", space("logged"), "admin", "e2e.test/v1.37.2 -- "+onlyLogged, 201)
	for i := range 40 {
		add(3, "update", "/apis/apps/v1/namespaces/served/deployments/web/status", in("served", "apps", "deployments"), controller, "kube-controller-manager/v1", []int{200, 409, 500}[i%3])
	}
	add(4, "create", "/api/v1/namespaces/served/pods", in("served", "", "pods"), controller, "kube-controller-manager/v1", 201)
	add(4, "get", "/api/v1/namespaces/served/pods/web", in("served", "", "pods"), "system:node:worker", "kubelet/v1", 200)
	add(5, "get", "/api/v1/namespaces/served/pods/web", in("served", "", "pods"), "admin", "kubectl/v1 -- "+servedTest, 404)
	add(6, "create", "/api/v1/namespaces/logged/pods", in("logged", "", "pods"), controller, "kube-controller-manager/v1", 201)
	add(7, "update", "/apis/coordination.k8s.io/v1/namespaces/kube-system/leases/web", in("kube-system", "coordination.k8s.io", "leases"), "system:kube-scheduler", "kube-scheduler/v1", 200)
	add(8, "get", "/api/v1/namespaces/default/services/web", in("default", "", "services"), "somebody", "curl/8", 404)
	return lines
}
