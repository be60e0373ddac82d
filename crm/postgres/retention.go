package postgres

import (
	"context"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"
)

// What the kit says is kept for some time only goes by itself, some deals at a time, each lot with its lines in the act of the night.

// Retention is one rule of it. Of are names of files and of fields of deals. Exactly one of Stage, Status and Messages is set.
type Retention struct {
	Name     string
	Basis    string // what the kit said, for the act
	After    time.Duration
	Of       []string
	Pipeline string
	Stage    string // since the deal entered it
	Status   string // won, lost or closed, since it was closed; open, since it last changed
	Messages bool   // talks of people without an open deal, instead of deals
}

// retainAtOnce is how many deals, retainMessages how many messages one transaction cleans.
const (
	retainAtOnce   = 200
	retainMessages = 2000
)

const (
	sqlRetainDeals = `SELECT d.id FROM deals d WHERE d.pipeline = $1 AND ($2::text = '' OR d.stage = $2) AND ($3::text = '' OR d.status = $3 OR $3 = 'closed' AND d.status <> 'open')
			AND CASE WHEN $2::text <> '' THEN d.entered_at WHEN $3::text = 'open' THEN d.updated_at ELSE d.closed_at END < $4
			AND (d.fields ?| $5::text[] OR EXISTS (SELECT FROM attachments a WHERE a.deal_id = d.id AND a.name = ANY($5::text[])))
		ORDER BY d.id LIMIT $6 FOR UPDATE OF d SKIP LOCKED`

	// The message that brought a file loses what it could be fetched by again, and its caption.
	sqlRetainFiles = `WITH gone AS (DELETE FROM attachments WHERE deal_id = ANY($1::bigint[]) AND name = ANY($2::text[])
				RETURNING id, deal_id, name, hash, ref, conversation_id, message_id),
			queued AS (INSERT INTO erased_files (hash) SELECT DISTINCT hash FROM gone WHERE hash IS NOT NULL
				ON CONFLICT ON CONSTRAINT erased_files_pkey DO UPDATE SET at = now(), removed_at = NULL),
			dead AS (DELETE FROM dead_letters d USING gone g WHERE d.source = 'media' AND d.message_id = g.id),
			bare AS (UPDATE messages m SET content = m.content - 'media' - 'text' FROM gone g WHERE m.conversation_id = g.conversation_id AND m.id = g.message_id)
		SELECT deal_id, name, count(*), array_remove(array_agg(hash) || array_agg(nullif(ref, '')), NULL) FROM gone GROUP BY 1, 2 ORDER BY 1, 2`
	// A copy is sent by the hash of the file, or by what its provider calls it: with either it can be fetched again.
	sqlRetainCopies = `UPDATE messages m SET content = m.content - 'media' WHERE m.direction = 'out' AND m.kind IN ('media', 'album')
		AND EXISTS (SELECT FROM jsonb_array_elements(CASE WHEN jsonb_typeof(m.content->'media') = 'array' THEN m.content->'media' ELSE '[]' END) f
			WHERE f->>'hash' = ANY($1::text[]) OR f->>'ref' = ANY($1::text[]))`

	// What was shown of a deal in plain holds the sealed values still.
	sqlRetainShown = `UPDATE messages SET content = content - 'text' WHERE card = ANY($1::text[]) AND content->>'text' LIKE '%‹sealed:%' AND status <> 'queued'`

	sqlRetainFields = `WITH had AS (SELECT d.id, k.name FROM deals d CROSS JOIN unnest($2::text[]) AS k(name) WHERE d.id = ANY($1::bigint[]) AND d.fields ? k.name),
			emptied AS (UPDATE deals SET fields = fields - $2::text[] WHERE id = ANY($1::bigint[]) AND fields ?| $2::text[])
		SELECT id, name FROM had ORDER BY 1, 2`
	sqlRetainEvents = `UPDATE events SET data = data - $2::text[] WHERE deal_id = ANY($1::bigint[]) AND kind = 'deal_changed' AND data ?| $2::text[]`
	sqlRetainNote   = `INSERT INTO events (at, kind, author, deal_id, data) SELECT now(), 'retention', 'system', unnest($1::bigint[]), jsonb_build_object('rule', $2::text)`

	sqlRetainMessages = `WITH old AS (SELECT m.conversation_id, m.id FROM messages m JOIN conversations c ON c.id = m.conversation_id
				WHERE m.created_at < $1 AND m.status NOT IN ('queued', 'waiting') AND NOT c.grouped AND c.contact_id IS NOT NULL AND c.session IS NULL
					AND NOT EXISTS (SELECT FROM deals d WHERE d.contact_id = c.contact_id AND d.status = 'open') LIMIT $2),
			files AS (DELETE FROM attachments a USING old o WHERE a.conversation_id = o.conversation_id AND a.message_id = o.id RETURNING a.hash),
			queued AS (INSERT INTO erased_files (hash) SELECT DISTINCT hash FROM files WHERE hash IS NOT NULL
				ON CONFLICT ON CONSTRAINT erased_files_pkey DO UPDATE SET at = now(), removed_at = NULL),
			dead AS (DELETE FROM dead_letters d USING old o WHERE d.conversation_id = o.conversation_id AND d.message_id = o.id AND d.source <> 'media'),
			gone AS (DELETE FROM messages m USING old o WHERE m.conversation_id = o.conversation_id AND m.id = o.id RETURNING m.id)
		SELECT (SELECT count(*) FROM gone), (SELECT count(*) FROM files)`
)

// Retain removes what a rule says is kept no longer at now, in small transactions, and writes the act of that day. It gives how many files,
// fields and messages went; calling it again finds nothing.
func (db *DB) Retain(ctx context.Context, r Retention, now time.Time) (gone int, err error) {
	for {
		var items []ActItem
		err := pgx.BeginFunc(ctx, db.Pool, func(tx pgx.Tx) (err error) {
			if items, err = retain(ctx, tx, r, now.Add(-r.After)); err != nil || len(items) == 0 {
				return err
			}
			_, err = addAct(ctx, tx, Act{Kind: ActRetention, Policy: r.Name, Basis: r.Basis, Day: now, Items: items})
			return err
		})
		if err != nil || len(items) == 0 {
			return gone, wrap(err, "remove what rule %s keeps no longer", r.Name)
		}
		for _, item := range items {
			gone += int(item.Count)
		}
	}
}

// retain cleans one lot.
func retain(ctx context.Context, tx pgx.Tx, r Retention, before time.Time) ([]ActItem, error) {
	if r.Messages {
		return retainTalks(ctx, tx, before)
	}
	deals, err := readIDs(ctx, tx, sqlRetainDeals, r.Pipeline, r.Stage, r.Status, before, r.Of, retainAtOnce)
	if err != nil || len(deals) == 0 {
		return nil, err
	}
	var items []ActItem
	var copies []string
	batch := &pgx.Batch{}
	batch.Queue(sqlRetainFiles, deals, r.Of).Query(func(rows pgx.Rows) error {
		for rows.Next() {
			item := ActItem{Kind: "files"}
			var known []string
			if err := rows.Scan(&item.Deal, &item.What, &item.Count, &known); err != nil {
				return err
			}
			items, copies = append(items, item), append(copies, known...)
		}
		return rows.Err()
	})
	batch.Queue(sqlRetainFields, deals, r.Of).Query(func(rows pgx.Rows) error {
		for rows.Next() {
			item := ActItem{Kind: "field", Count: 1}
			if err := rows.Scan(&item.Deal, &item.What); err != nil {
				return err
			}
			items = append(items, item)
		}
		return rows.Err()
	})
	batch.Queue(sqlRetainEvents, deals, r.Of)
	batch.Queue(sqlEraseUndos, deals)
	batch.Queue(sqlRetainShown, shownMarks(deals))
	batch.Queue(sqlRetainNote, deals, r.Name)
	if err := tx.SendBatch(ctx, batch).Close(); err != nil {
		return nil, err
	}
	if len(copies) > 0 {
		_, err = tx.Exec(ctx, sqlRetainCopies, copies)
	}
	return items, err
}

// shownMarks are those of the messages that have shown fields of deals in plain.
func shownMarks(deals []int64) []string {
	marks := make([]string, len(deals))
	for i, d := range deals {
		marks[i] = ShownMark + strconv.FormatInt(d, 10) + ":" + ShownFields
	}
	return marks
}

func retainTalks(ctx context.Context, tx pgx.Tx, before time.Time) (items []ActItem, err error) {
	var messages, files int64
	if err := tx.QueryRow(ctx, sqlRetainMessages, before, retainMessages).Scan(&messages, &files); err != nil {
		return nil, err
	}
	for _, item := range []ActItem{{What: "messages", Kind: "messages", Count: messages}, {What: "files", Kind: "files", Count: files}} {
		if item.Count > 0 {
			items = append(items, item)
		}
	}
	return items, nil
}
