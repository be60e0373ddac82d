-- Numbers of the company that are linked to their provider like a computer to its phone, and a schema for the tables of the library that
-- speaks to WhatsApp: it makes and changes them itself.
--
-- Every statement may be repeated.

-- +goose NO TRANSACTION
-- +goose Up
CREATE SCHEMA IF NOT EXISTS whatsapp;

CREATE TABLE IF NOT EXISTS accounts (
  channel   text NOT NULL CONSTRAINT accounts_pkey PRIMARY KEY,
  phone     text NOT NULL CONSTRAINT accounts_phone CHECK (phone ~ '^[+][0-9]{6,15}$'), -- E.164
  device    text NOT NULL DEFAULT '',                                                  -- the provider's id of the link, empty while there is none
  salt      bytea NOT NULL CONSTRAINT accounts_salt CHECK (length(salt) = 32),         -- of the ids of messages that go out
  since     timestamptz NOT NULL DEFAULT now(),                                        -- the number is in use with us
  linked_at timestamptz NOT NULL DEFAULT now(),
  seen_at   timestamptz NOT NULL DEFAULT now()                                         -- its phone was there
);

-- Removes what the library keeps of people: numbers, names, keys of messages and of sessions. Phones are E.164, chats the addresses of
-- theirs. The library's tables may not be there yet, or be other ones in another version. The company's own numbers stay.
-- +goose StatementBegin
CREATE OR REPLACE FUNCTION forget_whatsapp(phones text[], chats text[]) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
  numbers text[]; -- as the library writes them, without a plus
  hidden  text[]; -- other ids of the same people
  whole   text[]; -- addresses of both kinds
  keyed   text[]; -- by which their sessions are kept
  place   record;
  removed bigint := 0;
  gone    bigint;
BEGIN
  IF to_regclass('whatsapp.whatsmeow_lid_map') IS NULL OR to_regclass('whatsapp.whatsmeow_device') IS NULL THEN
    RETURN 0;
  END IF;
  SELECT array_agg(DISTINCT ltrim(p, '+')) INTO numbers FROM (SELECT unnest(phones) UNION
    SELECT split_part(c, '@', 1) FROM unnest(chats) AS c WHERE c LIKE '%@s.whatsapp.net') AS u(p) WHERE p <> '';
  SELECT array_agg(DISTINCT split_part(c, '@', 1)) INTO hidden FROM unnest(chats) AS c WHERE c LIKE '%@lid';
  EXECUTE 'SELECT array_agg(DISTINCT p), array_agg(DISTINCT l) FROM (
      SELECT unnest($1), NULL UNION SELECT NULL, unnest($2) UNION SELECT pn, lid FROM whatsapp.whatsmeow_lid_map WHERE pn = ANY ($1) OR lid = ANY ($2)) AS u(p, l)
    WHERE NOT EXISTS (SELECT FROM whatsapp.whatsmeow_device d WHERE split_part(split_part(d.jid, ''@'', 1), '':'', 1) = p
      OR split_part(split_part(d.lid, ''@'', 1), '':'', 1) = l)' INTO numbers, hidden USING coalesce(numbers, '{}'), coalesce(hidden, '{}');
  numbers := array_remove(numbers, NULL);
  hidden := array_remove(hidden, NULL);
  SELECT array_agg(a), array_agg(k) INTO whole, keyed FROM (
    SELECT n || '@s.whatsapp.net', n FROM unnest(numbers) AS n UNION ALL SELECT h || '@lid', h || '_1' FROM unnest(hidden) AS h) AS u(a, k);
  FOR place IN
    SELECT t.name, t.key, t.condition FROM (VALUES
      ('whatsmeow_lid_map', 'pn', '%I = ANY ($1)'), ('whatsmeow_lid_map', 'lid', '%I = ANY ($2)'),
      ('whatsmeow_contacts', 'their_jid', '%I = ANY ($3)'), ('whatsmeow_chat_settings', 'chat_jid', '%I = ANY ($3)'),
      ('whatsmeow_message_secrets', 'chat_jid', '%I = ANY ($3)'), ('whatsmeow_message_secrets', 'sender_jid', '%I = ANY ($3)'),
      ('whatsmeow_privacy_tokens', 'their_jid', '%I = ANY ($3)'), ('whatsmeow_retry_buffer', 'chat_jid', '%I = ANY ($3)'),
      ('whatsmeow_sessions', 'their_id', 'split_part(%I, '':'', 1) = ANY ($4)'), ('whatsmeow_identity_keys', 'their_id', 'split_part(%I, '':'', 1) = ANY ($4)'),
      ('whatsmeow_sender_keys', 'sender_id', 'split_part(%I, '':'', 1) = ANY ($4)')) AS t(name, key, condition)
    JOIN pg_attribute a ON a.attrelid = to_regclass('whatsapp.' || t.name) AND a.attname = t.key AND NOT a.attisdropped
  LOOP
    EXECUTE format('DELETE FROM whatsapp.%I WHERE ' || place.condition, place.name, place.key) USING numbers, hidden, whole, keyed;
    GET DIAGNOSTICS gone = ROW_COUNT;
    removed := removed + gone;
  END LOOP;
  RETURN removed;
END $$;
-- +goose StatementEnd
