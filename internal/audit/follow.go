package audit

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"
)

// pollEvery is how often a log that has nothing new is asked for more.
const pollEvery = 250 * time.Millisecond

// Follower reads an audit log that goes on being written, through its rotations: by renaming it, as lumberjack does it, or by copying
// and truncating it, as logrotate's copytruncate does. A log that was rotated more than once since it was looked at last, while
// nobody called Run for instance, is found by the names that [Files] knows, also if it was packed meanwhile.
type Follower struct {
	path  string // clean
	every time.Duration
	now   *reading // nil: there is no file yet
	files int      // that were read
}

// Following is what a Follower tells.
type Following struct {
	// Event is told of each event, as Read's do. Required, as all but Missing are.
	Event func(*Event) error
	// Broken is told of what is no event; the last line is not, when Run ends, if it is still being written.
	Broken func(Broken)
	// Pause is called between events, whenever Run is about to read more or to wait. Its error ends Run.
	Pause func() error
	// Missing is called once if there is no file yet; nil: nobody is told.
	Missing func()
}

// ErrNotFollowed says that a path does not name what can be followed: it is a folder or a device, or a packed log.
var ErrNotFollowed = errors.New("cannot be followed, want a file that is appended to")

// NewFollower opens a log, which need not exist yet. It fails with [ErrNotFollowed]. Close it.
func NewFollower(path string) (*Follower, error) {
	f := &Follower{path: filepath.Clean(path), every: pollEvery}
	info, err := os.Stat(f.path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return f, nil
	case err != nil:
		return nil, err
	case info.IsDir():
		return nil, fmt.Errorf("%s is a folder: %w", path, ErrNotFollowed)
	case !info.Mode().IsRegular():
		return nil, fmt.Errorf("%s is not a regular file: %w", path, ErrNotFollowed)
	}
	r, err := openReading(f.path)
	if errors.Is(err, fs.ErrNotExist) {
		return f, nil
	}
	if err != nil {
		return nil, err
	}
	if r.packed {
		return nil, errors.Join(fmt.Errorf("%s is packed: %w", path, ErrNotFollowed), r.Close())
	}
	f.now = r
	return f, nil
}

// Close closes the file that is open.
func (f *Follower) Close() error {
	if f.now == nil {
		return nil
	}
	return f.now.Close()
}

// Run reads until ctx is done and what there is by then has been read. It returns how many files it has read; one that was
// truncated counts again.
func (f *Follower) Run(ctx context.Context, to Following) (files int, err error) {
	if err := f.await(ctx, to); err != nil || f.now == nil {
		return 0, err
	}
	f.files = 1
	for more := true; more && err == nil; {
		more, err = f.read(ctx, to)
	}
	return f.files, err
}

// await waits for the first file. There is none if ctx is done before.
func (f *Follower) await(ctx context.Context, to Following) error {
	for f.now == nil {
		r, err := openReading(f.path)
		if err == nil {
			f.now = r
			return nil
		}
		if !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		if to.Missing != nil {
			to.Missing()
			to.Missing = nil
		}
		if err := to.Pause(); err != nil {
			return err
		}
		if !sleep(ctx, f.every) {
			return nil
		}
	}
	return nil
}

// read reads one file to its end, and opens the one that follows on it.
func (f *Follower) read(ctx context.Context, to Following) (more bool, err error) {
	t := &tail{reading: f.now, ctx: ctx, path: f.path, every: f.every, pause: to.Pause}
	if err := follow(t, to); err != nil {
		return false, err
	}
	switch t.ended {
	case endTruncated:
		return true, f.again(to)
	case endReplaced:
		return true, f.next()
	}
	return false, nil
}

// again reads a file from its start that was truncated: before that, from the copy, what was written to it since it was looked at last.
func (f *Follower) again(to Following) error {
	files, err := readCopy(f.path, f.now, to)
	if err != nil {
		return err
	}
	f.files += files + 1
	return f.now.rewind()
}

// next opens what follows on a file that was read to its end. If files are renamed meanwhile, it leaves the file as it is, to be
// found at its end once more.
func (f *Follower) next() error {
	name, err := successor(f.path, f.now)
	if err != nil {
		return err
	}
	r, err := openReading(name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	again, err := successor(f.path, f.now)
	if err != nil || again != name || name == f.path && !r.isAt(name) {
		return errors.Join(err, r.Close())
	}
	old := f.now
	f.now = r
	f.files++
	return old.Close()
}

// sleep tells whether to go on after some time.
func sleep(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-timer.C:
		return true
	}
}
