package main

import (
	"errors"
	"fmt"

	"e2etap/internal/db"
	"e2etap/internal/traffic"
)

// permissionsRun records three programs: tool asks for what is special, wanderer is in many namespaces, star asks for everything in vain.
// The server has a base path, with which its paths are recorded.
func permissionsRun(path string) error {
	r, err := db.Create(path, traffic.Run{Name: "perm", Server: "https://127.0.0.1:6443/clusters/c-1/", Start: start}, db.Options{})
	if err != nil {
		return err
	}
	ask := func(client, method, path string, status int, api traffic.API) {
		q := traffic.Request{Method: method, Path: path, Status: status, API: api, Client: traffic.Client{UserAgent: client + "/v1"}, Start: start}
		err = errors.Join(err, r.Finish(&q))
	}
	for _, p := range []string{"/clusters/c-1/version", "/clusters/c-1/openapi/v3", "/metrics"} {
		ask("tool", "GET", p, 200, traffic.API{Verb: "get"})
	}
	const auth, apps, roles = "authorization.k8s.io", "apps", "rbac.authorization.k8s.io"
	ask("tool", "POST", "/apis/"+auth+"/v1/selfsubjectaccessreviews", 201,
		traffic.API{Verb: "create", Group: auth, Version: "v1", Resource: "selfsubjectaccessreviews"})
	ask("tool", "PATCH", "/apis/apps/v1/namespaces/a/deployments/d", 201,
		traffic.API{Verb: "patch", Group: apps, Version: "v1", Resource: "deployments", Namespace: "a", Name: "d"})
	ask("tool", "GET", "/api/v1/namespaces/a/pods/p/exec", 101,
		traffic.API{Verb: "get", Version: "v1", Resource: "pods", Subresource: "exec", Namespace: "a", Name: "p"})
	ask("tool", "GET", "/api/v1/namespaces/a/secrets/s", 403, traffic.API{Verb: "get", Version: "v1", Resource: "secrets", Namespace: "a", Name: "s"})
	ask("tool", "POST", "/apis/"+roles+"/v1/clusterroles", 201, traffic.API{Verb: "create", Group: roles, Version: "v1", Resource: "clusterroles"})
	for i := range maxRoles + 1 {
		n := fmt.Sprintf("n-%d", i)
		ask("wanderer", "GET", "/api/v1/namespaces/"+n+"/pods", 200, traffic.API{Verb: "list", Version: "v1", Resource: "pods", Namespace: n})
	}
	ask("star", "GET", "/api/v1/namespaces/a/*", 404, traffic.API{Verb: "list", Version: "v1", Resource: "*", Namespace: "a"})
	return errors.Join(err, r.Close(traffic.RunEnd{End: start}))
}
