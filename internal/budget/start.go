package budget

import (
	"fmt"
	"io"
	"math"
	"strings"
	"time"

	"e2etap/internal/db"
)

// headroom is how much more than a run had its starting budget allows.
const headroom = 1.2

// section is a limit of a starting budget.
type section struct {
	name, about string // a comment, one or more lines
	keys        []string
	metrics     []Metric
}

func sections() []section {
	return []section{
		{"the run as a whole", "Everything that was recorded, together.", []string{"run: {}"}, Metrics()},
		{
			"each test", "Each test by itself; the figures are those of the test that has most. For one test, or for those that a name with *\n" +
				"matches, write a limit of your own: limits do not replace one another, all hold.",
			[]string{`test: "*"`}, []Metric{Requests, Watches, Errors4xx, Errors5xx, BytesOut, P99},
		},
		{
			"requests without a test", "What nothing attributes to a test: the suite's own work, and programs beside it.",
			[]string{`test: "` + NoTest + `"`}, []Metric{Requests, Errors5xx},
		},
		{"kubectl", "What kubectl sends, in all tests together.", []string{"run: {}", "client: kubectl"}, []Metric{Requests, Errors4xx}},
		{"lists of pods", "Lists without a limit, which grow with the cluster.", []string{"run: {}", "resource: pods"}, []Metric{UnlimitedLists}},
	}
}

// Start writes a commented budget that a run keeps to: what it has, and a fifth more. What it has nothing of gets 0. Limits that
// match nothing in the run are left out.
func Start(w io.Writer, r *db.Reader, run db.RunInfo) error {
	out := &strings.Builder{}
	fmt.Fprintf(out, `# A budget for "report check", made from run %q: its figures and 20 %% more.
#
# A limit has a name; what it is about: run: {}, test, client or userAgent; which requests: verb, resource, namespace; and how
# much is allowed: %s.
# "report check --help" says what they mean. Times differ from machine to machine: take them out, or give them more room.
limits:
`, run.Name, metricWords())
	for _, s := range sections() {
		largest, err := s.measure(r, run)
		if err != nil {
			return err
		}
		if largest == nil {
			continue
		}
		fmt.Fprintf(out, "\n# %s\n- name: %s\n", strings.ReplaceAll(s.about, "\n", "\n# "), s.name)
		for _, key := range s.keys {
			fmt.Fprintf(out, "  %s\n", key)
		}
		for _, m := range s.metrics {
			fmt.Fprintf(out, "  %s: %s # was %s\n", m, m.exact(m.roomy(largest[m])), m.Format(largest[m]))
		}
	}
	_, err := io.WriteString(w, out.String())
	return err
}

func metricWords() string {
	var words []string
	for _, m := range Metrics() {
		words = append(words, string(m))
	}
	return strings.Join(words, ", ")
}

// measure returns the most that a subject of the section has of each metric; nil if it has no subject.
func (s *section) measure(r *db.Reader, run db.RunInfo) (map[Metric]int64, error) {
	text := "limits:\n- name: a\n"
	for _, line := range s.keys {
		text += "  " + line + "\n"
	}
	for _, m := range s.metrics {
		text += fmt.Sprintf("  %s: %s\n", m, m.Format(0))
	}
	b, err := Parse([]byte(text))
	if err != nil {
		return nil, err
	}
	result, err := Check(r, run, b)
	if err != nil || len(result.Findings) == 0 {
		return nil, err
	}
	largest := map[Metric]int64{}
	for _, f := range result.Findings {
		for _, m := range f.Measures {
			largest[m.Metric] = max(largest[m.Metric], m.Measured)
		}
	}
	return largest, nil
}

// roomy adds the headroom and rounds up, to two digits or more.
func (m Metric) roomy(amount int64) int64 {
	more := math.Ceil(float64(amount) * headroom)
	unit, step := 1.0, 1.0
	switch {
	case m.IsBytes():
		step = 1024
	case m.IsTime():
		unit, step = float64(time.Millisecond), 10
	}
	for step > 1 && more/unit >= 10*step {
		unit *= step
	}
	return int64(math.Ceil(more/unit) * unit)
}

// exact writes an amount as a budget may have it.
func (m Metric) exact(amount int64) string {
	if m.IsBytes() {
		return Bytes(amount).exact()
	}
	return m.Format(amount)
}
