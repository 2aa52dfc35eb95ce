package audit

import (
	"bufio"
	"io"
)

// lines cuts a stream into lines.
type lines struct {
	r      *bufio.Reader
	long   []byte // the line, when the reader's buffer does not hold it
	number int
}

func newLines(r io.Reader) *lines { return &lines{r: bufio.NewReaderSize(r, 1<<20)} }

// next returns the next line, which is valid until the next call, and its number from 1. The last line may lack its end.
func (l *lines) next() ([]byte, int, error) {
	l.number++
	line, err := l.r.ReadSlice('\n')
	if err == bufio.ErrBufferFull {
		line, err = l.rest(line)
	}
	if err == io.EOF && len(line) > 0 {
		err = nil
	}
	return line, l.number, err
}

func (l *lines) rest(line []byte) ([]byte, error) {
	l.long = append(l.long[:0], line...)
	for {
		line, err := l.r.ReadSlice('\n')
		l.long = append(l.long, line...)
		if err != bufio.ErrBufferFull {
			return l.long, err
		}
	}
}
