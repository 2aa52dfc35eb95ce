// Package authority makes the certificate authority of one run, and the certificates of what it listens at. The key never leaves the
// process, and nothing is written anywhere: who is to trust it gets its PEM. It does not listen, and verifies nobody.
package authority

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"math/big"
	"sync"
	"time"

	"github.com/elazarl/goproxy"
)

// Lifetime is how long an authority's certificates are good: longer than any run. The key is gone with the process.
const Lifetime = 30 * 24 * time.Hour

// Authority is the certificate authority of one run. Its methods may be called concurrently.
type Authority struct {
	pem   []byte
	sign  func(host string, ctx *goproxy.ProxyCtx) (*tls.Config, error)
	proxy *goproxy.ProxyHttpServer

	mu     sync.Mutex
	leaves map[string]*tls.Certificate
}

// New makes an authority with a key of its own.
func New() (*Authority, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, fmt.Errorf("make the run's CA key: %w", err)
	}
	serial, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 127))
	if err != nil {
		return nil, fmt.Errorf("make the run's CA serial number: %w", err)
	}
	template := &x509.Certificate{
		SerialNumber:          serial,
		Subject:               pkix.Name{CommonName: "e2etap run " + serial.Text(16)[:8]},
		NotBefore:             time.Now().Add(-time.Hour), // clocks of containers differ
		NotAfter:              time.Now().Add(Lifetime),
		KeyUsage:              x509.KeyUsageCertSign,
		IsCA:                  true,
		BasicConstraintsValid: true,
		MaxPathLenZero:        true,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		return nil, fmt.Errorf("sign the run's CA: %w", err)
	}
	ca := tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}
	if ca.Leaf, err = x509.ParseCertificate(der); err != nil {
		return nil, fmt.Errorf("parse the run's CA: %w", err)
	}
	return &Authority{
		pem:    pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}),
		sign:   goproxy.TLSConfigFromCA(&ca),
		proxy:  goproxy.NewProxyHttpServer(),
		leaves: map[string]*tls.Certificate{},
	}, nil
}

// PEM returns the authority's certificate, for who is to trust it.
func (a *Authority) PEM() []byte { return a.pem }

// Leaf returns the certificate for a host name or address, signed on its first use.
func (a *Authority) Leaf(host string) (*tls.Certificate, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if cert, ok := a.leaves[host]; ok {
		return cert, nil
	}
	config, err := a.sign(host, &goproxy.ProxyCtx{Proxy: a.proxy})
	if err != nil {
		return nil, fmt.Errorf("sign a certificate for %q: %w", host, err)
	}
	a.leaves[host] = &config.Certificates[0]
	return a.leaves[host], nil
}
