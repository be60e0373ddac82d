package postgres

import (
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"

	"govorun/crm"
)

const (
	sqlLockAlias = `SELECT pg_advisory_xact_lock(hashtextextended($1 || ' ' || $2, 0))`

	sqlKeepAlias = `INSERT INTO chat_aliases (channel, alias, chat) VALUES ($1, $2, $3)
		ON CONFLICT ON CONSTRAINT chat_aliases_pkey DO UPDATE SET chat = excluded.chat, at = now()`

	sqlTalksOfAliases = `SELECT id, chat, coalesce(contact_id, 0), session IS NOT NULL, coalesce(prompt_id, 0) FROM conversations
		WHERE channel = $1 AND chat = ANY($2::text[]) AND NOT grouped ORDER BY id`

	// The conversations of both contacts as well: they are about to be merged. The order is that of turns and merges.
	sqlLockAliased = `SELECT FROM conversations WHERE id = ANY($1::bigint[]) OR contact_id = ANY($2::bigint[]) ORDER BY id FOR UPDATE`

	sqlMoveTalk = `UPDATE conversations SET chat = $2, updated_at = now() WHERE id = $1`

	// Each address leads to whoever stands behind the other one.
	sqlShareIdentity = `INSERT INTO identities (channel, address, contact_id, employee_id, username)
		SELECT $1, $2, contact_id, employee_id, username FROM identities WHERE channel = $1 AND address = $3
		ON CONFLICT ON CONSTRAINT identities_pkey DO UPDATE SET contact_id = coalesce(identities.contact_id, excluded.contact_id),
			employee_id = coalesce(identities.employee_id, excluded.employee_id)
		WHERE identities.contact_id IS NULL AND excluded.contact_id IS NOT NULL OR identities.employee_id IS NULL AND excluded.employee_id IS NOT NULL`

	sqlContactOfTalk = `UPDATE conversations SET contact_id = $2 WHERE id = $1 AND contact_id IS NULL`

	sqlAliasEvent = `INSERT INTO events (at, kind, author, conversation_id, contact_id, data) VALUES (now(), $1, 'system', $2, nullif($3::bigint, 0), $4)`
)

// aliased is a conversation of one of two addresses of a chat.
type aliased struct {
	ID      crm.ConversationID
	Chat    string
	Contact crm.ContactID
	Open    bool // a dialog is going on
	Prompt  crm.MessageID
}

// link makes one chat of two addresses, in a transaction of its own that begins with its locks, and gives the address that stays: that of
// before when they were linked already, else at. A conversation of the alias alone moves there as it stands; when both have one, that of the
// chat goes on, the other's words and deals join it, and their contacts become one.
func (db *DB) link(ctx context.Context, at crm.Address, alias string) (chat string, superseded []crm.MessageID, err error) {
	err = db.patiently(ctx, func(tx pgx.Tx) error {
		chat, superseded = at.Chat, nil
		low, high := min(at.Chat, alias), max(at.Chat, alias)
		if _, err := tx.Exec(ctx, sqlLockAlias, at.Channel, low+" "+high); err != nil {
			return err
		}
		is, err := aliasOf(ctx, tx, at.Channel, alias)
		if err != nil || is == at.Chat {
			return err
		}
		if was, err := aliasOf(ctx, tx, at.Channel, at.Chat); err != nil || was == alias {
			chat = alias
			return err
		}
		talks, err := lockAliased(ctx, tx, at, alias)
		if err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, sqlKeepAlias, at.Channel, alias, at.Chat); err != nil {
			return err
		}
		if is != "" { // the number went over to another chat: who had it before stays who they are
			_, err = tx.Exec(ctx, sqlAliasEvent, "alias_moved", nil, 0, crm.Fields{})
			return err
		}
		superseded, err = joinChats(ctx, tx, at, alias, talks)
		return err
	})
	return chat, superseded, err
}

// lockAliased locks what there is of the two addresses, with everything of their contacts.
func lockAliased(ctx context.Context, tx pgx.Tx, at crm.Address, alias string) ([]aliased, error) {
	read := func() ([]aliased, error) {
		rows, err := tx.Query(ctx, sqlTalksOfAliases, at.Channel, []string{at.Chat, alias})
		if err != nil {
			return nil, err
		}
		return pgx.CollectRows(rows, pgx.RowToStructByPos[aliased])
	}
	who := func(k aliased) aliased { return aliased{ID: k.ID, Chat: k.Chat, Contact: k.Contact} }
	before, err := read()
	if err != nil || len(before) == 0 {
		return nil, err
	}
	var ids []crm.ConversationID
	var contacts []crm.ContactID
	for _, k := range before {
		ids = append(ids, k.ID)
		if k.Contact != 0 {
			contacts = append(contacts, k.Contact)
		}
	}
	if contacts == nil {
		contacts = []crm.ContactID{}
	}
	if _, err := tx.Exec(ctx, sqlLockAliased, ids, contacts); err != nil {
		return nil, err
	}
	if _, err := tx.Exec(ctx, sqlLockContacts, contacts); err != nil {
		return nil, err
	}
	now, err := read()
	if err == nil && !slices.EqualFunc(now, before, func(a, b aliased) bool { return who(a) == who(b) }) {
		err = errMoved
	}
	return now, err
}

// joinChats moves what stands at the alias to the chat.
func joinChats(ctx context.Context, tx pgx.Tx, at crm.Address, alias string, talks []aliased) (superseded []crm.MessageID, err error) {
	var known, other *aliased
	for i := range talks {
		if talks[i].Chat == at.Chat {
			known = &talks[i]
		} else {
			other = &talks[i]
		}
	}
	var merge Merge
	switch {
	case other == nil:
	case known == nil:
		if _, err := tx.Exec(ctx, sqlMoveTalk, other.ID, at.Chat); err != nil {
			return nil, err
		}
		if _, err := tx.Exec(ctx, sqlAliasEvent, "chat_moved", other.ID, other.Contact, crm.Fields{"reason": "alias"}); err != nil {
			return nil, err
		}
	default:
		apart := false
		if known.Contact != 0 && other.Contact != 0 && known.Contact != other.Contact {
			if merge, apart, err = mergeAliased(ctx, tx, known.Contact, other.Contact); err != nil {
				return nil, err
			}
		}
		if !apart {
			if superseded, err = fold(ctx, tx, *other, *known, merge.ID); err != nil {
				return nil, err
			}
			contact := known.Contact
			if contact == 0 {
				contact = other.Contact
			}
			if contact != 0 {
				if _, err := tx.Exec(ctx, sqlContactOfTalk, known.ID, contact); err != nil {
					return nil, err
				}
			}
		}
	}
	if _, err := tx.Exec(ctx, sqlShareIdentity, at.Channel, at.Chat, alias); err != nil {
		return nil, err
	}
	_, err = tx.Exec(ctx, sqlShareIdentity, at.Channel, alias, at.Chat)
	return superseded, err
}

// mergeAliased merges the contacts of two addresses of one chat, unless a person has told them apart or one of them works here.
func mergeAliased(ctx context.Context, tx pgx.Tx, a, b crm.ContactID) (m Merge, apart bool, err error) {
	if err := tx.QueryRow(ctx, sqlToldApart, min(a, b), max(a, b)).Scan(&apart); err != nil || apart {
		return m, apart, err
	}
	switch err := mergeable(ctx, tx, a, b); {
	case errors.Is(err, crm.ErrRefused):
		return m, true, nil
	case err != nil:
		return m, false, err
	}
	m, err = mergeInto(ctx, tx, Merge{Kept: min(a, b), Gone: max(a, b), Cause: MergedByAlias})
	return m, false, err
}

// HiddenNumber tells whether a phone number is nothing but the digits of an address: the number by which a provider hides a person's phone looks
// like one.
func HiddenNumber(phone, chat string) bool {
	digits, host, found := strings.Cut(chat, "@")
	return found && host == "lid" && strings.TrimPrefix(phone, "+") == digits
}
