package main

import (
	"context"
	"crypto/rand"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"

	"github.com/spf13/cobra"

	"e2etap/internal/authority"
	"e2etap/internal/gateway"
	"e2etap/internal/webhook"
)

// webhookOptions are the flags of audit-webhook.
type webhookOptions struct {
	listening
	out, kubeconfig string
}

func newAuditWebhookCommand() *cobra.Command {
	var o webhookOptions
	cmd := &cobra.Command{
		Use:   "audit-webhook [flags]",
		Short: "Write the audit log of an API server that sends it here",
		Long: `audit-webhook receives the audit events that kube-apiserver sends to its audit webhook and appends them to a log, from
which "report import-audit" takes them into a recording, with --follow while it is written. It writes the kubeconfig for the
API server's --audit-webhook-config-file, prints what else the API server has to be given, and runs until SIGINT or SIGTERM.

Events are kept as they were sent, without the objects of requests and responses. A batch is in the file before the API
server learns that it was taken; one that cannot be written is refused with 500, and sent again. The API server gives up
after some attempts, and when its buffer is full (--audit-webhook-batch-buffer-size).

The kubeconfig holds a token and the certificate of an authority that are made anew at every start, and are good for 30
days: the API server, which reads it when it starts, has to be started after audit-webhook. It stays when audit-webhook
ends, since an API server does not start without it. Where the API server reaches this machine by another name or
address, listen there (--allow-remote) and change the kubeconfig's server.

Exit codes: 0; 1 failure; 2 wrong usage.`,
		Example: `  proxy audit-webhook
  proxy audit-webhook --out /var/log/e2e/audit.log --kubeconfig-out /etc/kubernetes/audit-webhook.kubeconfig --listen 127.0.0.1:9443
  proxy audit-webhook --out audit.log & report import-audit --follow audit.log`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return o.run(cmd) },
	}
	f := cmd.Flags()
	f.StringVar(&o.out, "out", "audit.log", "file to append the events to, one a line")
	f.StringVar(&o.kubeconfig, "kubeconfig-out", "", "kubeconfig to write for the API server (default: audit-webhook.kubeconfig beside --out)")
	o.listening.register(f)
	noFiles := cobra.FixedCompletions(nil, cobra.ShellCompDirectiveNoFileComp)
	if err := errors.Join(cmd.MarkFlagFilename("out"), cmd.MarkFlagFilename("kubeconfig-out"),
		cmd.RegisterFlagCompletionFunc("listen", noFiles)); err != nil {
		panic(err) // a name above is misspelt
	}
	return cmd
}

func (o *webhookOptions) run(cmd *cobra.Command) error {
	if err := o.check("whoever has the kubeconfig's token may write to the log"); err != nil {
		return err
	}
	if o.kubeconfig == "" {
		o.kubeconfig = filepath.Join(filepath.Dir(o.out), "audit-webhook.kubeconfig")
	}
	if err := checkWebhookKubeconfig(o.kubeconfig); err != nil {
		return err
	}
	ctx, stop := signal.NotifyContext(cmd.Context(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	log, err := webhook.OpenLog(o.out)
	if err != nil {
		return fmt.Errorf("--out: %w", err)
	}
	return errors.Join(o.serve(ctx, log, cmd.ErrOrStderr()), log.Close())
}

// serve takes batches until ctx is done.
func (o *webhookOptions) serve(ctx context.Context, log *webhook.Log, stderr io.Writer) error {
	ca, err := authority.New()
	if err != nil {
		return err
	}
	l, err := net.Listen("tcp", o.listen)
	if err != nil {
		return err // names the address
	}
	token := rand.Text()
	h := webhook.NewHandler(webhook.Config{
		Token: token, Append: log.Append, Failed: func(err error) { fmt.Fprintf(stderr, "e2etap: refused a batch: %v\n", err) },
	})
	server := webhook.NewServer(l, certified(ca), h)
	url := "https://" + gateway.Reachable(l.Addr())
	if err := writeWebhookKubeconfig(o.kubeconfig, url, token, ca.PEM()); err != nil {
		return errors.Join(fmt.Errorf("--kubeconfig-out: %w", err), server.Close())
	}
	o.say(stderr, url)
	err = server.Run(ctx)
	events, batches := h.Kept()
	fmt.Fprintf(stderr, "e2etap: wrote %s in %s to %s; next: report import-audit %s\n",
		plural(events, "event"), batchesOf(batches), o.out, shellQuote(o.out))
	return err
}

func batchesOf(n int64) string {
	if n == 1 {
		return "1 batch"
	}
	return decimal(n) + " batches"
}

// say tells what the API server has to be given.
func (o *webhookOptions) say(stderr io.Writer, url string) {
	path, err := filepath.Abs(o.kubeconfig)
	if err != nil {
		path = o.kubeconfig
	}
	if o.remote() {
		fmt.Fprintf(stderr, "e2etap: warning: listening on %s: who has the kubeconfig's token may write to %s from any machine that reaches it\n", o.listen, o.out)
	}
	fmt.Fprintf(stderr, "e2etap: audit webhook at %s, appending to %s; end it with Ctrl-C\n"+
		"e2etap: start kube-apiserver with\n"+
		"  --audit-webhook-config-file=%s\n"+
		"  --audit-policy-file=POLICY.yaml          # rules of level Metadata are enough\n"+
		"  --audit-webhook-batch-max-wait=1s        # else events come up to 30 seconds late\n", url, o.out, shellQuote(path))
}

// certified serves certificates of an authority, for the name that a client asks for, or the address that it came to.
func certified(ca *authority.Authority) *tls.Config {
	return &tls.Config{
		MinVersion: tls.VersionTLS12,
		GetCertificate: func(hello *tls.ClientHelloInfo) (*tls.Certificate, error) {
			if hello.ServerName != "" {
				return ca.Leaf(hello.ServerName)
			}
			host, _, err := net.SplitHostPort(hello.Conn.LocalAddr().String())
			if err != nil {
				return nil, err
			}
			return ca.Leaf(host)
		},
	}
}
