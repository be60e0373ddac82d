package postgres

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"govorun/crm"
)

// A person who asks to be forgotten is erased in a transaction of its own that begins with its locks, as a merge does: turns of their talks that
// are under way end first, those that come find nothing. Their own chat outlives it as an empty row until the last word is on its way.

// Erasure is one person to be forgotten. Conversation and Message are of the last word to them, zero when there is none.
type Erasure struct {
	ID           int64
	Contact      crm.ContactID
	Conversation crm.ConversationID
	Message      crm.MessageID
	By           crm.EmployeeID // who asked for them; zero: they themselves, or the command line
}

// Erased is what became of one.
type Erased struct {
	Act   int64           // number of the act of deletion
	Unset []crm.MessageID // messages that waited to be sent and must not be sent any more
	Deals []crm.DealID    // whose person is gone: they stay for reports
}

const (
	// Of who asks twice the newer last word is said: it took the other one back.
	sqlAskErasure = `INSERT INTO erasures (contact_id, conversation_id, message_id, employee_id)
		SELECT coalesce(merged_into, id), nullif($2::bigint, 0), nullif($3::bigint, 0), nullif($4::bigint, 0) FROM contacts WHERE id = $1
		ON CONFLICT (contact_id) WHERE status = 'asked' DO UPDATE SET
			conversation_id = coalesce(excluded.conversation_id, erasures.conversation_id), message_id = coalesce(excluded.message_id, erasures.message_id) RETURNING id`

	// Who works here is no stranger to be forgotten: what they did is the company's journal.
	sqlIsStaff = `SELECT EXISTS (SELECT FROM identities i JOIN employees e ON e.id = i.employee_id AND e.active
		JOIN contacts c ON c.id = i.contact_id WHERE c.id = $1 OR c.merged_into = $1)`

	sqlAskedErasures = `SELECT id, contact_id, coalesce(conversation_id, 0), coalesce(message_id, 0), coalesce(employee_id, 0)
		FROM erasures WHERE status = 'asked' ORDER BY id LIMIT $1`
	sqlAskedErasure = `SELECT id, contact_id, coalesce(conversation_id, 0), coalesce(message_id, 0), coalesce(employee_id, 0)
		FROM erasures WHERE contact_id = $1 AND status = 'asked' FOR UPDATE`

	sqlEndErasure = `UPDATE erasures SET status = CASE WHEN message_id IS NULL THEN 'done' ELSE 'erased' END, erased_at = now(),
		done_at = CASE WHEN message_id IS NULL THEN now() END WHERE id = $1`
)

// AskErasure notes in this turn that a person is to be forgotten. Erase does it after the commit.
func (t *Turns) AskErasure(ctx context.Context, e Erasure) error {
	return askErasure(ctx, t.conn, e)
}

// AskErasure is the same for who asks by other ways than a chat. crm.ErrNotFound when there is no such contact, crm.ErrRefused when it is an
// employee's.
func (db *DB) AskErasure(ctx context.Context, e Erasure) error { return askErasure(ctx, db.Pool, e) }

func askErasure(ctx context.Context, q rower, e Erasure) error {
	var staff bool
	if err := q.QueryRow(ctx, sqlIsStaff, e.Contact).Scan(&staff); err != nil {
		return wrap(err, "look who contact %d is", e.Contact)
	}
	if staff {
		return fmt.Errorf("contact %d is an employee's: %w", e.Contact, crm.ErrRefused)
	}
	var id int64
	return wrap(q.QueryRow(ctx, sqlAskErasure, e.Contact, e.Conversation, e.Message, e.By).Scan(&id), "note that contact %d is to be forgotten", e.Contact)
}

// AskedErasures lists contacts that are still to be forgotten, the oldest wish first.
func (db *DB) AskedErasures(ctx context.Context, limit int) ([]Erasure, error) {
	rows, err := db.Pool.Query(ctx, sqlAskedErasures, limit)
	if err != nil {
		return nil, wrap(err, "list who is to be forgotten")
	}
	asked, err := pgx.CollectRows(rows, pgx.RowToStructByPos[Erasure])
	return asked, wrap(err, "list who is to be forgotten")
}

// Erase forgets a contact who asked for it: all rows of theirs, what others read of them, and the files that nobody else has. It keeps the deals,
// without a word of the person, and an act. It gives way to turns a few times and then fails: the wish stays among AskedErasures.
// crm.ErrNotFound when nobody asked, or it is done.
func (db *DB) Erase(ctx context.Context, contact crm.ContactID, now time.Time) (done Erased, err error) {
	err = db.patiently(ctx, func(tx pgx.Tx) error {
		done = Erased{}
		e, err := scanErasure(tx.QueryRow(ctx, sqlAskedErasure, contact))
		if err != nil {
			return err
		}
		return db.erase(ctx, tx, e, now, &done)
	})
	if err != nil && !errors.Is(err, crm.ErrNotFound) {
		return Erased{}, fmt.Errorf("forget contact %d: %w", contact, err)
	}
	return done, err
}

func scanErasure(row pgx.Row) (e Erasure, err error) {
	err = row.Scan(&e.ID, &e.Contact, &e.Conversation, &e.Message, &e.By)
	return e, err
}

func (db *DB) erase(ctx context.Context, tx pgx.Tx, e Erasure, now time.Time, done *Erased) error {
	own, err := gatherPerson(ctx, tx, e)
	if err != nil {
		return err
	}
	keys, kinds := own.marks(&db.forgotten)
	act := &actItems{}
	batch := &pgx.Batch{}
	batch.Queue(sqlForget, keys, kinds)
	own.queueElsewhere(batch, act, &done.Unset)
	own.queueRows(batch, act, &done.Unset)
	own.queueLibrary(batch, act)
	batch.Queue(sqlEndErasure, e.ID)
	if err := tx.SendBatch(ctx, batch).Close(); err != nil {
		return err
	}
	if err := own.redact(ctx, tx, act); err != nil {
		return err
	}
	if err := own.eraseApart(ctx, tx, act); err != nil {
		return err
	}
	for _, d := range own.deals {
		done.Deals = append(done.Deals, crm.DealID(d))
	}
	done.Act, err = addAct(ctx, tx, Act{Kind: ActErasure, Basis: "contact " + fmt.Sprint(e.Contact), Day: now, Items: act.list()})
	return err
}
