package budget

import (
	"encoding/xml"
	"fmt"
	"io"
	"strings"

	"e2etap/internal/db"
)

// The elements and attributes that Jenkins (junit-plugin, JUnit XSD 10) and GitLab read.
type (
	xmlSuites struct {
		XMLName  xml.Name   `xml:"testsuites"`
		Tests    int        `xml:"tests,attr"`
		Failures int        `xml:"failures,attr"`
		Suites   []xmlSuite `xml:"testsuite"`
	}
	xmlSuite struct {
		Name      string    `xml:"name,attr"`
		Tests     int       `xml:"tests,attr"`
		Failures  int       `xml:"failures,attr"`
		Errors    int       `xml:"errors,attr"`
		Skipped   int       `xml:"skipped,attr"`
		Time      string    `xml:"time,attr"`
		Timestamp string    `xml:"timestamp,attr"`
		Cases     []xmlCase `xml:"testcase"`
	}
	xmlCase struct {
		Class   string      `xml:"classname,attr"`
		Name    string      `xml:"name,attr"`
		Time    string      `xml:"time,attr"`
		Failure *xmlMessage `xml:"failure"`
		Skipped *xmlMessage `xml:"skipped"`
	}
	xmlMessage struct {
		Message string `xml:"message,attr"`
		Type    string `xml:"type,attr,omitempty"`
		Text    string `xml:",chardata"`
	}
)

// WriteJUnit writes a test case for each limit (its class) and subject (its name), so that a CI system shows who broke which limit
// and since when. All that a subject has too much of is one failure. A limit that matches nothing is a case of the name
// "matches nothing": skipped, or failed with strict.
func WriteJUnit(w io.Writer, run db.RunInfo, r *Result, strict bool) error {
	const noTime = "0" // measuring takes none
	s := xmlSuite{Name: "e2etap budget of " + run.Name, Time: noTime, Timestamp: run.Start.UTC().Format("2006-01-02T15:04:05")}
	for i := range r.Findings {
		f := &r.Findings[i]
		c := xmlCase{Class: f.Limit.Name, Name: f.Subject.String(), Time: noTime}
		if over := f.Over(); over != nil {
			c.Failure = failureOf(over)
			s.Failures++
		}
		s.Cases = append(s.Cases, c)
	}
	for _, l := range r.Unmatched {
		c, m := xmlCase{Class: l.Name, Name: "matches nothing", Time: noTime}, &xmlMessage{Message: l.Matches()}
		if strict {
			m.Type = "unmatched"
			c.Failure = m
			s.Failures++
		} else {
			c.Skipped = m
			s.Skipped++
		}
		s.Cases = append(s.Cases, c)
	}
	s.Tests = len(s.Cases)
	if _, err := io.WriteString(w, xml.Header); err != nil {
		return err
	}
	enc := xml.NewEncoder(w)
	enc.Indent("", "  ")
	if err := enc.Encode(xmlSuites{Tests: s.Tests, Failures: s.Failures, Suites: []xmlSuite{s}}); err != nil {
		return err
	}
	_, err := io.WriteString(w, "\n")
	return err
}

// failureOf names the first excess in its message, which is all that lists show, and every one in its text.
func failureOf(over []Measure) *xmlMessage {
	var lines []string
	for _, m := range over {
		lines = append(lines, fmt.Sprintf("%s: %s, want at most %s; see request %d", m.Metric, m.Metric.Format(m.Measured), m.Metric.Format(m.Allowed), m.Request))
	}
	return &xmlMessage{Message: lines[0], Type: string(over[0].Metric), Text: strings.Join(lines, "\n")}
}

// String names the subject to people.
func (s Subject) String() string {
	switch {
	case s.Name != "":
		return s.Name
	case s.Kind == OfTest:
		return NoTest
	}
	return "(none)"
}

// Matches says what a limit that matches nothing is looking for.
func (l *Limit) Matches() string {
	var words []string
	for _, p := range []struct {
		what    string
		pattern *string
	}{{"test", l.Test}, {"client", l.Client}, {"user agent", l.UserAgent}} {
		if p.pattern != nil {
			words = append(words, fmt.Sprintf("%s %q", p.what, *p.pattern))
		}
	}
	return "no request is of " + strings.Join(words, ", ")
}
