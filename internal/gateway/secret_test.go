package gateway

import (
	"context"
	"encoding/base64"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"k8s.io/client-go/rest"

	"e2etap/internal/upstream"
)

const canary = "canary7f3a"

// requestsWithCanaries are requests that carry what must not be kept, in every place where a client may put it.
func (w *world) requestsWithCanaries() []*http.Request {
	exec := "/api/v1/namespaces/ns/pods/p/exec?command=sh&command=-c&command=echo+" + canary + "&stdin=true"
	protocol := "base64url.bearer.authorization.k8s.io." + base64.RawURLEncoding.EncodeToString([]byte("sa-"+canary))
	var all []*http.Request
	add := func(method, path string, body string, header ...string) {
		r := request(w.t, method, w.url(path), strings.NewReader(body))
		for i := 0; i < len(header); i += 2 {
			r.Header.Set(header[i], header[i+1])
		}
		all = append(all, r)
	}
	add("GET", "/api/v1/pods", "", "Authorization", "Bearer sa-"+canary)
	add("GET", "/api/v1/pods", "", "Authorization", "Basic "+canary)
	add("GET", "/api/v1/pods", "", "Cookie", "session="+canary)
	add("POST", "/api/v1/namespaces/ns/secrets", canary, "Content-Type", "application/json")
	add("POST", exec, "", "Connection", "Upgrade", "Upgrade", "SPDY/3.1")
	add("GET", exec, "", "Connection", "Upgrade", "Upgrade", "websocket", "Sec-WebSocket-Protocol", "v5.channel.k8s.io, "+protocol)
	add("GET", exec, "")
	add("GET", "/api/v1/pods?continue="+canary+"&resourceVersion="+canary, "")
	add("GET", "/api/v1/namespaces/ns/pods/p/proxy/x?labelSelector="+canary, "")
	return all
}

// No secret of a request is in what is recorded or logged, whether it succeeds, fails or is refused.
func TestSecretsAreNeitherRecordedNorLogged(t *testing.T) {
	handlers := map[string]http.HandlerFunc{
		"answered": func(rw http.ResponseWriter, r *http.Request) {
			io.Copy(io.Discard, r.Body)
			rw.Header().Set("Set-Cookie", "session="+canary)
			io.WriteString(rw, canary)
		},
		"upgraded": func(rw http.ResponseWriter, r *http.Request) {
			if r.Header.Get("Upgrade") == "" {
				return
			}
			rw.Header().Set("Connection", "Upgrade")
			rw.Header().Set("Upgrade", "other/"+"1")
			rw.WriteHeader(101)
		},
		"broken": func(rw http.ResponseWriter, r *http.Request) { panic(http.ErrAbortHandler) },
	}
	for name, handle := range handlers {
		t.Run(name, func(t *testing.T) {
			inBothModes(t, func(t *testing.T, mode upstream.Mode) {
				w := worldIn(t, mode, handle)
				sendAll(w)
				w.api.kill()
				sendAll(w)
				checkNoCanary(t, w)
			})
		})
	}
}

func sendAll(w *world) {
	for _, r := range w.requestsWithCanaries() {
		ctx, cancel := context.WithTimeout(context.Background(), time.Second)
		for _, proto := range []func(*rest.Config){h1, func(*rest.Config) {}} {
			if res, err := w.client(anonymous, proto).Do(r.Clone(ctx)); err == nil {
				res.Body.Close()
			}
		}
		cancel()
	}
}

func checkNoCanary(t *testing.T, w *world) {
	t.Helper()
	w.stop()
	secrets := []string{canary, base64.RawURLEncoding.EncodeToString([]byte("sa-" + canary))[:12], w.gw.proxyToken,
		w.gw.tokens["user"], string(w.original.AuthInfos["user"].ClientKeyData)}
	kept := map[string]string{"the log": w.log.String()}
	for i, q := range w.rec.all() {
		kept[fmt.Sprintf("row %d", i)] = fmt.Sprintf("%+v", q)
	}
	if len(kept) < 10 {
		t.Fatalf("only %d rows were kept", len(kept)-1)
	}
	for where, text := range kept {
		for _, secret := range secrets {
			if strings.Contains(text, secret) {
				t.Errorf("%s has %q:\n%s", where, secret, text)
			}
		}
	}
}
