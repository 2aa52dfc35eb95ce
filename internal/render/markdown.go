package render

import (
	"bufio"
	"io"
	"strings"
)

// writeMarkdown writes a GitHub table.
func writeMarkdown(w io.Writer, t Table) error {
	g, err := newGrid(t)
	if err != nil {
		return err
	}
	out := bufio.NewWriter(w)
	for _, line := range g.markdown() {
		out.WriteString(line)
	}
	return out.Flush()
}

// markdown returns the lines of a GitHub table: titles, the columns' alignment, and what g.lines has more.
func (g *grid) markdown() []string {
	var rule strings.Builder
	for _, c := range g.columns {
		if c.Kind == Text {
			rule.WriteString("| --- ")
		} else {
			rule.WriteString("| ---: ")
		}
	}
	rule.WriteString("|\n")
	lines := make([]string, 0, len(g.lines)+1)
	for n, cells := range g.lines {
		var b strings.Builder
		for _, s := range cells {
			b.WriteString("| ")
			b.WriteString(escape(s))
			b.WriteString(" ")
		}
		b.WriteString("|\n")
		if lines = append(lines, b.String()); n == 0 {
			lines = append(lines, rule.String())
		}
	}
	return lines
}

// Markdown returns s as Markdown that shows it as text, in one line: the characters that GitHub's and GitLab's kinds of it
// give a meaning within a line are escaped, and control characters replaced. Addresses must not become links, in which escapes
// would be shown. A mark without a width behind @ keeps names of tests from calling people who have such a name.
func Markdown(s string) string { return escape(Printable(s)) }

func escape(s string) string { return escapes.Replace(s) }

// escapes needs nothing for what is special at a line's start only, since a table's cells are not there.
var escapes = strings.NewReplacer("|", `\|`, `\`, `\\`, "`", "\\`", "*", `\*`, "_", `\_`, "~", `\~`, "[", `\[`, "]", `\]`, "$", `\$`,
	"<", "&lt;", "&", "&amp;", "@", "@&#8203;", "://", `\://`, "www.", `www\.`)
