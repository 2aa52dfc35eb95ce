package audit

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
)

// Open opens a file, or standard input for "-", which Close leaves open. What is packed is unpacked: gzip of any number
// of members and zstd, both told by their first bytes, whatever the name. The size is in bytes on the disk, before
// unpacking; 0: not known.
func Open(name string, stdin io.Reader) (io.ReadCloser, int64, error) {
	if name == "-" {
		r, err := unpack(stdin, nil)
		if err != nil {
			return nil, 0, fmt.Errorf("open standard input: %w", err)
		}
		return r, 0, nil
	}
	file, err := os.Open(name)
	if err != nil {
		return nil, 0, err
	}
	info, err := file.Stat()
	if err != nil {
		return nil, 0, errors.Join(err, file.Close())
	}
	r, err := unpack(file, file.Close)
	if err != nil {
		return nil, 0, errors.Join(fmt.Errorf("open %s: %w", name, err), file.Close())
	}
	if !info.Mode().IsRegular() {
		return r, 0, nil
	}
	return r, info.Size(), nil
}

// opened is an open file, unpacked.
type opened struct {
	io.Reader
	closers []func() error // nil: nothing to close
}

func (o *opened) Close() error {
	var errs []error
	for _, end := range o.closers {
		if end != nil {
			errs = append(errs, end())
		}
	}
	return errors.Join(errs...)
}

func unpack(r io.Reader, end func() error) (*opened, error) {
	buffered := bufio.NewReaderSize(r, 1<<18)
	magic, err := buffered.Peek(4)
	if err != nil && err != io.EOF {
		return nil, err
	}
	switch {
	case isGzip(magic):
		unpacked, err := gzip.NewReader(buffered)
		if err != nil {
			return nil, err
		}
		return &opened{unpacked, []func() error{unpacked.Close, end}}, nil
	case isZstd(magic):
		unpacked, err := zstd.NewReader(buffered)
		if err != nil {
			return nil, err
		}
		closer := unpacked.IOReadCloser()
		return &opened{closer, []func() error{closer.Close, end}}, nil
	}
	return &opened{buffered, []func() error{end}}, nil
}

func isGzip(start []byte) bool { return bytes.HasPrefix(start, []byte{0x1f, 0x8b}) }             // RFC 1952
func isZstd(start []byte) bool { return bytes.HasPrefix(start, []byte{0x28, 0xb5, 0x2f, 0xfd}) } // RFC 8878
