-- A talk that people of the company lead has a topic of its own in the forum of those who take talks over.
--
-- Every statement may be repeated. A constant default of a new column rewrites nothing.

-- +goose NO TRANSACTION
-- +goose Up
ALTER TABLE rooms ADD COLUMN IF NOT EXISTS forum boolean NOT NULL DEFAULT false;

-- Messages bear the name of a topic ('talk:42'), and only the sender looks up what the provider calls it now: a topic that is made later, or made
-- anew, changes one row here. The forum is not a foreign key: checking it would wait for whoever writes there and waits for this talk.
CREATE TABLE IF NOT EXISTS topics (
  talk_id         bigint NOT NULL CONSTRAINT topics_pkey PRIMARY KEY CONSTRAINT topics_talk_fkey REFERENCES conversations,
  conversation_id bigint NOT NULL,                                  -- the forum
  thread          text CONSTRAINT topics_thread CHECK (thread <> ''), -- null until the provider has made it
  title           text NOT NULL,
  anew            jsonb NOT NULL,                                   -- what is said in a topic that stands for a deleted one
  status          text NOT NULL CONSTRAINT topics_status CHECK (status IN ('called', 'led', 'returned', 'lost')),
  joined          bigint[] NOT NULL DEFAULT '{}',                   -- employees of whom the person has been told
  reason          text NOT NULL DEFAULT '',                         -- of the loss
  told_at         timestamptz,                                      -- when what stood in a lost topic was handed on
  created_at      timestamptz NOT NULL DEFAULT now(),
  CONSTRAINT topics_thread_key UNIQUE (conversation_id, thread)
);
CREATE INDEX IF NOT EXISTS topics_untold ON topics (talk_id) WHERE status = 'lost' AND told_at IS NULL;
