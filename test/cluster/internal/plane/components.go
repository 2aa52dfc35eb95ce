package plane

import (
	"net"
	"os"
	"path/filepath"

	"e2etap/test/cluster/internal/process"
)

// Addresses inside the cluster's imaginary network. Nothing listens at them.
const (
	serviceRange = "10.96.0.0/16"
	podRange     = "10.244.0.0/16"
	// advertised is the apiserver's address in that network: it refuses to advertise a loopback address.
	advertised = "10.255.255.1"
)

const frontProxyUser = "front-proxy-client"

// etcdSocket is etcd's address: the socket file "etcd.sock:0" in the current folder, which is the cluster's. A socket in
// a private folder has no port to lose and keeps other users out; being relative, it has no length limit to meet.
const etcdSocket = "unix://etcd.sock:0"

var (
	serviceIP      = net.IPv4(10, 96, 0, 1)
	apiserverNames = []string{
		"localhost", "kubernetes", "kubernetes.default", "kubernetes.default.svc",
		"kubernetes.default.svc.cluster.local",
	}
)

// command completes what is the same for all components.
func (p *Plane) command(name string, args ...string) process.Command {
	return process.Command{
		Name: name,
		Path: filepath.Join(p.info.Bin, name),
		Args: args,
		Dir:  p.info.Dir,
		// Nothing else of the user's environment may reach the cluster, or the commands that "exec" runs. In the home
		// folder kwok would find a configuration of the user's.
		Env: []string{"PATH=" + os.Getenv("PATH"), "HOME=" + p.path("home")},
		Log: p.path(logsFolder, name+".log"),
	}
}

func (p *Plane) etcd() process.Command {
	return p.command("etcd",
		"--data-dir=etcd",
		"--client-url="+etcdSocket,
		// Nobody calls the peer address, so nobody needs to know its port.
		"--peer-url=http://127.0.0.1:0",
	)
}

func (p *Plane) apiserver(extra []string) process.Command {
	c := p.credentials
	args := []string{
		"--etcd-servers=" + etcdSocket,
		"--bind-address=127.0.0.1",
		"--secure-port=" + p.apiPort.String(),
		"--advertise-address=" + advertised,
		"--endpoint-reconciler-type=none",
		"--service-cluster-ip-range=" + serviceRange,
		"--authorization-mode=Node,RBAC",
		"--enable-admission-plugins=NodeRestriction",
		"--allow-privileged=true",
		"--tls-cert-file=" + c.apiserver.Cert,
		"--tls-private-key-file=" + c.apiserver.Key,
		"--client-ca-file=" + c.ca.Cert,
		"--requestheader-client-ca-file=" + c.frontProxyCA.Cert,
		"--requestheader-allowed-names=" + frontProxyUser,
		"--requestheader-username-headers=X-Remote-User",
		"--requestheader-group-headers=X-Remote-Group",
		"--requestheader-extra-headers-prefix=X-Remote-Extra-",
		"--proxy-client-cert-file=" + c.frontProxyClient.Cert,
		"--proxy-client-key-file=" + c.frontProxyClient.Key,
		"--kubelet-certificate-authority=" + c.ca.Cert,
		"--kubelet-client-certificate=" + c.kubeletClient.Cert,
		"--kubelet-client-key=" + c.kubeletClient.Key,
		"--kubelet-preferred-address-types=InternalIP",
		"--service-account-issuer=https://kubernetes.default.svc.cluster.local",
		"--service-account-key-file=" + c.serviceAccounts.Cert,
		"--service-account-signing-key-file=" + c.serviceAccounts.Key,
		"--audit-policy-file=" + p.path(auditPolicyFile),
		"--audit-log-path=" + p.info.AuditLog,
		// No queue that overflows, and no rotation: the log has every request.
		"--audit-log-mode=blocking",
		"--audit-log-maxsize=0",
	}
	return p.command("kube-apiserver", append(args, extra...)...)
}

func (p *Plane) controllerManager() process.Command {
	c := p.credentials
	return p.command("kube-controller-manager",
		"--kubeconfig="+c.controllerManager,
		"--secure-port=0",
		"--leader-elect=false",
		"--use-service-account-credentials=true",
		"--service-account-private-key-file="+c.serviceAccounts.Key,
		"--root-ca-file="+c.ca.Cert,
		"--cluster-signing-cert-file="+c.ca.Cert,
		"--cluster-signing-key-file="+c.ca.Key,
		"--controllers=*,bootstrapsigner,tokencleaner",
		"--allocate-node-cidrs=true",
		"--cluster-cidr="+podRange,
		"--service-cluster-ip-range="+serviceRange,
	)
}

func (p *Plane) scheduler() process.Command {
	return p.command("kube-scheduler",
		"--kubeconfig="+p.credentials.scheduler,
		"--secure-port=0",
		"--leader-elect=false",
	)
}

func (p *Plane) kwok() process.Command {
	c := p.credentials
	return p.command("kwok",
		"--kubeconfig="+c.kwok,
		"--config="+p.cache.KwokStages(),
		"--config="+p.path(kwokConfigFile),
		"--manage-nodes-with-annotation-selector="+fakeNode+"="+fakeNodeValue,
		"--node-ip="+loopback.String(),
		"--node-port="+p.kubeletPort.String(),
		"--server-address="+net.JoinHostPort(loopback.String(), p.kubeletPort.String()),
		"--tls-cert-file="+c.kubelet.Cert,
		"--tls-private-key-file="+c.kubelet.Key,
		"--node-lease-duration-seconds=40",
	)
}
