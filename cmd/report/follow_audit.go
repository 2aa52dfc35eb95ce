package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"e2etap/internal/audit"
	"e2etap/internal/cli"
	"e2etap/internal/db"
)

// flushEvery is how long requests that were read may wait for readers of the recording to see them.
const flushEvery = time.Second

// followAudit imports a log that goes on being written, until a signal. A second signal ends the process at once, as it would without us.
func (o *options) followAudit(cmd *cobra.Command, args []string) error {
	format, err := o.format()
	if err != nil {
		return cli.UsageError(err)
	}
	follower, err := followed(args)
	if err != nil {
		return err
	}
	ctx, stop := signal.NotifyContext(cmd.Context(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	defer context.AfterFunc(ctx, stop)()
	i := auditImport{stderr: cmd.ErrOrStderr()}
	e, err := o.editWhenFree(ctx, cmd.ErrOrStderr())
	if e != nil {
		err = errors.Join(i.follow(ctx, e, follower, args[0]), o.retagLogged(e, &i, cmd.ErrOrStderr()), e.Close())
	}
	if err = errors.Join(err, follower.Close()); err != nil && i.files == 0 {
		return err
	}
	return errors.Join(err, write(cmd.OutOrStdout(), cmd.ErrOrStderr(), format, table(importAuditColumns, [][]any{i.row()}), ""))
}

// followed opens the one log that is to be followed.
func followed(args []string) (*audit.Follower, error) {
	if len(args) != 1 {
		return nil, cli.UsageError(fmt.Errorf("%d files given, want one with --follow", len(args)))
	}
	if args[0] == "-" {
		return nil, cli.UsageError(errors.New("--follow -: want a file; standard input is read to its end without --follow"))
	}
	f, err := audit.NewFollower(args[0])
	if errors.Is(err, audit.ErrNotFollowed) {
		return nil, cli.UsageError(fmt.Errorf("--follow: %w", err))
	}
	if err != nil {
		return nil, fmt.Errorf("import audit log: %w", err)
	}
	return f, nil
}

const (
	freeEvery = 250 * time.Millisecond
	// freeFor is how long a recording must have been nobody's: "proxy run" closes it at its end, and opens it again to find tests.
	freeFor = time.Second
)

// editWhenFree opens the recording to change it, once nobody else does. It returns nil if ctx is done before.
func (o *options) editWhenFree(ctx context.Context, stderr io.Writer) (*db.Editor, error) {
	e, err := o.edit(stderr)
	if !errors.Is(err, db.ErrInUse) {
		return e, err
	}
	fmt.Fprintf(stderr, "report: another process is recording into %s; the log is imported when it has ended\n", o.db)
	tick := time.NewTicker(freeEvery)
	defer tick.Stop()
	for free := time.Duration(0); ; free += freeEvery {
		select {
		case <-ctx.Done():
			return nil, nil
		case <-tick.C:
		}
		_, err := os.Stat(o.db + "-pending") // there while somebody has the recording, or if its recorder was killed
		if pending := !errors.Is(err, fs.ErrNotExist); !pending && free < freeFor {
			continue
		}
		e, err := o.edit(stderr)
		if !errors.Is(err, db.ErrInUse) {
			return e, err
		}
		free = 0
	}
}

func (i *auditImport) follow(ctx context.Context, e *db.Editor, follower *audit.Follower, name string) error {
	fmt.Fprintf(i.stderr, "report: following %s; end it with Ctrl-C\n", name)
	i.progress = newEventsProgress(i.stderr, "following "+name)
	var err error
	i.done, err = e.ImportAudit(func(w *db.AuditWriter) error {
		f := &flusher{folder: audit.NewFolder(w.Add), commit: w.Commit}
		files, err := follower.Run(ctx, audit.Following{
			Event: func(event *audit.Event) error {
				i.events++
				i.progress.tick()
				return f.add(event)
			},
			Broken:  i.addBroken,
			Pause:   f.pause,
			Missing: func() { fmt.Fprintf(i.stderr, "report: %s does not exist yet\n", name) },
		})
		i.files = int64(files)
		if err != nil {
			err = fmt.Errorf("import audit log: %w", err)
		}
		return errors.Join(err, f.folder.Flush())
	})
	i.progress.end()
	i.nameBroken()
	return err
}

// flusher folds events, and stores what they are folded to when it has waited for long enough.
type flusher struct {
	folder  *audit.Folder
	commit  func() error
	waiting bool
	flushed time.Time
}

func (f *flusher) add(event *audit.Event) error {
	f.waiting = true
	return f.folder.Add(event)
}

func (f *flusher) pause() error {
	now := time.Now()
	if !f.waiting || now.Sub(f.flushed) < flushEvery {
		return nil
	}
	f.waiting, f.flushed = false, now
	if err := f.folder.Flush(); err != nil {
		return err
	}
	return f.commit()
}
