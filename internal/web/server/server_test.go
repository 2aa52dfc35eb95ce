package server

import (
	"context"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"e2etap/internal/db"
	"e2etap/internal/traffic"
	"e2etap/internal/view"
)

var start = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// begin starts a recording and a server of it.
func begin(t *testing.T) (*db.Recorder, *Server) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "e2e.db")
	rec, err := db.Create(path, traffic.Run{Name: "run", Start: start}, db.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return rec, serve(t, path, "run")
}

// serve serves a run of a recording until the test ends.
func serve(t *testing.T, path, run string) *Server {
	t.Helper()
	s, err := New(Config{Listen: "127.0.0.1:0", Open: func() (*db.Reader, error) { return db.OpenReader(path) }, Run: run})
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- s.Serve(ctx) }()
	t.Cleanup(func() {
		http.DefaultClient.CloseIdleConnections()
		stop()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
	return s
}

// recorded is begin with a run that has ended.
func recorded(t *testing.T) *Server {
	t.Helper()
	rec, s := begin(t)
	finish(t, rec, "one", 200)
	finish(t, rec, "", 404)
	if err := rec.Close(traffic.RunEnd{End: start.Add(time.Minute)}); err != nil {
		t.Fatal(err)
	}
	return s
}

func finish(t *testing.T, rec *db.Recorder, test string, status int) {
	t.Helper()
	q := traffic.Request{
		Start: start.Add(time.Second), Duration: time.Millisecond, Method: "GET", Path: "/api/v1/namespaces/a/pods/x", Status: status,
		API: traffic.API{Verb: "get", Version: "v1", Resource: "pods", Namespace: "a", Name: "x"},
	}
	if test != "" {
		q.Attribution = traffic.Attribution{Test: test, Source: traffic.SourceHeader}
	}
	if err := rec.Finish(&q); err != nil {
		t.Fatal(err)
	}
}

// request asks with changes to what a browser sends.
func request(t *testing.T, url string, change func(*http.Request)) (*http.Response, string) {
	t.Helper()
	q, err := http.NewRequest("GET", url, nil)
	if err != nil {
		t.Fatal(err)
	}
	if change != nil {
		change(q)
	}
	answer, err := http.DefaultClient.Do(q)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer, string(body)
}

func get[T any](t *testing.T, s *Server, path string) (v T) {
	t.Helper()
	answer, body := request(t, s.URL()+path, nil)
	if answer.StatusCode != 200 || answer.Header.Get("Content-Type") != "application/json" {
		t.Fatalf("%s: %s %q", path, answer.Status, body)
	}
	if err := json.Unmarshal([]byte(body), &v); err != nil {
		t.Fatal(err)
	}
	return v
}

func TestOnlyWhoKnowsTheTokenIsAnswered(t *testing.T) {
	s := recorded(t)
	root := "http://" + s.listener.Addr().String()
	for _, path := range []string{"/", "/api/model", "/app.js", "/wrong/", "/" + s.token[1:] + "/api/model", "/" + s.token + "x/api/model", "//" + s.token + "/"} {
		if answer, body := request(t, root+path, nil); answer.StatusCode != 404 || strings.Contains(body, "pods") {
			t.Errorf("%s: %s %q, want 404", path, answer.Status, body)
		}
	}
	if answer, _ := request(t, s.URL(), nil); answer.StatusCode != 200 {
		t.Errorf("with the token: %s", answer.Status)
	}
}

func TestOnlyLoopbackHostsAreAnswered(t *testing.T) {
	s := recorded(t)
	_, port, err := net.SplitHostPort(s.listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	for host, want := range map[string]int{
		"127.0.0.1": 200, "localhost:" + port: 200, "[::1]:" + port: 200, "LOCALHOST": 200,
		"example.com": 421, "example.com:" + port: 421, "localhost.example.com": 421, "192.0.2.1": 421, "127.0.0.1.nip.example": 421,
	} {
		if answer, _ := request(t, s.URL()+"api/model", func(q *http.Request) { q.Host = host }); answer.StatusCode != want {
			t.Errorf("Host %q: %s, want %d", host, answer.Status, want)
		}
	}
}

func TestNothingIsChanged(t *testing.T) {
	s := recorded(t)
	for _, method := range []string{"POST", "PUT", "DELETE", "PATCH", "OPTIONS", "HEAD"} {
		if answer, _ := request(t, s.URL()+"api/model", func(q *http.Request) { q.Method = method }); answer.StatusCode != 405 {
			t.Errorf("%s: %s, want 405", method, answer.Status)
		}
	}
}

func TestEveryAnswerForbidsOtherOrigins(t *testing.T) {
	s := recorded(t)
	for _, path := range []string{"", "app.js", "app.css", "api/model", "nowhere"} {
		answer, _ := request(t, s.URL()+path, nil)
		csp := answer.Header.Get("Content-Security-Policy")
		if !strings.HasPrefix(csp, "default-src 'none';") || strings.Contains(csp, "unsafe") || strings.Contains(csp, "http") {
			t.Errorf("%s: Content-Security-Policy %q", path, csp)
		}
		if answer.Header.Get("Referrer-Policy") != "no-referrer" || answer.Header.Get("Access-Control-Allow-Origin") != "" {
			t.Errorf("%s: headers %v, want no referrer and no other origin", path, answer.Header)
		}
	}
}

func TestListensOnLoopbackOnly(t *testing.T) {
	for _, address := range []string{"0.0.0.0:0", ":0", "[::]:0", "192.0.2.1:80", "127.0.0.1", "127.0.0.1:70000", "127.0.0.1:-1", "example.com:0"} {
		if s, err := New(Config{Listen: address}); err == nil {
			s.listener.Close()
			t.Errorf("%q: it listens, want an error", address)
		} else if !strings.Contains(err.Error(), "want a loopback address") {
			t.Errorf("%q: %v, want it to say what is wanted", address, err)
		}
	}
}

func TestAnswersHaveWhatTheRecordingHas(t *testing.T) {
	s := recorded(t)
	model := get[view.Model](t, s, "api/model")
	if model.Run.Name != "run" || len(model.Tests) != 2 || model.Total.Requests != 2 || model.Total.Errors4xx != 1 {
		t.Errorf("model: %+v", model)
	}
	if a := get[view.Activity](t, s, "api/activity"); len(a.Tests) != 2 {
		t.Errorf("activity: %+v", a)
	}
	if u := get[[]view.Unattributed](t, s, "api/unattributed"); len(u) != 1 || u[0].Requests != 1 {
		t.Errorf("unattributed: %+v", u)
	}
	c := get[view.Columns](t, s, "api/requests?test=one")
	if len(c.Start) != 1 || c.Kinds[0].Status != 200 || model.Endpoints[c.Endpoint[0]].Resource != "pods" {
		t.Errorf("requests of one: %+v of %+v", c, model.Endpoints)
	}
	if c := get[view.Columns](t, s, "api/requests?test=&limit=1"); len(c.Start) != 1 || c.Kinds[0].Status != 404 {
		t.Errorf("requests without a test: %+v", c)
	}
}

func TestWrongQuestionsAreSaidToBe(t *testing.T) {
	s := recorded(t)
	for _, query := range []string{"", "?test=one&limit=0", "?test=one&limit=50001", "?test=one&offset=-1", "?test=one&offset=x"} {
		if answer, body := request(t, s.URL()+"api/requests"+query, nil); answer.StatusCode != 400 || !strings.Contains(body, "want ") {
			t.Errorf("%q: %s %q, want 400 and what is wanted", query, answer.Status, body)
		}
	}
}

func TestStateFollowsTheRecording(t *testing.T) {
	type state struct {
		Requests int64
		End      *string
	}
	rec, s := begin(t)
	waitFor := func(what string, is func(state) bool) {
		t.Helper()
		deadline := time.Now().Add(time.Minute)
		for got := get[state](t, s, "api/state"); !is(got); got = get[state](t, s, "api/state") {
			if time.Now().After(deadline) {
				t.Fatalf("%+v at last, want %s", got, what)
			}
			time.Sleep(10 * time.Millisecond)
		}
	}
	waitFor("no requests", func(g state) bool { return g.Requests == 0 && g.End == nil })
	finish(t, rec, "one", 200)
	waitFor("a request", func(g state) bool { return g.Requests == 1 && g.End == nil })
	if a := get[view.Activity](t, s, "api/activity"); len(a.Tests) != 1 {
		t.Errorf("activity after a request: %+v", a)
	}
	finish(t, rec, "two", 200)
	waitFor("two requests", func(g state) bool { return g.Requests == 2 })
	if a := get[view.Activity](t, s, "api/activity"); len(a.Tests) != 2 {
		t.Errorf("activity after the next request: %+v", a)
	}
	if err := rec.Close(traffic.RunEnd{End: start.Add(time.Minute)}); err != nil {
		t.Fatal(err)
	}
	waitFor("an end", func(g state) bool { return g.End != nil })
}

func TestRequestsComePageByPage(t *testing.T) {
	rec, s := begin(t)
	for status := range 5 {
		finish(t, rec, "one", 200+status)
	}
	if err := rec.Close(traffic.RunEnd{End: start.Add(time.Minute)}); err != nil {
		t.Fatal(err)
	}
	for query, want := range map[string][]int{
		"":                   {200, 201, 202, 203, 204},
		"&limit=2":           {200, 201},
		"&limit=2&offset=2":  {202, 203},
		"&limit=2&offset=4":  {204},
		"&limit=2&offset=50": nil,
	} {
		c := get[view.Columns](t, s, "api/requests?test=one"+query)
		var got []int
		for _, kind := range c.Kind {
			got = append(got, int(c.Kinds[kind].Status))
		}
		if !slices.Equal(got, want) {
			t.Errorf("%q: statuses %v, want %v", query, got, want)
		}
	}
}
