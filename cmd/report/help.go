package main

const long = `report answers from a recording that "proxy run" or "proxy serve" wrote, also while they are
still writing it.

--by-test and --by group requests and count, for each group:

  requests     all of them; open and unfinished watches count from their start
  errors_4xx   answers with a status from 400 to 499
  errors_5xx   answers with a status from 500 to 599
  watches      requests with the verb watch
  endpoints    different combinations of method, verb, API group, version, resource and
               subresource
  bytes_in     bytes of request bodies
  bytes_out    bytes of response bodies
  p50_ms, p99_ms, max_ms
               durations in milliseconds, the percentiles good to 2 %. Long-running requests
               (watch, exec, attach, portforward, proxy, log) are left out: their length is the
               client's choice. null if there is no other request.
  from_header, from_user_agent, from_environment, from_process, from_service_account,
  from_namespace, from_object, from_output, from_time_window
               requests by the source that named their test (see below). Tables show them in
               one column, SOURCES, unless the terminal is too narrow for it: "process" for all
               of the group, "user-agent 30, process 12" otherwise

-o table, markdown and html are for people: some of the columns, and numbers with units. -o json and
csv are for programs: all columns, by the names that are documented here. html is one document that
needs no other file, for a browser or a printer; it has no scripts.

With -o json that is an array of flat objects, with one more field for each --by, all strings:

  test         "" for requests that nothing attributes to a test; tables show (no test)
  verb, resource, group, namespace, status, user_agent, path
  client       the program that the User-Agent names: what stands before its first slash
  source       what named the test, strongest first: header (E2e-Test), user-agent, environment
               (E2E_TEST of the client's process), process (the spec that the client's process or
               the one that started it was running), service-account (its namespace is the
               test's), namespace (that the test created), object (that it created), output (the
               only spec that was running, as the command's output tells), time-window (the only
               spec that was running, in a run that "report correlate" made); none
  why          why there is no test: suite, between specs, boundary of specs, no spec known,
               outside of the tests, process unknown, several specs running, outlived its spec,
               sources disagree; "" for requests with a test
  role         "test" for requests of the run; see --include for the others
  command      what the client's process was started as: the program's name and what follows,
               up to the first flag and three words at most; "" if the process is not known

--include audit adds what only the audit log has of the run's time ("report import-audit"), and
groups by role as well:

  test         requests that name a test and did not come through the proxy
  behalf       requests of controllers, pods and others on behalf of a test: of a service account
               in a namespace that it created, in such a namespace, or for an object that it
               created; up to a minute after the run's end
  noise        the cluster's own: leases, nodes' status, informers, probes
  other        nothing tells

Their durations are the API server's, and bytes and methods are not known.

--untagged groups the requests without a test by client, command and why, and says so on stderr
if there are none.

--list writes requests in the order they started, as objects with id, run, time, test,
test_source, method, verb, group, version, resource, namespace, name, object, path, status,
duration_ms, first_byte_ms, bytes_in, bytes_out, outcome, error, warnings, user_agent,
credential, connection, audit_id, test_agreed, test_disagreed (other sources, with commas
between), test_why, phase (set-up, body, clean-up, after, paused), attempt, tagged_as (the test
that the proxy appended to the User-Agent), pid, executable, role, user (audited). What is not known is "" or null.
Tables show some of these, and the role with --include audit.

"report runs" has run, start, end, duration_ms, exit_code, requests, tests (that have requests),
specs (executions of tests that output, results or marks told of), lost, server_version, server,
context, tool_version, command; what is not known before a run's end is null until then. A run of
"proxy spy" has specs and neither requests nor a server.

--test means the test of exactly that name. If there is none, a name with * (any text) or ?
(any character) means the tests it matches as a whole, any other the tests that contain it;
stderr says which they are.

Exit codes: 0 done (also if no request matches), 1 failure (also if a file of results or an audit
log cannot be imported, if "report cross-check" finds what it cannot explain, if "report diff" finds
differences, or if "report check" finds too much of anything), 2 wrong usage.`

const examples = `  report --by-test
  report --by verb,resource --test '*Conformance*' --run all
  report --by status --resource pods --since 10m
  report --test 'should run a container' --list
  report --untagged
  report --by source,client --source process
  report --by-test -o json | jq -r '.[] | select(.errors_5xx > 0) | .test'
  report --by-test -o html > by-test.html
  report html --out run.html
  report runs
  report coverage --by group
  report import-audit audit.log && report cross-check
  report diff main.db pr-123.db
  report check --budget budget.yaml`
