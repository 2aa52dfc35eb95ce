-- An endpoint tells a request's OpenAPI operation. Requests and audit rows get their new endpoints, and the summary is made anew,
-- in Go (splitEndpoints), in the same transaction.

ALTER TABLE endpoint ADD COLUMN namespaced INTEGER NOT NULL DEFAULT 0; -- 1: the path names a namespace before the resource
ALTER TABLE endpoint ADD COLUMN named INTEGER NOT NULL DEFAULT 0;      -- 1: an object is named, in the path or by a list's or watch's metadata.name
ALTER TABLE endpoint ADD COLUMN sub_path INTEGER NOT NULL DEFAULT 0;   -- 1: something follows the subresource, which only proxy has
ALTER TABLE endpoint ADD COLUMN path TEXT NOT NULL DEFAULT '';         -- of what is no resource: as asked for, or cut short ('/logs/*', '/*')
