package budget

import (
	"errors"
	"fmt"
	"regexp"
	"strings"

	"sigs.k8s.io/yaml"
)

// Parse reads a budget. What the format does not know is an error that names the key and its line.
func Parse(data []byte) (*Budget, error) {
	if err := oneDocument(string(data)); err != nil {
		return nil, err
	}
	var b Budget
	if err := yaml.UnmarshalStrict(data, &b); err != nil {
		return nil, locate(err, data)
	}
	if len(b.Limits) == 0 {
		return nil, errors.New("no limits in it: want a list named limits")
	}
	names := map[string]bool{}
	for i, l := range b.Limits {
		switch {
		case l == nil || l.Name == "":
			return nil, fmt.Errorf("limit %d has no name", i+1)
		case names[l.Name]:
			return nil, fmt.Errorf("limit %d: another one is named %q, too", i+1, l.Name)
		}
		if err := l.check(); err != nil {
			return nil, fmt.Errorf("limit %q %w", l.Name, err)
		}
		names[l.Name] = true
	}
	return &b, nil
}

func (l *Limit) check() error {
	all := l.bounds()
	if len(all) == 0 {
		var names []string
		for _, m := range Metrics() {
			names = append(names, string(m))
		}
		return fmt.Errorf("limits nothing: want one of %s", strings.Join(names, ", "))
	}
	for _, b := range all {
		if b.allowed < 0 {
			return fmt.Errorf("has %s: %d: want 0 or more", b.metric, b.allowed)
		}
	}
	return nil
}

// oneDocument refuses what the YAML library would leave unread: all behind the first document.
func oneDocument(text string) error {
	begun := false
	for i, line := range strings.Split(text, "\n") {
		line = strings.TrimRight(line, " \t\r")
		isMark := line == "---" || strings.HasPrefix(line, "--- ")
		if isMark && begun {
			return fmt.Errorf("line %d begins another document: want one", i+1)
		}
		begun = begun || isMark || line != "" && !strings.HasPrefix(line, "#")
	}
	return nil
}

var (
	unknownField = regexp.MustCompile(`unknown field "([^"]+)"`)
	wrongType    = regexp.MustCompile(`cannot unmarshal (\w+)(?: \S+)? into Go struct field \S*?([A-Za-z0-9]+) of type \S+`)
)

// locate says in words of the file what encoding/json says in those of Go.
func locate(err error, data []byte) error {
	if m := unknownField.FindStringSubmatch(err.Error()); m != nil {
		return fmt.Errorf("%sunknown key %q", lineOf(m[1], data), m[1])
	}
	if m := wrongType.FindStringSubmatch(err.Error()); m != nil {
		return fmt.Errorf("%skey %q cannot be a %s", lineOf(m[2], data), m[2], m[1])
	}
	text := err.Error()
	for _, prefix := range []string{"error unmarshaling JSON: while decoding JSON: ", "error converting YAML to JSON: "} {
		text = strings.TrimPrefix(text, prefix)
	}
	return errors.New(text)
}

// lineOf names the first line that has a key, which for an unknown one is the one.
func lineOf(key string, data []byte) string {
	is := regexp.MustCompile(`(^|[-\s{,"'])` + regexp.QuoteMeta(key) + `["']?\s*:`)
	for i, line := range strings.Split(string(data), "\n") {
		if is.MatchString(line) && !strings.HasPrefix(strings.TrimSpace(line), "#") {
			return fmt.Sprintf("line %d: ", i+1)
		}
	}
	return ""
}
