package rbac

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"
)

const (
	namePrefix = "e2etap-"
	maxName    = 63 // of a DNS-1123 label; roles may have longer names, values of labels may not
	hashDigits = 8
)

// Name makes a valid name of an object (a DNS-1123 label) from any text: "e2etap-sig-node-pods-should-run" from
// "[sig-node] Pods should run". Where it had to be cut, or is made of nothing that a name may have, a hash keeps it apart from others.
func Name(text string) string {
	slug := slugOf(text)
	if slug != "" && len(namePrefix)+len(slug) <= maxName {
		return namePrefix + slug
	}
	sum := sha256.Sum256([]byte(text))
	hash := hex.EncodeToString(sum[:])[:hashDigits]
	if slug == "" {
		return namePrefix + hash
	}
	slug = strings.TrimRight(slug[:maxName-len(namePrefix)-1-hashDigits], "-")
	return namePrefix + slug + "-" + hash
}

// slugOf keeps the letters and digits of ASCII, and one hyphen for what is between them.
func slugOf(text string) string {
	var b strings.Builder
	for _, r := range strings.ToLower(text) {
		switch {
		case r >= 'a' && r <= 'z', r >= '0' && r <= '9':
			b.WriteRune(r)
		case b.Len() > 0 && !strings.HasSuffix(b.String(), "-"):
			b.WriteByte('-')
		}
	}
	return strings.TrimRight(b.String(), "-")
}

// isLabel tells whether a name is a DNS-1123 label, as a namespace's is.
func isLabel(name string) bool {
	return len(name) <= maxName && isLabels(name) && !strings.Contains(name, ".")
}

// isLabels tells whether a name is one of DNS-1123 labels with dots between them, but for its length.
func isLabels(name string) bool {
	for part := range strings.SplitSeq(name, ".") {
		if part == "" || strings.Trim(part, "-") != part || strings.Trim(part, "abcdefghijklmnopqrstuvwxyz0123456789-") != "" {
			return false
		}
	}
	return true
}
