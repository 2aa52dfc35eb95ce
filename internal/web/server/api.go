package server

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"e2etap/internal/db"
	"e2etap/internal/view"
	"e2etap/internal/web"
)

// maxPage is how many requests are in one answer at most.
const maxPage = 50_000

// asked is a question about a run, and all that it takes to answer it.
type asked struct {
	*db.Reader
	info db.RunInfo
	kept *shownRun
	form url.Values
}

// answers are what can be asked for.
func (s *Server) answers() map[string]func(*asked) (any, error) {
	return map[string]func(*asked) (any, error){
		"runs": s.runs, "diff": s.diff, "state": state, "model": s.model, "activity": times, "unattributed": unattributed, "audited": audited, "operations": operations,
		"requests": requests, "live": live,
	}
}

func (s *Server) handler() http.Handler {
	mux := http.NewServeMux()
	asset := func(path, contentType string, content []byte) {
		mux.HandleFunc(path, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", contentType)
			_, _ = w.Write(content) // who asked has gone
		})
	}
	asset("/{$}", "text/html; charset=utf-8", web.Page(s.Run+" · e2etap"))
	asset("/app.js", "text/javascript; charset=utf-8", web.Script())
	asset("/app.css", "text/css; charset=utf-8", web.Style())
	for name, answer := range s.answers() {
		mux.HandleFunc("/api/"+name, func(w http.ResponseWriter, r *http.Request) { s.answer(w, r, answer) })
	}
	return s.guarded(mux)
}

// refusal is an error of who asked.
type refusal struct {
	status int
	error
}

func wrong(err error) error { return refusal{http.StatusBadRequest, err} }

func (s *Server) answer(w http.ResponseWriter, r *http.Request, answer func(*asked) (any, error)) {
	b, err := s.ask(r.URL.Query(), answer)
	if err != nil {
		status := http.StatusInternalServerError
		if refused, is := errors.AsType[refusal](err); is {
			status = refused.status
		}
		http.Error(w, err.Error(), status)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	_, _ = w.Write(b) // who asked has gone
}

func (s *Server) ask(form url.Values, answer func(*asked) (any, error)) (b []byte, err error) {
	r, err := s.Open()
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, r.Close()) }()
	info, err := s.find(r, form.Get("run"))
	if err != nil {
		return nil, err
	}
	v, err := answer(&asked{r, info, s.of(info.ID), form})
	if err != nil {
		return nil, err
	}
	return json.Marshal(v)
}

func state(a *asked) (any, error) {
	a.kept.mu.Lock()
	defer a.kept.mu.Unlock()
	operations, err := view.LoadOperations(a.Reader, a.info, a.kept.endpoints)
	if err != nil {
		return nil, err
	}
	state := struct {
		Requests   int64   `json:"requests"`
		Specs      int64   `json:"specs"`
		Operations int     `json:"operations"`
		End        *string `json:"end"`
	}{a.info.Requests, a.info.Specs, len(operations.Operations), endOf(&a.info)}
	return state, nil
}

func operations(a *asked) (any, error) {
	a.kept.mu.Lock()
	defer a.kept.mu.Unlock()
	return view.LoadOperations(a.Reader, a.info, a.kept.endpoints)
}

// endOf is null if the run has no end.
func endOf(info *db.RunInfo) *string {
	if info.End.IsZero() {
		return nil
	}
	return new(info.End.Format(time.RFC3339Nano))
}

func (s *Server) model(a *asked) (any, error) {
	defer s.once.Do(func() { close(s.opened) })
	a.kept.mu.Lock()
	defer a.kept.mu.Unlock()
	return view.Load(a.Reader, a.info, a.kept.endpoints, nil)
}

func times(a *asked) (any, error) { return a.kept.counts.Activity(a.Reader, a.info) }

func unattributed(a *asked) (any, error) { return a.kept.counts.Unattributed(a.Reader, a.info) }

func requests(a *asked) (any, error) {
	if !a.form.Has("test") {
		return nil, wrong(errors.New("want a test; test= for requests without one"))
	}
	offset, err := number(a.form.Get("offset"), 0, 0, 1<<40)
	if err != nil {
		return nil, wrong(fmt.Errorf("offset: %w", err))
	}
	limit, err := number(a.form.Get("limit"), 10_000, 1, maxPage)
	if err != nil {
		return nil, wrong(fmt.Errorf("limit: %w", err))
	}
	a.kept.mu.Lock()
	defer a.kept.mu.Unlock()
	return view.LoadRequests(a.Reader, a.info, a.kept.endpoints, a.form.Get("test"), offset, limit)
}

func number(text string, usual, least, most int64) (int64, error) {
	if text == "" {
		return usual, nil
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil || n < least || n > most {
		return 0, fmt.Errorf("%.40q: want a number from %d to %d", text, least, most)
	}
	return n, nil
}
