package postgres

import (
	"context"

	"github.com/jackc/pgx/v5"

	"govorun/crm"
)

const (
	// What is on its way stays where its sender looks for it.
	sqlFoldWaiting = `UPDATE messages SET status = 'superseded' WHERE conversation_id = $1 AND direction = 'out' AND status = 'queued'
		AND content->>'prompt' = 'true' AND id <> $2 RETURNING id`

	// A message that came under both addresses stays one.
	sqlFoldMessages = `UPDATE messages m SET conversation_id = $2 WHERE m.conversation_id = $1 AND NOT (m.direction = 'out' AND m.status IN ('queued', 'superseded') AND m.ref IS NULL)
		AND NOT EXISTS (SELECT FROM message_refs o WHERE o.conversation_id = $2 AND o.direction = m.direction AND o.ref = m.ref) RETURNING m.id`

	// What lies in months that stand apart, or in files, is known here too when it is delivered late.
	sqlFoldRefs = `INSERT INTO message_refs (conversation_id, direction, ref, message_id) SELECT $2::bigint, direction, ref, message_id FROM message_refs r
		WHERE r.conversation_id = $1 AND NOT EXISTS (SELECT FROM messages m WHERE m.conversation_id = $1 AND m.id = r.message_id)
		ON CONFLICT ON CONSTRAINT message_refs_pkey DO NOTHING`

	sqlFoldFiles  = `UPDATE attachments SET conversation_id = $2 WHERE conversation_id = $1 AND message_id = ANY($3::bigint[])`
	sqlFoldEvents = `UPDATE events SET conversation_id = $2 WHERE message_id = ANY($3::bigint[]) AND conversation_id = $1`
	sqlFoldDeals  = `UPDATE deals SET conversation_id = $2 WHERE conversation_id = $1 RETURNING id`

	// The dialog that goes on is that of the chat; only when there is none, the other's goes on instead.
	sqlFoldSession = `UPDATE conversations k SET session = CASE WHEN k.session IS NULL THEN o.session ELSE k.session END,
			prompt_id = CASE WHEN k.session IS NULL THEN o.prompt_id ELSE k.prompt_id END,
			due_at = CASE WHEN k.session IS NULL THEN o.due_at ELSE k.due_at END,
			operator_id = coalesce(k.operator_id, o.operator_id), own_until = greatest(k.own_until, o.own_until),
			lang = coalesce(nullif(k.lang, ''), o.lang), updated_at = now()
		FROM conversations o WHERE k.id = $2 AND o.id = $1`
	sqlFoldEnd = `UPDATE conversations SET session = NULL, prompt_id = NULL, due_at = NULL, operator_id = NULL, own_until = NULL, updated_at = now() WHERE id = $1`

	sqlFoldJournal = `UPDATE contact_merges SET moved = moved || jsonb_build_object('folded', jsonb_build_object('from', $2::bigint, 'to', $3::bigint,
		'messages', to_jsonb($4::bigint[]), 'deals', to_jsonb($5::bigint[]))) WHERE id = $1`

	// A chat that was parted again gets back what had been said there.
	sqlUnfold = `WITH f AS (SELECT (moved->'folded'->>'from')::bigint AS was, (moved->'folded'->>'to')::bigint AS now,
				ARRAY(SELECT v::bigint FROM jsonb_array_elements_text(moved->'folded'->'messages') v) AS messages,
				ARRAY(SELECT v::bigint FROM jsonb_array_elements_text(moved->'folded'->'deals') v) AS deals
			FROM contact_merges WHERE id = $1 AND moved ? 'folded'),
		m AS (UPDATE messages SET conversation_id = f.was FROM f WHERE conversation_id = f.now AND id = ANY(f.messages)),
		a AS (UPDATE attachments SET conversation_id = f.was FROM f WHERE conversation_id = f.now AND message_id = ANY(f.messages)),
		e AS (UPDATE events SET conversation_id = f.was FROM f WHERE message_id = ANY(f.messages) AND conversation_id = f.now)
		UPDATE deals d SET conversation_id = f.was FROM f WHERE d.id = ANY(f.deals) AND d.conversation_id = f.now`
)

// fold lets one conversation go on in another one: what was said, files, deals, and the dialog when the other has none. Questions that wait are
// superseded. With a merge it is written into its journal, so that it is taken back with it.
func fold(ctx context.Context, tx pgx.Tx, from, to aliased, merge int64) (superseded []crm.MessageID, err error) {
	spared := crm.MessageID(0)
	if !to.Open && from.Open { // its question goes on with its dialog
		spared = from.Prompt
	}
	rows, err := tx.Query(ctx, sqlFoldWaiting, from.ID, spared)
	if err != nil {
		return nil, err
	}
	if superseded, err = pgx.CollectRows(rows, pgx.RowTo[crm.MessageID]); err != nil {
		return nil, err
	}
	if _, err = tx.Exec(ctx, sqlFoldSession, from.ID, to.ID); err != nil {
		return nil, err
	}
	moved, err := readIDs(ctx, tx, sqlFoldMessages, from.ID, to.ID)
	if err != nil {
		return nil, err
	}
	deals, err := readIDs(ctx, tx, sqlFoldDeals, from.ID, to.ID)
	if err != nil {
		return nil, err
	}
	batch := &pgx.Batch{}
	batch.Queue(sqlFoldRefs, from.ID, to.ID)
	batch.Queue(sqlFoldFiles, from.ID, to.ID, moved)
	batch.Queue(sqlFoldEvents, from.ID, to.ID, moved)
	batch.Queue(sqlFoldEnd, from.ID)
	if merge != 0 {
		batch.Queue(sqlFoldJournal, merge, from.ID, to.ID, moved, deals)
	}
	batch.Queue(sqlAliasEvent, "chats_joined", to.ID, to.Contact, crm.Fields{"other": from.ID, "messages": len(moved), "deals": len(deals)})
	return superseded, tx.SendBatch(ctx, batch).Close()
}
