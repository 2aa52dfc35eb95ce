-- The recording. Base tables have names in the singular and hold numbers; people read the views at the end of this file.
--
-- Strings stand once in string and rows refer to them; 0 is the empty string, so that no reference is ever NULL. There
-- is no unique index on them (it would cost as much as the strings): the writer remembers what it stored lately and
-- may, in a recording of very many distinct names, store one twice. So compare values, not ids.

CREATE TABLE string (
    id    INTEGER PRIMARY KEY,
    value TEXT NOT NULL
);
INSERT INTO string VALUES (0, '');

-- Tests have a table of their own, so that a report that names all of them reads a few pages and not the whole of string.
CREATE TABLE test (
    id   INTEGER PRIMARY KEY,
    name TEXT NOT NULL
);
INSERT INTO test VALUES (0, '');

-- Names of the numbers in request.source, request.outcome and client.credential; filled from the program's own lists.
CREATE TABLE source     (id INTEGER PRIMARY KEY, name TEXT NOT NULL);
CREATE TABLE outcome    (id INTEGER PRIMARY KEY, name TEXT NOT NULL);
CREATE TABLE credential (id INTEGER PRIMARY KEY, name TEXT NOT NULL);

CREATE TABLE run (
    id             INTEGER PRIMARY KEY,
    name           TEXT NOT NULL UNIQUE,
    command        TEXT NOT NULL,    -- a JSON array
    context        TEXT NOT NULL,
    server         TEXT NOT NULL,
    server_version TEXT NOT NULL,
    tool_version   TEXT NOT NULL,
    start_ns       INTEGER NOT NULL, -- since 1970, as all times here
    end_ns         INTEGER,          -- NULL: it has not ended, or was killed
    exit_code      INTEGER,          -- NULL with end_ns
    lost           INTEGER,          -- requests that could not be recorded; NULL with end_ns
    first_request  INTEGER NOT NULL, -- this run's rows in request have this id or higher
    totals         BLOB              -- see summary; NULL: no requests yet
);

CREATE TABLE connection (
    id               INTEGER PRIMARY KEY,
    run              INTEGER NOT NULL,
    opened_ns        INTEGER NOT NULL,
    remote           INTEGER NOT NULL, -- string: the client's address
    port             INTEGER,          -- the client's; NULL: remote is the whole address
    protocol         INTEGER NOT NULL, -- string
    pid              INTEGER,          -- NULL: the process is not known, as in the next two
    process_start_ns INTEGER,
    executable       INTEGER           -- string
);

-- What a request may be asked for, who may send it, and so on: each combination stands once.
CREATE TABLE endpoint (
    id          INTEGER PRIMARY KEY,
    method      TEXT NOT NULL,
    verb        TEXT NOT NULL,
    api_group   TEXT NOT NULL,
    version     TEXT NOT NULL,
    resource    TEXT NOT NULL,
    subresource TEXT NOT NULL
);

CREATE TABLE client (
    id              INTEGER PRIMARY KEY,
    agent           INTEGER NOT NULL, -- string: the User-Agent before the first " -- "
    agent_test      INTEGER NOT NULL, -- test: what follows that separator; 0 if nothing does
    test_header     INTEGER NOT NULL, -- string
    kubectl_command INTEGER NOT NULL, -- string
    kubectl_session INTEGER NOT NULL, -- string
    credential      INTEGER NOT NULL
);

CREATE TABLE query (
    id             INTEGER PRIMARY KEY,
    watch          INTEGER NOT NULL,
    dry_run        TEXT NOT NULL,
    field_manager  TEXT NOT NULL,
    list_limit     INTEGER NOT NULL,
    label_selector TEXT NOT NULL,
    field_selector TEXT NOT NULL
);

CREATE TABLE content (
    id            INTEGER PRIMARY KEY,
    request_type  TEXT NOT NULL,
    response_type TEXT NOT NULL
);

CREATE TABLE request (
    id            INTEGER PRIMARY KEY,
    run           INTEGER NOT NULL,
    connection    INTEGER NOT NULL,
    start_ns      INTEGER NOT NULL,
    duration_ns   INTEGER NOT NULL,
    first_byte_ns INTEGER NOT NULL,
    endpoint      INTEGER NOT NULL,
    namespace     INTEGER NOT NULL, -- string
    name          INTEGER NOT NULL, -- string
    path          INTEGER NOT NULL, -- string; 0: it is the one that endpoint, namespace and name make (view requests)
    query         INTEGER NOT NULL,
    content       INTEGER NOT NULL,
    status        INTEGER NOT NULL, -- 0: no answer
    bytes_in      INTEGER NOT NULL,
    bytes_out     INTEGER NOT NULL,
    client        INTEGER NOT NULL,
    audit_id      BLOB NOT NULL,    -- 16 bytes if it is a canonical UUID, else the text itself
    test          INTEGER NOT NULL, -- 0: nothing names one
    source        INTEGER NOT NULL,
    outcome       INTEGER NOT NULL,
    warnings      INTEGER NOT NULL, -- string: one a line
    error         INTEGER NOT NULL  -- string
);

-- What report groups by, summed as rows are written, in the same transaction; RebuildSummary makes it from the rows.
-- A test's row in summary is what report shows of it, in a few numbers, so that the table of all tests reads few pages. Its
-- row in summary_parts has sums and a histogram of the durations for each endpoint and status, all packed into one value,
-- because one row per part would take ten times as long to read and six times as long to write. What cannot be summed up
-- from the numbers of tests, a run's set of endpoints and histogram, is packed in run.totals. sums.go and totals.go pack.
--
-- A request counts from its first row on, open and unfinished ones included. Durations leave out long-running requests
-- (watches, exec, logs, …), whose length is the client's choice.
CREATE TABLE summary (
    run         INTEGER NOT NULL,
    test        INTEGER NOT NULL,
    requests    INTEGER NOT NULL,
    errors_4xx  INTEGER NOT NULL,
    errors_5xx  INTEGER NOT NULL,
    watches     INTEGER NOT NULL,
    bytes_in    INTEGER NOT NULL,
    bytes_out   INTEGER NOT NULL,
    duration_ns INTEGER NOT NULL, -- sum
    max_ns      INTEGER NOT NULL,
    endpoints   INTEGER NOT NULL, -- different ones
    timed       INTEGER NOT NULL, -- requests whose durations count
    p50_ns      INTEGER NOT NULL, -- of these, good to 2 %; 0 without any
    p99_ns      INTEGER NOT NULL,
    PRIMARY KEY (run, test)
) WITHOUT ROWID;

CREATE TABLE summary_parts (
    run   INTEGER NOT NULL,
    test  INTEGER NOT NULL,
    parts BLOB NOT NULL,
    PRIMARY KEY (run, test)
);

-- Where the writer stands: what of the pending file's generation has been applied.
CREATE TABLE pending (
    id         INTEGER PRIMARY KEY CHECK (id = 1),
    generation INTEGER NOT NULL,
    applied    INTEGER NOT NULL,
    run        INTEGER NOT NULL
);
INSERT INTO pending VALUES (1, 0, 0, 0);

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
    source.name AS test_source,
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
LEFT JOIN source ON source.id = r.source
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
    s.max_ns / 1000000.0 AS max_ms
FROM summary s
LEFT JOIN run ON run.id = s.run
LEFT JOIN test ON test.id = s.test;

CREATE VIEW runs AS
SELECT
    run.name AS run,
    strftime('%Y-%m-%dT%H:%M:%fZ', start_ns / 1000000000.0, 'unixepoch') AS started,
    strftime('%Y-%m-%dT%H:%M:%fZ', end_ns / 1000000000.0, 'unixepoch') AS ended,
    exit_code,
    (SELECT coalesce(sum(requests), 0) FROM summary s WHERE s.run = run.id) AS requests,
    (SELECT count(DISTINCT test.name) FROM summary s JOIN test ON test.id = s.test
        WHERE s.run = run.id AND s.test <> 0) AS tests,
    lost,
    command,
    context,
    server,
    server_version,
    tool_version,
    start_ns,
    end_ns
FROM run;

CREATE VIEW connections AS
SELECT
    c.id,
    run.name AS run,
    strftime('%Y-%m-%dT%H:%M:%fZ', c.opened_ns / 1000000000.0, 'unixepoch') AS opened,
    remote.value || coalesce(':' || c.port, '') AS remote,
    protocol.value AS protocol,
    c.pid,
    strftime('%Y-%m-%dT%H:%M:%fZ', c.process_start_ns / 1000000000.0, 'unixepoch') AS process_start,
    executable.value AS executable
FROM connection c
LEFT JOIN run ON run.id = c.run
LEFT JOIN string remote ON remote.id = c.remote
LEFT JOIN string protocol ON protocol.id = c.protocol
LEFT JOIN string executable ON executable.id = c.executable;
