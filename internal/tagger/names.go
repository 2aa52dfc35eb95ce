package tagger

import (
	"fmt"
	"regexp"
	"strings"

	"e2etap/internal/traffic"
)

// DefaultPattern finds the test's name as the e2e framework writes it into the User-Agent: all that follows the first
// " -- " (k8s.io/kubernetes/test/e2e/framework, LoadConfig: "binary -- container texts leaf text").
const DefaultPattern = `^.*? -- (.*)$`

// pattern finds the name of a test in a User-Agent.
type pattern struct {
	re *regexp.Regexp // nil for DefaultPattern, which UserAgent cuts faster
}

func newPattern(text string) (pattern, error) {
	if text == "" || text == DefaultPattern {
		return pattern{}, nil
	}
	re, err := regexp.Compile(text)
	if err != nil {
		return pattern{}, fmt.Errorf("user agent pattern %q: %w", text, err)
	}
	if re.NumSubexp() != 1 {
		return pattern{}, fmt.Errorf("user agent pattern %q: has %d groups, want 1 that matches the test's name", text, re.NumSubexp())
	}
	return pattern{re}, nil
}

// names returns the tests that a request's headers name.
func (p pattern) names(c *traffic.Client) (header, userAgent string) {
	return strings.TrimSpace(c.TestHeader), p.find(c.UserAgent)
}

// name returns the test that a request's headers name, the explicit header first.
func (p pattern) name(c *traffic.Client) string {
	header, userAgent := p.names(c)
	if header != "" {
		return header
	}
	return userAgent
}

func (p pattern) find(ua string) string {
	if p.re == nil {
		return UserAgent(ua)
	}
	if m := p.re.FindStringSubmatch(ua); m != nil {
		return strings.TrimSpace(m[1])
	}
	return ""
}

// program returns what stands before the test's name in a User-Agent that has one in the usual way, as the program's
// clients have it that were made outside of specs; "" for other patterns.
func (p pattern) program(ua string) string {
	program, name, _ := strings.Cut(ua, separator)
	if p.re != nil || name == "" {
		return ""
	}
	return program
}

const separator = " -- "

// UserAgent returns the test's name that the e2e framework appends to its User-Agent, as in
// "e2e.test/v1.37.2 (linux/amd64) kubernetes/abc -- [sig-node] Pods should run".
// It cuts at the first " -- " only: names may contain it. A User-Agent without one yields "".
func UserAgent(ua string) string {
	_, name, _ := strings.Cut(ua, separator)
	return strings.TrimSpace(name)
}

// Tagged returns a User-Agent that names a test in the usual way, so that [UserAgent] finds it; characters that a
// header cannot carry become blanks (RFC 9110, section 5.5).
func Tagged(ua, test string) string {
	if ua == "" {
		ua = "unknown"
	}
	return ua + separator + strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f {
			return ' '
		}
		return r
	}, test)
}

// Names tells whether a User-Agent names a test.
func (t *Tagger) Names(ua string) bool { return t.pattern.find(ua) != "" }

// Named returns the tests that a request's header and its User-Agent name, "" for none.
func (t *Tagger) Named(c *traffic.Client) (header, userAgent string) { return t.pattern.names(c) }
