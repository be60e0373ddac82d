package postgres

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"govorun/crm"
)

const (
	sqlMerges = `SELECT id, kept, gone, cause, at, undone_at, jsonb_array_length(moved->'conversations'), jsonb_array_length(moved->'deals')
		FROM contact_merges WHERE undone_at IS NULL OR $1 ORDER BY id DESC LIMIT $2`

	// The kept contact may itself belong to another one by now: that one has what was moved.
	sqlReadMerge = `SELECT m.id, m.kept, m.gone, m.cause, m.at, m.undone_at, jsonb_array_length(m.moved->'conversations'), jsonb_array_length(m.moved->'deals'),
			coalesce(c.merged_into, c.id) FROM contact_merges m JOIN contacts c ON c.id = m.kept WHERE m.id = $1`

	// Who changes no row was too late.
	sqlCloseMerge = `UPDATE contact_merges SET undone_at = now() WHERE id = $1 AND undone_at IS NULL RETURNING undone_at`

	sqlReviveContact = `UPDATE contacts SET merged_into = NULL, updated_at = now() WHERE id = $1`

	// What has gone elsewhere meanwhile stays there, and what has come since the merge stays with the kept contact.
	sqlGiveBack = `WITH m AS (SELECT moved FROM contact_merges WHERE id = $1),
		i AS (UPDATE identities SET contact_id = $3 WHERE contact_id = $2 AND (channel, address) IN (
			SELECT v->>0, v->>1 FROM m, jsonb_array_elements(m.moved->'identities') v)),
		k AS (UPDATE conversations SET contact_id = $3 WHERE contact_id = $2 AND id IN (SELECT v::bigint FROM m, jsonb_array_elements_text(m.moved->'conversations') v)),
		d AS (UPDATE deals SET contact_id = $3 WHERE contact_id = $2 AND id IN (SELECT v::bigint FROM m, jsonb_array_elements_text(m.moved->'deals') v)),
		t AS (UPDATE tasks SET contact_id = $3 WHERE contact_id = $2 AND id IN (SELECT v::bigint FROM m, jsonb_array_elements_text(m.moved->'tasks') v)),
		a AS (UPDATE attachments SET contact_id = $3 WHERE contact_id = $2 AND id IN (SELECT v::bigint FROM m, jsonb_array_elements_text(m.moved->'attachments') v)),
		e AS (UPDATE events SET contact_id = $3 WHERE contact_id = $2 AND id IN (SELECT v::bigint FROM m, jsonb_array_elements_text(m.moved->'events') v))
		UPDATE contacts SET merged_into = $3 WHERE merged_into = $2 AND id IN (SELECT v::bigint FROM m, jsonb_array_elements_text(m.moved->'contacts') v)`

	// The kept contact forgets what it learnt, unless somebody has corrected it since.
	sqlForgetLearnt = `UPDATE contacts k SET updated_at = now(),
			name = CASE WHEN m.moved->'columns' ? 'name' AND k.name = g.name THEN '' ELSE k.name END,
			phone = CASE WHEN m.moved->'columns' ? 'phone' AND k.phone = g.phone THEN NULL ELSE k.phone END,
			lang = CASE WHEN m.moved->'columns' ? 'lang' AND k.lang = g.lang THEN '' ELSE k.lang END,
			fields = k.fields - ARRAY(SELECT v FROM jsonb_array_elements_text(m.moved->'fields') v WHERE k.fields->v = g.fields->v)
		FROM contact_merges m JOIN contacts g ON g.id = m.gone WHERE m.id = $1 AND k.id = m.kept`
)

// Merges lists the newest merges, at most limit; with all also those that were undone.
func (db *DB) Merges(ctx context.Context, all bool, limit int) ([]Merge, error) {
	rows, err := db.Pool.Query(ctx, sqlMerges, all, limit)
	if err != nil {
		return nil, fmt.Errorf("list merges: %w", domain(err))
	}
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (Merge, error) { return scanMerge(row) })
}

// Unmerge gives back exactly what a merge moved, as far as it is still there; what was opened since stays with the kept contact.
// The two are not merged by their number again. crm.ErrNotFound when there is no such merge, crm.ErrTaken when it was undone.
func (db *DB) Unmerge(ctx context.Context, id int64) (done Merge, err error) {
	err = db.patiently(ctx, func(tx pgx.Tx) error {
		done, err = unmerge(ctx, tx, id)
		return err
	})
	if err != nil {
		return Merge{}, fmt.Errorf("undo merge %d: %w", id, err)
	}
	return done, nil
}

// Unmerge is DB.Unmerge in the transaction of a turn.
func (t *Turns) Unmerge(ctx context.Context, id int64) (done Merge, err error) {
	if err := t.Flush(ctx); err != nil {
		return done, err
	}
	clear(t.views)
	done, err = unmerge(ctx, t.conn, id)
	return done, wrap(domain(err), "undo merge %d", id)
}

// MergeByID reads one line of the journal; crm.ErrNotFound when there is none.
func (t *Turns) MergeByID(ctx context.Context, id int64) (Merge, error) {
	m, _, err := readMerge(ctx, t.conn, id)
	return m, wrap(domain(err), "read merge %d", id)
}

func unmerge(ctx context.Context, tx statements, id int64) (done Merge, err error) {
	m, holder, err := readMerge(ctx, tx, id)
	if err != nil {
		return done, err
	}
	if !m.UndoneAt.IsZero() {
		return done, crm.ErrTaken
	}
	if err := lockContacts(ctx, tx, m.Kept, m.Gone, holder); err != nil {
		return done, err
	}
	_, now, err := readMerge(ctx, tx, id)
	if err != nil {
		return done, err
	}
	if now != holder {
		return done, errMoved
	}
	if err := tx.QueryRow(ctx, sqlCloseMerge, id).Scan(&m.UndoneAt); err != nil {
		if err == pgx.ErrNoRows {
			return done, crm.ErrTaken
		}
		return done, err
	}
	batch := &pgx.Batch{}
	batch.Queue(sqlReviveContact, m.Gone)
	batch.Queue(sqlGiveBack, id, holder, m.Gone)
	batch.Queue(sqlForgetLearnt, id)
	batch.Queue(sqlUnfold, id)
	batch.Queue(sqlUnkeyJoined, id)
	batch.Queue(sqlReopenJoined, id)
	for _, contact := range []crm.ContactID{m.Kept, m.Gone} {
		batch.Queue(sqlMergeEvent, "contact_unmerged", contact, crm.Fields{"merge": id, "kept": m.Kept, "gone": m.Gone})
	}
	return m, tx.SendBatch(ctx, batch).Close()
}

// readMerge reads a line of the journal, and who has what it moved.
func readMerge(ctx context.Context, tx statements, id int64) (m Merge, holder crm.ContactID, err error) {
	var undone *time.Time
	err = tx.QueryRow(ctx, sqlReadMerge, id).Scan(&m.ID, &m.Kept, &m.Gone, &m.Cause, &m.At, &undone, &m.Talks, &m.Deals, &holder)
	m.UndoneAt = deref(undone)
	return m, holder, err
}
