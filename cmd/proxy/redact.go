package main

import (
	"regexp"
	"strings"
)

const redacted = "REDACTED"

var (
	// a flag or variable whose value is a secret: --token, --bearer-token, API_KEY, but not --token-file
	secretName = regexp.MustCompile(`(?i)(^|[-_.])(token|password|passwd|secret|api[-_]?key|key[-_]data)$`)
	// a secret inside of a longer argument: "Authorization: Bearer abc", "https://user:password@host"
	authorization = regexp.MustCompile(`(?i)\b(bearer|basic)\s+[^\s"']+`)
	userInfo      = regexp.MustCompile(`://[^/\s@]+@`)
)

// redact returns a command line as it may be stored: without the values of flags and variables that are named like
// secrets, authorization headers, and passwords in URLs. A secret under any other name stays.
func redact(args []string) []string {
	clean := make([]string, len(args))
	next := false // the argument is the value of the flag before it
	for i, arg := range args {
		name, _, hasValue := strings.Cut(arg, "=")
		secret := secretName.MatchString(name)
		switch {
		case next:
			clean[i] = redacted
		case secret && hasValue:
			clean[i] = name + "=" + redacted
		default:
			clean[i] = authorization.ReplaceAllString(arg, "$1 "+redacted)
			clean[i] = userInfo.ReplaceAllString(clean[i], "://"+redacted+"@")
		}
		next = secret && !hasValue && strings.HasPrefix(arg, "-")
	}
	return clean
}
