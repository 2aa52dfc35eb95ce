package mark

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
)

const formType = "application/x-www-form-urlencoded"

func TestBothMethodsMark(t *testing.T) {
	for _, tt := range []struct{ name, method, query, body, want string }{
		{"GET", http.MethodGet, "?test=a+b%26c", "", "a b&c"},
		{"POST", http.MethodPost, "", "test=a+b%26c", "a b&c"},
		{"POST with a query", http.MethodPost, "?test=a%0Ab", "", "a\nb"},
		{"blanks around", http.MethodPost, "", "test=%0A+a%01b%0A", "a\x01b"},
		{"end", http.MethodPost, "", "test=", ""},
		{"longest", http.MethodPost, "", "test=" + strings.Repeat("%C3%BC", maxName/2), strings.Repeat("ü", maxName/2)},
		{"longest by GET", http.MethodGet, "?test=" + strings.Repeat("%C3%BC", maxName/2), "", strings.Repeat("ü", maxName/2)},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w := newWorld(t, nil)
			status, text, err := ask(tt.method, w.url(tt.query), formType, strings.NewReader(tt.body))
			must(t, err)
			if status != http.StatusNoContent || text != "" {
				t.Fatalf("%d %q, want 204", status, text)
			}
			if got := w.only().test; got != tt.want {
				t.Errorf("test %q, want %q", got, tt.want)
			}
		})
	}
}

func TestRefusedMarksSayWhatWasExpected(t *testing.T) {
	long := strings.Repeat("x", maxName+1)
	tooLong := strings.Repeat("x", maxBody+1)
	w := newWorld(t, nil)
	other := strings.Replace(w.URL(), w.token, strings.Repeat("x", len(w.token)), 1)
	for _, tt := range []struct {
		name, method, url, contentType, body string
		status                               int
		want                                 string
	}{
		{"no test", "POST", w.url(""), formType, "pid=1", 400, `no parameter "test" in the query, nor in a body of type "application/x-www-form-urlencoded"; want test=NAME`},
		{"another form", "POST", w.url(""), "application/json", `{"test":"x"}`, 400, `in a body of type "application/json"`},
		{"pid no number", "GET", w.url("?test=x&pid=x7"), "", "", 400, `pid "x7": want the number of a process`},
		{"pid 0", "GET", w.url("?test=x&pid=0"), "", "", 400, `pid "0": want`},
		{"pid too large", "GET", w.url("?test=x&pid=4294967297"), "", "", 400, `pid "4294967297": want`},
		{"a name that was not encoded", "POST", w.url(""), formType, "test=a & b", 400, `parameter " b": want test or pid; curl --data-urlencode`},
		{"two tests", "POST", w.url("?test=a"), formType, "test=b", 400, `parameter "test": is there 2 times, want it once`},
		{"bad encoding", "POST", w.url(""), formType, "test=100%", 400, `invalid URL escape "%"; want them URL-encoded`},
		{"long name", "POST", w.url(""), formType, "test=" + long, 400, "the test's name has 16385 bytes, want at most 16384"},
		{"long body", "POST", w.url(""), formType, tooLong, 413, "the body is too long, want at most 65536 bytes"},
		{"long body of another type", "POST", w.url("?test=x"), "text/plain", tooLong, 413, "the body is too long, want at most 65536 bytes"},
		{"another token", "GET", other + "/e2e/mark?test=x", "", "", 404, "want $E2ETAP_URL/e2e/mark"},
		{"no token", "GET", strings.TrimSuffix(w.URL(), w.token) + "e2e/mark?test=x", "", "", 404, "want $E2ETAP_URL/e2e/mark"},
		{"another path", "GET", w.URL() + "/e2e/marks?test=x", "", "", 404, "want $E2ETAP_URL/e2e/mark"},
		{"another method", "PUT", w.url("?test=x"), "", "", 405, `method "PUT": want POST or GET`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			status, text, err := ask(tt.method, tt.url, tt.contentType, strings.NewReader(tt.body))
			must(t, err)
			if status != tt.status || !strings.Contains(text, tt.want) || !strings.HasPrefix(text, "e2etap: ") {
				t.Errorf("%d %q, want %d %q", status, text, tt.status, tt.want)
			}
			if strings.Contains(text, w.token) {
				t.Errorf("%q tells the token", text)
			}
		})
	}
	if len(w.marks) > 0 {
		t.Errorf("marks %v, want none", w.marks)
	}
}

// A body whose length is not told is not read to its end.
func TestLongBodyInChunksIsRefused(t *testing.T) {
	w := newWorld(t, nil)
	body := struct{ *strings.Reader }{strings.NewReader("test=" + strings.Repeat("x", maxBody))}
	status, text, err := ask(http.MethodPost, w.url(""), formType, body)
	must(t, err)
	if status != http.StatusRequestEntityTooLarge || !strings.Contains(text, "want at most 65536 bytes") {
		t.Errorf("%d %q, want 413", status, text)
	}
}

func TestRefusedMethodNamesTheOthers(t *testing.T) {
	w := newWorld(t, nil)
	req, err := http.NewRequest(http.MethodDelete, w.url("?test=x"), nil)
	must(t, err)
	res, err := (&http.Transport{DisableKeepAlives: true}).RoundTrip(req)
	must(t, err)
	defer res.Body.Close()
	if got := res.Header.Get("Allow"); got != "GET, POST" {
		t.Errorf("Allow %q, want GET, POST", got)
	}
}

func FuzzRead(f *testing.F) {
	f.Add("test=a&pid=7", "")
	f.Add("test=%00%ff\n", "pid=")
	f.Add("a;b", "test=%")
	f.Fuzz(func(t *testing.T, body, query string) {
		r := httptest.NewRequest(http.MethodPost, "/", strings.NewReader(body))
		r.Header.Set("Content-Type", formType)
		r.URL.RawQuery = query
		o, err := read(httptest.NewRecorder(), r)
		if err == nil && (len(o.test) > maxName || o.test != strings.TrimSpace(o.test) || o.pid < 0) {
			t.Errorf("%q and %q: %+v", query, body, o)
		}
	})
}

func FuzzNamesArriveAsTheyAre(f *testing.F) {
	f.Add("a & b=c;d + ü\n\x00\xff")
	f.Fuzz(func(t *testing.T, name string) {
		r := httptest.NewRequest(http.MethodGet, "/?"+url.Values{"test": {name}}.Encode(), nil)
		o, err := read(httptest.NewRecorder(), r)
		switch want := strings.TrimSpace(name); {
		case len(want) > maxName && err == nil:
			t.Errorf("took %d bytes", len(want))
		case len(want) <= maxName && (err != nil || o.test != want):
			t.Errorf("%q, %v; want %q", o.test, err, want)
		}
	})
}
