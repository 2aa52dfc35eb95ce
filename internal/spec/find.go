package spec

import (
	"path/filepath"
	"slices"
	"strings"
)

// FindResults returns the absolute paths of the files of results that a command may write, as its arguments name them;
// dir is the folder that it is started in. They may not exist yet, or ever: of a relative path that the test program takes
// itself there is one for each folder that "go test" or "ginkgo" may run it in. JSON reports of ginkgo come first: they
// know most. It does not look into the text of a "sh -c", nor into variables.
//
// It knows ginkgo's flags, with one dash or two, and "ginkgo." before them as the test programs have them; the Kubernetes
// framework's --report-dir and --report-prefix; gotestsum's --jsonfile and --junitfile; and bats's --output with
// --report-formatter.
func FindResults(args []string, dir string) []string {
	f := readFlags(args)
	var found []string
	add := func(folders []string, paths ...string) {
		for _, path := range paths {
			for _, folder := range folders {
				full := path
				if !filepath.IsAbs(path) {
					full = filepath.Join(dir, folder, path)
				}
				if !slices.Contains(found, full) {
					found = append(found, full)
				}
			}
		}
	}
	here, suites := []string{""}, append(f.suiteFolders(), "")
	reports := suites // of the test program
	if f.runs("ginkgo") {
		reports = here // the command puts them there
	}
	add(reports, f.ginkgo("json-report")...)
	add(suites, f.kubernetes("report-complete-ginkgo", "report.json")...)
	add(here, f.all["jsonfile"]...)
	add(reports, f.ginkgo("gojson-report")...)
	add(reports, f.ginkgo("junit-report")...)
	add(here, f.all["junitfile"]...)
	add(suites, f.kubernetes("report-complete-ginkgo", "report.xml")...)
	add(suites, f.kubernetes("report-dir", "")...)
	add(here, f.bats()...)
	return found
}

// flags are the values of a command line's flags, by name without dashes and without "ginkgo.".
type flags struct {
	all   map[string][]string
	plain []string // the arguments without a dash; values of flags are among them
}

// readFlags takes any argument with a dash for a flag, and the next one for its value if it has none with "=": whether a
// flag takes a value is not known. What follows "--" is read too: ginkgo passes it to the test program.
func readFlags(args []string) flags {
	f := flags{all: make(map[string][]string)}
	for i, arg := range args {
		name := strings.TrimLeft(arg, "-")
		if name == arg {
			f.plain = append(f.plain, arg)
			continue
		}
		if name == "" || len(arg)-len(name) > 2 {
			continue
		}
		name, value, found := strings.Cut(strings.TrimPrefix(name, "ginkgo."), "=")
		if !found && i+1 < len(args) && !strings.HasPrefix(args[i+1], "-") {
			value = args[i+1]
		}
		if value != "" || !found {
			f.all[name] = append(f.all[name], value)
		}
	}
	return f
}

// last returns the last value of a flag: it is the one that counts.
func (f flags) last(names ...string) string {
	for _, name := range names {
		if values := f.all[name]; len(values) > 0 {
			return values[len(values)-1]
		}
	}
	return ""
}

func (f flags) isOn(name string) bool {
	_, given := f.all[name]
	return given && f.last(name) != "false"
}

// runs tells whether an argument names that program.
func (f flags) runs(program string) bool {
	return slices.ContainsFunc(f.plain, func(arg string) bool { return filepath.Base(arg) == program })
}

// suiteFolders returns the folders that "go test" and "ginkgo" may run a test program in: its package's, or that of the
// program itself.
func (f flags) suiteFolders() []string {
	if !f.runs("ginkgo") && !f.runs("go") && !f.runs("gotestsum") {
		return nil
	}
	var folders []string
	for _, arg := range f.plain {
		switch {
		case strings.HasSuffix(arg, "..."):
		case strings.HasSuffix(arg, ".test"):
			folders = append(folders, filepath.Dir(arg))
		case strings.HasPrefix(arg, "./"), strings.HasPrefix(arg, "../"):
			folders = append(folders, arg)
		}
	}
	return folders
}

// ginkgo returns the file of a report. The command "ginkgo" puts one, merged over all suites, into --output-dir, or else
// into the folder it is started in. With --keep-separate-reports the names depend on the suites and are not known
// (ginkgo/internal/profiles_and_reports.go).
func (f flags) ginkgo(name string) []string {
	file := f.last(name)
	if file == "" || f.isOn("keep-separate-reports") {
		return nil
	}
	if out := f.last("output-dir", "outputdir"); out != "" && f.runs("ginkgo") {
		return []string{filepath.Join(out, file)}
	}
	return []string{file}
}

// kubernetes returns a file that the e2e framework may write into --report-dir if the flag is on: the named one below
// "ginkgo", or, without a name, the JUnit file that it always writes (test/e2e/framework/test_context.go,
// AfterReadingAllFlags).
func (f flags) kubernetes(flag, file string) []string {
	dir := f.last("report-dir")
	switch {
	case dir == "" || !f.isOn(flag):
		return nil
	case file == "":
		return []string{filepath.Join(dir, "junit_"+f.last("report-prefix")+"01.xml")}
	}
	return []string{filepath.Join(dir, "ginkgo", file)}
}

// bats returns the file that bats writes a report to, into --output or the folder it is started in (bats-core,
// libexec/bats-core/bats). The variable BATS_REPORT_FILENAME may say otherwise.
func (f flags) bats() []string {
	if !f.runs("bats") {
		return nil
	}
	switch dir := f.last("output", "o"); f.last("report-formatter") {
	case "junit":
		return []string{filepath.Join(dir, "report.xml")}
	case "tap", "tap13":
		return []string{filepath.Join(dir, "report.tap")}
	}
	return nil
}
