package spec

import (
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"e2etap/internal/traffic"
)

// readJUnit reads JUnit's XML, of which there is no standard. It knows what ginkgo 2 writes (reporters/junit_report.go),
// whole or shortened as the Kubernetes framework has it; gotestsum and go-junit-report, with the package as classname;
// and bats. It holds one testcase at a time. ginkgo leaves empty texts out of the names there: those of a few specs of the
// Kubernetes suite have one blank where the User-Agent has two.
func readJUnit(in io.Reader, count *counter) ([]traffic.Spec, error) {
	dec := xml.NewDecoder(in)
	dec.Strict = false // what tests print may hold entities that XML does not know
	var r junitReader
	for {
		token, err := dec.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			if syntax := (*xml.SyntaxError)(nil); errors.As(err, &syntax) && syntax.Msg == "unexpected EOF" {
				return nil, brokenOff("XML", count.n)
			}
			return nil, fmt.Errorf("XML at byte %d: %w", dec.InputOffset(), err)
		}
		if err := r.token(token); err != nil {
			return nil, err
		}
	}
	return r.specs, nil
}

type junitReader struct {
	specs  []traffic.Spec
	depth  int
	inCase bool
	test   junitCase
}

// junitCase is a testcase.
type junitCase struct {
	name, classname, status, start string
	time                           string // seconds
	result                         string // the element that tells how it ended: failure, error, skipped
	resultType, message            string // that element's attributes
}

func (r *junitReader) token(token xml.Token) error {
	switch t := token.(type) {
	case xml.StartElement:
		if r.depth == 0 && t.Name.Local != "testsuites" && t.Name.Local != "testsuite" {
			return fmt.Errorf("XML of <%s>, want <testsuites> or <testsuite>", t.Name.Local)
		}
		r.depth++
		r.open(t)
	case xml.EndElement:
		r.depth--
		if t.Name.Local == "testcase" && r.inCase {
			r.inCase = false
			if spec, ok := r.test.spec(); ok {
				r.specs = append(r.specs, spec)
			}
		}
	}
	return nil
}

func (r *junitReader) open(t xml.StartElement) {
	attr := make(map[string]string, len(t.Attr))
	for _, a := range t.Attr {
		attr[a.Name.Local] = a.Value
	}
	switch name := t.Name.Local; {
	case name == "testcase":
		r.inCase = true
		r.test = junitCase{name: attr["name"], classname: attr["classname"], status: attr["status"], time: attr["time"]}
		for _, key := range []string{"timestamp", "start", "start-time", "started-at"} {
			if r.test.start == "" {
				r.test.start = attr[key]
			}
		}
	case r.inCase && r.test.result == "" && (name == "failure" || name == "error" || name == "skipped"):
		r.test.result, r.test.resultType, r.test.message = name, attr["type"], attr["message"]
	}
}

// spec returns the testcase's spec. ginkgo lists the specs that its filters left out, too; they are not returned.
func (c *junitCase) spec() (traffic.Spec, bool) {
	if c.status == "skipped" && c.message == "skipped" {
		return traffic.Spec{}, false
	}
	spec := traffic.Spec{Outcome: c.outcome()}
	if seconds, err := strconv.ParseFloat(c.time, 64); err == nil && seconds >= 0 && seconds < 1e9 {
		spec.Duration = time.Duration(seconds * float64(time.Second)).Round(time.Microsecond)
	}
	// A time without a zone tells nothing: the zone is that of the machine that wrote it.
	if start, err := time.Parse(time.RFC3339, c.start); err == nil {
		spec.Start, spec.End = start, start.Add(spec.Duration)
	}
	c.nameSpec(&spec)
	return spec, spec.Test != "" || spec.Node != ""
}

func (c *junitCase) outcome() traffic.SpecOutcome {
	if outcome := stateOutcome(c.status); outcome != traffic.SpecUnknown {
		return outcome
	}
	switch {
	case c.result == "skipped" && c.message == "pending":
		return traffic.SpecPending
	case c.result == "skipped":
		return traffic.SpecSkipped
	case c.resultType == "interrupted":
		return traffic.SpecInterrupted
	case c.result != "":
		return traffic.SpecFailed
	}
	return traffic.SpecPassed
}

// nameSpec names the spec. ginkgo's classname is the suite's description; go's are packages; bats's are files.
func (c *junitCase) nameSpec(spec *traffic.Spec) {
	text := strings.TrimSpace(c.name)
	if rest, isIt := strings.CutPrefix(text, "[It]"); isIt {
		spec.Test, spec.Labels = splitPlain(strings.TrimSpace(rest), "")
		return
	}
	if spec.Node, _ = cutNode(text); spec.Node != "" {
		return
	}
	switch {
	case stateOutcome(c.status) != traffic.SpecUnknown: // ginkgo's, without the type
		spec.Test, spec.Labels = splitPlain(text, "")
	case text == "", c.classname == "", strings.HasSuffix(c.classname, ".bats"), strings.Contains(c.classname, " "):
		spec.Test = text
	default:
		spec.Test, spec.Worker = c.classname+"."+text, c.classname
	}
}
