//go:build linux

package main

import (
	"crypto/tls"
	"fmt"
	"net"
	"net/http"
	"strconv"
	"strings"
)

const apiServerCommand = "child-apiserver"

// listening is what children print before the address that they serve at.
const listening = "listening "

// answerSize is about that of a pod.
const answerSize = 2048

// serveAPI plays the API server: HTTP/2 over TLS, with answers of one size and the headers of kube-apiserver's.
func serveAPI(args []string) error {
	pair, err := loadKeys(args[0])
	if err != nil {
		return err
	}
	answer := podOfSize(answerSize)
	return serveTLS(pair, func(w http.ResponseWriter, r *http.Request) {
		body := answer
		if r.URL.Path == "/version" {
			body = `{"major":"1","minor":"37","gitVersion":"v1.37.2"}`
		}
		h := w.Header()
		h.Set("Audit-Id", "0198c0de-0000-7000-8000-000000000000")
		h.Set("Cache-Control", "no-cache, private")
		h.Set("Content-Type", "application/json")
		h.Set("X-Kubernetes-Pf-Flowschema-Uid", "7f4c1d9e-6a0f-4b7e-9a55-3f7f0f0b9f4e")
		h.Set("X-Kubernetes-Pf-Prioritylevel-Uid", "e1c1b3f2-53a9-4f0a-8ad1-6a1f0a5c8d11")
		h.Set("Content-Length", strconv.Itoa(len(body)))
		w.Write([]byte(body))
	})
}

func podOfSize(size int) string {
	const head, tail = `{"kind":"Pod","apiVersion":"v1","metadata":{"annotations":{"filler":"`, `"}}}`
	return head + strings.Repeat("x", size-len(head)-len(tail)) + tail
}

// serveTLS serves HTTP/2 at a free port of the loopback interface, whose address it prints, until the process ends.
func serveTLS(pair tls.Certificate, handler http.HandlerFunc) error {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	fmt.Println(listening + l.Addr().String())
	s := &http.Server{
		Handler: handler,
		TLSConfig: &tls.Config{
			Certificates: []tls.Certificate{pair},
			ClientAuth:   tls.RequestClientCert, // as kube-apiserver does
		},
	}
	return s.ServeTLS(l, "", "")
}
