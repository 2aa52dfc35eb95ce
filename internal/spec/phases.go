package spec

import (
	"time"

	"e2etap/internal/traffic"
)

// specEvent is what is read of ginkgo's types.SpecEvent.
type specEvent struct {
	SpecEventType    string
	NodeType         string
	Attempt          int
	TimelineLocation struct{ Time time.Time }
}

// phasesOf returns when a spec's phases began. Nodes of one phase that follow each other are one; a new attempt begins a
// new one.
func phasesOf(events []specEvent) []traffic.PhaseStart {
	var starts []traffic.PhaseStart
	attempt := 1
	for _, e := range events {
		switch e.SpecEventType {
		case "Retry", "Repeat": // of the attempt that is over
			attempt = e.Attempt + 1
			continue
		case "Node":
		default:
			continue
		}
		next := traffic.PhaseStart{At: e.TimelineLocation.Time, Phase: nodePhase(e.NodeType), Attempt: attempt}
		if next.Phase == traffic.PhaseUnknown {
			continue
		}
		if n := len(starts); n > 0 && starts[n-1].Phase == next.Phase && starts[n-1].Attempt == attempt {
			continue
		}
		starts = append(starts, next)
	}
	return starts
}

// nodePhase returns the phase that a node of ginkgo is run in. Nodes that only report are run by the spec, too.
func nodePhase(nodeType string) traffic.Phase {
	switch nodeType {
	case "BeforeEach", "JustBeforeEach", "BeforeAll", "ReportBeforeEach":
		return traffic.PhaseSetup
	case "It":
		return traffic.PhaseBody
	case "AfterEach", "JustAfterEach", "AfterAll", "ReportAfterEach", "DeferCleanup", "DeferCleanup (Each)", "DeferCleanup (All)":
		return traffic.PhaseCleanup
	}
	return traffic.PhaseUnknown
}
