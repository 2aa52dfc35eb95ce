package spec

import (
	"bytes"
	"slices"
	"strings"

	"e2etap/internal/traffic"
)

// title is a line with texts of a spec.
type title struct {
	text     string // without colours it has the labels, too, until specOf splits it
	labels   []string
	node     string // of the whole suite; "" for a spec
	coloured bool
	leaf     bool // the colours tell that the leaf's text is in it
}

// level is a title with its location: the whole of a spec with -v, one of its containers or the leaf with -vv.
type level struct {
	title
	location string
}

// cutIndent cuts the indentation of a level of that depth, two blanks for each.
func cutIndent(raw []byte, depth int) ([]byte, bool) {
	if len(raw) < 2*depth || len(bytes.TrimLeft(raw[:2*depth], " ")) > 0 {
		return raw, false
	}
	return raw[2*depth:], true
}

// isTitle tells whether the line is a text that is indented for a level of that depth, and no more.
func isTitle(raw []byte, depth int) bool {
	rest, ok := cutIndent(raw, depth)
	first := firstVisible(rest)
	return ok && first < len(rest) && rest[first] != ' ' && rest[first] != '\t'
}

// isContainers tells whether the line is version 1's of containers: it puts a blank after each.
func isContainers(raw []byte) bool {
	raw = cutReset(raw)
	return isTitle(raw, 0) && raw[len(raw)-1] == ' '
}

func visibleText(raw []byte) string { return string(bytes.TrimSpace(appendVisible(nil, raw))) }

func join(texts ...string) string { return strings.TrimSpace(strings.Join(texts, " ")) }

var (
	bold  = []byte("\x1b[1m")
	reset = []byte("\x1b[0m")
)

// readTitle reads a line of texts, without its indentation. With colours they end where the leaf's bold type is reset or,
// on a container's line, before the labels' colour. Without colours see splitPlain.
func readTitle(raw []byte) title {
	t := title{coloured: bytes.IndexByte(raw, escape) >= 0}
	text, rest := raw, []byte(nil)
	if i := bytes.Index(raw, bold); i >= 0 {
		t.leaf = true
		if end := bytes.Index(raw[i:], reset); end >= 0 {
			text, rest = raw[:i+end], raw[i+end:]
		}
	} else if i := bytes.Index(raw, []byte(" \x1b")); i >= 0 {
		text, rest = raw[:i], raw[i:]
	}
	t.text, t.labels = string(appendVisible(nil, text)), groupLabels(visibleText(rest))
	t.node, _ = cutNode(t.text)
	return t
}

// groupLabels returns the labels of what follows the texts: "[a, b] [>= 1.0.0]".
func groupLabels(groups string) []string {
	first, _, _ := strings.Cut(strings.TrimPrefix(groups, "["), "] [")
	first = strings.TrimSuffix(first, "]")
	if first == "" || isConstraint(first) {
		return nil
	}
	return strings.Split(first, ", ")
}

// isConstraint tells whether a group is of versions instead of labels.
func isConstraint(group string) bool {
	return strings.ContainsAny(group[:1], "<>=!~^") || strings.Contains(group, ": [")
}

// splitPlain splits a spec's texts from the labels that ginkgo puts after them, "Pods should run [sig-node, Slow]",
// without colours to tell them by. The text alone does not always tell: the last "[…]" may be of the name. It is taken for
// labels
//   - in a name that begins with "[sig-…]", as all of the Kubernetes suite do, if that is the first label: the
//     framework makes a label of each tag in brackets, outermost first, and ginkgo keeps that order;
//   - in another name, if it is a list, or if the name has the same tag in brackets already.
//
// So a label that stands alone and is not in the name is taken for a part of the name, and so is a label without "sig-"
// before those that the framework makes. With -vv the name is printed in levels, each with its labels: text is one of
// them, and deeper has the deeper ones, where the framework puts the tags of a container's labels. A few containers of
// the Kubernetes suite end with a tag of their own that a deeper one has, too: they lose it.
func splitPlain(text, deeper string) (name string, labels []string) {
	for {
		before, group, found := cutGroup(text)
		if !found || !isConstraint(group) {
			break
		}
		text = before
	}
	before, group, found := cutGroup(text)
	if !found {
		return text, nil
	}
	labels = strings.Split(group, ", ")
	if slices.ContainsFunc(labels, func(l string) bool { return l == "" || strings.ContainsAny(l, "&|!,()/[]") }) {
		return text, nil // ginkgo allows none of these in a label (types.ValidateAndCleanupLabel), but for brackets
	}
	if inside, _, isTag := strings.Cut(strings.TrimPrefix(before, "["), "]"); isTag && strings.HasPrefix(before, "[sig-") {
		if labels[0] == inside {
			return before, labels
		}
		return text, nil
	}
	if len(labels) > 1 || strings.Contains(before+deeper, "["+labels[0]+"]") {
		return before, labels
	}
	return text, nil
}

// cutGroup cuts " […]" from the end of the text.
func cutGroup(text string) (before, group string, found bool) {
	i := strings.LastIndex(text, " [")
	if strings.HasSuffix(text, "]]") { // of components: "[api: [>= 1.0.0]]"
		i = strings.LastIndex(text[:max(i, 0)], " [")
	}
	if i <= 0 || !strings.HasSuffix(text, "]") || len(text) < i+4 {
		return text, "", false
	}
	return text[:i], text[i+2 : len(text)-1], true
}

// specOf puts a spec together from the levels of its title.
func specOf(levels []level, m mark) traffic.Spec {
	last := levels[len(levels)-1]
	node := last.node
	if node == "" {
		node = m.node
	}
	spec := traffic.Spec{Node: node, Location: last.location}
	coloured := slices.ContainsFunc(levels, func(l level) bool { return l.coloured })
	var texts []string
	for i, l := range levels {
		if !coloured {
			l.text, l.labels = splitPlain(l.text, textOf(levels[i+1:]))
		}
		texts = append(texts, l.text)
		for _, label := range l.labels {
			if !slices.Contains(spec.Labels, label) {
				spec.Labels = append(spec.Labels, label)
			}
		}
	}
	if node == "" {
		spec.Test = join(texts...)
		if m.outcome == traffic.SpecFailed || m.outcome == traffic.SpecSkipped || m.outcome == traffic.SpecInterrupted {
			spec.Test = cutFailedNode(spec.Test)
		}
	}
	return spec
}

func textOf(levels []level) string {
	var text strings.Builder
	for _, l := range levels {
		text.WriteString(l.text)
	}
	return text.String()
}

// failedNodes are what ginkgo puts into the title of a failed spec to say what failed: "[It]" before the leaf's text, or
// another before version 1's and after version 2's container. No name is expected to contain them.
var failedNodes = [...]string{
	"[It] ", "[BeforeEach] ", "[JustBeforeEach] ", "[BeforeAll] ", "[AfterEach] ", "[JustAfterEach] ", "[AfterAll] ",
	"[DeferCleanup (Each)] ", "[DeferCleanup (All)] ", "[DeferCleanup] ", "[ReportBeforeEach] ", "[ReportAfterEach] ",
	"[Measurement] ",
}

func cutFailedNode(name string) string {
	name = strings.TrimPrefix(name, "TOP-LEVEL ") + " "
	for _, node := range failedNodes {
		at := strings.Index(name, node)
		if at == 0 || at > 0 && name[at-1] == ' ' {
			name = name[:at] + name[at+len(node):]
			break
		}
	}
	return strings.TrimSuffix(name, " ")
}
