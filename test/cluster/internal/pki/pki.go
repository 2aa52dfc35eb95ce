// Package pki makes the certificates and keys of one short-lived cluster. Nothing here outlives the cluster, so nothing
// is renewed or revoked.
package pki

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"time"
)

// lifetime is longer than any test run, and short enough for a forgotten key to be worthless.
const lifetime = 30 * 24 * time.Hour

// A Folder is where certificates and keys are written. After a first error nothing more is made; ask Err in the end.
type Folder struct {
	dir string
	err error
}

// NewFolder makes the folder, for its owner only.
func NewFolder(dir string) *Folder {
	return &Folder{dir: dir, err: os.Mkdir(dir, 0o700)}
}

// Err returns the first error.
func (f *Folder) Err() error { return f.err }

// A Pair names the PEM files of a certificate and of its key.
type Pair struct{ Cert, Key string }

// An Authority signs certificates.
type Authority struct {
	Pair
	folder *Folder
	cert   *x509.Certificate
	key    *ecdsa.PrivateKey
}

// Authority makes an authority; its files are called by its name.
func (f *Folder) Authority(name string) *Authority {
	template := &x509.Certificate{
		Subject:               pkix.Name{CommonName: name},
		IsCA:                  true,
		BasicConstraintsValid: true,
		KeyUsage:              x509.KeyUsageCertSign | x509.KeyUsageDigitalSignature,
	}
	a := &Authority{folder: f, key: f.newKey()}
	a.Pair, a.cert = f.sign(name, template, template, a.key, a.key)
	return a
}

// Client makes a client certificate for the user and the groups; file names its files.
func (a *Authority) Client(file, user string, groups ...string) Pair {
	return a.issue(file, &x509.Certificate{
		Subject:     pkix.Name{CommonName: user, Organization: groups},
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth},
	})
}

// Server makes a server certificate for the names and addresses; file names its files.
func (a *Authority) Server(file string, names []string, ips ...net.IP) Pair {
	return a.issue(file, &x509.Certificate{
		Subject:     pkix.Name{CommonName: file},
		DNSNames:    names,
		IPAddresses: ips,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	})
}

func (a *Authority) issue(file string, template *x509.Certificate) Pair {
	template.KeyUsage = x509.KeyUsageDigitalSignature
	pair, _ := a.folder.sign(file, template, a.cert, a.folder.newKey(), a.key)
	return pair
}

// KeyPair makes a key without a certificate, for the tokens of service accounts. Its Cert is the public key, which
// kube-apiserver does not find in a private key that is encoded as PKCS #8.
func (f *Folder) KeyPair(name string) Pair {
	key := f.newKey()
	if f.err != nil {
		return Pair{}
	}
	public, err := x509.MarshalPKIXPublicKey(key.Public())
	if err != nil {
		f.err = fmt.Errorf("encode public key %s: %w", name, err)
	}
	return Pair{Cert: f.writePEM(name+".pub", "PUBLIC KEY", public), Key: f.writeKey(name, key)}
}

func (f *Folder) newKey() *ecdsa.PrivateKey {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil && f.err == nil {
		f.err = fmt.Errorf("make key: %w", err)
	}
	return key
}

// sign completes the template, signs it for key by the parent, and writes certificate and key.
func (f *Folder) sign(file string, template, parent *x509.Certificate, key, parentKey *ecdsa.PrivateKey) (Pair, *x509.Certificate) {
	if f.err != nil {
		return Pair{}, nil
	}
	serial, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 127))
	if err != nil {
		f.err = fmt.Errorf("draw serial number: %w", err)
		return Pair{}, nil
	}
	template.SerialNumber = serial
	// The minute is for a clock that is set back while the cluster runs.
	template.NotBefore = time.Now().Add(-time.Minute)
	template.NotAfter = time.Now().Add(lifetime)
	der, err := x509.CreateCertificate(rand.Reader, template, parent, key.Public(), parentKey)
	if err != nil {
		f.err = fmt.Errorf("sign certificate %s: %w", file, err)
		return Pair{}, nil
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		f.err = fmt.Errorf("parse certificate %s: %w", file, err)
		return Pair{}, nil
	}
	return Pair{Cert: f.writePEM(file+".crt", "CERTIFICATE", der), Key: f.writeKey(file, key)}, cert
}

func (f *Folder) writeKey(name string, key *ecdsa.PrivateKey) string {
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil && f.err == nil {
		f.err = fmt.Errorf("encode key %s: %w", name, err)
	}
	return f.writePEM(name+".key", "PRIVATE KEY", der)
}

func (f *Folder) writePEM(name, kind string, der []byte) string {
	path := filepath.Join(f.dir, name)
	if f.err == nil {
		f.err = os.WriteFile(path, pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}), 0o600)
	}
	return path
}
