package main

const checkLong = `check measures a run and holds it against a budget: a YAML file of limits, which all hold.

  limits:
  - name: no test floods the API server  # needed, each another
    test: "*"                            # about each test that matches
    requests: 2000                       # may have as many, and no more
    p99: 2s
    bytesOut: 100Mi
  - name: no unbounded lists of pods     # about the run as a whole
    verb: list
    resource: pods
    unlimitedLists: 0

What a limit is about, the first of these that it has; the others choose requests:

  run: {}    the run as a whole, which is also meant if there is none of them
  test       each test of that name, or that matches, as --test does ("report --help"); ""
             means all requests without a test
  client     each client: the program that the User-Agent names
  userAgent  each User-Agent

Which requests count, if not all: verb, resource ("pods", "pods/exec"), namespace. These, client and
userAgent are whole names; * stands for any text and ? for any character.

What is limited, at least one of these:

  requests        all of them, watches too
  watches
  errors4xx, errors5xx
                  answers with a status from 400 to 499, from 500 to 599
  unlimitedLists  lists without a limit. One that asks for a single object by metadata.name does
                  not count; resourceVersion=0, with which the API server answers from memory, is
                  not recorded, so lists that have it count
  deprecated      requests whose answer has a Warning header (code 299) that says "deprecated": of
                  an API, or of a field or value
  bytesIn, bytesOut
                  bytes of request and response bodies, in sum: 1000, 64Ki, 100Mi, 1.5Gi, 10M
  p99, max        durations: 200ms, 2s, 1m30s. Long-running requests (watch, exec, attach,
                  portforward, proxy, log) are left out

The table has a row for each violation:

  run, limit      limit is its name
  of              run, test, client or user-agent
  name            of the run, test ("" for requests without one), client or user agent
  what            requests, watches …, as in the file
  measured, allowed
                  a number, bytes, or milliseconds
  request         the id ("report --list -o json") of one that took it over: the first too many, the
                  longest, the one at p99

Keys that are not known are errors. A limit whose test, client or user agent matches nothing is told
on stderr, and a failure with --strict.

--junit FILE writes a test case for each limit (its class) and subject (its name), which fails with
the violations; one of a limit that matches nothing is skipped, or fails with --strict.

--init writes a commented budget to stdout that the run keeps to: its figures and 20 % more.

Exit codes: 0 the run keeps to the budget, 1 it does not (the last lines on stderr say so), or failure,
2 wrong usage.`

const checkExamples = `  report check --init > budget.yaml
  report check --budget budget.yaml
  report check --budget budget.yaml --strict --junit artifacts/junit_budget.xml
  report check --budget budget.yaml --run pr-123 -o json | jq -r '.[].limit' | sort | uniq -c`
