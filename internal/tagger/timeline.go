package tagger

import (
	"slices"
	"sort"
	"strings"
	"time"

	"e2etap/internal/traffic"
)

// moment is a time in nanoseconds since 1970: half the size of a time.Time and faster to compare.
type moment int64

const never = moment(1<<63 - 1)

func momentOf(t time.Time) moment {
	if t.IsZero() {
		return 0
	}
	return moment(t.UnixNano())
}

const (
	// tick is how far before its true start a process may seem to have started (proc(5), starttime).
	tick = moment(10 * time.Millisecond)
	// printDelay is how much later than it was printed a line of output may be read.
	printDelay = moment(50 * time.Millisecond)
)

// timeline is what is known of the specs that one process, or one worker, ran one after another.
type timeline struct {
	key      string // see workerOf
	names    bool   // its requests name their tests
	program  string // see pattern.program
	inferred []span // from names in its requests
	past     map[string]bool
	told     []told    // in order of start
	latest   []moment  // of the ends of each one and those before it; nil: to be made
	exact    bool      // results are among told, and so all specs
	marked   bool      // marks are among told
	worker   *timeline // of the same worker, or the output if it is the only one; nil: not known
	fitting  int       // requests that name the spec which was running as the output tells, while worker was not known otherwise
}

// span is the time in which a process sent the requests of a spec.
type span struct {
	test        string
	first, last moment
	ended       moment // as printed; 0: not known
	alone       bool   // one request is all that names it
	before      moment // of the last one that named the spec before, while this one was alone; 0: none
}

// told is a spec of which something else than requests tells.
type told struct {
	spec       *traffic.Spec
	start, end moment // never: it has no end yet
}

// infer takes note of a request at a time that names its test. A worker's specs follow one another: the test of an earlier spec
// does not come again, except as a request that comes late.
func (l *timeline) infer(test string, at moment) {
	n := len(l.inferred)
	if n > 0 && l.inferred[n-1].test == test {
		l.inferred[n-1].last, l.inferred[n-1].alone = max(l.inferred[n-1].last, at), false
		return
	}
	if l.past[test] {
		if n > 1 && l.inferred[n-1].alone && l.inferred[n-2].test == test {
			l.inferred[n-1].before = at
		}
		return
	}
	if l.past == nil {
		l.past = map[string]bool{}
	}
	l.past[test] = true
	l.inferred = append(l.inferred, span{test: test, first: at, last: at, alone: true})
}

// spanAt returns the index of the last span that had begun at a time, -1 if none had.
func (l *timeline) spanAt(at moment) int {
	if i := len(l.inferred) - 1; i < 0 || l.inferred[i].first <= at {
		return i
	}
	return sort.Search(len(l.inferred), func(i int) bool { return l.inferred[i].first > at }) - 1
}

// covering returns the test that requests name before and after a time, or at it; with hidden, other ones than the request of
// that time. i is the span's index, as spanAt has it.
func (l *timeline) covering(i int, at moment, hidden bool) string {
	if i < 0 {
		return ""
	}
	s := &l.inferred[i]
	switch {
	case !hidden && at <= s.last, s.first < at && at < s.last:
		return s.test
	case hidden && at == s.first && at < s.before: // without the request at that time the span before went on
		return l.inferred[i-1].test
	}
	return ""
}

// printedEnd takes note that the output has told the end of a spec.
func (l *timeline) printedEnd(s *traffic.Spec) {
	if n := len(l.inferred); n > 0 && l.inferred[n-1].test == s.Test && l.inferred[n-1].first <= momentOf(s.End) {
		l.inferred[n-1].ended = momentOf(s.End)
	}
}

// tell takes note of a spec, or of what has changed about it.
func (l *timeline) tell(s *traffic.Spec) {
	if s.Start.IsZero() || s.Told == traffic.ToldResults && s.End.IsZero() {
		return // nothing tells when it ran
	}
	l.exact = l.exact || s.Told == traffic.ToldResults
	l.marked = l.marked || s.Told == traffic.ToldMark
	t := told{s, momentOf(s.Start), never}
	if !s.End.IsZero() {
		t.end = momentOf(s.End)
	}
	i := len(l.told) - 1
	for ; i >= 0 && l.told[i].spec != s; i-- {
	}
	if i >= 0 {
		l.told = slices.Delete(l.told, i, i+1)
	}
	i = len(l.told)
	for ; i > 0 && l.told[i-1].start > t.start; i-- {
	}
	l.told = slices.Insert(l.told, i, t)
	l.latest = nil
}

// running returns the spec that was running at a time, as told. If several were, it is the innermost, where each is part
// of the one before, as in go test's subtests; else none, and many is true.
func (l *timeline) running(at moment) (s *traffic.Spec, many bool) {
	if l.latest == nil {
		last := moment(0)
		for _, t := range l.told {
			last = max(last, t.end)
			l.latest = append(l.latest, last)
		}
	}
	for i := l.after(at) - 1; i >= 0 && l.latest[i] > at; i-- {
		t := l.told[i]
		switch {
		case t.end <= at, t.spec.PhaseAt(time.Unix(0, int64(at))).Phase == traffic.PhasePaused:
		case s == nil:
			s = t.spec
		case !strings.HasPrefix(s.Test, t.spec.Test+"/") && t.spec.Test != s.Test:
			return nil, true
		}
	}
	return s, false
}

// asPrinted returns the test that was running at a time, as told; at a time when the line that tells of the next one may not
// have been read yet, none.
func (l *timeline) asPrinted(at moment) (string, traffic.Why) {
	s, many := l.running(at)
	switch {
	case many:
		return "", traffic.WhyParallel
	case s != nil && s.Told != traffic.ToldOutput:
		return testOf(s)
	case l.startsWithin(at, printDelay):
		return "", traffic.WhyBoundary
	case s != nil:
		return testOf(s)
	}
	return "", traffic.WhyBetween
}

// startsWithin tells whether a spec is told to start after a time, but not later than so long after.
func (l *timeline) startsWithin(at, delay moment) bool {
	i := l.after(at)
	return i < len(l.told) && l.told[i].start-at < delay
}

// after returns the index of the first spec that is told to start after a time.
func (l *timeline) after(at moment) int {
	return sort.Search(len(l.told), func(i int) bool { return l.told[i].start > at })
}
