package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"time"

	"golang.org/x/term"

	"e2etap/internal/db"
	"e2etap/internal/render"
	"e2etap/internal/traffic"
)

// question is what the flags ask for.
type question struct {
	run    string
	test   *string // nil: any
	by     []db.Dimension
	filter db.Filter
	list   bool
	format render.Format
	empty  string // what to say if there is nothing to show
}

// includeAudit is what --include takes.
const includeAudit = "audit"

// noTest is how tables name the empty test; the flag --test takes it too.
const noTest = "(no test)"

func (o *options) question(testGiven bool) (q question, err error) {
	q = question{run: o.run, list: o.list, empty: "no requests match", filter: db.Filter{
		Verb: o.verb, Resource: o.resource, Namespace: o.namespace, Status: o.status, Source: o.source,
	}}
	if testGiven {
		q.test = &o.test
	}
	if q.format, err = o.format(); err != nil {
		return q, err
	}
	if q.by, err = o.dimensions(); err != nil {
		return q, err
	}
	switch asked := count(q.list, len(q.by) > 0, o.untagged); {
	case asked != 1:
		return q, errors.New("pass one of --by-test, --by, --untagged and --list")
	case o.include != "" && o.include != includeAudit:
		return q, fmt.Errorf("--include %q: want %q", o.include, includeAudit)
	case o.include != "" && o.untagged:
		return q, errors.New("--untagged cannot be combined with --include: most of what an audit log has is of no test")
	case o.untagged:
		if err := q.askUntagged(); err != nil {
			return q, err
		}
	}
	if _, _, err := db.ParseStatus(o.status); err != nil {
		return q, fmt.Errorf("--status: %w", err)
	}
	if !slices.Contains(traffic.SourceNames(), o.source) && o.source != "" {
		return q, fmt.Errorf("--source %q: want one of %s", o.source, strings.Join(traffic.SourceNames(), ", "))
	}
	if q.filter.Audit = o.include != ""; q.filter.Audit && !slices.Contains(q.by, db.Role) && !q.list {
		q.by = append(q.by, db.Role)
	}
	q.filter.Since, err = parseSince(o.since, time.Now())
	return q, err
}

// askUntagged asks for the requests that have no test, by what is known of them.
func (q *question) askUntagged() error {
	if q.test != nil && *q.test != "" && *q.test != noTest {
		return fmt.Errorf("--untagged with --test %q: requests without a test are of none", *q.test)
	}
	none := ""
	q.test, q.by, q.empty = &none, []db.Dimension{db.Client, db.Command, db.Why}, "every request has a test"
	return nil
}

func count(all ...bool) (n int) {
	for _, is := range all {
		if is {
			n++
		}
	}
	return n
}

func (o *options) dimensions() ([]db.Dimension, error) {
	var by []db.Dimension
	if o.byTest {
		by = append(by, db.Test)
	}
	for _, name := range o.by {
		d := db.Dimension(name)
		if !slices.Contains(db.Dimensions(), d) {
			return nil, fmt.Errorf("--by %q: want a list of %s", name, dimensionNames())
		}
		if !slices.Contains(by, d) {
			by = append(by, d)
		}
	}
	return by, nil
}

// parseSince reads a time, or a duration before now.
func parseSince(s string, now time.Time) (time.Time, error) {
	if s == "" {
		return time.Time{}, nil
	}
	if d, err := time.ParseDuration(s); err == nil {
		return now.Add(-d), nil
	}
	t, err := time.Parse(time.RFC3339Nano, s)
	if err != nil {
		return t, fmt.Errorf("--since %q: want a duration, such as 10m, or a time, such as 2026-03-01T12:00:00Z", s)
	}
	return t, nil
}

func (q *question) answer(r *db.Reader, stdout, stderr io.Writer) error {
	var err error
	if q.filter.Runs, err = r.SelectRuns(q.run); err != nil {
		return err
	}
	if err := q.chooseTests(r, stderr); err != nil {
		return err
	}
	var t render.Table
	if q.list {
		t = listTable(r, q.filter)
	} else if t, err = summaryTable(r, q.by, q.filter); err != nil {
		return err
	}
	return write(stdout, stderr, q.format, t, q.empty)
}

// chooseTests finds the tests that --test means and says which they are, unless it is just the one asked for.
func (q *question) chooseTests(r *db.Reader, stderr io.Writer) error {
	switch {
	case q.test == nil:
		return nil
	case *q.test == "", *q.test == noTest:
		q.filter.Tests = []string{""}
		return nil
	}
	names, err := r.MatchTests(*q.test, q.filter.Runs)
	if err != nil {
		return err
	}
	if len(names) == 0 {
		return fmt.Errorf("no test is named, matches or contains %q\nhint: see the names with --by-test", *q.test)
	}
	q.filter.Tests = names
	if len(names) == 1 && names[0] == *q.test {
		return nil
	}
	fmt.Fprintf(stderr, "report: --test matches %d\n", len(names))
	for _, name := range names[:min(len(names), 10)] {
		fmt.Fprintf(stderr, "  %s\n", render.Printable(name))
	}
	if more := len(names) - 10; more > 0 {
		fmt.Fprintf(stderr, "  and %d more\n", more)
	}
	return nil
}

// write writes a table, fitted to the terminal if stdout is one. If it has no rows, stderr gets the message empty.
func write(stdout, stderr io.Writer, f render.Format, t render.Table, empty string) error {
	width := 0
	if file, ok := stdout.(*os.File); ok {
		if w, _, err := term.GetSize(int(file.Fd())); err == nil {
			width = w
		}
	}
	rows := 0
	all := t.Rows
	t.Rows = func(yield func([]any, error) bool) {
		for row, err := range all {
			rows++
			if !yield(row, err) {
				return
			}
		}
	}
	if err := render.Write(stdout, f, t, width); err != nil {
		return err
	}
	if rows == 0 {
		fmt.Fprintln(stderr, "report: "+empty)
	}
	return nil
}
