-- Where leads come from, what that costs, and what reports go through.
--
-- Runs outside a transaction, because an index of a large table is built beside the running work. So every statement may be
-- repeated: a killed run starts again from the top. Nothing here rewrites a table or holds a lock for longer than a moment.

-- +goose NO TRANSACTION
-- +goose Up
-- A code stands in the links of one advertisement and says whose lead it brings and, when city is not empty, from where. Codes of the kit are in
-- its files. A retired code brings people no source any more; leads of before keep theirs.
CREATE TABLE IF NOT EXISTS sources (
  code       text NOT NULL CONSTRAINT sources_pkey PRIMARY KEY CONSTRAINT sources_code CHECK (code ~ '^[a-z0-9][a-z0-9-]{0,39}$'),
  source     text NOT NULL CONSTRAINT sources_source CHECK (source <> '' AND length(source) <= 40),
  city       text NOT NULL DEFAULT '',
  title      text NOT NULL DEFAULT '',   -- of the advertisement, for people
  created_at timestamptz NOT NULL DEFAULT now(),
  retired_at timestamptz
);

-- What a day of an advertisement (code), or of a whole source, has cost, in hundredths of the kit's currency. An empty city means all of them.
CREATE TABLE IF NOT EXISTS source_costs (
  source text NOT NULL,
  city   text NOT NULL DEFAULT '',
  code   text NOT NULL DEFAULT '',
  day    date NOT NULL,
  cost   bigint NOT NULL CONSTRAINT source_costs_cost CHECK (cost >= 0),
  CONSTRAINT source_costs_pkey PRIMARY KEY (day, source, city, code)
);

-- What a killed run has left of an index is good for nothing.
-- +goose StatementBegin
DO $$
DECLARE
  broken text;
BEGIN
  FOR broken IN SELECT indexrelid::regclass FROM pg_index WHERE NOT indisvalid AND indexrelid = to_regclass('events_worked')
  LOOP
    EXECUTE 'DROP INDEX ' || broken;
  END LOOP;
END $$;
-- +goose StatementEnd

-- Building an index beside the work waits for the transactions of before and keeps nobody from writing meanwhile.
SET lock_timeout = '30s';
-- Which deals each employee has worked on in a time: only what employees do is in it.
CREATE INDEX CONCURRENTLY IF NOT EXISTS events_worked ON events (at) INCLUDE (employee_id, deal_id) WHERE author = 'employee' AND deal_id IS NOT NULL;
-- The next migration runs on this connection: it must not keep anybody waiting for half a minute.
SET lock_timeout = '800ms';
