package correlate

import (
	"strings"
	"time"

	"e2etap/internal/traffic"
)

// isMark tells whether a request is a mark that "proxy run --forward-marks" has sent to the API server: it names the test that begins
// in its User-Agent, or none.
func isMark(a *traffic.Audit) bool {
	return strings.HasPrefix(a.UserAgent, traffic.OwnProgram) && strings.HasSuffix(a.Path, "/e2e/mark")
}

// marked are the specs that marks tell of, by the API server's clock: each mark begins one and ends the one before.
type marked struct{ specs []traffic.Spec }

func (m *marked) add(test string, at time.Time) {
	m.end(at)
	if test != "" {
		m.specs = append(m.specs, traffic.Spec{Test: test, Told: traffic.ToldMark, Start: at})
	}
}

// end ends the last spec, if it has none.
func (m *marked) end(at time.Time) {
	if n := len(m.specs); n > 0 && m.specs[n-1].End.IsZero() {
		m.specs[n-1].End, m.specs[n-1].Duration = at, at.Sub(m.specs[n-1].Start)
	}
}
