package gateway

import (
	"crypto/tls"
	"os"
	"testing"

	"e2etap/internal/upstream"
)

// The CA's key lives in memory only: neither the temporary nor the working folder gets a file.
func TestNothingIsWrittenToDisk(t *testing.T) {
	a := newAPIServer(t, nil)
	temporary, working := t.TempDir(), t.TempDir()
	inBothModes(t, func(t *testing.T, mode upstream.Mode) {
		w := setup{mode: mode}.run(t, a) // writes the kubeconfig, elsewhere
		t.Setenv("TMPDIR", temporary)
		t.Setenv("HOME", temporary)
		t.Chdir(working)
		w.get(w.client(), "/x")
		w.stop()
	})
	for _, dir := range []string{temporary, working} {
		entries, err := os.ReadDir(dir)
		must(t, err)
		if len(entries) > 0 {
			t.Errorf("%s has %v", dir, entries)
		}
	}
}

func TestClientWithTLS12Works(t *testing.T) {
	w := newWorld(t, nil)
	for _, name := range []string{"127.0.0.1", "localhost"} {
		c := w.dialTLS(func(c *tls.Config) { c.MaxVersion, c.ServerName = tls.VersionTLS12, name })
		res := w.raw(c, "GET /x HTTP/1.1\r\nHost: "+w.host()+"\r\nAuthorization: "+w.bearer()+"\r\n\r\n")
		if res.StatusCode != 200 || c.(*tls.Conn).ConnectionState().Version != tls.VersionTLS12 {
			t.Errorf("%s: %s", name, res.Status)
		}
	}
	if _, err := tls.Dial("tcp", w.host(), &tls.Config{InsecureSkipVerify: true, MaxVersion: tls.VersionTLS11}); err == nil {
		t.Error("TLS 1.1 is taken")
	}
}
