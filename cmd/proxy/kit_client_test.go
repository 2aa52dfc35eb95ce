package main

import (
	"bufio"
	"flag"
	"fmt"
	"io"
	"net/http"
	"os"
	"slices"
	"strings"
	"sync"

	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
)

// testClient sends requests as a kubeconfig tells.
type testClient struct {
	http   *http.Client
	server string
	agent  string
	header http.Header
}

// newTestClient reads a kubeconfig; protocol "" lets TLS choose.
func newTestClient(kubeconfig, protocol string) (*testClient, error) {
	cfg, err := clientcmd.BuildConfigFromFlags("", kubeconfig)
	if err != nil {
		return nil, err
	}
	if protocol != "" {
		cfg.NextProtos = []string{protocol}
	}
	cfg.DisableCompression = true
	transport, err := rest.TransportFor(cfg)
	if err != nil {
		return nil, err
	}
	return &testClient{http: &http.Client{Transport: transport, Timeout: hang}, server: cfg.Host, agent: "client/v1", header: http.Header{}}, nil
}

func (c *testClient) do(method, path, body string) (*http.Response, error) {
	req, err := http.NewRequest(method, c.server+path, strings.NewReader(body))
	if err != nil {
		return nil, err
	}
	req.Header = c.header.Clone()
	req.Header.Set("User-Agent", c.agent)
	return c.http.Do(req)
}

// get reads a whole answer.
func (c *testClient) get(path string) error {
	res, err := c.do(http.MethodGet, path, "")
	if err != nil {
		return err
	}
	_, err = io.Copy(io.Discard, res.Body)
	res.Body.Close()
	return err
}

// watch reads a watch's first event and returns the answer, for the caller to close.
func (c *testClient) watch(path string) (*http.Response, error) {
	res, err := c.do(http.MethodGet, path+"?watch=true", "")
	if err == nil {
		_, err = bufio.NewReader(res.Body).ReadString('\n')
	}
	return res, err
}

// headers is a flag that may be repeated.
type headers http.Header

func (h headers) String() string { return "" }
func (h headers) Set(s string) error {
	name, value, _ := strings.Cut(s, ": ")
	http.Header(h).Add(name, value)
	return nil
}

// clientMain is a command that sends -n requests for each path, four at a time, with the kubeconfig of KUBECONFIG.
func clientMain() {
	n := flag.Int("n", 1, "requests for each path")
	agent := flag.String("ua", "client/v1", "User-Agent")
	method := flag.String("method", http.MethodGet, "")
	body := flag.String("body", "", "")
	watch := flag.Bool("watch", false, "read a watch's first event and leave")
	kubeconfig := flag.String("kubeconfig", os.Getenv("KUBECONFIG"), "")
	header := http.Header{}
	flag.Var(headers(header), "H", "Name: value")
	flag.Parse()
	c, err := newTestClient(*kubeconfig, "")
	check(err)
	c.agent, c.header = *agent, header
	if *watch {
		res, err := c.watch(flag.Arg(0))
		check(err)
		res.Body.Close()
		return
	}
	var wg sync.WaitGroup
	limit := make(chan bool, 4)
	paths := slices.DeleteFunc(flag.Args(), func(arg string) bool { return !strings.HasPrefix(arg, "/") }) // the rest is there to be seen
	for i := range *n * len(paths) {
		limit <- true
		wg.Go(func() {
			res, err := c.do(*method, paths[i%len(paths)], *body)
			check(err)
			_, err = io.Copy(io.Discard, res.Body)
			check(err)
			res.Body.Close()
			<-limit
		})
	}
	wg.Wait()
}

func check(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, "client:", err)
		os.Exit(9)
	}
}
