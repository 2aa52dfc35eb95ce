package upstream

import (
	"crypto/sha256"
	"encoding/pem"
	"os"
	"slices"
)

// Fingerprint is the SHA-256 of a certificate's DER bytes.
type Fingerprint [sha256.Size]byte

// CertificateUsers maps the fingerprints of the client certificates in the kubeconfig to the users they belong to.
// Files are read now: a certificate that rotates later is not found. Users whose file cannot be read are left out; they
// fail in client-go with its own words.
func (c *Config) CertificateUsers() map[Fingerprint]string {
	users := map[Fingerprint]string{}
	for _, name := range slices.Backward(c.Users()) { // the first of several with one certificate counts
		user := c.raw.AuthInfos[name]
		data := user.ClientCertificateData
		if len(data) == 0 && user.ClientCertificate != "" {
			data, _ = os.ReadFile(user.ClientCertificate)
		}
		if block, _ := pem.Decode(data); block != nil {
			users[sha256.Sum256(block.Bytes)] = name
		}
	}
	return users
}
