package tee

import (
	"io"
	"os"
)

// same tells whether both are one file, as after 2>&1, or one terminal by two names, as after 2>/dev/tty.
func same(stdout, stderr io.Writer) bool {
	a, isFile := stdout.(*os.File)
	b, areFiles := stderr.(*os.File)
	if !isFile || !areFiles {
		return false
	}
	aInfo, err := a.Stat()
	if err != nil {
		return false
	}
	bInfo, err := b.Stat()
	if err != nil {
		return false
	}
	return os.SameFile(aInfo, bInfo) || controls(a) && controls(b)
}

// controls tells whether a file is the terminal that controls us, of which there is one at most.
func controls(f *os.File) bool {
	_, err := foreground(f)
	return err == nil
}
