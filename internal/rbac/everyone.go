package rbac

import "strings"

// EveryoneMay tells whether the cluster roles system:discovery, system:public-info-viewer and system:basic-user, which every
// authenticated user has unless a cluster's administrator took them away, allow an access (Kubernetes v1.37.2,
// plugin/pkg/auth/authorizer/rbac/bootstrappolicy/policy.go).
func EveryoneMay(a Access) bool {
	if a.Resource == "" {
		return a.Verb == "get" && isDiscovery(a.Path)
	}
	if a.Verb != "create" || a.Subresource != "" {
		return false
	}
	switch a.Group {
	case "authorization.k8s.io":
		return a.Resource == "selfsubjectaccessreviews" || a.Resource == "selfsubjectrulesreviews"
	case "authentication.k8s.io":
		return a.Resource == "selfsubjectreviews"
	}
	return false
}

func isDiscovery(path string) bool {
	switch path {
	case "/livez", "/readyz", "/healthz", "/version", "/version/":
		return true
	}
	for _, root := range []string{"/openapi", "/api", "/apis"} {
		if path == root || strings.HasPrefix(path, root+"/") {
			return true
		}
	}
	return false
}
