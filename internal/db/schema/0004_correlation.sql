-- What is said of the audit log's requests that no run has recorded, and runs that were made from an audit log.

-- How far the times of requests may be off from those of specs; 0: the run was recorded.
ALTER TABLE run ADD COLUMN uncertainty_ns INTEGER NOT NULL DEFAULT 0;

ALTER TABLE summary ADD COLUMN from_object INTEGER NOT NULL DEFAULT 0;
ALTER TABLE summary ADD COLUMN from_service_account INTEGER NOT NULL DEFAULT 0;
ALTER TABLE summary ADD COLUMN from_time_window INTEGER NOT NULL DEFAULT 0;

-- Names of numbers, as in 0001.
CREATE TABLE role (id INTEGER PRIMARY KEY, name TEXT NOT NULL);

ALTER TABLE audit ADD COLUMN run INTEGER NOT NULL DEFAULT 0;         -- in whose time it is, and which did not record it; 0: none
ALTER TABLE audit ADD COLUMN role INTEGER NOT NULL DEFAULT 0;        -- in that run, as the columns below
ALTER TABLE audit ADD COLUMN test INTEGER NOT NULL DEFAULT 0;
ALTER TABLE audit ADD COLUMN attribution INTEGER NOT NULL DEFAULT 0;

DROP VIEW tests;
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
    s.from_service_account,
    s.from_namespace,
    s.from_object,
    s.from_output,
    s.from_time_window
FROM summary s
LEFT JOIN run ON run.id = s.run
LEFT JOIN test ON test.id = s.test;

DROP VIEW audit_events;
CREATE VIEW audit_events AS
SELECT
    a.id,
    CASE typeof(a.audit_id) WHEN 'blob' THEN lower(
        substr(hex(a.audit_id), 1, 8) || '-' || substr(hex(a.audit_id), 9, 4) || '-' || substr(hex(a.audit_id), 13, 4)
        || '-' || substr(hex(a.audit_id), 17, 4) || '-' || substr(hex(a.audit_id), 21))
    ELSE a.audit_id END AS audit_id,
    strftime('%Y-%m-%dT%H:%M:%fZ', a.received_ns / 1000000000.0, 'unixepoch') AS received,
    strftime('%Y-%m-%dT%H:%M:%fZ', a.completed_ns / 1000000000.0, 'unixepoch') AS completed,
    rtrim(CASE WHEN a.stages & 1 THEN 'RequestReceived,' ELSE '' END || CASE WHEN a.stages & 2 THEN 'ResponseStarted,' ELSE '' END ||
        CASE WHEN a.stages & 4 THEN 'ResponseComplete,' ELSE '' END || CASE WHEN a.stages & 8 THEN 'Panic' ELSE '' END, ',') AS stages,
    e.verb,
    CASE WHEN a.path <> 0 THEN path.value ELSE
        CASE WHEN e.api_group = '' THEN '/api/' ELSE '/apis/' || e.api_group || '/' END || e.version ||
        CASE WHEN a.namespace <> 0 AND e.resource <> 'namespaces' THEN '/namespaces/' || namespace.value ELSE '' END ||
        '/' || e.resource ||
        CASE WHEN a.name <> 0 AND e.verb NOT IN ('list', 'watch') THEN '/' || name.value ELSE '' END ||
        CASE WHEN e.subresource <> '' THEN '/' || e.subresource ELSE '' END
    END AS path,
    e.api_group,
    e.version AS api_version,
    e.resource,
    e.subresource,
    namespace.value AS namespace,
    name.value AS name,
    a.status,
    user.value AS user,
    impersonated.value AS impersonated,
    source.value AS source,
    agent.value || CASE WHEN c.agent_test <> 0 THEN ' -- ' || agent_test.name ELSE '' END AS user_agent,
    run.name AS unrecorded_in, -- the run in whose time it is, if that has not recorded it; what it has to do with its tests follows
    CASE WHEN a.run <> 0 THEN role.name END AS role,
    CASE WHEN a.run <> 0 THEN test.name END AS test,
    CASE WHEN a.run <> 0 THEN t.source END AS test_source,
    CASE WHEN a.run <> 0 THEN t.why END AS test_why,
    CASE WHEN a.run <> 0 THEN t.phase END AS phase,
    a.received_ns,
    a.completed_ns
FROM audit a
LEFT JOIN endpoint e ON e.id = a.endpoint
LEFT JOIN string namespace ON namespace.id = a.namespace
LEFT JOIN string name ON name.id = a.name
LEFT JOIN string path ON path.id = a.path
LEFT JOIN string user ON user.id = a.user
LEFT JOIN string impersonated ON impersonated.id = a.impersonated
LEFT JOIN string source ON source.id = a.source
LEFT JOIN client c ON c.id = a.client
LEFT JOIN string agent ON agent.id = c.agent
LEFT JOIN test agent_test ON agent_test.id = c.agent_test
LEFT JOIN run ON run.id = a.run
LEFT JOIN role ON role.id = a.role
LEFT JOIN test ON test.id = a.test
LEFT JOIN attributions t ON t.id = a.attribution;
