package operation

import "strings"

// form is where a path ends, and whether it goes through a namespace or a legacy watch prefix.
type form uint8

const (
	collection form = iota
	item            // …/{name}, and its subresources
	below           // …/{name}/SUBRESOURCE/{path}

	namespaced form = 1 << 4
	watched    form = 1 << 5
)

// key is what the template of a resource's operation and a request for it have in common.
type key struct {
	method                                string
	group, version, resource, subresource string
	form                                  form
}

// keyOf returns the key of an operation of a resource; false: its path is not that of one.
func keyOf(op *Operation) (key, bool) {
	group, version, parts := splitTemplate(op.Path)
	if len(parts) == 0 || version == "" {
		return key{}, false
	}
	k := key{method: op.Method, group: group, version: version}
	if parts[0] == "watch" && len(parts) > 1 {
		k.form |= watched
		parts = parts[1:]
	}
	if inNamespace(parts) {
		k.form |= namespaced
		parts = parts[2:]
	}
	if len(parts) > 4 || !alternate(parts) {
		return key{}, false
	}
	k.resource = parts[0]
	switch len(parts) {
	case 2:
		k.form |= item
	case 3:
		k.form |= item
		k.subresource = parts[2]
	case 4:
		k.form |= below
		k.subresource = parts[2]
	}
	return k, true
}

// splitTemplate takes a path apart, /api/VERSION/… or /apis/GROUP/VERSION/…. Other paths give no group and version.
// Trailing slashes, which Kubernetes documents for discovery, do not count.
func splitTemplate(path string) (group, version string, parts []string) {
	parts = segments(path)
	switch {
	case parts[0] == "api" && len(parts) > 1 && !isParameter(parts[1]):
		return "", parts[1], parts[2:]
	case parts[0] == "apis" && len(parts) > 1 && !isParameter(parts[1]):
		if len(parts) == 2 || isParameter(parts[2]) {
			return parts[1], "", parts[2:]
		}
		return parts[1], parts[2], parts[3:]
	}
	return "", "", parts
}

// segments splits a path as the apiserver does (k8s.io/apiserver, pkg/endpoints/request, splitPath). There is at least
// one segment, which may be empty.
func segments(path string) []string { return strings.Split(strings.Trim(path, "/"), "/") }

// inNamespace tells whether segments below the version are namespaces/NAME/RESOURCE/…. A namespace has two
// subresources, which are no resources in it (k8s.io/apiserver, pkg/endpoints/request, namespaceSubresources).
func inNamespace(parts []string) bool {
	return len(parts) > 2 && parts[0] == "namespaces" && parts[2] != "status" && parts[2] != "finalize"
}

// alternate tells whether every second segment is a parameter, and no other.
func alternate(parts []string) bool {
	for i, part := range parts {
		if isParameter(part) != (i%2 == 1) {
			return false
		}
	}
	return true
}

func isParameter(segment string) bool { return strings.HasPrefix(segment, "{") }

// levelOf reads the level off a version's name. What is no version of Kubernetes' form is stable, as nothing says
// otherwise.
func levelOf(version string) Level {
	rest, ok := strings.CutPrefix(version, "v")
	if !ok {
		return Stable
	}
	major := strings.TrimLeft(rest, digits)
	switch word := strings.TrimRight(major, digits); {
	case len(major) == len(rest), len(word) == len(major): // no number before or after the word
		return Stable
	case word == "beta":
		return Beta
	case word == "alpha":
		return Alpha
	}
	return Stable
}

const digits = "0123456789"
