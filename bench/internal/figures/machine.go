//go:build linux

package figures

import (
	"bufio"
	"fmt"
	"os"
	"runtime"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// Conditions are those of a measurement.
type Conditions struct {
	When   time.Time
	cpu    string
	kernel string
	load   string // "0.52 0.40 0.31", the load averages of 1, 5 and 15 minutes
}

// Now returns the conditions of the moment.
func Now() Conditions {
	c := Conditions{When: time.Now(), cpu: "unknown", load: "unknown"}
	if f, err := os.Open("/proc/cpuinfo"); err == nil {
		defer f.Close()
		c.cpu = cpuModel(bufio.NewScanner(f))
	}
	if b, err := os.ReadFile("/proc/loadavg"); err == nil {
		c.load = strings.Join(strings.Fields(string(b))[:3], " ")
	}
	var u unix.Utsname
	if unix.Uname(&u) == nil {
		c.kernel = unix.ByteSliceToString(u.Release[:])
	}
	return c
}

// cpuModel finds the first processor's name in /proc/cpuinfo.
func cpuModel(lines *bufio.Scanner) string {
	for lines.Scan() {
		if name, value, _ := strings.Cut(lines.Text(), ":"); strings.TrimSpace(name) == "model name" {
			return strings.TrimSpace(value)
		}
	}
	return "unknown"
}

func (c Conditions) String() string {
	return fmt.Sprintf("%d cores of %s, Linux %s, %s %s/%s", runtime.NumCPU(), c.cpu, c.kernel,
		runtime.Version(), runtime.GOOS, runtime.GOARCH)
}

// Until says when the measurement was, and how busy the machine was before and after it.
func (c Conditions) Until(after Conditions) string {
	return fmt.Sprintf("%s to %s; load average before: %s, after: %s", c.When.UTC().Format(time.DateTime),
		after.When.UTC().Format("15:04:05 UTC"), c.load, after.load)
}
