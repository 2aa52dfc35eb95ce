package plane

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"e2etap/test/cluster/internal/cache"
)

// infoFile is the file, in a cluster's folder, that has its Info once it is ready.
const infoFile = "cluster.json"

// supervisorFile has the supervisor's process id. The supervisor holds a lock on it, which the kernel releases when the
// process ends, whatever ended it: the lock, not the id, says whether the cluster runs.
const supervisorFile = "supervisor.pid"

// Info is what a user of the cluster needs to know, as printed and as kept in cluster.json. Paths are absolute.
type Info struct {
	Dir        string `json:"dir"`
	Kubeconfig string `json:"kubeconfig"`
	AuditLog   string `json:"audit_log"`
	Bin        string `json:"bin"`
	// Server is the URL of the apiserver, as in "https://127.0.0.1:43211".
	Server string `json:"server"`
	CAFile string `json:"ca_file"`
	// Version is that of Kubernetes, as in "v1.37.2".
	Version string `json:"version"`
	// PID is the supervisor's. Stop the cluster with "down" rather than by a signal: ids are reused.
	PID int `json:"pid"`
}

// newDir makes the folder of a new cluster and locks it for this process, till the file that it returns is closed. It
// also removes the folders of clusters whose supervisor was killed.
func newDir(cacheDir cache.Dir) (string, *os.File, error) {
	if err := removeDead(cacheDir); err != nil {
		return "", nil, err
	}
	dir, err := os.MkdirTemp(cacheDir.Clusters(), time.Now().Format("20060102-150405-"))
	if err != nil {
		return "", nil, fmt.Errorf("create cluster folder: %w", err)
	}
	lock, err := claim(dir)
	if err != nil {
		return "", nil, errors.Join(err, os.RemoveAll(dir))
	}
	return dir, lock, nil
}

// claim writes and locks the supervisor file under another name first, so that whoever finds it finds it locked.
func claim(dir string) (*os.File, error) {
	path := filepath.Join(dir, supervisorFile)
	file, err := os.OpenFile(path+".new", os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("create lock: %w", err)
	}
	if err := syscall.Flock(int(file.Fd()), syscall.LOCK_EX); err != nil {
		return nil, errors.Join(fmt.Errorf("lock %s: %w", path, err), file.Close())
	}
	if _, err := fmt.Fprintln(file, os.Getpid()); err != nil {
		return nil, errors.Join(fmt.Errorf("write process id: %w", err), file.Close())
	}
	if err := os.Rename(path+".new", path); err != nil {
		return nil, errors.Join(fmt.Errorf("publish process id: %w", err), file.Close())
	}
	return file, nil
}

// running says whether the supervisor of the cluster in the folder lives.
func running(dir string) (bool, error) {
	file, err := os.Open(filepath.Join(dir, supervisorFile))
	if errors.Is(err, os.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("open process id: %w", err)
	}
	defer file.Close()
	err = syscall.Flock(int(file.Fd()), syscall.LOCK_SH|syscall.LOCK_NB)
	if errors.Is(err, syscall.EWOULDBLOCK) {
		return true, nil
	}
	if err != nil {
		return false, fmt.Errorf("ask for the lock of %s: %w", dir, err)
	}
	return false, nil
}

func removeDead(cacheDir cache.Dir) error {
	dirs, err := List(cacheDir)
	if err != nil {
		return err
	}
	for _, dir := range dirs {
		alive, err := running(dir)
		if err != nil {
			return err
		}
		if alive {
			continue
		}
		if err := os.RemoveAll(dir); err != nil {
			return fmt.Errorf("remove what a killed cluster left: %w", err)
		}
	}
	return nil
}

// List returns the folders of all clusters in the cache, those whose supervisor was killed included.
func List(cacheDir cache.Dir) ([]string, error) {
	files, err := filepath.Glob(filepath.Join(cacheDir.Clusters(), "*", supervisorFile))
	if err != nil {
		return nil, fmt.Errorf("list clusters: %w", err)
	}
	dirs := make([]string, 0, len(files))
	for _, file := range files {
		dirs = append(dirs, filepath.Dir(file))
	}
	return dirs, nil
}

// writeInfo publishes the cluster: readers find the whole file or none.
func writeInfo(info Info) error {
	data, err := json.MarshalIndent(info, "", "  ")
	if err != nil {
		return fmt.Errorf("encode %s: %w", infoFile, err)
	}
	path := filepath.Join(info.Dir, infoFile)
	if err := os.WriteFile(path+".new", append(data, '\n'), 0o600); err != nil {
		return fmt.Errorf("write %s: %w", infoFile, err)
	}
	return os.Rename(path+".new", path)
}

// supervisor returns a handle on the process that supervises the cluster in the folder, or nil when there is none.
// The handle, a pidfd, stays with that process: it was opened while the lock said that the process lives.
func supervisor(dir string) (*os.Process, error) {
	data, err := os.ReadFile(filepath.Join(dir, supervisorFile))
	if err != nil {
		return nil, fmt.Errorf("%s is not the folder of a cluster: %w", dir, err)
	}
	pid, err := strconv.Atoi(strings.TrimSpace(string(data)))
	if err != nil {
		return nil, fmt.Errorf("parse %s: %w", filepath.Join(dir, supervisorFile), err)
	}
	process, err := os.FindProcess(pid)
	if err != nil {
		return nil, nil
	}
	alive, err := running(dir)
	if err != nil || !alive {
		return nil, errors.Join(err, process.Release())
	}
	return process, nil
}
