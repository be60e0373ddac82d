// Package floor measures what Postgres itself takes for the rows of one turn, so that the speed of real turns can be set beside
// it: the bare write set in one call (fn), and the same rows in grouped transactions (gc2). It has tables of its own in a
// scratch schema and knows nothing of turns.
package floor

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
)

const (
	// talks is how many conversations and leads the scratch tables hold: enough that rows are rarely met twice at once.
	talks = 100_000
	// workers is how many grouped transactions run at once: measured best on two cores.
	workers = 2
	// maxGroup bounds one group.
	maxGroup = 256
)

// The write set of a turn: lock the conversation, store what came in, write the state, write the CRM row, store the answer.
const sqlPrepare = `
	CREATE SCHEMA govorun_floor;
	CREATE TABLE govorun_floor.talk (id bigint PRIMARY KEY, chat bigint NOT NULL, state text NOT NULL DEFAULT 'start',
		vars jsonb NOT NULL DEFAULT '{}', version integer NOT NULL DEFAULT 0, updated_at timestamptz NOT NULL DEFAULT now()) WITH (fillfactor = 70);
	CREATE TABLE govorun_floor.lead (id bigint PRIMARY KEY, name text, phone text, city text, stage smallint NOT NULL DEFAULT 0,
		updated_at timestamptz NOT NULL DEFAULT now()) WITH (fillfactor = 70);
	CREATE TABLE govorun_floor.message (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, talk_id bigint NOT NULL, direction smallint NOT NULL,
		ref bigint, status smallint NOT NULL, body text, payload jsonb, created_at timestamptz NOT NULL DEFAULT now());
	CREATE UNIQUE INDEX ON govorun_floor.message (ref) WHERE direction = 0;
	CREATE INDEX ON govorun_floor.message (id) WHERE direction = 1 AND status = 0;
	CREATE INDEX ON govorun_floor.message (talk_id, id);
	INSERT INTO govorun_floor.talk (id, chat) SELECT g, g FROM generate_series(1, %[1]d) g;
	INSERT INTO govorun_floor.lead (id, name) SELECT g, 'n' || g FROM generate_series(1, %[1]d) g;
	CREATE FUNCTION govorun_floor.turn(which bigint, came bigint, said text, next text, kept jsonb, answer text, raw jsonb) RETURNS text LANGUAGE plpgsql AS $$
	DECLARE was text;
	BEGIN
		SELECT state INTO was FROM govorun_floor.talk WHERE id = which FOR UPDATE;
		INSERT INTO govorun_floor.message (talk_id, direction, ref, status, body, payload) VALUES (which, 0, came, 1, said, raw) ON CONFLICT DO NOTHING;
		IF NOT FOUND THEN RETURN NULL; END IF;
		UPDATE govorun_floor.talk SET state = next, vars = kept, version = version + 1, updated_at = now() WHERE id = which;
		UPDATE govorun_floor.lead SET city = said, updated_at = now() WHERE id = which;
		INSERT INTO govorun_floor.message (talk_id, direction, status, body) VALUES (which, 1, 0, answer);
		RETURN was;
	END $$;
	ANALYZE govorun_floor.talk, govorun_floor.lead`

const (
	sqlDrop = `DROP SCHEMA IF EXISTS govorun_floor CASCADE`
	sqlCall = `SELECT govorun_floor.turn($1, $2, $3, $4, $5, $6, $7)`
)

// What the rows say: of the size of a real turn.
const (
	said    = "Kazan"
	next    = "city"
	kept    = `{"name":"Ann Lee","phone":"+79161234567"}`
	answer  = "Thanks. Now send a photo, please."
	payload = `{"message_id":123,"from":{"id":42,"first_name":"Ann"},"text":"Kazan"}`
)

// Floor is the scratch schema, ready to be measured.
type Floor struct {
	pool *pgxpool.Pool
	refs atomic.Int64
}

// Prepare makes the scratch schema in the pool's database, anew if one is left from an earlier run. The pool's size bounds how
// many connections the measurements use.
func Prepare(ctx context.Context, pool *pgxpool.Pool) (*Floor, error) {
	if _, err := pool.Exec(ctx, sqlDrop); err != nil {
		return nil, fmt.Errorf("drop an old scratch schema: %w", err)
	}
	if _, err := pool.Exec(ctx, fmt.Sprintf(sqlPrepare, talks)); err != nil {
		return nil, fmt.Errorf("make the scratch schema: %w", err)
	}
	return &Floor{pool: pool}, nil
}

// Drop removes the scratch schema.
func (f *Floor) Drop(ctx context.Context) error {
	if _, err := f.pool.Exec(ctx, sqlDrop); err != nil {
		return fmt.Errorf("drop the scratch schema: %w", err)
	}
	return nil
}

// Call measures fn: clients write turns one after the other for d, each by one call and one commit, over the connections of
// the pool. It gives turns a second.
func (f *Floor) Call(ctx context.Context, clients int, d time.Duration) (float64, error) {
	return f.measure(ctx, clients, d, func(ctx context.Context, talk int64) error {
		_, err := f.pool.Exec(ctx, sqlCall, talk, f.refs.Add(1), said, next, kept, answer, payload)
		return err
	})
}

// measure runs clients in closed loops for d, each with conversations of its own, and counts.
func (f *Floor) measure(ctx context.Context, clients int, d time.Duration, turn func(context.Context, int64) error) (float64, error) {
	var done atomic.Int64
	var failed atomic.Pointer[error]
	var group sync.WaitGroup
	began := time.Now()
	for i := range clients {
		group.Go(func() {
			for talk := int64(i); time.Since(began) < d && ctx.Err() == nil; talk += int64(clients) {
				if err := turn(ctx, talk%talks+1); err != nil {
					failed.CompareAndSwap(nil, &err)
					return
				}
				done.Add(1)
			}
		})
	}
	group.Wait()
	took := time.Since(began).Seconds()
	if err := failed.Load(); err != nil {
		return 0, fmt.Errorf("measure the floor with %d clients: %w", clients, *err)
	}
	return float64(done.Load()) / took, ctx.Err()
}
