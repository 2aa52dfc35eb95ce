package web

import (
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"encoding/json"
	"io"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"e2etap/internal/db"
	"e2etap/internal/traffic"
	"e2etap/internal/view"
)

const evil = `</script><script>alert("1")</script> & 'quotes' <!--`

// recorded is a run with one test.
func recorded(t *testing.T, test string) (*db.Reader, db.RunInfo) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "e2e.db")
	start := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	rec, err := db.Create(path, traffic.Run{Name: "run " + test, Start: start, Command: []string{test}}, db.Options{})
	if err != nil {
		t.Fatal(err)
	}
	q := traffic.Request{
		Start: start, Duration: time.Millisecond, Method: "GET", Path: "/api/v1/pods", Status: 200, API: traffic.API{Verb: "list", Version: "v1", Resource: "pods"},
		Attribution: traffic.Attribution{Test: test, Source: traffic.SourceHeader},
	}
	if err := rec.Finish(&q); err != nil {
		t.Fatal(err)
	}
	if err := rec.Close(traffic.RunEnd{End: start.Add(time.Minute)}); err != nil {
		t.Fatal(err)
	}
	r, err := db.OpenReader(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { r.Close() })
	info, err := r.Run(db.LatestRun)
	if err != nil {
		t.Fatal(err)
	}
	return r, info
}

// written is the file of a run with one test.
func written(t *testing.T, test string) string {
	t.Helper()
	r, info := recorded(t, test)
	var b bytes.Buffer
	ticks := 0
	if err := Write(&b, r, info, nil, func() { ticks++ }); err != nil {
		t.Fatal(err)
	}
	if ticks != 1 {
		t.Errorf("%d ticks, want one for each request", ticks)
	}
	return b.String()
}

// unpacked is the data of a block.
func unpacked(t *testing.T, page, id string) []byte {
	t.Helper()
	found := regexp.MustCompile(`<script type="application/octet-stream" id="` + id + `">([^<]*)</script>`).FindStringSubmatch(page)
	if found == nil {
		t.Fatalf("no block %q", id)
	}
	packed, err := gzip.NewReader(base64.NewDecoder(base64.StdEncoding, strings.NewReader(found[1])))
	if err != nil {
		t.Fatal(err)
	}
	data, err := io.ReadAll(packed)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func TestFileHasTheRun(t *testing.T) {
	page := written(t, evil)
	var model view.Model
	if err := json.Unmarshal(unpacked(t, page, "model"), &model); err != nil {
		t.Fatal(err)
	}
	if len(model.Tests) != 1 || model.Tests[0].Name != evil || len(model.Tests[0].Chunks) != 1 || model.Tests[0].Chunks[0] != 0 {
		t.Errorf("tests %+v, want one with the block r0", model.Tests)
	}
	for _, id := range []string{"activity", "unattributed", "audited", "operations", "r0"} {
		if len(unpacked(t, page, id)) == 0 {
			t.Errorf("block %q is empty", id)
		}
	}
}

func TestNoNameBecomesMarkup(t *testing.T) {
	page := written(t, evil)
	if strings.Contains(page, evil) || strings.Contains(page, "<script>alert") {
		t.Error("a name is in the page as it is")
	}
	if plain := written(t, "plain"); strings.Count(page, "<script") != strings.Count(plain, "<script") {
		t.Error("a name changes how many scripts there are")
	}
}

func TestPageAllowsItsOwnScriptOnly(t *testing.T) {
	page := written(t, "plain")
	policy := regexp.MustCompile(`http-equiv="Content-Security-Policy" content="([^"]*)"`).FindStringSubmatch(page)
	if policy == nil || !strings.HasPrefix(policy[1], "default-src &#39;none&#39;; script-src &#39;sha256-") || strings.Contains(policy[1], "unsafe") {
		t.Fatalf("policy %q", policy)
	}
	if found := regexp.MustCompile(`(?i)(src|href)="(https?:)?//`).FindString(page); found != "" {
		t.Errorf("the page loads something from elsewhere: %s", found)
	}
}

// An inline script ends where "</script" is, and may not begin a comment that hides its end.
func TestApplicationCanStandInAPage(t *testing.T) {
	for _, b := range [][]byte{Script(), Style()} {
		lower := strings.ToLower(string(b))
		for _, end := range []string{"</script", "<!--", "</style"} {
			if strings.Contains(lower, end) {
				t.Errorf("the application has %q in it", end)
			}
		}
		if len(b) == 0 {
			t.Error("the application is empty: make ui builds it")
		}
	}
}

// disk is a file on a disk that has so many bytes left.
type disk struct{ left int }

func (d *disk) Write(b []byte) (int, error) {
	if d.left -= len(b); d.left < 0 {
		return 0, io.ErrShortWrite
	}
	return len(b), nil
}

func TestErrorsOfTheFileAreTold(t *testing.T) {
	r, info := recorded(t, "plain")
	var whole bytes.Buffer
	if err := Write(&whole, r, info, nil, func() {}); err != nil {
		t.Fatal(err)
	}
	for _, size := range []int{0, whole.Len() / 2, whole.Len() - 1} {
		if err := Write(&disk{size}, r, info, nil, func() {}); err == nil {
			t.Errorf("no error on a disk of %d bytes for %d", size, whole.Len())
		}
	}
}
