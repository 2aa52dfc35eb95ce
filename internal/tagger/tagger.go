// Package tagger says which test a request belongs to, from the evidence that the request itself carries.
//
// It is pure and deterministic: no I/O, no clock, no state, so that the attribution of a recording can be repeated.
// It never guesses: what nothing names has no test.
package tagger

import (
	"fmt"
	"regexp"
	"strings"

	"e2etap/internal/traffic"
)

// DefaultPattern finds the test's name as the e2e framework writes it into the User-Agent: all that follows the first
// " -- " (k8s.io/kubernetes/test/e2e/framework, Framework.ClientConfig... "binary -- container texts leaf text").
const DefaultPattern = `^.*? -- (.*)$`

// Tagger attributes requests to tests.
type Tagger struct {
	pattern *regexp.Regexp // nil for DefaultPattern, which UserAgent cuts faster
}

// New returns a Tagger that finds a test's name in the User-Agent by pattern, a regular expression (RE2) with one
// group, the name. "" means DefaultPattern.
func New(pattern string) (*Tagger, error) {
	if pattern == "" || pattern == DefaultPattern {
		return &Tagger{}, nil
	}
	re, err := regexp.Compile(pattern)
	if err != nil {
		return nil, fmt.Errorf("user agent pattern %q: %w", pattern, err)
	}
	if re.NumSubexp() != 1 {
		return nil, fmt.Errorf("user agent pattern %q: has %d groups, want 1 that matches the test's name", pattern, re.NumSubexp())
	}
	return &Tagger{pattern: re}, nil
}

// Attribute names the test of a client's request and the source of the name: an explicit E2e-Test header, else the
// User-Agent, else none.
func (t *Tagger) Attribute(c traffic.Client) (test string, source traffic.Source) {
	if name := strings.TrimSpace(c.TestHeader); name != "" {
		return name, traffic.SourceHeader
	}
	if name := t.userAgent(c.UserAgent); name != "" {
		return name, traffic.SourceUserAgent
	}
	return "", traffic.SourceNone
}

func (t *Tagger) userAgent(ua string) string {
	if t.pattern == nil {
		return UserAgent(ua)
	}
	if m := t.pattern.FindStringSubmatch(ua); m != nil {
		return strings.TrimSpace(m[1])
	}
	return ""
}

// UserAgent returns the test's name that the e2e framework appends to its User-Agent, as in
// "e2e.test/v1.37.2 (linux/amd64) kubernetes/abc -- [sig-node] Pods should run".
// It cuts at the first " -- " only: names may contain it. A User-Agent without one yields "".
func UserAgent(ua string) string {
	_, name, _ := strings.Cut(ua, " -- ")
	return strings.TrimSpace(name)
}
