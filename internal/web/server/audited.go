package server

import "e2etap/internal/view"

// audited is not kept: a log may be imported after the run, which then does not grow.
func audited(a *asked) (any, error) { return view.LoadAudited(a.Reader, a.info) }
