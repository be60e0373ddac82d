package postgres

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"govorun/crm"
)

// Two contacts that turn out to be one person become one, in a transaction of its own that begins with its locks: first the
// conversations of both in the order of their ids, then the contacts in theirs. Turns lock in that order too, so a merge waits for
// the turns that are under way and those that come wait for it. Rows that others write for the contact meanwhile
// follow by triggers of the schema.

const (
	// mergeTries is how often a merge gives way and begins again; mergePatience is how long it waits for a lock each time.
	// It must be less than deadlock_timeout of the server (1 s): a merge gives way before a turn is ended for its sake.
	mergeTries    = 4
	mergePatience = `SET LOCAL lock_timeout = '500ms'`
)

// MergeCause is why two contacts became one.
type MergeCause string

// Causes of a merge.
const (
	MergedByOwnPhone MergeCause = "own_phone" // their provider vouches in both talks that the number is their own
	MergedByHand     MergeCause = "hand"
	MergedByAlias    MergeCause = "alias" // their provider knows two addresses as one chat
)

// Merge is one line of the journal: what had belonged to Gone belongs to Kept, until UndoneAt when that is set.
type Merge struct {
	ID       int64
	Kept     crm.ContactID
	Gone     crm.ContactID
	Cause    MergeCause
	At       time.Time
	UndoneAt time.Time
	Talks    int // that went over
	Deals    int
}

const (
	sqlLockTalksOfContacts = `SELECT FROM conversations WHERE contact_id = ANY($1::bigint[]) ORDER BY id FOR UPDATE`
	sqlLockContacts        = `SELECT FROM contacts WHERE id = ANY($1::bigint[]) ORDER BY id FOR UPDATE`

	sqlMergeSides = `SELECT c.id, coalesce(c.merged_into, 0), EXISTS (SELECT FROM identities i WHERE i.contact_id = c.id AND i.employee_id IS NOT NULL)
		FROM contacts c WHERE c.id = ANY($1::bigint[])`

	// All of it sees the moment when both contacts were locked already.
	sqlMoveToKept = `WITH
		i AS (UPDATE identities SET contact_id = $1 WHERE contact_id = $2 RETURNING channel, address),
		k AS (UPDATE conversations SET contact_id = $1 WHERE contact_id = $2 RETURNING id),
		d AS (UPDATE deals SET contact_id = $1 WHERE contact_id = $2 RETURNING id),
		t AS (UPDATE tasks SET contact_id = $1 WHERE contact_id = $2 RETURNING id),
		a AS (UPDATE attachments SET contact_id = $1 WHERE contact_id = $2 RETURNING id),
		e AS (UPDATE events SET contact_id = $1 WHERE contact_id = $2 RETURNING id),
		learnt AS (SELECT CASE WHEN k.name = '' AND g.name <> '' THEN ARRAY['name'] END
				|| CASE WHEN k.phone IS NULL AND g.phone IS NOT NULL THEN ARRAY['phone'] END
				|| CASE WHEN k.lang = '' AND g.lang <> '' THEN ARRAY['lang'] END AS columns,
			ARRAY(SELECT f.key FROM jsonb_each(g.fields) f WHERE NOT k.fields ? f.key OR f.key IN ('opted_out', 'no_adverts') AND f.value = 'true' AND k.fields->f.key <> 'true') AS fields
			FROM contacts k JOIN contacts g ON g.id = $2 WHERE k.id = $1)
		INSERT INTO contact_merges (kept, gone, cause, moved)
		SELECT $1, $2, $3, jsonb_build_object(
			'identities', (SELECT coalesce(jsonb_agg(jsonb_build_array(channel, address)), '[]') FROM i),
			'conversations', (SELECT coalesce(jsonb_agg(id), '[]') FROM k), 'deals', (SELECT coalesce(jsonb_agg(id), '[]') FROM d),
			'tasks', (SELECT coalesce(jsonb_agg(id), '[]') FROM t), 'attachments', (SELECT coalesce(jsonb_agg(id), '[]') FROM a),
			'events', (SELECT coalesce(jsonb_agg(id), '[]') FROM e),
			'contacts', (SELECT coalesce(jsonb_agg(id), '[]') FROM contacts WHERE merged_into = $2),
			'columns', to_jsonb(coalesce(l.columns, '{}')), 'fields', to_jsonb(l.fields))
		FROM learnt l RETURNING id, kept, gone, cause, at, undone_at, jsonb_array_length(moved->'conversations'), jsonb_array_length(moved->'deals')`

	// What both know stays as the kept contact has it, but who wants no messages of robots in one talk wants none at all.
	sqlTellKept = `UPDATE contacts k SET name = coalesce(nullif(k.name, ''), g.name), phone = coalesce(k.phone, g.phone),
			lang = coalesce(nullif(k.lang, ''), g.lang), updated_at = now(),
			fields = g.fields || k.fields || CASE WHEN g.fields @> '{"opted_out": true}' THEN '{"opted_out": true}'::jsonb ELSE '{}' END
				|| CASE WHEN g.fields @> '{"no_adverts": true}' THEN '{"no_adverts": true}'::jsonb ELSE '{}' END
		FROM contacts g WHERE k.id = $1 AND g.id = $2`

	sqlPointToKept = `UPDATE contacts SET merged_into = $1, updated_at = now() WHERE id = $2 OR merged_into = $2`

	sqlMergeEvent = `INSERT INTO events (at, kind, author, contact_id, data) VALUES (now(), $1, 'system', $2, $3)`
)

// Merge makes one contact of two, whoever they are: the lower id stays. crm.ErrNotFound when one does not exist, crm.ErrTaken when
// one is merged already or both are the same, crm.ErrRefused when one of them is an employee's.
func (db *DB) Merge(ctx context.Context, a, b crm.ContactID) (done Merge, err error) {
	if a == b {
		return done, fmt.Errorf("merge contact %d with itself: %w", a, crm.ErrTaken)
	}
	err = db.patiently(ctx, func(tx pgx.Tx) error {
		done, err = mergeTwo(ctx, tx, a, b)
		return err
	})
	if err != nil {
		return Merge{}, fmt.Errorf("merge contacts %d and %d: %w", a, b, err)
	}
	return done, nil
}

// Merge is DB.Merge in the transaction of a turn, for an employee who presses for it.
func (t *Turns) Merge(ctx context.Context, a, b crm.ContactID) (done Merge, err error) {
	if err := t.Flush(ctx); err != nil {
		return done, err
	}
	if a == b {
		return done, fmt.Errorf("merge contact %d with itself: %w", a, crm.ErrTaken)
	}
	clear(t.views)
	done, err = mergeTwo(ctx, t.conn, a, b)
	return done, wrap(err, "merge contacts %d and %d", a, b)
}

// mergeTwo locks two contacts and merges them.
func mergeTwo(ctx context.Context, tx statements, a, b crm.ContactID) (done Merge, err error) {
	if err := lockContacts(ctx, tx, a, b); err != nil {
		return done, err
	}
	if err := mergeable(ctx, tx, a, b); err != nil {
		return done, err
	}
	return mergeInto(ctx, tx, Merge{Kept: min(a, b), Gone: max(a, b), Cause: MergedByHand})
}

// statements run in a transaction: one of their own, or that of a turn.
type statements interface {
	querier
	Exec(ctx context.Context, sql string, args ...any) (pgconn.CommandTag, error)
	QueryRow(ctx context.Context, sql string, args ...any) pgx.Row
	SendBatch(ctx context.Context, b *pgx.Batch) pgx.BatchResults
}

// mergeable tells, by an error, why two contacts that are locked can't become one.
func mergeable(ctx context.Context, tx statements, a, b crm.ContactID) error {
	rows, err := tx.Query(ctx, sqlMergeSides, []crm.ContactID{a, b})
	if err != nil {
		return err
	}
	sides, err := pgx.CollectRows(rows, pgx.RowToStructByPos[struct {
		ID, Into crm.ContactID
		Staff    bool
	}])
	if err != nil {
		return err
	}
	if len(sides) < 2 {
		return crm.ErrNotFound
	}
	for _, side := range sides {
		switch {
		case side.Into != 0:
			return fmt.Errorf("contact %d belongs to %d: %w", side.ID, side.Into, crm.ErrTaken)
		case side.Staff:
			return fmt.Errorf("contact %d is an employee's: %w", side.ID, crm.ErrRefused)
		}
	}
	return nil
}

// lockContacts locks contacts with all their conversations.
func lockContacts(ctx context.Context, tx statements, ids ...crm.ContactID) error {
	if _, err := tx.Exec(ctx, sqlLockTalksOfContacts, ids); err != nil {
		return err
	}
	_, err := tx.Exec(ctx, sqlLockContacts, ids)
	return err
}

// mergeInto moves all that is locked and writes the journal.
func mergeInto(ctx context.Context, tx statements, m Merge) (Merge, error) {
	row := tx.QueryRow(ctx, sqlMoveToKept, m.Kept, m.Gone, m.Cause)
	done, err := scanMerge(row)
	if err != nil {
		return done, err
	}
	batch := &pgx.Batch{}
	batch.Queue(sqlTellKept, m.Kept, m.Gone)
	batch.Queue(sqlPointToKept, m.Kept, m.Gone)
	batch.Queue(sqlMergeEvent, "contact_merged", m.Kept, crm.Fields{"merge": done.ID, "gone": m.Gone, "cause": m.Cause, "deals": done.Deals})
	return done, tx.SendBatch(ctx, batch).Close()
}

func scanMerge(row pgx.Row) (m Merge, err error) {
	var undone *time.Time
	err = row.Scan(&m.ID, &m.Kept, &m.Gone, &m.Cause, &m.At, &undone, &m.Talks, &m.Deals)
	m.UndoneAt = deref(undone)
	return m, err
}

// errMoved means that what was to be locked had changed by the time it was.
var errMoved = errors.New("the contacts have changed meanwhile")

// patiently runs a merge until no lock stands in its way any more, a few times at most.
func (db *DB) patiently(ctx context.Context, do func(pgx.Tx) error) (err error) {
	for range mergeTries {
		err = pgx.BeginFunc(ctx, db.Pool, func(tx pgx.Tx) error {
			if _, err := tx.Exec(ctx, mergePatience); err != nil {
				return err
			}
			return do(tx)
		})
		if !Conflict(err) && !errors.Is(err, errMoved) {
			break
		}
	}
	return domain(err)
}
