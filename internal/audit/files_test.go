package audit

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const oneEvent = `{"kind":"Event","apiVersion":"audit.k8s.io/v1","auditID":"a","stage":"Panic"}` + "\n"

func write(t *testing.T, path string, data []byte) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, data, 0o644); err != nil {
		t.Fatal(err)
	}
}

func TestRotatedSetsAreInTheOrderOfTime(t *testing.T) {
	want := []string{
		"audit-2026-11-24T15-06-08.123.log.gz", "audit-2026-11-24T15-06-08.124.log", "audit-2026-12-01T00-00-00.000.log", "audit.log",
		"kube.log.10.gz", "kube.log.9", "kube.log.2.zst", "kube.log.1", "kube.log",
		"node-1/audit.log-20261123", "node-1/audit.log-20261124.gz", "node-1/audit.log",
	}
	folder := t.TempDir()
	for _, name := range want {
		data := []byte(oneEvent)
		switch filepath.Ext(name) {
		case ".gz":
			data = gzipped(t, oneEvent)
		case ".zst":
			data = zstded(t, oneEvent)
		}
		write(t, filepath.Join(folder, name), data)
	}
	got, err := Files(folder)
	if err != nil {
		t.Fatal(err)
	}
	for i, path := range got {
		got[i] = strings.TrimPrefix(path, folder+"/")
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestWhatIsNoAuditLogIsLeftOutOfAFolder(t *testing.T) {
	folder := t.TempDir()
	log := filepath.Join(folder, "x")
	write(t, log, append(bytes.Repeat([]byte{0}, 1000), oneEvent...))
	write(t, filepath.Join(folder, "policy.yaml"), []byte("apiVersion: audit.k8s.io/v1\nkind: Policy\n"))
	write(t, filepath.Join(folder, "empty.log"), nil)
	write(t, filepath.Join(folder, "broken.gz"), []byte{0x1f, 0x8b, 0, 0, 0})
	if err := os.Symlink("nowhere", filepath.Join(folder, "link.log")); err != nil {
		t.Fatal(err)
	}
	got, err := Files(folder)
	if diff := cmp.Diff([]string{log}, got); diff != "" || err != nil {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
}

func TestAFolderWithoutAuditLogsIsAnError(t *testing.T) {
	if files, err := Files(t.TempDir()); err == nil {
		t.Errorf("files %q, want an error", files)
	}
}

func TestAFileAndStandardInputAreThemselves(t *testing.T) {
	path := filepath.Join(t.TempDir(), "anything")
	write(t, path, nil)
	for _, arg := range []string{path, "-"} {
		got, err := Files(arg)
		if diff := cmp.Diff([]string{arg}, got); diff != "" || err != nil {
			t.Errorf("%v (-want +got):\n%s", err, diff)
		}
	}
}

func TestAFileThatDoesNotExistIsAnError(t *testing.T) {
	if _, err := Files(filepath.Join(t.TempDir(), "none")); !os.IsNotExist(err) {
		t.Errorf("error %v, want that it does not exist", err)
	}
}
