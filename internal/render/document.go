package render

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
)

// Document is several tables with a title.
type Document struct {
	Title    string
	Sections []Section
}

// Section is a table in a document; its title is the section's.
type Section struct {
	Table
	Name string // of the field that JSON has for it: stable, snake_case
	// Record says that there is one row, whose columns people read below one another and JSON has as an object.
	Record bool
	// Empty is what people read in place of a table without rows. They do not see the section if that is "".
	Empty string
}

// Limits make a Markdown document fit where it is read. Zero fields limit nothing.
type Limits struct {
	Bytes int // its size; rows are left out, of the longest tables first, which then say so
	Fold  int // rows of a table, with more of which it is folded into <details>; records are not
}

// DocumentFormats lists what [WriteDocument] can write.
func DocumentFormats() []Format { return []Format{MarkdownFormat, HTMLFormat, JSONFormat} }

// WriteDocument writes d in one of [DocumentFormats]. In Markdown, which is for a glance, texts are cut to 400 characters.
// JSON is an object that has for each section an array of flat objects, or one object. It fails, and writes nothing, if
// Limits.Bytes is not enough for a document without rows.
func WriteDocument(w io.Writer, f Format, d Document, limits Limits) error {
	switch f {
	case MarkdownFormat:
		return d.writeMarkdown(w, limits)
	case HTMLFormat:
		return writePage(w, d.Title, d.html)
	case JSONFormat:
		return d.writeJSON(w)
	}
	return fmt.Errorf("format %q: want one of %v", f, DocumentFormats())
}

func (d *Document) writeJSON(w io.Writer) error {
	out := bufio.NewWriter(w)
	between := "{"
	for _, s := range d.Sections {
		var table bytes.Buffer
		if err := writeJSON(&table, s.Table); err != nil {
			return err
		}
		value := bytes.TrimSpace(table.Bytes())
		if s.Record {
			value = bytes.TrimSpace(bytes.Trim(value, "[]\n"))
		}
		fmt.Fprintf(out, "%s\n%q:%s", between, s.Name, value)
		between = ","
	}
	out.WriteString("\n}\n")
	return out.Flush()
}

func (d *Document) html(out *bufio.Writer) error {
	for _, s := range d.Sections {
		g, err := s.grid()
		if err != nil {
			return err
		}
		if g.rows() == 0 && s.Empty == "" {
			continue
		}
		if s.Title != "" {
			fmt.Fprintf(out, "<h2>%s</h2>\n", text(Printable(s.Title)))
		}
		if g.rows() == 0 {
			fmt.Fprintf(out, "<p>%s</p>\n", text(s.Empty))
			continue
		}
		g.html(out)
	}
	return nil
}

// grid is the section as people read it.
func (s *Section) grid() (*grid, error) {
	g, err := newGrid(s.Table)
	if err == nil && s.Record && g.rows() > 0 {
		g.transpose()
	}
	return g, err
}

// rows is the number of lines between titles and totals.
func (g *grid) rows() int { return len(g.lines) - 1 - g.totals }

// transpose turns the titles and the only row into two columns without titles.
func (g *grid) transpose() {
	lines := [][]string{{"", ""}}
	for i, title := range g.lines[0] {
		lines = append(lines, []string{title, g.lines[1][i]})
	}
	g.columns, g.lines = make([]Column, 2), lines
	g.measure()
}
