package plane

import (
	"context"
	"fmt"
	"net"
	"runtime"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
)

// The annotation by which kwok knows its nodes.
const (
	fakeNode      = "kwok.x-k8s.io/node"
	fakeNodeValue = "fake"
)

var nodeNames = []string{"node-1", "node-2"}

// createNodes creates the fake nodes; kwok makes them ready.
func createNodes(ctx context.Context, client kubernetes.Interface, version string) error {
	for _, name := range nodeNames {
		_, err := client.CoreV1().Nodes().Create(ctx, newNode(name, version), metav1.CreateOptions{})
		if err != nil {
			return fmt.Errorf("create node %s: %w", name, err)
		}
	}
	return nil
}

// newNode returns a node of a plausible size: some specs fill a node up, which takes too long with kwok's default of a
// million pods.
func newNode(name, version string) *corev1.Node {
	size := corev1.ResourceList{
		corev1.ResourceCPU:              resource.MustParse("16"),
		corev1.ResourceMemory:           resource.MustParse("64Gi"),
		corev1.ResourceEphemeralStorage: resource.MustParse("100Gi"),
		corev1.ResourcePods:             resource.MustParse("110"),
	}
	return &corev1.Node{
		ObjectMeta: metav1.ObjectMeta{
			Name:        name,
			Annotations: map[string]string{fakeNode: fakeNodeValue},
			Labels: map[string]string{
				corev1.LabelHostname:   name,
				corev1.LabelOSStable:   runtime.GOOS,
				corev1.LabelArchStable: runtime.GOARCH,
			},
		},
		Status: corev1.NodeStatus{
			Capacity:    size,
			Allocatable: size,
			NodeInfo: corev1.NodeSystemInfo{
				KubeletVersion:  version,
				OperatingSystem: runtime.GOOS,
				Architecture:    runtime.GOARCH,
			},
		},
	}
}

// nodesReady returns nil when all nodes are ready and say where their kubelet serves exec and logs.
func nodesReady(ctx context.Context, client kubernetes.Interface, kubelet int) error {
	for _, name := range nodeNames {
		node, err := client.CoreV1().Nodes().Get(ctx, name, metav1.GetOptions{})
		if err != nil {
			return fmt.Errorf("get node: %w", err)
		}
		if !isReady(node) {
			return fmt.Errorf("node %s is not ready", name)
		}
		if port := node.Status.DaemonEndpoints.KubeletEndpoint.Port; int(port) != kubelet {
			return fmt.Errorf("node %s has kubelet port %d, want %d", name, port, kubelet)
		}
		if len(node.Spec.Taints) > 0 {
			return fmt.Errorf("node %s still has taint %s", name, node.Spec.Taints[0].Key)
		}
	}
	return nil
}

func isReady(node *corev1.Node) bool {
	for _, condition := range node.Status.Conditions {
		if condition.Type == corev1.NodeReady {
			return condition.Status == corev1.ConditionTrue
		}
	}
	return false
}

// listening returns nil when something accepts connections at the address.
func listening(ctx context.Context, address string) error {
	conn, err := new(net.Dialer).DialContext(ctx, "tcp", address)
	if err != nil {
		return err
	}
	return conn.Close()
}
