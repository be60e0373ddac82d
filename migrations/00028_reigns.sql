-- Each time a process becomes the sender of an account, or the one that polls for it, its reign gets the next number. What a process
-- of an earlier reign still wants to say of the account is not written any more.

-- +goose Up
ALTER TABLE channels ADD COLUMN IF NOT EXISTS reign bigint NOT NULL DEFAULT 0;
