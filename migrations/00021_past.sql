-- What could not be read: messages that never came to be readable, and files that their senders must send once more. Whoever looks for them finds
-- them by these indexes, which hold next to nothing.
--
-- Every statement may be repeated.

-- +goose NO TRANSACTION
-- +goose Up
-- What a killed run has left of an index is good for nothing.
-- +goose StatementBegin
DO $$
DECLARE broken regclass;
BEGIN
  FOR broken IN SELECT indexrelid::regclass FROM pg_index
    WHERE NOT indisvalid AND indexrelid IN (to_regclass('messages_unread'), to_regclass('attachments_gone')) LOOP
    EXECUTE format('DROP INDEX %s', broken);
  END LOOP;
END $$;
-- +goose StatementEnd
CREATE INDEX CONCURRENTLY IF NOT EXISTS messages_unread ON messages (created_at) WHERE kind = 'unread' AND status = 'received';
CREATE INDEX CONCURRENTLY IF NOT EXISTS attachments_gone ON attachments (id) WHERE status = 'failed' AND reason = 'gone';
