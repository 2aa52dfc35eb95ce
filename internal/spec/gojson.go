package spec

import (
	"bytes"
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"time"
)

// goJSON reads the lines of go test -json (cmd/test2json), which have times of their own. What a package's tests print is
// looked through for ginkgo's specs.
type goJSON struct {
	scanner *Scanner
	inner   map[string]*Scanner // by package
}

// goEvent is a line of go test -json.
type goEvent struct {
	Time    time.Time
	Action  string
	Package string
	Test    string
	Output  string
	Elapsed float64 // seconds
}

// maxPackages bounds the packages that are followed at a time.
const maxPackages = 4096

func (g *goJSON) line(line []byte) {
	if !bytes.Contains(line[:min(len(line), 200)], []byte(`"Action":"`)) {
		return
	}
	var e goEvent
	if json.Unmarshal(line, &e) != nil || e.Package == "" {
		return
	}
	if e.Time.IsZero() {
		e.Time = g.scanner.lineAt
	}
	g.event(e)
}

func (g *goJSON) event(e goEvent) {
	tests, k := &g.scanner.goTest, testKey{e.Package, e.Test}
	switch e.Action {
	case "output":
		g.output(e)
	case "run", "pause", "cont":
		tests.action(strings.ToUpper(e.Action), k, e.Time)
	case "pass", "fail", "skip":
		if e.Test != "" {
			duration := time.Duration(e.Elapsed * float64(time.Second)).Round(time.Millisecond)
			tests.resultOf(k, e.Time, goOutcome(e.Action), max(duration, 0))
			return
		}
		g.closePackage(e.Package, e.Time)
		tests.closePackage(e.Package, e.Time)
	}
}

// output looks through what a package's tests print. What tells of go's own tests is left to the events.
func (g *goJSON) output(e goEvent) {
	inner := g.inner[e.Package]
	if inner == nil {
		if len(g.inner) >= maxPackages {
			return
		}
		inner = g.newInner(e.Package)
	}
	if strings.HasPrefix(e.Output, "=== NAME") {
		_, name, _ := strings.Cut(strings.TrimSpace(e.Output), "  ")
		g.scanner.goTest.action("NAME", testKey{e.Package, name}, e.Time)
	}
	if trimmed := strings.TrimLeft(e.Output, " "); strings.HasPrefix(trimmed, "=== ") || strings.HasPrefix(trimmed, "--- ") {
		return
	}
	inner.Scan([]byte(e.Output), e.Time)
	g.scanner.parallel = g.scanner.parallel || inner.parallel
}

// newInner makes a Scanner for a package's output, of which the specs are told as this package's.
func (g *goJSON) newInner(pkg string) *Scanner {
	inner := NewScanner(func(e Event) {
		e.Spec.Worker = pkg
		g.scanner.emit(e)
	})
	inner.keys, inner.holder, inner.pkg = g.scanner.keys, &g.scanner.goTest, pkg
	if g.inner == nil {
		g.inner = make(map[string]*Scanner)
	}
	g.inner[pkg] = inner
	return inner
}

// closePackage tells that a package's tests are done.
func (g *goJSON) closePackage(pkg string, at time.Time) {
	if inner := g.inner[pkg]; inner != nil {
		inner.Close(at)
		delete(g.inner, pkg)
	}
}

// close tells that the output ends, where packages may not be done.
func (g *goJSON) close() {
	for _, pkg := range slices.Sorted(maps.Keys(g.inner)) {
		g.closePackage(pkg, g.scanner.lineAt)
	}
}
