package spec

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"e2etap/internal/traffic"
)

// rounding is by how much a test may have run longer than go test -v prints: it prints hundredths of a second.
const rounding = 5 * time.Millisecond

// result takes "PASS: TestX/sub (0.01s)". A test whose beginning was not printed, in a ginkgo suite's output, does nothing but run the
// suite, whose specs are told one by one.
func (g *goTest) result(text string) {
	word, rest, _ := strings.Cut(text, ": ")
	outcome := goOutcome(strings.ToLower(word))
	open := strings.LastIndex(rest, " (")
	if outcome == traffic.SpecUnknown || open <= 0 {
		return
	}
	duration, err := time.ParseDuration(strings.TrimSuffix(rest[open+2:], ")"))
	if err != nil || duration < 0 {
		return
	}
	if k := (testKey{"", rest[:open]}); g.tests[k] != nil || !g.scanner.ginkgo.seen() {
		g.resultOf(k, g.scanner.lineAt, outcome, duration)
	}
}

// goOutcome reads what go test prints of a test's end, in small letters as -json has it.
func goOutcome(word string) traffic.SpecOutcome {
	switch word {
	case "pass":
		return traffic.SpecPassed
	case "fail":
		return traffic.SpecFailed
	case "skip":
		return traffic.SpecSkipped
	}
	return traffic.SpecUnknown
}

// resultOf ends a test. Without -v only those that fail are printed, and never begin.
func (g *goTest) resultOf(k testKey, at time.Time, outcome traffic.SpecOutcome, duration time.Duration) {
	if t := g.tests[k]; t != nil {
		g.end(t, at, outcome, duration)
		g.wakeParent(k, at)
		return
	}
	spec := traffic.Spec{Test: k.name, Worker: k.pkg, End: at, Duration: duration, Outcome: outcome}
	if k.pkg != "" {
		spec.Test = k.pkg + "." + k.name
	}
	g.scanner.send(Ended, g.scanner.nextKey(), at, spec)
}

func (g *goTest) end(t *test, at time.Time, outcome traffic.SpecOutcome, duration time.Duration) {
	delete(g.tests, t.testKey)
	spec := t.spec
	spec.End, spec.Outcome, spec.Duration = t.endsAt(at, duration), outcome, duration
	g.scanner.send(Ended, t.key, spec.End, spec)
}

// endsAt returns when a test ended whose result is printed at that time. A subtest's comes late, with its parent's.
func (t *test) endsAt(at time.Time, duration time.Duration) time.Time {
	if !t.overAt.IsZero() && t.overAt.Before(at) {
		at = t.overAt
	}
	byDuration := t.spec.Start.Add(duration + rounding)
	if duration > 0 && !t.parallel && strings.Contains(t.name, "/") && byDuration.Before(at) {
		return byDuration
	}
	return at
}

// closePackage ends a package's tests that have not ended, as interrupted, the inner ones first.
func (g *goTest) closePackage(pkg string, at time.Time) {
	g.closeWhere(at, func(t *test) bool { return t.pkg == pkg })
}

func (g *goTest) closeAll(at time.Time) {
	g.closeWhere(at, func(*test) bool { return true })
}

func (g *goTest) closeWhere(at time.Time, which func(*test) bool) {
	var open []*test
	for _, t := range g.tests {
		if which(t) {
			open = append(open, t)
		}
	}
	open = sorted(open)
	slices.Reverse(open)
	for _, t := range open {
		g.end(t, at, traffic.SpecInterrupted, 0)
	}
}

// sorted puts tests into the order in which they began: a map has none.
func sorted(list []*test) []*test {
	slices.SortFunc(list, func(a, b *test) int { return cmp.Compare(a.key, b.key) })
	return list
}
