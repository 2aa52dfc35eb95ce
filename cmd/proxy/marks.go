package main

import (
	"e2etap/internal/gateway"
	"e2etap/internal/mark"
	"e2etap/internal/tagger"
	"e2etap/internal/upstream"
)

// takeMarks opens the port to which scripts tell their tests, and forwards marks if that is asked for.
func (p *proxied) takeMarks(config *upstream.Config) (err error) {
	var f *mark.Forwarder
	if p.options.forwardMarks {
		if f, err = mark.NewForwarder(config.Current(), config.CurrentUser(), markAgent); err != nil {
			return err
		}
	}
	return p.listenForMarks(f)
}

// markAgent is the User-Agent of a mark that goes to the API server.
func markAgent(test string) string {
	if test == "" {
		return gateway.UserAgent
	}
	return tagger.Tagged(gateway.UserAgent, test)
}
