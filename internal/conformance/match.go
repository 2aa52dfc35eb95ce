package conformance

import (
	"slices"
	"strings"
)

// Match finds a conformance test by its name in a User-Agent. Tags, which are words like "[Serial]", may stand elsewhere
// in it: from v1.36 to v1.37 they moved in the names of 176 of 446 tests, and the suite that ran may be of another minor
// than the lists. All else must be the same.
//
// A name without the tag "[Conformance]" is no conformance test's.
func (l *Lists) Match(test string) (Test, bool) {
	if i := slices.IndexFunc(l.Tests, func(t Test) bool { return t.Name == test }); i >= 0 {
		return l.Tests[i], true
	}
	if !strings.Contains(test, "[Conformance]") {
		return Test{}, false
	}
	words := untagged(test)
	length := len(strings.Join(words, " "))
	for _, t := range l.Tests {
		// the same words make the same length: this spares the other tests their sorting
		if len(t.Name) == length && slices.Equal(untagged(t.Name), words) {
			return t, true
		}
	}
	return Test{}, false
}

// untagged returns a name's words, its tags last and sorted.
func untagged(name string) []string {
	words, tags := []string{}, []string{}
	for _, word := range strings.Fields(name) {
		if strings.HasPrefix(word, "[") && strings.HasSuffix(word, "]") {
			tags = append(tags, word)
			continue
		}
		words = append(words, word)
	}
	slices.Sort(tags)
	return append(words, tags...)
}
