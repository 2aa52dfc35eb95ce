-- Counts the changes of rows in request that were there: whoever has counted them must count anew.
ALTER TABLE run ADD COLUMN revision INTEGER NOT NULL DEFAULT 0;
