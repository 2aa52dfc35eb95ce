package server

import (
	"net/http"

	"e2etap/internal/db"
	"e2etap/internal/view"
)

// audited is not kept: a log may be imported after the run, which then does not grow.
func (s *Server) audited(r *db.Reader, _ *http.Request, info db.RunInfo) (any, error) {
	return view.LoadAudited(r, info)
}
