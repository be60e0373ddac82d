package floor

import (
	"context"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

const (
	sqlLock = `SELECT id, state, vars, version FROM govorun_floor.talk WHERE id = ANY($1::bigint[]) ORDER BY id FOR UPDATE`
	sqlCame = `INSERT INTO govorun_floor.message (talk_id, direction, ref, status, body, payload)
		SELECT talk, 0, ref, 1, body, raw FROM unnest($1::bigint[], $2::bigint[], $3::text[], $4::jsonb[]) AS u(talk, ref, body, raw) ON CONFLICT DO NOTHING`
	sqlState = `UPDATE govorun_floor.talk t SET state = u.state, vars = u.vars, version = t.version + 1, updated_at = now()
		FROM unnest($1::bigint[], $2::text[], $3::jsonb[]) AS u(id, state, vars) WHERE t.id = u.id`
	sqlLead = `UPDATE govorun_floor.lead l SET city = u.city, updated_at = now() FROM unnest($1::bigint[], $2::text[]) AS u(id, city) WHERE l.id = u.id`
	sqlSaid = `INSERT INTO govorun_floor.message (talk_id, direction, status, body) SELECT talk, 1, 0, body FROM unnest($1::bigint[], $2::text[]) AS u(talk, body)`
)

// waiting is a turn that waits for its group's commit.
type waiting struct {
	talk, ref int64
	done      chan error
}

// Groups measures gc2: clients write turns one after the other for d; two workers each take all that wait, in one transaction
// of two round trips. It gives turns a second.
func (f *Floor) Groups(ctx context.Context, clients int, d time.Duration) (float64, error) {
	queue := make(chan waiting, clients)
	var group sync.WaitGroup
	for range workers {
		conn, err := f.pool.Acquire(ctx)
		if err != nil {
			close(queue)
			group.Wait()
			return 0, err
		}
		group.Go(func() {
			defer conn.Release()
			for first := range queue {
				commit(ctx, conn, gather(first, queue))
			}
		})
	}
	rate, err := f.measure(ctx, clients, d, func(_ context.Context, talk int64) error {
		w := waiting{talk: talk, ref: f.refs.Add(1), done: make(chan error, 1)}
		queue <- w
		return <-w.done
	})
	close(queue)
	group.Wait()
	return rate, err
}

// gather takes what waits beside the first.
func gather(first waiting, queue <-chan waiting) []waiting {
	group := []waiting{first}
	for len(group) < maxGroup {
		select {
		case w, ok := <-queue:
			if !ok {
				return group
			}
			group = append(group, w)
		default:
			return group
		}
	}
	return group
}

// commit writes a group in one transaction and tells its turns.
func commit(ctx context.Context, conn *pgxpool.Conn, group []waiting) {
	err := write(ctx, conn, group)
	if err != nil {
		_, _ = conn.Exec(context.WithoutCancel(ctx), "ROLLBACK") // the error that is told is the first
	}
	for _, w := range group {
		w.done <- err
	}
}

func write(ctx context.Context, conn *pgxpool.Conn, group []waiting) error {
	ids, refs := make([]int64, len(group)), make([]int64, len(group))
	bodies, raws, states, vars, answers := make([]string, len(group)), make([]string, len(group)), make([]string, len(group)), make([]string, len(group)), make([]string, len(group))
	for i, w := range group {
		ids[i], refs[i] = w.talk, w.ref
		bodies[i], raws[i], states[i], vars[i], answers[i] = said, payload, next, kept, answer
	}
	begin := &pgx.Batch{}
	begin.Queue("BEGIN")
	begin.Queue(sqlLock, ids).Query(func(rows pgx.Rows) error {
		was := make(map[int64]string, len(group))
		var id int64
		var state, vars string
		var version int
		_, err := pgx.ForEachRow(rows, []any{&id, &state, &vars, &version}, func() error { was[id] = state; return nil })
		return err
	})
	if err := conn.SendBatch(ctx, begin).Close(); err != nil {
		return err
	}
	end := &pgx.Batch{}
	end.Queue(sqlCame, ids, refs, bodies, raws)
	end.Queue(sqlState, ids, states, vars)
	end.Queue(sqlLead, ids, bodies)
	end.Queue(sqlSaid, ids, answers)
	end.Queue("COMMIT")
	return conn.SendBatch(ctx, end).Close()
}
