package main

import (
	"errors"
	"slices"
	"strings"

	"e2etap/internal/db"
	"e2etap/internal/render"
)

// dimensionColumns are the columns that --by begins a table with.
var dimensionColumns = map[db.Dimension]render.Column{
	db.Test:      {Name: "test", Title: "TEST", Empty: noTest},
	db.Verb:      {Name: "verb", Title: "VERB"},
	db.Resource:  {Name: "resource", Title: "RESOURCE", Empty: "(none)"},
	db.APIGroup:  {Name: "group", Title: "GROUP", Empty: "(core)"},
	db.Namespace: {Name: "namespace", Title: "NAMESPACE", Empty: "(none)"},
	db.Status:    {Name: "status", Title: "STATUS", Empty: "(none)"},
	db.Client:    {Name: "client", Title: "CLIENT", Empty: "(none)"},
	db.UserAgent: {Name: "user_agent", Title: "USER AGENT", Empty: "(none)"},
	db.Path:      {Name: "path", Title: "PATH"},
	db.Source:    {Name: "source", Title: "SOURCE"},
	db.Why:       {Name: "why", Title: "WHY"},
	db.Command:   {Name: "command", Title: "COMMAND", Empty: "(unknown)"},
	db.Role:      {Name: "role", Title: "ROLE"},
}

var sumColumns = []render.Column{
	{Name: "requests", Title: "REQUESTS", Kind: render.Count},
	{Name: "errors_4xx", Title: "4XX", Kind: render.Count},
	{Name: "errors_5xx", Title: "5XX", Kind: render.Count},
	{Name: "watches", Title: "WATCHES", Kind: render.Count},
	{Name: "endpoints", Title: "ENDPOINTS", Kind: render.Count},
	{Name: "bytes_in", Title: "IN", Kind: render.Bytes},
	{Name: "bytes_out", Title: "OUT", Kind: render.Bytes},
	{Name: "p50_ms", Title: "P50", Kind: render.Duration},
	{Name: "p99_ms", Title: "P99", Kind: render.Duration},
	{Name: "max_ms", Title: "MAX", Kind: render.Duration},
}

func summaryTable(r *db.Reader, by []db.Dimension, f db.Filter) (render.Table, error) {
	groups, total, err := r.Summarize(by, f)
	if err != nil {
		return render.Table{}, err
	}
	var t render.Table
	var names []string
	for _, d := range by {
		t.Columns = append(t.Columns, dimensionColumns[d])
		names = append(names, string(d))
	}
	t.Title = "Requests by " + strings.Join(names, ", ")
	t.Columns = append(append(t.Columns, sumColumns...), sourceColumns(by, &f)...)
	t.Rows = rowsOf(groups, groupRow)
	if len(groups) > 0 {
		total.Keys = make([]string, len(by))
		t.Total = totalRow(groupRow(&total), len(by))
	}
	return t, nil
}

// totalRow is the row of a total, without the keys that rows begin with.
func totalRow(row []any, keys int) []any {
	row[0] = "TOTAL"
	for i := 1; i < keys; i++ {
		row[i] = " " // not "", in whose place tables show Empty
	}
	return row
}

func groupRow(g *db.Group) []any {
	row := make([]any, 0, len(g.Keys)+len(sumColumns)+len(g.Sources))
	for _, k := range g.Keys {
		row = append(row, k)
	}
	row = append(row, g.Requests, g.Errors4xx, g.Errors5xx, g.Watches, g.Endpoints, g.BytesIn, g.BytesOut)
	if g.Timed == 0 {
		row = append(row, nil, nil, nil)
	} else {
		row = append(row, g.P50, g.P99, g.Max)
	}
	return append(row, sourceValues(g)...)
}

var listColumns = []render.Column{
	{Name: "id", Kind: render.Count},
	{Name: "run"},
	{Name: "time", Title: "TIME", Kind: render.Time},
	{Name: "test"},
	{Name: "test_source"},
	{Name: "method"},
	{Name: "verb", Title: "VERB"},
	{Name: "group"},
	{Name: "version"},
	{Name: "resource", Title: "RESOURCE"},
	{Name: "namespace"},
	{Name: "name"},
	{Name: "object", Title: "OBJECT"},
	{Name: "path"},
	{Name: "status", Title: "STATUS", Kind: render.Count},
	{Name: "duration_ms", Title: "DURATION", Kind: render.Duration},
	{Name: "first_byte_ms", Kind: render.Duration},
	{Name: "bytes_in", Title: "IN", Kind: render.Bytes},
	{Name: "bytes_out", Title: "OUT", Kind: render.Bytes},
	{Name: "outcome", Title: "OUTCOME"},
	{Name: "error"},
	{Name: "warnings"},
	{Name: "user_agent"},
	{Name: "credential"},
	{Name: "connection", Kind: render.Count},
	{Name: "audit_id"},
	{Name: "test_agreed"},
	{Name: "test_disagreed"},
	{Name: "test_why"},
	{Name: "phase"},
	{Name: "attempt", Kind: render.Count},
	{Name: "tagged_as"},
	{Name: "pid", Kind: render.Count},
	{Name: "executable"},
	{Name: "role"},
	{Name: "user"},
}

// errStop ends a list whose reader wants no more.
var errStop = errors.New("enough")

func listTable(r *db.Reader, f db.Filter) render.Table {
	columns := slices.Clone(listColumns)
	if f.Audit {
		columns[slices.IndexFunc(columns, func(c render.Column) bool { return c.Name == "role" })].Title = "ROLE"
	}
	return render.Table{Title: "Requests", Columns: columns, Rows: func(yield func([]any, error) bool) {
		err := r.List(f, func(e *db.Entry) error {
			if !yield(entryRow(e), nil) {
				return errStop
			}
			return nil
		})
		if err != nil && !errors.Is(err, errStop) {
			yield(nil, err)
		}
	}}
}

func entryRow(e *db.Entry) []any {
	var firstByte any
	if e.FirstByte > 0 {
		firstByte = e.FirstByte
	}
	return []any{
		e.ID, e.Run, e.Start, e.Test, e.TestSource, e.Method, e.Verb, e.Group, e.Version, resourceOf(e),
		e.Namespace, e.Name, objectOf(e), e.Path, int64(e.Status), e.Duration, firstByte, e.BytesIn, e.BytesOut,
		e.Outcome, e.Error, e.Warnings, e.UserAgent, e.Credential, e.Connection, e.AuditID,
		e.Agreed, e.Disagreed, e.Why, e.Phase, known(int64(e.Attempt)), e.TaggedAs, known(e.PID), e.Executable, e.Role, e.User,
	}
}

// known is a number that is not known if it is 0.
func known(n int64) any {
	if n == 0 {
		return nil
	}
	return n
}

func resourceOf(e *db.Entry) string {
	if e.Subresource == "" {
		return e.Resource
	}
	return e.Resource + "/" + e.Subresource
}

// objectOf is what a request is for, in one word: "namespace/name", or the path of what is not a resource.
func objectOf(e *db.Entry) string {
	if e.Resource == "" {
		return e.Path
	}
	if e.Namespace == "" || e.Resource == "namespaces" {
		return e.Name
	}
	return strings.TrimSuffix(e.Namespace+"/"+e.Name, "/")
}
