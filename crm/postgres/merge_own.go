package postgres

import (
	"context"
	"fmt"
	"slices"

	"github.com/jackc/pgx/v5"

	"govorun/crm"
)

const (
	// A number counts as the person's own when they shared it by their provider's button, in this talk. The provider writes
	// it with the country's code, with or without a plus.
	// Some providers say it with every message: then once is enough.
	sqlInsertOwnPhones = `WITH u AS (SELECT * FROM unnest($1::text[], $2::bigint[], $3::bigint[], $4::boolean[]) AS u(phone, contact, talk, chat))
		INSERT INTO own_phones (phone, contact_id, by_chat)
		SELECT u.phone, u.contact, false FROM u WHERE NOT u.chat AND EXISTS (SELECT FROM messages WHERE conversation_id = u.talk AND direction = 'in' AND kind = 'contact'
			AND content->'card'->>'own' = 'true' AND '+' || regexp_replace(content->'card'->>'phone', '\D', '', 'g') = u.phone)
		UNION ALL
		SELECT u.phone, u.contact, true FROM u LEFT JOIN LATERAL (SELECT true AS known FROM own_phones o
			WHERE o.phone = u.phone AND o.contact_id = u.contact AND o.by_chat LIMIT 1) o ON true WHERE u.chat AND o.known IS NULL
		RETURNING phone`

	sqlUnseenOwnPhones = `SELECT phone FROM own_phones WHERE looked_at IS NULL GROUP BY phone ORDER BY min(id) LIMIT $1`

	sqlLockPhone = `SELECT pg_advisory_xact_lock(hashtextextended($1, 0))`

	// Marking comes before reading: what is marked is read.
	sqlSeeOwnPhone = `UPDATE own_phones SET looked_at = now() WHERE phone = $1 AND looked_at IS NULL`

	// Whoever has the number now and shared it, unless an employee writes from one of their addresses. Who gave another number than that of their
	// chat has the latter as well.
	sqlOwnersOfPhone = `SELECT DISTINCT h.id FROM own_phones o JOIN contacts c ON c.id = o.contact_id
		CROSS JOIN LATERAL (SELECT coalesce(c.merged_into, c.id) AS id OFFSET 0) x JOIN contacts h ON h.id = x.id
		WHERE o.phone = $1 AND (h.phone = $1 OR o.by_chat)
		AND NOT EXISTS (SELECT FROM identities i WHERE i.contact_id = h.id AND i.employee_id IS NOT NULL) ORDER BY h.id`

	// Two accounts of one provider that show the same number at different times: it has gone over to somebody else, perhaps. A person decides.
	sqlOtherAccounts = `SELECT EXISTS (SELECT FROM identities a JOIN identities b ON b.channel = a.channel AND b.address <> a.address AND b.contact_id = $2
		WHERE a.contact_id = $1 AND a.address LIKE '%@lid' AND b.address LIKE '%@lid')`

	// Who was told apart by hand stays apart, whomever else they are merged with.
	sqlToldApart = `SELECT EXISTS (SELECT FROM contact_merges m JOIN contacts k ON k.id = m.kept JOIN contacts g ON g.id = m.gone
		WHERE m.undone_at IS NOT NULL AND least(coalesce(k.merged_into, k.id), coalesce(g.merged_into, g.id)) = $1
		AND greatest(coalesce(k.merged_into, k.id), coalesce(g.merged_into, g.id)) = $2)`
)

// OwnPhone is a number, in E.164, that may be a contact's own: it is kept as such if they have shared it in this conversation and the
// provider vouched for it, since a number that was typed could be anybody's.
type OwnPhone struct {
	Talk    crm.ConversationID
	Contact crm.ContactID
	Phone   string
	Chat    bool // the provider vouches for it with the message itself
}

// queueOwnPhones keeps own numbers; Turns.Own gets them, for MergeOwn after the commit.
func (t *Turns) queueOwnPhones(batch *pgx.Batch) {
	n := len(t.Changes.OwnPhones)
	if n == 0 {
		return
	}
	phones, contacts, talks, chats := make([]string, n), make([]int64, n), make([]int64, n), make([]bool, n)
	for i, o := range t.Changes.OwnPhones {
		phones[i], contacts[i], talks[i], chats[i] = o.Phone, int64(o.Contact), int64(o.Talk), o.Chat
	}
	batch.Queue(sqlInsertOwnPhones, phones, contacts, talks, chats).Query(func(rows pgx.Rows) error {
		own, err := pgx.CollectRows(rows, pgx.RowTo[string])
		t.Own = append(t.Own, own...)
		return err
	})
}

// UnseenOwnPhones lists numbers that MergeOwn has still to see to, the oldest first: those of a program that ended between a commit
// and the merge, or of a merge that gave way.
func (db *DB) UnseenOwnPhones(ctx context.Context, limit int) ([]string, error) {
	rows, err := db.Pool.Query(ctx, sqlUnseenOwnPhones, limit)
	if err != nil {
		return nil, fmt.Errorf("list numbers of people: %w", domain(err))
	}
	return pgx.CollectRows(rows, pgx.RowTo[string])
}

// MergeOwn makes one contact of all whose own number this is: the lowest id stays. People that were told apart by Unmerge, and
// employees, are left alone. Any number of processes may do it at once. An error that Conflict reports means that turns stood
// in the way for too long: the number stays among UnseenOwnPhones.
func (db *DB) MergeOwn(ctx context.Context, phone string) (done []Merge, err error) {
	err = db.patiently(ctx, func(tx pgx.Tx) error {
		done = nil
		if _, err := tx.Exec(ctx, sqlLockPhone, phone); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, sqlSeeOwnPhone, phone); err != nil {
			return err
		}
		people, err := ownersOf(ctx, tx, phone)
		if err != nil || len(people) < 2 {
			return err
		}
		if err := lockContacts(ctx, tx, people...); err != nil {
			return err
		}
		now, err := ownersOf(ctx, tx, phone)
		if err != nil {
			return err
		}
		if !slices.Equal(now, people) {
			return errMoved
		}
		done, err = mergeAll(ctx, tx, people)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("merge contacts by their own number: %w", err)
	}
	return done, nil
}

func ownersOf(ctx context.Context, tx pgx.Tx, phone string) ([]crm.ContactID, error) {
	rows, err := tx.Query(ctx, sqlOwnersOfPhone, phone)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowTo[crm.ContactID])
}

// mergeAll merges each contact into the first one, in the order of their ids, from which nobody has told it apart.
func mergeAll(ctx context.Context, tx pgx.Tx, people []crm.ContactID) (done []Merge, err error) {
	var left []crm.ContactID
	for _, gone := range people {
		merged := false
		for _, kept := range left {
			var apart, others bool
			if err := tx.QueryRow(ctx, sqlToldApart, kept, gone).Scan(&apart); err != nil {
				return nil, err
			}
			if err := tx.QueryRow(ctx, sqlOtherAccounts, kept, gone).Scan(&others); err != nil {
				return nil, err
			}
			if apart || others {
				continue
			}
			m, err := mergeInto(ctx, tx, Merge{Kept: kept, Gone: gone, Cause: MergedByOwnPhone})
			if err != nil {
				return nil, err
			}
			done, merged = append(done, m), true
			break
		}
		if !merged {
			left = append(left, gone)
		}
	}
	return done, nil
}
