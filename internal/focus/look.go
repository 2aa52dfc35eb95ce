package focus

import (
	"e2etap/internal/coverage"
	"e2etap/internal/db"
	"e2etap/internal/traffic"
)

// DefaultShare is the share of the tests from which an operation may be noise. Some tests of Kubernetes' suite need no namespace
// and have none, so that what the framework does for the others is not asked for by all.
const DefaultShare = 0.75

// MinTests is how many tests a run needs for noise to be looked for: among fewer, that most do the same may be chance.
const MinTests = 5

// Run is a run as seen by Look.
type Run struct {
	Name     string // of the run
	Count    int    // tests that asked for an operation
	HasPhase bool   // of at least one of them phases are known

	tests      []Test
	operations []Operation
}

// Test is a test and the operations that it asked for.
type Test struct {
	Name        string
	Conformance bool           // false before coverage.Run.Judge
	Requests    int64          // for operations, noise included
	Operations  []*coverage.Op // but for noise, by path, then method
	Alone       []*coverage.Op // of these, those that no other test asked for
	Noise       int            // operations that are noise
}

// Operation is an operation that tests asked for.
type Operation struct {
	*coverage.Op
	Tests       []string // that asked for it, by name
	Conformance int      // of these, conformance tests; 0 before coverage.Run.Judge
	Phased      int      // of these, those of which phases are known for it
	Outside     int      // of Phased, those that asked for it only outside of their bodies
	Noise       bool
}

// Look measures a run of a recording. Operations that at least a share of the tests ask for, up to 1, may be noise; if it is
// 0, none is.
func Look(r *db.Reader, run *coverage.Run, share float64) (*Run, error) {
	look := &Run{Name: run.Info.Name}
	phases := phasesOf{}
	resolve := run.Resolver()
	err := r.ByPhase(db.Filter{Runs: []int64{run.Info.ID}}, func(test string, e db.Endpoint, phase, _ int64) error {
		if op := resolve(e); op != nil && test != "" {
			phases.add(op, test, traffic.Phase(phase))
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	look.countOperations(run, phases)
	look.markNoise(share)
	look.countTests()
	return look, nil
}

// phasesOf are the phases in which tests asked for operations.
type phasesOf map[*coverage.Op]map[string]seen

type seen struct{ body, outside bool }

func (p phasesOf) add(op *coverage.Op, test string, phase traffic.Phase) {
	s := p[op][test]
	switch phase {
	case traffic.PhaseBody:
		s.body = true
	case traffic.PhaseSetup, traffic.PhaseCleanup, traffic.PhaseAfter:
		s.outside = true
	default:
		return
	}
	if p[op] == nil {
		p[op] = map[string]seen{}
	}
	p[op][test] = s
}

func (l *Run) countOperations(run *coverage.Run, phases phasesOf) {
	tests := map[string]bool{}
	for i := range run.Operations {
		o := Operation{Op: &run.Operations[i]}
		for j := range o.Op.Tests {
			if use := &o.Op.Tests[j]; use.Test != "" {
				o.add(use, phases[o.Op][use.Test])
				tests[use.Test] = true
			}
		}
		if len(o.Tests) > 0 {
			l.operations = append(l.operations, o)
			l.HasPhase = l.HasPhase || o.Phased > 0
		}
	}
	l.Count = len(tests)
}

func (o *Operation) add(use *coverage.TestUse, in seen) {
	o.Tests = append(o.Tests, use.Test)
	if use.Conformance {
		o.Conformance++
	}
	if in != (seen{}) {
		o.Phased++
	}
	if in.outside && !in.body {
		o.Outside++
	}
}

// markNoise is the rule of the package's comment.
func (l *Run) markNoise(share float64) {
	if l.Count < MinTests || share <= 0 {
		return
	}
	for i := range l.operations {
		o := &l.operations[i]
		common := float64(len(o.Tests)) >= share*float64(l.Count)
		o.Noise = common && (o.Phased == 0 || 2*o.Outside > o.Phased)
	}
}
