package main

import (
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"

	"e2etap/internal/db"
)

// forms are the ways in which a secret could be written: as it is, in hexadecimal, and in base64 at any offset.
func forms(secret string) []string {
	f := []string{secret, hex.EncodeToString([]byte(secret))}
	for _, encoding := range []*base64.Encoding{base64.RawStdEncoding, base64.RawURLEncoding} {
		for shift := range 3 {
			text := encoding.EncodeToString([]byte(strings.Repeat("x", shift) + secret))
			f = append(f, text[[]int{0, 2, 3}[shift]:len(text)-2]) // without what depends on neighbours
		}
	}
	return f
}

func TestNoSecretIsKept(t *testing.T) {
	t.Parallel()
	for _, mode := range []string{"server", "proxy-url"} {
		for _, format := range []string{"json", "text"} {
			t.Run(mode+" "+format, func(t *testing.T) {
				t.Parallel()
				testNoSecretIsKept(t, mode, format)
			})
		}
	}
}

func testNoSecretIsKept(t *testing.T, mode, format string) {
	cert, key := selfSigned(t)
	keyLine := strings.Split(string(key), "\n")[1]
	secrets := []string{"CANARY-upstream-token", keyLine, base64Std(key)[40:80]}
	api := newAPI(t)
	user := fmt.Sprintf("{token: %q, client-certificate-data: %q, client-key-data: %q}", secrets[0], base64Std(cert), base64Std(key))
	b := newBench(t, kubeconfigFor(api.URL, caOf(api), user))
	p, kubeconfig := b.serve("--mode="+mode, "--log-level=debug", "--log-format="+format)
	secrets = append(secrets, runSecrets(t, kubeconfig)...)
	secrets = append(secrets, sendSecrets(t, kubeconfig, api)...)

	p.eventually("rows in SQLite", func() bool {
		found, err := os.ReadFile(b.db + "-wal")
		return err == nil && strings.Contains(string(found), "marker-in-path")
	})
	look(t, "while it runs", b, p, secrets)
	p.signal(syscall.SIGTERM)
	p.ends(0)
	look(t, "after its end", b, p, secrets)
	if n := len(b.entries()); n < 6 {
		t.Errorf("%d rows, want all requests", n)
	}
}

// runSecrets are the credentials that the proxy has made for this run.
func runSecrets(t *testing.T, kubeconfig string) []string {
	t.Helper()
	text, err := os.ReadFile(kubeconfig)
	must(t, err)
	var secrets []string
	for _, m := range regexp.MustCompile(`token: "(.*)"|http://e2etap:(.*)@`).FindAllStringSubmatch(string(text), -1) {
		secrets = append(secrets, m[1]+m[2])
	}
	if len(secrets) != 1 {
		t.Fatalf("found %q in the kubeconfig, want one credential", secrets)
	}
	return secrets
}

// sendSecrets sends requests with secrets in all the places where clients have them, and some that fail.
func sendSecrets(t *testing.T, kubeconfig string, api *api) []string {
	t.Helper()
	send := func(path, body string, header ...string) {
		c, err := newTestClient(kubeconfig, "http/1.1")
		must(t, err)
		for i := 0; i < len(header); i += 2 {
			c.header.Set(header[i], header[i+1])
		}
		if res, err := c.do(http.MethodPost, path, body); err == nil {
			res.Body.Close()
		}
	}
	const subprotocol = "base64url.bearer.authorization.k8s.io."
	bearer := base64.RawURLEncoding.EncodeToString([]byte("CANARY-websocket-bearer"))
	send("/api/v1/namespaces/a/secrets", `{"data":"CANARY-body"}`)
	send("/api/v1/namespaces/a/pods/b/exec?command=CANARY-command&command=CANARY-argument", "")
	send("/api/v1/namespaces/a/pods/b/exec?command=CANARY-command", "", "Connection", "Upgrade", "Upgrade", "websocket",
		"Sec-WebSocket-Protocol", subprotocol+bearer+", v5.channel.k8s.io")
	send("/api/v1/pods", "", "Authorization", "Bearer CANARY-authorization", "Cookie", "session=CANARY-cookie")
	send("/api/v1/pods", "", "Authorization", "Basic "+base64Std([]byte("user:CANARY-password")))
	send("/marker-in-path?token=CANARY-query", "", "Impersonate-User", "somebody")
	api.CloseClientConnections()
	api.Listener.Close()
	send("/api/v1/namespaces/a/pods/b/exec?command=CANARY-unreachable", "CANARY-body", "Authorization", "Bearer CANARY-unreachable")
	return []string{
		"CANARY-body", "CANARY-command", "CANARY-argument", "CANARY-websocket-bearer", "CANARY-authorization",
		"CANARY-cookie", "CANARY-password", "CANARY-query", "CANARY-unreachable",
	}
}

// look searches the recording with all that belongs to it, and what the proxy said.
func look(t *testing.T, when string, b *bench, p *process, secrets []string) {
	t.Helper()
	texts := map[string]string{"stdout": p.stdout.String(), "stderr": p.stderr.String()}
	files, err := filepath.Glob(b.db + "*")
	must(t, err)
	for _, file := range files {
		content, err := os.ReadFile(file)
		must(t, err)
		texts[filepath.Base(file)] = string(content)
	}
	for name, text := range texts {
		for _, secret := range secrets {
			for _, form := range forms(secret) {
				if strings.Contains(text, form) {
					t.Errorf("%s, %s has %q as %q", when, name, secret, form)
				}
			}
		}
	}
}

// TestNoSecretOfAClientsProcessIsKept: neither of its arguments nor of its environment, while they are stored otherwise.
func TestNoSecretOfAClientsProcessIsKept(t *testing.T) {
	t.Parallel()
	api := newAPI(t)
	b := newBench(t, api.kubeconfig())
	p := b.start("proxy", "run", "--db", b.db, "--log-level=debug", "--", "sh", "-c",
		`export MY_TOKEN=CANARY-environment E2E_TEST=marked
		client -ua kept-agent -H 'Authorization: Bearer CANARY-flag' /api/v1/pods
		kubectl /api/v1/nodes -- sh -c CANARY-container-command; kubectl /api/v1/secrets --from-literal=k=CANARY-literal`)
	p.ends(0)
	look(t, "after its end", b, p, []string{"CANARY-environment", "CANARY-flag", "CANARY-container-command", "CANARY-literal"})
	r, err := db.OpenReader(b.db)
	must(t, err)
	defer r.Close()
	processes, _, err := r.Known(1)
	must(t, err)
	kept := ""
	for _, process := range processes {
		kept += strings.Join(process.Command, " ") + "\n"
	}
	contains(t, kept, "kept-agent", "Bearer REDACTED", "-- REDACTED", "--from-literal=REDACTED")
}
