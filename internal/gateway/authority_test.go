package gateway

import (
	"crypto/ecdsa"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"os"
	"sync"
	"testing"

	"e2etap/internal/upstream"
)

func TestLeafIsForLoopbackAndMadeOnce(t *testing.T) {
	a, err := newAuthority()
	must(t, err)
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(a.pem)
	for _, host := range []string{"127.0.0.1", "localhost", "::1", "api.example.com"} {
		var group sync.WaitGroup
		certs := make([]*tls.Certificate, 8)
		for i := range certs {
			group.Go(func() { certs[i], _ = a.leaf(host) })
		}
		group.Wait()
		for _, c := range certs {
			if c == nil || c != certs[0] {
				t.Fatalf("%s: made more than once", host)
			}
		}
		leaf, err := x509.ParseCertificate(certs[0].Certificate[0])
		must(t, err)
		if _, err := leaf.Verify(x509.VerifyOptions{Roots: roots, DNSName: host}); err != nil {
			t.Errorf("%s: %v", host, err)
		}
		if _, ok := leaf.PublicKey.(*ecdsa.PublicKey); !ok {
			t.Errorf("%s: key %T", host, leaf.PublicKey)
		}
	}
}

func TestEachRunHasItsOwnCA(t *testing.T) {
	a, err := newAuthority()
	must(t, err)
	b, err := newAuthority()
	must(t, err)
	if string(a.pem) == string(b.pem) {
		t.Error("two runs share a CA")
	}
	block, rest := pem.Decode(a.pem)
	if block == nil || block.Type != "CERTIFICATE" || len(rest) > 0 {
		t.Errorf("what is given to clients: %s", a.pem)
	}
}

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
