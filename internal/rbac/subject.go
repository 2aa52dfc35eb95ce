package rbac

import (
	"fmt"
	"strings"
)

// Subject is who has a role by a binding.
type Subject struct {
	APIGroup  string `json:"apiGroup,omitempty"` // of users and groups
	Kind      string `json:"kind"`
	Name      string `json:"name"`
	Namespace string `json:"namespace,omitempty"` // of service accounts
}

// SubjectKinds are what [ParseSubject] takes before the first colon.
func SubjectKinds() []string { return []string{"serviceaccount", "user", "group"} }

// ParseSubject reads "serviceaccount:NAMESPACE/NAME", "user:NAME" or "group:NAME". Names of users and groups may be anything but
// empty: "group:system:masters".
func ParseSubject(s string) (Subject, error) {
	kind, name, _ := strings.Cut(s, ":")
	switch {
	case name == "":
	case kind == "user":
		return Subject{APIGroup: apiGroup, Kind: "User", Name: name}, nil
	case kind == "group":
		return Subject{APIGroup: apiGroup, Kind: "Group", Name: name}, nil
	case kind == "serviceaccount":
		if namespace, name, _ := strings.Cut(name, "/"); isLabel(namespace) && isLabels(name) {
			return Subject{Kind: "ServiceAccount", Name: name, Namespace: namespace}, nil
		}
	}
	return Subject{}, fmt.Errorf("subject %q: want serviceaccount:NAMESPACE/NAME, user:NAME or group:NAME", s)
}
