// Package binaries builds, with the Go toolchain alone, everything that a cluster and its tests run: the control plane,
// kwok, kubectl, the Kubernetes e2e suite and ginkgo. It does not start any of them.
package binaries

import (
	"path/filepath"
	"strings"
)

const (
	// KubernetesVersion is the version of Kubernetes that go.mod requires.
	KubernetesVersion = "v1.37.2"
	kwokVersion       = "v0.8.0"
	kwokModule        = "sigs.k8s.io/kwok"

	// ToolName is the name of this module's own command in the cache, for those who start clusters without Go.
	ToolName = "cluster"
)

// kubernetesLDFlags gives the binaries their version, without which clients take the server for v0.0.0 and skip specs.
var kubernetesLDFlags = strings.Join([]string{
	"-s -w",
	"-X k8s.io/component-base/version.gitVersion=" + KubernetesVersion,
	"-X k8s.io/component-base/version.gitMajor=1",
	"-X k8s.io/component-base/version.gitMinor=37",
	"-X k8s.io/client-go/pkg/version.gitVersion=" + KubernetesVersion,
}, " ")

// A binary is one file in the cache's bin folder, and how to build it.
type binary struct {
	name string
	pkg  string
	// ldflags are the linker's flags.
	ldflags string
	// test marks a test binary, built with "go test -c".
	test bool
	// patched marks kwok, which is built from a patched copy of its module, with its module's dependencies.
	patched bool
	// source marks a package of this module, whose files are inputs besides go.mod.
	source bool
}

// all lists the binaries so that the early ones compile what the later ones share.
var all = []binary{
	{name: ToolName, pkg: ".", ldflags: "-s -w", source: true},
	{name: "etcd", pkg: "./etcd", ldflags: "-s -w", source: true},
	{name: "kube-apiserver", pkg: "k8s.io/kubernetes/cmd/kube-apiserver", ldflags: kubernetesLDFlags},
	{name: "kube-controller-manager", pkg: "k8s.io/kubernetes/cmd/kube-controller-manager", ldflags: kubernetesLDFlags},
	{name: "kube-scheduler", pkg: "k8s.io/kubernetes/cmd/kube-scheduler", ldflags: kubernetesLDFlags},
	{name: "kwok", pkg: "./cmd/kwok", ldflags: "-s -w", patched: true},
	{name: "kubectl", pkg: "k8s.io/kubernetes/cmd/kubectl", ldflags: kubernetesLDFlags},
	{name: "ginkgo", pkg: "github.com/onsi/ginkgo/v2/ginkgo", ldflags: "-s -w"},
	{name: "e2e.test", pkg: "k8s.io/kubernetes/test/e2e", ldflags: kubernetesLDFlags, test: true},
}

// command returns the arguments of the go command that builds b into the folder dir.
func (b binary) command(dir string) []string {
	args := []string{"build"}
	if b.test {
		args = []string{"test", "-c"}
	}
	return append(args, "-trimpath", "-mod=readonly", "-buildvcs=false", "-ldflags", b.ldflags,
		"-o", filepath.Join(dir, b.name), b.pkg)
}
