package plane

import (
	"fmt"
	"os"
	"time"
)

// Names inside a cluster's folder.
const (
	auditLogFile    = "audit.log"
	auditPolicyFile = "audit-policy.yaml"
	kwokConfigFile  = "kwok.yaml"
	logsFolder      = "logs"
	podLogFile      = "pod.log"
	tickerLogFile   = "ticker.log"
)

// auditPolicy records who did what, not the bodies.
const auditPolicy = `apiVersion: audit.k8s.io/v1
kind: Policy
omitStages: [RequestReceived]
rules:
- level: Metadata
`

// kwokConfig makes every fake pod answer. "exec" runs its command on this machine; a forwarded port, whichever, echoes;
// the log has three lines, but that of a container called "ticker" grows by a line a second, and so does what "attach"
// shows of any container.
const kwokConfig = `apiVersion: kwok.x-k8s.io/v1alpha1
kind: ClusterExec
metadata: {name: exec}
spec:
  execs:
  - local: {workDir: %[3]q}
---
apiVersion: kwok.x-k8s.io/v1alpha1
kind: ClusterAttach
metadata: {name: attach}
spec:
  attaches:
  - logsFile: %[2]q
---
apiVersion: kwok.x-k8s.io/v1alpha1
kind: ClusterLogs
metadata: {name: logs}
spec:
  logs:
  - logsFile: %[1]q
  - containers: [ticker]
    logsFile: %[2]q
---
apiVersion: kwok.x-k8s.io/v1alpha1
kind: ClusterPortForward
metadata: {name: port-forward}
spec:
  forwards:
  - command: [cat]
`

// podLog is what every fake container has logged, in the format of container runtimes.
func podLog() string {
	now := time.Now()
	return logLine(now, "first line") + logLine(now, "second line") + logLine(now, "third line")
}

// logLine formats a line of a container's log as container runtimes do.
func logLine(t time.Time, text string) string {
	return t.UTC().Format(time.RFC3339Nano) + " stdout F " + text + "\n"
}

// writeFiles writes the configuration files into the cluster's folder.
func (p *Plane) writeFiles() error {
	for _, folder := range []string{logsFolder, "home"} {
		if err := os.Mkdir(p.path(folder), 0o700); err != nil {
			return fmt.Errorf("create folder: %w", err)
		}
	}
	files := map[string]string{
		auditPolicyFile: auditPolicy,
		kwokConfigFile:  fmt.Sprintf(kwokConfig, p.path(podLogFile), p.path(tickerLogFile), p.path("home")),
		podLogFile:      podLog(),
		// Readers of the audit log need not wait for its first event.
		auditLogFile: "",
	}
	for name, content := range files {
		if err := os.WriteFile(p.path(name), []byte(content), 0o600); err != nil {
			return fmt.Errorf("write configuration: %w", err)
		}
	}
	return nil
}

// tick makes the ticker log grow for the plane's life.
func (p *Plane) tick() error {
	file, err := os.OpenFile(p.path(tickerLogFile), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return fmt.Errorf("create ticker log: %w", err)
	}
	ticker := time.NewTicker(time.Second)
	p.waiting.Go(func() {
		defer file.Close()
		defer ticker.Stop()
		for n := 1; ; n++ {
			if _, err := file.WriteString(logLine(time.Now(), fmt.Sprintf("tick %d", n))); err != nil {
				p.fail(fmt.Errorf("write ticker log: %w", err))
				return
			}
			select {
			case <-p.life.Done():
				return
			case <-ticker.C:
			}
		}
	})
	return nil
}
