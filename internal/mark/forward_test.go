package mark

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"e2etap/internal/upstream"
)

// forwarding is a server that forwards to an API server with this handler, at a path of its own.
func forwarding(t *testing.T, handle http.HandlerFunc) *world {
	t.Helper()
	api := httptest.NewServer(handle)
	t.Cleanup(api.Close)
	kubeconfig := filepath.Join(t.TempDir(), "kubeconfig")
	must(t, os.WriteFile(kubeconfig, fmt.Appendf(nil, `{apiVersion: v1, kind: Config, current-context: c,
contexts: [{name: c, context: {cluster: c}}],
clusters: [{name: c, cluster: {server: %s/base}}]}`, api.URL), 0o600))
	config, err := upstream.Load(kubeconfig, "")
	must(t, err)
	f, err := NewForwarder(config.Current(), config.CurrentUser(), func(test string) string { return "agent of " + test })
	must(t, err)
	return newWorld(t, func(c *Config) { c.Forward = f })
}

func TestForwardedMarkIsARequest(t *testing.T) {
	seen := make(chan string, 1)
	w := forwarding(t, func(w http.ResponseWriter, r *http.Request) {
		seen <- strings.Join([]string{r.Method, r.RequestURI, r.UserAgent()}, " | ")
		http.NotFound(w, r)
	})
	_, _, err := ask(http.MethodPost, w.url("?test=a%26b"), "", nil)
	must(t, err)
	if got, want := <-seen, "GET | /base/e2e/mark?test=a%26b | agent of a&b"; got != want {
		t.Errorf("request %s, want %s", got, want)
	}
}

func TestAnswerWaitsForTheAPIServer(t *testing.T) {
	arrived, release := make(chan bool), make(chan bool)
	w := forwarding(t, func(w http.ResponseWriter, r *http.Request) {
		arrived <- true
		<-release
		http.NotFound(w, r)
	})
	answer := make(chan int, 1)
	go func() {
		status, _, _ := ask(http.MethodGet, w.url("?test=x"), "", nil)
		answer <- status
	}()
	<-arrived
	w.only() // is told before
	select {
	case status := <-answer:
		close(release)
		t.Fatalf("answered %d before the API server did", status)
	case <-time.After(5 * settle): // an answer that does not wait would be here
	}
	close(release)
	if status := <-answer; status != http.StatusNoContent {
		t.Errorf("answer %d, want 204", status)
	}
}

func TestUnexpectedAnswersOfTheAPIServerAreWarnedOf(t *testing.T) {
	for status, want := range map[int]string{404: "", 403: "", 401: "GET /e2e/mark: 401 Unauthorized, want 404 or 403", 500: "500 Internal Server Error"} {
		t.Run(fmt.Sprint(status), func(t *testing.T) {
			w := forwarding(t, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(status) })
			got, _, err := ask(http.MethodGet, w.url("?test=x"), "", nil)
			must(t, err)
			if got != http.StatusNoContent {
				t.Errorf("answer %d, want 204", got)
			}
			w.stop()
			if log := w.log.String(); (want == "") != (log == "") || !strings.Contains(log, want) {
				t.Errorf("log %q, want %q", log, want)
			}
		})
	}
}
