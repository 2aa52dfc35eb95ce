package budget

import (
	"cmp"
	"slices"
	"strings"

	"e2etap/internal/db"
)

// tally has a sum for each of a limit's bounds.
type tally struct{ sums []sum }

// sum is what a subject has of one metric.
type sum struct {
	total   int64 // or the longest
	request int64 // the first that made it more than is allowed, or the longest
	timed   []timed
}

// timed is a request whose duration counts for a percentile.
type timed struct{ duration, request int64 }

func (s *sum) add(b bound, f *db.Fact) {
	switch b.metric {
	case P99:
		if f.Timed {
			s.timed = append(s.timed, timed{int64(f.Duration), f.ID})
		}
	case Max:
		if f.Timed && int64(f.Duration) > s.total {
			s.total, s.request = int64(f.Duration), f.ID
		}
	default:
		s.total += share(b.metric, f)
		if s.request == 0 && s.total > b.allowed {
			s.request = f.ID
		}
	}
}

// share is what a request adds to a metric that is a sum.
func share(m Metric, f *db.Fact) int64 {
	is := false
	switch m {
	case Requests:
		is = true
	case Watches:
		is = f.Endpoint.Verb == "watch"
	case Errors4xx:
		is = f.Status/100 == 4
	case Errors5xx:
		is = f.Status/100 == 5
	case UnlimitedLists:
		is = f.Endpoint.Verb == "list" && !f.Endpoint.Named && f.Limit == 0
	case Deprecated:
		is = isDeprecated(f.Warnings)
	case BytesIn:
		return f.BytesIn
	case BytesOut:
		return f.BytesOut
	}
	if is {
		return 1
	}
	return 0
}

// isDeprecated tells whether one of the warnings is about deprecation: "299 - \"policy/v1beta1 PodDisruptionBudget is deprecated in
// v1.21+, unavailable in v1.25+\"" (k8s.io/apiserver, pkg/endpoints/deprecation), "299 - \"spec.x: deprecated since v1.27\"".
func isDeprecated(warnings string) bool {
	for line := range strings.SplitSeq(warnings, "\n") {
		if strings.HasPrefix(line, "299 ") && strings.Contains(strings.ToLower(line), "deprecated") {
			return true
		}
	}
	return false
}

func (s *sum) measure(b bound) Measure {
	if b.metric == P99 {
		s.total, s.request = percentile(s.timed, 99)
	}
	m := Measure{Metric: b.metric, Measured: s.total, Allowed: b.allowed}
	if m.Over() {
		m.Request = s.request
	}
	return m
}

// percentile returns the nearest rank, and whose it is; 0 of none.
func percentile(all []timed, percent int) (duration, request int64) {
	if len(all) == 0 {
		return 0, 0
	}
	slices.SortFunc(all, func(a, b timed) int {
		return cmp.Or(cmp.Compare(a.duration, b.duration), cmp.Compare(a.request, b.request))
	})
	at := all[(len(all)*percent+99)/100-1]
	return at.duration, at.request
}
