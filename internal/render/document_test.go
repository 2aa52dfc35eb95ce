package render

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
)

func document() Document {
	facts := []Column{{Name: "run", Title: "Run"}, {Name: "n", Title: "Requests", Kind: Count}, {Name: "server"}, {Name: "end", Title: "End", Kind: Count}}
	tests := sample()
	tests.Title = "Tests with <b>"
	return Document{Title: "Run *a*", Sections: []Section{
		{Name: "run", Record: true, Table: Table{Columns: facts, Rows: rowsOf([]any{"a|b]", int64(12), "s", nil})}},
		{Name: "tests", Table: tests},
		{Name: "said", Empty: "No test failed.", Table: Table{Title: "Failed", Columns: facts[:1], Rows: rowsOf()}},
		{Name: "unsaid", Table: Table{Title: "Lost", Columns: facts[:1], Rows: rowsOf()}},
	}}
}

func writeDocument(t *testing.T, f Format, d Document, limits Limits) string {
	t.Helper()
	var b bytes.Buffer
	if err := WriteDocument(&b, f, d, limits); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestDocuments(t *testing.T) {
	for f, name := range map[Format]string{MarkdownFormat: "document.md", HTMLFormat: "document.html", JSONFormat: "document.json"} {
		golden(t, name, writeDocument(t, f, document(), Limits{}))
	}
}

func TestDocumentsOfJSONAreJSON(t *testing.T) {
	var d struct {
		Run    struct{ Run, Server string }
		Tests  []struct{ Test string }
		Unsaid []any
	}
	if err := json.Unmarshal([]byte(writeDocument(t, JSONFormat, document(), Limits{})), &d); err != nil {
		t.Fatal(err)
	}
	if d.Run.Run != "a|b]" || d.Run.Server != "s" || len(d.Tests) != 2 || d.Unsaid == nil {
		t.Errorf("read back: %+v", d)
	}
}

func TestLongTablesAreFolded(t *testing.T) {
	for fold, want := range map[int]bool{0: false, 1: true, 2: false} {
		d := Document{Sections: []Section{{Name: "t", Table: sample()}}}
		d.Sections[0].Total = nil
		text := writeDocument(t, MarkdownFormat, d, Limits{Fold: fold})
		if got := strings.Contains(text, "<details><summary>2 rows</summary>\n\n| TEST"); got != want {
			t.Errorf("fold %d: folded: %v, want %v\n%s", fold, got, want, text)
		}
		if strings.Count(text, "<details>") != strings.Count(text, "\n\n</details>\n") {
			t.Errorf("fold %d: no end of details, with an empty line before\n%s", fold, text)
		}
	}
}

func TestRecordsAreNotFolded(t *testing.T) {
	d := document()
	d.Sections = d.Sections[:1]
	if text := writeDocument(t, MarkdownFormat, d, Limits{Fold: 1}); strings.Contains(text, "<details>") {
		t.Errorf("folded:\n%s", text)
	}
}

// big is a document of a table of 3 rows and one of n.
func big(n int) Document {
	rows := func(name string, n int) func(func([]any, error) bool) {
		return func(yield func([]any, error) bool) {
			for i := range n {
				if !yield([]any{fmt.Sprintf("%s %d %s", name, i, strings.Repeat("x", i%300))}, nil) {
					return
				}
			}
		}
	}
	columns := []Column{{Name: "test", Title: "TEST"}}
	return Document{Title: "Big", Sections: []Section{
		{Name: "few", Table: Table{Title: "Few", Columns: columns, Rows: rows("few", 3)}},
		{Name: "many", Table: Table{Title: "Many", Columns: columns, Rows: rows("many", n), Total: []any{"TOTAL"}}},
	}}
}

func TestTheLongestTableIsCutToFit(t *testing.T) {
	const limit = 20_000
	text := writeDocument(t, MarkdownFormat, big(1000), Limits{Bytes: limit, Fold: 20})
	if len(text) > limit || len(text) < limit-1000 {
		t.Errorf("%d bytes, want %d and little less", len(text), limit)
	}
	few, many := strings.Count(text, "| few "), strings.Count(text, "| many ")
	if few != 3 || !strings.Contains(text, fmt.Sprintf("| TOTAL |\n\n*%d more rows are left out: there is room for 20000 bytes.*\n\n</details>\n", 1000-many)) {
		t.Errorf("%d of 3 and %d of 1000 rows, and at the end %q", few, many, text[len(text)-150:])
	}
}

func TestWhatFitsIsNotCut(t *testing.T) {
	whole := writeDocument(t, MarkdownFormat, big(50), Limits{})
	if got := writeDocument(t, MarkdownFormat, big(50), Limits{Bytes: len(whole)}); got != whole {
		t.Errorf("cut to %d bytes from %d, of which all were allowed", len(got), len(whole))
	}
}

func TestDocumentsNeverExceedTheirLimit(t *testing.T) {
	for limit := 1; limit < 4000; limit += 7 {
		var b bytes.Buffer
		err := WriteDocument(&b, MarkdownFormat, big(40), Limits{Bytes: limit, Fold: 10})
		if b.Len() > limit || (err != nil) != (b.Len() == 0) {
			t.Errorf("limit %d: %d bytes, %v", limit, b.Len(), err)
		}
	}
}

func TestTextsOfMarkdownDocumentsAreCut(t *testing.T) {
	d := Document{Sections: []Section{{Name: "t", Table: Table{Columns: []Column{{Title: "T"}}, Rows: rowsOf([]any{strings.Repeat("x", 5000)})}}}}
	if text := writeDocument(t, MarkdownFormat, d, Limits{}); !strings.Contains(text, "| "+strings.Repeat("x", 399)+"… |") {
		t.Errorf("%d bytes, want a text of 400", len(text))
	}
}

func TestErrorsEndDocuments(t *testing.T) {
	d, failure := document(), errors.New("broken")
	d.Sections[1].Rows = func(yield func([]any, error) bool) { yield(nil, failure) }
	for _, f := range DocumentFormats() {
		if err := WriteDocument(&bytes.Buffer{}, f, d, Limits{}); !errors.Is(err, failure) {
			t.Errorf("%s: %v, want %v", f, err, failure)
		}
	}
	if err := WriteDocument(&bytes.Buffer{}, CSVFormat, document(), Limits{}); err == nil {
		t.Error("CSV has one table, and takes a document")
	}
}
