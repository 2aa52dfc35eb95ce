package main

import (
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const markFunction = `mark() { curl -fsS --data-urlencode "test=$1" -d pid=$$ "$E2ETAP_URL/e2e/mark" || exit; }
`

// runScripts runs a main script under the proxy, with others beside it.
func (b *bench) runScripts(flags string, scripts map[string]string) *process {
	b.t.Helper()
	for name, text := range scripts {
		must(b.t, os.WriteFile(filepath.Join(b.dir, name), []byte(text), 0o600))
	}
	args := append([]string{"run", "--db", b.db}, strings.Fields(flags)...)
	p := b.start("proxy", append(args, "--", "sh", "main.sh")...)
	p.ends(0)
	return p
}

// tests returns which test, and from which source, each path of a recording has.
func (b *bench) tests() map[string]string {
	b.t.Helper()
	tests := map[string]string{}
	for _, e := range b.entries() {
		tests[e.Path] = strings.TrimPrefix(e.Test+" by "+e.TestSource, " by none")
	}
	return tests
}

func TestScriptsThatMarkAtTheSameTimeKeepTheirTests(t *testing.T) {
	t.Parallel()
	api := newAPI(t)
	b := newBench(t, api.kubeconfig())
	b.runScripts("", map[string]string{
		"main.sh": "sh one.sh a & sh one.sh b & sh one.sh c & wait; client /api/outside",
		"one.sh": `mark() { curl -fsS --data-urlencode "test=$1" "$E2ETAP_URL/e2e/mark" || exit; }
client /api/$1/before
for i in 1 2 3 4; do
	mark "$1 & $i"
	client /api/$1/$i
	sh -c "client /api/$1/$i/below; client /api/$1/$i/below2"
done
mark ""
client /api/$1/after
`,
	})
	want := map[string]string{"/api/outside": ""}
	tagged := map[string]string{"/api/outside": ""}
	for _, script := range []string{"a", "b", "c"} {
		for _, path := range []string{"before", "after"} {
			want["/api/"+script+"/"+path], tagged["/api/"+script+"/"+path] = "", ""
		}
		for i := 1; i <= 4; i++ {
			for _, path := range []string{"", "/below", "/below2"} {
				path, test := fmt.Sprintf("/api/%s/%d%s", script, i, path), fmt.Sprintf("%s & %d", script, i)
				want[path], tagged[path] = test+" by process", test
			}
		}
	}
	if d := cmp.Diff(want, b.tests()); d != "" {
		t.Errorf("tests (-want +got):\n%s", d)
	}
	if d := cmp.Diff(tagged, api.tests()); d != "" {
		t.Errorf("tests as the API server saw them, at once (-want +got):\n%s", d)
	}
}

// tests returns which test the User-Agent named of each path that was asked for.
func (a *api) tests() map[string]string {
	a.mu.Lock()
	defer a.mu.Unlock()
	tests := map[string]string{}
	for _, r := range a.seen {
		if r.URL.Path != "/version" {
			_, tests[r.URL.Path], _ = strings.Cut(r.UserAgent(), " -- ")
		}
	}
	return tests
}

func TestMarksWithPIDHoldForTheWholeScript(t *testing.T) {
	t.Parallel()
	b := newBench(t, newAPI(t).kubeconfig())
	b.runScripts("", map[string]string{"main.sh": markFunction + `
out=$(mark "in a
substitution"; echo x)
client /api/one
mark two | cat
client /api/two
mark ""
client /api/none
`})
	want := map[string]string{"/api/one": "in a\nsubstitution by process", "/api/two": "two by process", "/api/none": ""}
	if d := cmp.Diff(want, b.tests()); d != "" {
		t.Errorf("tests (-want +got):\n%s", d)
	}
}

func TestForwardedMarksReachTheAPIServerInOrder(t *testing.T) {
	t.Parallel()
	api := newAPI(t)
	b := newBench(t, api.kubeconfig())
	p := b.runScripts("--forward-marks", map[string]string{
		"main.sh": markFunction + "mark 'one & only'; client /api/one; mark ''; client /api/none",
	})
	var seen []string
	for _, r := range api.seen[1:] { // after the question for the version
		seen = append(seen, r.Method+" "+r.URL.String()+" "+r.UserAgent())
		if got, want := r.Header.Get("Authorization"), "Bearer "+api.token; got != want {
			t.Errorf("%s: Authorization %q, want %q", r.URL, got, want)
		}
	}
	want := []string{
		"GET /e2e/mark?test=one+%26+only e2etap -- one & only", "GET /api/one client/v1 -- one & only",
		"GET /e2e/mark?test= e2etap", "GET /api/none client/v1",
	}
	if d := cmp.Diff(want, seen); d != "" {
		t.Errorf("requests at the API server (-want +got):\n%s", d)
	}
	if d := cmp.Diff(map[string]string{"/api/one": "one & only by process", "/api/none": ""}, b.tests()); d != "" {
		t.Errorf("recorded (-want +got):\n%s", d)
	}
	if strings.Contains(p.stderr.String(), "WRN") {
		t.Errorf("a 404 was warned of: %s", p.stderr.String())
	}
}

func TestMarksAreNotForwardedUnasked(t *testing.T) {
	t.Parallel()
	api := newAPI(t)
	b := newBench(t, api.kubeconfig())
	b.runScripts("", map[string]string{"main.sh": markFunction + "mark one"})
	if n := api.requests(); n != 0 {
		t.Errorf("%d requests at the API server, want none", n)
	}
}

func TestForwardingThatFailsIsWarnedOfOnce(t *testing.T) {
	t.Parallel()
	api := newAPI(t)
	b := newBench(t, api.kubeconfig())
	p := b.command("proxy", "serve", "--db", b.db, "--forward-marks").start()
	p.exported()
	api.Listener.Close()
	api.CloseClientConnections()
	for range 2 {
		res, err := http.Get(markURL(t, p) + "/e2e/mark?test=one")
		must(t, err)
		res.Body.Close()
		if res.StatusCode != http.StatusNoContent {
			t.Errorf("answer %s, want 204", res.Status)
		}
	}
	p.signal(syscall.SIGTERM)
	p.ends(0)
	if n := strings.Count(p.stderr.String(), "could not be forwarded"); n != 1 {
		t.Errorf("%d warnings, want one:\n%s", n, p.stderr.String())
	}
}

// markURL is what "proxy serve" prints for E2ETAP_URL.
func markURL(t *testing.T, p *process) string {
	t.Helper()
	m := regexp.MustCompile(`export E2ETAP_URL=(\S+)\n`).FindStringSubmatch(p.stdout.String())
	if m == nil {
		t.Fatalf("no E2ETAP_URL in %q", p.stdout.String())
	}
	return m[1]
}

func TestServedShellMarks(t *testing.T) {
	t.Parallel()
	b := newBench(t, newAPI(t).kubeconfig())
	p, _ := b.serve()
	must(t, os.WriteFile(filepath.Join(b.dir, "env"), []byte(p.stdout.String()), 0o600))
	b.start("sh", "-c", `eval "$(cat env)"; `+markFunction+"client /api/before; mark one; client /api/one").ends(0)
	p.signal(syscall.SIGTERM)
	p.ends(0)
	if d := cmp.Diff(map[string]string{"/api/before": "", "/api/one": "one by process"}, b.tests()); d != "" {
		t.Errorf("tests (-want +got):\n%s", d)
	}
}

// The commands of clients, and of the scripts that started them, are stored; they may have the secret in E2ETAP_URL.
func TestTheSecretOfMarksIsNotKept(t *testing.T) {
	t.Parallel()
	b := newBench(t, newAPI(t).kubeconfig())
	p, _ := b.serve("--log-level=debug", "--forward-marks")
	url := markURL(t, p)
	token := url[strings.LastIndex(url, "/")+1:]
	b.env = append(b.env, "KUBECONFIG="+p.exported())
	b.start("sh", "-c", "curl -d test=y "+url+"/e2e/mark; client /api/one; true").ends(0)
	b.start("client", "-H", "X: "+url+"/e2e/mark?test=x", "/api/two").ends(0)
	p.signal(syscall.SIGTERM)
	p.ends(0)
	said := new(process) // without stdout, which has it for the shell
	said.stderr.Write([]byte(p.stderr.String()))
	look(t, "after its end", b, said, []string{token})
	stored, err := os.ReadFile(b.db)
	must(t, err)
	contains(t, string(stored), "curl -d test=y http://127.0.0.1:", "/REDACTED/e2e/mark; client", "/REDACTED/e2e/mark?test=x")
}

// $$ is the process of a test in all that bats runs for it.
func TestBatsTestsMarkThemselves(t *testing.T) {
	t.Parallel()
	if _, err := exec.LookPath("bats"); err != nil {
		t.Skip(err)
	}
	b := newBench(t, newAPI(t).kubeconfig())
	b.runScripts("", map[string]string{
		"main.sh": "bats suite.bats >&2; client /api/none",
		"suite.bats": `setup() { curl -fsS --data-urlencode "test=$BATS_TEST_DESCRIPTION" -d pid=$$ "$E2ETAP_URL/e2e/mark"; }
@test "pods are listed" { client /api/one; run client /api/one/run; out=$(client /api/one/substitution); }
@test "pods are made" { client /api/two; }
teardown() { client /api/teardown/$BATS_TEST_NUMBER; }
`,
	})
	want := map[string]string{"/api/none": "", "/api/two": "pods are made by process", "/api/teardown/2": "pods are made by process"}
	for _, path := range []string{"/api/one", "/api/one/run", "/api/one/substitution", "/api/teardown/1"} {
		want[path] = "pods are listed by process"
	}
	if d := cmp.Diff(want, b.tests()); d != "" {
		t.Errorf("tests (-want +got):\n%s", d)
	}
}
