package main

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
)

// auditWebhook is "proxy audit-webhook" that runs, and how an API server finds it.
type auditWebhook struct {
	*process
	out    string
	config *rest.Config
}

// auditWebhook starts one, with other commands before its own.
func (b *bench) auditWebhook(before ...string) *auditWebhook {
	b.t.Helper()
	w := &auditWebhook{out: filepath.Join(b.dir, "audit.log")}
	command := append(before, "proxy", "audit-webhook")
	w.process = b.start(command[0], command[1:]...)
	w.eventually("what to pass to the API server", func() bool { return strings.Contains(w.stderr.String(), "--audit-webhook-batch-max-wait=1s") })
	config, err := clientcmd.BuildConfigFromFlags("", filepath.Join(b.dir, "audit-webhook.kubeconfig"))
	must(b.t, err)
	w.config = config
	return w
}

// post sends events as an API server does, and returns the status.
func (w *auditWebhook) post(config *rest.Config, items string) (int, error) {
	client, err := rest.HTTPClientFor(config)
	if err != nil {
		return 0, err
	}
	defer client.CloseIdleConnections()
	body := `{"kind":"EventList","apiVersion":"audit.k8s.io/v1","metadata":{},"items":[` + items + `]}`
	res, err := client.Post(config.Host, "application/json", strings.NewReader(body))
	if err != nil {
		return 0, err
	}
	_, err = io.Copy(io.Discard, res.Body)
	res.Body.Close()
	return res.StatusCode, err
}

func (w *auditWebhook) mustPost(want int, items string) {
	w.t.Helper()
	if status, err := w.post(w.config, items); err != nil || status != want {
		w.t.Fatalf("status %d, %v; want %d\nstderr: %s", status, err, want, w.stderr.String())
	}
}

func kept(id string) string {
	return fmt.Sprintf(`{"kind":"Event","apiVersion":"audit.k8s.io/v1","auditID":%q}`+"\n", id)
}

func fileIs(t *testing.T, path, want string) {
	t.Helper()
	got, err := os.ReadFile(path)
	must(t, err)
	if string(got) != want {
		t.Errorf("%s has %q, want %q", path, got, want)
	}
}

func TestAuditWebhookKeepsWhatAnAPIServerSends(t *testing.T) {
	t.Parallel()
	for _, sig := range []syscall.Signal{syscall.SIGINT, syscall.SIGTERM} {
		b := newBench(t, nil)
		w := b.auditWebhook()
		w.mustPost(http.StatusOK, `{"auditID":"1","requestObject":{"data":"hidden"}},{"auditID":"2"}`)
		w.mustPost(http.StatusOK, `{"auditID":"3"}`)
		fileIs(t, w.out, kept("1")+kept("2")+kept("3"))
		w.signal(sig)
		w.ends(0)
		contains(t, w.stderr.String(), "e2etap: wrote 3 events in 2 batches to audit.log; next: report import-audit audit.log",
			"--audit-webhook-config-file="+filepath.Join(b.dir, "audit-webhook.kubeconfig"), "--audit-policy-file=")
		for _, path := range []string{w.out, filepath.Join(b.dir, "audit-webhook.kubeconfig")} {
			info, err := os.Stat(path)
			must(t, err)
			if info.Mode().Perm() != 0o600 {
				t.Errorf("%s has mode %v, want 0600", path, info.Mode())
			}
		}
		if strings.Contains(w.stderr.String(), w.config.BearerToken) || w.stdout.String() != "" {
			t.Errorf("stdout %q, and stderr may tell the token: %s", w.stdout.String(), w.stderr.String())
		}
	}
}

func TestAuditWebhookTakesTheTokenOfItsStartOnly(t *testing.T) {
	t.Parallel()
	b := newBench(t, nil)
	first := b.auditWebhook()
	first.signal(syscall.SIGTERM)
	first.ends(0)
	w := b.auditWebhook() // writes over what the first has left
	for name, token := range map[string]string{"none": "", "the first one's": first.config.BearerToken} {
		config := rest.CopyConfig(w.config)
		config.BearerToken = token
		if status, err := w.post(config, `{"auditID":"1"}`); err != nil || status != http.StatusUnauthorized {
			t.Errorf("token: %s: status %d, %v", name, status, err)
		}
	}
	if bytes.Equal(first.config.CAData, w.config.CAData) {
		t.Error("both have the same CA")
	}
	fileIs(t, w.out, "")
}

func TestAuditWebhookHasKeptWhatItAnsweredWhenItIsKilled(t *testing.T) {
	t.Parallel()
	b := newBench(t, nil)
	w := b.auditWebhook()
	w.mustPost(http.StatusOK, `{"auditID":"1"}`)
	w.signal(syscall.SIGKILL)
	w.code()
	again := b.auditWebhook() // its lock is gone
	again.mustPost(http.StatusOK, `{"auditID":"2"}`)
	fileIs(t, w.out, kept("1")+kept("2"))
}

// limited's limit of a file's size fails a write half-way, as a full disk does.
func TestAuditWebhookRefusesWhatItCannotWrite(t *testing.T) {
	t.Parallel()
	b := newBench(t, nil)
	large := `{"auditID":"large","userAgent":"` + strings.Repeat("x", 64<<10) + `"}`
	w := b.auditWebhook("limited", "32768")
	w.mustPost(http.StatusOK, `{"auditID":"1"}`)
	w.mustPost(http.StatusInternalServerError, large)
	w.mustPost(http.StatusOK, `{"auditID":"2"}`)
	fileIs(t, w.out, kept("1")+kept("2"))
	w.signal(syscall.SIGTERM)
	w.ends(0)
	contains(t, w.stderr.String(), "e2etap: refused a batch: append 1 events: write audit.log: file too large", "wrote 2 events")
}

func TestAuditWebhooksDoNotShareALog(t *testing.T) {
	t.Parallel()
	b := newBench(t, nil)
	b.auditWebhook()
	p := b.start("proxy", "audit-webhook", "--kubeconfig-out", "other.kubeconfig")
	p.ends(1)
	contains(t, p.stderr.String(), "--out: open audit.log: another process is writing to it")
}
