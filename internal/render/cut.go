package render

import (
	"bufio"
	"fmt"
	"io"
	"strings"

	"github.com/mattn/go-runewidth"
)

// glance is how wide a text may be in a Markdown document.
const glance = 400

// block is a section of a Markdown document: its table's rows, which may be cut, between what may not.
type block struct {
	before, totals, after string
	rows                  []string
	size                  int // bytes of all rows
	cut                   int // rows that were left out
}

// noteRoom is more than note ever needs.
const noteRoom = 120

func (b *block) note(limit int) string {
	if b.cut == 0 {
		return ""
	}
	return fmt.Sprintf("\n*%d more rows are left out: there is room for %d bytes.*\n", b.cut, limit)
}

func (d *Document) writeMarkdown(w io.Writer, limits Limits) error {
	title := "## " + Markdown(d.Title) + "\n"
	blocks := []*block{}
	for _, s := range d.Sections {
		b, err := s.block(limits.Fold)
		if err != nil {
			return err
		}
		blocks = append(blocks, b)
	}
	if limits.Bytes > 0 {
		if err := cut(blocks, limits.Bytes-len(title)); err != nil {
			return err
		}
	}
	out := bufio.NewWriter(w)
	out.WriteString(title)
	for _, b := range blocks {
		out.WriteString(b.before)
		for _, row := range b.rows {
			out.WriteString(row)
		}
		out.WriteString(b.totals + b.note(limits.Bytes) + b.after)
	}
	return out.Flush()
}

// block is empty for a section that people do not see.
func (s *Section) block(fold int) (*block, error) {
	g, err := s.grid()
	if err != nil {
		return nil, err
	}
	b := &block{}
	if g.rows() == 0 && s.Empty == "" {
		return b, nil
	}
	if s.Title != "" {
		b.before = "\n### " + Markdown(s.Title) + "\n"
	}
	if b.before += "\n"; g.rows() == 0 {
		b.before += Markdown(s.Empty) + "\n"
		return b, nil
	}
	if fold > 0 && g.rows() > fold && !s.Record {
		b.before += fmt.Sprintf("<details><summary>%d rows</summary>\n\n", g.rows())
		b.after = "\n</details>\n"
	}
	for _, line := range g.lines {
		for i, s := range line {
			line[i] = runewidth.Truncate(s, glance, "…")
		}
	}
	lines := g.markdown()
	b.before += lines[0] + lines[1]
	b.rows, b.totals = lines[2:2+g.rows()], strings.Join(lines[2+g.rows():], "")
	for _, row := range b.rows {
		b.size += len(row)
	}
	return b, nil
}

// cut leaves out the last rows of the longest blocks until all of them are no longer than limit.
func cut(blocks []*block, limit int) error {
	size := 0
	for _, b := range blocks {
		size += len(b.before) + b.size + len(b.totals) + len(b.after)
	}
	for size > limit {
		longest := blocks[0]
		for _, b := range blocks {
			if b.size > longest.size {
				longest = b
			}
		}
		if longest.size == 0 {
			return fmt.Errorf("%d bytes without any rows of tables, want at most %d", size, limit)
		}
		if longest.cut++; longest.cut == 1 {
			size += noteRoom
		}
		last := len(longest.rows) - 1
		n := len(longest.rows[last])
		longest.rows, longest.size, size = longest.rows[:last], longest.size-n, size-n
	}
	return nil
}
