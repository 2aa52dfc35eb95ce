package rbac

import "slices"

// Limits says what the API server asks its authorizer for, beside the accesses, depending on what is in requests' bodies: one line
// for each kind, in one order. A role that is made from requests lacks it.
func Limits(accesses []Access) []string {
	var said []string
	for _, l := range []struct {
		is   func(Access) bool
		text string
	}{
		{func(a Access) bool { return a.changes("rbac.authorization.k8s.io", "roles", "clusterroles") },
			"roles are written: who writes them must have all that they allow, or the verb escalate"},
		{func(a Access) bool {
			return a.changes("rbac.authorization.k8s.io", "rolebindings", "clusterrolebindings")
		},
			"bindings are written: who writes them must have all that their role allows, or the verb bind"},
		{func(a Access) bool {
			return a.changes("certificates.k8s.io", "certificatesigningrequests/approval", "certificatesigningrequests/status")
		}, "certificates are approved or signed: that needs the verb approve or sign for their signer, too (resource signers)"},
		{func(a Access) bool { return a.changes("certificates.k8s.io", "clustertrustbundles") },
			"trust bundles are written: that needs the verb attest for their signer, too (resource signers)"},
	} {
		for _, a := range accesses {
			if l.is(a) {
				said = append(said, l.text)
				break
			}
		}
	}
	return said
}

// changes tells whether an access writes one of a group's resources.
func (a Access) changes(group string, resources ...string) bool {
	switch a.Verb {
	case "create", "update", "patch":
		return a.Group == group && slices.Contains(resources, a.fullResource())
	}
	return false
}
