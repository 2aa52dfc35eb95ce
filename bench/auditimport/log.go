//go:build linux

package main

import (
	"errors"
	"io"
	"os"
	"path/filepath"

	"github.com/klauspost/compress/gzip"

	"e2etap/internal/audit/synthetic"
)

// seed is that of all logs: runs measure with the same one.
const seed = 1

func writeLog(path string, size int64) (events int, err error) {
	return writeTo(path, func(w io.Writer) (int, error) { return synthetic.New(seed).Write(w, size) })
}

// rotated are the files of a set, as the API server and Kubernetes' CI jobs leave them, from the oldest.
var rotated = []struct {
	name   string
	packed bool
}{
	{"kube-apiserver-audit-2026-11-24T16-10-00.000.log.gz", true}, {"kube-apiserver-audit-2026-11-24T16-40-00.000.log.gz", true},
	{"kube-apiserver-audit-2026-11-24T17-10-00.000.log", false}, {"kube-apiserver-audit.log", false},
}

// writeSet writes a log in parts of the same size, and says how much they take on the disk.
func writeSet(dir string, size int64) (events int, disk int64, err error) {
	if err := os.Mkdir(dir, 0o755); err != nil {
		return 0, 0, err
	}
	log := synthetic.New(seed)
	for _, file := range rotated {
		path := filepath.Join(dir, file.name)
		n, err := writeTo(path, func(w io.Writer) (int, error) {
			if !file.packed {
				return log.Write(w, size/int64(len(rotated)))
			}
			packed := gzip.NewWriter(w)
			n, err := log.Write(packed, size/int64(len(rotated)))
			return n, errors.Join(err, packed.Close())
		})
		if err != nil {
			return 0, 0, err
		}
		info, err := os.Stat(path)
		if err != nil {
			return 0, 0, err
		}
		events, disk = events+n, disk+info.Size()
	}
	return events, disk, nil
}

func writeTo(path string, write func(io.Writer) (int, error)) (events int, err error) {
	f, err := os.Create(path)
	if err != nil {
		return 0, err
	}
	events, err = write(f)
	return events, errors.Join(err, f.Close())
}
