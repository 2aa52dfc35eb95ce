package conformance

import (
	"compress/gzip"
	"embed"
	"fmt"
	"io"
	"io/fs"
	"strconv"
	"strings"
)

//go:embed data/v*
var data embed.FS

// Load returns the lists of a server's minor, as its version names it ("v1.37.2", "v1.36.3-gke.100", "v1.27+"), from the
// copies that ship with the program. If there are none of that minor, it returns those of the nearest older one, or of
// the oldest, and exact is false. A version without two numbers at its beginning is an error.
func Load(serverVersion string) (lists Lists, exact bool, err error) {
	want, err := minorOf(serverVersion)
	if err != nil {
		return Lists{}, false, err
	}
	dirs, err := fs.ReadDir(data, "data")
	if err != nil {
		return Lists{}, false, fmt.Errorf("shipped conformance lists: %w", err)
	}
	var have []minor
	for _, dir := range dirs {
		m, err := minorOf(dir.Name())
		if err != nil {
			return Lists{}, false, fmt.Errorf("shipped conformance lists: %w", err)
		}
		have = append(have, m)
	}
	chosen := nearest(have, want)
	lists, err = shipped(chosen)
	return lists, chosen == want, err
}

// minor is a minor of Kubernetes: 1 and 37.
type minor struct{ major, minor int }

func (m minor) String() string { return fmt.Sprintf("v%d.%d", m.major, m.minor) }

func (m minor) before(other minor) bool {
	return m.major < other.major || m.major == other.major && m.minor < other.minor
}

// minorOf reads the beginning of a version: "v1.37.2", "1.37", "v1.27+".
func minorOf(version string) (minor, error) {
	first, rest, _ := strings.Cut(strings.TrimPrefix(version, "v"), ".")
	end := strings.IndexFunc(rest, func(r rune) bool { return r < '0' || r > '9' })
	if end < 0 {
		end = len(rest)
	}
	var m minor
	var err1, err2 error
	m.major, err1 = strconv.Atoi(first)
	m.minor, err2 = strconv.Atoi(rest[:end])
	if err1 != nil || err2 != nil {
		return minor{}, fmt.Errorf("version %q of Kubernetes: want one like v1.37.2", version)
	}
	return m, nil
}

// nearest returns the newest minor that is not after want, else the oldest. There is at least one.
func nearest(have []minor, want minor) minor {
	chosen := have[0]
	for _, m := range have[1:] {
		fits, chosenFits := !want.before(m), !want.before(chosen)
		switch {
		case fits && (!chosenFits || chosen.before(m)), !fits && !chosenFits && m.before(chosen):
			chosen = m
		}
	}
	return chosen
}

// shipped reads a minor's lists from the copies.
func shipped(m minor) (Lists, error) {
	tests, err := readCopy(m, "conformance.yaml.gz", readPackedTests)
	if err != nil {
		return Lists{}, err
	}
	ineligible, err := readCopy(m, "ineligible_endpoints.yaml", ReadIneligible)
	if err != nil {
		return Lists{}, err
	}
	pending, err := readCopy(m, "pending_eligible_endpoints.yaml", ReadPending)
	if err != nil {
		return Lists{}, err
	}
	return Lists{Version: m.String(), Tests: tests, Ineligible: ineligible, Pending: pending}, nil
}

// readCopy reads a file of a minor's copies.
func readCopy[T any](m minor, file string, read func(r io.Reader, name string) (T, error)) (list T, err error) {
	name := m.String() + "/" + file
	f, err := data.Open("data/" + name)
	if err != nil {
		return list, fmt.Errorf("shipped conformance lists: %w", err)
	}
	defer f.Close() // of an embedded file: nothing can be lost
	return read(f, name)
}

func readPackedTests(r io.Reader, name string) ([]Test, error) {
	unpacked, err := gzip.NewReader(r)
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", name, err)
	}
	return ReadTests(unpacked, name)
}
