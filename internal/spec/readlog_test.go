package spec

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"e2etap/internal/traffic"

	"github.com/google/go-cmp/cmp"
)

var june = Clock{Near: time.Date(2026, 6, 5, 0, 0, 0, 0, time.UTC)}

// timesOf reads the log and returns a line for each spec: the name's last word, start, and end.
func timesOf(t *testing.T, log string) []string {
	t.Helper()
	specs, err := ReadLog(strings.NewReader(log), "e2e.log", june)
	if err != nil {
		t.Fatal(err)
	}
	var list []string
	for _, s := range specs {
		words := strings.Fields(s.Test + s.Node)
		list = append(list, strings.TrimSpace(fmt.Sprint(words[len(words)-1], " ", stampText(s.Start), " ", stampText(s.End))))
	}
	return list
}

func stampText(at time.Time) string {
	if at.IsZero() {
		return "-"
	}
	return at.Format("15:04:05.999999")
}

const banner2 = "Running Suite: a suite - /src\n===\nRandom Seed: 1\n\nWill run 3 of 3 specs\n"

// spec2 is a spec as ginkgo 2 prints it with -v, in one process.
func spec2(name string, took float64, lines ...string) string {
	return delimiter + "\n[sig-x] Pods " + name + " [sig-x, Fast]\n/src/test/e2e/pods.go:12\n" +
		strings.Join(append(lines, ""), "\n") + fmt.Sprintf("• [%.3f seconds]\n", took)
}

// block2 is a spec as ginkgo 2 prints it in parallel processes.
func block2(name string, took float64, lines ...string) string {
	return delimiter + fmt.Sprintf("\n• [%.3f seconds]\n[sig-x] Pods ", took) + name + " [sig-x, Fast]\n/src/test/e2e/pods.go:12\n\n" +
		"  Timeline >>\n" + strings.Join(append(lines, ""), "\n") + "  << Timeline\n"
}

const parallel2 = banner2 + "Running in parallel across 4 processes\n"

func step(at string) string { return "  STEP: a step @ 06/05/26 " + at }

func info(at string) string { return "Jun  5 " + at + ": INFO: text" }

func klog(at string, pid int) string { return fmt.Sprintf("  I0605 %s %7d pods.go:12] text", at, pid) }

func TestTimesAreThoseThatASpecsOwnLinesPrint(t *testing.T) {
	lone := spec2("lone", 3, step("12:00:10"))
	for name, c := range map[string]struct {
		log  string
		want []string
	}{
		"serial: the first and the last": {
			banner2 + spec2("a", 2, step("12:00:00.5"), step("12:00:01"), klog("12:00:02.400001", 7)) + spec2("b", 2, step("12:00:05"), step("12:00:06")),
			[]string{"a 12:00:00.5 12:00:02.400001", "b 12:00:05 12:00:06"},
		},
		"lines between specs belong to none": {
			banner2 + spec2("a", 2, step("12:00:00"), step("12:00:01")) + info("12:00:03.000") + "\n" +
				delimiter + "\n" + info("12:00:04.000") + "\n" + spec2("b", 2, step("12:00:05"), step("12:00:06")),
			[]string{"a 12:00:00 12:00:01", "b 12:00:05 12:00:06"},
		},
		"a lone stamp and the duration":                          {banner2 + lone, []string{"lone 12:00:10 12:00:13"}},
		"that may not reach into the next spec":                  {banner2 + lone + spec2("b", 1, step("12:00:11"), step("12:00:12")), []string{"lone 12:00:10 12:00:11", "b 12:00:11 12:00:12"}},
		"nor end before it starts, for the next one's being cut": {banner2 + spec2("a", 3, klog("12:00:10.000500", 7)) + spec2("b", 1, step("12:00:10"), step("12:00:11")), []string{"a 12:00:10.0005 12:00:10.0005", "b 12:00:10 12:00:11"}},
		"a spec without stamps has no time":                      {banner2 + lone + spec2("b", 1, "text") + spec2("c", 0.001), []string{"lone 12:00:10 12:00:13", "b - -", "c - -"}},
		"skipped specs without lines have no time":               {banner2 + lone + delimiter + "\nSSSSS\n" + delimiter + "\nS [SKIPPED]\n[sig-x] Pods b\n/src/pods.go:1\n", []string{"lone 12:00:10 12:00:13"}},
		"midnight":                                       {banner2 + spec2("a", 2, "Jun  5 23:59:59.500: INFO: x", "Jun  6 00:00:01.000: INFO: x"), []string{"a 23:59:59.5 00:00:01"}},
		"parallel: those inside the block":               {parallel2 + block2("a", 2, step("12:00:00"), step("12:00:02")) + block2("b", 9, step("11:59:55"), step("12:00:03")), []string{"a 12:00:00 12:00:02", "b 11:59:55 12:00:03"}},
		"parallel: none beyond the block":                {parallel2 + block2("a", 9, step("12:00:00"), step("12:00:02")) + delimiter + "\n" + info("12:00:05.000") + "\n", []string{"a 12:00:00 12:00:02"}},
		"parallel: a lone stamp":                         {parallel2 + block2("a", 2, step("12:00:00")) + block2("b", 1, step("12:00:01"), step("12:00:02")), []string{"a 12:00:00 12:00:02", "b 12:00:01 12:00:02"}},
		"a stamp of a year ahead":                        {banner2 + spec2("a", 3, step("12:00:00"), "2030/01/01 00:00:00 x", "  STEP: x @ 06/05/27 12:00:01", step("12:00:02")), []string{"a 12:00:00 12:00:02"}},
		"a stamp ahead of what the duration allows":      {banner2 + spec2("a", 3, step("12:00:00"), step("12:00:02"), info("12:00:04.000")), []string{"a 12:00:00 12:00:02"}},
		"a first stamp behind what it allows":            {banner2 + spec2("a", 3, info("11:00:00.000"), step("12:00:00"), step("12:00:02")), []string{"a 12:00:00 12:00:02"}},
		"a stamp that jumps back":                        {banner2 + spec2("a", 3, step("12:00:00"), info("11:59:59.000"), step("12:00:02")), []string{"a 12:00:00 12:00:02"}},
		"two stamps that exclude each other":             {banner2 + spec2("a", 1, step("12:00:00"), step("13:00:00")), []string{"a - -"}},
		"klog of another process":                        {banner2 + spec2("a", 60, klog("12:00:00.000000", 7), klog("12:00:02.000000", 7), klog("12:00:30.000000", 8)), []string{"a 12:00:00 12:00:02"}},
		"a program's clock is known from before specs":   {"I0605 11:59:59.000000 7 e2e.go:1] x\n" + banner2 + spec2("a", 60, klog("12:00:01.000000", 8), klog("12:00:02.000000", 7), klog("12:00:03.000000", 7)), []string{"a 12:00:02 12:00:03"}},
		"pods' logs, if there are the program's own":     {banner2 + spec2("a", 60, step("12:00:10"), "2026/06/05 12:00:09 x", "2026-06-05T12:00:30Z x", step("12:00:20")), []string{"a 12:00:10 12:00:20"}},
		"Go's log, if there is no better":                {banner2 + spec2("a", 5, "2026/06/05 12:00:00 x", "2026/06/05 12:00:04 x"), []string{"a 12:00:00 12:00:04"}},
		"a serial spec in another order than the others": {banner2 + spec2("a", 1, step("12:00:08"), step("12:00:09")) + lone + spec2("b", 9, info("11:00:00.000"), info("11:00:08.000")) + spec2("c", 2, step("12:00:20"), step("12:00:21")), []string{"a 12:00:08 12:00:09", "lone 12:00:10 12:00:13", "b - -", "c 12:00:20 12:00:21"}},
		"two serial specs that exclude each other":       {banner2 + lone + spec2("b", 9, info("11:00:00.000"), info("11:00:08.000")), []string{"lone - -", "b - -"}},
		"a failed spec's last lines, which come after its end": {
			parallel2 + strings.Replace(block2("a", 3, step("12:00:00")), "•", "• [FAILED]", 1) + "\n  [FAILED] no good\n  In [It] at: /src/a_test.go:3 @ 06/05/26 12:00:02.5\n",
			[]string{"a 12:00:00 12:00:02.5"},
		},
		"version 1": {
			"Running Suite: A suite\n===\n\n[sig-x] Pods \n  should run a\n  /src/pods.go:12\n" + info("12:00:00.100") + "\n" + info("12:00:00.900") + "\n\n•\n" + delimiter +
				"\n[sig-x] Pods \n  should run b\n  /src/pods.go:15\n" + info("12:00:01.000") + "\n" + info("12:00:07.000") + "\n\n• [SLOW TEST:6.200 seconds]\n[sig-x] Pods\n/src/pods.go:1\n  should run b\n  /src/pods.go:15\n",
			[]string{"a 12:00:00.1 12:00:00.9", "b 12:00:01 12:00:07"},
		},
		"version 1 in parallel": {
			"Running Suite: B suite\n===\nRandom Seed: 1\nWill run 8 specs\n\nRunning in parallel across 2 nodes\n\n" + info("11:00:00.000") + "\n\n[sig-x] Pods \n  should run a\n  /src/pods.go:12\n" + info("12:00:00.100") + "\n" + info("12:00:00.900") + "\n\n•\n" +
				delimiter + "\n[sig-x] Pods \n  should run b\n  /src/pods.go:15\n" + info("11:59:58.000") + "\n" + info("12:00:01.000") + "\n\n• [SLOW TEST:6.200 seconds]\n",
			[]string{"a 12:00:00.1 12:00:00.9", "b 11:59:58 12:00:01"},
		},
		"go test -v": {
			"=== RUN   TestA\n" + klog("12:00:00.000000", 7) + "\n=== RUN   TestA/b\n" + klog("12:00:01.000000", 7) + "\n" + klog("12:00:02.000000", 7) + "\n--- PASS: TestA (2.50s)\n    --- PASS: TestA/b (1.20s)\nPASS\n",
			[]string{"TestA 12:00:00 12:00:02", "TestA/b 12:00:01 12:00:02"},
		},
		"go test -json": {
			`{"Time":"2026-06-05T12:00:00Z","Action":"run","Package":"p","Test":"TestA"}` + "\n" + `{"Time":"2026-06-05T12:00:03Z","Action":"pass","Package":"p","Test":"TestA","Elapsed":3}` + "\n",
			[]string{"p.TestA 12:00:00 12:00:03"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(c.want, timesOf(t, c.log)); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

// TestColoursAndLineEndsDoNotMatter reads a log as a terminal's capture has it, beyond what the captured ones have.
func TestColoursAndLineEndsDoNotMatter(t *testing.T) {
	log := banner2 + colorHeader + "  \x1b[1mSTEP:\x1b[0m x \x1b[38;5;243m@ 06/05/26 12:00:00.5\x1b[0m\n\x1b[31m" + info("12:00:01.000") + "\x1b[0m\n\x1b[38;5;10m• [0.600 seconds]\x1b[0m\n"
	if diff := cmp.Diff([]string{"run 12:00:00.5 12:00:01"}, timesOf(t, strings.ReplaceAll(log, "\n", "\r\n"))); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

// collected puts a collector's time before each line, a second more for each.
func collected(log string) string {
	var text strings.Builder
	at := time.Date(2026, 6, 5, 12, 0, 0, 0, time.UTC)
	for line := range strings.Lines(log) {
		text.WriteString(at.Format("2006-01-02T15:04:05.000000000Z07:00") + " " + line)
		at = at.Add(time.Second)
	}
	return text.String()
}

func TestCollectorsTimesAreThoseOfTheLines(t *testing.T) {
	for name, c := range map[string]struct {
		log  string
		want []string
	}{
		"serial: of the header and the end":             {banner2 + spec2("a", 4, "x", "x"), []string{"a 12:00:07 12:00:10"}},
		"the end is read too late":                      {banner2 + spec2("a", 2, "x", "x"), []string{"a 12:00:07 12:00:09"}},
		"both, and the program's own":                   {banner2 + spec2("a", 4, step("12:00:07"), step("12:00:09")), []string{"a 12:00:07 12:00:10"}},
		"parallel: of the end, and the duration":        {parallel2 + block2("a", 4, "x"), []string{"a 12:00:03 12:00:07"}},
		"parallel: the program's own, which come first": {parallel2 + block2("a", 4, step("11:59:59"), step("12:00:02")), []string{"a 11:59:59 12:00:02"}},
	} {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(c.want, timesOf(t, collected(c.log))); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

func TestLogTellsAllThatTheScannerDoes(t *testing.T) {
	specs, err := ReadLog(strings.NewReader(banner2+spec2("a", 2, step("12:00:00.5"), step("12:00:01"))), "e2e.log", june)
	want := []traffic.Spec{{
		Test: "[sig-x] Pods a", Labels: []string{"sig-x", "Fast"}, Location: "test/e2e/pods.go:12", Outcome: traffic.SpecPassed,
		Attempts: 1, Duration: 2 * time.Second, Start: time.Date(2026, 6, 5, 12, 0, 0, 5e8, time.UTC), End: time.Date(2026, 6, 5, 12, 0, 1, 0, time.UTC),
	}}
	if diff := cmp.Diff(want, specs); err != nil || diff != "" {
		t.Errorf("error %v; -want +got:\n%s", err, diff)
	}
}

func TestLogWithoutStampsOrSpecsIsAnError(t *testing.T) {
	for _, c := range []struct {
		log  string
		at   Clock
		want string
	}{
		{banner2 + spec2("a", 2, "text"), june, "log e2e.log: no line has a time stamp, want klog's"},
		{banner2 + spec2("a", 2, info("12:00:00.000")), Clock{}, "neither counts without a time near the run"},
		{info("12:00:00.000"), june, "log e2e.log: nothing in the file tells of a spec"},
		{"", june, "log e2e.log: nothing in the file tells of a spec"},
	} {
		specs, err := ReadLog(strings.NewReader(c.log), "e2e.log", c.at)
		if err == nil || !strings.Contains(err.Error(), c.want) || specs != nil {
			t.Errorf("%q: specs %v, error %v, want %q", c.log, specs, err, c.want)
		}
	}
}
