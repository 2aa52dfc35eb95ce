package audit

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"testing"

	"e2etap/internal/traffic"
)

// busyLog returns a log of n events of about 1,200 bytes: those of patches and watches, with the annotations that
// admission and authorization leave and the groups and extras of a service account.
func busyLog(n int) []byte {
	var b bytes.Buffer
	for i := range n {
		namespace, pod := fmt.Sprintf("pods-%d", i/40), fmt.Sprintf("pod-%08x", i/4*2654435761)
		fmt.Fprintf(&b, `{"kind":"Event","apiVersion":"audit.k8s.io/v1","level":"Metadata","auditID":"%08x-8d91-4cb0-a177-65f1f2be2fea",`+
			`"stage":"ResponseComplete","requestURI":"/api/v1/namespaces/%s/pods/%s/status?fieldManager=kubelet\u0026force=true\u0026timeout=10s",`+
			`"verb":"patch","user":{"username":"system:node:node-%d","uid":"b06ebd61-5fa4-4257-bbfc-a54be1edfae9",`+
			`"groups":["system:nodes","system:authenticated"],"extra":{"authentication.kubernetes.io/credential-id":["X509SHA256=%064x"]}},`+
			`"sourceIPs":["10.0.0.%d"],"userAgent":"kubelet/v1.37.2 (linux/amd64) kubernetes/0d1e2f3",`+
			`"objectRef":{"resource":"pods","namespace":"%s","name":"%s","uid":"1c5df1ee-1111-4cb0-a177-65f1f2be2fea","apiVersion":"v1",`+
			`"resourceVersion":"%d","subresource":"status"},"responseStatus":{"metadata":{},"code":200},`+
			`"requestReceivedTimestamp":"2026-11-24T16:%02d:%02d.%06dZ","stageTimestamp":"2026-11-24T16:%02d:%02d.999999Z",`+
			`"annotations":{"authorization.k8s.io/decision":"allow","authorization.k8s.io/reason":"RBAC: allowed by ClusterRoleBinding `+
			`\"system:nodes\" of ClusterRole \"system:node\" to Group \"system:nodes\"","pod-security.kubernetes.io/enforce-policy":"privileged:latest",`+
			`"mutation.webhook.admission.k8s.io/round_0_index_0":"{\"configuration\":\"injector\",\"webhook\":\"injector.example.com\",\"mutated\":false}"}}`+"\n",
			i, namespace, pod, i%50, i%50, i%50, namespace, pod, i, i/3600%60, i/60%60, i%1000000, i/3600%60, i/60%60)
	}
	return b.Bytes()
}

// The aim is 200 MB/s on one core.
func BenchmarkRead(b *testing.B) {
	log := busyLog(20_000)
	b.SetBytes(int64(len(log)))
	b.ReportAllocs()
	for b.Loop() {
		do := func(*Event) error { return nil }
		if err := Read(bytes.NewReader(log), "log", do, func(bad Broken) { b.Fatal(bad) }); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkReadAndFold(b *testing.B) {
	log := busyLog(20_000)
	b.SetBytes(int64(len(log)))
	b.ReportAllocs()
	for b.Loop() {
		folder := NewFolder(func(*traffic.Audit) error { return nil })
		if err := Read(bytes.NewReader(log), "log", folder.Add, func(bad Broken) { b.Fatal(bad) }); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkEncodingJSON is what Read's parser is measured against.
func BenchmarkEncodingJSON(b *testing.B) {
	log := busyLog(2_000)
	b.SetBytes(int64(len(log)))
	for b.Loop() {
		for decoder := json.NewDecoder(bytes.NewReader(log)); ; {
			var event reference
			if err := decoder.Decode(&event); err == io.EOF {
				break
			} else if err != nil {
				b.Fatal(err)
			}
		}
	}
}

func BenchmarkReadPretty(b *testing.B) {
	var items []json.RawMessage
	for line := range strings.Lines(string(busyLog(2_000))) {
		items = append(items, json.RawMessage(line))
	}
	log, err := json.MarshalIndent(map[string]any{"kind": "EventList", "apiVersion": "audit.k8s.io/v1", "items": items}, "", "  ")
	if err != nil {
		b.Fatal(err)
	}
	b.SetBytes(int64(len(log)))
	for b.Loop() {
		do := func(*Event) error { return nil }
		if err := Read(bytes.NewReader(log), "log", do, func(bad Broken) { b.Fatal(bad) }); err != nil {
			b.Fatal(err)
		}
	}
}
