package render

import "github.com/mattn/go-runewidth"

func (g *grid) measure() {
	g.widths = make([]int, len(g.columns))
	for _, line := range g.lines {
		for i, s := range line {
			g.widths[i] = max(g.widths[i], runewidth.StringWidth(s))
		}
	}
}

const (
	gap      = 2  // blanks between columns
	minWidth = 8  // below which no column is cut
	readable = 40 // below which no column is cut for the sake of an extra one
)

// fit makes lines no longer than width, if that is possible.
func (g *grid) fit(width int) {
	if g.narrow(width); g.cramped(width) && g.dropExtra() {
		g.measure()
		g.narrow(width)
	}
}

// cramped tells whether a column was cut to less than what is readable, or lines are still longer than width.
func (g *grid) cramped(width int) bool {
	cut, total := g.widths, (len(g.widths)-1)*gap
	g.measure()
	whole := g.widths
	g.widths = cut
	for i, w := range cut {
		if w < whole[i] && w < readable {
			return true
		}
		total += w
	}
	return total > width
}

// dropExtra takes the extra columns out and tells whether there were any.
func (g *grid) dropExtra() bool {
	var kept []int
	for i, c := range g.columns {
		if !c.Extra {
			kept = append(kept, i)
		}
	}
	if len(kept) == len(g.columns) {
		return false
	}
	g.columns = choose(g.columns, kept)
	for i, line := range g.lines {
		g.lines[i] = choose(line, kept)
	}
	return true
}

func choose[T any](from []T, places []int) []T {
	var chosen []T
	for _, p := range places {
		chosen = append(chosen, from[p])
	}
	return chosen
}

// narrow narrows the widest text columns until lines are no longer than width, or nothing can be narrowed.
func (g *grid) narrow(width int) {
	over := (len(g.widths)-1)*gap - width
	for _, w := range g.widths {
		over += w
	}
	for ; over > 0; over-- {
		widest := -1
		for i, w := range g.widths {
			if g.columns[i].Kind == Text && !g.columns[i].Extra && w > minWidth && (widest < 0 || w > g.widths[widest]) {
				widest = i
			}
		}
		if widest < 0 {
			return
		}
		g.widths[widest]--
	}
}
