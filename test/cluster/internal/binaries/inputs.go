package binaries

import (
	"crypto/sha256"
	"fmt"
	"hash"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// inputs returns a hash of all that decides what b becomes: the toolchain, the command line, and then either kwok's
// version and patches, or go.mod and go.sum, and this module's own source for what is made of it.
func (b binary) inputs(source, toolchain string) (string, error) {
	sum := sha256.New()
	fmt.Fprintf(sum, "%s\n%q\n", toolchain, b.command(""))
	if b.patched {
		fmt.Fprintf(sum, "%s\n%q\n%s", kwokVersion, kwokPatches, kwokExitStatus)
		return fmt.Sprintf("%x\n", sum.Sum(nil)), nil
	}
	for _, name := range []string{"go.mod", "go.sum"} {
		if err := addFile(sum, filepath.Join(source, name)); err != nil {
			return "", err
		}
	}
	if b.source {
		if err := addSource(sum, filepath.Join(source, b.pkg)); err != nil {
			return "", err
		}
	}
	return fmt.Sprintf("%x\n", sum.Sum(nil)), nil
}

// addSource adds the Go files in and below the folder, tests excepted.
func addSource(sum hash.Hash, folder string) error {
	return filepath.WalkDir(folder, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return nil
		}
		return addFile(sum, path)
	})
}

func addFile(sum hash.Hash, path string) error {
	file, err := os.Open(path)
	if err != nil {
		return err
	}
	defer file.Close()
	fmt.Fprintf(sum, "%s\n", filepath.Base(path))
	_, err = io.Copy(sum, file)
	return err
}
