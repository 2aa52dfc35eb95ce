package main

import (
	"bytes"
	"context"
	"errors"
	"path/filepath"
	"strings"
	"testing"
)

func TestExitCodes(t *testing.T) {
	path := filepath.Join(t.TempDir(), "e2e.db")
	if err := errors.Join(suite(path), record(path, "first", "v1.37.2")); err != nil {
		t.Fatal(err)
	}
	for args, want := range map[string]int{
		"--by-test":               0,
		"--by-test --verb patch":  0,
		"--by-test --run unknown": 1,
		"--by-test --db /no/file": 1,
		"":                        2,
		"--by nothing":            2,
		"--by-test -o yaml":       2,
		"runs -o yaml":            2,
		"runs too":                2,
		"unknown":                 2,
		"--unknown":               2,
		"--by-test --status 700":  2,
		"--by-test --since never": 2,

		"--by-test --source process": 0,
		"--by-test --source guess":   2,
		"--untagged":                 0,
		"--untagged --verb patch":    0,
		"--untagged --list":          2,
		"--untagged --test a":        2,

		"retag --run all":              0,
		"retag --run unknown":          1,
		"retag --db /no/file":          1,
		"retag too":                    2,
		"retag -o yaml":                2,
		"retag --user-agent-pattern (": 2,

		"specs --run run-1":          0,
		"specs":                      0,
		"specs --test nobody":        1,
		"specs --run unknown":        1,
		"specs too":                  2,
		"summary":                    0,
		"summary -o html":            0,
		"summary --run unknown":      1,
		"summary --run all":          1,
		"summary --against unknown":  1,
		"summary --against run-1":    0,
		"summary -o table":           2,
		"summary --github -o json":   2,
		"summary too":                2,
		"endpoint":                   2,
		"endpoint a b c":             2,
		"endpoint a":                 1,
		"endpoint a --run unknown":   1,
		"test":                       2,
		"test a -o yaml":             2,
		"test a --db /no/file":       1,
		"focus too":                  2,
		"focus --noise -1":           2,
		"focus --noise NaN":          2,
		"focus --run unknown":        1,
		"export --format apisnoop":   1,
		"export --format nothing":    2,
		"evaluate --run all":         0,
		"evaluate --wrong":           0,
		"evaluate --wrong process":   0,
		"evaluate --run unknown":     1,
		"evaluate --wrong guess":     2,
		"evaluate process":           2,
		"evaluate -o yaml":           2,
		"import-results":             2,
		"import-results no.json":     1,
		"import-results --run all -": 1,
		"import-results -o yaml -":   2,

		"import-audit":             2,
		"import-audit no.log":      1,
		"import-audit -o yaml -":   2,
		"import-audit --db /no -":  1,
		"import-audit --run run -": 2,
		"import-audit --follow":    2,
		"import-audit --follow -":  2,
		"import-audit --follow /":  2,
		"import-audit -f a b":      2,
		"html":                     2,
		"html --out /no/dir/x":     1,
		"html too":                 2,
		"serve too":                2,
		"serve --run unknown":      1,
		"serve --listen 0.0.0.0:0": 2,
		"serve --listen anywhere":  2,
		"cross-check":              1, // no log is there
		"cross-check --run all":    1,
		"cross-check --list guess": 2,
		"cross-check around":       2,
		"cross-check -o yaml":      2,

		"diff first first":                   0,
		"diff first latest":                  0,
		"diff run-1 first":                   1,
		"diff first nowhere":                 1,
		"diff first all":                     1,
		"diff first":                         2,
		"diff first first -o yaml":           2,
		"diff first first --threshold 20":    2,
		"diff first first --threshold -1%":   2,
		"diff first first --threshold many%": 2,
		"diff first first --at-least 0":      2,

		"check":                          2,
		"check --budget no.yaml":         1,
		"check --init --budget no.yaml":  2,
		"check --init --strict":          2,
		"check --init":                   0,
		"check --init --run all":         1,
		"check --init --db /no":          1,
		"check too --init":               2,
		"check --budget no.yaml -o yaml": 2,
	} {
		var stdout, stderr bytes.Buffer
		words := append([]string{"--db", path}, strings.Fields(args)...)
		if got := run(context.Background(), words, nil, &stdout, &stderr); got != want {
			t.Errorf("report %s: exit code %d, want %d\n%s", args, got, want, stderr.String())
		}
		if (stderr.Len() == 0) != (want == 0) && !isNews(stderr.String()) {
			t.Errorf("report %s: exit code %d, and on stderr: %q", args, want, stderr.String())
		}
	}
}

// isNews tells of what stderr may say although all is well.
func isNews(stderr string) bool {
	for _, news := range []string{"no requests match", "every request has a test", "nothing told of specs", "no wrong answers", "no differences between"} {
		if strings.Contains(stderr, news) {
			return true
		}
	}
	return false
}
