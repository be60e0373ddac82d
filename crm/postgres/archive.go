package postgres

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"govorun/crm"
)

// ArchiveMonth is a month of messages and events, or what lay there before there were months ("first").
type ArchiveMonth struct {
	Name     string // "2026-03", or "first"
	Messages int64
	Events   int64
	Bytes    int64  // on disk, with indexes
	Ended    bool   // no new ids fall into it
	Apart    bool   // its tables stand beside the others and are not read any more
	File     string // where it was written to, when it is in the database no more
	At       time.Time
}

const (
	// Rows as the statistics have them.
	sqlMonths = `SELECT replace(substr(m.relname, 10), '_', '-'), greatest(m.reltuples, 0)::bigint, greatest(e.reltuples, 0)::bigint,
			pg_total_relation_size(m.oid) + coalesce(pg_total_relation_size(e.oid), 0),
			CASE WHEN s.last_value >> 36 > 0 THEN m.relname < month_part('messages', s.last_value >> 36) OR m.relname = 'messages_first' ELSE false END,
			NOT EXISTS (SELECT FROM pg_inherits WHERE inhrelid = m.oid AND NOT inhdetachpending) OR NOT EXISTS (SELECT FROM pg_inherits WHERE inhrelid = e.oid AND NOT inhdetachpending), '', now()
		FROM messages_id_seq s CROSS JOIN pg_class m LEFT JOIN pg_class e ON e.relnamespace = m.relnamespace AND e.relname = replace(m.relname, 'messages_', 'events_')
		WHERE m.relkind = 'r' AND m.relnamespace = current_schema()::regnamespace AND m.relname ~ '^messages_(first|[0-9]{4,}_[0-9]{2})$'
		UNION ALL SELECT month, messages, events, 0, true, true, file, at FROM archived ORDER BY 1`

	// What still has something to do with a month.
	sqlMonthWaits = `SELECT count(*) FROM %s WHERE status IN ('queued', 'waiting')`
	sqlMonthDead  = `SELECT count(*) FROM dead_letters d JOIN %s m ON m.conversation_id = d.conversation_id AND m.id = d.message_id WHERE d.status = 'open' AND d.source <> 'media'`
	sqlMonthTalks = `SELECT count(*) FROM conversations c JOIN %s m ON m.conversation_id = c.id AND m.id = c.prompt_id WHERE c.session IS NOT NULL`
	sqlMonthUnset = `SELECT count(*) FROM erasures e JOIN %s m ON m.conversation_id = e.conversation_id AND m.id = e.message_id WHERE e.status <> 'done'`

	sqlMoveMonths  = `SELECT pg_try_advisory_lock(hashtext('govorun archive'))`
	sqlMovedMonths = `SELECT pg_advisory_unlock(hashtext('govorun archive'))`

	sqlPartOf = `SELECT coalesce((SELECT inhdetachpending::text FROM pg_inherits WHERE inhrelid = to_regclass($1)), '')`
	sqlBound  = `SELECT coalesce(pg_get_expr(relpartbound, oid), obj_description(oid, 'pg_class'), '') FROM pg_class WHERE oid = to_regclass($1)`
)

var (
	monthName = regexp.MustCompile(`^(first|[0-9]{4,}-[0-9]{2})$`)
	boundForm = regexp.MustCompile(`^FOR VALUES FROM \((MINVALUE|'?[0-9]+'?)\) TO \('?[0-9]+'?\)$`)
)

// parts are the tables of a month.
func parts(month string) (messages, events string) {
	tail := strings.ReplaceAll(month, "-", "_")
	return "messages_" + tail, "events_" + tail
}

// Months lists all months of messages and events, also those that stand apart or lie in files, in the order of their names.
func (db *DB) Months(ctx context.Context) ([]ArchiveMonth, error) {
	months, err := collected[ArchiveMonth](ctx, db.Pool, sqlMonths)
	return months, wrap(err, "list months")
}

// month finds one by its name, with what to do when it is not there.
func (db *DB) month(ctx context.Context, name string) (m ArchiveMonth, err error) {
	if !monthName.MatchString(name) {
		return m, fmt.Errorf("%q is no month: write it as 2026-03, or first for what lay there before there were months", name)
	}
	months, err := db.Months(ctx)
	if err != nil {
		return m, err
	}
	for _, m := range months {
		if m.Name == name {
			return m, nil
		}
	}
	return m, fmt.Errorf("month %s: %w: govorun archive lists those that are", name, crm.ErrNotFound)
}

// DetachMonth takes a month that is over out of messages and events; its tables stand apart then, and nothing reads them but an erasure. It
// refuses as long as something in it still waits. Readers and writers are not stopped; it waits for those that began before. A detaching that
// was cut off is finished by calling it again.
func (db *DB) DetachMonth(ctx context.Context, name string) error {
	return db.moving(ctx, func() error { return db.detachMonth(ctx, name) })
}

// moving lets one program at a time move months, and none while a backup is written. The lock is of a session of its own.
func (db *DB) moving(ctx context.Context, move func() error) error {
	return connectOnce(ctx, db.direct, func(conn *pgx.Conn) error {
		var alone bool
		if err := conn.QueryRow(ctx, sqlMoveMonths).Scan(&alone); err != nil {
			return wrap(err, "look who moves months")
		}
		if !alone {
			return fmt.Errorf("a backup is being written, or another program moves a month: call this again after that: %w", crm.ErrRefused)
		}
		// Closing the session would free it too, but some time after we have gone on.
		return errors.Join(move(), afterwards(ctx, conn, sqlMovedMonths))
	})
}

// afterwards runs a statement also when ctx has ended.
func afterwards(ctx context.Context, conn *pgx.Conn, sql string) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer cancel()
	_, err := conn.Exec(ctx, sql)
	return err
}

func (db *DB) detachMonth(ctx context.Context, name string) error {
	m, err := db.month(ctx, name)
	switch {
	case err != nil:
		return err
	case m.File != "":
		return fmt.Errorf("month %s lies in %s already", name, m.File)
	case !m.Ended:
		return fmt.Errorf("month %s is not over: new messages fall into it", name)
	}
	messages, events := parts(name)
	if err := db.waitsIn(ctx, name, messages); err != nil {
		return err
	}
	for whole, part := range map[string]string{"messages": messages, "events": events} {
		if err := db.detach(ctx, whole, part); err != nil {
			return fmt.Errorf("detach %s: %w", part, domain(err))
		}
	}
	// What was asked for meanwhile, such as a dead letter that is tried again, needs its row.
	if err := db.waitsIn(ctx, name, messages); err != nil {
		return errors.Join(err, db.attachMonth(context.WithoutCancel(ctx), name))
	}
	return nil
}

// waitsIn refuses when something in a month is not over.
func (db *DB) waitsIn(ctx context.Context, name, messages string) error {
	for sql, what := range map[string]string{
		sqlMonthWaits: "messages that wait to be sent or handled: send or cancel them first (govorun doctor, govorun dead)",
		sqlMonthDead:  "dead letters: try them again or drop them first (govorun dead)",
		sqlMonthTalks: "open talks whose question stands there: they end by themselves, or by the person's answer",
		sqlMonthUnset: "last words to people who are being forgotten: they are done within an hour",
	} {
		var n int
		if err := db.Pool.QueryRow(ctx, fmt.Sprintf(sql, quotedName(messages))).Scan(&n); err != nil {
			return wrap(err, "look what waits in month %s", name)
		}
		if n > 0 {
			return fmt.Errorf("month %s holds %d %s: %w", name, n, what, crm.ErrRefused)
		}
	}
	return nil
}

// detach takes one table out, on a session of its own: it may wait for a minute. The bound stays with the table as its comment.
func (db *DB) detach(ctx context.Context, whole, part string) error {
	return connectOnce(ctx, db.direct, func(conn *pgx.Conn) error {
		if _, err := conn.Exec(ctx, `SET lock_timeout = '1min'`); err != nil {
			return err
		}
		var pending, bound string
		if err := conn.QueryRow(ctx, sqlPartOf, part).Scan(&pending); err != nil || pending == "" {
			return err
		}
		if err := conn.QueryRow(ctx, sqlBound, part).Scan(&bound); err != nil {
			return err
		}
		how := "CONCURRENTLY"
		if pending == "true" {
			how = "FINALIZE"
		}
		for _, sql := range []string{
			fmt.Sprintf(`COMMENT ON TABLE %s IS '%s'`, quotedName(part), strings.ReplaceAll(bound, "'", "''")),
			fmt.Sprintf(`ALTER TABLE %s DETACH PARTITION %s %s`, quotedName(whole), quotedName(part), how),
		} {
			if _, err := conn.Exec(ctx, sql, pgx.QueryExecModeSimpleProtocol); err != nil {
				return err
			}
		}
		return nil
	})
}

// AttachMonth brings tables that stand apart back.
func (db *DB) AttachMonth(ctx context.Context, name string) error {
	return db.moving(ctx, func() error { return db.attachMonth(ctx, name) })
}

func (db *DB) attachMonth(ctx context.Context, name string) error {
	m, err := db.month(ctx, name)
	switch {
	case err != nil:
		return err
	case m.File != "":
		return fmt.Errorf("month %s lies in a file: name it, govorun archive attach --from %s", name, m.File)
	case !m.Apart:
		return fmt.Errorf("month %s is in its place already", name)
	}
	messages, events := parts(name)
	for whole, part := range map[string]string{"messages": messages, "events": events} {
		var pending, bound string
		if err := db.Pool.QueryRow(ctx, sqlPartOf, part).Scan(&pending); err != nil {
			return wrap(err, "attach %s", part)
		}
		if pending == "true" {
			return fmt.Errorf("attach %s: it is only half detached: govorun archive detach %s finishes that first", part, name)
		}
		if pending != "" {
			continue
		}
		if err := db.Pool.QueryRow(ctx, sqlBound, part).Scan(&bound); err != nil {
			return wrap(err, "attach %s", part)
		}
		if !boundForm.MatchString(bound) {
			return fmt.Errorf("attach %s: its comment, %q, says nothing of where it belongs: %w", part, bound, crm.ErrRefused)
		}
		if _, err := db.Pool.Exec(ctx, fmt.Sprintf(`ALTER TABLE %s ATTACH PARTITION %s %s`, quotedName(whole), quotedName(part), bound)); err != nil {
			return wrap(err, "attach %s", part)
		}
	}
	return nil
}
