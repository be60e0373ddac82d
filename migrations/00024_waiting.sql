-- Signals that no conversation has met are looked for every second: what was sent long ago must not be in the way.
--
-- Every statement may be repeated.

-- +goose NO TRANSACTION
-- +goose Up
-- What a killed run has left of an index is good for nothing.
-- +goose StatementBegin
DO $$
BEGIN
  IF EXISTS (SELECT FROM pg_index WHERE NOT indisvalid AND indexrelid = to_regclass('messages_waiting')) THEN
    DROP INDEX messages_waiting;
  END IF;
END $$;
-- +goose StatementEnd
CREATE INDEX CONCURRENTLY IF NOT EXISTS messages_waiting ON messages (id) WHERE status = 'waiting';
