package audit

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
)

// Files returns the files of an argument: itself, "-" for standard input, or for a folder all audit logs in it and below
// it. Files of one folder that were rotated out of one another are in the order of time, by what lumberjack, which the
// API server uses, and logrotate call them.
//
// In a folder, audit logs are told by what they hold: an "auditID" near the start. It is an error if there are none.
func Files(arg string) ([]string, error) {
	if arg == "-" {
		return []string{arg}, nil
	}
	info, err := os.Stat(arg)
	if err != nil {
		return nil, err
	}
	if !info.IsDir() {
		return []string{arg}, nil
	}
	files, err := below(arg)
	if err != nil {
		return nil, fmt.Errorf("find audit logs: %w", err)
	}
	if len(files) == 0 {
		return nil, fmt.Errorf("find audit logs: there is none in %s", arg)
	}
	inTime(files)
	return files, nil
}

func below(folder string) ([]string, error) {
	var files []string
	err := filepath.WalkDir(folder, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		info, err := os.Stat(path)
		if errors.Is(err, fs.ErrNotExist) || err == nil && !info.Mode().IsRegular() {
			return nil // a link to nowhere, or a rotation in between
		}
		if err != nil {
			return err
		}
		is, err := isAudit(path)
		if is {
			files = append(files, path)
		}
		return err
	})
	return files, err
}

// isAudit tells whether the start of a file looks like an audit log's. A file that cannot be unpacked is none.
func isAudit(path string) (bool, error) {
	const enough = 1 << 18 // for the first lines, even at level RequestResponse
	r, _, err := Open(path, nil)
	if errors.As(err, new(*fs.PathError)) {
		return false, err
	}
	if err != nil {
		return false, nil
	}
	start := make([]byte, enough)
	n, _ := io.ReadFull(r, start)
	return bytes.Contains(start[:n], []byte(`"auditID"`)), r.Close()
}

// inTime sorts files by their folders and sets, and within a set by time.
func inTime(files []string) {
	names := rotatedNames()
	slices.SortFunc(files, func(a, b string) int {
		x, y := names.parse(a), names.parse(b)
		return cmp.Or(
			cmp.Compare(x.set, y.set),
			cmp.Compare(x.kind, y.kind),
			cmp.Compare(y.number, x.number),
			cmp.Compare(x.date, y.date),
			cmp.Compare(a, b),
		)
	})
}

// Kinds of names within a set, in the order of time: those with numbers, the highest of which is the oldest, those with
// dates, and the one that is being written.
const (
	kindNumbered = iota
	kindDated
	kindCurrent
)

// rotated is what a file's name says of its place in a set.
type rotated struct {
	set    string // the path of the file that is being written
	kind   int
	number int
	date   string
}

type patterns struct{ packed, lumberjack, dated, numbered *regexp.Regexp }

func rotatedNames() patterns {
	return patterns{
		packed:     regexp.MustCompile(`\.(gz|zst)$`),
		lumberjack: regexp.MustCompile(`^(.+)-(\d{4}-\d\d-\d\dT\d\d-\d\d-\d\d\.\d{3})(\.[^./]*)?$`), // audit-2026-11-24T15-06-08.123.log
		dated:      regexp.MustCompile(`^(.+)-(\d{8}(-?\d+)?)$`),                                    // audit.log-20261124, of dateext
		numbered:   regexp.MustCompile(`^(.+)\.(\d{1,9})$`),                                         // audit.log.2
	}
}

func (p patterns) parse(path string) rotated {
	path = p.packed.ReplaceAllString(path, "")
	if m := p.lumberjack.FindStringSubmatch(path); m != nil {
		return rotated{set: m[1] + m[3], kind: kindDated, date: m[2]}
	}
	if m := p.dated.FindStringSubmatch(path); m != nil {
		return rotated{set: m[1], kind: kindDated, date: m[2]}
	}
	if m := p.numbered.FindStringSubmatch(path); m != nil {
		number, err := strconv.Atoi(m[2])
		if err == nil {
			return rotated{set: m[1], kind: kindNumbered, number: number}
		}
	}
	return rotated{set: path, kind: kindCurrent}
}
