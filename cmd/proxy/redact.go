package main

import (
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

const redacted = "REDACTED"

var (
	// a flag or variable whose value is a secret: --token, --bearer-token, API_KEY, but not --token-file
	secretName = regexp.MustCompile(`(?i)(^|[-_.])(token|password|passwd|secret|api[-_]?key|key[-_]data)$`)
	// a secret inside of a longer argument: "Authorization: Bearer abc", "https://user:password@host", "API_TOKEN=abc make",
	// a JSON web token (RFC 7519) anywhere
	authorization = regexp.MustCompile(`(?i)\b(bearer|basic)\s+[^\s"']+`)
	userInfo      = regexp.MustCompile(`://[^/\s@]+@`)
	assignment    = regexp.MustCompile(`(?i)\b(\w*(?:token|password|passwd|secret|api_?key))=[^\s"';&|]+`)
	webToken      = regexp.MustCompile(`\beyJ[\w-]{8,}\.[\w-]+\.[\w-]*`)
	// the secret in E2ETAP_URL (mark.Server), of this run or of one around it
	markToken = regexp.MustCompile(`(http://127\.0\.0\.1:\d+/)[\w-]{43}`)
)

// redact returns a command line as it may be stored: without the values of flags and variables that are named like
// secrets, authorization headers, web tokens, and passwords in URLs, that of E2ETAP_URL among them. A secret under any other name stays.
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
			clean[i] = redactText(arg)
		}
		next = secret && !hasValue && strings.HasPrefix(arg, "-")
	}
	return clean
}

func redactText(arg string) string {
	arg = authorization.ReplaceAllString(arg, "$1 "+redacted)
	arg = markToken.ReplaceAllString(arg, "${1}"+redacted)
	arg = userInfo.ReplaceAllString(arg, "://"+redacted+"@")
	arg = assignment.ReplaceAllString(arg, "$1="+redacted)
	return webToken.ReplaceAllString(arg, redacted)
}

// dataFlags are flags of kubectl whose values are what objects or containers hold, secrets among them.
var dataFlags = []string{"--from-literal", "--env", "-p", "--patch", "--overrides"}

// redactProcess returns the command line of a client's process as it may be stored: as redact does it, and without what
// kubectl is told to run in a container or to write into objects, and the user that curl authenticates as.
func redactProcess(args []string) []string {
	clean := redact(args)
	if len(args) == 0 {
		return clean
	}
	flags := dataFlags
	switch filepath.Base(args[0]) {
	case "curl", "wget":
		flags = []string{"-u", "--user"}
	case "kubectl":
		if i := slices.Index(clean, "--"); i >= 0 && i+1 < len(clean) {
			clean = append(clean[:i+1], redacted)
		}
	}
	for i, arg := range clean {
		name, _, hasValue := strings.Cut(arg, "=")
		switch {
		case !slices.Contains(flags, name):
		case hasValue:
			clean[i] = name + "=" + redacted
		case i+1 < len(clean):
			clean[i+1] = redacted
		}
	}
	return clean
}
