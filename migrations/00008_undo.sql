-- What an employee did last to a deal by a button, so that it can be taken back for a minute.
--
-- Every statement may be repeated.

-- +goose NO TRANSACTION
-- +goose Up
CREATE TABLE IF NOT EXISTS undos (
  deal_id     bigint NOT NULL CONSTRAINT undos_pkey PRIMARY KEY CONSTRAINT undos_deal_fkey REFERENCES deals,
  employee_id bigint NOT NULL CONSTRAINT undos_employee_fkey REFERENCES employees,
  acted_at    timestamptz NOT NULL,                -- by the clock of the turn
  written_at  timestamptz NOT NULL DEFAULT now(),  -- of the transaction: rows that it touched bear it
  event_id    bigint NOT NULL,                     -- the last one of the deal then: a later change is somebody else's matter
  before      jsonb NOT NULL,
  kept        text NOT NULL DEFAULT ''             -- why it can't be taken back; empty when it can
);
CREATE INDEX IF NOT EXISTS undos_employee ON undos (employee_id, acted_at);
