package server

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"e2etap/internal/view"
)

// live is what is new in the run.
func live(a *asked) (any, error) {
	q := view.LiveQuery{
		Test: a.form.Get("test"), Verb: a.form.Get("verb"), Resource: a.form.Get("resource"), Status: a.form.Get("status"), Client: a.form.Get("client"),
	}
	var err error
	if q.After, err = number(a.form.Get("after"), 0, 0, math.MaxInt64); err != nil {
		return nil, wrong(fmt.Errorf("after: %w", err))
	}
	limit, err := number(a.form.Get("limit"), 100, 0, view.MaxLive)
	if err != nil {
		return nil, wrong(fmt.Errorf("limit: %w", err))
	}
	q.Limit = int(limit)
	if q.Open, err = openIDs(a.form.Get("open")); err != nil {
		return nil, wrong(fmt.Errorf("open: %w", err))
	}
	if err := q.Check(); err != nil {
		return nil, wrong(err)
	}
	return view.LoadLive(a.Reader, a.info, q)
}

// openIDs reads "17,18".
func openIDs(text string) (ids []int64, err error) {
	if text == "" {
		return nil, nil
	}
	words := strings.Split(text, ",")
	if len(words) > view.MaxLive {
		return nil, fmt.Errorf("%d requests: want %d at most", len(words), view.MaxLive)
	}
	for _, word := range words {
		id, err := strconv.ParseInt(word, 10, 64)
		if err != nil {
			return nil, fmt.Errorf("%.40q: want the numbers of requests with commas between", word)
		}
		ids = append(ids, id)
	}
	return ids, nil
}
