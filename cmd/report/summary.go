package main

import (
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/spf13/cobra"

	"e2etap/internal/db"
	"e2etap/internal/digest"
	"e2etap/internal/render"
)

const summaryLong = `summary tells of a run at a glance: as Markdown, if -o does not say otherwise, for a pull request or
the page of a CI job; with -o html as a page for a browser; with -o json as an object of the same
facts. These are its sections, and the object's fields:

  run          run, start, end, duration_ms, exit_code, command, server_version, requests, tests
               (that have requests), untagged (requests without a test), errors_5xx, errors_4xx,
               passed, failed, skipped (executions of specs), other (pending or interrupted ones,
               or without a known end), lost (could not be recorded)
  against      of the run to compare with: run, start, server_version, requests. This section and
               the next two are there with --against only
  figures      those of requests, errors_5xx, errors_4xx and tests that differ: figure, before,
               after, change
  changes      tests whose requests changed by more than 20 % of before and by at least 5: test
               ("" for requests without one), before, after, change, change_percent (null if there
               were none before). Tests are compared by name
  failures     specs that failed or were interrupted, nodes of the whole suite such as BeforeSuite
               among them: test, node, outcome, attempts, duration_ms, requests, errors_5xx,
               errors_4xx (of the test in the run, all its executions together), location
  errors       tests with answers of 400 and above: test, errors_5xx, errors_4xx, statuses
               ("404 12, 409 3")
  busiest      the 10 tests with the most requests: test, requests, watches, bytes_out
  slowest      the 10 tests with the slowest requests, without long-running ones such as watches:
               test, max_ms, p99_ms, p50_ms
  sources      requests by what named their test: source, requests, percent
  causes       requests without a test, by why: why, requests

"report --help" says what sources and causes mean. What is empty is left out of Markdown and HTML.
Texts of more than 400 characters are cut in Markdown.

--github appends the Markdown to the file that $GITHUB_STEP_SUMMARY names, tables of more than 15
rows folded, and cuts the longest tables where it and what the file already has would exceed 1 MiB,
more than which GitHub does not show of a step.

--against compares with another run: the name of one in --db (latest is one, too), or FILE for the
latest run of another recording, or FILE:RUN. A name that is a run's and a file's means the run;
write ./FILE for the file.

Exit codes: 0 done, whatever the run was like; 1 failure; 2 wrong usage.`

const summaryExamples = `  report summary
  report summary --run nightly --against main.db -o html > summary.html
  report summary -o json | jq -r '.failures[].test'

  # a step of GitHub Actions
  - if: always()
    run: report summary --db e2e.db --github

  # a job of GitLab CI, which keeps the page and says the same in the merge request
  after_script:
    - report summary --db e2e.db -o html > summary.html
    - report summary --db e2e.db > summary.md
    - glab mr note "$CI_MERGE_REQUEST_IID" --message "$(cat summary.md)"
  artifacts:
    paths: [summary.html]`

func newSummary(o *options) *cobra.Command {
	var github bool
	cmd := &cobra.Command{
		Use: "summary", Short: "Tell of a run at a glance, for a pull request or a CI job", Long: summaryLong, Example: summaryExamples, Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			ask := func() (render.Format, error) { return o.summaryFormat(cmd.Flags().Changed("output"), github) }
			return opened(cmd, ask, o.open, func(r *db.Reader, format render.Format) error {
				d, err := o.summary(r, cmd.ErrOrStderr())
				if err != nil {
					return err
				}
				if github {
					return appendStepSummary(d)
				}
				return render.WriteDocument(cmd.OutOrStdout(), format, d, render.Limits{})
			})
		},
	}
	o.addRun(cmd, "the run: its name, or latest")
	o.addAgainst(cmd)
	cmd.Flags().BoolVar(&github, "github", false, "append to the file that $GITHUB_STEP_SUMMARY names")
	return cmd
}

// summaryFormat is Markdown, if --output does not say otherwise.
func (o *options) summaryFormat(given, github bool) (render.Format, error) {
	f := render.Format(o.output)
	switch {
	case !given:
		return render.MarkdownFormat, stepSummaryGiven(github)
	case !slices.Contains(render.DocumentFormats(), f):
		return f, fmt.Errorf("--output %q: want one of markdown, html, json", o.output)
	case github && f != render.MarkdownFormat:
		return f, fmt.Errorf("--output %s with --github: GitHub takes markdown", o.output)
	}
	return f, stepSummaryGiven(github)
}

// summary makes the document of the run, compared with --against if that is given.
func (o *options) summary(r *db.Reader, stderr io.Writer) (render.Document, error) {
	run, err := r.Run(o.run)
	if err != nil {
		return render.Document{}, err
	}
	after, err := digest.Read(r, run)
	if err != nil {
		return render.Document{}, err
	}
	sections := []render.Section{runSection(after)}
	if o.against != "" {
		before, err := o.readAgainst(stderr)
		if err != nil {
			return render.Document{}, err
		}
		sections = append(sections, changeSections(o.against, before, after)...)
	}
	return render.Document{Title: "e2etap: " + run.Name, Sections: append(sections, testSections(after)...)}, nil
}

func (o *options) readAgainst(stderr io.Writer) (*digest.Digest, error) {
	r, run, err := o.openRun(o.against, stderr)
	if err != nil {
		return nil, fmt.Errorf("--against: %w", err)
	}
	d, err := digest.Read(r, run)
	return d, errors.Join(err, r.Close())
}

// completeAgainst completes with the runs of --db, and files.
func (o *options) completeAgainst(cmd *cobra.Command, args []string, typed string) ([]string, cobra.ShellCompDirective) {
	names, _ := o.completeFrom(completeOneRun)(cmd, args, typed)
	return names, cobra.ShellCompDirectiveDefault
}
