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

With -o json that is an array of flat objects, with one more field for each --by (test, verb,
resource, group, namespace, status, client, user_agent, path), all strings. The client is the
program that the User-Agent names: what stands before its first slash. Requests that nothing
attributes to a test have "" as their test; tables show (no test).

--list writes requests in the order they started, as objects with id, run, time, test,
test_source, method, verb, group, version, resource, namespace, name, object, path, status,
duration_ms, first_byte_ms, bytes_in, bytes_out, outcome, error, warnings, user_agent,
credential, connection, audit_id. Tables show some of these.

"report runs" has run, start, end, duration_ms, exit_code, requests, tests, lost,
server_version, server, context, tool_version, command; what is not known before a run's end
is null until then.

--test means the test of exactly that name. If there is none, a name with * (any text) or ?
(any character) means the tests it matches as a whole, any other the tests that contain it;
stderr says which they are.

Exit codes: 0 done (also if no request matches), 1 failure, 2 wrong usage.`

const examples = `  report --by-test
  report --by verb,resource --test '*Conformance*' --run all
  report --by status --resource pods --since 10m
  report --test 'should run a container' --list
  report --by-test -o json | jq -r '.[] | select(.errors_5xx > 0) | .test'
  report runs`
