package play

import (
	"context"
	"fmt"
	"strings"
	"time"
)

// The database of a play has a clock of its own: functions that stand before those of Postgres in the search path, and in the
// defaults of columns. It stands still where the player sets it, so that what is due at one moment is due at one moment in every run.
const (
	sqlStage = `CREATE SCHEMA stage;
		CREATE TABLE stage.clock (at timestamptz NOT NULL);
		INSERT INTO stage.clock VALUES (pg_catalog.now());
		CREATE FUNCTION stage.now() RETURNS timestamptz LANGUAGE sql STABLE AS 'SELECT at FROM stage.clock';
		CREATE FUNCTION stage.clock_timestamp() RETURNS timestamptz LANGUAGE sql VOLATILE
			AS 'SELECT at FROM stage.clock';
		DO $$
		DECLARE
			c record;
		BEGIN
			FOR c IN SELECT d.adrelid::regclass AS owner, a.attname FROM pg_attrdef d
				JOIN pg_attribute a ON a.attrelid = d.adrelid AND a.attnum = d.adnum WHERE pg_get_expr(d.adbin, d.adrelid) = 'now()'
			LOOP
				EXECUTE format('ALTER TABLE %s ALTER COLUMN %I SET DEFAULT stage.now()', c.owner, c.attname);
			END LOOP;
			EXECUTE format('ALTER DATABASE %I SET search_path = stage, pg_catalog, public', current_database());
		END $$`

	sqlSetClock = `UPDATE stage.clock SET at = $1`

	// The next moment at which something is due. What is still waiting at a moment that has passed waits for something else.
	sqlNextDue = `SELECT min(due_at) FROM (
		SELECT due_at FROM timers WHERE status = 'waiting' UNION ALL SELECT due_at FROM conversations WHERE due_at IS NOT NULL) d
		WHERE due_at > $1 AND due_at <= $2`
)

// maxMoments bounds how often something may become due while time passes: beyond it, something comes again and again.
const maxMoments = 5000

// moment is how moments are written.
const moment = "Mon 2 Jan 15:04"

// stage gives the database its clock. Connections of before would still look at the real one.
func (p *player) stage(ctx context.Context) error {
	if _, err := p.db.Pool.Exec(ctx, sqlStage); err != nil {
		return fmt.Errorf("give the play a clock of its own: %w", err)
	}
	p.db.Pool.Reset()
	return p.setClock(ctx, p.now)
}

func (p *player) setClock(ctx context.Context, now time.Time) error {
	p.now = now
	if _, err := p.db.Pool.Exec(ctx, sqlSetClock, now); err != nil {
		return fmt.Errorf("set the clock of the play: %w", err)
	}
	return nil
}

// passes lets time pass: what is due on the way happens at its own moment.
func (p *player) passes(ctx context.Context, how string) error {
	until, err := p.until(how)
	if err != nil {
		return err
	}
	for range maxMoments {
		var due *time.Time
		if err := p.db.Pool.QueryRow(ctx, sqlNextDue, p.now, until).Scan(&due); err != nil {
			return fmt.Errorf("look for what is due next: %w", err)
		}
		if due == nil {
			return p.arrive(ctx, until)
		}
		if err := p.setClock(ctx, due.In(p.now.Location())); err != nil {
			return err
		}
		if err := p.follow(ctx, nil, p.at()); err != nil {
			return err
		}
	}
	return fmt.Errorf("something is due again and again: more than %d times until %s", maxMoments, until.Format(moment))
}

// outage lets time pass while nothing runs.
func (p *player) outage(ctx context.Context, how string) error {
	until, err := p.until(how)
	if err != nil {
		return err
	}
	return p.arrive(ctx, until)
}

// arrive sets the clock and says so, whether anything happens then or not.
func (p *player) arrive(ctx context.Context, now time.Time) error {
	if err := p.setClock(ctx, now); err != nil {
		return err
	}
	p.out.WriteString(p.at())
	return p.follow(ctx, nil, "")
}

func (p *player) at() string { return "@ " + p.now.Format(moment) + "\n" }

// until reads +48h, +2d, 09:00 and Mon 09:00.
func (p *player) until(how string) (time.Time, error) {
	if ahead, ok := strings.CutPrefix(how, "+"); ok {
		var days int
		if n, rest, ok := strings.Cut(ahead, "d"); ok {
			if _, err := fmt.Sscanf(n+"d", "%dd", &days); err != nil {
				return time.Time{}, fmt.Errorf("how many days are %q?", n)
			}
			ahead = rest
		}
		until := p.now.AddDate(0, 0, days)
		if ahead == "" && days > 0 {
			return until, nil
		}
		more, err := time.ParseDuration(ahead)
		return until.Add(more), err
	}
	day, hour, named := strings.Cut(how, " ")
	if !named {
		day, hour = "", how
	}
	clock, err := time.Parse("15:04", hour)
	if err != nil {
		return time.Time{}, fmt.Errorf("say how long or until when: +48h, +2d, 09:00, Mon 09:00")
	}
	until := time.Date(p.now.Year(), p.now.Month(), p.now.Day(), clock.Hour(), clock.Minute(), 0, 0, p.now.Location())
	for range 8 {
		if until.After(p.now) && (day == "" || until.Format("Mon") == day) {
			return until, nil
		}
		until = until.AddDate(0, 0, 1)
	}
	return time.Time{}, fmt.Errorf("there is no day %q: the days are Mon, Tue, Wed, Thu, Fri, Sat, Sun", day)
}
