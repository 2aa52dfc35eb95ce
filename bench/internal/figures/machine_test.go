//go:build linux

package figures

import (
	"bufio"
	"strings"
	"testing"
)

func TestCPUModel(t *testing.T) {
	const text = "processor\t: 0\nmodel name\t: AMD EPYC 9354\nflags\t\t: fpu\nmodel name\t: second\n"
	if got := cpuModel(bufio.NewScanner(strings.NewReader(text))); got != "AMD EPYC 9354" {
		t.Errorf("got %q", got)
	}
	if got := cpuModel(bufio.NewScanner(strings.NewReader("processor: 0\n"))); got != "unknown" {
		t.Errorf("without a name: %q", got)
	}
}
