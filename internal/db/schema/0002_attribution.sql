-- Attribution with its reasons, the processes behind connections, and the specs that something else than requests tells of.

DROP VIEW requests;
DROP VIEW tests;
DROP VIEW connections;

-- Names of numbers, as in 0001.
CREATE TABLE why          (id INTEGER PRIMARY KEY, name TEXT NOT NULL);
CREATE TABLE phase        (id INTEGER PRIMARY KEY, name TEXT NOT NULL);
CREATE TABLE told         (id INTEGER PRIMARY KEY, name TEXT NOT NULL);
CREATE TABLE spec_outcome (id INTEGER PRIMARY KEY, name TEXT NOT NULL);

-- How a request's test is known: each combination stands once. Sets are sums of 1 << source.
CREATE TABLE attribution (
    id        INTEGER PRIMARY KEY,
    source    INTEGER NOT NULL,
    agreed    INTEGER NOT NULL, -- set of the other sources that name the same test
    disagreed INTEGER NOT NULL, -- set of sources that name another test
    why       INTEGER NOT NULL, -- why there is no test; 0 if there is one
    phase     INTEGER NOT NULL,
    attempt   INTEGER NOT NULL  -- 0: not known
);
-- What request.source was until now is the id of such a row.
INSERT INTO attribution VALUES (0, 0, 0, 0, 4, 0, 0), (1, 1, 0, 0, 0, 0, 0), (2, 2, 0, 0, 0, 0, 0);
ALTER TABLE request RENAME COLUMN source TO attribution;
ALTER TABLE request ADD COLUMN tagged_as INTEGER NOT NULL DEFAULT 0; -- test: appended to the User-Agent that went upstream; 0: it went as it came

ALTER TABLE run ADD COLUMN pattern TEXT NOT NULL DEFAULT ''; -- --user-agent-pattern; '': the usual one

CREATE TABLE process (
    id         INTEGER PRIMARY KEY,
    run        INTEGER NOT NULL,
    parent     INTEGER NOT NULL, -- process; 0: the chain ends here
    root       INTEGER NOT NULL, -- 1: the command that the proxy ran
    pid        INTEGER NOT NULL,
    start_ns   INTEGER NOT NULL,
    executable INTEGER NOT NULL, -- string
    command    INTEGER NOT NULL, -- string: a JSON array, without secrets
    test       INTEGER NOT NULL  -- test: E2E_TEST in its environment; 0: not set
);

CREATE TABLE connection_2 (
    id        INTEGER PRIMARY KEY,
    run       INTEGER NOT NULL,
    opened_ns INTEGER NOT NULL,
    remote    INTEGER NOT NULL, -- string: the client's address
    port      INTEGER,          -- the client's; NULL: remote is the whole address
    protocol  INTEGER NOT NULL, -- string
    process   INTEGER NOT NULL, -- 0: not known
    unknown   INTEGER NOT NULL  -- string: why the process is not known
);
INSERT INTO connection_2 SELECT id, run, opened_ns, remote, port, protocol, 0, 0 FROM connection;
DROP TABLE connection;
ALTER TABLE connection_2 RENAME TO connection;

-- One execution of a test, or of a node of the whole suite (BeforeSuite, …), as output, results or a mark tell of it.
CREATE TABLE spec (
    id          INTEGER PRIMARY KEY,
    run         INTEGER NOT NULL,
    test        INTEGER NOT NULL, -- 0: a node of the whole suite
    node        TEXT NOT NULL,    -- of the whole suite; '' for a test
    told        INTEGER NOT NULL,
    worker      TEXT NOT NULL,    -- ginkgo's process number, or go test's package; '' if there is one only
    process     INTEGER NOT NULL, -- that a mark is for; 0 for others
    start_ns    INTEGER,          -- NULL: not known
    end_ns      INTEGER,          -- NULL: not known, or not yet
    duration_ns INTEGER,          -- NULL: not known
    outcome     INTEGER NOT NULL,
    attempts    INTEGER NOT NULL, -- 0: not known
    labels      TEXT NOT NULL,    -- a JSON array
    location    TEXT NOT NULL     -- file:line
);
CREATE INDEX spec_run ON spec (run);

CREATE TABLE spec_phase (
    spec    INTEGER NOT NULL,
    at_ns   INTEGER NOT NULL, -- until the next one's
    phase   INTEGER NOT NULL,
    attempt INTEGER NOT NULL,
    PRIMARY KEY (spec, at_ns, phase, attempt)
) WITHOUT ROWID;

-- The summary knows sources now; it is made anew from the rows.
DROP TABLE summary;
DELETE FROM summary_parts;
UPDATE run SET totals = NULL;
CREATE TABLE summary (
    run              INTEGER NOT NULL,
    test             INTEGER NOT NULL,
    requests         INTEGER NOT NULL,
    errors_4xx       INTEGER NOT NULL,
    errors_5xx       INTEGER NOT NULL,
    watches          INTEGER NOT NULL,
    bytes_in         INTEGER NOT NULL,
    bytes_out        INTEGER NOT NULL,
    duration_ns      INTEGER NOT NULL, -- sum
    max_ns           INTEGER NOT NULL,
    endpoints        INTEGER NOT NULL, -- different ones
    timed            INTEGER NOT NULL, -- requests whose durations count
    p50_ns           INTEGER NOT NULL, -- of these, good to 2 %; 0 without any
    p99_ns           INTEGER NOT NULL,
    from_header      INTEGER NOT NULL, -- requests, by the source that named the test
    from_user_agent  INTEGER NOT NULL,
    from_environment INTEGER NOT NULL,
    from_process     INTEGER NOT NULL,
    from_namespace   INTEGER NOT NULL,
    from_output      INTEGER NOT NULL,
    PRIMARY KEY (run, test)
) WITHOUT ROWID;

CREATE VIEW attributions AS
SELECT
    a.id,
    source.name AS source,
    coalesce((SELECT group_concat(name, ',') FROM source WHERE a.agreed >> source.id & 1), '') AS agreed,
    coalesce((SELECT group_concat(name, ',') FROM source WHERE a.disagreed >> source.id & 1), '') AS disagreed,
    why.name AS why,
    phase.name AS phase,
    a.attempt
FROM attribution a
LEFT JOIN source ON source.id = a.source
LEFT JOIN why ON why.id = a.why
LEFT JOIN phase ON phase.id = a.phase;

CREATE VIEW requests AS
SELECT
    r.id,
    run.name AS run,
    strftime('%Y-%m-%dT%H:%M:%fZ', r.start_ns / 1000000000.0, 'unixepoch') AS time,
    e.method,
    e.verb,
    CASE WHEN r.path <> 0 THEN path.value ELSE
        CASE WHEN e.api_group = '' THEN '/api/' ELSE '/apis/' || e.api_group || '/' END || e.version ||
        CASE WHEN r.namespace <> 0 AND e.resource <> 'namespaces' THEN '/namespaces/' || namespace.value ELSE '' END ||
        '/' || e.resource ||
        CASE WHEN r.name <> 0 AND e.verb NOT IN ('list', 'watch') THEN '/' || name.value ELSE '' END ||
        CASE WHEN e.subresource <> '' THEN '/' || e.subresource ELSE '' END
    END AS path,
    e.api_group,
    e.version AS api_version,
    e.resource,
    e.subresource,
    namespace.value AS namespace,
    name.value AS name,
    r.status,
    outcome.name AS outcome,
    error.value AS error,
    r.duration_ns / 1000000.0 AS duration_ms,
    r.first_byte_ns / 1000000.0 AS first_byte_ms,
    r.bytes_in,
    r.bytes_out,
    test.name AS test,
    a.source AS test_source,
    a.agreed AS test_agreed,
    a.disagreed AS test_disagreed,
    a.why AS test_why,
    a.phase,
    a.attempt,
    tagged.name AS tagged_as,
    agent.value || CASE WHEN c.agent_test <> 0 THEN ' -- ' || agent_test.name ELSE '' END AS user_agent,
    test_header.value AS test_header,
    kubectl_command.value AS kubectl_command,
    kubectl_session.value AS kubectl_session,
    credential.name AS credential,
    q.watch,
    q.dry_run,
    q.field_manager,
    q.list_limit,
    q.label_selector,
    q.field_selector,
    content.request_type AS request_content_type,
    content.response_type AS response_content_type,
    warnings.value AS warnings,
    CASE typeof(r.audit_id) WHEN 'blob' THEN lower(
        substr(hex(r.audit_id), 1, 8) || '-' || substr(hex(r.audit_id), 9, 4) || '-' || substr(hex(r.audit_id), 13, 4)
        || '-' || substr(hex(r.audit_id), 17, 4) || '-' || substr(hex(r.audit_id), 21))
    ELSE r.audit_id END AS audit_id,
    r.connection,
    c2.process,
    p.pid,
    executable.value AS executable,
    r.start_ns,
    r.duration_ns,
    r.first_byte_ns
FROM request r
LEFT JOIN run ON run.id = r.run
LEFT JOIN endpoint e ON e.id = r.endpoint
LEFT JOIN string namespace ON namespace.id = r.namespace
LEFT JOIN string name ON name.id = r.name
LEFT JOIN string path ON path.id = r.path
LEFT JOIN query q ON q.id = r.query
LEFT JOIN content ON content.id = r.content
LEFT JOIN client c ON c.id = r.client
LEFT JOIN string agent ON agent.id = c.agent
LEFT JOIN test agent_test ON agent_test.id = c.agent_test
LEFT JOIN string test_header ON test_header.id = c.test_header
LEFT JOIN string kubectl_command ON kubectl_command.id = c.kubectl_command
LEFT JOIN string kubectl_session ON kubectl_session.id = c.kubectl_session
LEFT JOIN credential ON credential.id = c.credential
LEFT JOIN test ON test.id = r.test
LEFT JOIN string warnings ON warnings.id = r.warnings
LEFT JOIN string error ON error.id = r.error
LEFT JOIN attributions a ON a.id = r.attribution
LEFT JOIN test tagged ON tagged.id = r.tagged_as
LEFT JOIN connection c2 ON c2.id = r.connection
LEFT JOIN process p ON p.id = c2.process
LEFT JOIN string executable ON executable.id = p.executable
LEFT JOIN outcome ON outcome.id = r.outcome;

CREATE VIEW tests AS
SELECT
    run.name AS run,
    test.name AS test,
    s.requests,
    s.errors_4xx,
    s.errors_5xx,
    s.watches,
    s.endpoints,
    s.bytes_in,
    s.bytes_out,
    s.duration_ns / 1000000.0 AS duration_ms,
    s.max_ns / 1000000.0 AS max_ms,
    s.from_header,
    s.from_user_agent,
    s.from_environment,
    s.from_process,
    s.from_namespace,
    s.from_output
FROM summary s
LEFT JOIN run ON run.id = s.run
LEFT JOIN test ON test.id = s.test;

CREATE VIEW specs AS
SELECT
    s.id,
    run.name AS run,
    test.name AS test,
    s.node,
    spec_outcome.name AS outcome,
    strftime('%Y-%m-%dT%H:%M:%fZ', s.start_ns / 1000000000.0, 'unixepoch') AS started,
    strftime('%Y-%m-%dT%H:%M:%fZ', s.end_ns / 1000000000.0, 'unixepoch') AS ended,
    s.duration_ns / 1000000.0 AS duration_ms,
    s.attempts,
    s.labels,
    s.location,
    s.worker,
    s.process,
    told.name AS told,
    s.start_ns,
    s.end_ns
FROM spec s
LEFT JOIN run ON run.id = s.run
LEFT JOIN test ON test.id = s.test
LEFT JOIN told ON told.id = s.told
LEFT JOIN spec_outcome ON spec_outcome.id = s.outcome;

CREATE VIEW processes AS
SELECT
    p.id,
    run.name AS run,
    p.parent,
    p.root,
    p.pid,
    strftime('%Y-%m-%dT%H:%M:%fZ', p.start_ns / 1000000000.0, 'unixepoch') AS started,
    executable.value AS executable,
    command.value AS command,
    test.name AS e2e_test
FROM process p
LEFT JOIN run ON run.id = p.run
LEFT JOIN string executable ON executable.id = p.executable
LEFT JOIN string command ON command.id = p.command
LEFT JOIN test ON test.id = p.test;

CREATE VIEW connections AS
SELECT
    c.id,
    run.name AS run,
    strftime('%Y-%m-%dT%H:%M:%fZ', c.opened_ns / 1000000000.0, 'unixepoch') AS opened,
    remote.value || coalesce(':' || c.port, '') AS remote,
    protocol.value AS protocol,
    c.process,
    p.pid,
    strftime('%Y-%m-%dT%H:%M:%fZ', p.start_ns / 1000000000.0, 'unixepoch') AS process_start,
    executable.value AS executable,
    unknown.value AS unknown
FROM connection c
LEFT JOIN run ON run.id = c.run
LEFT JOIN string remote ON remote.id = c.remote
LEFT JOIN string protocol ON protocol.id = c.protocol
LEFT JOIN string unknown ON unknown.id = c.unknown
LEFT JOIN process p ON p.id = c.process
LEFT JOIN string executable ON executable.id = p.executable;
