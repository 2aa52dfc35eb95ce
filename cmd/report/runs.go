package main

import (
	"strings"
	"time"

	"github.com/spf13/cobra"

	"e2etap/internal/db"
	"e2etap/internal/render"
)

func newRuns(o *options) *cobra.Command {
	return &cobra.Command{
		Use:   "runs",
		Short: "List the runs in a recording",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return opened(cmd, o.format, o.open, func(r *db.Reader, format render.Format) error {
				runs, err := r.Runs()
				if err != nil {
					return err
				}
				return write(cmd.OutOrStdout(), cmd.ErrOrStderr(), format, runsTable(runs), "no runs in "+o.db)
			})
		},
	}
}

func runsTable(runs []db.RunInfo) render.Table {
	return render.Table{
		Columns: []render.Column{
			{Name: "run", Title: "RUN"},
			{Name: "start", Title: "START"},
			{Name: "end"},
			{Name: "duration_ms", Title: "DURATION", Kind: render.Duration},
			{Name: "exit_code", Title: "EXIT", Kind: render.Count},
			{Name: "requests", Title: "REQUESTS", Kind: render.Count},
			{Name: "tests", Title: "TESTS", Kind: render.Count},
			{Name: "specs", Title: "SPECS", Kind: render.Count},
			{Name: "lost", Title: "LOST", Kind: render.Count},
			{Name: "server_version", Title: "SERVER", Empty: "-"},
			{Name: "server"},
			{Name: "context"},
			{Name: "tool_version"},
			{Name: "command", Title: "COMMAND"},
		},
		Rows: rowsOf(runs, runRow),
	}
}

func runRow(r *db.RunInfo) []any {
	var end, duration, exit, lost any
	if !r.End.IsZero() {
		end, duration = r.End.Format(time.RFC3339Nano), r.End.Sub(r.Start)
		exit, lost = int64(r.ExitCode), r.Lost
	}
	return []any{
		r.Name, r.Start.Format(time.RFC3339), end, duration, exit, r.Requests, r.Tests, r.Specs, lost,
		r.ServerVersion, r.Server, r.Context, r.ToolVersion, commandLine(r.Command),
	}
}

// commandLine joins arguments so that a shell would read them again.
func commandLine(args []string) string {
	words := make([]string, len(args))
	for i, a := range args {
		words[i] = a
		if a == "" || strings.ContainsAny(a, " \t\n\"'\\$`*?[]{}()<>|&;#~!") {
			words[i] = "'" + strings.ReplaceAll(a, "'", `'\''`) + "'"
		}
	}
	return strings.Join(words, " ")
}
