package spec

import (
	"bytes"
	"time"

	"e2etap/internal/traffic"
)

// ginkgo follows the output of ginkgo's default reporter: of version 2 (reporters/default_reporter.go) and of version 1
// (reporters/stenographer). What they print of a spec:
//
//	------------------------------
//	<containers> <leaf> [<labels>]            version 2, -v: a title of one line
//	<file>:<line>
//
//	<container> [<labels>]                    version 2, -vv: a level for each container, one for the leaf
//	<file>:<line>
//	  <leaf> [<labels>]
//	  <file>:<line>
//
//	<containers>                              version 1, -v
//	  <leaf>
//	  <file>:<line>
//
// The end is a line such as "• [FAILED] [1.234 seconds]". After those of failures, and after all of specs of which the
// beginning was not printed, the title follows once more, in one line or in levels.
type ginkgo struct {
	scanner *Scanner
	state   ginkgoState
	window  int // lines for which a title is still expected

	previous [2][]byte // the last lines in state titles, the last one first, with escape codes
	levels   []level
	deeper   []byte // the text of a deeper level, if a location follows
	guessed  bool   // there is such a text; a container's may be empty
	titleAt  time.Time
	mark     mark // of the end that the title belongs to; zero: the title is of a beginning

	verbosity verbosity
	old       bool // version 1
	atEnd     bool // version 2 in parallel: no beginnings are printed

	current  traffic.Spec // the spec that runs, if running
	running  bool
	key      int64
	attempts int
	held     []*test // tests of go test that wait for the spec

	delimiters int // that were printed so far
}

type ginkgoState uint8

const (
	idle   ginkgoState = iota
	titles             // a title may come
	deeps              // a level was read, and a deeper one may come
	probe              // the title is complete; the next line may tell the verbosity
)

// verbosity is that of version 2. Without colours, only what follows the first title tells whether it is the whole.
type verbosity uint8

const (
	verbosityUnknown verbosity = iota
	verbose                    // -v
	veryVerbose                // -vv
)

const (
	// delimiterWindow is how many lines after a delimiter a title is expected. It follows at once, but for lines that
	// come in between from elsewhere, as from standard error.
	delimiterWindow = 64
	// bannerWindow is the same after the suite's banner: version 1 prints no delimiter before the first spec, but what
	// BeforeSuite prints may come before it.
	bannerWindow = 100_000
	// maxLevels is the deepest nesting of containers that is followed.
	maxLevels = 64
)

// expect waits for a title.
func (g *ginkgo) expect(window int, m mark) {
	g.state, g.window, g.mark = titles, window, m
	g.levels = g.levels[:0]
	g.guessed = false
	g.previous[0], g.previous[1] = g.previous[0][:0], g.previous[1][:0]
}

// line looks at a line in a state other than idle. It returns whether the line can be nothing else than ginkgo's.
func (g *ginkgo) line(raw, text []byte) bool {
	switch g.state {
	case titles:
		return g.titleLine(raw, text)
	case deeps:
		return g.deepLine(raw, text)
	case probe:
		g.state = idle
		g.learn(text)
	}
	return false
}

func (g *ginkgo) titleLine(raw, text []byte) bool {
	at, indent := location(text)
	if at == "" && g.mark.is() {
		at = failureLocation(text)
	}
	switch before := g.previous[0]; {
	case at == "":
	case indent == 0 && isTitle(before, 0):
		g.firstLevel(readTitle(before), at)
		return true
	case indent == 1 && !g.mark.is() && isTitle(before, 1) && isContainers(g.previous[1]):
		g.old = true
		spec := traffic.Spec{Test: join(visibleText(g.previous[1]), visibleText(before)), Location: at}
		g.begin(spec, g.scanner.lineAt)
		return true
	}
	if g.window--; g.window <= 0 {
		g.state = idle
		return false
	}
	g.previous[0], g.previous[1] = g.previous[1], g.previous[0]
	g.previous[0] = append(g.previous[0][:0], raw...)
	return false
}

// firstLevel takes a title's outermost level, which is the whole with -v.
func (g *ginkgo) firstLevel(t title, at string) {
	g.levels = append(g.levels[:0], level{t, at})
	g.titleAt = g.scanner.lineAt
	switch {
	case g.mark.is():
		g.state = deeps
	case g.atEnd:
		g.state = idle
	case t.node != "" && g.verbosity == verbosityUnknown:
		g.finish()
		g.state = probe
	case t.leaf, t.node != "", !t.coloured && g.verbosity == verbose:
		g.finish()
	default:
		g.state = deeps
	}
}

// deepLine looks for another level: a text and a location, both indented by it.
func (g *ginkgo) deepLine(raw, text []byte) bool {
	depth := len(g.levels)
	if at := failureLocation(text); at != "" && g.mark.is() && depth == 1 {
		g.levels[0].location = at
		g.finish()
		return true
	}
	if !g.guessed {
		inner, ok := cutIndent(raw, depth)
		if ok && depth < maxLevels && len(inner) > 0 && !bytes.HasPrefix(text, []byte("  > Enter [")) {
			g.guess(inner)
			return true
		}
		g.learnLevels(text)
		g.finish()
		return false
	}
	at, indent := location(text)
	if at == "" || indent != depth {
		g.learnLevels(text)
		g.finish()
		return false
	}
	t := readTitle(g.deeper)
	g.levels = append(g.levels, level{t, at})
	g.guessed = false
	if t.leaf && !g.mark.is() {
		g.finish()
	}
	return true
}

// learnLevels learns the verbosity from a beginning's title without colours, and the line after it.
func (g *ginkgo) learnLevels(next []byte) {
	if g.mark.is() || g.verbosity != verbosityUnknown || g.levels[0].coloured {
		return
	}
	if len(g.levels) > 1 {
		g.verbosity = veryVerbose
		return
	}
	if !g.learn(next) {
		g.verbosity = verbose
	}
}

// learn learns the verbosity from a line that says that a node is entered, with -vv and where.
func (g *ginkgo) learn(text []byte) bool {
	if !bytes.HasPrefix(text, []byte("  > Enter [")) {
		return false
	}
	g.verbosity = verbose
	if before, _, found := bytes.Cut(text, []byte(" @ ")); found {
		if i := bytes.LastIndex(before, []byte(" - ")); i >= 0 {
			if at, _ := location(before[i+3:]); at != "" {
				g.verbosity = veryVerbose
			}
		}
	}
	return true
}

// finish takes the levels that were read as a whole title. One that names nothing is not ginkgo's.
func (g *ginkgo) finish() {
	spec := specOf(g.levels, g.mark)
	m := g.mark
	g.state, g.mark, g.levels, g.guessed = idle, mark{}, g.levels[:0], false
	switch {
	case spec.Test == "" && spec.Node == "":
		return
	case !m.is():
		g.begin(spec, g.titleAt)
		return
	}
	spec.Outcome, spec.Duration, spec.Attempts = m.outcome, m.duration, m.attempts
	spec.End = m.at
	g.scanner.send(Ended, g.scanner.nextKey(), m.at, spec)
}

// guess takes a line that is the text of a deeper level if a location follows.
func (g *ginkgo) guess(text []byte) {
	g.deeper, g.guessed = append(g.deeper[:0], text...), true
}

// blank tells of an empty line.
func (g *ginkgo) blank() {
	switch {
	case g.state != deeps:
	case g.guessed:
		g.settle()
	default:
		g.guess(nil)
	}
}

// begin tells that a spec began. Another one that runs must have ended unseen.
func (g *ginkgo) begin(spec traffic.Spec, at time.Time) {
	g.state = idle
	g.end(mark{at: at})
	g.key, g.running, g.attempts = g.scanner.nextKey(), true, 1
	if g.old {
		g.attempts = 0 // version 1 does not print that it tries again
	}
	g.current = spec
	if g.scanner.parallel {
		return
	}
	g.current.Start = at
	g.held = g.scanner.holder.hold(g.scanner.pkg, at)
	g.scanner.send(Started, g.key, at, g.current)
}

// seen tells whether a spec of ginkgo's was.
func (g *ginkgo) seen() bool { return g.key != 0 }

// end tells that the spec that runs has ended, if one does.
func (g *ginkgo) end(m mark) {
	if !g.running {
		return
	}
	g.running = false
	spec := g.current
	g.current = traffic.Spec{}
	spec.End, spec.Outcome, spec.Duration = m.at, m.outcome, m.duration
	spec.Attempts = max(g.attempts, m.attempts)
	g.scanner.send(Ended, g.key, m.at, spec)
	g.scanner.holder.release(g.held, m.at)
	g.held = nil
}

func (g *ginkgo) close() {
	if g.state == deeps {
		g.finish()
	}
	g.end(mark{outcome: traffic.SpecInterrupted, at: g.scanner.lineAt})
	g.state = idle
}
