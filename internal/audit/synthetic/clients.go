package synthetic

import (
	"fmt"
	"strings"
)

const release = "v1.37.2 (linux/amd64) kubernetes/0a1b2c3"

// admin is who runs the tests, with a program of some User-Agent.
func (c *cluster) admin(agent string) *client {
	return &client{
		user:   `{"username":"kubernetes-admin","groups":["system:masters","system:authenticated"],` + c.certificate + `}`,
		source: "10.128.0.2", agent: quote(agent), reason: `""`,
	}
}

// component is a part of the control plane, with a certificate of its own.
func (l *Log) component(user, agent, source, extra, reason string) *client {
	return &client{
		user:   fmt.Sprintf(`{"username":%q,"groups":["system:authenticated"]%s}`, user, extra),
		source: source, agent: quote(agent), reason: quote(reason),
	}
}

// node is a kubelet.
func (l *Log) node(name string) *client {
	return &client{
		user:   fmt.Sprintf(`{"username":"system:node:%s","groups":["system:nodes","system:authenticated"],%s}`, name, l.credential()),
		source: fmt.Sprintf("10.128.0.%d", 10+l.rnd.IntN(200)), agent: quote("kubelet/" + release), reason: `""`,
	}
}

// serviceAccount is a controller, or a pod of a test.
func (l *Log) serviceAccount(namespace, name, agent, extra, reason string) *client {
	return &client{
		user: fmt.Sprintf(`{"username":"system:serviceaccount:%[1]s:%[2]s","uid":"%[3]s","groups":["system:serviceaccounts",`+
			`"system:serviceaccounts:%[1]s","system:authenticated"],"extra":{"authentication.kubernetes.io/credential-id":["JTI=%[4]s"]%[5]s}}`,
			namespace, name, l.uuid(), l.uuid(), extra),
		source: fmt.Sprintf("10.64.%d.%d", l.rnd.IntN(4), 2+l.rnd.IntN(250)), agent: quote(agent), reason: quote(reason),
	}
}

// controller is one of kube-controller-manager's, which have accounts of their own.
func (l *Log) controller(name string) *client {
	c := l.serviceAccount("kube-system", name, "kube-controller-manager/"+release+"/system:serviceaccount:kube-system:"+name, "",
		fmt.Sprintf("RBAC: allowed by ClusterRoleBinding %[1]q of ClusterRole %[1]q to ServiceAccount \"%[2]s/kube-system\"", "system:controller:"+name, name))
	c.source = "10.128.0.3"
	return c
}

func (l *Log) credential() string {
	return fmt.Sprintf(`"extra":{"authentication.kubernetes.io/credential-id":["X509SHA256=%s"]}`, l.from("0123456789abcdef", 64))
}

// from returns n of the letters.
func (l *Log) from(letters string, n int) string {
	b := make([]byte, n)
	for i := range b {
		b[i] = letters[l.rnd.IntN(len(letters))]
	}
	return string(b)
}

// suffix is what the API server appends to a generateName: k8s.io/apimachinery's pkg/util/rand has the letters.
func (l *Log) suffix(n int) string { return l.from("bcdfghjklmnpqrstvwxz2456789", n) }

// uuid is a random one.
func (l *Log) uuid() string {
	hi, lo := l.rnd.Uint64(), l.rnd.Uint64()
	const version, variant = 0x4000, 0x8000
	var b strings.Builder
	fmt.Fprintf(&b, "%08x-%04x-%04x-%04x-%012x", hi>>32, hi>>16&0xffff, hi&0xfff|version, lo>>48&0x3fff|variant, lo&0xffffffffffff)
	return b.String()
}
