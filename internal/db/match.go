package db

import (
	"slices"
	"strings"
)

// MatchTests returns the tests of some runs that a pattern means, in alphabetical order: the test of exactly that name;
// else, if the pattern has a * (any text) or ? (any character), those it matches as a whole; else those that contain
// it, which for "" is every test. No character but these two is special: names of tests are full of brackets.
func (r *Reader) MatchTests(pattern string, runs []int64) ([]string, error) {
	byID, err := r.tests(runs)
	if err != nil {
		return nil, err
	}
	match := func(name string) bool { return name != "" && strings.Contains(name, pattern) }
	if strings.ContainsAny(pattern, "*?") {
		match = func(name string) bool { return name != "" && globMatch(pattern, name) }
	}
	var names []string
	for _, name := range byID {
		if name == pattern && name != "" {
			return []string{name}, nil
		}
		if match(name) {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return slices.Compact(names), nil
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
