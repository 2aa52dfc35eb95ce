package authority

import (
	"crypto/ecdsa"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"sync"
	"testing"
)

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func TestLeafIsForLoopbackAndMadeOnce(t *testing.T) {
	a, err := New()
	must(t, err)
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(a.PEM())
	for _, host := range []string{"127.0.0.1", "localhost", "::1", "api.example.com"} {
		var group sync.WaitGroup
		certs := make([]*tls.Certificate, 8)
		for i := range certs {
			group.Go(func() { certs[i], _ = a.Leaf(host) })
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
	a, err := New()
	must(t, err)
	b, err := New()
	must(t, err)
	if string(a.PEM()) == string(b.PEM()) {
		t.Error("two runs share a CA")
	}
	block, rest := pem.Decode(a.PEM())
	if block == nil || block.Type != "CERTIFICATE" || len(rest) > 0 {
		t.Errorf("what is given to clients: %s", a.PEM())
	}
}
