package audit

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
)

// rotatedOf returns the files that were rotated out of a log, in the order of time. Of one that is being packed it returns the
// original, which is whole.
func rotatedOf(path string) ([]string, error) {
	entries, err := os.ReadDir(filepath.Dir(path))
	if err != nil {
		return nil, err
	}
	names := rotatedNames()
	var files []string
	for _, entry := range entries {
		file := filepath.Join(filepath.Dir(path), entry.Name())
		if in := names.parse(file); in.set == path && file != path && in.kind != kindCurrent {
			files = append(files, file)
		}
	}
	inTime(files)
	return slices.CompactFunc(files, func(a, b string) bool { // the original sorts before what is packed
		return names.packed.ReplaceAllString(a, "") == names.packed.ReplaceAllString(b, "")
	}), nil
}

// successor returns the file that follows on one that was a log, or still is: the log itself unless that was rotated again meanwhile.
func successor(path string, r *reading) (string, error) {
	files, err := rotatedOf(path)
	if err != nil {
		return "", err
	}
	at, err := find(files, r)
	if err != nil {
		return "", err
	}
	if at < 0 { // it was deleted, or moved elsewhere
		return laterThan(files, r, path)
	}
	return append(files, path)[at+1], nil
}

// find returns the index of what r has become, which may be a copy of it or packed; -1 if it is none of the files.
func find(files []string, r *reading) (int, error) {
	if i := slices.IndexFunc(files, r.isAt); i >= 0 {
		return i, nil
	}
	for i, file := range slices.Backward(files) {
		if same, err := r.startsLike(file); same || err != nil {
			return i, err
		}
	}
	return -1, nil
}

// startsLike tells whether a file, unpacked, starts as the log does.
func (r *reading) startsLike(name string) (bool, error) {
	if len(r.head) == 0 {
		return false, nil
	}
	other, err := openReading(name)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	if errors.As(err, new(*fs.PathError)) {
		return false, err
	}
	if err != nil { // it cannot be unpacked
		return false, nil
	}
	start := make([]byte, len(r.head))
	n, _ := io.ReadFull(other, start)
	return bytes.Equal(start[:n], r.head), other.Close()
}

// laterThan returns the first file that was written to after r, or the log.
func laterThan(files []string, r *reading, path string) (string, error) {
	info, err := r.file.Stat()
	if err != nil {
		return "", err
	}
	for _, file := range files {
		if other, err := os.Stat(file); err == nil && other.ModTime().After(info.ModTime()) {
			return file, nil
		}
	}
	return path, nil
}

// readCopy reads, of a log that was copied and then truncated, what the copy has that was not read, and what was rotated out of it
// after that. It returns how many files it has read beside the copy.
func readCopy(path string, r *reading, to Following) (files int, err error) {
	rotated, err := rotatedOf(path)
	if err != nil {
		return 0, err
	}
	at, err := find(rotated, r)
	if at < 0 || err != nil {
		return 0, err // nobody has kept it
	}
	if err := readFrom(rotated[at], r.whole, to); err != nil {
		return 0, err
	}
	for _, file := range rotated[at+1:] {
		if err := readFrom(file, 0, to); err != nil {
			return files, err
		}
		files++
	}
	return files, nil
}

// readFrom reads a file to its end, from an offset in what is unpacked.
func readFrom(name string, offset int64, to Following) error {
	r, err := openReading(name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	if _, err = io.CopyN(io.Discard, r, offset); err == nil {
		err = Read(r, name, to.Event, to.Broken)
	}
	if err == io.EOF { // it is shorter
		err = nil
	}
	return errors.Join(err, r.Close())
}
