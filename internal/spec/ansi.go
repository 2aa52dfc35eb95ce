package spec

import "bytes"

const escape = '\x1b'

// trimLine takes away what may stand around a line: a carriage return, and the mark that go test -json has its program
// print before its own lines (cmd/internal/test2json, marker).
func trimLine(line []byte) []byte {
	for len(line) > 0 && line[len(line)-1] == '\r' {
		line = line[:len(line)-1]
	}
	if len(line) > 0 && line[0] == '\x16' {
		line = line[1:]
	}
	return line
}

// skipEscape returns the length of the escape code (ECMA-48, 5.4) that b begins with; 1 if it is another kind of escape.
func skipEscape(b []byte) int {
	if len(b) < 2 || b[1] != '[' {
		return 1
	}
	for i := 2; i < len(b); i++ {
		if b[i] >= 0x40 && b[i] <= 0x7e {
			return i + 1
		}
	}
	return len(b)
}

// firstVisible returns where the first byte is that is none of an escape code.
func firstVisible(line []byte) int {
	i := 0
	for i < len(line) && line[i] == escape {
		i += skipEscape(line[i:])
	}
	return i
}

// appendVisible appends the line without its escape codes.
func appendVisible(dst, line []byte) []byte {
	for len(line) > 0 {
		next := bytes.IndexByte(line, escape)
		if next < 0 {
			return append(dst, line...)
		}
		dst = append(dst, line[:next]...)
		line = line[next+skipEscape(line[next:]):]
	}
	return dst
}
