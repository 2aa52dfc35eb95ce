package audit

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"io"
)

// maxJoined is how many bytes a value may take that goes over several lines: far more than a webhook's batch of 400
// events takes.
const maxJoined = 64 << 20

// lines cuts a stream into lines.
type lines struct {
	r      *bufio.Reader
	long   []byte   // the line, when the reader's buffer does not hold it
	again  [][]byte // lines that were read ahead
	err    error    // that ended the stream
	number int      // of the last line that next returned, from 1
}

func newLines(r io.Reader) *lines { return &lines{r: bufio.NewReaderSize(r, 1<<20)} }

// next returns the next line, which is valid until the next call. The last line may lack its end.
func (l *lines) next() ([]byte, error) {
	if len(l.again) > 0 {
		line := l.again[0]
		l.again = l.again[1:]
		l.number++
		return line, nil
	}
	if l.err != nil {
		return nil, l.err
	}
	line, err := l.r.ReadSlice('\n')
	if errors.Is(err, bufio.ErrBufferFull) {
		line, err = l.rest(line)
	}
	l.err = err
	if len(line) == 0 && err != nil {
		return nil, err
	}
	l.number++
	return line, nil
}

// ended tells whether the last line of the stream was returned.
func (l *lines) ended() bool { return l.err == io.EOF && len(l.again) == 0 }

func (l *lines) rest(line []byte) ([]byte, error) {
	l.long = append(l.long[:0], line...)
	for {
		line, err := l.r.ReadSlice('\n')
		l.long = append(l.long, line...)
		if !errors.Is(err, bufio.ErrBufferFull) {
			return l.long, err
		}
	}
}

// join appends lines to the start of a value until it is whole, and what follows it on its last line. If that fails, as
// it does after a line that was cut by a crash, the lines are left to be read.
func (l *lines) join(start []byte) ([]byte, bool) {
	j := joiner{lines: l, all: append([]byte(nil), start...)}
	if json.NewDecoder(&j).Decode(new(json.RawMessage)) == nil {
		return j.all, true
	}
	if j.ended && len(j.taken) > 0 && !bytes.HasPrefix(trim(j.taken[0]), []byte("{")) {
		return nil, false // all of it was cut
	}
	l.again = append(j.taken, l.again...)
	l.number -= len(j.taken)
	return nil, false
}

// joiner reads line by line and keeps what it has read. encoding/json's decoder stops at the first byte that does not
// fit, so that no line is parsed twice.
type joiner struct {
	lines *lines
	all   []byte
	pos   int
	taken [][]byte
	ended bool
}

func (j *joiner) Read(p []byte) (int, error) {
	if j.pos == len(j.all) {
		if err := j.more(); err != nil {
			return 0, err
		}
	}
	n := copy(p, j.all[j.pos:])
	j.pos += n
	return n, nil
}

func (j *joiner) more() error {
	if len(j.all) > maxJoined {
		return errCut
	}
	line, err := j.lines.next()
	if err != nil {
		j.ended = err == io.EOF
		return err
	}
	j.taken = append(j.taken, append([]byte(nil), line...))
	j.all = append(j.all, line...)
	return nil
}
