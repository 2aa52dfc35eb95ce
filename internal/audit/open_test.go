package audit

import (
	"bytes"
	"errors"
	"io"
	"path/filepath"
	"strings"
	"testing"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
)

func gzipped(t *testing.T, text string) []byte {
	t.Helper()
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	if _, err := io.WriteString(w, text); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func zstded(t *testing.T, text string) []byte {
	t.Helper()
	w, err := zstd.NewWriter(nil)
	if err != nil {
		t.Fatal(err)
	}
	return w.EncodeAll([]byte(text), nil)
}

func TestFilesAreUnpackedByTheirFirstBytes(t *testing.T) {
	for name, data := range map[string][]byte{
		"plain.gz":    []byte("ab"),
		"empty":       nil,
		"gzip.log":    gzipped(t, "ab"),
		"members.log": append(gzipped(t, "a"), gzipped(t, "b")...),
		"zstd.log":    zstded(t, "ab"),
		"frames.log":  append(zstded(t, "a"), zstded(t, "b")...),
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), name)
			write(t, path, data)
			r, size, err := Open(path, nil)
			if err != nil {
				t.Fatal(err)
			}
			got, err := io.ReadAll(r)
			want := "ab"
			if len(data) == 0 {
				want = ""
			}
			if err := errors.Join(err, r.Close()); err != nil || string(got) != want || size != int64(len(data)) {
				t.Errorf("read %q of size %d: %v; want %q of size %d", got, size, err, want, len(data))
			}
		})
	}
}

func TestStandardInputIsUnpackedToo(t *testing.T) {
	r, size, err := Open("-", bytes.NewReader(zstded(t, "ab")))
	if err != nil {
		t.Fatal(err)
	}
	got, err := io.ReadAll(r)
	if err := errors.Join(err, r.Close()); err != nil || string(got) != "ab" || size != 0 {
		t.Errorf("read %q of size %d: %v", got, size, err)
	}
}

func TestWhatACutGzipFileHoldsIsReadBeforeItsError(t *testing.T) {
	packed := gzipped(t, strings.Repeat(oneEvent, 3))
	r, _, err := Open("-", bytes.NewReader(packed[:len(packed)-4]))
	if err != nil {
		t.Fatal(err)
	}
	events := 0
	err = Read(r, "cut.gz", func(*Event) error { events++; return nil }, func(b Broken) { t.Error(b) })
	if events != 3 || !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("%d events, error %v; want 3 and an unexpected end", events, err)
	}
}
