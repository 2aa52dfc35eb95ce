package main

import (
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/spf13/cobra"

	"e2etap/internal/audit"
	"e2etap/internal/db"
	"e2etap/internal/render"
)

const importAuditLong = `import-audit adds audit logs of the API server to a recording, for "report cross-check", and for
"report --by-test --include audit", which adds what controllers and pods did on behalf of tests.
Logs are of the whole cluster, whatever its runs: all of their requests are kept, one row for each,
with their user, address and times, but without groups, annotations and objects. The runs of their
time are then attributed anew, as by "report retag": a log knows the names of created objects.

FILE is a log in JSON, one event a line or in lists, of audit.k8s.io/v1 or its betas, also packed
with gzip or zstd; a folder with such; or - for standard input. Pass the files of a rotated log
together, oldest first, or their folder.
Lines that are cut or broken are named on stderr, the first 5 of them, and left out. Importing a
log twice adds nothing; a later log completes the requests that an earlier one saw beginning. An
import that was interrupted can be done again. It needs a recording that nobody records into:
while "proxy run" or "proxy serve" is at it, import-audit fails and disturbs nothing.

With --follow it goes on reading what is appended to one FILE, not packed, which need not exist yet,
until SIGINT or SIGTERM. It goes on with the new file when FILE is rotated, by renaming or by copying
and truncating it, and reads what was written before that; a last line waits until it is whole. What
it has read is in the recording a second later. Until it ends, nobody else can record into that; while
somebody does, --follow waits, and then reads what FILE has, and what was rotated out of it meanwhile.
A request whose stages come more than a second apart counts as new, and again as completed.

  files        that were read
  events       in these: a request has one for each of its stages that the policy logs
  requests     that these are of
  new          of these, requests that the recording did not have
  completed    those that it had with fewer stages
  known        those that it had
  broken       lines (or events in lists) that are none

Exit codes: 0 done (also with broken lines), 1 failure (also if a file cannot be read; the others
are imported), 2 wrong usage.`

const importAuditExamples = `  report import-audit /var/log/kubernetes/audit.log
  report import-audit audit-*.log audit.log -o json
  report import-audit --follow /var/log/kubernetes/audit.log
  kubectl logs audit-sink | report import-audit -`

func newImportAudit(o *options) *cobra.Command {
	var follow bool
	cmd := &cobra.Command{
		Use: "import-audit FILE...", Short: "Add audit logs of the API server", Long: importAuditLong, Example: importAuditExamples,
		Args: cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if follow {
				return o.followAudit(cmd, args)
			}
			i := auditImport{stdin: cmd.InOrStdin(), stderr: cmd.ErrOrStderr()}
			var format render.Format
			err := opened(cmd, o.format, o.edit, func(e *db.Editor, f render.Format) error {
				format = f
				return errors.Join(i.run(e, args), o.retagLogged(e, &i, cmd.ErrOrStderr()))
			})
			if i.files == 0 && i.events == 0 {
				return err
			}
			return errors.Join(err, write(cmd.OutOrStdout(), cmd.ErrOrStderr(), format, table(importAuditColumns, [][]any{i.row()}), ""))
		},
	}
	cmd.Flags().BoolVarP(&follow, "follow", "f", false, "go on reading what is appended to FILE, through its rotations, until SIGINT or SIGTERM")
	return cmd
}

var importAuditColumns = []render.Column{
	{Name: "files", Title: "FILES", Kind: render.Count},
	{Name: "events", Title: "EVENTS", Kind: render.Count},
	{Name: "requests", Title: "REQUESTS", Kind: render.Count},
	{Name: "new", Title: "NEW", Kind: render.Count},
	{Name: "completed", Title: "COMPLETED", Kind: render.Count},
	{Name: "known", Title: "KNOWN", Kind: render.Count},
	{Name: "broken", Title: "BROKEN", Kind: render.Count},
}

// auditImport is an import of some files, whose requests may have their stages in several of them.
type auditImport struct {
	stdin    io.Reader
	stderr   io.Writer
	progress *progress

	files, events int64
	broken        []audit.Broken // the first of them
	more          int64          // broken ones
	done          db.AuditImport
}

func (i *auditImport) row() []any {
	d := i.done
	return []any{i.files, i.events, d.New + d.Completed + d.Known, d.New, d.Completed, d.Known, int64(len(i.broken)) + i.more}
}

func (i *auditImport) run(e *db.Editor, args []string) error {
	files, total, failed := auditFiles(args)
	i.progress = newBytesProgress(i.stderr, "importing audit logs", total)
	var err error
	i.done, err = e.ImportAudit(func(w *db.AuditWriter) error {
		folder := audit.NewFolder(w.Add)
		for _, file := range files {
			if err := i.read(file, folder); err != nil {
				failed = append(failed, err)
				continue
			}
			i.files++
		}
		return folder.Flush()
	})
	i.progress.end()
	i.nameBroken()
	return errors.Join(append(failed, err)...)
}

// auditFiles are the files that arguments stand for, and their size.
func auditFiles(args []string) (files []string, total int64, failed []error) {
	for _, arg := range args {
		list, err := audit.Files(arg)
		if err != nil {
			failed = append(failed, fmt.Errorf("import audit log: %w", err))
		}
		files = append(files, list...)
	}
	for _, file := range files {
		if info, err := os.Stat(file); err == nil {
			total += info.Size()
		}
	}
	return files, total, failed
}

func (i *auditImport) read(file string, folder *audit.Folder) error {
	from, size, err := audit.Open(file, i.stdin)
	if err != nil {
		return fmt.Errorf("import audit log: %w", err)
	}
	counted := &countedReader{Reader: from, to: i.progress, left: size}
	err = audit.ReadAhead(counted, file, func(event *audit.Event) error {
		i.events++
		return folder.Add(event)
	}, i.addBroken)
	if err = errors.Join(err, from.Close()); err != nil {
		return fmt.Errorf("import audit log: %w", err)
	}
	return nil
}

// namedBroken is how many broken lines are named.
const namedBroken = 5

func (i *auditImport) addBroken(b audit.Broken) {
	if len(i.broken) < namedBroken {
		i.broken = append(i.broken, b)
	} else {
		i.more++
	}
}

func (i *auditImport) nameBroken() {
	for _, b := range i.broken {
		fmt.Fprintf(i.stderr, "report: %s\n", render.Printable(b.Error()))
	}
	if i.more > 0 {
		fmt.Fprintf(i.stderr, "report: and %d more broken lines\n", i.more)
	}
}

// countedReader counts what is read, of a file of known size not more than that: what was compressed is longer when it is read.
type countedReader struct {
	io.Reader
	to   *progress
	left int64
}

func (r *countedReader) Read(b []byte) (int, error) {
	n, err := r.Reader.Read(b)
	r.to.done.Add(min(int64(n), r.left))
	r.left -= min(int64(n), r.left)
	return n, err
}
