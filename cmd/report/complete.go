package main

import (
	"strings"

	"github.com/spf13/cobra"

	"e2etap/internal/coverage"
	"e2etap/internal/db"
	"e2etap/internal/rbac"
	"e2etap/internal/render"
	"e2etap/internal/replay"
	"e2etap/internal/traffic"
)

type completion = func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective)

// complete gives the flags' values to the shell.
func (o *options) complete(root *cobra.Command) {
	give(root, map[string]completion{
		"output":    completeOutput,
		"by":        completeListOf(db.Dimensions()),
		"verb":      cobra.NoFileCompletions,
		"resource":  cobra.NoFileCompletions,
		"namespace": cobra.NoFileCompletions,
		"status":    cobra.NoFileCompletions,
		"source":    cobra.FixedCompletions(traffic.SourceNames(), cobra.ShellCompDirectiveNoFileComp),
		"since":     cobra.NoFileCompletions,
		"include":   cobra.FixedCompletions([]string{includeAudit}, cobra.ShellCompDirectiveNoFileComp),
	})
	for _, cmd := range append(root.Commands(), root) {
		if cmd.Name() == "cross-check" { // the root's --list has no value
			give(cmd, map[string]completion{"list": cobra.FixedCompletions(cellNames(), cobra.ShellCompDirectiveNoFileComp)})
		}
		if cmd.Name() == "rbac" {
			o.completeRBAC(cmd)
		}
		if cmd.Name() == "coverage" { // groups by something else than the root
			give(cmd, map[string]completion{"by": completeListOf(coverage.Dimensions())})
		}
		give(cmd, map[string]completion{
			"format":             cobra.FixedCompletions(exportFormats(), cobra.ShellCompDirectiveNoFileComp),
			"release":            cobra.NoFileCompletions,
			"noise":              cobra.NoFileCompletions,
			"run":                o.completeFrom(completeRuns),
			"against":            o.completeAgainst,
			"test":               o.completeFrom(completeTests),
			"budget":             cobra.FixedCompletions([]string{"yaml", "yml"}, cobra.ShellCompDirectiveFilterFileExt),
			"threshold":          cobra.NoFileCompletions,
			"at-least":           cobra.NoFileCompletions,
			"user-agent-pattern": cobra.NoFileCompletions,
			"listen":             cobra.NoFileCompletions,
			"wrong":              cobra.FixedCompletions(append(replay.EvaluatedNames(), anySource), cobra.ShellCompDirectiveNoFileComp),
		})
	}
}

// completeOutput completes a flag that all commands have, but whose values are not the same of all.
func completeOutput(cmd *cobra.Command, _ []string, _ string) ([]string, cobra.ShellCompDirective) {
	if cmd.Name() != "summary" {
		return formatNames(), cobra.ShellCompDirectiveNoFileComp
	}
	var names []string
	for _, f := range render.DocumentFormats() {
		names = append(names, string(f))
	}
	return names, cobra.ShellCompDirectiveNoFileComp
}

// give gives completions to the flags that a command has.
func give(cmd *cobra.Command, all map[string]completion) {
	for flag, c := range all {
		if cmd.Flag(flag) == nil {
			continue
		}
		if err := cmd.RegisterFlagCompletionFunc(flag, c); err != nil {
			panic(err) // twice the same flag
		}
	}
}

// completeListOf completes the last name of a list.
func completeListOf[D ~string](names []D) completion {
	return func(_ *cobra.Command, _ []string, typed string) ([]string, cobra.ShellCompDirective) {
		before := typed[:strings.LastIndex(typed, ",")+1]
		var all []string
		for _, name := range names {
			all = append(all, before+string(name))
		}
		return all, cobra.ShellCompDirectiveNoFileComp | cobra.ShellCompDirectiveNoSpace
	}
}

// completeFrom completes with what get finds in the recording.
func (o *options) completeFrom(get func(*db.Reader, *options) ([]string, error)) completion {
	return func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
		r, err := db.OpenReader(o.db)
		if err != nil {
			return nil, cobra.ShellCompDirectiveError
		}
		defer r.Close()
		names, err := get(r, o)
		if err != nil {
			return nil, cobra.ShellCompDirectiveError
		}
		return names, cobra.ShellCompDirectiveNoFileComp
	}
}

func completeRuns(r *db.Reader, _ *options) ([]string, error) {
	runs, err := r.Runs()
	names := []string{db.LatestRun, db.AllRuns}
	for _, run := range runs {
		names = append(names, run.Name)
	}
	return names, err
}

func completeTests(r *db.Reader, o *options) ([]string, error) {
	runs, err := r.SelectRuns(o.run)
	if err != nil {
		return nil, err
	}
	return r.MatchTests("", runs)
}

func (o *options) completeRBAC(cmd *cobra.Command) {
	var subjects []string
	for _, kind := range rbac.SubjectKinds() {
		subjects = append(subjects, kind+":")
	}
	give(cmd, map[string]completion{
		"client":     o.completeFrom(completeClients),
		"user-agent": cobra.NoFileCompletions,
		"namespace":  cobra.NoFileCompletions,
		"bind-to":    cobra.FixedCompletions(subjects, cobra.ShellCompDirectiveNoFileComp|cobra.ShellCompDirectiveNoSpace),
	})
}

func completeClients(r *db.Reader, o *options) ([]string, error) {
	runs, err := r.SelectRuns(o.run)
	if err != nil {
		return nil, err
	}
	groups, _, err := r.Summarize([]db.Dimension{db.Client}, db.Filter{Runs: runs})
	var names []string
	for i := range groups {
		names = append(names, groups[i].Keys[0])
	}
	return names, err
}
