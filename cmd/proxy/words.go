package main

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"e2etap/internal/traffic"
)

// decimal writes a count with commas: 12,345.
func decimal(n int64) string {
	s := strconv.FormatInt(n, 10)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

func plural(n int64, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return decimal(n) + " " + noun + "s"
}

func since(start time.Time) time.Duration {
	d := time.Since(start)
	if d > time.Minute {
		return d.Round(time.Second)
	}
	return d.Round(10 * time.Millisecond)
}

// cutOff lists outcomes, in stored order.
func cutOff(outcomes map[traffic.Outcome]int64) string {
	var parts []string
	for i, name := range traffic.OutcomeNames() {
		if n := outcomes[traffic.Outcome(i)]; n > 0 {
			parts = append(parts, fmt.Sprintf("%s %s", decimal(n), name))
		}
	}
	return strings.Join(parts, ", ")
}

// shellQuote writes a word so that a POSIX shell reads it back.
func shellQuote(s string) string {
	if s != "" && strings.Trim(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./:=+,@%") == "" {
		return s
	}
	return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
}
