package rbac

import (
	"maps"
	"slices"
)

// Object is a Role, ClusterRole, RoleBinding or ClusterRoleBinding of rbac.authorization.k8s.io/v1, as JSON or YAML has it.
type Object struct {
	APIVersion string    `json:"apiVersion"`
	Kind       string    `json:"kind"`
	Metadata   Metadata  `json:"metadata"`
	Rules      []Rule    `json:"rules,omitempty"`
	RoleRef    *RoleRef  `json:"roleRef,omitempty"`
	Subjects   []Subject `json:"subjects,omitempty"`
}

// Metadata is what an object has of ObjectMeta. A role and its binding have the same.
type Metadata struct {
	Name        string            `json:"name"`
	Namespace   string            `json:"namespace,omitempty"`
	Labels      map[string]string `json:"labels,omitempty"`
	Annotations map[string]string `json:"annotations,omitempty"`
}

// RoleRef is the role of a binding.
type RoleRef struct {
	APIGroup string `json:"apiGroup"`
	Kind     string `json:"kind"`
	Name     string `json:"name"`
}

const (
	apiGroup   = "rbac.authorization.k8s.io"
	apiVersion = apiGroup + "/v1"
)

// Objects are the roles with some rules: a ClusterRole for those of the cluster, and a Role for each namespace in their order. Each is
// followed by its binding to the subjects, if there are any.
func Objects(rules Rules, m Metadata, subjects []Subject) []Object {
	var all []Object
	add := func(kind string, rules []Rule) {
		all = append(all, Object{APIVersion: apiVersion, Kind: kind, Metadata: m, Rules: rules})
		if len(subjects) > 0 {
			all = append(all, Object{
				APIVersion: apiVersion, Kind: kind + "Binding", Metadata: m,
				RoleRef: &RoleRef{apiGroup, kind, m.Name}, Subjects: subjects,
			})
		}
	}
	m.Namespace = ""
	if len(rules.Cluster) > 0 {
		add("ClusterRole", rules.Cluster)
	}
	for _, m.Namespace = range slices.Sorted(maps.Keys(rules.Namespaces)) {
		add("Role", rules.Namespaces[m.Namespace])
	}
	return all
}
