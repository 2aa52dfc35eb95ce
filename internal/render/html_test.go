package render

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/mattn/go-runewidth"
	"golang.org/x/net/html"
)

var update = flag.Bool("update", false, "write what is rendered into testdata")

// golden compares what was rendered with a file of testdata.
func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s: -want +got\n%s", name, diff)
	}
}

// node is an element of a parsed document, with the text that a browser would show in it.
type node struct{ name, class, text string }

// classOf is the class of cells with a text.
func classOf(s string) string {
	switch w := runewidth.StringWidth(s); {
	case w > 40:
		return "t long"
	case w <= 24:
		return "t short"
	}
	return "t"
}

func parse(t *testing.T, document string) []node {
	t.Helper()
	root, err := html.Parse(strings.NewReader(document))
	if err != nil {
		t.Fatal(err)
	}
	var nodes []node
	for n := range root.Descendants() {
		if n.Type != html.ElementNode {
			continue
		}
		e := node{name: n.Data}
		for _, a := range n.Attr {
			if a.Key == "class" {
				e.class = a.Val
			}
		}
		for c := range n.ChildNodes() {
			if c.Type == html.TextNode {
				e.text += c.Data
			}
		}
		nodes = append(nodes, e)
	}
	return nodes
}

func named(nodes []node, name string) (found []node) {
	for _, n := range nodes {
		if n.name == name {
			found = append(found, n)
		}
	}
	return found
}

func TestHTML(t *testing.T) {
	table := sample()
	table.Title = `Requests of "a" & b`
	golden(t, "table.html", write(t, HTMLFormat, table, 0))
}

var hostile = []string{
	"<script>alert(1)</script>", `"><img src=x onerror='alert(1)'>`, "</td></table><h1>x", "&lt;b&gt; & &amp;", "</title></style><script>",
	"שלום עולם 123 (test)", "two  blanks", strings.Repeat("x", 5000), "<!-- a", "`'\"",
}

func TestHTMLShowsNamesAsText(t *testing.T) {
	for _, name := range hostile {
		table := Table{Title: name, Columns: []Column{{Title: name}, {Title: "N", Kind: Count}}, Rows: rowsOf([]any{name, int64(1)})}
		table.Total = []any{name, int64(1)}
		nodes := parse(t, write(t, HTMLFormat, table, 0))
		for element, want := range map[string][]node{
			"title": {{"title", "", name}}, "h1": {{"h1", "", name}},
			"th": {{"th", classOf(name), name}, {"th", "n", "N"}}, "td": {{"td", classOf(name), name}, {"td", "n", "1"}, {"td", classOf(name), name}, {"td", "n", "1"}},
		} {
			if diff := cmp.Diff(want, named(nodes, element), cmp.AllowUnexported(node{})); diff != "" {
				t.Errorf("%.40s: -want +got\n%s", name, diff)
			}
		}
		if more := append(named(nodes, "script"), named(nodes, "img")...); len(more) > 0 {
			t.Errorf("%.40s: %v in the document", name, more)
		}
	}
}

// What a page may load is in its policy; what it asks for is an address in it.
func TestHTMLNeedsNothingElse(t *testing.T) {
	document := write(t, HTMLFormat, sample(), 0)
	for _, word := range []string{"http:", "https:", "src=", "href=", "url(", "@import", "<script", "<link"} {
		if strings.Contains(document, word) {
			t.Errorf("%q is in the document", word)
		}
	}
	if !strings.Contains(document, "default-src 'none'") {
		t.Error("no policy forbids scripts and other files")
	}
}

func TestHTMLOfUntitledTables(t *testing.T) {
	table := sample()
	table.Rows, table.Total = rowsOf(), nil
	nodes := parse(t, write(t, HTMLFormat, table, 0))
	if got := named(nodes, "title"); len(got) != 1 || got[0].text != "Report" {
		t.Errorf("titles %v, want Report", got)
	}
	if got := named(nodes, "tfoot"); len(got) != 0 {
		t.Errorf("%d tfoot without totals", len(got))
	}
}

// FuzzHTML: whatever a name holds, the document shows it, and has no more elements than with any other name.
func FuzzHTML(f *testing.F) {
	for _, s := range append(hostile, "a\x1b[31m\r\nb", "\xff\x00", "名前\u202e") {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		table := func(s string) Table {
			return Table{Columns: []Column{{Title: "S", Empty: "-"}}, Rows: rowsOf([]any{s})}
		}
		nodes := parse(t, write(t, HTMLFormat, table(s), 0))
		if plain := parse(t, write(t, HTMLFormat, table("x"), 0)); len(nodes) != len(plain) {
			t.Errorf("%d elements, want %d", len(nodes), len(plain))
		}
		want := Printable(s)
		if s == "" {
			want = "-"
		}
		if cells := named(nodes, "td"); len(cells) != 1 || cells[0].text != want {
			t.Errorf("cells %q, want %q", cells, want)
		}
	})
}
