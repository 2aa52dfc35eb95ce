package spec

import (
	"bytes"
	"strconv"

	"e2etap/internal/traffic"
)

// delimiter is the line that ginkgo prints between specs.
const delimiter = "------------------------------"

// mayEndGinkgo tells by a line's last byte whether tail needs to look at it: it ends with a delimiter or with "]", in
// colours or not.
func mayEndGinkgo(last byte) bool { return last == '-' || last == ']' || last == 'm' }

// tail looks for a delimiter, or the line of a spec's end. They are looked for at the end of the line: a test may have
// printed text before them without ending its line.
func (g *ginkgo) tail(line []byte) bool {
	line = cutReset(line)
	switch {
	case bytes.HasSuffix(line, []byte(delimiter)):
		rest := line[:len(line)-len(delimiter)]
		if len(rest) > 0 && (rest[len(rest)-1] == '-' || len(bytes.TrimLeft(rest, " ")) == 0) {
			return false // a longer rule, or the indented delimiter of a progress report
		}
		g.settle()
		g.delimiters++
		g.expect(delimiterWindow, mark{})
		return true
	case bytes.HasSuffix(line, []byte(" seconds]")), bytes.HasSuffix(line, []byte("[PENDING]")), bytes.HasSuffix(line, []byte("[MEASUREMENT]")):
		return g.endLine(g.scanner.visible(line))
	case bytes.HasSuffix(line, []byte("S [SKIPPED]")) && string(g.scanner.visible(line)) == "S [SKIPPED]":
		// A spec that was never started: -vv prints the title of each that the filters leave out.
		g.settle()
		g.state = idle
		return true
	}
	return false
}

// cutReset cuts escape codes from the end of a line: ginkgo's are short.
func cutReset(line []byte) []byte {
	for len(line) > 0 && line[len(line)-1] == 'm' {
		i := bytes.LastIndexByte(line[max(0, len(line)-16):], escape)
		if i < 0 {
			return line
		}
		i += max(0, len(line)-16)
		if i+skipEscape(line[i:]) != len(line) {
			return line
		}
		line = line[:i]
	}
	return line
}

// settle ends the reading of a title that the line which came cannot belong to.
func (g *ginkgo) settle() {
	if g.state == deeps {
		g.learnLevels(nil)
		g.finish()
	}
}

func (g *ginkgo) endLine(text []byte) bool {
	m, ok := readMark(text)
	if !ok {
		i := bytes.LastIndex(text, []byte(bullet+" ["))
		if !g.running || i < 0 {
			return false
		}
		if m, ok = readMark(text[i:]); !ok {
			return false
		}
	}
	g.settle()
	m.at = g.scanner.lineAt
	if g.running && m.outcome != traffic.SpecPending {
		g.end(m)
		g.state = idle
		return true
	}
	g.expect(delimiterWindow, m)
	return true
}

// dots looks at a line such as "•SSS": version 1 prints the first dot when a spec has passed, and the rest for specs that
// are skipped.
func (g *ginkgo) dots(text []byte) {
	if !g.old || !g.running {
		return
	}
	rest, ok := bytes.CutPrefix(text, []byte(bullet))
	if !ok {
		rest, ok = bytes.CutPrefix(text, []byte("+"))
	}
	if ok && len(bytes.Trim(rest, bullet+"+SP")) == 0 {
		g.end(mark{outcome: traffic.SpecPassed, at: g.scanner.lineAt})
	}
}

// retry looks at "Attempt #1 Failed.  Retrying ↺ @ …".
func (g *ginkgo) retry(text []byte) {
	number, rest, _ := bytes.Cut(bytes.TrimPrefix(text, []byte("Attempt #")), []byte(" "))
	n, err := strconv.Atoi(string(number))
	if err != nil || !g.running || n < 1 || n > 1_000_000 {
		return
	}
	if bytes.HasPrefix(rest, []byte("Failed.  Retrying")) || bytes.HasPrefix(rest, []byte("Passed.  Repeating")) {
		g.attempts = n + 1
	}
}

// banner looks at the lines that ginkgo prints before and after all specs.
func (g *ginkgo) banner(text []byte) {
	switch {
	case bytes.HasPrefix(text, []byte("Running Suite: ")):
		g.end(mark{outcome: traffic.SpecInterrupted, at: g.scanner.lineAt})
		g.verbosity, g.atEnd = verbosityUnknown, false
		g.old = !bytes.Contains(text, []byte(" - ")) // version 2 adds the suite's path
		g.expect(bannerWindow, mark{})
	case bytes.HasPrefix(text, []byte("Running in parallel across ")):
		g.scanner.parallel = true
		g.atEnd = bytes.HasSuffix(text, []byte(" processes"))
	case bytes.HasPrefix(text, []byte("Parallel test node ")):
		g.scanner.parallel = true
	case text[0] == '[' && isSuccinctParallel(text):
		g.scanner.parallel, g.atEnd = true, true
	case bytes.HasPrefix(text, []byte("Summarizing ")), bytes.HasPrefix(text, []byte("Ran ")):
		g.state = idle
	}
}

// isSuccinctParallel looks for "[<seed>] <suite> - 13/14 specs - 4 procs ", and "- 4 nodes " of version 1.
func isSuccinctParallel(text []byte) bool {
	_, after, found := bytes.Cut(text, []byte(" specs - "))
	number, unit, _ := bytes.Cut(after, []byte(" "))
	_, err := strconv.Atoi(string(number))
	return found && err == nil && (bytes.HasPrefix(unit, []byte("procs ")) || bytes.HasPrefix(unit, []byte("nodes ")))
}
