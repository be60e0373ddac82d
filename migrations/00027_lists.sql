-- Lists are counted in the indexes that lead through them: what the policies ask of a deal stands there too, so that a thousand deals are
-- looked at without reading a thousand pages of the table. No column is added that was not in an index before: whatever could be changed in
-- place still can.
--
-- Every statement may be repeated. Nothing here rewrites a table.

-- +goose NO TRANSACTION
-- +goose Up

-- What a killed run has left of an index is good for nothing.
-- +goose StatementBegin
DO $$
DECLARE
  broken text;
BEGIN
  FOR broken IN SELECT indexrelid::regclass FROM pg_index WHERE NOT indisvalid AND indexrelid IN
    (SELECT to_regclass(name) FROM unnest(ARRAY['deals_of_owner', 'deals_of_crew', 'deals_of_city', 'deals_of_stage', 'deals_of_place']) name)
  LOOP
    EXECUTE 'DROP INDEX ' || broken;
  END LOOP;
END $$;
-- +goose StatementEnd

-- Building an index beside the work waits for the transactions of before and keeps nobody from writing meanwhile.
SET lock_timeout = '30s';
CREATE INDEX CONCURRENTLY IF NOT EXISTS deals_of_owner ON deals (owner_id, status, id) INCLUDE (pipeline, stage, city, crew_id) WHERE owner_id IS NOT NULL;
CREATE INDEX CONCURRENTLY IF NOT EXISTS deals_of_crew ON deals (crew_id, status, id) INCLUDE (pipeline, stage, city, owner_id) WHERE crew_id IS NOT NULL;
CREATE INDEX CONCURRENTLY IF NOT EXISTS deals_of_city ON deals (city, status, id) INCLUDE (pipeline, stage, owner_id, crew_id);
CREATE INDEX CONCURRENTLY IF NOT EXISTS deals_of_stage ON deals (pipeline, stage, id) INCLUDE (status, city, owner_id, crew_id);
CREATE INDEX CONCURRENTLY IF NOT EXISTS deals_of_place ON deals (city, pipeline, stage, id) INCLUDE (status, owner_id, crew_id);
-- The new ones do what these did.
DROP INDEX CONCURRENTLY IF EXISTS deals_owner;
DROP INDEX CONCURRENTLY IF EXISTS deals_crew;
DROP INDEX CONCURRENTLY IF EXISTS deals_city;
DROP INDEX CONCURRENTLY IF EXISTS deals_stage;
DROP INDEX CONCURRENTLY IF EXISTS deals_place;
DROP INDEX CONCURRENTLY IF EXISTS deals_stage_open;
-- The next migration runs on this connection: it must not keep anybody waiting for half a minute.
SET lock_timeout = '800ms';

-- Only what is known to be seen by all is counted in an index: what is new is looked through sooner than a fifth of a large table.
ALTER TABLE deals SET (autovacuum_vacuum_insert_scale_factor = 0.02, autovacuum_vacuum_scale_factor = 0.05);
