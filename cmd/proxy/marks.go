package main

import (
	"github.com/rs/zerolog"

	"e2etap/internal/gateway"
	"e2etap/internal/mark"
	"e2etap/internal/peer"
	"e2etap/internal/tagger"
	"e2etap/internal/upstream"
)

// listenForMarks opens the port to which scripts tell their tests.
func (s *session) listenForMarks(config *upstream.Config, peers *peer.Finder, log zerolog.Logger) (*mark.Server, error) {
	c := mark.Config{Peers: peers, Mark: s.ledger.mark, Log: log}
	if s.options.forwardMarks {
		var err error
		if c.Forward, err = mark.NewForwarder(config.Current(), config.CurrentUser(), markAgent); err != nil {
			return nil, err
		}
	}
	return mark.Listen(c)
}

// markAgent is the User-Agent of a mark that goes to the API server.
func markAgent(test string) string {
	if test == "" {
		return gateway.UserAgent
	}
	return tagger.Tagged(gateway.UserAgent, test)
}
