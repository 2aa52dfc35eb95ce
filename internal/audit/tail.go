package audit

import (
	"bytes"
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"time"
)

// headSize is how many bytes at its start tell a log from others: the first event's audit ID is among them.
const headSize = 512

// reading is a log that is being read, unpacked if it was packed.
type reading struct {
	io.ReadCloser
	name   string
	file   *os.File
	packed bool
	head   []byte // its first bytes, as far as there were any
	pos    int64  // how many bytes were read
	whole  int64  // of these, those of whole lines
}

func openReading(name string) (*reading, error) {
	file, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	r := &reading{ReadCloser: file, name: name, file: file}
	if r.head, err = headOf(file); err != nil {
		return nil, errors.Join(err, file.Close())
	}
	if r.packed = isGzip(r.head) || isZstd(r.head); r.packed {
		r.head = nil
		if r.ReadCloser, err = unpack(file, file.Close); err != nil {
			return nil, errors.Join(err, file.Close())
		}
	}
	return r, nil
}

func headOf(file *os.File) ([]byte, error) {
	head := make([]byte, headSize)
	n, err := file.ReadAt(head, 0)
	if err == io.EOF {
		err = nil
	}
	return head[:n], err
}

// Read reads and keeps track.
func (r *reading) Read(p []byte) (int, error) {
	n, err := r.ReadCloser.Read(p)
	if have := int64(len(r.head)); r.pos <= have && r.pos+int64(n) > have && have < headSize {
		r.head = append(r.head, p[have-r.pos:min(int64(n), headSize-r.pos)]...)
	}
	if i := bytes.LastIndexByte(p[:n], '\n'); i >= 0 {
		r.whole = r.pos + int64(i) + 1
	}
	r.pos += int64(n)
	return n, err
}

// rewind goes back to the start of a file that is not packed.
func (r *reading) rewind() error {
	r.pos, r.whole = 0, 0
	_, err := r.file.Seek(0, io.SeekStart)
	if err != nil {
		return err
	}
	r.head, err = headOf(r.file)
	return err
}

// isAt tells whether a path names the file.
func (r *reading) isAt(path string) bool {
	there, err := os.Stat(path)
	if err != nil {
		return false
	}
	here, err := r.file.Stat()
	return err == nil && os.SameFile(here, there)
}

// truncated tells whether the file was truncated since it was opened, even if it has become as long as it was.
func (r *reading) truncated() (bool, error) {
	if r.packed {
		return false, nil
	}
	info, err := r.file.Stat()
	if err != nil {
		return false, err
	}
	head, err := headOf(r.file)
	return info.Size() < r.pos || !bytes.HasPrefix(head, r.head), err
}

// ending says why a tail has ended.
type ending int

const (
	endStopped   ending = iota // ctx was done
	endReplaced                // the path names another file
	endTruncated               // the file is another log
)

// tail reads a log, and waits at its end for more until the log is over or ctx is done.
type tail struct {
	*reading
	ctx   context.Context
	path  string
	every time.Duration
	pause func() error

	looked bool // whether the file was looked at since it was waited for
	last   bool // whether the path named another file when the log's end was reached last
	ended  ending
}

// Read returns io.EOF when it has ended.
func (t *tail) Read(p []byte) (int, error) {
	for {
		if err := t.pause(); err != nil {
			return 0, err
		}
		if truncated, err := t.look(); truncated || err != nil {
			return 0, t.end(endTruncated, err)
		}
		n, err := t.reading.Read(p)
		if n > 0 {
			t.last = false
			return n, nil
		}
		if err != nil && err != io.EOF {
			return 0, err
		}
		over, err := t.over()
		switch done := t.ctx.Err() != nil; {
		case over || err != nil:
			return 0, t.end(endReplaced, err)
		case done:
			return 0, t.end(endStopped, nil)
		}
		sleep(t.ctx, t.every)
		t.looked = false
	}
}

func (t *tail) end(why ending, err error) error {
	if err != nil {
		return err
	}
	t.ended = why
	return io.EOF
}

// look tells whether the file was truncated while it was not read.
func (t *tail) look() (truncated bool, err error) {
	if t.looked {
		return false, nil
	}
	t.looked = true
	return t.truncated()
}

// over tells, at the end of the file, whether nothing will follow: the path names another file, and did so a while ago already, since
// whoever wrote to this one may take some time to notice.
func (t *tail) over() (bool, error) {
	there, err := os.Stat(t.path)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil // not yet
	}
	here, hereErr := t.file.Stat()
	if err = errors.Join(err, hereErr); err != nil {
		return false, err
	}
	other, before := !os.SameFile(here, there), t.last
	t.last = other
	return other && (before || t.packed || t.ctx.Err() != nil), nil
}
