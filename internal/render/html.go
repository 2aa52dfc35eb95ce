package render

import (
	"bufio"
	_ "embed"
	"fmt"
	"html"
	"io"
	"strings"
)

//go:embed html.css
var style string

// writeHTML writes a document of one table.
func writeHTML(w io.Writer, t Table) error {
	return writePage(w, t.Title, func(out *bufio.Writer) error {
		g, err := newGrid(t)
		if err == nil {
			g.html(out)
		}
		return err
	})
}

// writePage writes an HTML document that needs nothing else: no script, no other file. Its policy forbids both, so that not even
// a mistake of ours could let a name in a recording run.
func writePage(w io.Writer, title string, body func(*bufio.Writer) error) error {
	if title == "" {
		title = "Report"
	}
	title = text(Printable(title))
	out := bufio.NewWriter(w)
	fmt.Fprintf(out, `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>%s</title>
<style>
%s</style>
</head>
<body>
<h1>%s</h1>
`, title, style, title)
	if err := body(out); err != nil {
		return err
	}
	out.WriteString("</body>\n</html>\n")
	return out.Flush()
}

func (g *grid) html(out *bufio.Writer) {
	out.WriteString("<div><table>\n")
	if strings.Join(g.lines[0], "") != "" {
		out.WriteString("<thead>\n")
		g.htmlRow(out, g.lines[0], `th scope="col"`, "th")
		out.WriteString("</thead>\n")
	}
	out.WriteString("<tbody>\n")
	totals := len(g.lines) - g.totals
	for _, line := range g.lines[1:totals] {
		g.htmlRow(out, line, "td", "td")
	}
	out.WriteString("</tbody>\n")
	if g.totals > 0 {
		out.WriteString("<tfoot>\n")
		g.htmlRow(out, g.lines[totals], "td", "td")
		out.WriteString("</tfoot>\n")
	}
	out.WriteString("</table></div>\n")
}

// htmlRow writes a line as cells: begin is what they begin with, end what they end with.
func (g *grid) htmlRow(out *bufio.Writer, line []string, begin, end string) {
	out.WriteString("<tr>")
	for i, s := range line {
		fmt.Fprintf(out, `<%s class="%s">%s</%s>`, begin, g.class(i), text(s), end)
	}
	out.WriteString("</tr>\n")
}

// compact is up to how wide texts stay in one line.
const compact = 24

// class says how a column's cells look. The longest texts of a row share the room that the others leave.
func (g *grid) class(column int) string {
	switch w := g.widths[column]; {
	case g.columns[column].Kind != Text:
		return "n"
	case w > readable:
		return "t long"
	case w <= compact:
		return "t short"
	}
	return "t"
}

// text is what an HTML document has to hold to show s.
func text(s string) string { return html.EscapeString(s) }
