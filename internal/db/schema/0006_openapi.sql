-- The operations that API servers document, packed by whoever stores them. Runs of the same operations share a document.
CREATE TABLE openapi (
    id       INTEGER PRIMARY KEY,
    hash     BLOB NOT NULL UNIQUE, -- SHA-256 of document
    document BLOB NOT NULL
);

ALTER TABLE run ADD COLUMN openapi INTEGER NOT NULL DEFAULT 0; -- 0: not known
