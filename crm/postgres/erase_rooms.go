package postgres

import "github.com/jackc/pgx/v5"

// What single rooms of the product keep of a person: questions to the knowledge base, lists of broadcasts, forms and calls, what was told outside, photos
// shown, consents. A new table that knows contacts, talks or numbers gets its line here; a test finds the one that has none.
const (
	// A question that others asked too stays with their words.
	sqlEraseQuestionWords = `UPDATE questions q SET folded = coalesce((SELECT plain(a.text) FROM question_askers a WHERE a.question_id = q.id
				AND a.conversation_id <> ALL($1::bigint[]) ORDER BY a.asked_at LIMIT 1), q.folded)
		WHERE q.id IN (SELECT question_id FROM question_askers WHERE conversation_id = ANY($1::bigint[]))`
	sqlEraseQuestions = `SELECT forget_questions(k) FROM unnest($1::bigint[]) AS k`

	sqlEraseRecipients = `DELETE FROM broadcast_people WHERE contact_id = ANY($1::bigint[]) OR conversation_id = ANY($2::bigint[])`
	sqlEraseForms      = `DELETE FROM form_leads WHERE contact_id = ANY($1::bigint[]) OR conversation_id = ANY($2::bigint[]) OR deal_id = ANY($3::bigint[])`
	sqlEraseCalls      = `DELETE FROM calls WHERE contact_id = ANY($1::bigint[]) OR conversation_id = ANY($2::bigint[]) OR phone = ANY($3::text[])`
	sqlEraseHookCalls  = `DELETE FROM hook_calls WHERE contact_id = ANY($1::bigint[]) OR deal_id = ANY($2::bigint[])`
	// What was sent counts still; to whom is forgotten.
	sqlEraseGuardSends = `UPDATE guard_sends SET conversation_id = NULL, print = 0 WHERE conversation_id = ANY($1::bigint[])`
	sqlEraseGuardCalls = `DELETE FROM guard_calls WHERE conversation_id = ANY($1::bigint[])`
	sqlErasePhotoViews = `DELETE FROM photo_views WHERE deal_id = ANY($1::bigint[])`

	sqlEraseHandoffs = `DELETE FROM handoffs WHERE contact_id = ANY($1::bigint[]) OR conversation_id = ANY($2::bigint[]) OR other_id = ANY($2::bigint[])`
	sqlEraseAliases  = `DELETE FROM chat_aliases a USING unnest($1::text[], $2::text[]) AS u(channel, chat) WHERE a.channel = u.channel AND (a.chat = u.chat OR a.alias = u.chat)`

	// That somebody agreed, to which words and when, stays in the act; who did does not.
	sqlEraseConsents = `DELETE FROM consents WHERE contact_id = ANY($1::bigint[])
		RETURNING name, 'version ' || version || ', ' || to_char(at AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI') || ' UTC, SHA-256 ' || digest`
)

// queueRooms removes it. gone is told what a statement removes.
func (p *person) queueRooms(batch *pgx.Batch, act *actItems, gone func(what, sql string, args ...any)) {
	batch.Queue(sqlEraseQuestionWords, p.talks)
	batch.Queue(sqlEraseQuestions, p.talks)
	gone("lists of broadcasts", sqlEraseRecipients, p.contacts, p.talks)
	gone("forms", sqlEraseForms, p.contacts, p.talks, p.deals)
	gone("calls", sqlEraseCalls, p.contacts, p.talks, p.phones)
	gone("told outside", sqlEraseHookCalls, p.contacts, p.deals)
	batch.Queue(sqlErasePhotoViews, p.deals)
	batch.Queue(sqlEraseHandoffs, p.contacts, p.talks)
	channels, chats := make([]string, len(p.addresses)), make([]string, len(p.addresses))
	for i, a := range p.addresses {
		channels[i], chats[i] = a.Channel, a.Chat
	}
	batch.Queue(sqlEraseAliases, channels, chats)
	batch.Queue(sqlEraseGuardSends, p.talks)
	gone("calls to make", sqlEraseGuardCalls, p.talks)
	batch.Queue(sqlEraseConsents, p.contacts).Query(func(rows pgx.Rows) error {
		for rows.Next() {
			item := ActItem{Kind: "consent", Count: 1}
			if err := rows.Scan(&item.What, &item.Note); err != nil {
				return err
			}
			act.items = append(act.items, item)
		}
		return rows.Err()
	})
}
