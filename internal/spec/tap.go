package spec

import (
	"bytes"
	"strconv"
	"time"

	"e2etap/internal/traffic"
)

// tap finds the test points of the Test Anything Protocol, versions 13 and 14 (testanything.org), as bats prints them.
// Only points of the outermost level count. Blocks of YAML below a point are not read. A log may have a line "ok 1 …", so
// nothing counts before a version or a plan.
type tap struct {
	scanner *Scanner
	on      bool
}

func (t *tap) line(text []byte) bool {
	if !t.on {
		t.on = bytes.HasPrefix(text, []byte("TAP version ")) || isPlan(text)
		return t.on
	}
	spec, ok := tapPoint(text)
	if ok {
		spec.End = t.scanner.lineAt
		t.scanner.send(Ended, t.scanner.nextKey(), spec.End, spec)
	}
	return ok
}

// isPlan tells whether the line is "1..N", perhaps with a comment.
func isPlan(text []byte) bool {
	count, ok := bytes.CutPrefix(text, []byte("1.."))
	if !ok {
		return false
	}
	count, _, _ = bytes.Cut(count, []byte(" "))
	_, err := strconv.Atoi(string(count))
	return err == nil
}

// tapPoint reads "ok 1 - name # SKIP why". A failed point that is marked TODO is pending, as it is meant to fail.
func tapPoint(text []byte) (traffic.Spec, bool) {
	spec := traffic.Spec{Outcome: traffic.SpecPassed}
	rest, ok := bytes.CutPrefix(text, []byte("ok "))
	if !ok {
		if rest, ok = bytes.CutPrefix(text, []byte("not ok ")); !ok {
			return spec, false
		}
		spec.Outcome = traffic.SpecFailed
	}
	number, name, _ := bytes.Cut(rest, []byte(" "))
	if _, err := strconv.ParseUint(string(number), 10, 32); err != nil {
		return spec, false
	}
	name, directive := cutDirective(name)
	switch {
	case hasFoldedPrefix(directive, "skip"):
		spec.Outcome = traffic.SpecSkipped
	case hasFoldedPrefix(directive, "todo"):
		spec.Outcome = traffic.SpecPending
	}
	name = bytes.TrimSpace(bytes.TrimPrefix(bytes.TrimSpace(name), []byte("- ")))
	name, spec.Duration = cutTiming(name)
	spec.Test = string(name)
	return spec, spec.Test != ""
}

// cutDirective cuts what follows the last " # ", if it is a directive: a name may contain a "#".
func cutDirective(name []byte) (before, directive []byte) {
	at := bytes.LastIndex(name, []byte("# "))
	if at < 0 || at > 0 && (name[at-1] != ' ' || at > 1 && name[at-2] == '\\') {
		return name, nil
	}
	directive = bytes.TrimSpace(name[at+2:])
	if hasFoldedPrefix(directive, "skip") || hasFoldedPrefix(directive, "todo") {
		return name[:at], directive
	}
	return name, nil
}

func hasFoldedPrefix(text []byte, prefix string) bool {
	return len(text) >= len(prefix) && bytes.EqualFold(text[:len(prefix)], []byte(prefix))
}

// cutTiming cuts the " in 12ms" that bats --timing puts after a name. A name that ends so by itself loses its end: the
// text does not tell.
func cutTiming(name []byte) ([]byte, time.Duration) {
	at := bytes.LastIndex(name, []byte(" in "))
	if at < 0 || !bytes.HasSuffix(name, []byte("ms")) {
		return name, 0
	}
	ms, err := strconv.ParseUint(string(name[at+4:len(name)-2]), 10, 40)
	if err != nil {
		return name, 0
	}
	return name[:at], time.Duration(ms) * time.Millisecond
}
