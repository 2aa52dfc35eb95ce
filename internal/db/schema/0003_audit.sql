-- Audit logs of the API server, imported.

-- One row for each request that a log tells of, whichever run it belongs to, or none: a log is of the whole cluster. What it
-- has in common with the recording is found by audit_id, from request to audit, since only audit has an index on it:
--   SELECT … FROM request r LEFT JOIN audit a ON a.audit_id = r.audit_id WHERE r.run = …
CREATE TABLE audit (
    id           INTEGER PRIMARY KEY,
    audit_id     BLOB NOT NULL,    -- as request.audit_id
    received_ns  INTEGER NOT NULL, -- 0: not logged
    completed_ns INTEGER,          -- NULL: no later stage is logged
    stages       INTEGER NOT NULL, -- set: 1 received, 2 response started, 4 response complete, 8 panic
    endpoint     INTEGER NOT NULL, -- its method is '', which no log tells
    namespace    INTEGER NOT NULL, -- string, as all below but client and status
    name         INTEGER NOT NULL,
    path         INTEGER NOT NULL, -- 0: as in request
    user         INTEGER NOT NULL,
    impersonated INTEGER NOT NULL, -- the user that it acted as
    source       INTEGER NOT NULL, -- the first of its addresses
    client       INTEGER NOT NULL, -- nothing but its User-Agent
    status       INTEGER NOT NULL  -- 0: not logged
);
CREATE UNIQUE INDEX audit_request ON audit (audit_id);

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
LEFT JOIN test agent_test ON agent_test.id = c.agent_test;
