package server

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"e2etap/internal/db"
	"e2etap/internal/view"
	"e2etap/internal/web"
)

// maxPage is how many requests are in one answer at most.
const maxPage = 50_000

// question is answered from the recording.
type question func(r *db.Reader, q *http.Request, info db.RunInfo) (any, error)

func (s *Server) handler() http.Handler {
	mux := http.NewServeMux()
	asset := func(path, contentType string, content []byte) {
		mux.HandleFunc(path, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", contentType)
			_, _ = w.Write(content) // who asked has gone
		})
	}
	asset("/{$}", "text/html; charset=utf-8", web.Page(s.name+" · e2etap"))
	asset("/app.js", "text/javascript; charset=utf-8", web.Script())
	asset("/app.css", "text/css; charset=utf-8", web.Style())
	for path, ask := range map[string]question{
		"/api/state": s.state, "/api/model": s.model, "/api/activity": s.times, "/api/unattributed": s.unattributed, "/api/requests": s.requests,
		"/api/operations": s.operations,
	} {
		mux.HandleFunc(path, func(w http.ResponseWriter, r *http.Request) { s.answer(w, r, ask) })
	}
	return s.guarded(mux)
}

// badRequest is an error of who asked.
type badRequest struct{ error }

func (s *Server) answer(w http.ResponseWriter, r *http.Request, ask question) {
	b, err := s.ask(r, ask)
	if err != nil {
		status := http.StatusInternalServerError
		if errors.As(err, new(badRequest)) {
			status = http.StatusBadRequest
		}
		http.Error(w, err.Error(), status)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	_, _ = w.Write(b) // who asked has gone
}

func (s *Server) ask(q *http.Request, ask question) (b []byte, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	r, err := s.open()
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, r.Close()) }()
	info, err := r.Run(s.name)
	if err != nil {
		return nil, err
	}
	v, err := ask(r, q, info)
	if err != nil {
		return nil, err
	}
	return json.Marshal(v)
}

func (s *Server) state(r *db.Reader, _ *http.Request, info db.RunInfo) (any, error) {
	operations, err := view.LoadOperations(r, info, s.endpoints)
	if err != nil {
		return nil, err
	}
	state := struct {
		Requests   int64   `json:"requests"`
		Specs      int64   `json:"specs"`
		Operations int     `json:"operations"`
		End        *string `json:"end"`
	}{Requests: info.Requests, Specs: info.Specs, Operations: len(operations.Operations)}
	if !info.End.IsZero() {
		end := info.End.Format(time.RFC3339Nano)
		state.End = &end
	}
	return state, nil
}

func (s *Server) model(r *db.Reader, _ *http.Request, info db.RunInfo) (any, error) {
	return view.Load(r, info, s.endpoints, nil)
}

func (s *Server) operations(r *db.Reader, _ *http.Request, info db.RunInfo) (any, error) {
	return view.LoadOperations(r, info, s.endpoints)
}

func (s *Server) times(r *db.Reader, _ *http.Request, info db.RunInfo) (any, error) {
	return s.activity.get(r, info, view.LoadActivity)
}

func (s *Server) unattributed(r *db.Reader, _ *http.Request, info db.RunInfo) (any, error) {
	return s.none.get(r, info, view.LoadUnattributed)
}

func (s *Server) requests(r *db.Reader, q *http.Request, info db.RunInfo) (any, error) {
	form := q.URL.Query()
	if !form.Has("test") {
		return nil, badRequest{errors.New("want a test; test= for requests without one")}
	}
	offset, err := number(form.Get("offset"), 0, 0, 1<<40)
	if err != nil {
		return nil, badRequest{fmt.Errorf("offset: %w", err)}
	}
	limit, err := number(form.Get("limit"), 10_000, 1, maxPage)
	if err != nil {
		return nil, badRequest{fmt.Errorf("limit: %w", err)}
	}
	return view.LoadRequests(r, info, s.endpoints, form.Get("test"), offset, limit)
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
