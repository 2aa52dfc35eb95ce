package server

import (
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"e2etap/internal/traffic"
	"e2etap/internal/view"
)

func TestLiveTellsWhatIsNew(t *testing.T) {
	rec, s := begin(t)
	finish(t, rec, "one", 200)
	finish(t, rec, "", 404)
	live := liveAt(t, s, "api/live", 2)
	if len(live.Rows) != 2 || live.Rows[0].Status != 404 || live.Rows[1].Test != "one" || live.Requests != 2 || live.Errors4xx != 1 || live.Ended {
		t.Errorf("%+v, want two requests, the one with 404 first", live)
	}
	finish(t, rec, "two", 500)
	live = liveAt(t, s, "api/live?after=2", 3)
	if len(live.Rows) != 1 || live.Rows[0].Test != "two" || live.Errors5xx != 1 || live.Seen != 1 {
		t.Errorf("%+v, want the request of two only", live)
	}
	if err := rec.Close(traffic.RunEnd{End: start.Add(time.Minute)}); err != nil {
		t.Fatal(err)
	}
	if live = get[view.Live](t, s, "api/live?after=3"); !live.Ended || len(live.Rows) != 0 {
		t.Errorf("%+v, want an end and nothing new", live)
	}
}

// liveAt asks until the last request is there.
func liveAt(t *testing.T, s *Server, path string, last int64) view.Live {
	t.Helper()
	for deadline := time.Now().Add(time.Minute); ; time.Sleep(5 * time.Millisecond) {
		live := get[view.Live](t, s, path)
		if live.Last == last {
			return live
		}
		if time.Now().After(deadline) {
			t.Fatalf("request %d at last, want %d", live.Last, last)
		}
	}
}

func TestLiveIsFiltered(t *testing.T) {
	s := recorded(t) // "one" with 200, none with 404
	for query, want := range map[string][]int{
		"":                       {404, 200},
		"test=one":               {200},
		"test=on":                {200},
		"test=none":              {404},
		"test=other":             {},
		"verb=get&resource=pods": {404, 200},
		"verb=list":              {},
		"status=4xx":             {404},
		"status=none":            {},
		"client=kubectl":         {},
		"limit=1":                {404},
		"limit=0":                {},
	} {
		got := []int{}
		for _, row := range get[view.Live](t, s, "api/live?"+query).Rows {
			got = append(got, row.Status)
		}
		if d := cmp.Diff(want, got); d != "" {
			t.Errorf("%s (-want +got):\n%s", query, d)
		}
	}
}

func TestWrongLiveQuestionsAreSaidToBe(t *testing.T) {
	s := recorded(t)
	for _, query := range []string{
		"after=-1", "after=x", "limit=501", "limit=-1", "status=9xx", "status=" + url.QueryEscape("404 or 1"), "open=1,x", "open=" + strings.Repeat("1,", 500) + "1",
	} {
		if answer, body := request(t, s.URL()+"api/live?"+query, nil); answer.StatusCode != 400 || !strings.Contains(body, "want") {
			t.Errorf("%s: %s %q, want 400 and what is wanted", query, answer.Status, body)
		}
	}
}
