-- Lists of deals in chats, and the commands that employees make of them.
--
-- Every statement may be repeated: a killed run starts again from the top.

-- +goose NO TRANSACTION
-- +goose Up
-- A list that stands in a chat: its buttons name it by the token, since a filter does not fit into a button. Rows that nobody has touched for
-- a month are removed when another list is made. query is what was typed; base and query together are read anew for whoever presses.
CREATE TABLE IF NOT EXISTS lists (
  token           text NOT NULL CONSTRAINT lists_pkey PRIMARY KEY,
  employee_id     bigint NOT NULL CONSTRAINT lists_employee_fkey REFERENCES employees,
  conversation_id bigint NOT NULL,
  message_id      bigint NOT NULL,          -- the message that shows it
  base            text NOT NULL CONSTRAINT lists_base CHECK (base IN ('my', 'deals', 'find', 'export')),
  query           text NOT NULL CONSTRAINT lists_query CHECK (length(query) <= 4096),
  page            integer NOT NULL DEFAULT 0,
  revision        integer NOT NULL DEFAULT 0, -- grows with each change of the query: buttons of before mean nothing
  created_at      timestamptz NOT NULL DEFAULT now(),
  used_at         timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX IF NOT EXISTS lists_employee ON lists (employee_id, used_at);
CREATE INDEX IF NOT EXISTS lists_used ON lists (used_at);

-- Saved commands: what they list, what the command menu calls them (menus know Latin letters only) and when they come by themselves.
ALTER TABLE filters
  ADD COLUMN IF NOT EXISTS base      text NOT NULL DEFAULT 'deals' CONSTRAINT filters_base CHECK (base IN ('my', 'deals', 'find')),
  ADD COLUMN IF NOT EXISTS command   text NOT NULL DEFAULT '',
  ADD COLUMN IF NOT EXISTS at_minute smallint CONSTRAINT filters_at_minute CHECK (at_minute BETWEEN 0 AND 1439); -- since midnight of the employee's city
CREATE UNIQUE INDEX IF NOT EXISTS filters_employee_command ON filters (employee_id, command) WHERE command <> '';
