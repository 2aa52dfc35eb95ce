package main

import (
	"encoding/pem"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// api is a small API server: it has pods in every namespace, one of them slow, and can watch them.
type api struct {
	*httptest.Server
	token string // of the kubeconfig's user
	mute  bool   // it documents nothing

	mu   sync.Mutex
	seen []*http.Request
}

func newAPI(t *testing.T) *api {
	a := unstartedAPI(t)
	a.StartTLS()
	return a
}

func unstartedAPI(t *testing.T) *api {
	a := &api{token: "upstream-token"}
	a.Server = httptest.NewUnstartedServer(a)
	a.EnableHTTP2 = true
	a.Config.ErrorLog = log.New(io.Discard, "", 0)
	t.Cleanup(func() {
		a.CloseClientConnections()
		a.Close()
	})
	return a
}

// refusing is an address that refuses connections until listen is called. Its port is taken all the time: one that was
// only free a moment ago can be anybody's.
func refusing(t *testing.T) (address string, listen func() net.Listener) {
	t.Helper()
	fd, err := syscall.Socket(syscall.AF_INET, syscall.SOCK_STREAM, 0)
	must(t, err)
	syscall.CloseOnExec(fd)
	file := os.NewFile(uintptr(fd), "socket")
	t.Cleanup(func() { file.Close() })
	must(t, syscall.Bind(fd, &syscall.SockaddrInet4{Addr: [4]byte{127, 0, 0, 1}}))
	bound, err := syscall.Getsockname(fd)
	must(t, err)
	return fmt.Sprintf("127.0.0.1:%d", bound.(*syscall.SockaddrInet4).Port), func() net.Listener {
		must(t, syscall.Listen(fd, syscall.SOMAXCONN))
		l, err := net.FileListener(file)
		must(t, err)
		return l
	}
}

func (a *api) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "application/json")
	if strings.HasPrefix(r.URL.Path, "/openapi/") && r.UserAgent() == "e2etap" {
		if a.mute {
			w.WriteHeader(http.StatusForbidden)
		}
		io.WriteString(w, a.document(r.URL.Path))
		return
	}
	a.mu.Lock()
	a.seen = append(a.seen, r)
	a.mu.Unlock()
	io.Copy(io.Discard, r.Body)
	switch {
	case r.URL.Path == "/version":
		io.WriteString(w, `{"gitVersion":"v1.37.2"}`)
	case r.URL.Query().Get("watch") != "":
		io.WriteString(w, `{"type":"ADDED","object":{}}`+"\n")
		http.NewResponseController(w).Flush()
		<-r.Context().Done()
	case strings.HasSuffix(r.URL.Path, "/slow"):
		select {
		case <-time.After(200 * time.Millisecond):
		case <-r.Context().Done():
		}
		io.WriteString(w, `{}`)
	case strings.Contains(r.URL.Path, "/missing"), r.URL.Path == "/e2e/mark":
		w.WriteHeader(http.StatusNotFound)
		io.WriteString(w, `{}`)
	default:
		io.WriteString(w, `{"kind":"PodList","items":[]}`)
	}
}

// document is what it says of itself: its index, and the one document that this names, of two operations.
func (a *api) document(path string) string {
	if path == "/openapi/v3" {
		return `{"paths": {"api/v1": {"serverRelativeURL": "/openapi/v3/api/v1"}}}`
	}
	return `{"openapi": "3.0.0", "paths": {"/api/v1/namespaces/{namespace}/pods": {
		"get": {"operationId": "listCoreV1NamespacedPod"}, "post": {"operationId": "createCoreV1NamespacedPod"}}}}`
}

// requests counts what has arrived, but for the question for the version.
func (a *api) requests() (n int) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, r := range a.seen {
		if r.URL.Path != "/version" {
			n++
		}
	}
	return n
}

// kubeconfig has two contexts; main is its current one.
func (a *api) kubeconfig() []byte {
	return kubeconfigFor(a.URL, caOf(a), fmt.Sprintf("{token: %q}", a.token))
}

func caOf(a *api) []byte {
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: a.Certificate().Raw})
}

func kubeconfigFor(server string, ca []byte, user string) []byte {
	return fmt.Appendf(nil, `apiVersion: v1
kind: Config
current-context: main
contexts:
- {name: main, context: {cluster: fake, user: admin, namespace: default}}
- {name: other, context: {cluster: fake, user: admin}}
clusters:
- {name: fake, cluster: {server: %q, certificate-authority-data: %q}}
users:
- {name: admin, user: %s}
`, server, base64Std(ca), user)
}
