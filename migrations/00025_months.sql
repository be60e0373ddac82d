-- Messages and events lie in a table for each month, so that old months can be taken out in a moment and nothing slows down with the years.
--
-- Months are ranges of ids: at the first moment of a month (UTC) the sequence jumps to (year * 12 + month - 1) << 36. So the bounds are known
-- ahead, the keys stay what they were, and whoever knows an id knows the month. What was there before is the first part. A month at whose
-- beginning nobody was there goes on in the part before, which harms nobody.
--
-- A unique key must hold the id here: that a provider's id stands once in a talk is watched over by message_refs, which also leads from that
-- id to the message.
--
-- Runs outside a transaction; every statement may be repeated, a killed run starts again from the top and goes on where it was. No row is
-- rewritten. A program of before that is still running can store nothing more once the tables are changed over: it tells its providers so,
-- and they deliver again to the program that follows.

-- +goose NO TRANSACTION
-- +goose Up
CREATE TABLE IF NOT EXISTS message_refs (
  conversation_id bigint NOT NULL,
  direction       text NOT NULL,
  ref             text NOT NULL,
  message_id      bigint NOT NULL,
  CONSTRAINT message_refs_pkey PRIMARY KEY (conversation_id, direction, ref)
);

-- Months that were written into files and are here no more. The references of their messages stay: what is delivered late is known still.
CREATE TABLE IF NOT EXISTS archived (
  month    text NOT NULL CONSTRAINT archived_pkey PRIMARY KEY,
  file     text NOT NULL,
  messages bigint NOT NULL,
  events   bigint NOT NULL,
  at       timestamptz NOT NULL DEFAULT now()
);

-- +goose StatementBegin
CREATE OR REPLACE FUNCTION month_number(at timestamptz) RETURNS bigint LANGUAGE sql STABLE PARALLEL SAFE
  AS $$ SELECT (extract(year FROM at AT TIME ZONE 'UTC') * 12 + extract(month FROM at AT TIME ZONE 'UTC') - 1)::bigint $$;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE OR REPLACE FUNCTION month_part(whole text, month bigint) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE
  AS $$ SELECT whole || to_char(make_date((month / 12)::integer, (month % 12)::integer + 1, 1), '"_"FMYYYY"_"MM') $$;
-- +goose StatementEnd

-- Makes the tables of this month and the two that follow. A part is made beside the whole and then joined to it, which stops neither readers
-- nor writers. Who reads the timeline may see what deals they see, and goes no other way: each part has the policy of the whole.
-- +goose StatementBegin
CREATE OR REPLACE FUNCTION make_months(at timestamptz) RETURNS integer LANGUAGE plpgsql AS $$
DECLARE
  whole text;
  part  text;
  month bigint;
  made  integer := 0;
BEGIN
  PERFORM pg_advisory_xact_lock(hashtext('govorun months'));
  FOREACH whole IN ARRAY ARRAY['messages', 'events'] LOOP
    FOR month IN SELECT generate_series(month_number(at), month_number(at) + 2) LOOP
      part := month_part(whole, month);
      CONTINUE WHEN to_regclass(part) IS NOT NULL;
      BEGIN
        EXECUTE format('CREATE TABLE %I (LIKE %I INCLUDING DEFAULTS INCLUDING CONSTRAINTS INCLUDING STORAGE INCLUDING GENERATED)', part, whole);
        IF whole = 'events' THEN
          PERFORM protect_by_deal(part::regclass);
        ELSE
          EXECUTE format('ALTER TABLE %I SET (autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 5000)', part);
        END IF;
        EXECUTE format('ALTER TABLE %I ATTACH PARTITION %I FOR VALUES FROM (%s) TO (%s)', whole, part, month << 36, (month + 1) << 36);
        made := made + 1;
      EXCEPTION WHEN invalid_object_definition THEN -- the clock went back to what lies in the first part
        NULL;
      END;
    END LOOP;
  END LOOP;
  RETURN made;
END $$;
-- +goose StatementEnd

-- Lets ids begin the month, once its tables are there for all to see. It never goes back, whatever a clock says.
-- +goose StatementBegin
CREATE OR REPLACE FUNCTION begin_month(at timestamptz) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
  whole text;
  start bigint := month_number(at) << 36;
  last  bigint;
  begun boolean := false;
BEGIN
  PERFORM pg_advisory_xact_lock(hashtext('govorun months'));
  FOREACH whole IN ARRAY ARRAY['messages', 'events'] LOOP
    EXECUTE format('SELECT last_value FROM %I', whole || '_id_seq') INTO last;
    IF last < start AND EXISTS (SELECT FROM pg_inherits WHERE inhrelid = to_regclass(month_part(whole, month_number(at)))) THEN
      PERFORM setval(whole || '_id_seq', start, false);
      begun := true;
    END IF;
  END LOOP;
  RETURN begun;
END $$;
-- +goose StatementEnd

-- References follow their messages: into another talk, and out of the world. Whoever writes a message or gives it an id writes the reference too.
-- +goose StatementBegin
CREATE OR REPLACE FUNCTION messages_move_ref() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  DELETE FROM message_refs WHERE conversation_id = OLD.conversation_id AND direction = OLD.direction AND ref = OLD.ref AND message_id = OLD.id;
  IF TG_OP = 'UPDATE' THEN
    INSERT INTO message_refs (conversation_id, direction, ref, message_id) VALUES (NEW.conversation_id, NEW.direction, NEW.ref, NEW.id)
      ON CONFLICT ON CONSTRAINT message_refs_pkey DO NOTHING;
  END IF;
  RETURN NULL;
END $$;
-- +goose StatementEnd

-- Until the tables are changed over the references of messages are written by whoever writes messages; those of before are added some thousands
-- at a time. What goes while they are added waits for that, so that no reference outlives its message.
-- +goose StatementBegin
DO $$
BEGIN
  IF (SELECT relkind FROM pg_class WHERE oid = 'messages'::regclass) = 'p' THEN
    RETURN;
  END IF;
  CREATE TABLE IF NOT EXISTS months_begun (bound bigint NOT NULL, conversation_id bigint NOT NULL, message_id bigint NOT NULL);
  INSERT INTO months_begun SELECT month_number(now()) << 36, -1, 0 WHERE NOT EXISTS (SELECT FROM months_begun);
  CREATE OR REPLACE FUNCTION messages_keep_refs() RETURNS trigger LANGUAGE plpgsql AS $keep$
  BEGIN
    IF TG_OP <> 'INSERT' AND OLD.ref IS NOT NULL THEN
      PERFORM pg_advisory_xact_lock_shared(hashtext('govorun refs'));
      DELETE FROM message_refs WHERE conversation_id = OLD.conversation_id AND direction = OLD.direction AND ref = OLD.ref AND message_id = OLD.id;
    END IF;
    IF TG_OP <> 'DELETE' AND NEW.ref IS NOT NULL THEN
      INSERT INTO message_refs (conversation_id, direction, ref, message_id) VALUES (NEW.conversation_id, NEW.direction, NEW.ref, NEW.id)
        ON CONFLICT ON CONSTRAINT message_refs_pkey DO UPDATE SET message_id = excluded.message_id;
    END IF;
    RETURN NULL;
  END $keep$;
  IF NOT EXISTS (SELECT FROM pg_trigger WHERE tgname = 'messages_added_ref') THEN
    CREATE TRIGGER messages_added_ref AFTER INSERT ON messages FOR EACH ROW WHEN (NEW.ref IS NOT NULL) EXECUTE FUNCTION messages_keep_refs();
    CREATE TRIGGER messages_changed_ref AFTER UPDATE ON messages FOR EACH ROW
      WHEN (NEW.ref IS DISTINCT FROM OLD.ref OR NEW.conversation_id <> OLD.conversation_id) EXECUTE FUNCTION messages_keep_refs();
    CREATE TRIGGER messages_lost_ref AFTER DELETE ON messages FOR EACH ROW WHEN (OLD.ref IS NOT NULL) EXECUTE FUNCTION messages_keep_refs();
  END IF;
END $$;
-- +goose StatementEnd
-- +goose StatementBegin
DO $$
DECLARE
  done record;
  upto record;
BEGIN
  WHILE (SELECT relkind FROM pg_class WHERE oid = 'messages'::regclass) = 'r' LOOP
    PERFORM pg_advisory_xact_lock(hashtext('govorun refs'));
    SELECT conversation_id, message_id INTO done FROM months_begun;
    SELECT conversation_id, id INTO upto FROM (SELECT conversation_id, id FROM messages
      WHERE (conversation_id, id) > (done.conversation_id, done.message_id) ORDER BY conversation_id, id LIMIT 5000) lot
      ORDER BY conversation_id DESC, id DESC LIMIT 1;
    EXIT WHEN NOT FOUND;
    INSERT INTO message_refs (conversation_id, direction, ref, message_id) SELECT conversation_id, direction, ref, id FROM messages
      WHERE (conversation_id, id) > (done.conversation_id, done.message_id) AND (conversation_id, id) <= (upto.conversation_id, upto.id) AND ref IS NOT NULL
      ON CONFLICT ON CONSTRAINT message_refs_pkey DO NOTHING;
    UPDATE months_begun SET conversation_id = upto.conversation_id, message_id = upto.id;
    COMMIT;
  END LOOP;
END $$;
-- +goose StatementEnd

-- With a check that holds already no row is looked at when the table becomes a part.
-- +goose StatementBegin
DO $$
DECLARE
  whole text;
BEGIN
  FOREACH whole IN ARRAY ARRAY['messages', 'events'] LOOP
    IF (SELECT relkind FROM pg_class WHERE oid = whole::regclass) = 'r'
      AND NOT EXISTS (SELECT FROM pg_constraint WHERE conrelid = whole::regclass AND conname = whole || '_before') THEN
      EXECUTE format('ALTER TABLE %I ADD CONSTRAINT %I CHECK (id < %s) NOT VALID', whole, whole || '_before', (SELECT bound FROM months_begun));
      COMMIT;
    END IF;
  END LOOP;
END $$;
-- +goose StatementEnd
-- +goose StatementBegin
DO $$
DECLARE
  whole text;
BEGIN
  FOREACH whole IN ARRAY ARRAY['messages', 'events'] LOOP
    IF EXISTS (SELECT FROM pg_constraint WHERE conrelid = whole::regclass AND conname = whole || '_before' AND NOT convalidated) THEN
      EXECUTE format('ALTER TABLE %I VALIDATE CONSTRAINT %I', whole, whole || '_before');
      COMMIT;
    END IF;
  END LOOP;
END $$;
-- +goose StatementEnd

-- The change itself: names and catalogues, each table at once. Its indexes, triggers and grants become those of the whole.
-- +goose StatementBegin
DO $$
DECLARE
  whole text;
  first text;
  key   text;
  made  text[];
  one   record;
BEGIN
  FOREACH whole IN ARRAY ARRAY['messages', 'events'] LOOP
    CONTINUE WHEN (SELECT relkind FROM pg_class WHERE oid = whole::regclass) = 'p';
    EXECUTE format('LOCK TABLE %I IN ACCESS EXCLUSIVE MODE', whole);
    first := whole || '_first';
    IF whole = 'messages' THEN
      DROP TRIGGER messages_added_ref ON messages;
      DROP TRIGGER messages_changed_ref ON messages;
      DROP TRIGGER messages_lost_ref ON messages;
      DROP FUNCTION messages_keep_refs();
      DROP INDEX messages_ref_key;
    END IF;
    SELECT pg_get_constraintdef(oid) INTO key FROM pg_constraint WHERE conrelid = whole::regclass AND contype = 'p';
    SELECT array_agg(pg_get_triggerdef(oid) ORDER BY tgname) INTO made FROM pg_trigger WHERE tgrelid = whole::regclass AND NOT tgisinternal;
    FOR one IN SELECT tgname FROM pg_trigger WHERE tgrelid = whole::regclass AND NOT tgisinternal LOOP
      EXECUTE format('DROP TRIGGER %I ON %I', one.tgname, whole);
    END LOOP;

    -- The sequence of an identity cannot outlive it: another goes on where that was.
    EXECUTE format('ALTER SEQUENCE %I RENAME TO %I', whole || '_id_seq', first || '_id_seq');
    EXECUTE format('CREATE SEQUENCE %I', whole || '_id_seq');
    EXECUTE format('SELECT setval(%L, last_value, is_called) FROM %I', whole || '_id_seq', first || '_id_seq');
    EXECUTE format('ALTER TABLE %I ALTER id DROP IDENTITY', whole);
    EXECUTE format('ALTER TABLE %I ALTER id SET DEFAULT nextval(%L)', whole, whole || '_id_seq');

    EXECUTE format('ALTER TABLE %I RENAME TO %I', whole, first);
    EXECUTE format('CREATE TABLE %I (LIKE %I INCLUDING DEFAULTS INCLUDING CONSTRAINTS INCLUDING STORAGE INCLUDING GENERATED) PARTITION BY RANGE (id)', whole, first);
    EXECUTE format('ALTER TABLE %I DROP CONSTRAINT %I', whole, whole || '_before');
    EXECUTE format('ALTER SEQUENCE %I OWNED BY %I.id', whole || '_id_seq', whole);
    FOR one IN SELECT i.indexrelid::regclass::text AS name, pg_get_indexdef(i.indexrelid) AS def, i.indisprimary FROM pg_index i
      WHERE i.indrelid = first::regclass ORDER BY 1 LOOP
      EXECUTE format('ALTER INDEX %I RENAME TO %I', one.name, replace(one.name, whole, first));
      IF one.indisprimary THEN
        EXECUTE format('ALTER TABLE %I ADD CONSTRAINT %I %s', whole, one.name, key);
      ELSE
        EXECUTE regexp_replace(one.def, ' ON \S+ ', ' ON ' || quote_ident(whole) || ' ');
      END IF;
    END LOOP;
    EXECUTE format('ALTER TABLE %I ATTACH PARTITION %I FOR VALUES FROM (MINVALUE) TO (%s)', whole, first, (SELECT bound FROM months_begun));
    EXECUTE format('ALTER TABLE %I DROP CONSTRAINT %I', first, whole || '_before');
    FOR i IN 1..coalesce(cardinality(made), 0) LOOP
      EXECUTE made[i];
    END LOOP;
    FOR one IN SELECT a.privilege_type AS may, CASE WHEN a.grantee = 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(a.grantee)) END AS who
      FROM pg_class c, aclexplode(c.relacl) a WHERE c.oid = first::regclass AND a.grantee <> c.relowner LOOP
      EXECUTE format('GRANT %s ON %I TO %s', one.may, whole, one.who);
    END LOOP;
    IF whole = 'events' THEN
      PERFORM protect_by_deal('events');
    ELSE
      CREATE TRIGGER messages_moved_ref AFTER UPDATE OF conversation_id ON messages FOR EACH ROW
        WHEN (NEW.ref IS NOT NULL AND NEW.conversation_id <> OLD.conversation_id) EXECUTE FUNCTION messages_move_ref();
      CREATE TRIGGER messages_gone_ref AFTER DELETE ON messages FOR EACH ROW WHEN (OLD.ref IS NOT NULL) EXECUTE FUNCTION messages_move_ref();
    END IF;
    COMMIT;
  END LOOP;
END $$;
-- +goose StatementEnd
DROP TABLE IF EXISTS months_begun;
-- Not of the months to come: of a table that is known to be empty the planner thinks that reading it whole costs nothing.
-- +goose StatementBegin
DO $$
BEGIN
  IF (SELECT count(*) FROM pg_inherits WHERE inhparent = 'messages'::regclass) = 1 THEN
    ANALYZE messages, events;
  END IF;
END $$;
-- +goose StatementEnd
SELECT make_months(now());
