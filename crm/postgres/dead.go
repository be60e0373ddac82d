package postgres

import (
	"context"
	"encoding/json"
	"fmt"
	"time"
	"unicode/utf8"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"govorun/crm"
)

const (
	sqlInsertDead = `INSERT INTO dead_letters (source, channel, chat, conversation_id, message_id, payload, error, attempts)
		VALUES ($1, $2, $3, nullif($4::bigint, 0), nullif($5::bigint, 0), $6, $7, $8)
		ON CONFLICT (source, conversation_id, message_id) WHERE status = 'open'
		DO UPDATE SET error = excluded.error, attempts = excluded.attempts, payload = excluded.payload
		RETURNING id`

	deadColumns = `id, source, status, channel, chat, coalesce(conversation_id, 0), coalesce(message_id, 0), payload, error, attempts,
		created_at, replayed_at`

	sqlSelectDead  = `SELECT ` + deadColumns + ` FROM dead_letters WHERE id = $1`
	sqlSelectDeads = `SELECT ` + deadColumns + ` FROM dead_letters
		WHERE ($1::text = '' OR source = $1) AND ($2::text = '' OR status = $2) AND ($3::bigint = 0 OR id < $3) ORDER BY id DESC LIMIT $4`
	sqlFindDead  = `SELECT id FROM dead_letters WHERE id = $1`
	sqlCountDead = `SELECT count(*) FROM dead_letters WHERE status = 'open'`

	// A letter leaves the state open once: who changes no row was too late.
	sqlEndDead = `UPDATE dead_letters SET status = $2::text, replayed_at = CASE WHEN $2::text = 'replayed' THEN now() END
		WHERE id = $1 AND status = 'open' RETURNING source, coalesce(conversation_id, 0), coalesce(message_id, 0)`

	// not_before is when it became due anew: by its age alone it would be too old to send.
	sqlRequeueMessage = `UPDATE messages SET status = 'queued', attempts = 0, not_before = now(), reason = NULL
		WHERE conversation_id = $1 AND id = $2 AND status = 'dead'`
	sqlWaitAgain = `UPDATE messages SET status = 'waiting' WHERE conversation_id = $1 AND id = $2 AND status = 'dead'`

	sqlRequeueAttachment = `UPDATE attachments SET status = 'pending', attempts = 0, next_at = now(), reason = NULL
		WHERE id = $1 AND status = 'failed'`
)

// maxDeadError bounds the stored reason, in bytes.
const maxDeadError = 500

// DeadSource says what died.
type DeadSource string

// What may die: a message that came in, one that should go out, a file that should be fetched.
const (
	DeadIn    DeadSource = "inbound"
	DeadOut   DeadSource = "outbound"
	DeadMedia DeadSource = "media"
)

// DeadLetter is what could not be done after all tries. Payload is the crm.Inbound, the crm.Outbound or the crm.Media as JSON;
// Message is the attachment's id when Source is DeadMedia. Status is open, replayed or dropped.
type DeadLetter struct {
	ID           int64
	Source       DeadSource
	Status       string
	Channel      string
	Chat         string
	Conversation crm.ConversationID
	Message      int64
	Payload      json.RawMessage
	Error        string
	Attempts     int
	CreatedAt    time.Time
	ReplayedAt   *time.Time
}

// DeadFilter narrows a list; zero values do not. Before is an id: the page below it.
type DeadFilter struct {
	Source DeadSource
	Status string
	Before int64
	Limit  int // 50 when zero
}

// rower is a pool or a transaction.
type rower interface {
	QueryRow(ctx context.Context, sql string, args ...any) pgx.Row
}

// addDead inserts a letter. While one of the same message is open, that one is brought up to date instead.
func addDead(ctx context.Context, q rower, d DeadLetter) (id int64, err error) {
	err = q.QueryRow(ctx, sqlInsertDead, d.Source, d.Channel, d.Chat, d.Conversation, d.Message, d.Payload, shorten(d.Error), d.Attempts).Scan(&id)
	return id, wrap(err, "keep dead letter of %s message %d", d.Source, d.Message)
}

func deadOutbound(out crm.Outbound, verdict *crm.SendError) DeadLetter {
	return DeadLetter{
		Source: DeadOut, Channel: out.Address.Channel, Chat: out.Address.Chat, Conversation: out.Conversation, Message: int64(out.ID),
		Payload: marshal(out), Error: verdict.Error(), Attempts: out.Attempts,
	}
}

// shorten cuts a text that may be long, at a letter.
func shorten(s string) string {
	if len(s) <= maxDeadError {
		return s
	}
	s = s[:maxDeadError]
	for !utf8.ValidString(s) {
		s = s[:len(s)-1]
	}
	return s
}

// DeadLetters lists letters, the newest first.
func (db *DB) DeadLetters(ctx context.Context, f DeadFilter) ([]DeadLetter, error) {
	if f.Limit <= 0 {
		f.Limit = 50
	}
	rows, err := db.Pool.Query(ctx, sqlSelectDeads, f.Source, f.Status, f.Before, f.Limit)
	if err != nil {
		return nil, wrap(err, "list dead letters")
	}
	letters, err := pgx.CollectRows(rows, pgx.RowToStructByPos[DeadLetter])
	return letters, wrap(err, "list dead letters")
}

// CountDead gives the number of open letters.
func (db *DB) CountDead(ctx context.Context) (n int, err error) {
	err = db.Pool.QueryRow(ctx, sqlCountDead).Scan(&n)
	return n, wrap(err, "count dead letters")
}

// DeadLetter gives one letter, or crm.ErrNotFound.
func (db *DB) DeadLetter(ctx context.Context, id int64) (DeadLetter, error) {
	rows, err := db.Pool.Query(ctx, sqlSelectDead, id)
	if err != nil {
		return DeadLetter{}, wrap(err, "read dead letter %d", id)
	}
	letter, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByPos[DeadLetter])
	return letter, wrap(err, "read dead letter %d", id)
}

// errNothingToReplay is a letter whose message is gone: deleted, ended otherwise, or in a month that was taken out.
var errNothingToReplay = fmt.Errorf("what it tells of is not there or has ended otherwise: govorun archive attach brings a month back, govorun dead drop closes the letter: %w", crm.ErrRefused)

// ReplayDead puts a message or a file back to where it is waited for and closes its letter, in one transaction: a running program
// takes it up within a second, else the next one. It is crm.ErrTaken when the letter was replayed or dropped before.
func (db *DB) ReplayDead(ctx context.Context, id int64) error {
	err := pgx.BeginFunc(ctx, db.Pool, func(tx pgx.Tx) error {
		source, talk, message, err := endDead(ctx, tx, id, "replayed")
		if err != nil {
			return err
		}
		var again pgconn.CommandTag
		switch source {
		case DeadOut:
			again, err = tx.Exec(ctx, sqlRequeueMessage, talk, message)
		case DeadMedia:
			again, err = tx.Exec(ctx, sqlRequeueAttachment, message)
		default: // the sweep of a running program meets it, as it meets signals
			again, err = tx.Exec(ctx, sqlWaitAgain, talk, message)
		}
		if err == nil && again.RowsAffected() == 0 {
			return errNothingToReplay
		}
		return err
	})
	return wrap(err, "replay dead letter %d", id)
}

// DropDead closes a letter without doing anything. It is crm.ErrTaken when it was closed before.
func (db *DB) DropDead(ctx context.Context, id int64) error {
	_, _, _, err := endDead(ctx, db.Pool, id, "dropped")
	return wrap(err, "drop dead letter %d", id)
}

func endDead(ctx context.Context, q rower, id int64, status string) (source DeadSource, talk, message int64, err error) {
	err = q.QueryRow(ctx, sqlEndDead, id, status).Scan(&source, &talk, &message)
	if err == pgx.ErrNoRows {
		if err = q.QueryRow(ctx, sqlFindDead, id).Scan(&id); err == nil {
			err = crm.ErrTaken
		}
	}
	return source, talk, message, err
}
