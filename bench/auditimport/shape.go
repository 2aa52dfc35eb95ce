//go:build linux

package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"slices"
)

// shape is what a log's start is like, as far as it matters to who imports it.
type shape struct {
	name    string
	lengths []int // of the lines, sorted
	strings int   // different namespaces, names, users and User-Agents
	agents  int   // different User-Agents
	uris    int   // different request URIs
}

// shapeEvents is how many events a shape is of at most: strings repeat the more the longer a log is.
const shapeEvents = 10_000

// shapes are those of our log and, if there is one, of a real one.
func shapes(log, real string) ([]shape, error) {
	all := []shape{{name: "this log"}}
	files := []string{log}
	if real != "" {
		all, files = append(all, shape{name: "a real log"}), append(files, real)
	}
	for i := range all {
		f, err := os.Open(files[i])
		if err != nil {
			return nil, err
		}
		defer f.Close()
		if err := all[i].read(f); err != nil {
			return nil, fmt.Errorf("%s: %w", files[i], err)
		}
	}
	return all, nil
}

func (s *shape) read(r io.Reader) error {
	lines := bufio.NewScanner(r)
	lines.Buffer(nil, 1<<20)
	strings, agents, uris := map[string]bool{}, map[string]bool{}, map[string]bool{}
	for len(s.lengths) < shapeEvents && lines.Scan() {
		var e struct {
			RequestURI, UserAgent string
			User                  struct{ Username string }
			ObjectRef             struct{ Namespace, Name string }
		}
		if err := json.Unmarshal(lines.Bytes(), &e); err != nil {
			return err
		}
		s.lengths = append(s.lengths, len(lines.Bytes())+1)
		for _, text := range [...]string{e.UserAgent, e.User.Username, e.ObjectRef.Namespace, e.ObjectRef.Name} {
			strings[text] = true
		}
		agents[e.UserAgent], uris[e.RequestURI] = true, true
	}
	if len(s.lengths) == 0 {
		return fmt.Errorf("no events: %w", io.ErrUnexpectedEOF)
	}
	slices.Sort(s.lengths)
	s.strings, s.agents, s.uris = len(strings), len(agents), len(uris)
	return lines.Err()
}

// row is the shape as a row of a table.
func (s *shape) row() string {
	sum, n := 0, len(s.lengths)
	for _, length := range s.lengths {
		sum += length
	}
	at := func(percent int) int { return s.lengths[(n-1)*percent/100] }
	share := func(count int) float64 { return 1000 * float64(count) / float64(n) }
	return fmt.Sprintf("| %s | %d | %d | %d, %d, %d, %d | %.0f | %.1f | %.0f |", s.name, n, sum/n, at(5), at(50), at(95), at(99),
		share(s.strings), share(s.agents), share(s.uris))
}
