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

// rowsOf are the rows of a table that are all there.
func rowsOf(rows [][]any) func(func([]any, error) bool) {
	return func(yield func([]any, error) bool) {
		for _, row := range rows {
			if !yield(row, nil) {
				return
			}
		}
	}
}

// table is a table whose rows are all there.
func table(columns []render.Column, rows [][]any) render.Table {
	return render.Table{Columns: columns, Rows: rowsOf(rows)}
}
