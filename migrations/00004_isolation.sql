-- Employees see what is theirs, whatever a query asks for; and find it fast.
--
-- Runs outside a transaction, because indexes of large tables are built beside the running work. So every statement may be
-- repeated: a killed run starts again from the top. Nothing here rewrites a table or holds a lock for longer than a moment.

-- +goose NO TRANSACTION
-- +goose Up

-- What each role of the kit sees. Written at start from the kit. Pipelines null: any.
CREATE TABLE IF NOT EXISTS role_scopes (
  role      text NOT NULL CONSTRAINT role_scopes_pkey PRIMARY KEY,
  sees      text NOT NULL CONSTRAINT role_scopes_sees CHECK (sees IN ('own', 'near', 'crew', 'city', 'all')),
  pipelines text[]
);

-- As whom a transaction reads. Without this call, or with 0, it is the program itself, which sees all. The settings end with the
-- transaction or savepoint. Who is dismissed, unknown or of a role that went sees no more than their own deals, or nothing.
-- +goose StatementBegin
CREATE OR REPLACE FUNCTION see_as(who bigint) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
  e    record;
  sees text;
BEGIN
  IF who = 0 THEN
    PERFORM set_config('govorun.employee', '', true);
    RETURN NULL;
  END IF;
  PERFORM set_config('govorun.employee', coalesce(who, -1)::text, true), set_config('govorun.by_deals', '', true);
  SELECT p.id, p.crew_id, p.city, r.role, r.sees, r.pipelines, EXISTS (SELECT FROM role_scopes) AS kept INTO e
  FROM employees p LEFT JOIN role_scopes r ON r.role = p.role WHERE p.id = who AND p.active;
  -- A database that no kit has been started on yet is as open as a kit that says nothing.
  sees := coalesce(e.sees, CASE WHEN e.id IS NULL OR e.kept THEN 'own' ELSE 'near' END);
  IF sees = 'near' THEN
    sees := CASE WHEN e.crew_id IS NULL THEN 'city' ELSE 'crew' END;
  END IF;
  PERFORM set_config('govorun.me', coalesce(e.id::text, ''), true),
    set_config('govorun.crew', coalesce(e.crew_id::text, ''), true),
    set_config('govorun.crew_seen', CASE WHEN sees = 'crew' THEN coalesce(e.crew_id::text, '') ELSE '' END, true),
    set_config('govorun.wide', CASE WHEN sees IN ('city', 'all') THEN 'on' ELSE 'off' END, true),
    set_config('govorun.everywhere', CASE WHEN e.id IS NOT NULL AND (sees = 'all' OR e.city = '') THEN 'on' ELSE 'off' END, true),
    set_config('govorun.cities', ARRAY['', coalesce(e.city, '')]::text, true),
    set_config('govorun.any_pipeline', CASE WHEN e.id IS NOT NULL AND e.pipelines IS NULL AND (e.role IS NOT NULL OR NOT e.kept) THEN 'on' ELSE 'off' END, true),
    set_config('govorun.pipelines', coalesce(e.pipelines, '{}')::text, true);
  RETURN e.id;
END $$;
-- +goose StatementEnd

-- Whether the program itself reads.
CREATE OR REPLACE FUNCTION sees_everything() RETURNS boolean LANGUAGE sql STABLE PARALLEL SAFE
  AS $$ SELECT coalesce(current_setting('govorun.employee', true), '') = '' $$;

-- Whether what belongs to deals is read only through deals, whose own policy then decides: a search asks for it once, not of each task.
CREATE OR REPLACE FUNCTION goes_by_deals() RETURNS boolean LANGUAGE sql STABLE PARALLEL SAFE
  AS $$ SELECT coalesce(current_setting('govorun.by_deals', true), '') = 'on' $$;

-- Whether the deal of some row, or a deal of some contact, is seen; for the policies of other tables.
-- +goose StatementBegin
CREATE OR REPLACE FUNCTION sees_deal(deal bigint) RETURNS boolean LANGUAGE plpgsql STABLE AS $$
BEGIN
  RETURN deal IS NOT NULL AND EXISTS (SELECT FROM deals d WHERE d.id = deal);
END $$;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE OR REPLACE FUNCTION sees_contact(contact bigint) RETURNS boolean LANGUAGE plpgsql STABLE AS $$
BEGIN
  RETURN EXISTS (SELECT FROM deals d WHERE d.contact_id = contact);
END $$;
-- +goose StatementEnd

-- Puts a table under a policy once; the owner of the table is bound as well. There is no moment at which the table is closed to all.
-- +goose StatementBegin
CREATE OR REPLACE FUNCTION protect(protected regclass, rule text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  IF NOT EXISTS (SELECT FROM pg_policy WHERE polrelid = protected AND polname = 'staff') THEN
    EXECUTE format('CREATE POLICY staff ON %s USING ((SELECT sees_everything()) OR (%s))', protected, rule);
  END IF;
  IF NOT (SELECT relrowsecurity AND relforcerowsecurity FROM pg_class WHERE oid = protected) THEN
    EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY', protected);
  END IF;
END $$;
-- +goose StatementEnd

-- For tables of things that belong to a deal, by a column deal_id.
CREATE OR REPLACE FUNCTION protect_by_deal(protected regclass) RETURNS void LANGUAGE sql
  AS $$ SELECT protect(protected, '(SELECT goes_by_deals()) OR sees_deal(deal_id)') $$;

-- An employee sees a deal when they own it, or when its pipeline is one that their role looks at and it is of their crew (who sees
-- their crew's), of their city (who sees a city's; who has no city works for all), or free for them. Each setting is read once a query.
-- +goose StatementBegin
SELECT protect('deals', $$
  owner_id = (SELECT nullif(current_setting('govorun.me', true), '')::bigint)
  OR ((SELECT current_setting('govorun.any_pipeline', true) = 'on') OR pipeline = ANY ((SELECT nullif(current_setting('govorun.pipelines', true), '')::text[])::text[]))
    AND (crew_id = (SELECT nullif(current_setting('govorun.crew_seen', true), '')::bigint)
      OR ((SELECT current_setting('govorun.everywhere', true) = 'on') OR city = ANY ((SELECT nullif(current_setting('govorun.cities', true), '')::text[])::text[]))
        AND ((SELECT current_setting('govorun.wide', true) = 'on')
          OR owner_id IS NULL AND status = 'open' AND (crew_id IS NULL OR crew_id = (SELECT nullif(current_setting('govorun.crew', true), '')::bigint))))
$$);
-- +goose StatementEnd
SELECT protect('tasks', $$(SELECT goes_by_deals()) OR assignee_id = (SELECT nullif(current_setting('govorun.me', true), '')::bigint) OR sees_deal(deal_id)$$);
SELECT protect('points', $$employee_id = (SELECT nullif(current_setting('govorun.me', true), '')::bigint) OR sees_deal(deal_id)$$);
SELECT protect('contacts', $$(SELECT goes_by_deals()) OR sees_contact(id)$$);
SELECT protect_by_deal('events');
SELECT protect_by_deal('attachments');

-- How people type names and addresses, brought to one form: case, ё, Kazakh letters, signs that are left out. These functions name each other in
-- bodies that are resolved here and now: an index is restored, or looked after, under a search path that knows none of ours.
CREATE OR REPLACE FUNCTION fold(typed text) RETURNS text LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
  RETURN translate(lower(typed), 'ёәіңғүұқөһьъ''"«»’', 'еаингуукох');

-- The words of a name or an address, each with a space before it: what is searched is the beginning of a word.
CREATE OR REPLACE FUNCTION plain(typed text) RETURNS text LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
  RETURN regexp_replace(' ' || fold(left(typed, 1000)), '[^[:alnum:]]+', ' ', 'g');

-- The code of a thing without what people leave out, letters that look alike as one.
CREATE OR REPLACE FUNCTION bare_code(typed text) RETURNS text LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
  RETURN translate(upper(typed), 'АВЕКМНОРСТУХ -_./№#', 'ABEKMHOPCTYX');

-- The words of a text, and a search for all words of another, each fitting what begins with it. Without a query in it the first is worked
-- out in place, where a turn writes: a query would be planned for each text.
CREATE OR REPLACE FUNCTION words_of(said text) RETURNS tsvector LANGUAGE sql IMMUTABLE PARALLEL SAFE
  RETURN array_to_tsvector(array_remove(string_to_array(regexp_replace(regexp_replace(left(fold(said), 20000), '[^[:alnum:]]+', ' ', 'g'),
    '([[:alnum:]]{64})[[:alnum:]]+', '\1', 'g'), ' '), ''));
CREATE OR REPLACE FUNCTION words_wanted(typed text) RETURNS tsquery LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
  RETURN (SELECT string_agg('''' || left(w, 64) || ''':*', ' & ')::tsquery FROM regexp_split_to_table(left(fold(typed), 1000), '[^[:alnum:]]+') w WHERE w <> '');

-- What contacts and deals are searched by. These tables stand outside the policies, under which no such index works; they give numbers
-- only, and whoever asks for rows by those is looked at again.
CREATE TABLE IF NOT EXISTS contact_keys (
  contact_id bigint NOT NULL CONSTRAINT contact_keys_pkey PRIMARY KEY,
  name       text NOT NULL,
  phone      text NOT NULL,  -- the digits
  ending     text NOT NULL   -- the same, the last one first
);
CREATE TABLE IF NOT EXISTS deal_words (
  deal_id  bigint NOT NULL,
  event_id bigint NOT NULL,  -- of the comment, 0 for the title
  words    tsvector NOT NULL,
  CONSTRAINT deal_words_pkey PRIMARY KEY (deal_id, event_id)
);

-- +goose StatementBegin
CREATE OR REPLACE FUNCTION contacts_keep_keys() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO contact_keys (contact_id, name, phone, ending)
  VALUES (NEW.id, plain(NEW.name), ltrim(coalesce(NEW.phone, ''), '+'), reverse(ltrim(coalesce(NEW.phone, ''), '+')))
  ON CONFLICT ON CONSTRAINT contact_keys_pkey DO UPDATE SET name = excluded.name, phone = excluded.phone, ending = excluded.ending;
  RETURN NULL;
END $$;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE OR REPLACE FUNCTION deals_keep_words() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO deal_words (deal_id, event_id, words) VALUES (NEW.id, 0, words_of(NEW.title))
  ON CONFLICT ON CONSTRAINT deal_words_pkey DO UPDATE SET words = excluded.words;
  RETURN NULL;
END $$;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE OR REPLACE FUNCTION events_keep_words() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP <> 'INSERT' THEN
    DELETE FROM deal_words WHERE deal_id = OLD.deal_id AND event_id = OLD.id;
  END IF;
  IF TG_OP <> 'DELETE' THEN
    INSERT INTO deal_words (deal_id, event_id, words)
      SELECT NEW.deal_id, NEW.id, words_of(NEW.data->>'text') WHERE NEW.deal_id IS NOT NULL AND NEW.data->>'text' <> ''
    ON CONFLICT ON CONSTRAINT deal_words_pkey DO NOTHING;
  END IF;
  RETURN NULL;
END $$;
-- +goose StatementEnd
-- Who is erased is found no more.
-- +goose StatementBegin
CREATE OR REPLACE FUNCTION contacts_drop_keys() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  DELETE FROM contact_keys WHERE contact_id = OLD.id;
  RETURN NULL;
END $$;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE OR REPLACE FUNCTION deals_drop_words() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  DELETE FROM deal_words WHERE deal_id = OLD.id;
  RETURN NULL;
END $$;
-- +goose StatementEnd

-- How many deals stand where. No counter is a row that writers wait for: they add what changed, and a job adds it up.
CREATE TABLE IF NOT EXISTS funnel_counts (
  pipeline text NOT NULL,
  stage    text NOT NULL,
  city     text NOT NULL,
  deals    bigint NOT NULL,
  CONSTRAINT funnel_counts_pkey PRIMARY KEY (pipeline, stage, city)
);
CREATE TABLE IF NOT EXISTS funnel_deltas (
  id       bigint GENERATED BY DEFAULT AS IDENTITY CONSTRAINT funnel_deltas_pkey PRIMARY KEY,
  pipeline text NOT NULL,
  stage    text NOT NULL,
  city     text NOT NULL,
  deals    bigint NOT NULL
);
ALTER TABLE funnel_deltas SET (autovacuum_vacuum_threshold = 1000, autovacuum_vacuum_scale_factor = 0);

-- +goose StatementBegin
CREATE OR REPLACE FUNCTION deals_count_added() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO funnel_deltas (pipeline, stage, city, deals) SELECT pipeline, stage, city, count(*) FROM rows GROUP BY 1, 2, 3;
  RETURN NULL;
END $$;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE OR REPLACE FUNCTION deals_count_gone() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO funnel_deltas (pipeline, stage, city, deals) SELECT pipeline, stage, city, -count(*) FROM rows GROUP BY 1, 2, 3;
  RETURN NULL;
END $$;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE OR REPLACE FUNCTION deals_count_moved() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO funnel_deltas (pipeline, stage, city, deals)
  VALUES (OLD.pipeline, OLD.stage, OLD.city, -1), (NEW.pipeline, NEW.stage, NEW.city, 1);
  RETURN NULL;
END $$;
-- +goose StatementEnd

-- All at once: from the commit on, every write counts, and none that began before is still under way.
-- +goose StatementBegin
DO $$
BEGIN
  IF NOT EXISTS (SELECT FROM pg_trigger WHERE tgname = 'deals_added_count') THEN
    CREATE TRIGGER deals_added_count AFTER INSERT ON deals REFERENCING NEW TABLE AS rows FOR EACH STATEMENT EXECUTE FUNCTION deals_count_added();
    CREATE TRIGGER deals_gone_count AFTER DELETE ON deals REFERENCING OLD TABLE AS rows FOR EACH STATEMENT EXECUTE FUNCTION deals_count_gone();
    CREATE TRIGGER deals_moved_count AFTER UPDATE ON deals FOR EACH ROW
      WHEN (OLD.stage <> NEW.stage OR OLD.pipeline <> NEW.pipeline OR OLD.city <> NEW.city) EXECUTE FUNCTION deals_count_moved();
    CREATE TRIGGER deals_added_words AFTER INSERT ON deals FOR EACH ROW WHEN (NEW.title <> '') EXECUTE FUNCTION deals_keep_words();
    CREATE TRIGGER deals_changed_words AFTER UPDATE ON deals FOR EACH ROW WHEN (NEW.title <> OLD.title) EXECUTE FUNCTION deals_keep_words();
    CREATE TRIGGER deals_gone_words AFTER DELETE ON deals FOR EACH ROW EXECUTE FUNCTION deals_drop_words();
  END IF;
END $$;
-- +goose StatementEnd
-- +goose StatementBegin
DO $$
BEGIN
  IF NOT EXISTS (SELECT FROM pg_trigger WHERE tgname = 'contacts_added_keys') THEN
    CREATE TRIGGER contacts_added_keys AFTER INSERT ON contacts FOR EACH ROW WHEN (NEW.name <> '' OR NEW.phone IS NOT NULL) EXECUTE FUNCTION contacts_keep_keys();
    CREATE TRIGGER contacts_changed_keys AFTER UPDATE ON contacts FOR EACH ROW
      WHEN (NEW.name <> OLD.name OR NEW.phone IS DISTINCT FROM OLD.phone) EXECUTE FUNCTION contacts_keep_keys();
    CREATE TRIGGER contacts_gone_keys AFTER DELETE ON contacts FOR EACH ROW EXECUTE FUNCTION contacts_drop_keys();
  END IF;
END $$;
-- +goose StatementEnd
-- +goose StatementBegin
DO $$
BEGIN
  IF NOT EXISTS (SELECT FROM pg_trigger WHERE tgname = 'events_added_words') THEN
    CREATE TRIGGER events_added_words AFTER INSERT ON events FOR EACH ROW
      WHEN (NEW.kind = 'comment' AND NEW.deal_id IS NOT NULL AND NEW.data->>'text' <> '') EXECUTE FUNCTION events_keep_words();
    CREATE TRIGGER events_changed_words AFTER UPDATE ON events FOR EACH ROW
      WHEN (OLD.kind = 'comment' AND (NEW.data->>'text' IS DISTINCT FROM OLD.data->>'text' OR NEW.deal_id IS DISTINCT FROM OLD.deal_id)) EXECUTE FUNCTION events_keep_words();
    CREATE TRIGGER events_gone_words AFTER DELETE ON events FOR EACH ROW WHEN (OLD.kind = 'comment') EXECUTE FUNCTION events_keep_words();
  END IF;
END $$;
-- +goose StatementEnd

-- The deals of before: what stands there now, less what has been counted since the triggers came. One statement sees both at one moment.
INSERT INTO funnel_counts (pipeline, stage, city, deals)
  SELECT pipeline, stage, city, sum(n) FROM (
    SELECT pipeline, stage, city, count(*) AS n FROM deals GROUP BY 1, 2, 3
    UNION ALL SELECT pipeline, stage, city, -sum(deals) FROM funnel_deltas GROUP BY 1, 2, 3) s
  WHERE NOT EXISTS (SELECT FROM funnel_counts) GROUP BY 1, 2, 3;

-- What is searched, of the rows of before, some thousands at a time.
-- +goose StatementBegin
DO $$
DECLARE
  first bigint := 0;
  last  bigint := (SELECT max(id) FROM contacts);
BEGIN
  WHILE first <= last LOOP
    INSERT INTO contact_keys (contact_id, name, phone, ending)
      SELECT id, plain(name), ltrim(coalesce(phone, ''), '+'), reverse(ltrim(coalesce(phone, ''), '+')) FROM contacts
      WHERE id > first AND id <= first + 5000 AND (name <> '' OR phone IS NOT NULL) ON CONFLICT DO NOTHING;
    COMMIT;
    first := first + 5000;
  END LOOP;
END $$;
-- +goose StatementEnd
-- +goose StatementBegin
DO $$
DECLARE
  first bigint := 0;
  last  bigint := (SELECT max(id) FROM deals);
BEGIN
  WHILE first <= last LOOP
    INSERT INTO deal_words (deal_id, event_id, words)
      SELECT id, 0, words_of(title) FROM deals WHERE id > first AND id <= first + 5000 AND title <> '' ON CONFLICT DO NOTHING;
    COMMIT;
    first := first + 5000;
  END LOOP;
END $$;
-- +goose StatementEnd
-- +goose StatementBegin
DO $$
DECLARE
  first bigint := 0;
  last  bigint := (SELECT max(id) FROM events);
BEGIN
  WHILE first <= last LOOP
    INSERT INTO deal_words (deal_id, event_id, words)
      SELECT deal_id, id, words_of(data->>'text') FROM events
      WHERE id > first AND id <= first + 20000 AND kind = 'comment' AND deal_id IS NOT NULL AND data->>'text' <> '' ON CONFLICT DO NOTHING;
    COMMIT;
    first := first + 20000;
  END LOOP;
END $$;
-- +goose StatementEnd

-- What a killed run has left of an index is good for nothing.
-- +goose StatementBegin
DO $$
DECLARE
  broken text;
BEGIN
  FOR broken IN SELECT indexrelid::regclass FROM pg_index WHERE NOT indisvalid AND indexrelid IN
    (SELECT to_regclass(name) FROM unnest(ARRAY['deals_owner', 'deals_crew', 'deals_city', 'deals_asset', 'deals_stage', 'deals_open', 'deals_free', 'deals_unowned',
      'deals_entered', 'deals_created', 'deals_closed_at', 'deals_place', 'tasks_open', 'contact_keys_name', 'contact_keys_phone', 'contact_keys_ending', 'deal_words_words', 'assets_bare_code', 'assets_address']) name)
  LOOP
    EXECUTE 'DROP INDEX ' || broken;
  END LOOP;
END $$;
-- +goose StatementEnd

-- Building an index beside the work waits for the transactions of before and keeps nobody from writing meanwhile.
SET lock_timeout = '30s';
-- Lists go from the newest number down, among the open ones or all.
CREATE INDEX CONCURRENTLY IF NOT EXISTS deals_owner ON deals (owner_id, status, id) WHERE owner_id IS NOT NULL;
CREATE INDEX CONCURRENTLY IF NOT EXISTS deals_crew ON deals (crew_id, status, id) WHERE crew_id IS NOT NULL;
CREATE INDEX CONCURRENTLY IF NOT EXISTS deals_city ON deals (city, status, id);
CREATE INDEX CONCURRENTLY IF NOT EXISTS deals_asset ON deals (asset_id, status, id) WHERE asset_id IS NOT NULL;
CREATE INDEX CONCURRENTLY IF NOT EXISTS deals_stage ON deals (pipeline, stage, id);
CREATE INDEX CONCURRENTLY IF NOT EXISTS deals_place ON deals (city, pipeline, stage, id);
CREATE INDEX CONCURRENTLY IF NOT EXISTS deals_open ON deals (id) WHERE status = 'open';
CREATE INDEX CONCURRENTLY IF NOT EXISTS deals_free ON deals (city, id) WHERE status = 'open' AND owner_id IS NULL;
CREATE INDEX CONCURRENTLY IF NOT EXISTS deals_unowned ON deals (id) WHERE status = 'open' AND owner_id IS NULL;
CREATE INDEX CONCURRENTLY IF NOT EXISTS deals_entered ON deals (entered_at, id) WHERE status = 'open';
CREATE INDEX CONCURRENTLY IF NOT EXISTS deals_created ON deals (created_at);
CREATE INDEX CONCURRENTLY IF NOT EXISTS deals_closed_at ON deals (closed_at) WHERE closed_at IS NOT NULL;
CREATE INDEX CONCURRENTLY IF NOT EXISTS tasks_open ON tasks (deal_id, due_at) WHERE done_at IS NULL AND deal_id IS NOT NULL;
CREATE INDEX CONCURRENTLY IF NOT EXISTS contact_keys_name ON contact_keys USING gin (name gin_trgm_ops);
CREATE INDEX CONCURRENTLY IF NOT EXISTS contact_keys_phone ON contact_keys (phone text_pattern_ops);
CREATE INDEX CONCURRENTLY IF NOT EXISTS contact_keys_ending ON contact_keys (ending text_pattern_ops);
CREATE INDEX CONCURRENTLY IF NOT EXISTS deal_words_words ON deal_words USING gin (words);
CREATE INDEX CONCURRENTLY IF NOT EXISTS assets_bare_code ON assets (bare_code(code));
CREATE INDEX CONCURRENTLY IF NOT EXISTS assets_address ON assets USING gin (plain(address) gin_trgm_ops);
-- The new ones do what these did.
DROP INDEX CONCURRENTLY IF EXISTS deals_owner_open;
DROP INDEX CONCURRENTLY IF EXISTS deals_asset_open;
-- The next migration runs on this connection: it must not keep anybody waiting for half a minute.
SET lock_timeout = '800ms';
