package figures

import (
	"fmt"
	"strings"
)

// Names is a flag that takes names with commas between, for flag.FlagSet.Func.
func Names(to map[string]bool) func(string) error {
	return func(s string) error {
		for name := range strings.SplitSeq(s, ",") {
			to[name] = true
		}
		return nil
	}
}

// Programs is a flag that takes NAME=FILE, for flag.FlagSet.Func.
func Programs(add func(name, file string)) func(string) error {
	return func(s string) error {
		name, file, ok := strings.Cut(s, "=")
		if !ok {
			return fmt.Errorf("%q: want NAME=FILE", s)
		}
		add(name, file)
		return nil
	}
}
