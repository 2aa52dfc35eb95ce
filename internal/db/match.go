package db

import (
	"maps"
	"slices"
	"strings"
)

// MatchTests returns the tests of some runs that a pattern means: see [MatchNames].
func (r *Reader) MatchTests(pattern string, runs []int64) ([]string, error) {
	byID, err := r.tests(runs)
	if err != nil {
		return nil, err
	}
	return MatchNames(pattern, slices.Collect(maps.Values(byID))), nil
}

// MatchNames returns the names that a pattern means, in alphabetical order and each once: the name that it is; else, if the
// pattern has a * (any text) or ? (any character), those it matches as a whole; else those that contain it, which for "" is
// every name. No character but these two is special: names of tests are full of brackets. The empty name is never meant.
func MatchNames(pattern string, all []string) []string {
	match := func(name string) bool { return strings.Contains(name, pattern) }
	if strings.ContainsAny(pattern, "*?") {
		match = func(name string) bool { return globMatch(pattern, name) }
	}
	var names []string
	for _, name := range all {
		switch {
		case name == "":
		case name == pattern:
			return []string{name}
		case match(name):
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// globMatch tells whether a pattern of *, ? and other characters, which stand for themselves, matches the whole of s.
func globMatch(pattern, s string) bool {
	p, t := []rune(pattern), []rune(s)
	star, mark := -1, 0 // the last * and where its text ended when last tried
	i, j := 0, 0
	for j < len(t) {
		switch {
		case i < len(p) && p[i] == '*':
			star, mark = i, j
			i++
		case i < len(p) && (p[i] == '?' || p[i] == t[j]):
			i, j = i+1, j+1
		case star >= 0:
			mark++
			i, j = star+1, mark
		default:
			return false
		}
	}
	return strings.Trim(string(p[i:]), "*") == ""
}
