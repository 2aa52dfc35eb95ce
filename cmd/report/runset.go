package main

import (
	"slices"

	"e2etap/internal/db"
	"e2etap/internal/render"
)

// chosenRuns returns the runs that --run stands for.
func (o *options) chosenRuns(r *db.Reader) ([]db.RunInfo, error) {
	ids, err := r.SelectRuns(o.run)
	if err != nil {
		return nil, err
	}
	runs, err := r.Runs()
	return slices.DeleteFunc(runs, func(i db.RunInfo) bool { return !slices.Contains(ids, i.ID) }), err
}

// rowsOf are the rows of a table that has one for each of a list; row makes it.
func rowsOf[T any](list []T, row func(*T) []any) func(func([]any, error) bool) {
	return func(yield func([]any, error) bool) {
		for i := range list {
			if !yield(row(&list[i]), nil) {
				return
			}
		}
	}
}

// table is a table whose rows are all there.
func table(columns []render.Column, rows [][]any) render.Table {
	return render.Table{Columns: columns, Rows: rowsOf(rows, func(row *[]any) []any { return *row })}
}
