package spec

import (
	"bytes"
	"strconv"
	"strings"
	"time"

	"e2etap/internal/traffic"
)

// bullet is what ginkgo prints for a spec that has ended; on Windows it is "+".
const bullet = "•"

// mark is what the line of a spec's end tells.
type mark struct {
	at       time.Time
	outcome  traffic.SpecOutcome
	duration time.Duration
	attempts int    // 0: not told
	node     string // of the whole suite; "" for a spec
}

// is tells whether there is a mark: those that are read have an outcome.
func (m mark) is() bool { return m.outcome != traffic.SpecUnknown }

// readMark reads the line of a spec's end, as in "• [FAILED] [0.012 seconds]", "P [PENDING]", or, in version 1,
// "• Failure in Spec Setup (BeforeEach) [1.000 seconds]".
func readMark(text []byte) (mark, bool) {
	head, duration, ok := cutSeconds(text)
	m := mark{duration: duration}
	if !ok {
		switch string(text) {
		case "P [PENDING]":
			m.outcome = traffic.SpecPending
		case bullet + " [MEASUREMENT]", "+ [MEASUREMENT]":
			m.outcome = traffic.SpecPassed
		}
		return m, m.is()
	}
	for _, denoter := range []string{bullet, "+"} {
		if rest, found := strings.CutPrefix(head, denoter); found {
			m.outcome, m.attempts = bulletOutcome(rest)
			return m, m.is()
		}
	}
	m.outcome, m.attempts, m.node = otherOutcome(head)
	return m, m.is()
}

// cutSeconds cuts " [1.234 seconds]", or version 1's " [SLOW TEST:1.234 seconds]".
func cutSeconds(text []byte) (string, time.Duration, bool) {
	number, ok := bytes.CutSuffix(text, []byte(" seconds]"))
	open := bytes.LastIndex(number, []byte(" ["))
	if !ok || open < 0 {
		return "", 0, false
	}
	seconds, err := strconv.ParseFloat(string(bytes.TrimPrefix(number[open+2:], []byte("SLOW TEST:"))), 64)
	if err != nil || !(seconds >= 0 && seconds < 1e9) {
		return "", 0, false
	}
	return string(number[:open]), time.Duration(seconds * float64(time.Second)).Round(time.Millisecond), true
}

// bulletOutcome reads what follows the bullet.
func bulletOutcome(rest string) (traffic.SpecOutcome, int) {
	switch {
	case rest == "":
		return traffic.SpecPassed, 0
	case strings.HasPrefix(rest, " Failure"), strings.HasPrefix(rest, "! Panic"), strings.HasPrefix(rest, "... Timeout"):
		return traffic.SpecFailed, 0
	}
	state, repetition, _ := strings.Cut(strings.TrimPrefix(rest, " "), " DURING REPETITION #")
	attempts, _ := strconv.Atoi(repetition)
	return bracketOutcome(state), attempts
}

// bracketOutcome reads a state, as in "[FAILED]" (types.SpecState, in capitals).
func bracketOutcome(state string) traffic.SpecOutcome {
	switch state {
	case "[FAILED]", "[PANICKED]", "[TIMEDOUT]", "[ABORTED]":
		return traffic.SpecFailed
	case "[INTERRUPTED]":
		return traffic.SpecInterrupted
	}
	return traffic.SpecUnknown
}

// otherOutcome reads an end that has no bullet: of a skipped spec, of one that passed when it was tried again, and of
// the nodes of the whole suite.
func otherOutcome(head string) (outcome traffic.SpecOutcome, attempts int, node string) {
	switch head {
	case "S [SKIPPED]", "S [SKIPPING]":
		return traffic.SpecSkipped, 0, ""
	case "Failure", "Panic", "Timeout": // of BeforeSuite or AfterSuite in version 1, which the title names
		return traffic.SpecFailed, 0, ""
	}
	if strings.HasPrefix(head, "S [SKIPPING] in ") {
		return traffic.SpecSkipped, 0, ""
	}
	for _, denoter := range []string{"↺", "R"} {
		if took, ok := strings.CutPrefix(head, denoter+" [FLAKEY TEST - TOOK "); ok {
			attempts, err := strconv.Atoi(strings.TrimSuffix(took, " ATTEMPTS TO PASS]"))
			if err == nil {
				return traffic.SpecPassed, attempts, ""
			}
		}
	}
	node, rest := cutNode(head)
	switch {
	case node == "":
		return traffic.SpecUnknown, 0, ""
	case rest == " PASSED":
		return traffic.SpecPassed, 0, node
	}
	return bracketOutcome(strings.TrimPrefix(rest, " ")), 0, node
}

// cutNode cuts the type of a node of the whole suite, in brackets, from the beginning of the text. The node is "" if
// there is none.
func cutNode(text string) (node, rest string) {
	inside, rest, found := strings.Cut(strings.TrimPrefix(text, "["), "]")
	if !found || !strings.HasPrefix(text, "[") || rest != "" && rest[0] != ' ' {
		return "", text
	}
	switch inside {
	case "BeforeSuite", "SynchronizedBeforeSuite", "AfterSuite", "SynchronizedAfterSuite", "ReportBeforeSuite",
		"ReportAfterSuite", "DeferCleanup (Suite)":
		return inside, rest
	}
	return "", text
}
