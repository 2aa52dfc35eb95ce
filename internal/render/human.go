package render

import (
	"bufio"
	"fmt"
	"io"
	"strings"
	"time"
	"unicode"

	"github.com/mattn/go-runewidth"
)

// grid is a table for people: its titled columns as text.
type grid struct {
	columns []Column
	widths  []int
	lines   [][]string // the first is the titles, the last the totals if there are any
	totals  int        // lines of totals: 0 or 1
}

func newGrid(t Table) (*grid, error) {
	var places []int
	g := &grid{}
	var titles []string
	for i, c := range t.Columns {
		if c.Title != "" {
			places, titles, g.columns = append(places, i), append(titles, c.Title), append(g.columns, c)
		}
	}
	g.lines = [][]string{titles}
	add := func(row []any) {
		line := make([]string, len(places))
		for i, p := range places {
			line[i] = humanValue(row[p], g.columns[i])
		}
		g.lines = append(g.lines, line)
	}
	for row, err := range t.Rows {
		if err != nil {
			return nil, err
		}
		add(row)
	}
	if t.Total != nil {
		add(t.Total)
		g.totals = 1
	}
	g.measure()
	return g, nil
}

// writeText writes aligned columns: texts to the left, the rest to the right.
func writeText(w io.Writer, t Table, width int) error {
	g, err := newGrid(t)
	if err != nil {
		return err
	}
	if width > 0 {
		g.fit(width)
	}
	out := bufio.NewWriter(w)
	for _, line := range g.lines {
		var b strings.Builder
		for i, s := range line {
			s = runewidth.Truncate(s, g.widths[i], "…")
			if g.columns[i].Kind == Text {
				s = runewidth.FillRight(s, g.widths[i])
			} else {
				s = runewidth.FillLeft(s, g.widths[i])
			}
			if i > 0 {
				b.WriteString(strings.Repeat(" ", gap))
			}
			b.WriteString(s)
		}
		fmt.Fprintln(out, strings.TrimRight(b.String(), " "))
	}
	return out.Flush()
}

func humanValue(v any, c Column) string {
	switch v := v.(type) {
	case nil:
		return "-"
	case string:
		if v == "" {
			return c.Empty
		}
		return Printable(v)
	case int64:
		if c.Kind == Bytes {
			return HumanBytes(v)
		}
	case float64:
		return fmt.Sprintf("%.2f %%", v)
	case time.Duration:
		return humanDuration(v)
	case time.Time:
		return v.UTC().Format("15:04:05.000")
	}
	return fmt.Sprint(v)
}

// Printable replaces control characters: names come from clients and must not steer a terminal.
func Printable(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || unicode.Is(unicode.Cf, r) {
			return unicode.ReplacementChar
		}
		return r
	}, s)
}

// HumanBytes writes a number of bytes as tables do: "1.5 MiB".
func HumanBytes(n int64) string {
	if n < 1<<10 {
		return fmt.Sprintf("%d B", n)
	}
	v, unit := float64(n)/(1<<10), 0
	for v >= 1023.95 && unit < 4 {
		v, unit = v/(1<<10), unit+1
	}
	return fmt.Sprintf("%.1f %ciB", v, "KMGTP"[unit])
}

// humanDuration keeps three digits, as far as there is a point in them.
func humanDuration(d time.Duration) string {
	switch {
	case d < time.Millisecond:
		return fmt.Sprintf("%dµs", d.Microseconds())
	case d < time.Second:
		return fmt.Sprintf("%.*fms", digits(d, time.Millisecond), float64(d)/float64(time.Millisecond))
	case d < time.Minute:
		return fmt.Sprintf("%.*fs", digits(d, time.Second), d.Seconds())
	}
	return d.Round(time.Second).String()
}

// digits is how many belong behind the point.
func digits(d, unit time.Duration) int {
	switch {
	case d < 10*unit:
		return 2
	case d < 100*unit:
		return 1
	}
	return 0
}
