// Package render writes tables of values as aligned text, JSON, CSV, Markdown or HTML, and several of them as one document. It
// knows nothing of what the values mean and asks nobody for them.
package render

import (
	"fmt"
	"io"
	"iter"
	"time"
)

// Kind says how a column's values look. A nil value is "no value" in every kind.
type Kind int

const (
	Text     Kind = iota // string
	Count                // int64
	Bytes                // int64; tables show "1.5 MiB"
	Duration             // time.Duration; tables show "1.5ms", JSON and CSV milliseconds
	Time                 // time.Time; tables show the time of day, JSON and CSV RFC 3339
	Percent              // float64; tables show "99.50 %", JSON and CSV 99.5
)

// Column describes the values at one place of all rows.
type Column struct {
	Name  string // in JSON and CSV: stable, snake_case; columns without one are not in them
	Title string // in the formats for people: tables, Markdown and HTML; columns without one are not in them
	Kind  Kind
	Empty string // what the formats for people show in place of ""
	// Extra columns are left out of a text table in which other texts would be cut to less than 40 for them. They are never
	// cut themselves.
	Extra bool
}

// Table is what there is to write.
type Table struct {
	Title   string // of an HTML document; "" is "Report"
	Columns []Column
	Rows    iter.Seq2[[]any, error]
	Total   []any // a last row of the formats for people; nil: none
}

// Format is an output format.
type Format string

// The formats.
const (
	TableFormat    Format = "table"
	JSONFormat     Format = "json"
	CSVFormat      Format = "csv"
	MarkdownFormat Format = "markdown"
	HTMLFormat     Format = "html"
)

// Formats lists them all.
func Formats() []Format {
	return []Format{TableFormat, JSONFormat, CSVFormat, MarkdownFormat, HTMLFormat}
}

// Write writes t in a format. Text tables are made to fit width, if it is not 0, by cutting the longest texts.
// JSON and CSV are written as rows come, the others when all are there. An error of Rows ends it.
func Write(w io.Writer, f Format, t Table, width int) error {
	switch f {
	case TableFormat:
		return writeText(w, t, width)
	case JSONFormat:
		return writeJSON(w, t)
	case CSVFormat:
		return writeCSV(w, t)
	case MarkdownFormat:
		return writeMarkdown(w, t)
	case HTMLFormat:
		return writeHTML(w, t)
	}
	return fmt.Errorf("format %q: want one of %v", f, Formats())
}

// number is a duration as JSON and CSV have it: milliseconds to the microsecond.
func number(d time.Duration) float64 {
	return float64(d.Round(time.Microsecond)) / float64(time.Millisecond)
}
