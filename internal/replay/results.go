package replay

import (
	"fmt"
	"io"
	"os"
	"time"

	"e2etap/internal/db"
	"e2etap/internal/spec"
	"e2etap/internal/traffic"
)

// ReadFile reads a file of results; "-" is stdin, which nothing else is read from.
func ReadFile(file string, stdin io.Reader) ([]traffic.Spec, error) {
	if file == "-" {
		return spec.ReadResults(stdin, "standard input")
	}
	f, err := os.Open(file)
	if err != nil {
		return nil, fmt.Errorf("open results: %w", err)
	}
	defer f.Close()
	return spec.ReadResults(f, file)
}

// Imported tells what became of a file of results.
type Imported struct {
	Specs    int                         // in the recording now, with nodes of the whole suite
	Outside  int                         // that ran before or after the run, and so are not
	SameName int                         // that share their name with another one of the file
	Nodes    int                         // of Specs, nodes of the whole suite
	Outcomes map[traffic.SpecOutcome]int // of the others
}

// Import puts the specs of a file of results into a run, in the place of what the output told of the same tests. Specs without
// times complete what is known of the tests of their names. It fails, and changes nothing, if the results are of another run.
func Import(e *db.Editor, run db.RunInfo, file string, specs []traffic.Spec) (Imported, error) {
	var result Imported
	inside, first, last := within(run, specs)
	result.Outside = len(specs) - len(inside)
	if len(inside) == 0 && len(specs) > 0 {
		return result, fmt.Errorf("results %s: their specs ran from %s to %s, but %s went on from %s to %s\n"+
			"hint: name the run with --run", file, clock(first), clock(last), run.Name, clock(run.Start), clock(run.End))
	}
	_, old, err := e.Known(run.ID)
	if err != nil {
		return result, err
	}
	tests, err := e.MatchTests("", []int64{run.ID})
	if err != nil {
		return result, err
	}
	if !anyTime(inside) && !anyKnown(inside, old, tests) && len(inside) > 0 {
		return result, fmt.Errorf("results %s: none of their %d tests is in %s, and they have no times\n"+
			"hint: name the run with --run", file, len(inside), run.Name)
	}
	out, in := merge(old, inside)
	result.Specs, result.SameName = len(in), sameNames(in)
	result.Outcomes = map[traffic.SpecOutcome]int{}
	for i := range in {
		if in[i].Test == "" {
			result.Nodes++
		} else {
			result.Outcomes[in[i].Outcome]++
		}
	}
	return result, e.ReplaceSpecs(run.ID, out, in)
}

// slack is how far a spec may reach out of its run: clocks are read at different moments.
const slack = 2 * time.Second

// within returns the specs that ran in the time of a run, or have no time, and when all began and ended.
func within(run db.RunInfo, specs []traffic.Spec) (inside []traffic.Spec, first, last time.Time) {
	for _, s := range specs {
		if s.Start.IsZero() {
			inside = append(inside, s)
			continue
		}
		if first.IsZero() || s.Start.Before(first) {
			first = s.Start
		}
		if s.End.After(last) {
			last = s.End
		}
		if !s.Start.Before(run.Start.Add(-slack)) && (run.End.IsZero() || !s.End.After(run.End.Add(slack))) {
			inside = append(inside, s)
		}
	}
	return inside, first, last
}

func clock(t time.Time) string {
	if t.IsZero() {
		return "an unknown time"
	}
	return t.UTC().Format("2006-01-02 15:04:05Z")
}

func anyTime(specs []traffic.Spec) bool {
	for i := range specs {
		if !specs[i].Start.IsZero() {
			return true
		}
	}
	return false
}

// anyKnown tells whether a run knows one of the specs' tests.
func anyKnown(specs []traffic.Spec, old []*traffic.Spec, tests []string) bool {
	known := map[string]bool{}
	for _, test := range tests {
		known[test] = true
	}
	for _, s := range old {
		known[s.Test] = true
	}
	for i := range specs {
		if specs[i].Test != "" && known[specs[i].Test] {
			return true
		}
	}
	return false
}

// what says what a spec is of: a test, or a node of the whole suite.
type what struct{ test, node string }

// merge returns which specs a run loses and which it gets.
func merge(old []*traffic.Spec, results []traffic.Spec) (out []int64, in []traffic.Spec) {
	known := map[what][]*traffic.Spec{}
	for _, s := range old {
		w := what{s.Test, s.Node}
		known[w] = append(known[w], s)
	}
	gone := map[int64]bool{}
	for _, s := range results {
		w := what{s.Test, s.Node}
		if !s.Start.IsZero() {
			for _, k := range known[w] {
				if k.Told != traffic.ToldMark && !gone[k.ID] {
					gone[k.ID], out = true, append(out, k.ID)
				}
			}
		} else if rest := known[w]; len(rest) > 0 {
			s = complete(*rest[0], s)
			known[w], out = rest[1:], append(out, rest[0].ID)
		}
		in = append(in, s)
	}
	return out, in
}

// complete adds to what is known of a spec what a result without times tells.
func complete(known, result traffic.Spec) traffic.Spec {
	known.Outcome = result.Outcome
	if result.Duration > 0 {
		known.Duration = result.Duration
	}
	known.Attempts = max(known.Attempts, result.Attempts)
	if known.Location == "" {
		known.Location = result.Location
	}
	if len(known.Labels) == 0 {
		known.Labels = result.Labels
	}
	return known
}

func sameNames(specs []traffic.Spec) (n int) {
	seen := map[string]bool{}
	for i := range specs {
		if specs[i].Test != "" && seen[specs[i].Test] {
			n++
		}
		seen[specs[i].Test] = true
	}
	return n
}
