package render

import (
	"encoding/csv"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"github.com/mattn/go-runewidth"
)

func rowsOf(rows ...[]any) func(func([]any, error) bool) {
	return func(yield func([]any, error) bool) {
		for _, r := range rows {
			if !yield(r, nil) {
				return
			}
		}
	}
}

func sample() Table {
	return Table{
		Columns: []Column{
			{Name: "test", Title: "TEST", Empty: "(no test)"},
			{Name: "hidden"},
			{Name: "n", Title: "N", Kind: Count},
			{Name: "size", Title: "SIZE", Kind: Bytes},
			{Name: "p50_ms", Title: "P50", Kind: Duration},
			{Name: "at", Title: "AT", Kind: Time},
		},
		Rows: rowsOf(
			[]any{"a|b \"c\", d\ne", "h", int64(12), int64(1536), 1500 * time.Microsecond, time.Date(2026, 1, 2, 3, 4, 5, 6e6, time.UTC)},
			[]any{"", "", int64(0), int64(0), nil, time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)},
		),
		Total: []any{"TOTAL", "", int64(12), int64(1536), 1500 * time.Microsecond, nil},
	}
}

func write(t *testing.T, f Format, table Table, width int) string {
	t.Helper()
	var b strings.Builder
	if err := Write(&b, f, table, width); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestFormats(t *testing.T) {
	for f, want := range map[Format]string{
		TableFormat: `
TEST           N     SIZE     P50            AT
a|b "c", d�e  12  1.5 KiB  1.50ms  03:04:05.006
(no test)      0      0 B       -  03:04:05.000
TOTAL         12  1.5 KiB  1.50ms             -
`,
		JSONFormat: `
[
{"test":"a|b \"c\", d\ne","hidden":"h","n":12,"size":1536,"p50_ms":1.5,"at":"2026-01-02T03:04:05.006Z"},
{"test":"","hidden":"","n":0,"size":0,"p50_ms":null,"at":"2026-01-02T03:04:05Z"}
]
`,
		CSVFormat: `
test,hidden,n,size,p50_ms,at
"a|b ""c"", d
e",h,12,1536,1.5,2026-01-02T03:04:05.006Z
,,0,0,,2026-01-02T03:04:05Z
`,
		MarkdownFormat: `
| TEST | N | SIZE | P50 | AT |
| --- | ---: | ---: | ---: | ---: |
| a\|b "c", d�e | 12 | 1.5 KiB | 1.50ms | 03:04:05.006 |
| (no test) | 0 | 0 B | - | 03:04:05.000 |
| TOTAL | 12 | 1.5 KiB | 1.50ms | - |
`,
	} {
		if diff := cmp.Diff(want[1:], write(t, f, sample(), 0)); diff != "" {
			t.Errorf("%s: -want +got\n%s", f, diff)
		}
	}
}

func TestTablesFitTheTerminal(t *testing.T) {
	wide := Table{
		Columns: []Column{{Name: "a", Title: "A"}, {Name: "b", Title: "B"}, {Name: "n", Title: "N", Kind: Count}},
		Rows: rowsOf(
			[]any{strings.Repeat("名前 ", 30), strings.Repeat("x", 40), int64(1234567)},
			[]any{"short", "short", int64(1)},
		),
	}
	for _, width := range []int{200, 80, 60, 40} {
		for _, line := range strings.Split(write(t, TableFormat, wide, width), "\n") {
			if got := runewidth.StringWidth(line); got > width {
				t.Errorf("width %d: a line of %d: %s", width, got, line)
			}
		}
	}
	cut := write(t, TableFormat, wide, 60)
	if !strings.Contains(cut, "…") || !strings.Contains(cut, "1234567") {
		t.Errorf("want texts cut and numbers whole:\n%s", cut)
	}
	if whole := write(t, TableFormat, wide, 0); strings.Contains(whole, "…") {
		t.Errorf("cut without a terminal:\n%s", whole)
	}
	write(t, TableFormat, wide, 3) // nothing left to cut
}

// extra is a table as wide as report's, with a column that can be spared.
func extra() Table {
	return Table{
		Columns: []Column{{Name: "test", Title: "TEST"}, {Name: "n", Title: "REQUESTS", Kind: Count}, {Title: "SOURCES", Extra: true}},
		Rows:    rowsOf([]any{strings.Repeat("x", 80), int64(1234567), "user-agent 30, process 12"}),
	}
}

func TestExtraColumnsGiveWayToReadableTexts(t *testing.T) {
	for width, want := range map[int]bool{0: true, 200: true, 79: true, 77: true, 76: false, 40: false} {
		text := write(t, TableFormat, extra(), width)
		if got := strings.Contains(text, "user-agent 30, process 12"); got != want || strings.Contains(text, "SOURCES") != want {
			t.Errorf("width %d: the extra column is there: %v, want %v\n%s", width, got, want, text)
		}
		if lines := strings.Split(text, "\n"); width > 0 && runewidth.StringWidth(lines[1]) > width {
			t.Errorf("width %d: a line of %d\n%s", width, runewidth.StringWidth(lines[1]), text)
		}
	}
}

func TestColumnsWithoutNamesAreForPeople(t *testing.T) {
	for f, want := range map[Format]string{
		JSONFormat: "[\n{\"test\":\"" + strings.Repeat("x", 80) + "\",\"n\":1234567}\n]\n",
		CSVFormat:  "test,n\n" + strings.Repeat("x", 80) + ",1234567\n",
	} {
		if diff := cmp.Diff(want, write(t, f, extra(), 0)); diff != "" {
			t.Errorf("%s: -want +got\n%s", f, diff)
		}
	}
}

func TestPercentages(t *testing.T) {
	table := Table{Columns: []Column{{Name: "p", Title: "P", Kind: Percent}}, Rows: rowsOf([]any{99.5}, []any{nil})}
	for f, want := range map[Format]string{
		TableFormat: "      P\n99.50 %\n      -\n", JSONFormat: "[\n{\"p\":99.5},\n{\"p\":null}\n]\n", CSVFormat: "p\n99.5\n\n",
	} {
		if got := write(t, f, table, 0); got != want {
			t.Errorf("%s: %q, want %q", f, got, want)
		}
	}
}

func TestNoRows(t *testing.T) {
	empty := sample()
	empty.Rows, empty.Total = rowsOf(), nil
	for f, want := range map[Format]string{JSONFormat: "[]\n", CSVFormat: "test,hidden,n,size,p50_ms,at\n", TableFormat: "TEST  N  SIZE  P50  AT\n"} {
		if got := write(t, f, empty, 0); got != want {
			t.Errorf("%s: %q, want %q", f, got, want)
		}
	}
}

func TestErrorsOfRowsEndTheOutput(t *testing.T) {
	broken := sample()
	failure := errors.New("broken")
	broken.Rows = func(yield func([]any, error) bool) { yield(nil, failure) }
	for _, f := range Formats() {
		if err := Write(&strings.Builder{}, f, broken, 0); !errors.Is(err, failure) {
			t.Errorf("%s: %v, want %v", f, err, failure)
		}
	}
}

func TestHumanValues(t *testing.T) {
	for v, want := range map[any]string{
		time.Duration(0): "0µs", 999 * time.Microsecond: "999µs", time.Millisecond: "1.00ms", 12345 * time.Microsecond: "12.3ms",
		123456 * time.Microsecond: "123ms", 1500 * time.Millisecond: "1.50s", 90 * time.Second: "1m30s", 3 * time.Hour: "3h0m0s",
	} {
		if got := humanValue(v, Column{Kind: Duration}); got != want {
			t.Errorf("%v is %q, want %q", v, got, want)
		}
	}
	for v, want := range map[int64]string{
		0: "0 B", 1023: "1023 B", 1024: "1.0 KiB", 1<<20 - 1: "1.0 MiB", 5 << 30: "5.0 GiB", 1 << 60: "1024.0 PiB",
	} {
		if got := humanValue(v, Column{Kind: Bytes}); got != want {
			t.Errorf("%d is %q, want %q", v, got, want)
		}
	}
}

// FuzzText: whatever a name holds, JSON and CSV give it back and tables keep one line for each row.
func FuzzText(f *testing.F) {
	for _, s := range []string{"plain", "a\x1b[31m\r\nb", "\"|,\\", "名前\u202e", "\xff"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		table := Table{Columns: []Column{{Name: "s", Title: "S"}, {Name: "n", Title: "N", Kind: Count}}, Rows: rowsOf([]any{s, int64(1)})}
		var objects []struct{ S string }
		if err := json.Unmarshal([]byte(write(t, JSONFormat, table, 0)), &objects); err != nil || len(objects) != 1 {
			t.Fatalf("JSON: %v, %v", objects, err)
		}
		if utf8.ValidString(s) && objects[0].S != s {
			t.Errorf("JSON gives %q back, want %q", objects[0].S, s)
		}
		lines, err := csv.NewReader(strings.NewReader(write(t, CSVFormat, table, 0))).ReadAll()
		if want := strings.ReplaceAll(s, "\r\n", "\n"); err != nil || len(lines) != 2 || lines[1][0] != want {
			t.Errorf("CSV gives %q back, %v; want %q", lines, err, want)
		}
		for _, width := range []int{0, 20} {
			text := write(t, TableFormat, table, width)
			if strings.Count(text, "\n") != 2 || strings.ContainsAny(text, "\r\x1b\x00") {
				t.Errorf("table: %q", text)
			}
		}
		if text := write(t, MarkdownFormat, table, 0); strings.Count(text, "\n") != 3 {
			t.Errorf("Markdown: %q", text)
		}
	})
}
