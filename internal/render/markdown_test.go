package render

import (
	"regexp"
	"strings"
	"testing"
)

func TestMarkdownShowsNamesAsText(t *testing.T) {
	for s, want := range map[string]string{
		"[sig-node] Pods should run": `\[sig-node\] Pods should run`,
		"a|b":                        `a\|b`,
		`a\|b`:                       `a\\\|b`,
		"`code` *a* _b_ ~~c~~":       "\\`code\\` \\*a\\* \\_b\\_ \\~\\~c\\~\\~",
		"<b>&lt;":                    "&lt;b>&amp;lt;",
		"two\nlines":                 "two�lines",
		"$x$ @all":                   `\$x\$ @&#8203;all`,
		"http://a_b www.a":           `http\://a\_b www\.a`,
	} {
		if got := Markdown(s); got != want {
			t.Errorf("%q is %q, want %q", s, got, want)
		}
	}
}

// FuzzMarkdown: what is left of a name when its escapes are taken away has nothing that Markdown gives a meaning.
func FuzzMarkdown(f *testing.F) {
	for _, s := range append(hostile, "a|b\\", "[a](javascript:b)", "![a](b)", "**_`~", "https://a.b/c_d") {
		f.Add(s)
	}
	escaped := regexp.MustCompile("\\\\[|\\\\`*_~$\\[\\]]|&lt;|&amp;|@&#8203;|\\\\://|www\\\\\\.")
	f.Fuzz(func(t *testing.T, s string) {
		got := Markdown(s)
		if left := escaped.ReplaceAllString(got, ""); strings.ContainsAny(left, "|\\`*_~$[]<&@\r\n") {
			t.Errorf("%q is %q, of which %q is not text", s, got, left)
		}
	})
}
