package main

import (
	"fmt"
	"net"
	"strconv"

	"github.com/spf13/pflag"

	"e2etap/internal/cli"
)

// listening is where a command listens: on loopback, unless more is allowed.
type listening struct {
	listen      string
	allowRemote bool
}

func (l *listening) register(f *pflag.FlagSet) {
	f.StringVar(&l.listen, "listen", "127.0.0.1:0", "address to listen on; port 0 takes a free one")
	f.BoolVar(&l.allowRemote, "allow-remote", false, "allow --listen on an address that other machines can reach")
}

// check refuses what is no address, and one that other machines can reach unless that is allowed; the risk is what it would mean.
func (l *listening) check(risk string) error {
	host, port, err := net.SplitHostPort(l.listen)
	if err == nil {
		_, err = strconv.ParseUint(port, 10, 16)
	}
	if err != nil {
		return cli.UsageError(fmt.Errorf("--listen %q: want HOST:PORT, as in 127.0.0.1:0", l.listen))
	}
	if ip := net.ParseIP(host); ip == nil && host != "" && host != "localhost" {
		return cli.UsageError(fmt.Errorf("--listen %q: want an IP address or localhost, not a name", l.listen))
	}
	if !l.remote() || l.allowRemote {
		return nil
	}
	return cli.UsageError(fmt.Errorf("--listen %q: other machines could reach the proxy there\n"+
		"hint: --allow-remote allows it: %s", l.listen, risk))
}

// remote tells whether other machines can reach the address.
func (l *listening) remote() bool {
	host, _, _ := net.SplitHostPort(l.listen)
	return host != "localhost" && !net.ParseIP(host).IsLoopback()
}
