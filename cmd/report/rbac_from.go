package main

import (
	"cmp"
	"fmt"
	"strconv"
	"strings"

	"e2etap/internal/db"
	"e2etap/internal/rbac"
)

// metadata names the roles, and says what they were made from: nothing but the names that chose the requests, since whoever may read
// roles reads it.
func (o *options) metadata(p *permissions, asked chosenAccesses, runs []db.RunInfo, testGiven bool) rbac.Metadata {
	m := rbac.Metadata{
		Labels:      map[string]string{"app.kubernetes.io/managed-by": "e2etap"},
		Annotations: map[string]string{"e2etap/requests": strconv.FormatInt(asked.requests, 10)},
	}
	var names []string
	for _, run := range runs {
		names = append(names, run.Name)
	}
	annotate := func(key, value string) {
		if value != "" {
			m.Annotations["e2etap/"+key] = value
		}
	}
	annotate("run", shortList(names))
	annotate("client", p.client)
	annotate("user-agent", p.userAgent)
	annotate("namespace", o.namespace)
	if !testGiven {
		m.Name = rbac.Name(cmp.Or(p.client, p.userAgent))
		return m
	}
	annotate("test", shortList(asked.tests))
	m.Name = rbac.Name(o.test)
	switch {
	case o.test == "" || o.test == noTest:
		m.Name = rbac.Name("no test")
		annotate("test", noTest)
	case len(asked.tests) == 1:
		m.Name = rbac.Name(asked.tests[0])
	}
	return m
}

// maxListed bounds an annotation: all of an object's may have 256 KiB.
const maxListed = 10

// shortList writes one name a line.
func shortList(names []string) string {
	text := strings.Join(names[:min(len(names), maxListed)], "\n")
	if more := len(names) - maxListed; more > 0 {
		text += fmt.Sprintf("\nand %d more", more)
	}
	return text
}
