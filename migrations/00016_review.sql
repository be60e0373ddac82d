-- Checks and review of photos: which file took the place of which, what is known of a picture from before, and who has been shown what.
--
-- Every statement may be repeated. A constant default of a new column rewrites nothing.

-- +goose NO TRANSACTION
-- +goose Up
-- A photo that was asked for again takes the place of the one before, which stays but is shown no more. origin_id is the first one in that place:
-- places are counted in the order in which the first ones came.
-- compared: the content was compared with that of other contacts. What is there already is as good as compared; what comes from now on is not.
ALTER TABLE attachments
  ADD COLUMN IF NOT EXISTS replaced  boolean NOT NULL DEFAULT false,
  ADD COLUMN IF NOT EXISTS origin_id bigint,
  ADD COLUMN IF NOT EXISTS compared  boolean NOT NULL DEFAULT true;
ALTER TABLE attachments ALTER COLUMN compared SET DEFAULT false;

CREATE INDEX CONCURRENTLY IF NOT EXISTS attachments_unique_ref ON attachments (unique_ref) WHERE unique_ref <> '';
CREATE INDEX CONCURRENTLY IF NOT EXISTS attachments_hash ON attachments (hash) WHERE hash IS NOT NULL;
CREATE INDEX CONCURRENTLY IF NOT EXISTS attachments_uncompared ON attachments (id) WHERE status = 'stored' AND deal_id IS NOT NULL AND NOT compared;

-- Files that stand in a chat of employees already. No foreign keys: attachments are erased in bulk, and then nothing is left to show.
CREATE TABLE IF NOT EXISTS photo_views (
  conversation_id bigint NOT NULL,
  attachment_id   bigint NOT NULL,
  deal_id         bigint NOT NULL,
  shown_at        timestamptz NOT NULL DEFAULT now(),
  CONSTRAINT photo_views_pkey PRIMARY KEY (conversation_id, attachment_id)
);
CREATE INDEX IF NOT EXISTS photo_views_attachment ON photo_views (attachment_id);
SELECT protect_by_deal('photo_views');
