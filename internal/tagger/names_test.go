package tagger

import (
	"regexp"
	"strings"
	"testing"

	"e2etap/internal/traffic"
)

func TestHeadersNameTests(t *testing.T) {
	const framework = "e2e.test/v1.37.2 (linux/amd64) kubernetes/abc"
	for _, tt := range []struct {
		name, pattern string
		client        traffic.Client
		test          string
		source        traffic.Source
	}{
		{"nothing", "", traffic.Client{UserAgent: framework}, "", traffic.SourceNone},
		{"user agent", "", traffic.Client{UserAgent: framework + " -- [sig-node] Pods should run"},
			"[sig-node] Pods should run", traffic.SourceUserAgent},
		{"a name with the separator is whole", "", traffic.Client{UserAgent: framework + " -- a -- b --unix-socket=/x"},
			"a -- b --unix-socket=/x", traffic.SourceUserAgent},
		{"an empty name is none", "", traffic.Client{UserAgent: framework + " --  "}, "", traffic.SourceNone},
		{"the header is stronger", "", traffic.Client{UserAgent: framework + " -- a", TestHeader: "b"}, "b", traffic.SourceHeader},
		{"an empty header is none", "", traffic.Client{UserAgent: framework + " -- a", TestHeader: " "}, "a", traffic.SourceUserAgent},
		{"own pattern", `^chainsaw \((.*)\)`, traffic.Client{UserAgent: "chainsaw (create pod)"}, "create pod", traffic.SourceUserAgent},
		{"own pattern that does not match", `^chainsaw \((.*)\)`, traffic.Client{UserAgent: "x -- y"}, "", traffic.SourceNone},
	} {
		t.Run(tt.name, func(t *testing.T) {
			tagger, err := New(tt.pattern)
			if err != nil {
				t.Fatal(err)
			}
			a := tagger.Attribute(&traffic.Request{Client: tt.client}, nil)
			if a.Test != tt.test || a.Source != tt.source {
				t.Errorf("got %q from %v, want %q from %v", a.Test, a.Source, tt.test, tt.source)
			}
		})
	}
}

func TestNewRefusesPatternsWithoutOneGroup(t *testing.T) {
	for _, pattern := range []string{"(", "no group", "(two)(groups)"} {
		if _, err := New(pattern); err == nil || !strings.Contains(err.Error(), pattern) {
			t.Errorf("New(%q) = %v, want an error that names the pattern", pattern, err)
		}
	}
}

// The fast path and the pattern that the help text shows must mean the same.
func FuzzUserAgent(f *testing.F) {
	f.Add("e2e.test/v1 -- [sig-cli] Kubectl --unix-socket=/path -- x")
	f.Add(" -- ")
	f.Add("a --  -- b")
	slow := pattern{regexpMustCompile(f, `(?s)`+DefaultPattern)}
	f.Fuzz(func(t *testing.T, ua string) {
		if fast, byPattern := UserAgent(ua), slow.find(ua); fast != byPattern {
			t.Errorf("%q: fast %q, by pattern %q", ua, fast, byPattern)
		}
	})
}

func regexpMustCompile(f *testing.F, pattern string) *regexp.Regexp {
	re, err := regexp.Compile(pattern)
	if err != nil {
		f.Fatal(err)
	}
	return re
}
