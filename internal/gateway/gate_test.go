package gateway

import (
	"bufio"
	"crypto/sha256"
	"crypto/tls"
	"encoding/base64"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"syscall"
	"testing"

	"e2etap/internal/traffic"
	"e2etap/internal/upstream"
)

func hashOf(token string) [32]byte { return sha256.Sum256([]byte(token)) }

func TestWrongHostIsMisdirected(t *testing.T) {
	w := newWorld(t, nil)
	for _, host := range []string{"evil.example", "evil.example:" + port(w.host()), "127.0.0.1", "127.0.0.1:1", w.api.addr, "localhost", ""} {
		res := w.raw(w.dialTLS(), "GET /api HTTP/1.1\r\nHost: "+host+"\r\nAuthorization: "+w.bearer()+"\r\n\r\n")
		if res.StatusCode != http.StatusMisdirectedRequest {
			t.Errorf("%q: %s, want 421", host, res.Status)
		}
	}
	if n := len(w.api.requests()); n != 0 {
		t.Errorf("%d requests were forwarded", n)
	}
	for _, host := range []string{w.host(), "localhost:" + port(w.host()), "LOCALHOST:" + port(w.host())} {
		res := w.raw(w.dialTLS(), "GET /api HTTP/1.1\r\nHost: "+host+"\r\nAuthorization: "+w.bearer()+"\r\n\r\n")
		if res.StatusCode != 200 {
			t.Errorf("%q: %s, want 200", host, res.Status)
		}
	}
}

func port(hostPort string) string {
	_, port, _ := net.SplitHostPort(hostPort)
	return port
}

func TestServerModeIsNoForwardProxy(t *testing.T) {
	w := newWorld(t, nil)
	for _, line := range []string{
		"GET https://" + w.api.addr + "/api", "GET http://" + w.api.addr + "/api", "GET https://" + w.host() + "/api",
		"CONNECT " + w.api.addr, "CONNECT " + w.host(),
	} {
		res := w.raw(w.dialTLS(), line+" HTTP/1.1\r\nHost: "+w.host()+"\r\nAuthorization: "+w.bearer()+"\r\n\r\n")
		if res.StatusCode < 400 || res.StatusCode >= 500 {
			t.Errorf("%s: %s, want a refusal", line, res.Status)
		}
	}
	if n := len(w.api.requests()); n != 0 {
		t.Errorf("%d requests were forwarded", n)
	}
}

func TestPlainHTTPToTheTLSPortIsRefused(t *testing.T) {
	w := newWorld(t, nil)
	c, err := net.Dial("tcp", w.host())
	must(t, err)
	defer c.Close()
	if res := w.raw(c, "GET /api HTTP/1.1\r\nHost: "+w.host()+"\r\nAuthorization: "+w.bearer()+"\r\n\r\n"); res.StatusCode != 400 {
		t.Errorf("%s, want 400", res.Status)
	}
	if n := len(w.api.requests()); n != 0 {
		t.Errorf("%d requests were forwarded", n)
	}
}

// connectTo sends CONNECT and returns the connection and the answer.
func (w *world) connectTo(host, credential string) (net.Conn, *http.Response) {
	w.t.Helper()
	c, err := net.Dial("tcp", w.host())
	must(w.t, err)
	w.t.Cleanup(func() { c.Close() })
	auth := ""
	if credential != "" {
		auth = "Proxy-Authorization: Basic " + base64.StdEncoding.EncodeToString([]byte(credential)) + "\r\n"
	}
	_, err = io.WriteString(c, "CONNECT "+host+" HTTP/1.1\r\nHost: "+host+"\r\n"+auth+"\r\n")
	must(w.t, err)
	res, err := http.ReadResponse(bufio.NewReader(c), &http.Request{Method: http.MethodConnect})
	must(w.t, err)
	return c, res
}

func TestConnectIsForItsClustersAndHoldersOfTheCredential(t *testing.T) {
	w := worldIn(t, upstream.ModeProxyURL, nil)
	good := "e2etap:" + w.gw.proxyToken
	for _, tt := range []struct {
		host, credential string
		want             int
	}{
		{w.api.addr, good, 200},
		{w.api.addr, "", 407},
		{w.api.addr, "e2etap:wrong", 407},
		{w.api.addr, good + "x", 407},
		{w.host(), good, 403},
		{"127.0.0.1:1", good, 403},
		{"example.com:443", good, 403},
		{"localhost:" + port(w.api.addr), good, 403},
	} {
		if _, res := w.connectTo(tt.host, tt.credential); res.StatusCode != tt.want {
			t.Errorf("CONNECT %s as %q: %s, want %d", tt.host, tt.credential, res.Status, tt.want)
		}
	}
	// anything but CONNECT on the outer port
	for _, uri := range []string{"/api", "http://" + w.api.addr + "/api", "https://" + w.api.addr + "/api"} {
		c, err := net.Dial("tcp", w.host())
		must(t, err)
		res := w.raw(c, "GET "+uri+" HTTP/1.1\r\nHost: "+w.host()+"\r\nProxy-Authorization: Basic "+
			base64.StdEncoding.EncodeToString([]byte(good))+"\r\n\r\n")
		c.Close()
		if res.StatusCode < 400 || res.StatusCode >= 500 {
			t.Errorf("GET %s: %s", uri, res.Status)
		}
	}
	if n := len(w.api.requests()); n != 0 {
		t.Errorf("%d requests were forwarded", n)
	}
}

// Inside a tunnel the Host header must still mean the cluster it leads to, and no tunnel goes through a tunnel.
func TestTunnelLeadsNowhereElse(t *testing.T) {
	other := newAPIServer(t, nil)
	w := worldIn(t, upstream.ModeProxyURL, nil)
	credential := "e2etap:" + w.gw.proxyToken
	for _, head := range []string{
		"GET /api HTTP/1.1\r\nHost: " + other.addr, "GET https://" + other.addr + "/api HTTP/1.1\r\nHost: " + w.api.addr,
		"GET /api HTTP/1.1\r\nHost: " + w.host(),
		"CONNECT " + w.api.addr + " HTTP/1.1\r\nHost: " + w.api.addr + "\r\nProxy-Authorization: Basic " +
			base64.StdEncoding.EncodeToString([]byte(credential)),
	} {
		c, _ := w.connectTo(w.api.addr, credential)
		inner := tls.Client(c, &tls.Config{InsecureSkipVerify: true})
		if res := w.raw(inner, head+"\r\n\r\n"); res.StatusCode < 400 || res.StatusCode >= 500 {
			t.Errorf("%q: %s, want a refusal", head, res.Status)
		}
	}
	if len(other.requests())+len(w.api.requests()) != 0 {
		t.Error("a request was forwarded")
	}
}

func TestRefusalIsAStatusObject(t *testing.T) {
	w := newWorld(t, nil)
	res := w.raw(w.dialTLS(), "GET /api HTTP/1.1\r\nHost: evil.example\r\n\r\n")
	body, _ := io.ReadAll(res.Body)
	if !strings.Contains(string(body), `"kind":"Status"`) || !strings.Contains(string(body), "e2etap: Host") {
		t.Errorf("%s", body)
	}
	if q := w.rec.one(t, traffic.Refused); q.Status != 421 || q.BytesOut != int64(len(body)) || q.Error == "" {
		t.Errorf("recorded %+v", q)
	}
}

const stranger = "E2ETAP_TEST_STRANGER"

// TestMain is another user's process where the variable names an address: it tells what it got there.
func TestMain(m *testing.M) {
	if address := os.Getenv(stranger); address != "" {
		fmt.Println(askAsStranger(address))
		return
	}
	os.Exit(m.Run())
}

func askAsStranger(address string) string {
	c, err := net.Dial("tcp", address)
	if err != nil {
		return "no connection: " + err.Error()
	}
	defer c.Close()
	t := tls.Client(c, &tls.Config{InsecureSkipVerify: true})
	if err := t.Handshake(); err != nil {
		return "refused: " + err.Error()
	}
	fmt.Fprintf(t, "GET /api HTTP/1.1\r\nHost: %s\r\n\r\n", address)
	res, err := http.ReadResponse(bufio.NewReader(t), nil)
	if err != nil {
		return "refused: " + err.Error()
	}
	return "answered: " + res.Status
}

func TestOtherUsersGetNothing(t *testing.T) {
	if runtime.GOOS != "linux" || os.Getuid() != 0 {
		t.Skip("needs root on Linux, to become another user")
	}
	for _, tt := range []struct {
		listen string
		uid    uint32
		want   string
	}{
		{"127.0.0.1:0", 65534, "refused: "}, {"[::1]:0", 65534, "refused: "},
		{"127.0.0.1:0", 0, "answered: 200 OK"}, {"[::1]:0", 0, "answered: 200 OK"},
	} {
		t.Run(fmt.Sprintf("%s %d", tt.listen, tt.uid), func(t *testing.T) {
			w := setup{listen: tt.listen}.run(t, newAPIServer(t, nil))
			cmd := exec.Command("/proc/self/exe")
			cmd.Env = []string{stranger + "=" + w.host()}
			cmd.Dir = "/"
			cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: tt.uid, Gid: tt.uid}}
			out, err := cmd.CombinedOutput()
			if err != nil {
				t.Skipf("cannot run as user %d: %v %s", tt.uid, err, out)
			}
			if !strings.HasPrefix(string(out), tt.want) {
				t.Errorf("got %s, want %s", out, tt.want)
			}
		})
	}
}
