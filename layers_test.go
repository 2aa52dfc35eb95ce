package e2etap

import (
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// bans keeps the dependencies pointing one way. Each says which packages must not be below which, and why.
var bans = []struct{ pkg, banned, why string }{
	{"e2etap/internal/gateway", "e2etap/internal/db", "it tells a Recorder of its own what it saw"},
	{"e2etap/internal/gateway", "e2etap/internal/render", "it has nothing to show"},
	{"e2etap/internal/gateway", "e2etap/internal/tagger", "it knows nothing of tests"},
	{"e2etap/internal/db", "e2etap/internal/gateway", "a recording is read without a proxy"},
	{"e2etap/internal/db", "e2etap/internal/render", "it formats no output"},
	{"e2etap/internal/db", "k8s.io/", "a recording is read without Kubernetes"},
	{"e2etap/internal/memo", "e2etap/", "it knows nothing of what it remembers"},
	{"e2etap/internal/mark", "e2etap/internal/db", "it stores nothing"},
	{"e2etap/internal/mark", "e2etap/internal/gateway", "a mark is no request of the cluster"},
	{"e2etap/internal/mark", "e2etap/internal/tagger", "it does not know what a mark means"},
	{"e2etap/internal/render", "e2etap/", "it knows nothing of what it renders"},
	{"e2etap/internal/tagger", "net/http", "it is pure"},
	{"e2etap/internal/tagger", "e2etap/internal/db", "it is told of requests, wherever they come from"},
	{"e2etap/internal/tagger", "e2etap/internal/spec", "it is told of specs, whoever tells"},
	{"e2etap/internal/tagger", "e2etap/internal/peer", "it is told of processes"},
	{"e2etap/internal/spec", "e2etap/internal/db", "it reads what test programs write, not recordings"},
	{"e2etap/internal/spec", "e2etap/internal/tagger", "it says what specs ran, not whose requests are"},
	{"e2etap/internal/spec", "e2etap/internal/tee", "it is given bytes, whoever copies them"},
	{"e2etap/internal/spec", "k8s.io/", "it knows formats, not Kubernetes"},
	{"e2etap/internal/spec", "net/http", "it is given bytes"},
	{"e2etap/internal/audit", "e2etap/internal/db", "it reads logs, whoever keeps what they tell"},
	{"e2etap/internal/audit", "e2etap/internal/tagger", "it says what was asked of the API server, not for which test"},
	{"e2etap/internal/audit", "k8s.io/", "it knows formats, not Kubernetes"},
	{"e2etap/internal/audit", "net/http", "it is given bytes"},
	{"e2etap/internal/operation", "e2etap/internal/apirequest", "it is told what a request asked for, live or recorded"},
	{"e2etap/internal/operation", "e2etap/internal/db", "it knows operations, not recordings"},
	{"e2etap/internal/operation", "k8s.io/", "recorded requests are resolved without Kubernetes"},
	{"e2etap/internal/operation", "net/http", "it is given documents, whoever fetches them"},
	{"e2etap/internal/webhook", "e2etap/internal/", "it keeps what is sent, whoever reads it"},
	{"e2etap/internal/webhook", "k8s.io/", "it keeps events as they come, and knows few of their fields"},
	{"e2etap/internal/authority", "e2etap/", "everything that listens stands on it"},
	{"e2etap/internal/coverage", "e2etap/internal/apirequest", "it counts what was recorded"},
	{"e2etap/internal/coverage", "e2etap/internal/render", "it formats no output"},
	{"e2etap/internal/coverage", "k8s.io/", "recorded runs are counted without Kubernetes"},
	{"e2etap/internal/coverage", "net/http", "recorded runs are counted without a network"},
	{"e2etap/internal/operation/live", "net/http", "it is given operations, whoever fetches them"},
	{"e2etap/internal/operation/live", "e2etap/internal/db", "it does not know where operations are kept"},
	{"e2etap/internal/focus", "e2etap/internal/render", "it formats no output"},
	{"e2etap/internal/focus", "k8s.io/", "recorded runs are measured without Kubernetes"},
	{"e2etap/internal/focus", "net/http", "recorded runs are measured without a network"},
	{"e2etap/internal/export", "e2etap/internal/render", "its forms are other programs'"},
	{"e2etap/internal/export", "k8s.io/", "recorded runs are exported without Kubernetes"},
	{"e2etap/internal/export", "net/http", "recorded runs are exported without a network"},
	{"e2etap/internal/replay", "e2etap/internal/gateway", "recorded runs are judged without a proxy"},
	{"e2etap/internal/replay", "e2etap/internal/peer", "recorded runs are judged on another machine, or day"},
	{"e2etap/internal/replay", "e2etap/internal/render", "it formats no output"},
	{"e2etap/internal/replay", "k8s.io/", "recorded runs are judged without Kubernetes"},
	{"e2etap/internal/replay", "net/http", "recorded runs are judged without a network"},
	{"e2etap/internal/crosscheck", "e2etap/internal/audit", "logs are imported before they are compared"},
	{"e2etap/internal/crosscheck", "e2etap/internal/gateway", "recorded runs are compared without a proxy"},
	{"e2etap/internal/crosscheck", "e2etap/internal/render", "it formats no output"},
	{"e2etap/internal/crosscheck", "k8s.io/", "recorded runs are compared without Kubernetes"},
	{"e2etap/internal/crosscheck", "net/http", "recorded runs are compared without a network"},
	{"e2etap/internal/budget", "e2etap/internal/render", "it says what is too much, not how that looks"},
	{"e2etap/internal/budget", "k8s.io/", "recorded runs are measured without Kubernetes"},
	{"e2etap/internal/budget", "net/http", "recorded runs are measured without a network"},
	{"e2etap/internal/rundiff", "e2etap/internal/render", "it formats no output"},
	{"e2etap/internal/rundiff", "k8s.io/", "recorded runs are compared without Kubernetes"},
	{"e2etap/internal/rundiff", "net/http", "recorded runs are compared without a network"},
	{"e2etap/internal/digest", "e2etap/internal/gateway", "recorded runs are summed up without a proxy"},
	{"e2etap/internal/digest", "e2etap/internal/render", "it formats no output"},
	{"e2etap/internal/digest", "k8s.io/", "recorded runs are summed up without Kubernetes"},
	{"e2etap/internal/digest", "net/http", "recorded runs are summed up without a network"},
	{"e2etap/internal/conformance", "e2etap/", "it knows Kubernetes' lists, not recordings"},
	{"e2etap/internal/conformance", "k8s.io/", "it knows formats, not Kubernetes' code"},
	{"e2etap/internal/conformance", "net/http", "its lists ship with the program"},
	{"e2etap/internal/rbac", "e2etap/", "it is told what was asked, not by which requests"},
	{"e2etap/internal/rbac", "k8s.io/", "its objects are few, and report is to stay small"},
	{"e2etap/internal/rbac", "net/http", "it is pure"},
	{"e2etap/internal/traffic", "e2etap/", "everything else stands on it"},
	{"e2etap/internal/traffic", "k8s.io/", "everything else stands on it"},
	{"e2etap/cmd/report", "k8s.io/", "reading a recording needs no cluster"},
	{"e2etap/internal/db", "net/http", "a recording is read without a network"},
	{"e2etap/internal/view", "e2etap/internal/render", "it makes data for a browser, which shows them"},
	{"e2etap/internal/view", "k8s.io/", "a recording is shown without Kubernetes"},
	{"e2etap/internal/view", "net/http", "its data are the same in a file and over a network"},
	{"e2etap/internal/web", "k8s.io/", "a recording is shown without Kubernetes"},
	{"e2etap/internal/web", "net/http", "its file opens without a network"},
	{"e2etap/internal/web/server", "e2etap/internal/gateway", "a recording is shown without a proxy"},
	{"e2etap/internal/web/server", "k8s.io/", "a recording is shown without Kubernetes"},
	{"e2etap/cmd/proxy", "e2etap/internal/clustertest", "it is for tests"},
}

func TestDependenciesPointOneWay(t *testing.T) {
	for _, ban := range bans {
		for _, dep := range deps(t, ban.pkg) {
			if dep != ban.pkg && (dep == ban.banned || strings.HasSuffix(ban.banned, "/") && strings.HasPrefix(dep, ban.banned)) {
				t.Errorf("%s must not depend on %s: %s", ban.pkg, dep, ban.why)
			}
		}
	}
}

// Reading a recording needs no network. Only "report serve" has one, since a browser can ask in no other way, and it is loopback.
func TestOnlyTheServerOfTheViewBringsHTTPIntoReport(t *testing.T) {
	const report, server = "e2etap/cmd/report", "e2etap/internal/web/server"
	below := deps(t, report)
	for _, line := range list(t, "-f", "{{.ImportPath}}: {{join .Deps \" \"}}", "./...") {
		pkg, all, _ := strings.Cut(line, ": ")
		if pkg != report && pkg != server && slices.Contains(below, pkg) && slices.Contains(strings.Fields(all), "net/http") {
			t.Errorf("%s depends on net/http: below cmd/report only %s may", pkg, server)
		}
	}
	for _, line := range list(t, "-f", "{{join .Imports \" \"}}", "./cmd/report") {
		if slices.Contains(strings.Fields(line), "net/http") {
			t.Errorf("cmd/report imports net/http: %s has what listens", server)
		}
	}
}

// A package that does not import os opens no file and asks for no process; what it imports may.
func TestTheTaggerDoesNoIO(t *testing.T) {
	for _, line := range list(t, "-f", "{{join .Imports \" \"}}", "./internal/tagger") {
		for _, pkg := range strings.Fields(line) {
			if pkg == "os" || pkg == "io" || pkg == "net" || pkg == "log" || strings.HasPrefix(pkg, "os/") {
				t.Errorf("internal/tagger imports %s: it is pure", pkg)
			}
		}
	}
}

func TestOnlyDBImportsTheSQLiteDriver(t *testing.T) {
	out := list(t, "-f", "{{.ImportPath}}: {{join .Imports \" \"}}", "./...")
	for _, line := range out {
		pkg, imports, _ := strings.Cut(line, ": ")
		if strings.Contains(imports, "github.com/mattn/go-sqlite3") && pkg != "e2etap/internal/db" {
			t.Errorf("%s imports the SQLite driver: only internal/db knows SQL", pkg)
		}
	}
}

func deps(t *testing.T, pkg string) []string { return list(t, "-deps", pkg) }

func list(t *testing.T, args ...string) []string {
	t.Helper()
	out, err := exec.Command("go", append([]string{"list"}, args...)...).Output()
	if err != nil {
		t.Fatalf("go list %v: %v", args, err)
	}
	lines := strings.Fields(string(out))
	if args[0] != "-deps" {
		lines = strings.Split(strings.TrimSpace(string(out)), "\n")
	}
	if len(lines) == 0 {
		t.Fatalf("go list %v: nothing", args)
	}
	return lines
}
