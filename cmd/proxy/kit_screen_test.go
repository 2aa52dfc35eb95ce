package main

import (
	"fmt"
	"strconv"
	"strings"
	"sync"
)

// screenModel is a terminal as far as the status line needs one: it shows what a person would see. What it does not
// know is an error, so that no sequence is used that was not thought of.
type screenModel struct {
	pull bool // a window that grows shows lines of the history again (xterm, tmux), else empty ones below

	mu          sync.Mutex
	raw         strings.Builder
	history     []string
	lines       [][]rune
	columns     int
	row, column int  // of the cursor, from 0
	wrap        bool // the last column was written: the next character goes to the next line
	top, bottom int  // the scrolling region, inclusive
	saved       [2]int
	bells       int
	sequence    []rune // an escape sequence so far
	unknown     []string
}

func newScreenModel(rows, columns int) *screenModel {
	m := &screenModel{columns: columns, bottom: rows - 1}
	for range rows {
		m.lines = append(m.lines, m.blank())
	}
	return m
}

func (m *screenModel) blank() []rune { return []rune(strings.Repeat(" ", m.columns)) }

func (m *screenModel) Write(p []byte) (int, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.raw.Write(p)
	for _, b := range p { // ASCII
		m.put(rune(b))
	}
	return len(p), nil
}

func (m *screenModel) put(r rune) {
	switch {
	case m.sequence != nil:
		m.sequence = append(m.sequence, r)
		m.escape(string(m.sequence[1:]))
	case r == 0x1b:
		m.sequence = []rune{r}
	case r == '\r':
		m.column, m.wrap = 0, false
	case r == '\n':
		m.index()
	case r == '\a':
		m.bells++
	case r < ' ':
		m.unknown = append(m.unknown, fmt.Sprintf("%#x", r))
	default:
		if m.wrap {
			m.column = 0
			m.index()
		}
		m.lines[m.row][m.column] = r
		if m.wrap = m.column == m.columns-1; !m.wrap {
			m.column++
		}
	}
}

// index moves the cursor down, scrolling the region at its end.
func (m *screenModel) index() {
	m.wrap = false
	switch {
	case m.row == m.bottom:
		if m.top == 0 {
			m.history = append(m.history, string(m.lines[0]))
		}
		copy(m.lines[m.top:m.bottom], m.lines[m.top+1:m.bottom+1])
		m.lines[m.bottom] = m.blank()
	case m.row < len(m.lines)-1:
		m.row++
	}
}

// escape executes a sequence if it is whole.
func (m *screenModel) escape(s string) {
	switch last := s[len(s)-1]; {
	case s == "7":
		m.saved = [2]int{m.row, m.column}
	case s == "8":
		m.row, m.column = m.saved[0], m.saved[1]
	case s == "D":
		m.index()
	case s[0] != '[':
		m.unknown = append(m.unknown, s)
	case last < '@' || len(s) == 1:
		return // not whole
	default:
		m.control(s[1:len(s)-1], last)
	}
	m.sequence, m.wrap = nil, false
}

func (m *screenModel) control(params string, command byte) {
	first, second, _ := strings.Cut(params, ";")
	a, _ := strconv.Atoi(first)
	b, _ := strconv.Atoi(second)
	switch {
	case command == 'A':
		m.row = max(m.row-max(a, 1), m.top)
	case command == 'B':
		m.row = min(m.row+max(a, 1), m.bottom)
	case command == 'H':
		m.row, m.column = min(max(a, 1), len(m.lines))-1, max(b, 1)-1
	case command == 'K' && a == 2:
		m.lines[m.row] = m.blank()
	case command == 'J' && a == 0:
		copy(m.lines[m.row][m.column:], m.blank())
		for row := m.row + 1; row < len(m.lines); row++ {
			m.lines[row] = m.blank()
		}
	case command == 'r':
		m.top, m.bottom = max(a, 1)-1, len(m.lines)-1
		if b > 0 {
			m.bottom = min(b, len(m.lines)) - 1
		}
		m.row, m.column = 0, 0
	default:
		m.unknown = append(m.unknown, params+string(command))
	}
}

// resize does as terminals do: it gives up the region, cuts below the cursor first, and pulls if pull says so.
func (m *screenModel) resize(rows int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for len(m.lines) > rows {
		if m.row < len(m.lines)-1 {
			m.lines = m.lines[:len(m.lines)-1]
			continue
		}
		m.history, m.lines, m.row = append(m.history, string(m.lines[0])), m.lines[1:], m.row-1
	}
	for len(m.lines) < rows {
		if n := len(m.history); m.pull && n > 0 {
			m.lines, m.history, m.row = append([][]rune{[]rune(m.history[n-1])}, m.lines...), m.history[:n-1], m.row+1
			continue
		}
		m.lines = append(m.lines, m.blank())
	}
	m.top, m.bottom = 0, rows-1
}

// text is the history and the screen without trailing blanks and empty lines at the end.
func (m *screenModel) text() string {
	m.mu.Lock()
	defer m.mu.Unlock()
	var b strings.Builder
	for _, line := range m.history {
		b.WriteString(strings.TrimRight(line, " ") + "\n")
	}
	for _, line := range m.lines {
		b.WriteString(strings.TrimRight(string(line), " ") + "\n")
	}
	return strings.TrimRight(b.String(), "\n") + "\n"
}

// last is the last line of the screen.
func (m *screenModel) last() string {
	m.mu.Lock()
	defer m.mu.Unlock()
	return strings.TrimRight(string(m.lines[len(m.lines)-1]), " ")
}

// wholeRegion tells whether the scrolling region is the whole screen.
func (m *screenModel) wholeRegion() bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.top == 0 && m.bottom == len(m.lines)-1
}

// rung is how often the bell rang.
func (m *screenModel) rung() int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.bells
}

func (m *screenModel) bytes() string {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.raw.String()
}
