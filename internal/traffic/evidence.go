package traffic

import (
	"strings"
	"time"
)

// Process is a process of this machine that holds the client's end of a connection, or an ancestor of one.
type Process struct {
	// ID is the process's row in the recording; 0 until the recorder has given one.
	ID int64
	// Parent is nil where the chain ends: at the command that the proxy runs, or where no more is known.
	Parent *Process
	// Root tells that it is the command that the proxy runs.
	Root bool

	PID        int
	Start      time.Time // good to a clock tick, 10 ms on Linux (proc(5), starttime)
	Executable string    // its path
	Command    []string  // its arguments, the program's name first, without secrets
	Test       string    // its environment variable E2E_TEST; "" if that is not set
}

// Inside tells whether the command that the proxy runs is the process or an ancestor of it.
func (p *Process) Inside() bool {
	for ; p != nil; p = p.Parent {
		if p.Root {
			return true
		}
	}
	return false
}

// Attribution says which test a request belongs to, and how that is known.
type Attribution struct {
	Test      string // "" if nothing names one
	Source    Source // what named Test; SourceNone with ""
	Agreed    SourceSet
	Disagreed SourceSet // sources that named another test
	Why       Why       // what is known of a request without a test
	Phase     Phase
	Attempt   int // of a test that was tried again: 1, 2, …; 0 if nothing tells
}

// SourceSet is a set of sources.
type SourceSet uint16

// With returns the set with one more source.
func (s SourceSet) With(source Source) SourceSet { return s | 1<<source }

// Has tells whether a source is in the set.
func (s SourceSet) Has(source Source) bool { return s&(1<<source) != 0 }

// String lists the set's sources, strongest first: "user-agent,namespace". It is "" for the empty set.
func (s SourceSet) String() string {
	var list []string
	for _, source := range Sources() {
		if s.Has(source) {
			list = append(list, source.String())
		}
	}
	return strings.Join(list, ",")
}

// Spec is one execution of a test, or of a node of the whole suite, as something other than a request tells of it: the
// test program's output, its results, or a mark.
type Spec struct {
	// ID is the spec's row in the recording; 0 until the recorder has given one.
	ID int64

	Test string // its name, as a User-Agent has it; "" for a node of the whole suite
	Node string // what of the whole suite it is, "BeforeSuite" for instance; "" for a test
	Told Told

	// Worker tells apart what runs at the same time: the number of ginkgo's process, or the package of go test. "" if
	// there is but one, or nothing tells.
	Worker string
	// Process is the process that a mark is for; nil for other specs.
	Process *Process

	Start, End time.Time // zero: not known, or not yet
	Duration   time.Duration
	Outcome    SpecOutcome
	Attempts   int      // 1, if it was not tried again; 0 if nothing tells
	Labels     []string // ginkgo's
	Location   string   // in the source: "test/e2e/kubectl/kubectl.go:123"
	Phases     []PhaseStart
}

// PhaseAt returns the phase that began last at a time or before it; the zero value if none had.
func (s *Spec) PhaseAt(t time.Time) PhaseStart {
	var in PhaseStart
	for _, p := range s.Phases {
		if p.At.After(t) {
			break
		}
		in = p
	}
	return in
}

// PhaseStart says when a phase of a spec began. It lasts to the next one's start.
type PhaseStart struct {
	At      time.Time
	Phase   Phase
	Attempt int // 1, 2, …
}
