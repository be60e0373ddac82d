-- What the guard of numbers remembers: what robots sent of their own accord, to whom they are silent, and what stops a number.
--
-- Every statement may be repeated.

-- +goose NO TRANSACTION
-- +goose Up
CREATE TABLE IF NOT EXISTS guard_numbers (
  channel    text NOT NULL CONSTRAINT guard_numbers_pkey PRIMARY KEY,
  since      timestamptz NOT NULL,               -- of a number that has no account row
  free_at    timestamptz,                        -- nothing more of its own accord before
  stop       text NOT NULL DEFAULT '' CONSTRAINT guard_numbers_stop CHECK (stop IN ('', 'banned', 'timelock')),
  stop_until timestamptz,
  stopped_at timestamptz
);

-- A row is written before its message is sent, and bears its number: whatever dies in between, a message is counted once and never too little.
CREATE TABLE IF NOT EXISTS guard_sends (
  message_id      bigint NOT NULL CONSTRAINT guard_sends_pkey PRIMARY KEY,
  conversation_id bigint,                        -- NULL once its person was forgotten
  channel         text NOT NULL,
  kind            text NOT NULL CONSTRAINT guard_sends_kind CHECK (kind IN ('own', 'broadcast', 'staff')),
  heard_id        bigint NOT NULL,               -- the last word of the person that was known then
  print           bigint NOT NULL,               -- what was said, without names and numbers
  at              timestamptz NOT NULL
);
CREATE INDEX IF NOT EXISTS guard_sends_channel ON guard_sends (channel, at) INCLUDE (kind);
CREATE INDEX IF NOT EXISTS guard_sends_talk ON guard_sends (conversation_id, heard_id) WHERE kind <> 'staff';
CREATE INDEX IF NOT EXISTS guard_sends_print ON guard_sends (print, channel, at) WHERE kind <> 'staff' AND print <> 0;

-- Somebody whom a person of the company is to call. Silent: robots write to them again when they have written, which is known by heard_id.
CREATE TABLE IF NOT EXISTS guard_calls (
  conversation_id bigint NOT NULL CONSTRAINT guard_calls_pkey PRIMARY KEY,
  channel         text NOT NULL,
  heard_id        bigint NOT NULL,
  silent          boolean NOT NULL,
  reason          text NOT NULL,
  task_id         bigint NOT NULL,
  at              timestamptz NOT NULL,
  told_at         timestamptz,                   -- when whoever is to call was told
  ended_at        timestamptz                    -- they wrote
);
CREATE INDEX IF NOT EXISTS guard_calls_untold ON guard_calls (at) WHERE told_at IS NULL;
CREATE INDEX IF NOT EXISTS guard_calls_going ON guard_calls (channel) WHERE ended_at IS NULL;
