-- Who is forgotten leaves deals behind that ended where they stood. They stand there no more, and no counter of the funnel knows them;
-- deals that went their way are counted where they ended.
--
-- All at once: the trigger is away for nobody.

-- +goose Up
-- +goose StatementBegin
CREATE OR REPLACE FUNCTION deals_count_added() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO funnel_deltas (pipeline, stage, city, deals)
    SELECT pipeline, stage, city, count(*) FROM rows WHERE lost_reason IS DISTINCT FROM 'forgotten' GROUP BY 1, 2, 3;
  RETURN NULL;
END $$;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE OR REPLACE FUNCTION deals_count_gone() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO funnel_deltas (pipeline, stage, city, deals)
    SELECT pipeline, stage, city, -count(*) FROM rows WHERE lost_reason IS DISTINCT FROM 'forgotten' GROUP BY 1, 2, 3;
  RETURN NULL;
END $$;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE OR REPLACE FUNCTION deals_count_moved() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF OLD.lost_reason IS DISTINCT FROM 'forgotten' THEN
    INSERT INTO funnel_deltas (pipeline, stage, city, deals) VALUES (OLD.pipeline, OLD.stage, OLD.city, -1);
  END IF;
  IF NEW.lost_reason IS DISTINCT FROM 'forgotten' THEN
    INSERT INTO funnel_deltas (pipeline, stage, city, deals) VALUES (NEW.pipeline, NEW.stage, NEW.city, 1);
  END IF;
  RETURN NULL;
END $$;
-- +goose StatementEnd

DROP TRIGGER IF EXISTS deals_moved_count ON deals;
CREATE TRIGGER deals_moved_count AFTER UPDATE ON deals FOR EACH ROW
  WHEN (OLD.stage <> NEW.stage OR OLD.pipeline <> NEW.pipeline OR OLD.city <> NEW.city
    OR (OLD.lost_reason IS NOT DISTINCT FROM 'forgotten') <> (NEW.lost_reason IS NOT DISTINCT FROM 'forgotten'))
  EXECUTE FUNCTION deals_count_moved();

-- Those of before.
INSERT INTO funnel_deltas (pipeline, stage, city, deals)
  SELECT pipeline, stage, city, -count(*) FROM deals WHERE lost_reason = 'forgotten' GROUP BY 1, 2, 3;
